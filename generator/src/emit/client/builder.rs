//! The builder: what the integrator gives, checked once, and the endpoint that follows from it.

use super::{request, value, values};
use crate::emit::{docs, names};
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{Contract, Parameter, ParameterKind, Slot};

/// The documented hosts: variant and docs.
pub fn environments(contract: &Contract) -> Vec<Value> {
    let environments = contract.base.environments.iter();
    environments
        .map(|environment| {
            let url = docs::code(&environment.url.to_string());
            let text = match &environment.doc {
                Some(doc) => format!("{}\n\n{url}", docs::sentence(doc)),
                None => url,
            };
            context! { variant => value(names::type_ident(&environment.name)), docs => value(docs::outer(&text)) }
        })
        .collect()
}

/// The parameters: a method of the builder each.
pub fn parameters(contract: &Contract) -> Vec<Value> {
    let parameters = contract.client.iter();
    parameters
        .map(|(name, parameter)| {
            context! {
                name => value(names::ident(name)),
                type => value(if parameter.secret { quote!(Secret) } else { quote!(String) }),
                from_value => value(if parameter.secret { quote!(Secret::new(value)) } else { quote!(value.into()) }),
                docs => value(docs::outer(&parameter_docs(name, parameter))),
            }
        })
        .collect()
}

fn parameter_docs(name: &str, parameter: &Parameter) -> String {
    let mut lines = vec![match &parameter.doc {
        Some(doc) => docs::sentence(doc),
        None => format!("The {}.", names::words(name)),
    }];
    if parameter.secret {
        lines.push("Never shown, and wiped from memory on drop.".to_owned());
    }
    match parameter.kind {
        ParameterKind::Text => {}
        ParameterKind::HostLabel => lines.push("One label of a host name.".to_owned()),
        ParameterKind::Host => lines.push("A host name.".to_owned()),
    }
    if !parameter.one_of.is_empty() {
        let values: Vec<_> = parameter.one_of.iter().map(|value| docs::code(value)).collect();
        lines.push(format!("One of {}.", values.join(", ")));
    }
    if let Some(default) = &parameter.default {
        lines.push(format!("{} unless said.", docs::code(default)));
    }
    lines.join("\n")
}

/// The parameters that requests need after the client is built: those not only in a constant endpoint.
fn kept(contract: &Contract) -> impl Iterator<Item = (&String, &Parameter)> {
    let in_url: Vec<_> = request::url_templates(contract);
    let constant = request::has_constant_url(contract);
    contract.client.iter().filter(move |(name, _)| {
        let slot = Slot::Client((*name).clone());
        contract.request.templates().any(|template| {
            let only_url = constant && in_url.iter().any(|url| std::ptr::eq(*url, template));
            !only_url && template.slots().any(|used| *used == slot)
        })
    })
}

/// The client's fields.
pub fn client_fields(contract: &Contract) -> Vec<Value> {
    let place = if request::has_constant_url(contract) {
        context! { name => value(quote!(endpoint)), type => value(quote!(Uri)) }
    } else {
        context! { name => value(quote!(base)), type => value(quote!(BaseUrl)) }
    };
    let parameters = kept(contract).map(|(name, parameter)| {
        let kind = if parameter.secret { quote!(Secret) } else { quote!(String) };
        context! { name => value(names::ident(name)), type => value(kind) }
    });
    std::iter::once(place).chain(parameters).collect()
}

/// The statements of `try_build` and the fields of the client.
pub fn build(contract: &Contract) -> Value {
    context! { statements => value(statements(contract)), fields => value(fields(contract)) }
}

/// Everything that this module emits, for the imports.
pub fn all_tokens(contract: &Contract) -> TokenStream {
    let (statements, fields) = (statements(contract), fields(contract));
    let endpoint = request::has_constant_url(contract).then(|| quote!(Uri));
    quote!(#statements #fields #endpoint)
}

fn fields(contract: &Contract) -> TokenStream {
    let place = if request::has_constant_url(contract) { quote!(endpoint) } else { quote!(base) };
    let kept = kept(contract).map(|(name, _)| names::ident(name));
    quote!(#place, #(#kept),*)
}

fn statements(contract: &Contract) -> TokenStream {
    let parameters = contract
        .client
        .iter()
        .map(|(name, parameter)| parameter_statement(contract, name, parameter));
    let base = base(contract);
    let endpoint = request::has_constant_url(contract).then(|| {
        let url = request::url(contract, &quote!(base), local);
        quote!(let endpoint = #url?;)
    });
    quote! {
        #(#parameters)*
        #base
        let base = if self.loopback { BaseUrl::parse_allowing_loopback(&base)? } else { BaseUrl::parse(&base)? };
        #endpoint
    }
}

fn parameter_statement(contract: &Contract, name: &str, parameter: &Parameter) -> TokenStream {
    let ident = names::ident(name);
    if parameter.secret {
        let segment =
            is_in_path(contract, name).then(|| quote!(url::check_segment(#ident.expose())?;));
        return quote!(let #ident = parameter::secret(#name, self.#ident)?; #segment);
    }
    let default = match &parameter.default {
        Some(default) => quote!(Some(#default)),
        None => quote!(None),
    };
    let mut statement = quote!(let #ident = parameter::text(#name, self.#ident, #default)?;);
    if !parameter.one_of.is_empty() {
        let allowed = &parameter.one_of;
        statement.extend(quote!(parameter::one_of(#name, &#ident, &[#(#allowed),*])?;));
    }
    match parameter.kind {
        ParameterKind::Text => {}
        ParameterKind::HostLabel => statement.extend(quote!(url::host_label(&#ident)?;)),
        ParameterKind::Host => statement.extend(quote!(url::hostname(&#ident)?;)),
    }
    if is_in_path(contract, name) {
        statement.extend(quote!(url::check_segment(&#ident)?;));
    }
    statement
}

/// Whether a parameter is a segment of the path, or a part of one.
fn is_in_path(contract: &Contract, name: &str) -> bool {
    let slot = Slot::Client(name.to_owned());
    contract.request.path.slots().any(|used| *used == slot)
}

/// `let base = …;`, a `String`.
fn base(contract: &Contract) -> TokenStream {
    if contract.base.environments.is_empty() {
        return quote!(let base = self.base_url;);
    }
    let arms = contract.base.environments.iter().map(|environment| {
        let variant = names::type_ident(&environment.name);
        let url = match environment.url.as_literal() {
            Some(literal) => quote!(#literal.to_owned()),
            None => values::formatted_with(&environment.url, local),
        };
        quote!(Environment::#variant => #url,)
    });
    quote! {
        let base = match self.base_url {
            Some(url) => url,
            None => match self.environment { #(#arms)* },
        };
    }
}

/// A parameter in `try_build`, where it is a local variable.
fn local(slot: &Slot) -> TokenStream {
    match slot {
        Slot::Client(name) => {
            let ident = names::ident(name);
            quote!(&#ident)
        }
        // A URL with a token in it is made anew for each request, never here.
        Slot::AccessToken | Slot::RefreshToken => quote!(""),
    }
}
