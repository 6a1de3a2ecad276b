//! What is wrong with how a client proves itself.

use super::{Violation, Wire};
use crate::support;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Request;
use rekindle_contract::contract::{Given, Slot};
use rekindle_contract::exchange::render;
use rekindle_testkit::Held;
use rekindle_testkit::provider::{Provider, Rule};

pub fn add(provider: &Provider, held: &Held, right: &Wire, all: &mut Vec<Violation>) {
    elsewhere(provider, held, right, all);
    if right.header("authorization").is_none() {
        let values: Vec<&str> = provider.client().values().map(String::as_str).collect();
        let pair = BASE64_STANDARD.encode(values.join(":"));
        for second in [format!("Basic {pair}"), format!("Bearer {}", held.access_token)] {
            let twice = right.with_header("authorization", second);
            all.push(twice.breaks(Rule::AuthenticationTwice, "a second authentication"));
        }
    }
    for (name, parameter) in &provider.contract().client {
        let slot = Slot::Client(name.clone());
        if !provider.contract().request.sends(&slot) {
            continue;
        }
        // Any of the lifetimes that are listed is fine.
        let is_lifetime = provider.contract().chosen_lifetimes().any(|it| it.parameter == *name);
        if is_lifetime && !parameter.one_of.is_empty() {
            continue;
        }
        let registered = &provider.client()[name];
        let mut given = support::given(provider, held);
        let other = parameter.one_of.iter().find(|value| *value != registered);
        let other = other.cloned().unwrap_or_else(|| "another-text".to_owned());
        given.client.insert(name.clone(), other);
        let request = rendered(provider, &given);
        let rule = if is_lifetime { Rule::LifetimeChosen } else { Rule::ClientUnknown };
        all.push(Wire::of(&request).breaks(rule, format!("another {name}")));
    }
}

fn elsewhere(provider: &Provider, held: &Held, right: &Wire, all: &mut Vec<Violation>) {
    let mut add = |what: &str, value: String| {
        let copy = right.with_header("x-copy", value);
        all.push(copy.breaks(Rule::CredentialElsewhere, format!("{what} in a header")));
    };
    let secrets = provider.contract().client.iter();
    for (name, _) in secrets.filter(|(_, parameter)| parameter.secret) {
        let value = &provider.client()[name];
        add(name, value.clone());
        add(name, format!("Key {value}"));
        add(name, format!("Basic {}", BASE64_STANDARD.encode(format!("id:{value}"))));
    }
    if let Some(id) = provider.client().get("client_id") {
        add("client_id", id.clone());
    }
    add("the access token", held.access_token.clone());
    if let Some(token) = &held.refresh_token {
        add("the refresh token", format!("Bearer {token}"));
    }
}

/// The request of what is given.
pub fn rendered(provider: &Provider, given: &Given) -> Request<Vec<u8>> {
    let wire = render(provider.contract(), given).expect("a request");
    let mut request = Request::builder().method(wire.method.as_str()).uri(&wire.url);
    for (name, value) in &wire.headers {
        request = request.header(name, value.as_bytes());
    }
    request.body(wire.body).expect("a request")
}
