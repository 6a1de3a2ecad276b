//! Tokens die when the contract says so, and not before.

use crate::support::{acme, attempt, contract, next, refreshed, request, signed_in, wait, without};
use rekindle_contract::contract::Contract;
use rekindle_testkit::End;
use rekindle_testkit::provider::{Rule, TokenState};

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

fn access(expires: &str) -> Contract {
    acme("any_time", &format!("expires: {expires}"), "use: many, rotation: echo")
}

fn refresh(facts: &str) -> Contract {
    acme("any_time", "expires: { constant: 1h }", facts)
}

#[test]
fn an_access_token_dies_at_its_end() {
    let kinds = [
        "{ seconds: /ends }, usual_lifetime: 90m",
        "{ milliseconds: /ends }, usual_lifetime: 90m",
        "{ unix_seconds: /ends }, usual_lifetime: 90m",
        "{ unix_milliseconds: /ends }, usual_lifetime: 90m",
        "{ rfc3339: /ends }, usual_lifetime: 90m",
        "{ constant: 90m }",
        "jwt, usual_lifetime: 90m",
    ];
    for kind in kinds {
        let (mut provider, held) = signed_in(access(kind));
        let new = refreshed(&mut provider, &held);
        let end = provider.access_token_ends(&new.access_token).unwrap();
        assert_eq!(new.access_expires, End::At(end), "{kind}");
        let life = end.duration_since(provider.clock().now()).as_secs();
        assert_eq!(life, 5400, "{kind}");
        wait(&provider, 5399);
        assert_eq!(provider.use_access_token(&new.access_token), Ok(()), "{kind}");
        wait(&provider, 1);
        let dead = Err(Rule::AccessTokenExpired);
        assert_eq!(provider.use_access_token(&new.access_token), dead, "{kind}");
        assert_eq!(provider.access_token(&new.access_token), TokenState::Expired);
        let mut lax = without(&provider, Rule::AccessTokenExpired);
        assert_eq!(lax.use_access_token(&new.access_token), Ok(()), "{kind}");
    }
}

#[test]
fn a_success_without_a_token_prolongs_the_one_that_was_sent() {
    let keep_alive = include_str!("../../../tests/language/specs/keep_alive.yaml");
    let (mut provider, held) = signed_in(contract(keep_alive));
    wait(&provider, 8 * HOUR - 1);
    let mut lax = without(&provider, Rule::AccessTokenProlonged);
    for (provider, prolongs) in [(&mut provider, true), (&mut lax, false)] {
        let answered = provider.handle(&request(provider, &held));
        assert_eq!(answered.response.status(), 204);
        assert!(answered.response.body().is_empty());
        let new = next(provider, &held, &answered);
        assert_eq!(new.access_token, held.access_token);
        let end = provider.access_token_ends(&new.access_token).map(End::At);
        assert_eq!(end == Some(new.access_expires), prolongs);
        wait(provider, HOUR / 2 - 1);
        assert_eq!(provider.use_access_token(&held.access_token).is_ok(), prolongs);
        wait(provider, 1);
        assert_eq!(attempt(provider, &new), Some(Rule::TooLate));
    }
}

#[test]
fn what_nobody_tells_still_ends() {
    let (mut provider, held) = signed_in(access("undeclared"));
    assert_eq!(held.access_expires, End::Undeclared);
    wait(&provider, HOUR);
    let dead = Err(Rule::AccessTokenExpired);
    assert_eq!(provider.use_access_token(&held.access_token), dead);
}

#[test]
fn what_never_ends_is_good_for_ever() {
    let (mut provider, held) = signed_in(access("never"));
    assert!(!Rule::AccessTokenExpired.applies(provider.contract()));
    wait(&provider, 3650 * DAY);
    assert_eq!(provider.use_access_token(&held.access_token), Ok(()));
    assert_eq!(provider.access_token_ends(&held.access_token), None);
}

#[test]
fn a_refresh_token_dies_at_its_end() {
    let kinds = [
        ("{ constant: 7d }", 7),
        ("{ seconds: /ends }", 30),
        ("{ unix_milliseconds: /ends }", 30),
        ("{ rfc3339: /ends }", 30),
        ("jwt", 30),
    ];
    for (kind, days) in kinds {
        let facts = format!("use: once, rotation: always, expires: {kind}");
        let (mut provider, first) = signed_in(refresh(&facts));
        wait(&provider, days * DAY - 1);
        let second = refreshed(&mut provider, &first);
        let End::At(end) = second.refresh_expires else {
            panic!("{kind}: {second:?}");
        };
        let life = end.duration_since(provider.clock().now()).as_secs();
        assert_eq!(life.unsigned_abs(), days * DAY, "{kind}");
        wait(&provider, days * DAY);
        let mut lax = without(&provider, Rule::RefreshTokenExpired);
        assert_eq!(attempt(&mut lax, &second), None, "{kind}");
        let token = second.refresh_token.as_deref().unwrap();
        assert_eq!(provider.refresh_token(token), TokenState::Expired, "{kind}");
        assert_eq!(attempt(&mut provider, &second), Some(Rule::RefreshTokenExpired), "{kind}");
    }
}

