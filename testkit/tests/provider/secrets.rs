//! Nothing that is shown shows a secret.

use crate::support::{acme, contracts, request, signed_in, wait_until_accepted};
use crate::violations;
use rekindle_contract::contract::Slot;
use rekindle_testkit::assert_silent;
use rekindle_testkit::provider::{Provider, Verdict};

#[test]
fn no_refusal_shows_a_secret() {
    for contract in contracts() {
        let names: Vec<String> = contract.client.keys().cloned().collect();
        let mut provider = Provider::new(contract);
        for name in &names {
            let contract = provider.contract();
            let slot = Slot::Client(name.clone());
            // A key has a form of its own, and is never sent.
            if contract.request.sends(&slot) && contract.client[name].secret {
                provider = provider.with_client(name, "canary/secret 7+%&=:\"é");
            }
        }
        let held = provider.sign_in();
        let other = provider.sign_in();
        wait_until_accepted(&provider, &held);
        let mut canaries = vec![held.access_token.as_str(), "canary/secret"];
        canaries.extend(held.refresh_token.as_deref());
        for violation in violations::all(&provider, &held, &other) {
            let mut provider = provider.clone();
            let answered = provider.handle(&violation.request);
            assert_silent(&canaries, &answered);
            assert_silent(&canaries, &provider);
            let Verdict::Refused { why, .. } = &answered.verdict else {
                panic!("{} is not refused", violation.what);
            };
            assert!(!why.is_empty());
            let body = String::from_utf8_lossy(answered.response.body());
            assert_silent(&canaries, &body);
        }
        let answered = provider.handle(&request(&provider, &held));
        assert_silent(&canaries, &answered);
        assert_silent(&canaries, &provider);
    }
}

#[test]
fn what_is_sent_in_the_wrong_place_is_not_shown() {
    for contract in contracts() {
        let (mut provider, held) = signed_in(contract);
        wait_until_accepted(&provider, &held);
        let token = held.refresh_token.clone().unwrap_or(held.access_token.clone());
        let right = violations::Wire::of(&request(&provider, &held));
        let mut named = right.clone();
        named.query.push(format!("{token}=1"));
        let mut method = right.clone();
        method.method = "token1".to_owned();
        let body = right.with_body(token.clone());
        let json = right.with_body(format!("{{\"{token}\":1}}"));
        let mut path = right.clone();
        path.path = format!("/{token}");
        for wrong in [named, method, body, json, path] {
            let answered = provider.handle(&wrong.request());
            assert!(matches!(answered.verdict, Verdict::Refused { .. }));
            assert_silent(&[token.as_str()], &answered);
        }
    }
}

#[test]
fn a_secret_that_is_sent_as_a_name_is_not_shown() {
    let contract = acme("any_time", "expires: undeclared", "use: many, rotation: echo");
    let mut provider = Provider::new(contract).with_client("client_secret", "open-sesame");
    let held = provider.sign_in();
    let mut right = violations::Wire::of(&request(&provider, &held));
    right.query.push("open-sesame=1".to_owned());
    let answered = provider.handle(&right.request());
    let Verdict::Refused { why, .. } = answered.verdict else {
        panic!("it is not refused");
    };
    assert_eq!(why, "the query has a parameter that is not declared: `(secret)`");
}
