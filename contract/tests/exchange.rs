//! A contract, interpreted: what is on the wire, and what an answer means.

use rekindle_contract::contract::{
    Contract, ErrorClass, ExampleBody, ExampleResponse, Expect, ExpectedExpiry, Given, Outcome,
    SignIn, Slot,
};
use rekindle_contract::exchange::{Read, RenderError, WireRequest, read, render};
use rekindle_contract::{Source, check};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The contract of a spec that begins as all do here.
fn contract(rest: &str) -> Contract {
    let text = format!("rekindle: 1\nprovider: {{ id: acme, name: Acme }}\n{rest}");
    let mut checked = check(&[Source {
        name: "acme.yaml".to_owned(),
        text: text.into_bytes(),
    }]);
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
        at: "2026-11-21T08:00:00Z".parse().unwrap(),
    }
}

fn header<'a>(request: &'a WireRequest, name: &str) -> Option<&'a str> {
    request
        .headers
        .iter()
        .find(|(header, _)| header == name)
        .map(|(_, value)| value.as_str())
}

const PLAIN: &str = "profile: rfc6749\nbase_url: integrator\n";

#[test]
fn basic_is_form_encoded_first() {
    // Rule R5: the id `1PpG/Q 1`, and a secret that holds `+ / : %`.
    let credentials = [("client_id", "1PpG/Q 1"), ("client_secret", "a+b/c:d%e")];
    let form = contract(&format!(
        "{PLAIN}refresh: {{ request: POST /token, auth: basic }}\n"
    ));
    let request = render(&form, &given(&credentials)).unwrap();
    // base64("1PpG%2FQ+1:a%2Bb%2Fc%3Ad%25e")
    assert_eq!(
        header(&request, "authorization"),
        Some("Basic MVBwRyUyRlErMTphJTJCYiUyRmMlM0FkJTI1ZQ==")
    );
    let raw = contract(&format!(
        "{PLAIN}refresh: {{ request: POST /token, auth: {{ basic: {{ encoding: raw }} }} }}\n"
    ));
    let request = render(&raw, &given(&credentials)).unwrap();
    // base64("1PpG/Q 1:a+b/c:d%e")
    assert_eq!(
        header(&request, "authorization"),
        Some("Basic MVBwRy9RIDE6YStiL2M6ZCVl")
    );
}

#[test]
fn values_cannot_leave_their_place_in_the_url() {
    let contract = contract(&format!(
        "{PLAIN}client: {{ tenant: {{}} }}\nrefresh:\n  request: POST /v1/${{client.tenant}}/token?v=2&l=a%20b&t=${{client.tenant}}\n"
    ));
    let client = [
        ("tenant", "a/b?c&d é"),
        ("client_id", "i"),
        ("client_secret", "s"),
    ];
    let request = render(&contract, &given(&client)).unwrap();
    let tenant = "a%2Fb%3Fc%26d%20%C3%A9";
    assert_eq!(
        request.url,
        format!("https://auth.example.com/base/v1/{tenant}/token?v=2&l=a%20b&t={tenant}")
    );
    let line_break = given(&[
        ("tenant", "a\r\nb"),
        ("client_id", "i"),
        ("client_secret", "s"),
    ]);
    assert_eq!(
        render(&contract, &line_break),
        Err(RenderError::Refused(Slot::Client("tenant".to_owned())))
    );
    let nothing = given(&[("client_id", "i"), ("client_secret", "s")]);
    assert_eq!(
        render(&contract, &nothing),
        Err(RenderError::Missing(Slot::Client("tenant".to_owned())))
    );
}

#[test]
fn client_authentication_goes_where_it_is_declared() {
    let client = [("client_id", "i d"), ("client_secret", "s")];
    let form = contract(&format!("{PLAIN}refresh: {{ request: POST /token }}\n"));
    let request = render(&form, &given(&client)).unwrap();
    let expected = "grant_type=refresh_token&refresh_token=refresh-1&client_id=i+d&client_secret=s";
    assert_eq!(String::from_utf8(request.body).unwrap(), expected);
    let json = contract(&format!(
        "{PLAIN}refresh:\n  request: POST /token\n  auth: {{ body: {{ client_id: key }} }}\n  json: {{ b: true, t: \"${{refresh_token}}\" }}\n"
    ));
    let request = render(&json, &given(&client)).unwrap();
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        r#"{"b":true,"t":"refresh-1","key":"i d","client_secret":"s"}"#
    );
    let query = contract(&format!(
        "{PLAIN}refresh: {{ request: POST /token?a=b, auth: query }}\n"
    ));
    let request = render(&query, &given(&client)).unwrap();
    assert!(
        request
            .url
            .ends_with("/token?a=b&client_id=i%20d&client_secret=s"),
        "{}",
        request.url
    );
    let public = contract(&format!(
        "{PLAIN}refresh: {{ request: POST /token, auth: public }}\n"
    ));
    let request = render(&public, &given(&client[..1])).unwrap();
    assert!(request.body.ends_with(b"&client_id=i+d"));
}

fn answer(status: u16, body: Value) -> ExampleResponse {
    ExampleResponse {
        status,
        headers: BTreeMap::new(),
        body: ExampleBody::Json(body),
    }
}

fn plain() -> Contract {
    contract(&format!("{PLAIN}refresh: {{ request: POST /token }}\n"))
}

fn tokens(contract: &Contract, body: Value) -> (ExpectedExpiry, Option<String>) {
    match read(contract, &given(&[]), &answer(200, body)) {
        Read::Tokens {
            access_expires,
            refresh_token,
            ..
        } => (access_expires, refresh_token),
        Read::Error { rule, .. } => panic!("{rule}"),
    }
}

