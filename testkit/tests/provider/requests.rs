//! Each rule about requests refuses what breaks it, and nothing else does.

use crate::support::{contract, contracts, refused, request, signed_in, wait_until_accepted};
use crate::violations::client::rendered;
use crate::violations::{self, Violation};
use rekindle_contract::contract::{Contract, ErrorClass, ErrorRule, Outcome, Request};
use rekindle_testkit::Held;
use rekindle_testkit::provider::{Provider, Rule, Verdict};
use std::collections::BTreeSet;

/// The rules that one request can break.
const RULES: [Rule; 23] = [
    Rule::Origin,
    Rule::Method,
    Rule::Path,
    Rule::QueryMissing,
    Rule::QueryExtra,
    Rule::QueryTwice,
    Rule::QueryValue,
    Rule::HeaderMissing,
    Rule::HeaderTwice,
    Rule::HeaderValue,
    Rule::ContentType,
    Rule::BodyUnexpected,
    Rule::BodyEncoding,
    Rule::FieldMissing,
    Rule::FieldExtra,
    Rule::FieldTwice,
    Rule::FieldValue,
    Rule::CredentialElsewhere,
    Rule::AuthenticationTwice,
    Rule::ClientUnknown,
    Rule::RefreshTokenUnknown,
    Rule::AccessTokenUnknown,
    Rule::TokensApart,
];

/// A provider that accepts a refresh of what is held in two grants.
fn ready(contract: Contract) -> (Provider, Held, Held) {
    let (mut provider, held) = signed_in(contract);
    let other = provider.sign_in();
    wait_until_accepted(&provider, &held);
    (provider, held, other)
}

/// Whether what brings tokens where a refresh cannot is asked where a refresh is.
fn shares_address(contract: &Contract) -> bool {
    let own = &contract.request;
    let shares = |it: &Request| (&it.method, &it.path) == (&own.method, &own.path);
    contract.fallback.as_ref().is_some_and(|fallback| shares(&fallback.request))
}

#[test]
fn a_request_that_breaks_a_rule_is_refused_by_it() {
    for contract in contracts() {
        let id = contract.provider.id.clone();
        let (provider, held, other) = ready(contract);
        for violation in violations::all(&provider, &held, &other) {
            let Violation { rule, what, request } = violation;
            let mut provider = provider.clone();
            let answered = provider.handle(&request);
            // What holds no token may be meant for a sign-in at the same address, which lacks more.
            let lacks_token = matches!(rule, Rule::BodyEncoding | Rule::FieldMissing);
            let is_unclear = lacks_token && shares_address(provider.contract());
            let rule = refused(&answered).filter(|_| is_unclear).unwrap_or(rule);
            assert_eq!(refused(&answered), Some(rule), "{id}: {what}: {answered:?}");
            let (status, body) = (answered.response.status(), answered.response.body());
            check_class(provider.contract(), rule, status.as_u16(), body, &what);
            // It cost nothing.
            let right = crate::support::request(&provider, &held);
            assert_eq!(provider.handle(&right).verdict, Verdict::Issued, "{id}: {what}");
        }
    }
}

/// What is optional may be there or not, each by itself; an empty one is not the registered one.
#[test]
fn what_is_optional_is_accepted_with_and_without() {
    let (provider, held, _) =
        ready(contract(include_str!("../../../tests/language/specs/optional.yaml")));
    let client = provider.contract().client.iter();
    let names: Vec<&String> =
        client.filter(|(_, parameter)| parameter.optional).map(|(name, _)| name).collect();
    assert_eq!(names.len(), 5);
    for absent in (0..1_u32 << names.len()).map(|bits| {
        names.iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1).map(|(_, name)| name)
    }) {
        let mut given = crate::support::given(&provider, &held);
        let absent: Vec<&&String> = absent.collect();
        given.client.retain(|name, _| !absent.contains(&&name));
        let request = rendered(&provider, &given);
        assert_eq!(provider.clone().handle(&request).verdict, Verdict::Issued, "{absent:?}");
    }
    let mut request = crate::support::request(&provider, &held);
    let body = String::from_utf8(request.body().clone()).unwrap();
    *request.body_mut() = body.replace("synthetic-client-secret-1", "").into_bytes();
    assert_eq!(refused(&provider.clone().handle(&request)), Some(Rule::ClientUnknown));
}

/// `?refresh` and `?refresh=` differ.
#[test]
fn a_key_without_an_equals_sign_is_refused_with_one() {
    let spec = include_str!("../../../tests/language/specs/valueless_query.yaml");
    let (mut provider, held, _) = ready(contract(spec));
    let right = crate::support::request(&provider, &held);
    let uri = right.uri().to_string();
    assert!(uri.contains("?refresh&") && uri.ends_with("&last"), "{uri}");
    for (from, to) in [("?refresh&", "?refresh=&"), ("&last", "&last="), ("&last", "&l%61st=")] {
        let mut request = right.clone();
        *request.uri_mut() = uri.replace(from, to).parse().unwrap();
        assert_eq!(refused(&provider.handle(&request)), Some(Rule::QueryValue), "{to}");
    }
    assert_eq!(provider.handle(&right).verdict, Verdict::Issued);
}

#[test]
fn a_rule_that_is_switched_off_refuses_nothing() {
    // A request that lacks something may be taken for the other one of a contract with two. Where the address is the integrator's, more
    // in its query makes it another address.
    let alone = |it: &Contract| it.fallback.is_none() && !it.request.is_at_whole_url();
    for contract in contracts().into_iter().filter(alone) {
        let id = contract.provider.id.clone();
        let (provider, held, other) = ready(contract);
        for violation in violations::all(&provider, &held, &other) {
            let Violation { rule, what, request } = violation;
            let mut provider = provider.clone();
            provider.switch_off(rule);
            let answered = provider.handle(&request);
            assert_eq!(answered.verdict, Verdict::Issued, "{id}: {rule}: {what}");
        }
    }
}