#[test]
fn an_echoed_refresh_token_gets_what_is_left() {
    let facts = "use: unknown, rotation: echo, expires: { seconds: /refresh_ends }";
    let (mut provider, held) = signed_in(refresh(facts));
    wait(&provider, 10 * DAY);
    let answered = provider.handle(&request(&provider, &held));
    let json: serde_json::Value = serde_json::from_slice(answered.response.body()).unwrap();
    assert_eq!(json["refresh_ends"], 20 * DAY);
    assert_eq!(next(&provider, &held, &answered).refresh_expires, held.refresh_expires);
}

/// Where the end that answers tell is the limit of disuse, whatever replaces the token, each use puts it off; else it counts down.
#[test]
fn an_end_that_disuse_brings_is_told_anew() {
    let spec = |rotation: &str, told: &str, days: Option<u64>| {
        let example = days.map_or(String::new(), |days| {
            let end = jiff::Timestamp::from_second(1_795_248_000 + (days * DAY) as i64 - 1);
            format!(
                "examples:\n  - id: ok\n    given: {{ base_url: https://acme.test, refresh_token: r, at: 2026-11-21T08:00:00Z }}\n    \
                 response: {{ status: 200, json: {{ a: b, r: {}, ends: 1, dies: {} }} }}\n    \
                 expect: {{ access_token: b, access_expires: 2026-11-21T08:00:01Z, refresh_token: {0}, refresh_expires: {} }}\n",
                if rotation == "echo" { "r" } else { "s" },
                if told == "seconds" { days * DAY - 1 } else { 1_795_248_000 + days * DAY - 1 },
                end.expect("an instant"),
            )
        });
        contract(&format!(
            "rekindle: 1\nprovider: {{ id: acme, name: Acme }}\nbase_url: integrator\n\
             refresh: {{ request: POST /t, form: {{ r: \"${{refresh_token}}\" }} }}\n\
             response: {{ success: 200, access_token: /a, refresh_token: /r }}\n\
             tokens: {{ access: {{ expires: {{ seconds: /ends }} }}, refresh: {{ use: {}, rotation: {rotation}, expires: {{ {told}: /dies }}, idle_limit: 60d }} }}\n\
             errors: [{{ status: 401, class: reauthenticate }}]\n{example}",
            if rotation == "echo" { "many" } else { "once" },
        ))
    };
    for rotation in ["echo", "always"] {
        for told in ["seconds", "unix_seconds"] {
            for days in [None, Some(60)] {
                let contract = spec(rotation, told, days);
                let rules = [Rule::RefreshTokenExpired, Rule::RefreshTokenIdle];
                assert_eq!(rules.map(|rule| rule.applies(&contract)), [false, true]);
                let (mut provider, mut held) = signed_in(contract);
                for _ in 0..3 {
                    wait(&provider, 60 * DAY - 1);
                    held = refreshed(&mut provider, &held);
                    let End::At(end) = held.refresh_expires else { panic!("{held:?}") };
                    let left = end.duration_since(provider.clock().now()).as_secs();
                    assert_eq!(left.unsigned_abs(), 60 * DAY, "{rotation}, {told}");
                }
                wait(&provider, 60 * DAY);
                assert_eq!(attempt(&mut provider, &held), Some(Rule::RefreshTokenIdle));
            }
        }
    }
    // Of its own is an end that is another than that of disuse.
    let (mut provider, held) = signed_in(spec("echo", "seconds", Some(90)));
    wait(&provider, 50 * DAY);
    let new = refreshed(&mut provider, &held);
    assert_eq!(new.refresh_expires, held.refresh_expires);
    wait(&provider, 40 * DAY);
    assert_eq!(attempt(&mut provider, &new), Some(Rule::RefreshTokenExpired));
}

#[test]
fn a_refresh_token_without_an_end_lives() {
    for kind in ["never", "undeclared"] {
        let facts = format!("use: once, rotation: always, expires: {kind}");
        let (mut provider, held) = signed_in(refresh(&facts));
        assert!(!Rule::RefreshTokenExpired.applies(provider.contract()));
        wait(&provider, 3650 * DAY);
        assert_eq!(attempt(&mut provider, &held), None, "{kind}");
    }
}

#[test]
fn an_idle_refresh_token_dies() {
    let facts = "use: many, rotation: echo, expires: { constant: 30d }, idle_limit: 7d";
    let (mut provider, held) = signed_in(refresh(facts));
    for _ in 0..3 {
        wait(&provider, 7 * DAY - 1);
        assert_eq!(attempt(&mut provider, &held), None);
    }
    wait(&provider, 7 * DAY);
    assert_eq!(attempt(&mut without(&provider, Rule::RefreshTokenIdle), &held), None);
    assert_eq!(attempt(&mut provider, &held), Some(Rule::RefreshTokenIdle));
    let token = held.refresh_token.as_deref().unwrap();
    assert_eq!(provider.refresh_token(token), TokenState::Expired);
}

