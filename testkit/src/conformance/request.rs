//! What is sent.

use super::bench::{Bench, seconds, started_at};
use super::errors::near_misses;
use super::harness::Given;
use super::made::{environment_url, now, sign_in};
use super::subject::At;
use super::values::Values;
use crate::{Clock, SPLITTING, expect, where_is};
use rekindle_contract::contract::{
    Body, Credential, ErrorClass, ParameterKind, RefreshWhen, SignIn, Slot,
};
use rekindle_runtime::{Class, Deviation, Expiry};
use std::time::{Duration, SystemTime};

/// The request is the declared one: its method, its URL, each header, each member of the body, and nothing more
/// (R1, R2, R3, R8, R9, R10).
pub fn request_as_declared(bench: &Bench<'_>) {
    let (request, _) = bench.exchange();
    bench.assert_request(&request);
}

/// What must be encoded is encoded, once and in the way of its place (R2, R5, R19).
pub fn request_special_characters(bench: &Bench<'_>) {
    let values = Values::special(&bench.contract);
    assert_request(bench, &values, &Given::new(values.client.clone()));
}

/// The request of a client that was given this is the one with these values.
fn assert_request(bench: &Bench<'_>, values: &Values, given: &Given) {
    let client = bench.built(given).expect("the settings can be used");
    let mut spends = bench.held();
    (spends.access.text, spends.refresh.text) = (values.access.clone(), values.refresh.clone());
    let (request, _) = client.start(&spends, started_at()).expect("the request can be built");
    let host = environment_url(&bench.contract, bench.environment.as_deref(), &values.client);
    let host = host.unwrap_or_else(|| bench.base_url.clone());
    let wire = bench.wire_at(&request, &host, values, Clock::standing(now()));
    expect(&request).url(&(host + wire.target()));
    wire.assert(&request);
}

/// Each credential is where it is declared, as often as declared, and nowhere else on the wire (R4, R6).
pub fn request_secrets_in_place(bench: &Bench<'_>) {
    let (request, _) = bench.exchange();
    let held = bench.held();
    let free = bench.contract.client.iter().filter(|(_, given)| given.one_of.is_empty());
    let free = free.map(|(name, _)| bench.values.client[name].as_str());
    for secret in free.chain(bench.texts(&held).into_iter().flatten()) {
        let places = bench.wire_of(&request).places(&bench.base_url, secret);
        assert_eq!(where_is(&request, secret), places, "the places of {secret:?}");
    }
}

/// What would split a header, a path or a body is refused before anything is sent (R19).
pub fn request_splitting(bench: &Bench<'_>) {
    SPLITTING.into_iter().for_each(|text| assert_refused(bench, text));
    let Body::Xml(document) = &bench.contract.request.body else { return };
    // No reference stands for this one (XML 1.0 section 2.2).
    let text = "a\u{fffe}b";
    for slot in document.slots() {
        match slot {
            Slot::Client(name) => bench.assert_setting_refused(name, text),
            Slot::RefreshToken => {
                let mut spends = bench.held();
                text.clone_into(&mut spends.refresh.text);
                bench.assert_unsendable(&spends);
            }
            Slot::AccessToken | Slot::Value(_) | Slot::Taken(_) | Slot::TokenUrl => {}
        }
    }
}

/// What is empty is refused before anything is sent: absent and empty differ (R3).
pub fn request_empty(bench: &Bench<'_>) {
    assert_refused(bench, "");
}

/// A text is refused as each setting and as each token.
fn assert_refused(bench: &Bench<'_>, text: &str) {
    for name in bench.contract.client.keys() {
        bench.assert_setting_refused(name, text);
    }
    for (spends, _) in bench.spoiled(text) {
        bench.assert_unsendable(&spends);
    }
}

