//! The token types.

use super::{facts, value};
use crate::emit::{docs, names};
use minijinja::{Value, context};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use rekindle_contract::contract::{AccessUse, Contract, Expiry, RefreshUse, SentAs};

/// The token types, the access token first.
pub fn tokens(contract: &Contract) -> Vec<Value> {
    let access = &contract.access;
    let mut tokens = vec![token(&Token {
        name: &access.name,
        role: quote!(access),
        docs: docs::access_token(contract) + &sent_as_docs(contract),
        is_once: access.use_ == AccessUse::Once,
        facts: token_facts(&access.expires, None),
        field_docs: format!("The current {}.", names::words(&access.name)),
        tokens_docs: match contract.response.access_token.is_unchanged() {
            true => format!("The {} that was sent, with its new end.", names::words(&access.name)),
            false => format!("The new {}.", names::words(&access.name)),
        },
        sent_as: sent_as(contract),
    })];
    tokens.extend(contract.refresh.as_ref().map(|refresh| {
        let name = names::words(&refresh.name);
        token(&Token {
            name: &refresh.name,
            role: quote!(refresh),
            docs: docs::refresh_token(contract, refresh),
            is_once: refresh.use_ != RefreshUse::Many,
            facts: token_facts(&refresh.expires, refresh.max_length),
            field_docs: format!("The {name}."),
            tokens_docs: match contract.response.access_token.is_unchanged() {
                true => format!("The {name} that was sent."),
                false => format!(
                    "The {name} to use next: the new one, or the old one where the answer brought none."
                ),
            },
            sent_as: None,
        })
    }));
    tokens
}

struct Token<'a> {
    name: &'a str,
    role: TokenStream,
    docs: String,
    is_once: bool,
    facts: TokenStream,
    field_docs: String,
    tokens_docs: String,
    sent_as: Option<TokenStream>,
}

fn token(token: &Token<'_>) -> Value {
    let words = names::words(token.name);
    context! {
        docs => value(docs::outer(&token.docs)),
        type => value(names::type_ident(token.name)),
        field => value(names::ident(token.name)),
        role => value(&token.role),
        use => value(if token.is_once { quote!(once) } else { quote!(many) }),
        words => value(words),
        facts => value(&token.facts),
        field_docs => value(docs::outer(&token.field_docs)),
        tokens_docs => value(docs::outer(&token.tokens_docs)),
        sent_as => token.sent_as.as_ref().map(value),
    }
}

/// What is known of a token by itself, as further arguments of `kit::token!`.
fn token_facts(expires: &Expiry, max_length: Option<u32>) -> TokenStream {
    let ends = match expires {
        Expiry::Jwt => quote!(, ends(kit::OwnEnd::Jwt)),
        Expiry::Never => quote!(, ends(kit::OwnEnd::Never)),
        Expiry::SinceSignIn(_) => quote!(, ends(kit::OwnEnd::SignIn)),
        Expiry::Constant(lifetime) => {
            let lifetime = facts::duration(*lifetime);
            quote!(, lives(#lifetime))
        }
        _ => TokenStream::new(),
    };
    let max_length = max_length.map(|bytes| {
        let bytes = Literal::u32_unsuffixed(bytes);
        quote!(, max_length(#bytes))
    });
    quote!(#ends #max_length)
}

fn sent_as_docs(contract: &Contract) -> String {
    let Some(sent_as) = &contract.access.sent_as else {
        return String::new();
    };
    match sent_as {
        SentAs::Header { name, scheme } => {
            let scheme = scheme.as_ref().map(|scheme| format!("{scheme} ")).unwrap_or_default();
            format!("\nRequests carry it as {}.", docs::code(&format!("{name}: {scheme}…")))
        }
        SentAs::Cookie(name) => format!("\nRequests carry it in the cookie {}.", docs::code(name)),
        SentAs::Query(name) => format!(
            "\nRequests carry it in the query, as {}: keep their URLs out of logs.",
            docs::code(name)
        ),
    }
}

/// Where requests carry the access token, if that is known.
fn sent_as(contract: &Contract) -> Option<TokenStream> {
    Some(match contract.access.sent_as.as_ref()? {
        SentAs::Header { name, scheme } => {
            let scheme = scheme.as_deref().unwrap_or_default();
            quote!(#name, #scheme)
        }
        SentAs::Cookie(name) => quote!(cookie(#name)),
        SentAs::Query(name) => quote!(query(#name)),
    })
}