#[test]
fn use_does_not_prolong_a_life() {
    let facts = "use: many, rotation: echo, expires: { constant: 10d }, idle_limit: 7d";
    let (mut provider, held) = signed_in(refresh(facts));
    wait(&provider, 6 * DAY);
    assert_eq!(attempt(&mut provider, &held), None);
    wait(&provider, 4 * DAY);
    assert_eq!(attempt(&mut without(&provider, Rule::RefreshTokenExpired), &held), None);
    assert_eq!(attempt(&mut provider, &held), Some(Rule::RefreshTokenExpired));
}

#[test]
fn of_two_ends_the_one_that_can_be_seen_applies() {
    let applies = |facts: &str| {
        let contract = refresh(facts);
        let rules = [Rule::RefreshTokenExpired, Rule::RefreshTokenIdle];
        rules.map(|rule| rule.applies(&contract))
    };
    let always = "use: once, rotation: always";
    assert_eq!(applies(&format!("{always}, expires: {{ constant: 30d }}")), [true, false]);
    assert_eq!(applies(&format!("{always}, idle_limit: 7d")), [false, true]);
    // A token that is replaced at each use dies of idleness first.
    let both = "expires: { constant: 30d }, idle_limit: 7d";
    assert_eq!(applies(&format!("{always}, {both}")), [false, true]);
    assert_eq!(applies(&format!("use: many, rotation: echo, {both}")), [true, true]);
    assert_eq!(applies(&format!("use: once, rotation: sometimes, {both}")), [true, true]);
    let jwt = "expires: jwt, idle_limit: 60d";
    assert_eq!(applies(&format!("{always}, {jwt}")), [true, false]);
}

#[test]
fn what_is_too_late_hides_other_ends() {
    let applies = |refresh: &str| {
        let contract = acme("before_expiry", "expires: { constant: 1h }", refresh);
        let rules = [Rule::RefreshTokenExpired, Rule::RefreshTokenIdle];
        rules.map(|rule| rule.applies(&contract))
    };
    let ends = "expires: { constant: 30d }, idle_limit: 7d";
    assert_eq!(applies(&format!("use: once, rotation: always, {ends}")), [false, false]);
    assert_eq!(applies(&format!("use: many, rotation: echo, {ends}")), [true, false]);
    // One refresh token is idle, another of the same grant is used.
    assert_eq!(applies(&format!("use: many, rotation: keeps_old, {ends}")), [true, true]);
    let short = "expires: { constant: 30m }, idle_limit: 20m";
    assert_eq!(applies(&format!("use: once, rotation: always, {short}")), [false, true]);
}

#[test]
fn what_is_left_is_told_in_whole_numbers() {
    let kinds = [
        ("seconds", 2_591_974),
        ("milliseconds", 2_591_974_951),
        ("unix_seconds", 1_797_840_000),
        ("unix_milliseconds", 1_797_840_000_000_i64),
    ];
    for (kind, told) in kinds {
        let facts = format!("use: many, rotation: echo, expires: {{ {kind}: /life }}");
        let (mut provider, held) = signed_in(refresh(&facts));
        let passed = std::time::Duration::from_micros(25_048_300);
        provider.clock().advance(passed);
        let request = request(&provider, &held);
        let answered = provider.handle(&request);
        let body: serde_json::Value = serde_json::from_slice(answered.response.body()).unwrap();
        assert_eq!(body["life"], told, "{kind}");
    }
}

/// Where no key says how long a token lives, it lives as long as the first example shows that tells its end.
#[test]
fn tokens_live_as_long_as_the_example_shows() {
    let tokens = "tokens: { access: { expires: { seconds: /ends } }, refresh: { use: many, rotation: echo, expires: { unix_seconds: /dies } } }";
    let example = |usual: &str| {
        contract(&format!(
            "rekindle: 1\nprovider: {{ id: acme, name: Acme }}\nbase_url: integrator\n\
             refresh: {{ request: POST /t, form: {{ r: \"${{refresh_token}}\" }} }}\n\
             response: {{ success: 200, access_token: /a, refresh_token: /r }}\n{}\nerrors: []\nexamples:\n  - id: ok\n    given: {{ base_url: https://acme.test, refresh_token: r, at: 2026-11-21T08:00:00Z }}\n    \
             response: {{ status: 200, json: {{ a: b, r: r, ends: 14400, dies: 1795334400 }} }}\n    \
             expect: {{ access_token: b, access_expires: 2026-11-21T12:00:00Z, refresh_token: r, refresh_expires: 2026-11-22T08:00:00Z }}\n",
            tokens.replace("/ends }", &format!("/ends }}{usual}"))
        ))
    };
    for (usual, seconds) in [("", 4 * HOUR), (", usual_lifetime: 14399s", 4 * HOUR - 1)] {
        let (mut provider, held) = signed_in(example(usual));
        let request = request(&provider, &held);
        let answered = provider.handle(&request);
        let body: serde_json::Value = serde_json::from_slice(answered.response.body()).unwrap();
        assert_eq!(body["ends"], seconds);
        let now = provider.clock().now().as_second();
        assert_eq!(body["dies"], now + DAY as i64);
    }
}