#[test]
fn a_rule_applies_where_a_request_can_break_it() {
    for contract in contracts() {
        let id = contract.provider.id.clone();
        let (provider, held, other) = ready(contract.clone());
        let broken: BTreeSet<Rule> = violations::all(&provider, &held, &other)
            .into_iter()
            .map(|violation| violation.rule)
            .collect();
        for rule in RULES {
            assert_eq!(rule.applies(&contract), broken.contains(&rule), "{id}: {rule}");
        }
    }
}

#[test]
fn headers_that_say_nothing_are_let_through() {
    for contract in contracts() {
        let id = contract.provider.id.clone();
        let (mut provider, held, _) = ready(contract);
        let mut request = request(&provider, &held);
        let harmless = [
            ("user-agent", "acme/1.0"),
            ("accept-language", "en"),
            ("accept-encoding", "gzip"),
            ("host", "acme.example"),
            ("content-length", "7"),
            ("x-request-id", "1"),
        ];
        for (name, value) in harmless {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        assert_eq!(provider.handle(&request).verdict, Verdict::Issued, "{id}");
    }
}

#[test]
fn clients_that_take_any_answer_take_the_declared_one() {
    for contract in contracts() {
        let id = contract.provider.id.clone();
        let headers = &contract.request.headers;
        let declared = headers.iter().find(|(name, _)| name == "accept");
        let Some(declared) = declared.and_then(|(_, value)| value.as_literal()) else {
            continue;
        };
        let list = format!("text/html, {declared};q=0.5");
        let (provider, held, _) = ready(contract.clone());
        for sent in [&[][..], &["*/*"], &[&list], &["text/html", "*/*;q=0.1"]] {
            let mut request = request(&provider, &held);
            request.headers_mut().remove("accept");
            for value in sent {
                let value = value.parse().expect("a header");
                request.headers_mut().append("accept", value);
            }
            let answered = provider.clone().handle(&request);
            assert_eq!(answered.verdict, Verdict::Issued, "{id}: {sent:?}");
        }
    }
}

/// What breaks a rule is refused as what it is, as far as the contract has words for that.
fn check_class(contract: &Contract, rule: Rule, status: u16, body: &[u8], what: &str) {
    let id = &contract.provider.id;
    let Outcome::Refused(refused) = contract.classify(status, body) else {
        panic!("{id}: {what}: a success");
    };
    let has = |class| contract.errors.iter().any(|rule| rule.class == class);
    // An answer that may mean either is no answer to a request that is wrong in itself.
    let either = |error: &ErrorRule| error.perhaps_gone && rule != Rule::ClientUnknown;
    let misconfigured = contract
        .errors
        .iter()
        .any(|error| error.class == ErrorClass::ClientMisconfigured && !either(error));
    match rule {
        Rule::RefreshTokenUnknown | Rule::AccessTokenUnknown | Rule::TokensApart => {
            let expected = has(ErrorClass::Reauthenticate);
            assert_eq!(refused.class == ErrorClass::Reauthenticate, expected, "{id}: {what}");
        }
        _ if misconfigured => {
            assert_eq!(refused.class, ErrorClass::ClientMisconfigured, "{id}: {what}");
        }
        Rule::ClientUnknown => assert_eq!(status, 401, "{id}: {what}"),
        // The usual status would say that the client may be wrong, or the grant gone.
        _ if contract.errors.iter().any(|error| error.perhaps_gone) => {
            assert_eq!(refused.class, ErrorClass::ContractViolation, "{id}: {what}");
        }
        _ => {
            assert_ne!(refused.class, ErrorClass::Reauthenticate, "{id}: {what}");
            let usual = match rule {
                Rule::Method => 405,
                Rule::Path => 404,
                Rule::ContentType => 415,
                _ => 400,
            };
            assert_eq!(status, usual, "{id}: {what}");
        }
    }
}

/// Where a parameter stands in the place of the token, what is in it tells the two requests apart.
#[test]
fn what_brings_tokens_at_the_place_of_the_refresh_is_told_by_what_it_holds() {
    let refreshing = contract(
        r#"
rekindle: 1
provider: { id: acme, name: Acme }
environments: { production: https://acme.example }
client: { api_key: { secret: true } }
refresh:
  request: POST /token
  form: { credential: "${refresh_token}" }
  else: { operation: sign_in, form: { credential: "${client.api_key}" } }
response: { access_token: /access, refresh_token: /refresh }
tokens: { refresh: { use: once, rotation: always } }
errors: [{ status: 401, class: client_misconfigured, or: reauthenticate }]
"#,
    );
    let mut provider = Provider::new(refreshing);
    let sent = |credential: &str, provider: &mut Provider| {
        let request = http::Request::post("https://acme.example/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json");
        let request = request.body(format!("credential={credential}").into_bytes()).unwrap();
        let answered = provider.handle(&request);
        (refused(&answered), answered)
    };
    let key = provider.client()["api_key"].clone();
    let (rule, first) = sent(&key, &mut provider);
    assert_eq!(rule, None, "{first:?}");
    let tokens: serde_json::Value = serde_json::from_slice(first.response.body()).unwrap();
    let token = tokens["refresh"].as_str().unwrap();
    assert_eq!(sent(token, &mut provider).0, None);
    assert_eq!(sent(&key, &mut provider).0, None);
    assert!(sent("anything-else", &mut provider).0.is_some());
}
