//! What answers hold beside the tokens: the fields of `Outputs`, and how each is read.

use super::{classify::at, value};
use crate::emit::{docs, names};
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{Contract, Output, OutputKind};

/// The output that is the next base URL, and where it may be.
pub fn next_base_url(contract: &Contract) -> Option<TokenStream> {
    let output = contract.base.output.as_ref()?;
    let hosts = &contract.response.outputs.get(output)?.hosts;
    Some(quote!(kit::NextBaseUrl { output: #output, hosts: &[#(#hosts),*] }))
}

/// The fields of `Outputs`.
pub fn outputs(contract: &Contract) -> Vec<Value> {
    let outputs = contract.response.outputs.iter();
    outputs
        .map(|(name, output)| {
            let mut said = said(name, output);
            if contract.base.output.as_ref() == Some(name) {
                said += "\nRequests go there from then on: give it to [`Client::moved_to`]. Sessions do.";
            }
            context! {
                name => value(names::ident(name)),
                type => value(type_of(output)),
                docs => value(docs::outer(&said)),
            }
        })
        .collect()
}

fn type_of(output: &Output) -> TokenStream {
    match output.kind {
        OutputKind::Integer => quote!(i64),
        OutputKind::Boolean => quote!(bool),
        OutputKind::Text | OutputKind::Url | OutputKind::Json if output.secret => {
            quote!(kit::Secret)
        }
        OutputKind::Text | OutputKind::Url | OutputKind::Json => quote!(String),
    }
}

fn said(name: &str, output: &Output) -> String {
    let mut lines = vec![match &output.doc {
        Some(doc) => docs::sentence(doc),
        None => format!("The {}.", names::words(name)),
    }];
    match output.kind {
        OutputKind::Url => lines.push(match output.hosts.as_slice() {
            [] => "A whole web address.".to_owned(),
            hosts => {
                let hosts: Vec<_> = hosts.iter().map(|host| docs::code(host)).collect();
                format!("An address at {}, or where the base URL is.", hosts.join(", "))
            }
        }),
        OutputKind::Json => lines.push("JSON, as its text.".to_owned()),
        OutputKind::Text | OutputKind::Integer | OutputKind::Boolean => {}
    }
    if output.secret {
        lines.push("Never shown, and wiped from memory on drop.".to_owned());
    }
    if output.optional {
        lines.push("Not every answer holds it.".to_owned());
    }
    lines.join("\n")
}

/// The expression of the outputs of an answer, `json`.
pub fn read(contract: &Contract) -> TokenStream {
    let fields = contract.response.outputs.iter().map(|(name, output)| {
        let (field, place) = (names::ident(name), at(&output.field));
        let kind = names::ident(output.kind.name());
        let told = match output.hosts.as_slice() {
            [] => quote!(kit::output::#kind(json #place)),
            _ if contract.base.output.as_ref() == Some(name) => {
                quote!(kit::output::next_base_url::<Self>(json #place, body))
            }
            hosts => quote!(kit::output::url_at(json #place, body, &[#(#hosts),*])),
        };
        let told = if output.secret { quote!(kit::output::secret(#told)) } else { told };
        let how = if output.optional { quote!(optional) } else { quote!(expected) };
        quote!(#field: kit::output::#how(#name, #told, deviations))
    });
    quote!(Outputs { #(#fields),* })
}
