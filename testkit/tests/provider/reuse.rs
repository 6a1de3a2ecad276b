//! A spent refresh token that comes back, and grants that are revoked.

use crate::support::{
    acme, attempt, contracts, refreshed, signed_in, wait_until_accepted, without,
};
use rekindle_contract::contract::Contract;
use rekindle_testkit::Held;
use rekindle_testkit::provider::{Provider, Rule, TokenState};

use TokenState::{Live, Revoked};

fn reuse(reuse: &str) -> Contract {
    let refresh = format!("use: once, rotation: always, reuse: {reuse}");
    acme("any_time", "expires: { constant: 1h }", &refresh)
}

/// Three generations of one grant.
fn three(contract: Contract) -> (Provider, [Held; 3]) {
    let (mut provider, first) = signed_in(contract);
    let second = refreshed(&mut provider, &first);
    let third = refreshed(&mut provider, &second);
    (provider, [first, second, third])
}

/// What the access tokens of the three are worth.
fn worth(provider: &Provider, held: &[Held; 3]) -> [TokenState; 3] {
    [0, 1, 2].map(|generation: usize| provider.access_token(&held[generation].access_token))
}

#[test]
fn it_is_refused() {
    for kind in ["refused", "unknown"] {
        let (mut provider, held) = three(reuse(kind));
        assert!(!Rule::ReuseRevokes.applies(provider.contract()));
        assert_eq!(attempt(&mut provider, &held[1]), Some(Rule::RefreshTokenSpent));
        assert_eq!(provider.reuses(), 1);
        assert_eq!(worth(&provider, &held), [Live, Live, Live]);
        assert_eq!(attempt(&mut provider, &held[2]), None);
    }
}

#[test]
fn it_kills_the_chain_that_followed() {
    let (mut provider, held) = three(reuse("chain_revoked"));
    let other = provider.sign_in();
    assert_eq!(attempt(&mut provider, &held[1]), Some(Rule::RefreshTokenSpent));
    // What came with the spent token itself was not issued for it.
    assert_eq!(worth(&provider, &held), [Live, Live, Revoked]);
    assert_eq!(attempt(&mut provider, &held[2]), Some(Rule::ReuseRevokes));
    let token = held[2].refresh_token.as_deref().unwrap();
    assert_eq!(provider.refresh_token(token), Revoked);
    assert_eq!(provider.use_access_token(&held[2].access_token), Err(Rule::ReuseRevokes));
    assert_eq!(attempt(&mut provider, &held[0]), Some(Rule::RefreshTokenSpent));
    assert_eq!(worth(&provider, &held), [Live, Revoked, Revoked]);
    assert_eq!(attempt(&mut provider, &other), None);
}

#[test]
fn it_kills_the_grant() {
    let (mut provider, held) = three(reuse("grant_revoked"));
    let other = provider.sign_in();
    assert_eq!(attempt(&mut provider, &held[1]), Some(Rule::RefreshTokenSpent));
    assert_eq!(worth(&provider, &held), [Revoked; 3]);
    assert_eq!(attempt(&mut provider, &held[2]), Some(Rule::ReuseRevokes));
    assert_eq!(attempt(&mut provider, &other), None);
}

#[test]
fn it_may_kill_nothing() {
    for kind in ["chain_revoked", "grant_revoked"] {
        let (provider, held) = three(reuse(kind));
        let mut provider = without(&provider, Rule::ReuseRevokes);
        assert_eq!(attempt(&mut provider, &held[1]), Some(Rule::RefreshTokenSpent));
        assert_eq!(worth(&provider, &held), [Live, Live, Live]);
        assert_eq!(attempt(&mut provider, &held[2]), None);
    }
}

#[test]
fn it_may_be_good_again() {
    let (provider, held) = three(reuse("grant_revoked"));
    let mut provider = without(&provider, Rule::RefreshTokenSpent);
    let new = refreshed(&mut provider, &held[0]);
    assert_eq!(provider.access_token(&new.access_token), Live);
    assert_eq!(worth(&provider, &held), [Live, Live, Live]);
    assert_eq!(provider.reuses(), 1);
}

#[test]
fn a_revoked_grant_is_gone_and_no_other() {
    for contract in contracts() {
        let id = contract.provider.id.clone();
        assert!(Rule::GrantRevoked.applies(&contract), "{id}");
        // Where no token is spent, another one is there for the asking.
        let gone = (!contract.request.operation.mints()).then_some(Rule::GrantRevoked);
        let (mut provider, held) = signed_in(contract);
        let other = provider.sign_in();
        wait_until_accepted(&provider, &held);
        provider.revoke(&held.access_token);
        let mut lax = without(&provider, Rule::GrantRevoked);
        assert_eq!(attempt(&mut lax, &held), None, "{id}");
        assert_eq!(provider.access_token(&held.access_token), Revoked, "{id}");
        let used = provider.use_access_token(&held.access_token);
        assert_eq!(used, Err(Rule::GrantRevoked), "{id}");
        assert_eq!(attempt(&mut provider, &held), gone, "{id}");
        let mut all = provider.clone();
        assert_eq!(attempt(&mut provider, &other), None, "{id}");
        all.revoke_all();
        assert_eq!(attempt(&mut all, &other), gone, "{id}");
    }
}
