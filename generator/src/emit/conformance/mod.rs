//! The conformance tests of one provider: does its client keep the contract?
//!
//! What is expected comes from the contract and its documented examples. Nothing here calls or reads the emission of clients:
//! the two are readings of one contract, and the tests put them against each other.

mod answer;
mod credential;
mod encode;
mod errors;
mod examples;
mod expiry;
mod imports;
mod naming;
mod pages;
mod request;
mod scenario;
mod secrets;
mod sequences;
mod sockets;
mod tokens;
mod values;
mod verdict;
mod wire;

use self::tokens::{constant, number, value};
use super::EmitError;
use super::names;
use crate::markdown::{code, inline};
use crate::template::{Templates, Tokens};
use minijinja::{Value, context};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use rekindle_contract::contract::{Contract, Expiry};
use scenario::Scenario;
use std::collections::BTreeSet;

pub use pages::PAGES;

/// Where tests find the client, and which of them there are.
#[derive(Debug, Clone)]
pub struct Style {
    clients: Vec<String>,
    sockets: bool,
    contract: ContractAt,
}

/// Where tests find the contract that the fake provider keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ContractAt {
    /// In a file beside the tests: `../contracts/<id>.json`.
    File,
    /// In the tests themselves.
    Inline,
}

impl Style {
    /// `clients` is the path of the module that holds the client's module, name by name: `["super"]`. Tests over sockets need
    /// the transports of the runtime.
    pub fn new(clients: &[&str], sockets: bool) -> Self {
        Self {
            clients: clients.iter().map(|name| (*name).to_owned()).collect(),
            sockets,
            contract: ContractAt::Inline,
        }
    }

    /// The one line that brings the client into scope.
    fn import(&self, module: &Ident) -> TokenStream {
        let path = self.clients.iter().map(|name| match name.as_str() {
            "super" | "crate" | "self" => Ident::new(name, Span::call_site()),
            name => names::ident(name),
        });
        quote!(use #(#path::)* #module;)
    }
}

impl Default for Style {
    /// As the committed clients are tested.
    fn default() -> Self {
        Self { contract: ContractAt::File, ..Self::new(&["rekindle_clients"], true) }
    }
}

/// The source of a provider's conformance tests, not yet formatted.
pub fn source(
    contract: &Contract,
    templates: &Templates,
    style: &Style,
) -> Result<String, EmitError> {
    let scenario = Scenario::new(contract);
    let shared = shared(&scenario);
    let mut parts = vec![
        ("conformance_examples.rs.j2", examples::context(&scenario)),
        ("conformance_request.rs.j2", request::context(&scenario)),
        ("conformance_answer.rs.j2", answer::context(&scenario)),
        ("conformance_expiry.rs.j2", expiry::context(&scenario)),
        ("conformance_errors.rs.j2", errors::context(&scenario)),
        ("conformance_naming.rs.j2", naming::context(&scenario)),
        ("conformance_secrets.rs.j2", secrets::context(&scenario)),
    ];
    if style.sockets {
        parts.push(("conformance_sockets.rs.j2", sockets::context(&scenario)));
    }
    let sequences = sequences::context(&scenario, style);
    parts.push(("conformance_sequences.rs.j2", sequences));
    let mut tests = String::new();
    for (name, own) in parts {
        tests.push_str(&templates.render(name, context! { ..own, ..shared.clone() })?);
    }
    let head = |used: &BTreeSet<String>| {
        let own = head(&scenario, style, used);
        templates.render("conformance.rs.j2", context! { ..own, ..shared.clone() })
    };
    // The head uses names as well: once to see them, once to declare them.
    let mut used = imports::names(&tests);
    used.extend(imports::names(&head(&BTreeSet::new())?));
    Ok(head(&used)? + &tests)
}

/// What every part may name.
fn shared(scenario: &Scenario<'_>) -> Value {
    let contract = scenario.contract;
    let held = scenario.held();
    context! {
        module => value(&scenario.module),
        wire => value(wire::Wire::new(contract, &scenario.values).checks()),
        status => value(number(scenario.status)),
        access => value(names::ident(&contract.access.name)),
        fate => value(contract.fate_after_sending().label()),
        after_sending => value(errors::after_sending(contract)),
        success => scenario.success.as_ref().map(|body| value(success(contract, body))),
        credential => context! {
            type => value(scenario.credential_type()),
            value => value(scenario.usual_credential()),
            parts => value(number(held.len() as u64)),
            held => held.into_iter().map(value).collect::<Vec<_>>(),
        },
    }
}

/// A success with these fields, as a `Document`.
fn success(contract: &Contract, fields: &serde_json::Value) -> TokenStream {
    let (_, written) = contract.written(fields);
    let written = tokens::text(&written);
    if answer::is_form(contract) { quote!(form(#written)) } else { quote!(document(#written)) }
}

/// The head of the file. `used` are the names that the file uses.
fn head(scenario: &Scenario<'_>, style: &Style, used: &BTreeSet<String>) -> Value {
    let pick = |names: &[&str]| -> Vec<Value> {
        names
            .iter()
            .filter(|name| used.contains(**name))
            .map(|name| value(names::ident(name)))
            .collect()
    };
    let constants =
        constants(scenario).into_iter().filter(|(name, _, _)| used.contains(&name.to_string()));
    let constants = constants.map(|(name, docs, text)| {
        context! { name => value(name), docs => Value::from(Tokens::doc(&docs)), value => value(tokens::text(&text)) }
    });
    context! {
        docs => Value::from(Tokens::inner_doc(&module_docs(scenario.contract))),
        import => value(style.import(&scenario.module)),
        imports => context! {
            runtime => pick(&imports::RUNTIME),
            testkit => pick(&imports::TESTKIT),
            time => pick(&["Duration", "SystemTime"]),
        },
        constants => constants.collect::<Vec<_>>(),
        start => value(scenario::START.0),
        builder => value(scenario.constant_builder(|_| false)),
    }
}

/// Name, docs and text of each constant.
fn constants(scenario: &Scenario<'_>) -> Vec<(Ident, String, String)> {
    let settings = scenario.values.client.iter().map(|(name, text)| {
        (
            constant(name),
            format!("The integrator's {}: made up, as every text below.", names::words(name)),
            text.clone(),
        )
    });
    let tokens = [
        (
            "HELD_ACCESS_TOKEN",
            "The access token held when an exchange begins.",
            &scenario.values.access,
        ),
        (
            "HELD_REFRESH_TOKEN",
            "The refresh token held when an exchange begins.",
            &scenario.values.refresh,
        ),
        ("NEW_ACCESS_TOKEN", "The access token that an answer brings.", &scenario.new_access),
        ("NEW_REFRESH_TOKEN", "The refresh token that an answer brings.", &scenario.new_refresh),
    ];
    let tokens =
        tokens.map(|(name, docs, text)| (names::ident(name), docs.to_owned(), text.clone()));
    settings.chain(tokens).collect()
}

fn module_docs(contract: &Contract) -> String {
    format!(
        "Does the client of {} keep its contract, {}?\n\nWhat is expected comes from the contract and its documented \
         examples, never from the code under test. Numbers such as R16 are rules; `rekindle explain` and the id of a test tell \
         what it checks, why, and what to do when it fails.",
        inline(&contract.provider.name),
        code(&contract.origin.file),
    )
}

/// Whether tokens say themselves when they end.
fn is_jwt(expires: &Expiry) -> bool {
    *expires == Expiry::Jwt
}

#[cfg(test)]
#[path = "conformance_tests.rs"]
mod conformance_tests;
