//! The documented hosts.

use super::{is_used, settings, value, values};
use crate::emit::{docs, names};
use minijinja::{Value, context};
use quote::quote;
use rekindle_contract::contract::Contract;

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
            context! {
                variant => value(names::type_ident(&environment.name)),
                docs => value(docs::outer(&text)),
                fields => settings::of_environment(contract, environment),
            }
        })
        .collect()
}

/// The body of `base_url`, and whether it looks at the settings.
pub fn base_url(contract: &Contract) -> Value {
    let arms = contract.base.environments.iter().map(|environment| {
        let pattern = settings::pattern(contract, environment);
        let url = match environment.url.as_literal() {
            Some(literal) => quote!(#literal.to_owned()),
            None => values::formatted(contract, &environment.url),
        };
        quote!(#pattern => #url,)
    });
    let body = values::given(quote!(match environment { #(#arms)* }));
    context! { uses_setup => is_used(&body, "setup"), body => value(body) }
}
