//! The client of one provider: the context of `templates/client.rs.j2`.

mod builder;
mod classify;
pub(crate) mod facts;
mod imports;
mod module_docs;
mod read;
mod request;
mod settle;
mod tokens;
mod values;

use super::names;
use crate::template::Tokens;
use minijinja::{Value, context};
use quote::ToTokens;
use rekindle_contract::contract::{Contract, Credential};

/// The context of the client's template, version 1. `templates/README.md` describes it.
pub fn context(contract: &Contract) -> Value {
    let (credential_type, credential_variable) = names::credential(contract);
    let name = contract.provider.name.as_str();
    let id = contract.provider.id.as_str();
    context! {
        name => value(name),
        id => value(id),
        imports => imports::imports(contract),
        docs => module_docs::docs(contract),
        facts => value(facts::facts(contract)),
        environments => builder::environments(contract),
        parameters => builder::parameters(contract),
        client_fields => builder::client_fields(contract),
        build => builder::build(contract),
        credential => context! {
            type => value(credential_type),
            variable => value(credential_variable),
            both => contract.credential() == Credential::Both,
            access => contract.credential() == Credential::AccessToken,
        },
        window_check => value(request::window_check(contract)),
        request => request::request(contract),
        settle => settle::settle(contract),
        tokens => tokens::tokens(contract),
        scope => contract.response.scope.is_some(),
        answer_fields => read::answer_fields(contract),
        classify => context! {
            body => value(classify::classify(contract)),
            reads_body => classify::reads_body(contract),
        },
        read => context! {
            parse => value(read::parse(contract)),
            body => value(read::read(contract)),
            reads_start => read::reads_start(contract),
        },
    }
}

/// Tokens as a value of the template engine: the only thing that a Rust template prints.
fn value(tokens: impl ToTokens) -> Value {
    Value::from_object(Tokens::new(tokens))
}
