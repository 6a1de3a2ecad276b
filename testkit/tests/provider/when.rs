//! When a refresh is accepted.

use crate::support::{acme, attempt, both, refreshed, renewing, signed_in, wait, without};
use rekindle_contract::contract::Contract;
use rekindle_testkit::provider::Rule;

const ACCESS: &str = "expires: { constant: 1h }";

/// The three ways in which requests trade.
fn ways(when: &str) -> [Contract; 3] {
    let refresh = "use: once, rotation: always";
    [acme(when, ACCESS, refresh), both(when, ACCESS, refresh), renewing(when, ACCESS)]
}

/// By which rule a refresh is refused so many seconds after signing in.
fn after(contract: &Contract, seconds: u64) -> Option<Rule> {
    let (mut provider, held) = signed_in(contract.clone());
    wait(&provider, seconds);
    let refused = attempt(&mut provider, &held);
    if let Some(rule) = refused {
        assert_eq!(attempt(&mut without(&provider, rule), &held), None, "{rule}");
    }
    refused
}

#[test]
fn any_time() {
    for when in ["any_time", "unknown"] {
        let [refresh, both, renewing] = ways(when);
        for contract in [refresh, both] {
            assert_eq!(after(&contract, 0), None);
            assert_eq!(after(&contract, 7200), None);
            for rule in [Rule::TooEarly, Rule::TooLate] {
                assert!(!rule.applies(&contract));
            }
        }
        assert_eq!(after(&renewing, 3599), None);
        assert_eq!(after(&renewing, 3600), Some(Rule::AccessTokenExpired));
    }
}

#[test]
fn before_expiry() {
    for contract in ways("before_expiry") {
        assert_eq!(after(&contract, 0), None);
        assert_eq!(after(&contract, 3599), None);
        assert_eq!(after(&contract, 3600), Some(Rule::TooLate));
        assert!(!Rule::TooEarly.applies(&contract));
    }
}

#[test]
fn after_expiry() {
    for contract in ways("after_expiry") {
        assert_eq!(after(&contract, 0), Some(Rule::TooEarly));
        assert_eq!(after(&contract, 3599), Some(Rule::TooEarly));
        assert_eq!(after(&contract, 3600), None);
        assert_eq!(after(&contract, 7200), None);
        assert!(!Rule::TooLate.applies(&contract));
    }
}

#[test]
fn near_expiry() {
    for contract in ways("{ near_expiry: 10m }") {
        assert_eq!(after(&contract, 2999), Some(Rule::TooEarly));
        assert_eq!(after(&contract, 3000), None);
        assert_eq!(after(&contract, 7200), None);
    }
    for mut contract in ways("{ near_expiry: 1h }") {
        assert!(!Rule::TooEarly.applies(&contract));
        assert_eq!(after(&contract, 0), None);
        contract.access.expires = rekindle_contract::contract::Expiry::Never;
        assert_eq!(after(&contract, 0), None);
    }
}

#[test]
fn the_newest_access_token_counts_where_none_is_sent() {
    let [refresh, ..] = ways("before_expiry");
    let (mut provider, first) = signed_in(refresh);
    wait(&provider, 3000);
    let second = refreshed(&mut provider, &first);
    wait(&provider, 3000);
    let third = refreshed(&mut provider, &second);
    wait(&provider, 3600);
    assert_eq!(attempt(&mut provider, &third), Some(Rule::TooLate));
}
