//! What specs mean and what is wrong with what they mean: `meaning/cases.yaml` changes `meaning/base.yaml` in one way after
//! another, and `meaning/cases.txt` holds what is said about each.

#[path = "support/cases.rs"]
mod cases;
mod support;

use cases::{BASE, LOCAL, MINT, UNCHANGED, cases};
use rekindle_contract::contract::{Contract, Outcome};
use rekindle_contract::diagnostics::meaning;
use rekindle_contract::{Diagnostic, Source, check};
use std::collections::BTreeSet;
use std::path::Path;

const PLAIN: &str = include_str!("meaning/plain.yaml");
const BARE: &str = include_str!("meaning/bare.yaml");

fn diagnose(spec: &str) -> Vec<Diagnostic> {
    check(&[Source::new("acme.yaml".to_owned(), spec.as_bytes().to_vec())]).diagnostics
}

#[test]
fn the_base_is_clean() {
    assert_eq!(diagnose(BASE), []);
    assert_eq!(diagnose(MINT), []);
    assert_eq!(diagnose(LOCAL), []);
    assert_eq!(diagnose(UNCHANGED), []);
}

/// A contradiction of the page that the spec notes is no doubt any more.
#[test]
fn a_noted_contradiction_is_settled() {
    let usual = BASE.replace("  access:\n", "  access:\n    usual_lifetime: 1d\n");
    assert_eq!(diagnose(&usual).len(), 1);
    let note =
        "provenance: { contradictions: { tokens.access.usual_lifetime: The text says a day. } }\n";
    assert_eq!(diagnose(&format!("{usual}{note}")), []);
    let other = note.replace("tokens.access.usual_lifetime", "tokens.refresh.expires");
    assert_eq!(diagnose(&format!("{usual}{other}")).len(), 1);
}

/// Where a hint says that a key may be left out, nothing is missing without it.
#[test]
fn what_may_be_left_out_of_what_is_to_do_is_not_missed() {
    let of_profile = BARE.replace("rekindle: 1\n", "rekindle: 1\nprofile: rfc6749\n");
    for spec in [BASE, MINT, LOCAL, UNCHANGED, PLAIN, BARE, &of_profile] {
        let document: serde_yaml::Value = serde_yaml::from_str(spec).unwrap();
        for way in ways(&document) {
            let mut with = document.clone();
            *at(&mut with, &way).unwrap() = "TODO".into();
            let text = serde_yaml::to_string(&with).unwrap();
            let path = way.join(".");
            let is_told = diagnose(&text).iter().any(|found| {
                let hint = found.hint.as_deref().unwrap_or_default();
                found.code.id == "RK0216"
                    && found.path.to_string() == path
                    && hint.contains("where the page does not say, leave the key out")
            });
            if !is_told {
                continue;
            }
            let (last, above) = way.split_last().unwrap();
            let block = at(&mut with, above).unwrap();
            block.as_mapping_mut().unwrap().remove(last.as_str());
            let without = serde_yaml::to_string(&with).unwrap();
            for found in diagnose(&without) {
                assert!(!["RK0102", "RK0315"].contains(&found.code.id), "{path}: {found:?}");
            }
        }
    }
}

/// The ways to everything in the mappings of a document, by keys.
fn ways(value: &serde_yaml::Value) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for (key, value) in value.as_mapping().into_iter().flatten() {
        let key = key.as_str().unwrap().to_owned();
        all.push(vec![key.clone()]);
        for way in ways(value) {
            all.push(std::iter::once(key.clone()).chain(way).collect());
        }
    }
    all
}

fn at<'a>(value: &'a mut serde_yaml::Value, way: &[String]) -> Option<&'a mut serde_yaml::Value> {
    way.iter().try_fold(value, |value, key| value.get_mut(key.as_str()))
}

/// Both tokens may end at one instant that the answer tells once.
#[test]
fn both_ends_may_be_one_member() {
    let ends = "    expires: { seconds: /expires_in }\n";
    let both =
        BASE.replace("    rotation: sometimes\n", &format!("    rotation: sometimes\n{ends}"));
    assert_eq!(diagnose(&both), []);
}

