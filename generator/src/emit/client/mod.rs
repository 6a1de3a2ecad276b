//! The client of one provider: the context of `templates/client.rs.j2`. Everything that providers share is in the runtime's kit; what is
//! emitted here is what one spec alone says.

mod classify;
pub(crate) mod facts;
pub(crate) mod generated;
mod hosts;
mod json;
mod module_docs;
mod outputs;
mod read;
mod request;
mod settings;
mod steps;
mod tokens;
mod values;

use super::{docs, names};
use crate::template::Tokens;
use minijinja::{Value, context};
use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use rekindle_contract::contract::{Contract, Credential, Generated};

/// The context of the client's template, version 2. `templates/README.md` describes it. `module` is the path by which examples in the
/// documentation find the client, where that is known.
/// `like` is the contract of the client that this one takes its operation of.
pub fn context(contract: &Contract, module: Option<&str>, like: Option<&Contract>) -> Value {
    context! {
        name => value(contract.provider.name.as_str()),
        id => value(contract.provider.id.as_str()),
        docs => module_docs::docs(contract, module),
        like => like.map(|like| context! { module => value(names::ident(&like.provider.id)) }),
        operation => value(names::type_ident(crate::describe::exchange(contract))),
        local => contract.request.operation.is_local(),
        access => value(names::type_ident(&contract.access.name)),
        token => generated::token(contract).map(value),
        mints => contract.request.operation.mints(),
        credential => context! {
            type => value(names::credential(contract).map_or(quote!(()), |spent| quote!(#spent))),
            both => contract.credential() == Credential::Both,
        },
        tokens => tokens::tokens(contract),
        scope => contract.response.scope.is_some(),
        outputs => outputs::outputs(contract),
        next_base_url => outputs::next_base_url(contract).map(value),
        environments => hosts::environments(contract),
        check_environment => settings::check_environment(contract),
        base_url => hosts::base_url(contract),
        settings => settings::settings(contract),
        options => settings::options(contract),
        has_defaults => contract.client.values().any(|parameter| parameter.default.is_some()),
        check => settings::check(contract),
        facts => value(facts::facts(contract)),
        refused_in_body => classify::refused_in_body(contract).map(value),
        whole_url => contract.request.is_at_whole_url(),
        certificate => contract.shows_certificate(),
        random => contract.generated().any(Generated::is_random),
        sign_in => classify::sign_in_again(contract).map(value),
        steps => steps::steps(contract),
        request => request::request(contract),
        fallback => contract.minting().map(|minting| context! {
            docs => value(docs::outer(&module_docs::fallback(&minting))),
            request => request::request(&minting),
            steps => (!minting.steps.is_empty()).then(|| steps::names(&minting.steps)),
        }),
        classify => context! {
            body => value(classify::classify(contract)),
            reads_body => classify::reads_body(contract),
        },
        read => read::read(contract),
    }
}

/// Tokens as a value of the template engine: the only thing that a Rust template prints.
fn value(tokens: impl ToTokens) -> Value {
    Value::from_object(Tokens::new(tokens))
}

/// Whether some code uses a variable: what is not used is called `_`. A field of that name, which a spec may choose, is none.
fn is_used(code: &TokenStream, name: &str) -> bool {
    let mut is_field = false;
    let mut tokens = code.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_found = match &token {
            TokenTree::Ident(ident) => {
                // `::` begins with a colon that another follows.
                let is_named = matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == ':' && next.spacing() == Spacing::Alone);
                ident == name && !is_field && !is_named
            }
            TokenTree::Group(group) => is_used(&group.stream(), name),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        };
        if is_found {
            return true;
        }
        is_field = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
    }
    false
}
