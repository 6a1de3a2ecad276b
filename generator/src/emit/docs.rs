//! Sentences of the generated documentation.

use crate::markdown::wrap;
pub(crate) use crate::markdown::{block, code, inline, link, prose, sentence};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{Contract, RefreshToken};

/// Where lines of documentation are wrapped, the slashes and the usual indentation left out.
const WIDTH: usize = 100;

/// `///` lines.
pub fn outer(text: &str) -> TokenStream {
    lines(text).map(|line| quote!(#[doc = #line])).collect()
}

/// `//!` lines.
pub fn inner(text: &str) -> TokenStream {
    lines(text).map(|line| quote!(#![doc = #line])).collect()
}

/// The lines of a text, each with the space that follows the slashes.
fn lines(text: &str) -> impl Iterator<Item = String> {
    wrap(text, WIDTH).into_iter().map(
        |line| {
            if line.is_empty() { line } else { format!(" {line}") }
        },
    )
}

/// What the contract says about the access token.
pub fn access_token(contract: &Contract) -> String {
    let access = &contract.access;
    token(contract, &access.name, access.doc.as_deref(), access.sentences(contract, code))
}

/// What the contract says about the refresh token.
pub fn refresh_token(contract: &Contract, refresh: &RefreshToken) -> String {
    token(contract, &refresh.name, refresh.doc.as_deref(), refresh.sentences(code))
}

fn token(contract: &Contract, name: &str, doc: Option<&str>, sentences: Vec<String>) -> String {
    let name = super::names::words(name);
    let first = doc.map(sentence);
    let first =
        first.unwrap_or_else(|| format!("The {name} of {}.", inline(&contract.provider.name)));
    format!("{first}\n\n{}", sentences.join("\n"))
}
