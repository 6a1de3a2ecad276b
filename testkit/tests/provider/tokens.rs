//! Tokens as texts.

use crate::support::{acme, attempt, contracts, refreshed, signed_in, without};
use rekindle_testkit::provider::{Provider, Rule, TokenState};
use std::collections::BTreeSet;

#[test]
fn a_token_says_what_it_is() {
    let contract = acme("any_time", "expires: undeclared", "use: once, rotation: always");
    let (mut provider, held) = signed_in(contract);
    assert!(held.access_token.starts_with("acme-access-1-1-"), "{}", held.access_token);
    let new = refreshed(&mut provider, &held);
    let token = new.refresh_token.unwrap();
    assert!(token.starts_with("acme-refresh-1-2-"), "{token}");
    assert!(provider.sign_in().access_token.starts_with("acme-access-2-1-"));
}

#[test]
fn seeds_tell_providers_apart_and_nothing_else_does() {
    for contract in contracts() {
        let id = contract.provider.id.clone();
        let first = |seed| Provider::new(contract.clone()).with_seed(seed).sign_in();
        assert_eq!(first(7), first(7), "{id}");
        assert_ne!(first(7).access_token, first(8).access_token, "{id}");
    }
}

#[test]
fn a_copy_goes_its_own_way() {
    let contract = acme("any_time", "expires: undeclared", "use: once, rotation: always");
    let (mut provider, held) = signed_in(contract);
    let mut copy = provider.clone();
    assert_eq!(attempt(&mut provider, &held), None);
    assert_eq!(attempt(&mut provider, &held), Some(Rule::RefreshTokenSpent));
    assert_eq!(attempt(&mut copy, &held), None);
}

#[test]
fn what_was_never_issued_is_unknown() {
    let contract = acme("any_time", "expires: undeclared", "use: once, rotation: always");
    let (mut provider, held) = signed_in(contract);
    assert_eq!(provider.refresh_token("x"), TokenState::Unknown);
    assert_eq!(provider.access_token("x"), TokenState::Unknown);
    assert_eq!(provider.access_token_ends("x"), None);
    assert_eq!(provider.use_access_token("x"), Err(Rule::AccessTokenUnknown));
    let token = held.refresh_token.unwrap();
    assert_eq!(provider.access_token(&token), TokenState::Unknown);
    assert_eq!(provider.refresh_token(&token), TokenState::Live);
    provider.revoke("x");
    assert_eq!(provider.refresh_token(&token), TokenState::Live);
}

#[test]
fn a_refresh_token_is_no_longer_than_it_may_be() {
    for expires in ["undeclared", "jwt"] {
        for max in [8, 20, 64, 200, 1000] {
            let facts =
                format!("use: once, rotation: always, expires: {expires}, max_length: {max}");
            let contract = acme("any_time", "expires: undeclared", &facts);
            let (mut provider, mut held) = signed_in(contract);
            let mut seen = BTreeSet::new();
            for _ in 0..3 {
                let token = held.refresh_token.clone().unwrap();
                assert!(token.len() <= max, "{token}");
                assert!(seen.insert(token));
                held = refreshed(&mut provider, &held);
            }
            let mut long = held.clone();
            long.refresh_token = Some("x".repeat(max + 1));
            assert_eq!(attempt(&mut provider, &long), Some(Rule::RefreshTokenTooLong));
            let mut lax = without(&provider, Rule::RefreshTokenTooLong);
            assert_eq!(attempt(&mut lax, &long), Some(Rule::RefreshTokenUnknown));
            let longer = lax.sign_in();
            assert_eq!(longer.refresh_token.as_ref().map(String::len), Some(max + 1));
            assert_eq!(attempt(&mut lax, &longer), None);
        }
    }
}

#[test]
fn short_tokens_are_told_apart() {
    for max in [1, 4, 5, 6, 8] {
        let mut contract = acme("any_time", "expires: undeclared", "use: once, rotation: always");
        contract.refresh.as_mut().unwrap().max_length = Some(max as u32);
        let (mut provider, mut held) = signed_in(contract);
        let mut seen = BTreeSet::new();
        for _ in 0..120 {
            held = refreshed(&mut provider, &held);
            let token = held.refresh_token.clone().unwrap();
            // Where that does not fit it is longer, and good all the same.
            assert!(token.len() <= max.max("r1-120".len()), "{token}");
            assert!(seen.insert(token));
        }
        for _ in 0..120 {
            let token = provider.sign_in().refresh_token.unwrap();
            assert!(seen.insert(token));
        }
    }
}

#[test]
fn no_token_is_long_beyond_reason() {
    let facts = "use: once, rotation: always, max_length: 1000000000";
    let contract = acme("any_time", "expires: undeclared", facts);
    let (mut provider, _) = signed_in(contract);
    assert!(!Rule::RefreshTokenTooLong.applies(provider.contract()));
    provider.switch_off(Rule::RefreshTokenTooLong);
    assert!(provider.sign_in().refresh_token.unwrap().len() < 100);
}
