//! What tokens an answer holds.

use super::{PLAIN, answer, class, contract, given, plain};
use rekindle_contract::contract::{Contract, ErrorClass, ExpectedExpiry};
use rekindle_contract::exchange::{Read, read};
use serde_json::{Value, json};

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
        assert_eq!(class(&plain(), 200, body), ErrorClass::ContractViolation);
    }
}

#[test]
fn each_kind_of_expiry_is_read_in_its_unit() {
    let nine = ExpectedExpiry::At("2026-11-21T09:00:00Z".parse().unwrap());
    let kinds = [
        ("{ milliseconds: /e }", json!(3_600_000), nine),
        ("{ unix_seconds: /e }", json!(1_795_251_600), nine),
        ("{ unix_milliseconds: /e }", json!("1795251600000"), nine),
        ("{ rfc3339: /e }", json!("2026-11-21T10:00:00+01:00"), nine),
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
    let mac = json!({ "access_token": "a", "token_type": "mac" });
    assert_eq!(class(&plain(), 200, mac), ErrorClass::ContractViolation);
    tokens(&plain(), json!({ "access_token": "a", "token_type": "bEARER" }));
}
