//! The requests before the one that spends the credential: how each is filled, and what is taken from its answer.

use super::classify::{self, at};
use super::{is_used, request, value};
use minijinja::{Value, context};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use rekindle_contract::contract::{Contract, StepRequest, TakenKind};

/// What the template sees of them; none where there is none.
pub fn steps(contract: &Contract) -> Option<Value> {
    let first = contract.of_step(contract.steps.first()?);
    let names = contract.steps.iter().map(|step| step.id.as_str());
    let fills = contract.steps.iter().map(|step| request::step(&contract.of_step(step)));
    let fills = by_number(fills.collect());
    let takes = by_number(contract.steps.iter().map(take).collect());
    let part = |code: &TokenStream| context! { body => value(code) };
    Some(context! {
        names => value(quote!(&[#(#names),*])),
        numbered => contract.steps.len() > 1,
        fill => context! {
            uses_setup => is_used(&fills, "setup"),
            uses_spends => is_used(&fills, "spends"),
            ..part(&fills)
        },
        // Whatever the step, refusals are read alike.
        classify => context! {
            reads_body => classify::reads_body(&first),
            ..part(&classify::classify(&first))
        },
        take => part(&takes),
    })
}

/// A `match` over the number of the step, where there are several.
fn by_number(mut codes: Vec<TokenStream>) -> TokenStream {
    let Some(last) = codes.pop() else { return TokenStream::new() };
    if codes.is_empty() {
        return last;
    }
    let arms = codes.into_iter().enumerate().map(|(number, code)| {
        let number = Literal::usize_unsuffixed(number);
        quote!(#number => { #code })
    });
    quote!(match number { #(#arms)* _ => { #last } })
}

fn take(step: &StepRequest) -> TokenStream {
    let takes = step.take.iter().map(|(name, taken)| {
        let (name, place) = (step.name_of(name), at(&taken.field));
        match taken.kind {
            TakenKind::Text => quote!(taken.text(#name, json #place)?;),
            TakenKind::Integer => quote!(taken.integer(#name, json #place)?;),
            TakenKind::Url => {
                let hosts = &taken.hosts;
                quote!(taken.url(#name, json #place, &[#(#hosts),*])?;)
            }
        }
    });
    quote!(#(#takes)*)
}
