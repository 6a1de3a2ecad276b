//! A contract, interpreted: what is on the wire, and what an answer means.

mod outcome;
mod profile;
mod request;
mod tokens;

use rekindle_contract::contract::{Contract, ErrorClass, ExampleBody, ExampleResponse, Given};
use rekindle_contract::exchange::{Read, read};
use rekindle_contract::{Source, check};
use serde_json::Value;
use std::collections::BTreeMap;

const PLAIN: &str = "profile: rfc6749\nbase_url: integrator\n";

/// The contract of a spec that begins as all do here.
fn contract(rest: &str) -> Contract {
    let text = format!("rekindle: 1\nprovider: {{ id: acme, name: Acme }}\n{rest}");
    let mut checked = check(&[Source::new("acme.yaml".to_owned(), text.into_bytes())]);
    let problems: Vec<_> = checked
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.code, &diagnostic.message))
        .collect();
    assert_eq!(checked.contracts.len(), 1, "{problems:#?}");
    checked.contracts.remove(0)
}

fn given(client: &[(&str, &str)]) -> Given {
    Given {
        environment: None,
        base_url: Some("https://Auth.Example.com/base/".to_owned()),
        client: client
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        access_token: Some("access-1".to_owned()),
        refresh_token: Some("refresh-1".to_owned()),
        values: BTreeMap::new(),
        at: "2026-11-21T08:00:00Z".parse().unwrap(),
    }
}

fn answer(status: u16, body: Value) -> ExampleResponse {
    ExampleResponse { status, headers: BTreeMap::new(), body: ExampleBody::Json(body) }
}

fn plain() -> Contract {
    contract(&format!("{PLAIN}refresh: {{ request: POST /token }}\n"))
}

fn class(contract: &Contract, status: u16, body: Value) -> ErrorClass {
    match read(contract, &given(&[]), &answer(status, body)) {
        Read::Error { class, .. } => class,
        tokens @ Read::Tokens { .. } => panic!("{tokens:?}"),
    }
}
