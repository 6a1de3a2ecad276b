//! Sentences of the generated documentation.

use crate::template::wrap;
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

/// Text of a spec inside Markdown: brackets and angles mean themselves.
pub fn prose(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut code = false;
    for character in text.trim().chars() {
        if character == '`' {
            code = !code;
        }
        if !code && matches!(character, '[' | ']' | '<' | '>') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    // An odd backtick would swallow the rest of the page.
    if code { escaped.replace('`', "'") } else { escaped }
}

/// A sentence: with a full stop at its end.
pub fn sentence(text: &str) -> String {
    let text = prose(text);
    if text.ends_with(['.', '!', '?', ':']) { text } else { format!("{text}.") }
}

/// What the contract says about the access token.
pub fn access_token(contract: &Contract) -> String {
    let access = &contract.access;
    token(contract, &access.name, access.doc.as_deref(), access.sentences())
}

/// What the contract says about the refresh token.
pub fn refresh_token(contract: &Contract, refresh: &RefreshToken) -> String {
    token(contract, &refresh.name, refresh.doc.as_deref(), refresh.sentences())
}

fn token(contract: &Contract, name: &str, doc: Option<&str>, sentences: Vec<String>) -> String {
    let name = super::names::words(name);
    let first = doc.map(sentence);
    let first =
        first.unwrap_or_else(|| format!("The {name} of {}.", prose(&contract.provider.name)));
    format!("{first}\n\n{}", sentences.join("\n"))
}
