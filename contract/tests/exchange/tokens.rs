//! What tokens an answer holds.

use super::{PLAIN, answer, class, contract, given, plain};
use rekindle_contract::contract::{Contract, ErrorClass, ExpectedExpiry};
use rekindle_contract::exchange::{Read, read};
use serde_json::{Value, json};
use std::time::Duration;

fn tokens(contract: &Contract, body: Value) -> (ExpectedExpiry, Option<String>) {
    match read(contract, &given(&[]), &answer(200, body)) {
        Read::Tokens { access_expires, refresh_token, .. } => (access_expires, refresh_token),
        Read::Error { rule, .. } => panic!("{rule}"),
    }
}

#[test]
fn absent_null_and_empty_keep_the_refresh_token() {
    for body in [json!({}), json!({ "refresh_token": null }), json!({ "refresh_token": "" })] {
        let mut body = body;
        body["access_token"] = json!("a");
        assert_eq!(tokens(&plain(), body).1.as_deref(), Some("refresh-1"));
    }
    let body = json!({ "access_token": "a", "refresh_token": "refresh-2" });
    assert_eq!(tokens(&plain(), body).1.as_deref(), Some("refresh-2"));
}

#[test]
fn numbers_are_read_however_they_are_written() {
    let hour = ExpectedExpiry::At("2026-11-21T09:00:00Z".parse().unwrap());
    for number in [json!(3600), json!(3600.0), json!("3600"), json!("3600.0")] {
        assert_eq!(tokens(&plain(), json!({ "access_token": "a", "expires_in": number })).0, hour);
    }
    for nothing in
        [json!({ "access_token": "a" }), json!({ "access_token": "a", "expires_in": null })]
    {
        assert_eq!(tokens(&plain(), nothing).0, ExpectedExpiry::Undeclared);
    }
    for wrong in [
        json!(-1),
        json!(true),
        json!("soon"),
        json!("NaN"),
        json!(1_795_248_000),
        json!(1e300),
        json!([]),
    ] {
        let body = json!({ "access_token": "a", "expires_in": wrong });
        let unread = unread(&plain(), body);
        assert!(unread.len() == 1 && unread[0].contains("/expires_in"), "{unread:?}");
    }
}

/// What the answer says otherwise than the contract, beside its tokens.
fn unread(contract: &Contract, body: Value) -> Vec<String> {
    match read(contract, &given(&[]), &answer(200, body)) {
        Read::Tokens { access_expires, scope, unread, .. } => {
            assert_eq!((access_expires, scope), (ExpectedExpiry::Undeclared, None));
            unread.into_iter().map(|(_, why)| why).collect()
        }
        Read::Error { rule, .. } => panic!("{rule}"),
    }
}

#[test]
fn no_optional_fact_costs_the_tokens() {
    let says = |response: &str| {
        contract(&format!("{PLAIN}refresh: {{ request: POST /token }}\nresponse: {response}\n"))
    };
    let list = json!({ "access_token": "a", "scope": ["read", "write"] });
    match read(&plain(), &given(&[]), &answer(200, list)) {
        Read::Tokens { scope, unread, .. } => {
            assert_eq!((scope.as_deref(), &*unread), (Some("read write"), &[][..]));
        }
        Read::Error { rule, .. } => panic!("{rule}"),
    }
    for odd in [json!(["read", 1]), json!({}), json!(true), json!([[]])] {
        let body = json!({ "access_token": "a", "scope": odd });
        let expected = "the scope at `/scope` is neither a text nor a list of them";
        assert_eq!(unread(&plain(), body), [expected]);
    }
    for odd in [json!("mac"), json!(7)] {
        let body = json!({ "access_token": "a", "token_type": odd });
        assert_eq!(unread(&plain(), body.clone()).len(), 1);
        // Where the spec itself says which type it must be, it is no optional fact.
        let demanded = says("{ token_type: /token_type }");
        assert_eq!(class(&demanded, 200, body), ErrorClass::ContractViolation);
    }
    for lifetime in [json!(0), json!("0"), json!(4_000_000_000_u32)] {
        let body = json!({ "access_token": "a", "expires_in": lifetime });
        assert_eq!(unread(&plain(), body).len(), 1);
    }
}

#[test]
fn what_no_header_can_carry_is_no_token() {
    for text in [" ", "a\r\nx: b", "a\u{0}", " a", "a\u{7f}", "\u{fffd}"] {
        for body in
            [json!({ "access_token": text }), json!({ "access_token": "a", "refresh_token": text })]
        {
            assert_eq!(class(&plain(), 200, body), ErrorClass::ContractViolation, "{text:?}");
        }
    }
}

