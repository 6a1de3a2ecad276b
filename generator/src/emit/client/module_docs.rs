//! The documentation of the module, of the client and of its entry points.

use super::value;
use crate::emit::{docs, names};
use minijinja::{Value, context};
use rekindle_contract::contract::{Contract, Credential, RefreshWhen};
use std::collections::BTreeMap;

/// The documentation that depends on the contract as a whole.
pub fn docs(contract: &Contract) -> Value {
    context! {
        module => value(docs::inner(&module(contract))),
        client => value(docs::outer(&client(contract))),
        builder_fn => value(docs::outer(&builder_fn(contract))),
        refresh_request_errors => value(docs::outer(&refresh_request_errors(contract))),
    }
}

fn module(contract: &Contract) -> String {
    let provider = &contract.provider;
    let mut text = format!("{}: {}.\n", docs::prose(&provider.name), what_it_does(contract));
    if let Some(summary) = &provider.summary {
        text += &format!("\n{}\n", docs::sentence(summary));
    }
    text += &format!("\n`{} {}`", contract.request.method, contract.request.path);
    text += &match &provider.source {
        Some(source) => format!(", {}.\n", source_line(source)),
        None => ".\n".to_owned(),
    };
    let provenance = &contract.provenance;
    section(&mut text, "What the page contradicts itself on", &provenance.contradictions);
    section(&mut text, "What the page does not say", &provenance.unknown);
    section(&mut text, "What follows from the page without being said", &provenance.inferred);
    section(&mut text, "Where the page says it", &provenance.documented);
    text
}

fn source_line(source: &rekindle_contract::contract::Source) -> String {
    let title = match &source.url {
        Some(url) => format!("[\"{}\"]({url})", docs::prose(&source.title)),
        None => format!("\"{}\"", docs::prose(&source.title)),
    };
    match &source.retrieved {
        Some(day) => format!("as documented in {title}, read on {day}"),
        None => format!("as documented in {title}"),
    }
}

fn section(text: &mut String, title: &str, facts: &BTreeMap<String, String>) {
    if facts.is_empty() {
        return;
    }
    text.push_str(&format!("\n# {title}\n\n"));
    for (fact, why) in facts {
        let why = docs::sentence(why).lines().map(str::trim).collect::<Vec<_>>().join(" ");
        text.push_str(&format!("- `{fact}`: {why}\n"));
    }
}

/// What an exchange trades for what.
pub fn what_it_does(contract: &Contract) -> String {
    let access = names::words(&contract.access.name);
    let refresh =
        contract.refresh.as_ref().map(|refresh| names::words(&refresh.name)).unwrap_or_default();
    match contract.credential() {
        Credential::RefreshToken => format!("trades a {refresh} for a new {access}"),
        Credential::Both => {
            format!("trades a {refresh}, with the current {access} beside it, for a new {access}")
        }
        Credential::AccessToken => format!("renews the current {access}"),
    }
}

fn client(contract: &Contract) -> String {
    let mut text = format!(
        "A client of {}. Cheap to clone; it knows no socket and no clock.",
        docs::prose(&contract.provider.name)
    );
    if let Some(window) = contract.request.when.sentence() {
        text += &format!("\n\n{window}");
    }
    text
}

fn builder_fn(contract: &Contract) -> String {
    if contract.base.environments.is_empty() {
        "Starts with the base URL, which the provider's page leaves to you: `https`, no query."
            .to_owned()
    } else {
        "Starts with one of the documented environments.".to_owned()
    }
}

fn refresh_request_errors(contract: &Contract) -> String {
    let mut text =
        "A credential that is empty or holds a line break is refused and handed back unspent."
            .to_owned();
    if contract.credential() != Credential::RefreshToken {
        text += match contract.request.when {
            RefreshWhen::AnyTime | RefreshWhen::Unknown => "",
            RefreshWhen::BeforeExpiry => {
                "\nAn access token that has expired at `started_at` cannot be refreshed: the answer is to sign in again, and \
                 no request is made."
            }
            RefreshWhen::NearExpiry(_) | RefreshWhen::AfterExpiry => {
                "\nA refresh that the provider would refuse as too early is refused here, and the credential handed back."
            }
        };
    }
    text
}
