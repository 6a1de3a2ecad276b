//! Providers that break their contract are noticed: each rule is switched off by itself, and a check must fail.

mod contracts;

use rekindle_contract::Source;
use rekindle_testkit::check::mutants::{self, Mutant};
use rekindle_testkit::provider::Rule;

#[test]
fn a_provider_that_keeps_its_contract_passes_every_check() {
    let failed: Vec<String> = contracts::all()
        .iter()
        .flat_map(|contract| {
            let id = contract.provider.id.clone();
            let failed = mutants::failures(contract).into_iter();
            failed.map(move |(check, verdict)| format!("{id}: {}: {verdict:?}", check.id))
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// So does one without a documented exchange, whatever its contract says of refresh tokens and of their end.
#[test]
fn every_rotation_passes_with_every_end() {
    let rotations = ["never", "echo", "always", "sometimes", "keeps_old", "unknown"];
    let ends = ["", "expires: never", "expires: { constant: 500d }", "expires: { seconds: /left }"];
    let since = "expires: { constant: 500d, since: sign_in }";
    for (rotation, end) in rotations
        .iter()
        .flat_map(|rotation| ends.iter().chain([&since]).map(move |end| (rotation, end)))
    {
        let refresh = format!("{{ rotation: {rotation}, {end} }}");
        let spec = format!(
            "rekindle: 1\nprofile: rfc6749\nrefresh: {{ request: POST https://id.acme.example/oauth/token }}\n\
             tokens: {{ access: {{ expires: {{ seconds: /expires_in }} }}, refresh: {refresh} }}\n"
        );
        let checked = rekindle_contract::check(&[Source::new("acme.yaml", spec)]);
        for contract in &checked.contracts {
            let failed = mutants::failures(contract);
            assert!(failed.is_empty(), "{refresh}: {failed:?}");
        }
        assert!(!checked.contracts.is_empty(), "{refresh}: {:?}", checked.diagnostics);
    }
}

/// A request that is sent again within a time of grace holds new values where a provider takes each once, as a client's does.
#[test]
fn a_replay_passes_with_values_that_are_good_once() {
    let values = [
        "auth: private_key_jwt",
        "headers: { x-request-id: \"${value.id}\" }\n  values: { id: uuid }",
    ];
    for (answer, value) in ["same", "another", "supersedes"]
        .iter()
        .flat_map(|answer| values.iter().map(move |value| (answer, value)))
    {
        let spec = format!(
            "rekindle: 1\nprofile: rfc6749\nrefresh:\n  request: POST https://id.acme.example/oauth/token\n  {value}\n\
             tokens:\n  access: {{ expires: {{ seconds: /expires_in }} }}\n  \
             refresh: {{ use: once, rotation: always, spent: {{ good_for: 30s, answer: {answer} }} }}\n"
        );
        let failed = mutants::failures(&contracts::of(&spec));
        assert!(failed.is_empty(), "{spec}: {failed:?}");
    }
}

/// Of two values side by side the form of each says where it ends.
#[test]
fn values_side_by_side_are_taken_apart() {
    let dated = "{ now: date }";
    let pairs = [
        ("uuid", dated, "${value.b}-${value.a}"),
        ("uuid", dated, "${value.a}${value.b}"),
        ("uuid", "uuid", "${value.a}-${value.b}"),
        ("{ now: unix_seconds }", "{ now: unix_milliseconds }", "${value.a}${value.b}"),
        ("{ now: rfc3339 }", "{ now: date_time }", "${value.a}-${value.b}"),
        ("{ sha256: \"${refresh_token}\" }", "uuid", "${value.a}${value.b}"),
        ("uuid", "{ hex: \"${value.c}${value.a}\" }", "${value.b}"),
        ("uuid", "{ base64url: \"${refresh_token}-${value.a}\" }", "${value.b}-${value.a}"),
    ];
    for (a, b, text) in pairs {
        let spec = format!(
            "rekindle: 1\nprofile: rfc6749\nrefresh:\n  request: POST https://id.acme.example/oauth/token\n  \
             headers: {{ x-request-id: \"{text}\", x-c: \"${{value.c}}\" }}\n  \
             values: {{ a: {a}, b: {b}, c: {{ now: date }} }}\n\
             tokens:\n  access: {{ expires: {{ seconds: /expires_in }} }}\n  refresh: {{ rotation: always }}\n"
        );
        let failed = mutants::failures(&contracts::of(&spec));
        assert!(failed.is_empty(), "{spec}: {failed:?}");
    }
}

/// Where clients follow no redirect, one may be the success: a sign-in that answers with cookies leads on to a page.
#[test]
fn successes_without_a_body_or_with_a_way_on_pass() {
    let statuses = ["204", "205", "302", "3xx", "[200, 302]", "[204, 200]"];
    let places = ["{ header: X-A }", "{ cookie: a }"];
    for (status, place) in
        statuses.iter().flat_map(|status| places.iter().map(move |place| (status, place)))
    {
        let spec = format!(
            "rekindle: 1\nrefresh: {{ request: POST https://id.acme.example/t, form: {{ t: \"${{refresh_token}}\" }} }}\n\
             response: {{ success: {status}, access_token: {place}, refresh_token: {{ header: X-R }} }}\n\
             tokens:\n  access: {{ expires: {{ constant: 1h }} }}\n  refresh: {{ rotation: always }}\n\
             errors: [{{ status: 401, class: reauthenticate }}, {{ status: 400, class: client_misconfigured }}]\n"
        );
        let failed = mutants::failures(&contracts::of(&spec));
        assert!(failed.is_empty(), "{spec}: {failed:?}");
    }
}

/// Why a fake that lets a broken refresh pass refuses it all the same.
const TAKEN_FOR_SIGN_IN: &str = "What holds no refresh token is taken for the sign-in at the same address, which refuses it for a reason of its own.";

/// Why nobody sends something else than what was given out.
const BEHIND: &str =
    "What is given out is for requests behind the one that is probed, and they take it as it is.";

/// What no check notices, and why.
const EXPLAINED: [(&str, &str, &str); 9] = [
    (
        "byu",
        "step-value",
        "Its step gives out the address alone, and no check sends a last request without the step.",
    ),
    ("fallback_steps", "body-encoding", TAKEN_FOR_SIGN_IN),
    ("fallback_steps", "field-missing", TAKEN_FOR_SIGN_IN),
    ("fallback_steps", "field-value", TAKEN_FOR_SIGN_IN),
    (
        "fallback_steps",
        "step-value",
        "The refresh takes the address alone; the challenge is the sign-in's, which these checks do not send.",
    ),
    ("fallback_whole_url", "body-encoding", TAKEN_FOR_SIGN_IN),
    ("salesforce_data_cloud", "step-value", BEHIND),
    ("steps_spending", "step-value", BEHIND),
    (
        "xml_answer",
        "refresh-token-expired",
        "Answers that are derived from rules are JSON, so no derived sequence ends a grant.",
    ),
];

#[test]
fn every_rule_that_is_not_enforced_is_noticed() {
    let mutants: Vec<Mutant> = contracts::all().iter().flat_map(mutants::all).collect();
    if std::env::var_os("REKINDLE_MUTANTS").is_some() {
        println!("{}", mutants::table(&mutants));
    }
    for rule in Rule::ALL {
        let noticed = mutants.iter().any(|of| of.rule == *rule && of.noticed_by.is_some());
        assert!(noticed, "no contract of this repository is about `{rule}`, or nobody notices");
    }
    let survivors: Vec<String> = mutants
        .iter()
        .filter(|mutant| mutant.noticed_by.is_none())
        .filter(|mutant| {
            let of = (mutant.provider.as_str(), mutant.rule.to_string());
            !EXPLAINED.iter().any(|(provider, rule, _)| (*provider, (*rule).to_owned()) == of)
        })
        .map(|mutant| format!("{} without `{}`", mutant.provider, mutant.rule))
        .collect();
    assert!(
        survivors.is_empty(),
        "of {} nobody noticed {}:\n{}",
        mutants.len(),
        survivors.len(),
        survivors.join("\n")
    );
}
