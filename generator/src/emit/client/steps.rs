//! The requests besides the one that spends the credential: how each is filled, and what is taken from its answer.

use super::classify::{self, at};
use super::{is_used, read, request, value};
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{Contract, StepRequest, TakenKind};

/// What the template sees of them, those of what brings tokens where a refresh cannot included; none where there is none.
pub fn steps(contract: &Contract) -> Option<Value> {
    let all: Vec<_> = contract.all_steps().collect();
    let first = contract.of_step(all.first()?);
    let fill = |step: &&StepRequest| request::step(&contract.of_step(step));
    let fills = by_name(&all, all.iter().map(fill));
    let spending = contract.spending();
    let takes: Vec<_> =
        all.iter().copied().chain(&spending).filter(|step| !step.take.is_empty()).collect();
    let reads = by_name(&takes, takes.iter().map(|step| take(step)));
    let part = |code: &TokenStream| context! { body => value(code) };
    Some(context! {
        names => (!contract.steps.is_empty()).then(|| names(&contract.steps)),
        then => (!contract.request.then.is_empty()).then(|| names(&contract.request.then)),
        replacement => spending.as_ref().and_then(|_| read::replacement(contract)),
        named => all.len() > 1,
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
        take => context! { named => takes.len() > 1, ..part(&reads) },
    })
}

/// Their names, in the order in which they are taken.
pub fn names(steps: &[StepRequest]) -> Value {
    let names = steps.iter().map(|step| step.id.as_str());
    value(quote!(&[#(#names),*]))
}

/// A `match` over the name of the step, where there are several.
fn by_name(steps: &[&StepRequest], codes: impl Iterator<Item = TokenStream>) -> TokenStream {
    let mut codes: Vec<_> = steps.iter().map(|step| step.id.as_str()).zip(codes).collect();
    let Some((_, last)) = codes.pop() else { return TokenStream::new() };
    if codes.is_empty() {
        return last;
    }
    let arms = codes.into_iter().map(|(name, code)| quote!(#name => { #code }));
    quote!(match name { #(#arms)* _ => { #last } })
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
