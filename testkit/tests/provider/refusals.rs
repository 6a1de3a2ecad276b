//! The contract's own errors.

use crate::support::{acme, contract, contracts, refreshed, request, signed_in, wait};
use http::{Request, Response};
use rekindle_contract::contract::{Contract, ErrorClass, Example, Expect, Outcome};
use rekindle_testkit::provider::{Provider, made_up_refusals};
use serde_json::{Value, json};

#[test]
fn every_rule_that_can_answer_does() {
    let mut answered = 0;
    for contract in contracts() {
        let id = contract.provider.id.clone();
        let (provider, _) = signed_in(contract);
        let contract = provider.contract();
        for (index, rule) in contract.errors.iter().enumerate() {
            let response = provider.refusal(index);
            let status = response.status().as_u16();
            let Outcome::Refused(found) = contract.classify(status, response.body()) else {
                panic!("{id}: {}: a success", rule.name);
            };
            if !std::ptr::eq(found, rule) {
                // An earlier rule takes everything that this one would.
                let taken = (200..600).all(|status| {
                    let empty = contract.classify(status, b"");
                    !matches!(empty, Outcome::Refused(found) if std::ptr::eq(found, rule))
                });
                assert!(taken, "{id}: {} is not answered", rule.name);
                continue;
            }
            answered += 1;
            let limited = rule.class == ErrorClass::RateLimited;
            let after = response.headers().get("retry-after").is_some();
            let told = rule.retry_after.as_ref().map(|wait| (wait.field(), 7000 / wait.unit()));
            assert_eq!(after, limited && told.is_none(), "{id}: {}", rule.name);
            if let Some((field, wait)) = told {
                let fields = contract.document(response.body());
                let found = fields.as_ref().and_then(|fields| field.find(fields)?.as_u64());
                assert_eq!(found, Some(wait), "{id}: {}", rule.name);
            }
        }
        let beyond = provider.refusal(contract.errors.len());
        assert!(!beyond.status().is_success(), "{id}");
    }
    assert!(answered > 70, "only {answered}");
}

/// A refusal that the page shows is answered as the page shows it, and says by which rule.
#[test]
fn refusals_are_the_documented_ones() {
    let mut documented = 0;
    for contract in contracts() {
        let id = contract.provider.id.clone();
        let (provider, _) = signed_in(contract);
        let contract = provider.contract();
        for (index, rule) in contract.errors.iter().enumerate() {
            let response = provider.refusal(index);
            let said = response.headers().get("rekindle-refused-by");
            assert_eq!(said.and_then(|said| said.to_str().ok()), Some(rule.name.as_str()), "{id}");
            let of_rule = |example: &&Example| {
                let Some(body) = contract.fields_of(example) else { return false };
                let written = contract.written(&body).1;
                let answer = contract.classify(example.response.status, written.as_bytes());
                matches!(answer, Outcome::Refused(found) if std::ptr::eq(found, rule))
            };
            // The wait is what this provider asks for.
            let Some(example) =
                contract.examples.iter().find(of_rule).filter(|_| rule.retry_after.is_none())
            else {
                continue;
            };
            assert_eq!(response.status().as_u16(), example.response.status, "{id}: {}", rule.name);
            documented += 1;
            let shown = contract.fields_of(example).unwrap();
            assert_eq!(contract.document(response.body()), Some(shown), "{id}: {}", rule.name);
        }
    }
    assert!(documented > 10, "only {documented}");
}

#[test]
fn answers_tell_the_providers_time() {
    for contract in contracts() {
        let (provider, _) = signed_in(contract);
        let response = provider.refusal(0);
        assert_eq!(response.headers()["date"], "Sat, 21 Nov 2026 08:00:00 GMT");
    }
}

