//! The runnable example of one provider: the context of `templates/example.rs.j2`.

use super::{docs, names, sample};
use crate::template::Tokens;
use minijinja::{Value, context};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use rekindle_contract::contract::{Contract, Example, Slot};

/// The context of the example's template, version 2; none where the contract documents no exchange.
pub fn context(contract: &Contract, package: &str) -> Option<Value> {
    let example = sample::best(contract)?;
    let module = names::ident(&contract.provider.id);
    let client = sample::client(contract, &example.given, &quote!(#module::));
    let seconds = u64::try_from(example.given.at.as_second()).unwrap_or_default();
    Some(context! {
        docs => context! { module => value(docs::inner(&module_docs(contract, package))) },
        package => value(names::ident(&package.replace('-', "_"))),
        module => value(&module),
        client => value(quote!(#client?)),
        credential => sample::credential(contract, &example.given, &quote!(#module::)).map(value),
        seconds => value(Literal::u64_unsuffixed(seconds)),
        steps => steps(contract, example).map(value),
        answer => answer(example),
    })
}

/// What the steps answer before the documented exchange; `None` where there are none.
fn steps(contract: &Contract, example: &Example) -> Option<TokenStream> {
    let given = &example.given;
    let environments = &contract.base.environments;
    let is_given = |name: &str| given.environment.as_ref().is_none_or(|given| given == name);
    let environment = environments.iter().find(|environment| is_given(&environment.name));
    let url = environment.map(|environment| {
        environment.url.render(|slot| match slot {
            Slot::Client(name) => given.client.get(name).cloned().unwrap_or_default(),
            _ => String::new(),
        })
    });
    let url =
        given.base_url.clone().or(url).unwrap_or_else(|| "https://provider.example".to_owned());
    let spending = contract.spending();
    let then = &contract.request.then;
    let before_last = spending.iter().chain(then).take(then.len());
    let answers =
        contract.steps.iter().chain(before_last).map(|step| match example.answers.get(&step.id) {
            Some(documented) => documented.to_string(),
            None => contract.answer_to(step, &given.values, &url).to_string(),
        });
    let answers: Vec<String> = answers.collect();
    (!answers.is_empty()).then(|| quote!([#(#answers),*]))
}

fn answer(example: &Example) -> Value {
    let response = &example.response;
    let headers: Vec<Value> = response
        .headers
        .iter()
        .flat_map(|(name, texts)| texts.split('\n').map(move |text| (name, text)))
        .map(|(name, text)| context! { name => value(name), value => value(text) })
        .collect();
    context! {
        status => value(Literal::u16_unsuffixed(response.status)),
        headers => headers,
        body => value(sample::answer_body(response)),
    }
}

fn module_docs(contract: &Contract, package: &str) -> String {
    let provider = &contract.provider;
    format!(
        "One {} of {}, without a network: the client makes the request and reads the answer, you own the socket.\n\n\
         `cargo run -p {package} --example {}`",
        crate::describe::exchange(contract),
        docs::inline(&provider.name),
        provider.id
    )
}

fn value(tokens: impl ToTokens) -> Value {
    Value::from_object(Tokens::new(tokens))
}