/// A client certificate says who asks, and so does a parameter by way of a value or of a step.
#[test]
fn a_mint_is_proved_by_whatever_comes_of_the_integrator() {
    let spec = "rekindle: 1\nprofile: rfc6749\nrefresh:\n  operation: client_credentials\n  request: POST https://id.acme.example/token\n";
    let of = |more: &str| -> Vec<&str> {
        let found = diagnose(&format!("{spec}{more}"));
        found.iter().map(|found| found.code.id).filter(|id| *id < "RK0500").collect()
    };
    let nothing: [&str; 0] = [];
    assert_eq!(of("  auth: none\n"), ["RK0303"]);
    assert_eq!(of("  auth: { mutual_tls: none }\n"), nothing);
    let hashed = "  auth: none\n  headers: { x-key: \"${value.h}\" }\n  values: { h: { sha256: \"${client.key}\" } }\n\
                  client: { key: { secret: true } }\n";
    assert_eq!(of(hashed), nothing);
    let step = "  auth: none\n  headers: { x-key: \"${s.t}\" }\n\
                steps: [{ id: s, request: POST /a, form: { key: \"${client.key}\" }, take: { t: /t } }]\n\
                client: { key: { secret: true } }\n";
    assert_eq!(of(step), nothing);
}

/// What the client puts into the body is a body.
/// What a spec says of a standard secret takes nothing of its secrecy away but by `secret: false`.
#[test]
fn a_standard_secret_stays_secret_whatever_else_is_said_of_it() {
    let spec = |operation: &str, name: &str, said: &str| {
        format!(
            "rekindle: 1\nprofile: rfc6749\nclient: {{ {name}: {said} }}\n\
             refresh: {{ operation: {operation}, request: POST https://auth.acme.example/token }}\n"
        )
    };
    for (operation, name) in [
        ("refresh_token", "client_secret"),
        ("client_credentials", "client_secret"),
        ("sign_in", "password"),
        ("assertion", "assertion"),
    ] {
        for (said, secret) in [
            ("{}", true),
            ("{ doc: In the console. }", true),
            ("{ secret: true }", true),
            ("{ secret: false }", false),
        ] {
            let (contract, _) = contract("acme", &spec(operation, name, said));
            assert_eq!(contract.client[name].secret, secret, "{operation}, {name}: {said}");
        }
    }
}

/// Rules are asked before success, so that a made-up success holds what no rule takes.
#[test]
fn a_made_up_success_is_one() {
    for (success, rule) in [
        ("equals: [a, b]", "equals: a"),
        ("not: 1", "equals: [2, 3]"),
        ("not: 1", "not: [0, 1]"),
        ("equals: [true, 1]", "equals: true"),
    ] {
        let spec = format!(
            "rekindle: 1\nrefresh: {{ request: POST https://auth.acme.example/t, form: {{ r: '${{refresh_token}}' }} }}\n\
             response: {{ access_token: /at, success: {{ status: 200, field: /ok, {success} }} }}\n\
             errors: [{{ status: 200, field: /ok, {rule}, class: transient }}]\n"
        );
        let (contract, _) = contract("acme", &spec);
        let mut fields = serde_json::json!({ "at": "a" });
        contract.succeed(&mut fields);
        let outcome = contract.classify(200, fields.to_string().as_bytes());
        assert_eq!(outcome, Outcome::Success, "{success}, {rule}: {fields}");
    }
}

#[test]
fn a_form_without_fields_of_its_own_holds_those_of_the_client() {
    let spec = "rekindle: 1\nprofile: rfc6749\nenvironments: { production: https://auth.acme.example }\n\
                refresh: { request: POST /token, query: { grant_type: refresh_token, refresh_token: \"${refresh_token}\" }, FORM }\n\
                allow: { secret_in_url: The page has it there. }\n";
    let nothing = "form: { grant_type: null, refresh_token: null }";
    assert_eq!(diagnose(&spec.replace("FORM", nothing)), []);
    let codes = |form: &str| -> Vec<&str> {
        diagnose(&spec.replace("FORM", form)).iter().map(|found| found.code.id).collect()
    };
    assert_eq!(codes("auth: body"), ["RK0307", "RK0307"]);
    assert_eq!(codes("form: { grant_type: null }"), ["RK0307"]);
}

/// An answer that repeats the refresh token, or holds none, spends none.
#[test]
fn a_token_that_none_replaces_is_for_many_exchanges() {
    use rekindle_contract::contract::RefreshUse::{Many, Unknown};
    let of = |rotation: &str| {
        let spec = BASE.replace("rotation: sometimes", rotation);
        let spec = &spec[..spec.find("examples:").unwrap()];
        let contracts = check(&[Source::new("acme.yaml", spec)]).contracts;
        contracts[0].refresh.as_ref().unwrap().use_
    };
    for (rotation, use_) in [
        ("rotation: echo", Many),
        ("rotation: echo\n    use: unknown", Unknown),
        ("rotation: keeps_old", Unknown),
        ("rotation: unknown", Unknown),
    ] {
        assert_eq!(of(rotation), use_, "{rotation}");
    }
}