/// A contract with these error rules and examples of refusals, beside its profile.
fn refusing(errors: &str, examples: &str) -> Provider {
    let text = format!(
        r#"
rekindle: 1
provider: {{ id: acme, name: Acme }}
profile: rfc6749
environments: {{ production: https://acme.example }}
refresh: {{ request: POST /token, auth: body }}
response: {{ success: {{ field: /code, equals: 0 }} }}
tokens:
  access: {{ expires: {{ seconds: /expires_in }} }}
  refresh: {{ use: once, rotation: always, expires: {{ constant: 7d }} }}
errors:
{errors}
examples:
  - id: refreshed
    given: &given
    response: {{ status: 200, json: {{ code: 0, access_token: a, expires_in: 60, refresh_token: s, token_type: Bearer }} }}
    expect: {{ access_token: a, access_expires: 2026-11-21T08:01:00Z, refresh_token: s }}
{examples}
"#
    );
    let given = "given: { client: { client_id: i, client_secret: s }, refresh_token: r, at: 2026-11-21T08:00:00Z }";
    signed_in(contract(&text.replace("given: &given", given))).0
}

/// The status and the fields of the answer to `request`.
fn answer(provider: &mut Provider, request: &Request<Vec<u8>>) -> (u16, Value) {
    let response = provider.handle(request).response;
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
}

/// What is answered to a refresh token that was spent, to one whose life is over, to one that was never issued, and to another client.
fn answers(provider: &mut Provider) -> [(u16, Value); 4] {
    let held = provider.sign_in();
    let first = request(provider, &held);
    let replaced = |from: &str, to: &str| {
        let body = String::from_utf8(first.body().clone()).expect("a text").replace(from, to);
        first.clone().map(|_| body.into_bytes())
    };
    let unknown = replaced(held.refresh_token.as_deref().expect("a token"), "nobodys");
    let stranger = replaced(&provider.client()["client_secret"], "strange");
    let unknown = answer(provider, &unknown);
    let stranger = answer(provider, &stranger);
    let new = refreshed(provider, &held);
    let spent = answer(provider, &first);
    wait(provider, 8 * 24 * 3600);
    let late = request(provider, &new);
    [spent, answer(provider, &late), unknown, stranger]
}

const NUMBERS: &str = "  - { field: /code, equals: [20008, 20037, 20073], class: reauthenticate }\n  \
                       - { field: /code, equals: [20001, 20002], class: client_misconfigured }";

const SPENT: &str = "  - id: gone-before\n    given: &given\n    \
                     response: { status: 401, json: { code: 20073, error: gone, error_description: The refresh token has been used. } }\n    \
                     expect: { error: reauthenticate }";

/// A number where the rule lists numbers, and no word of the profile beside it.
#[test]
fn a_refusal_that_no_example_shows_is_made_from_the_specs_own_rule() {
    let mut provider = refusing(NUMBERS, "");
    let dead = (400, json!({ "code": 20008 }));
    let client = (400, json!({ "code": 20001 }));
    assert_eq!(answers(&mut provider), [dead.clone(), dead.clone(), dead, client]);
    // What a success holds there, or what it must not hold, tells of which kind it is.
    let one = "  - { field: /code, not: 0, class: client_misconfigured }";
    let client = (400, json!({ "code": 1 }));
    assert_eq!(answers(&mut refusing(one, ""))[3], client);
    let one = "  - { field: /code, class: client_misconfigured, status: 4xx }";
    assert_eq!(answers(&mut refusing(one, ""))[3], client);
    // Where a spec adds to the profile's words, they are the provider's.
    let more = "  - { field: /error, equals: unauthorized_client, class: client_misconfigured }";
    let [spent, .., client] = answers(&mut refusing(more, ""));
    assert_eq!(spent, (400, json!({ "error": "invalid_grant" })));
    assert_eq!(client, (401, json!({ "error": "invalid_client" })));
}

/// Where a spec's own rule has the code, or the status, of a refusal, or numbers in the place of codes, the profile's words are not the
/// provider's.
#[test]
fn a_refusal_is_the_specs_own_where_its_rule_says_how() {
    let at_200 = "  - { status: 200, field: /error, equals: [invalid_client, invalid_request], class: client_misconfigured }\n  \
                  - { status: 200, field: /error, equals: invalid_grant, class: reauthenticate }";
    let [spent, .., client] = answers(&mut refusing(at_200, ""));
    assert_eq!(spent, (200, json!({ "error": "invalid_grant" })));
    assert_eq!(client, (200, json!({ "error": "invalid_client" })));
    for sign_in in ["", ", sign_in: authorization_code"] {
        let numbers = format!(
            "  - {{ status: 401, class: client_misconfigured }}\n  \
             - {{ status: 400, field: /error, equals: 400, class: reauthenticate{sign_in} }}"
        );
        let [spent, .., client] = answers(&mut refusing(&numbers, ""));
        assert_eq!(spent, (400, json!({ "error": 400 })));
        assert_eq!(client, (401, json!({ "error": "invalid_client" })));
    }
}

/// Whatever the rule lists first, and in whichever of several examples the words of the reason are.
#[test]
fn a_refusal_is_the_example_that_means_the_same() {
    let used = json!({ "code": 20073, "error": "gone", "error_description": "The refresh token has been used." });
    let [spent, expired, unknown, client] = answers(&mut refusing(NUMBERS, SPENT));
    for dead in [spent, expired, unknown] {
        assert_eq!(dead, (401, used.clone()));
    }
    assert_eq!(client, (400, json!({ "code": 20001 })));
    let more = "  - id: life-over\n    given: &given\n    \
                response: { status: 400, json: { code: 20037, error: token_expired } }\n    \
                expect: { error: reauthenticate }\n  \
                - id: stranger\n    given: &given\n    \
                response: { status: 403, json: { code: 20002, error: who } }\n    \
                expect: { error: client_misconfigured }";
    for examples in [format!("{SPENT}\n{more}"), format!("{more}\n{SPENT}")] {
        let [spent, expired, _, client] = answers(&mut refusing(NUMBERS, &examples));
        assert_eq!(spent, (401, used.clone()));
        assert_eq!(expired, (400, json!({ "code": 20037, "error": "token_expired" })));
        assert_eq!(client, (403, json!({ "code": 20002, "error": "who" })));
    }
}

/// Where no rule reads what every client must know, the provider's words are its own.
#[test]
fn refusals_that_no_rule_reads_are_known() {
    let mut contract = acme("any_time", "expires: { constant: 1h }", "use: many, rotation: echo");
    assert!(made_up_refusals(&contract).is_empty());
    contract.errors.retain(|rule| rule.class != ErrorClass::ClientMisconfigured);
    assert_eq!(made_up_refusals(&contract), ["a client's mistake", "a malformed request"]);
    contract.errors.retain(|rule| rule.class != ErrorClass::Reauthenticate);
    let dead = ["a dead token", "a client's mistake", "a malformed request"];
    assert_eq!(made_up_refusals(&contract), dead);
}

/// What is answered to a malformed request is made up exactly where that is said.
#[test]
fn what_is_made_up_for_a_malformed_request_is_said() {
    let mut made_up = 0;
    for contract in contracts() {
        let said = made_up_refusals(&contract).contains(&"a malformed request");
        let (provider, answer) = malformed(contract);
        let read = provider.contract().classify(answer.status().as_u16(), answer.body());
        let is_read = matches!(read, Outcome::Refused(rule)
            if rule.class == ErrorClass::ClientMisconfigured && !rule.perhaps_gone);
        assert_eq!(said, !is_read, "{}: {read:?}", provider.contract().provider.id);
        made_up += usize::from(said);
    }
    assert!(made_up > 10, "only {made_up}");
}

/// A provider, and what it answers to a request with another method.
fn malformed(contract: Contract) -> (Provider, Response<Vec<u8>>) {
    let (mut provider, held) = signed_in(contract);
    let mut malformed = request(&provider, &held);
    *malformed.method_mut() = http::Method::TRACE;
    let answer = provider.handle(&malformed).response;
    (provider, answer)
}

/// Whoever reads first whether a request succeeded meets that in each refusal, whatever it is made from.
#[test]
fn refusals_have_the_envelope_of_answers() {
    let mut enveloped = 0;
    for contract in contracts() {
        let Some(success) = contract.response.success.field.clone() else { continue };
        let has_none = |example: &Example| {
            matches!(example.expect, Expect::Error { .. })
                && contract.fields_of(example).is_some_and(|it| success.field.find(&it).is_none())
        };
        if contract.examples.iter().any(has_none) || !success.value().is_boolean() {
            continue;
        }
        let (provider, malformed) = malformed(contract);
        let contract = provider.contract();
        let by_rule = (0..contract.errors.len()).map(|index| provider.refusal(index));
        for answer in by_rule.chain([malformed]) {
            let Some(fields) = contract.document(answer.body()) else { continue };
            let value = success.field.find(&fields);
            let says_no = value.is_some_and(|value| !success.accepts(value));
            assert!(says_no, "{}: {fields}", contract.provider.id);
            enveloped += 1;
        }
    }
    assert!(enveloped > 10, "only {enveloped}");
}

/// What all examples of refusals show there, those have as well that none shows, where no rule reads it in another way.
#[test]
fn a_made_refusal_has_what_examples_show_around_it() {
    let rules = "  - { field: /reason, equals: gone, class: reauthenticate }\n  \
                 - { field: /reason, equals: who, class: client_misconfigured }";
    let example = |code: u32| {
        SPENT.replace("code: 20073, error: gone,", &format!("code: {code}, reason: gone,"))
    };
    let stranger =
        |rules: &str, examples: &str| answers(&mut refusing(rules, examples))[3].1.clone();
    assert_eq!(stranger(rules, ""), json!({ "reason": "who" }));
    assert_eq!(stranger(rules, &example(7)), json!({ "code": 7, "reason": "who" }));
    let two = format!("{}\n{}", example(7), example(8).replace("gone-before", "gone-again"));
    assert_eq!(stranger(rules, &two), json!({ "reason": "who" }));
    let bare = format!(
        "{}\n{}",
        example(7),
        SPENT.replace("gone-before", "bare").replace("code: 20073, error: gone", "reason: gone")
    );
    assert_eq!(stranger(rules, &bare), json!({ "reason": "who" }));
    let read = format!("  - {{ field: /code, equals: 7, class: reauthenticate }}\n{rules}");
    assert_eq!(stranger(&read, &example(7)), json!({ "reason": "who" }));
}
