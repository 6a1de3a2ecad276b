//! The runnable example of one provider: the context of `templates/example.rs.j2`.

use super::{docs, names, sample};
use crate::template::Tokens;
use minijinja::{Value, context};
use proc_macro2::Literal;
use quote::{ToTokens, quote};
use rekindle_contract::contract::{Contract, Example};

/// The context of the example's template, version 2; none where the contract documents no exchange.
pub fn context(contract: &Contract) -> Option<Value> {
    let example = sample::best(contract)?;
    let module = names::ident(&contract.provider.id);
    let client = sample::client(contract, &example.given, &quote!(#module::));
    let seconds = u64::try_from(example.given.at.as_second()).unwrap_or_default();
    Some(context! {
        docs => context! { module => value(docs::inner(&module_docs(contract))) },
        module => value(&module),
        client => value(quote!(#client?)),
        credential => sample::credential(contract, &example.given, &quote!(#module::)).map(value),
        seconds => value(Literal::u64_unsuffixed(seconds)),
        answer => answer(example),
    })
}

fn answer(example: &Example) -> Value {
    let response = &example.response;
    let headers: Vec<Value> = response
        .headers
        .iter()
        .map(|(name, text)| context! { name => value(name), value => value(text) })
        .collect();
    context! {
        status => value(Literal::u16_unsuffixed(response.status)),
        headers => headers,
        body => value(sample::answer_body(response)),
    }
}

fn module_docs(contract: &Contract) -> String {
    let provider = &contract.provider;
    format!(
        "One {} of {}, without a network: the client makes the request and reads the answer, you own the socket.\n\n\
         `cargo run -p rekindle-clients --example {}`",
        crate::describe::exchange(contract),
        docs::inline(&provider.name),
        provider.id
    )
}

fn value(tokens: impl ToTokens) -> Value {
    Value::from_object(Tokens::new(tokens))
}