/// A refresh token longer than the provider accepts is not sent; one of just that length is.
pub fn refresh_token_too_long(bench: &Bench<'_>) {
    let length = bench.contract.refresh.as_ref().and_then(|token| token.max_length);
    let longest = "r".repeat(length.expect("it has a length") as usize);
    let mut spends = bench.held();
    spends.refresh.text.clone_from(&longest);
    bench.exchange_of(&spends, started_at());
    spends.refresh.text = longest + "r";
    bench.assert_unsendable(&spends);
}

/// No size is assumed of a refresh token: a very long one is sent, and kept where an answer brings it (R18).
pub fn refresh_token_any_length(bench: &Bench<'_>) {
    let long = "r".repeat(16 * 1024);
    let mut spends = bench.held();
    spends.refresh.text.clone_from(&long);
    let (request, _) = bench.exchange_of(&spends, started_at());
    assert!(!where_is(&request, &long).is_empty(), "it is sent whole");
    if bench.replaceable().is_some() {
        let answer = bench.success().with(&bench.refresh_place(), &format!("\"{long}\""));
        let tokens = bench.tokens(answer);
        assert_eq!(tokens.refresh_text(), long);
        assert!(!tokens.deviations.contains(&Deviation::RefreshTokenTooLong));
    }
}

/// What the integrator does not give has its documented default.
pub fn parameter_default(bench: &Bench<'_>) {
    let declared = &bench.contract.client;
    let mut given = bench.values.client.clone();
    given.retain(|name, _| declared[name].default.is_none());
    let values = bench.values.clone().with_defaults(&bench.contract);
    assert_request(bench, &values, &Given::new(given));
}

/// What is optional is on the wire where it is given, and not even its name is where it is not: each of them alone, and all.
pub fn parameter_optional(bench: &Bench<'_>) {
    let declared = &bench.contract.client;
    let optional: Vec<_> = declared.keys().filter(|name| declared[*name].optional).collect();
    let each = optional.iter().map(|name| vec![*name]);
    for absent in each.chain([optional.clone()]) {
        let mut values = bench.values.clone();
        values.client.retain(|name, _| !absent.contains(&name));
        assert_request(bench, &values, &Given::new(values.client.clone()));
    }
    assert_request(bench, &bench.values, &bench.given());
}

/// Of a parameter with a list of values, these are accepted and no others, be they as near as may be.
pub fn parameter_one_of(bench: &Bench<'_>) {
    for (name, parameter) in &bench.contract.client {
        for value in &parameter.one_of {
            let built = bench.built_with(name, value);
            assert!(built.is_ok(), "{name}: {value} is listed");
        }
        let listed = |other: &String| parameter.one_of.contains(other);
        let near = parameter.one_of.iter().flat_map(|value| near_misses(&value.as_str().into()));
        let near = near.filter_map(|value| value.as_str().map(str::to_owned));
        let near = near.chain((!parameter.one_of.is_empty()).then(|| "not-listed".to_owned()));
        for other in near.filter(|other| !listed(other)) {
            bench.assert_setting_refused(name, &other);
        }
    }
}

/// What becomes part of a host name cannot lead elsewhere.
pub fn parameter_host(bench: &Bench<'_>) {
    const LABELS: &[&str] =
        &["a.b", "-a", "a-", "a_b", "a/b", "a?b", "a#b", "a@b", "a:1", "a b", "é"];
    const HOSTS: &[&str] = &["a..b", "-a.b", "a_b", "a/b", "a?b", "a#b", "a@b", "a b", "é.example"];
    let too_long = "a".repeat(64);
    for (name, parameter) in &bench.contract.client {
        let values = match parameter.kind {
            ParameterKind::Text | ParameterKind::SigningKey => continue,
            ParameterKind::HostLabel => LABELS,
            ParameterKind::Host => HOSTS,
        };
        for value in values.iter().copied().chain([too_long.as_str()]) {
            bench.assert_setting_refused(name, value);
        }
    }
}