#[test]
fn each_kind_of_expiry_is_read_in_its_unit() {
    let at = |instant: &str| ExpectedExpiry::At(instant.parse().unwrap());
    let (nine, long) = (at("2026-11-21T09:00:00Z"), at("2094-12-09T11:14:07Z"));
    let kinds = [
        ("{ milliseconds: /e }", json!(3_600_000), nine),
        ("{ unix_seconds: /e }", json!(1_795_251_600), nine),
        ("{ unix_milliseconds: /e }", json!("1795251600000"), nine),
        ("{ rfc3339: /e }", json!("2026-11-21T10:00:00+01:00"), nine),
        ("{ seconds: [/d, /e] }", json!(3600), nine),
        ("{ duration: /e }", json!("60m"), nine),
        ("{ duration: /e }", json!("1:00:00"), nine),
        ("{ duration: /e }", json!("PT1H"), nine),
        ("{ duration: /e }", json!(3600), nine),
        ("{ date_time: /e, zone: \"-01:30\" }", json!("2026-11-21 07:30:00"), nine),
        ("{ date_time: /e, zone: \"-01:30\" }", json!("2026-11-21T09:00:00Z"), nine),
        ("{ http_date: /e }", json!("Sat, 21 Nov 2026 09:00:00 GMT"), nine),
        ("{ seconds: /e, zero: never }", json!("0"), ExpectedExpiry::Never),
        ("{ seconds: /e, zero: undeclared, else: 1h }", json!(0), ExpectedExpiry::Undeclared),
        ("{ rfc3339: /e, zero: never }", json!("0001-01-01T00:00:00Z"), ExpectedExpiry::Never),
        ("{ unix_seconds: /e, zero: never }", json!(0), ExpectedExpiry::Never),
        ("{ seconds: /e, else: 1h }", json!(null), nine),
        ("{ seconds: /e, else: 1h }", json!("soon"), nine),
        ("{ seconds: /e, else: never }", json!(null), ExpectedExpiry::Never),
        ("{ seconds: /e }", json!(2_147_483_647), long),
        ("{ constant: 1h }", json!(1), nine),
        ("never", json!(1), ExpectedExpiry::Never),
        ("undeclared", json!(1), ExpectedExpiry::Undeclared),
        ("jwt", json!(1), ExpectedExpiry::Undeclared),
    ];
    for (kind, value, expected) in kinds {
        let contract = contract(&format!(
            "{PLAIN}refresh: {{ request: POST /token }}\ntokens: {{ access: {{ expires: {kind} }} }}\n"
        ));
        assert_eq!(
            tokens(&contract, json!({ "access_token": "a", "e": value })).0,
            expected,
            "{kind}"
        );
    }
}

#[test]
fn an_answer_of_success_must_hold_an_access_token() {
    for body in [
        json!({}),
        json!({ "access_token": null }),
        json!({ "access_token": "" }),
        json!({ "access_token": 5 }),
        json!([]),
    ] {
        assert_eq!(class(&plain(), 200, body), ErrorClass::ContractViolation);
    }
    tokens(&plain(), json!({ "access_token": "a", "token_type": "bEARER" }));
}

/// A lifetime for tests is one that the client takes, and a request that does not send it has none.
#[test]
fn chosen_lifetimes_can_be_chosen() {
    let spec = |one_of: &str, otherwise: &str| {
        contract(&format!(
            "{PLAIN}client: {{ ttl: {{ default: \"7200\", one_of: [{one_of}] }} }}\n\
             refresh: {{ request: POST /token, form: {{ ttl: \"${{client.ttl}}\" }}{otherwise} }}\n\
             tokens: {{ access: {{ expires: {{ seconds: /expires_in, chosen_by: ttl }} }} }}\n"
        ))
    };
    let contract = spec("\"9000\", \"7200\"", "");
    let life = Duration::from_secs(7200);
    assert_eq!(contract.assumed_choice("ttl"), Some(life));
    assert_eq!(contract.assumed_lifetime(), life);
    let contract = spec("\"7200\"", ", else: { operation: sign_in }");
    assert_eq!(contract.chosen_lifetimes().count(), 1);
    assert_eq!(contract.minting().unwrap().chosen_lifetimes().count(), 0);
}