/// Where nothing is spent, a person signs in only where a rule says how.
#[test]
fn a_mint_may_need_a_person_where_it_says_how() {
    let settings = "{ status: 401, class: client_misconfigured }";
    for rule in [
        "{ status: 400, field: /error, equals: consent_required, class: reauthenticate, sign_in: authorization_code }",
        "{ status: 400, class: client_misconfigured, or: reauthenticate, sign_in: authorization_code }",
    ] {
        let spec = MINT.replace(settings, &format!("{settings}\n  - {rule}"));
        assert_eq!(diagnose(&spec), [], "{rule}");
    }
}

/// An output that answers may lack need not be in an example, and what a refusal lacks contradicts no rotation.
#[test]
fn what_may_be_missing_is_not_missed() {
    let optional = BASE.replace(
        "  refresh_token: /refresh_token\n",
        "  refresh_token: /refresh_token\n  outputs: { maybe: { field: /maybe, optional: true } }\n",
    );
    assert_eq!(diagnose(&optional), []);
    let refused = BASE.replace("rotation: sometimes", "rotation: always")
        + "  - id: gone\n    given: { client: { client_id: app, client_secret: s3cret }, refresh_token: old }\n    \
           response: { status: 400, json: { error: invalid_grant } }\n    expect: { access_token: new }\n";
    let codes: Vec<&str> = diagnose(&refused).iter().map(|found| found.code.id).collect();
    assert_eq!(codes, ["RK0406"]);
}

