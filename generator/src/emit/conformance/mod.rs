//! The conformance tests of one provider: does its client keep the contract?
//!
//! The checks are functions of the test kit, and so is what they expect. Written here is what a reviewer compares with the
//! provider's page, the documented exchanges; how the client is made; and which checks its contract gives something to do.

mod examples;
mod pages;
mod tokens;

use self::tokens::{text, value};
use super::{EmitError, docs, names};
use crate::markdown::{code, inline};
use crate::template::Templates;
use minijinja::{Value, context};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use rekindle_contract::contract::{AccessUse, Contract, Parameter};
use rekindle_contract::derive;
use std::collections::BTreeSet;

pub use pages::PAGES;

/// Where tests find the client, and which of them there are.
#[derive(Debug, Clone)]
pub struct Style {
    clients: Vec<String>,
    sockets: bool,
    contract: ContractAt,
}

/// Where tests find the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ContractAt {
    /// In a file beside the tests: `../../contracts/<id>.json`.
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

    /// As the clients of a package are tested, whose crate has this name.
    pub fn of_package(crate_name: &str) -> Self {
        Self { contract: ContractAt::File, ..Self::new(&[crate_name], true) }
    }

    /// The path of the client's module.
    fn client(&self, contract: &Contract) -> TokenStream {
        let path = self.clients.iter().map(|name| match name.as_str() {
            "super" | "crate" | "self" => Ident::new(name, Span::call_site()),
            name => names::ident(name),
        });
        let module = names::ident(&contract.provider.id);
        quote!(#(#path::)* #module)
    }

    /// The expression of the contract as JSON.
    fn contract(&self, contract: &Contract) -> TokenStream {
        match self.contract {
            ContractAt::File => {
                let path = text(&format!("../../contracts/{}.json", contract.provider.id));
                quote!(include_str!(#path))
            }
            ContractAt::Inline => {
                let json = text(&serde_json::to_string(contract).unwrap_or_default());
                quote!(#json)
            }
        }
    }
}

/// The source of a provider's conformance tests, not yet formatted.
pub fn source(
    contract: &Contract,
    templates: &Templates,
    style: &Style,
) -> Result<String, EmitError> {
    Ok(templates.render("conformance.rs.j2", context(contract, style))?)
}

/// Names of the test kit that tests use.
const TESTKIT: [&str; 7] =
    ["answer", "at", "checks", "conformance", "expect", "is_clone", "sequences"];

/// Those that every test file uses.
const USED_ALWAYS: [&str; 4] = ["checks", "conformance", "is_clone", "kit"];

/// The context of the tests' template.
pub fn context(contract: &Contract, style: &Style) -> Value {
    let examples: Vec<_> = contract.examples.iter().map(|it| examples::one(contract, it)).collect();
    let mut used: BTreeSet<String> = USED_ALWAYS.map(str::to_owned).into();
    examples.iter().for_each(|example| example.tokens().for_each(|it| names(&it, &mut used)));
    let sequences = sequences(contract);
    used.extend((!sequences.is_empty()).then(|| "sequences".to_owned()));
    let pick = |names: &[&str]| -> Vec<Value> {
        let used = names.iter().filter(|name| used.contains(**name));
        used.map(|name| value(names::ident(name))).collect()
    };
    let field = |name: &String| {
        context! { field => value(names::ident(name)), name => value(text(name)) }
    };
    let parameters = |wanted: &dyn Fn(&String, &Parameter) -> bool| -> Vec<Value> {
        let parameters = contract.client.iter().filter(|(name, it)| wanted(name, it));
        parameters.map(|(name, _)| field(name)).collect()
    };
    let environments = contract.base.environments.iter().map(|environment| {
        context! {
            name => value(text(&environment.name)),
            variant => value(names::type_ident(&environment.name)),
            fields => contract.parameters_of(environment).map(|(name, _)| field(name)).collect::<Vec<_>>(),
        }
    });
    let token = |name: &str, once: bool| {
        context! { type => value(names::type_ident(name)), field => value(names::ident(name)), once }
    };
    let checks = |contract: &Contract| -> Vec<Value> {
        let checks = derive::checks(contract).filter(|check| style.sockets || !check.sockets);
        checks.map(|check| value(names::ident(&check.test()))).collect()
    };
    context! {
        docs => value(docs::inner(&module_docs(contract))),
        client => value(style.client(contract)),
        imports => context! {
            runtime => pick(&["Class", "Expiry", "SignIn", "kit"]),
            testkit => pick(&TESTKIT),
        },
        examples => examples.iter().map(examples::Test::context).collect::<Vec<_>>(),
        access => token(&contract.access.name, contract.access.use_ == AccessUse::Once),
        refresh => contract.refresh.as_ref().map(|refresh| token(&refresh.name, false)),
        scope => contract.response.scope.is_some(),
        contract => value(style.contract(contract)),
        environments_hold => contract.client.keys().any(|name| contract.is_of_environment(name)),
        environments => environments.collect::<Vec<_>>(),
        settings => parameters(&|name, it| it.is_required() && !contract.is_of_environment(name)),
        options => parameters(&|_, it| !it.is_required()),
        spends => context! {
            type => names::credential(contract).map(value),
            access => contract.credential().holds_access_token(),
            refresh => contract.credential().holds_refresh_token(),
        },
        sent_as => contract.access.sent_as.is_some(),
        checks => checks(contract),
        mint => contract.minting().map(|minting| context! {
            checks => checks(&minting),
            sequences => self::sequences(&minting),
        }),
        sockets => style.sockets,
        sequences,
        local => contract.request.operation.is_local(),
    }
}

/// The names of the sequences: first those that the spec documents, then those that the contract implies.
fn sequences(contract: &Contract) -> Vec<Value> {
    let documented = contract.sequences.iter().map(derive::documented_name);
    let implied = derive::sequences(contract);
    let implied = implied.iter().map(derive::Derived::name);
    documented.chain(implied).map(|name| value(names::ident(&name))).collect()
}

/// The identifiers in some code: an unused import would be a warning.
fn names(code: &TokenStream, found: &mut BTreeSet<String>) {
    for token in code.clone() {
        match token {
            TokenTree::Group(group) => names(&group.stream(), found),
            TokenTree::Ident(ident) => drop(found.insert(ident.to_string())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn module_docs(contract: &Contract) -> String {
    format!(
        "Does the client of {} keep its contract, {}?\n\nThe documented exchanges are written out, to be compared with the \
         provider's page. What each other check expects comes from the contract, never from the code under test; `rekindle explain` \
         and the name of a check, with hyphens, tell what it checks, why, and what to do when it fails.",
        inline(&contract.provider.name),
        code(&contract.origin.file),
    )
}

#[cfg(test)]
#[path = "conformance_tests.rs"]
mod conformance_tests;