/// What becomes a segment of the path cannot climb out of it.
pub fn parameter_path(bench: &Bench<'_>) {
    let path = &bench.contract.request.path;
    for (name, parameter) in &bench.contract.client {
        let in_path = path.slots().any(|slot| *slot == Slot::Client(name.clone()));
        if in_path && parameter.one_of.is_empty() {
            for value in [".", ".."] {
                bench.assert_setting_refused(name, value);
            }
        }
    }
}

/// Each environment is where the provider documents it.
pub fn environment_urls(bench: &Bench<'_>) {
    for environment in &bench.contract.base.environments {
        let name = environment.name.as_str();
        let host = environment_url(&bench.contract, Some(name), &bench.values.client);
        bench.assert_url(At::Environment(name), &host.expect("it has a URL"));
    }
}

/// A base URL is https, and plain http only to this machine and only when asked for (R7).
pub fn base_url(bench: &Bench<'_>) {
    let given = bench.given();
    let urls = [
        "http://provider.example",
        "ftp://provider.example",
        "https://a:b@provider.example",
        "https://",
    ];
    for url in urls {
        bench.assert_not_built(At::Url(url), &given);
        bench.assert_not_built(At::Loopback(url), &given);
    }
    let here = "http://127.0.0.1:8080";
    bench.assert_not_built(At::Url(here), &given);
    let whole = bench.contract.request.is_at_whole_url();
    let here = if whole { "http://127.0.0.1:8080/token" } else { here };
    bench.assert_url(At::Loopback(here), here);
    if whole {
        for url in ["https://provider.example/token/", "https://provider.example/token?v=1&w"] {
            bench.assert_url(At::Url(url), url);
            bench.assert_not_built(At::Url(&format!("{url}#there")), &given);
        }
        return;
    }
    let behind = "https://provider.example/behind";
    bench.assert_url(At::Url(&format!("{behind}/")), behind);
}

/// The provider accepts a refresh only at its time; outside of it no request is made (R29).
pub fn refresh_window(bench: &Bench<'_>) {
    assert_ne!(bench.contract.credential(), Credential::RefreshToken, "it sends no access token");
    let end = started_at();
    let start = |at: SystemTime| bench.client().start(&bench.ending(Expiry::At(end)), at);
    let accepted = |at| assert!(start(at).is_ok(), "it is time");
    let refused = |at, class: Class, fate: &str| {
        let Err(error) = start(at) else { panic!("it is not time") };
        assert_eq!(error.class(), class);
        assert_eq!(bench.fate(error), fate);
    };
    let early = |at| refused(at, Class::ClientMisconfigured, "unspent");
    let second = seconds(1);
    match bench.contract.request.when {
        RefreshWhen::AnyTime | RefreshWhen::Unknown => {
            accepted(end - second);
            accepted(end + second);
        }
        RefreshWhen::BeforeExpiry => {
            let rules = &bench.contract.errors;
            let first = rules.iter().find(|rule| rule.class == ErrorClass::Reauthenticate);
            let way = first.map_or(SignIn::Unspecified, |rule| rule.sign_in);
            accepted(end - second);
            for late in [end, end + second] {
                refused(late, Class::Reauthenticate(sign_in(way)), "spent");
            }
        }
        RefreshWhen::NearExpiry(lead) => {
            early(end - lead - second);
            accepted(end - lead);
            accepted(end + second);
        }
        RefreshWhen::AfterExpiry => {
            early(end - second);
            accepted(end);
            accepted(end + second);
        }
    }
}

/// An end of the access token at which the provider is known not to take a refresh at the start of every exchange.
pub(super) fn untimely(bench: &Bench<'_>) -> Option<SystemTime> {
    if !bench.contract.credential().holds_access_token() {
        return None;
    }
    let second = Duration::from_secs(1);
    Some(match bench.contract.request.when {
        RefreshWhen::AnyTime | RefreshWhen::Unknown => return None,
        RefreshWhen::BeforeExpiry => started_at(),
        RefreshWhen::AfterExpiry => started_at() + second,
        RefreshWhen::NearExpiry(lead) => started_at() + lead + second,
    })
}