fn class(contract: &Contract, status: u16, body: Value) -> ErrorClass {
    match read(contract, &given(&[]), &answer(status, body)) {
        Read::Error { class, .. } => class,
        tokens @ Read::Tokens { .. } => panic!("{tokens:?}"),
    }
}

#[test]
fn absent_null_and_empty_keep_the_refresh_token() {
    for body in [
        json!({}),
        json!({ "refresh_token": null }),
        json!({ "refresh_token": "" }),
    ] {
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
        assert_eq!(
            tokens(
                &plain(),
                json!({ "access_token": "a", "expires_in": number })
            )
            .0,
            hour
        );
    }
    for nothing in [
        json!({ "access_token": "a" }),
        json!({ "access_token": "a", "expires_in": null }),
    ] {
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
    tokens(
        &plain(),
        json!({ "access_token": "a", "token_type": "bEARER" }),
    );
}

#[test]
fn every_answer_has_one_outcome() {
    let error = |code: &str| json!({ "error": code });
    let table = [
        (400, error("invalid_grant"), ErrorClass::Reauthenticate),
        (401, error("invalid_grant"), ErrorClass::Reauthenticate),
        (429, error("invalid_grant"), ErrorClass::RateLimited),
        (500, error("invalid_grant"), ErrorClass::Transient),
        (
            400,
            error("invalid_client"),
            ErrorClass::ClientMisconfigured,
        ),
        (401, json!(null), ErrorClass::ClientMisconfigured),
        (400, error("other"), ErrorClass::ContractViolation),
        (302, json!({}), ErrorClass::ContractViolation),
        (408, json!({}), ErrorClass::Transient),
        (425, json!({}), ErrorClass::Transient),
        (429, json!({}), ErrorClass::RateLimited),
        (503, json!({}), ErrorClass::Transient),
    ];
    for (status, body, expected) in table {
        assert_eq!(
            class(&plain(), status, body.clone()),
            expected,
            "{status} {body}"
        );
    }
    for status in 0..=u16::MAX {
        let _ = plain_once().classify(status, b"\xff{");
    }
}

fn plain_once() -> &'static Contract {
    static PLAIN: std::sync::OnceLock<Contract> = std::sync::OnceLock::new();
    PLAIN.get_or_init(plain)
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
    assert_eq!(
        outcome(503, r#"{"ok":"true"}"#),
        "default: a passing failure"
    );
    assert_eq!(
        outcome(200, r#"{"ok":true,"code":5}"#),
        "errors[0]: status 2xx, /code = 5 or gone"
    );
    assert_eq!(
        outcome(200, r#"{"ok":true,"code":5.0}"#),
        "errors[0]: status 2xx, /code = 5 or gone"
    );
    assert_eq!(outcome(200, r#"{"ok":true,"code":"5"}"#), "success");
    assert_eq!(outcome(400, " \r\n"), "errors[1]: status 400, empty body");
    assert_eq!(
        outcome(400, "no"),
        "default: an answer that the contract does not describe"
    );
    let answer = answer(200, json!({ "code": "gone" }));
    let Read::Error { class, sign_in, .. } = read(&contract, &given(&[]), &answer) else {
        panic!()
    };
    assert_eq!(
        (class, sign_in),
        (ErrorClass::Reauthenticate, Some(SignIn::Otp))
    );
}

#[test]
fn the_examples_of_the_profile_hold_whatever_the_spec_changes() {
    let auths = [
        "body",
        "basic",
        "public",
        "query",
        "none",
        "{ header: { name: x-key } }",
        "{ body: { client_id: k } }",
    ];
    let responses = [
        "{}",
        "{ success: 201, access_token: /data/token }",
        "{ success: { field: /ok, equals: true } }",
    ];
    let rotations = [
        "never",
        "echo",
        "always",
        "sometimes",
        "keeps_old",
        "unknown",
    ];
    let expiries = [
        "jwt",
        "never",
        "{ rfc3339: /data/until }",
        "{ unix_milliseconds: /until }",
        "{ constant: 1d }",
    ];
    for (index, auth) in auths.iter().enumerate() {
        for (response, rotation) in responses
            .iter()
            .flat_map(|response| rotations.map(|rotation| (response, rotation)))
        {
            let (access, refresh) = (expiries[index % 5], expiries[(index + 1) % 5]);
            let contract = contract(&format!(
                "{PLAIN}refresh: {{ request: POST /token, auth: {auth} }}\nresponse: {response}\ntokens:\n  \
                 access: {{ expires: {access} }}\n  refresh: {{ rotation: {rotation}, expires: {refresh} }}\n"
            ));
            assert_eq!(contract.examples.len(), 2);
            contract
                .examples
                .iter()
                .for_each(|example| holds(&contract, example));
        }
    }
}

fn holds(contract: &Contract, example: &rekindle_contract::contract::Example) {
    if example.id == "rfc6749-refresh" {
        let request = example.request.as_ref().unwrap();
        assert_eq!(render(contract, &example.given).unwrap().url, request.url);
    }
    match (
        &example.expect,
        read(contract, &example.given, &example.response),
    ) {
        (
            Expect::Tokens {
                access_token,
                access_expires,
                refresh_token,
                ..
            },
            made @ Read::Tokens { .. },
        ) => {
            let Read::Tokens {
                access_token: a,
                access_expires: e,
                refresh_token: r,
                ..
            } = made
            else {
                unreachable!()
            };
            assert_eq!(
                (access_token, access_expires, refresh_token),
                (&a, &Some(e), &r)
            );
        }
        (
            Expect::Error { class, sign_in },
            Read::Error {
                class: c,
                sign_in: s,
                ..
            },
        ) => {
            assert_eq!((*class, *sign_in), (c, s));
        }
        (expected, made) => panic!("{expected:?} {made:?}"),
    }
}