/// The host of the documented request says in which environment it was made.
#[test]
fn an_example_is_in_the_environment_of_its_request() {
    let with = |environment: &str| {
        let environments = format!("  sandbox: {environment}\n  production:");
        let spec = BASE.replace("  production:", &environments);
        diagnose(&spec).iter().map(|found| found.code.id).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(with("https://sandbox.acme.example"), none);
    assert_eq!(with("https://auth.acme.example.org"), none);
    assert_eq!(with("https://auth.acme.example"), ["RK0401"]);
    let tenants = BASE
        .replace("  production:", "  tenant: https://${client.tenant}.acme.test\n  production:")
        .replace("  client_id: {}", "  client_id: {}\n  tenant: { type: host_label }");
    assert_eq!(diagnose(&tenants), []);
    // One without a request is the same in each.
    let request = BASE.find("    request:\n      method").expect("a request");
    let end = request + BASE[request..].find("    response:").expect("an answer");
    let without = format!("{}{}", &BASE[..request], &BASE[end..]);
    for environments in ["  sandbox: https://sandbox.acme.example\n", "  a: https://a.example\n"] {
        let spec = without.replace("  production:", &format!("{environments}  production:"));
        let checked = check(&[Source::new("acme.yaml", spec)]);
        assert_eq!(checked.diagnostics, []);
        assert_eq!(
            checked.contracts[0].examples[0].given.environment.as_deref(),
            Some("production")
        );
    }
}

/// Where a refused client is told apart before its status ends the grant, or has a status of its own.
#[test]
fn a_refused_client_that_is_told_apart_ends_no_grant() {
    let written = "{ status: 400, field: /error, equals: invalid_grant, class: reauthenticate }";
    for rules in [
        "{ status: 401, class: client_misconfigured }\n  - { status: 400, class: reauthenticate }",
        "{ status: 400, class: reauthenticate }\n  - { status: 401, class: client_misconfigured }",
        "{ status: 401, class: reauthenticate }\n  - { status: 403, class: client_misconfigured }",
    ] {
        assert_eq!(diagnose(&BASE.replace(written, rules)), [], "{rules}");
    }
}

#[test]
fn every_case_is_said_as_it_should_be() {
    let mut said = String::new();
    let mut failures = Vec::new();
    for case in cases() {
        let diagnostics = diagnose(&case.spec());
        said.push_str(&format!("## {}\n", case.title()));
        for diagnostic in &diagnostics {
            said.push_str(&format!(
                "{} {}: {}: {}\n",
                diagnostic.code.id, diagnostic.code.name, diagnostic.path, diagnostic.message
            ));
            said.extend(diagnostic.hint.iter().map(|hint| format!("    hint: {hint}\n")));
        }
        said.push('\n');
        let codes: BTreeSet<&str> =
            diagnostics.iter().map(|diagnostic| diagnostic.code.id).collect();
        if codes != BTreeSet::from([case.code.as_str()]) {
            failures.push(format!("{}: {}: {codes:?}", case.code, case.title()));
        }
        let unplaced = diagnostics.iter().filter(|diagnostic| diagnostic.span.is_none());
        failures.extend(
            unplaced.map(|diagnostic| format!("{}: {} has no place", case.code, diagnostic.path)),
        );
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/meaning/cases.txt");
    failures.extend(support::golden(&golden, &said).err());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The one contract of a spec, and what is said about it.
fn contract(name: &str, spec: &str) -> (Contract, Vec<Diagnostic>) {
    let source = Source::new(format!("{name}.yaml"), spec.as_bytes().to_vec());
    let mut checked = check(&[source]);
    (checked.contracts.remove(0), checked.diagnostics)
}

#[test]
fn a_plain_provider_is_short_and_free_of_warnings() {
    let (_, diagnostics) = contract("plain", PLAIN);
    assert_eq!(diagnostics, []);
    assert_eq!(PLAIN.lines().count(), 3);
}

#[test]
fn every_default_is_explicit() {
    for (name, spec) in [("plain", PLAIN), ("bare", BARE)] {
        let (contract, _) = contract(name, spec);
        let golden =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/meaning/{name}.txt"));
        support::golden(&golden, &format!("{contract:#?}\n")).unwrap();
    }
}

#[test]
fn every_code_has_a_case_and_a_page() {
    let cases: BTreeSet<String> = cases().into_iter().map(|case| case.code).collect();
    for code in meaning::ALL {
        assert!(cases.contains(code.id), "no case breaks {code:?}");
        let title = format!("# {}: ", code.id);
        assert!(
            code.page.starts_with(&title) && code.page.contains("```yaml"),
            "the page of {code:?} is thin"
        );
    }
}

/// Each request of an exchange is answered in one place: the last one by `response`, and so is the request under `refresh` where an error
/// has no answer to it.
#[test]
fn each_request_of_an_example_is_answered_once() {
    let spec = |then: &str, answers: &str, error: bool| {
        let (status, expect) = match error {
            true => ("{ status: 400, json: { error: gone } }", "{ error: reauthenticate }"),
            false => ("{ status: 200, json: { t: a } }", "{ access_token: a }"),
        };
        format!(
            "rekindle: 1\nprovider: {{ id: acme, name: Acme }}\nenvironments: {{ production: https://acme.test }}\n\
             {then}\n  request: POST /token\n\
             response: {{ access_token: /t }}\ntokens: {{ refresh: {{ use: many, rotation: never }} }}\n\
             errors: [{{ status: 400, field: /error, equals: gone, class: reauthenticate }}, {{ status: 401, class: client_misconfigured }}]\n\
             examples:\n  - id: it\n    given: {{ refresh_token: r, answers: {answers} }}\n    response: {status}\n    expect: {expect}\n"
        )
    };
    let alone = "steps: [{ id: hello, request: POST /hello, take: { x: /x } }]\n\
                 refresh:\n  json: { r: \"${refresh_token}\", x: \"${hello.x}\" }";
    let chain = "refresh:\n  json: { r: \"${refresh_token}\" }\n  take: { b: /b }\n  then:\n    - { id: one, request: POST /one, headers: { b: \"${refresh.b}\" }, take: { c: /c } }\n    \
                 - { id: two, request: POST /two, headers: { c: \"${one.c}\" } }";
    let (last, before) = ("is the `response` of the example", "to which no answer is given");
    let (hello, refresh, one) = ("hello: { x: y }", "refresh: { b: b }", "one: { c: c }");
    for (then, answers, error, said) in [
        (alone, hello.to_owned(), false, None),
        (alone, hello.to_owned(), true, None),
        (alone, refresh.to_owned(), false, Some(("refresh", last))),
        (alone, refresh.to_owned(), true, Some(("refresh", last))),
        (chain, format!("{refresh}, {one}"), false, None),
        (chain, format!("{refresh}, {one}"), true, None),
        (chain, refresh.to_owned(), true, None),
        (chain, one.to_owned(), false, None),
        (chain, one.to_owned(), true, Some(("one", before))),
        (chain, format!("{refresh}, two: {{ t: a }}"), false, Some(("two", last))),
        (chain, "two: { t: a }".to_owned(), true, Some(("two", last))),
    ] {
        let found = diagnose(&spec(then, &format!("{{ {answers} }}"), error));
        let found: Vec<_> =
            found.iter().filter(|found| found.code == meaning::INCOMPLETE_GIVEN).collect();
        match said {
            None => assert!(found.is_empty(), "{answers} {error}: {found:#?}"),
            Some((id, words)) => {
                let [found] = found.as_slice() else { panic!("{answers}: {found:#?}") };
                assert_eq!(found.path.to_string(), format!("examples[0].given.answers.{id}"));
                assert!(found.message.contains(words), "{found:#?}");
                assert!(found.hint.as_ref().is_some_and(|it| it.contains("leave")), "{found:#?}");
            }
        }
    }
}
