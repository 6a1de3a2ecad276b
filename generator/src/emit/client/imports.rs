//! What the module imports: exactly what its code names, for an unused import is a warning in somebody's build.

use super::{builder, classify, facts, read, request, settle, tokens, value};
use crate::emit::names;
use minijinja::{Value, context};
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use rekindle_contract::contract::Contract;
use std::collections::BTreeSet;

/// Types of the runtime, in the order of rustfmt; those marked `true` are used by the template itself.
const TYPES: [(&str, bool); 19] = [
    ("Authorize", false),
    ("BaseUrl", true),
    ("BlockingTransport", true),
    ("Body", true),
    ("Deviation", true),
    ("Error", true),
    ("Expiry", true),
    ("Facts", true),
    ("Form", false),
    ("Grant", true),
    ("Pending", true),
    ("Provider", true),
    ("RefreshError", true),
    ("Renew", true),
    ("Secret", true),
    ("SignIn", false),
    ("Transport", true),
    ("TransportError", true),
    ("Verdict", true),
];
/// Modules of the runtime whose functions are called with their path.
const MODULES: [&str; 4] = ["expiry", "facts", "parameter", "url"];
/// Functions of the runtime's `body` module, which read well without a path.
const BODY: [&str; 1] = ["token_type"];
/// Functions of the runtime's `request` module, which read well without a path.
const REQUEST: [&str; 6] = ["basic", "basic_raw", "header_value", "json_string", "method", "uri"];
/// Names of the `http` crate, which is always imported itself.
const HTTP: [&str; 3] = ["HeaderValue", "Method", "Uri"];

/// The imports of a contract's client.
pub fn imports(contract: &Contract) -> Value {
    let used = Used::of(contract);
    let types = TYPES
        .iter()
        .filter(|(name, always)| *always || used.names.contains(*name))
        .map(|(name, _)| *name);
    let modules = MODULES.iter().filter(|name| used.modules.contains(**name)).copied();
    let runtime: Vec<Value> = types.chain(modules).map(|name| value(names::ident(name))).collect();
    context! {
        runtime => runtime,
        body => used.functions(&BODY),
        http => used.pick(&HTTP),
        request => used.functions(&REQUEST),
        time => used.pick(&["Duration", "SystemTime"]),
    }
}

/// The names that the tokens of a contract use.
struct Used {
    /// Heads of paths: `expiry` in `expiry::seconds`.
    modules: BTreeSet<String>,
    /// All other identifiers that are looked up in the module's scope.
    names: BTreeSet<String>,
}

impl Used {
    fn of(contract: &Contract) -> Self {
        let parts = [
            facts::facts(contract),
            builder::all_tokens(contract),
            request::all_tokens(contract),
            settle::all_tokens(contract),
            tokens::all_tokens(contract),
            classify::classify(contract),
            read::read(contract),
        ];
        let mut used =
            Self { modules: BTreeSet::new(), names: BTreeSet::from(["SystemTime".to_owned()]) };
        used.collect(quote!(#(#parts)*));
        used
    }

    fn collect(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |at: Option<usize>, wanted: char| matches!(at.and_then(|at| tokens.get(at)), Some(TokenTree::Punct(punct)) if punct.as_char() == wanted);
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.collect(group.stream()),
                TokenTree::Ident(ident) => {
                    let member = is(at.checked_sub(1), '.')
                        || (is(at.checked_sub(1), ':') && is(at.checked_sub(2), ':'));
                    let head = is(Some(at + 1), ':') && is(Some(at + 2), ':');
                    if !member && head {
                        self.modules.insert(ident.to_string());
                    }
                    if !member {
                        self.names.insert(ident.to_string());
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    fn pick(&self, candidates: &[&str]) -> Vec<Value> {
        candidates
            .iter()
            .filter(|name| self.names.contains(**name))
            .map(|name| value(names::ident(name)))
            .collect()
    }

    fn functions(&self, candidates: &[&str]) -> Option<Vec<Value>> {
        Some(self.pick(candidates)).filter(|names| !names.is_empty())
    }
}
