//! Which outcome an answer is.

use super::{answer, class, contract, given, plain};
use rekindle_contract::contract::{ErrorClass, Outcome, SignIn};
use rekindle_contract::exchange::{Read, read};
use serde_json::json;

#[test]
fn every_answer_has_one_outcome() {
    let error = |code: &str| json!({ "error": code });
    let table = [
        (400, error("invalid_grant"), ErrorClass::Reauthenticate),
        (401, error("invalid_grant"), ErrorClass::Reauthenticate),
        (429, error("invalid_grant"), ErrorClass::RateLimited),
        (500, error("invalid_grant"), ErrorClass::Transient),
        (400, error("invalid_client"), ErrorClass::ClientMisconfigured),
        (401, json!(null), ErrorClass::ClientMisconfigured),
        (400, error("other"), ErrorClass::ContractViolation),
        (302, json!({}), ErrorClass::ContractViolation),
        (408, json!({}), ErrorClass::Transient),
        (425, json!({}), ErrorClass::Transient),
        (429, json!({}), ErrorClass::RateLimited),
        (503, json!({}), ErrorClass::Transient),
    ];
    for (status, body, expected) in table {
        assert_eq!(class(&plain(), status, body.clone()), expected, "{status} {body}");
    }
    let contract = plain();
    for status in 0..=u16::MAX {
        let _ = contract.classify(status, b"\xff{");
    }
}

#[test]
fn rules_are_asked_before_success_and_defaults_after_it() {
    let contract = contract(
        "base_url: integrator\nrefresh: { request: POST /t, json: { t: \"${refresh_token}\" } }\nresponse:\n  access_token: /t\n  \
         success: { status: [200, 503], field: /ok, equals: true }\nerrors:\n  \
         - { status: 2xx, field: /code, equals: [5, gone], class: reauthenticate, sign_in: otp }\n  \
         - { status: 400, body: empty, class: reauthenticate }\n",
    );
    let outcome = |status, body: &str| match contract.classify(status, body.as_bytes()) {
        Outcome::Success => "success".to_owned(),
        Outcome::Refused(rule) => rule.name.clone(),
    };
    assert_eq!(outcome(200, r#"{"ok":true}"#), "success");
    assert_eq!(outcome(503, r#"{"ok":true}"#), "success");
    assert_eq!(outcome(503, r#"{"ok":"true"}"#), "default: a passing failure");
    assert_eq!(outcome(200, r#"{"ok":true,"code":5}"#), "errors[0]: status 2xx, /code = 5 or gone");
    assert_eq!(
        outcome(200, r#"{"ok":true,"code":5.0}"#),
        "errors[0]: status 2xx, /code = 5 or gone"
    );
    assert_eq!(outcome(200, r#"{"ok":true,"code":"5"}"#), "success");
    assert_eq!(outcome(400, " \r\n"), "errors[1]: status 400, empty body");
    assert_eq!(outcome(400, "no"), "default: an answer that the contract does not describe");
    let answer = answer(200, json!({ "code": "gone" }));
    let Read::Error { class, sign_in, .. } = read(&contract, &given(&[]), &answer) else {
        panic!()
    };
    assert_eq!((class, sign_in), (ErrorClass::Reauthenticate, Some(SignIn::Otp)));
}
