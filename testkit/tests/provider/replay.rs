//! A spent refresh token that may be sent again.

use crate::support::{acme, attempt, both, next, refreshed, request, signed_in, wait, without};
use rekindle_contract::contract::Contract;
use rekindle_testkit::Held;
use rekindle_testkit::provider::{Answered, Provider, Rule, Verdict};

fn spent(spent: &str) -> Contract {
    let refresh = format!("use: once, rotation: always, spent: {spent}, reuse: grant_revoked");
    acme("any_time", "expires: { seconds: /expires_in }", &refresh)
}

fn send(provider: &mut Provider, held: &Held) -> Answered {
    provider.handle(&request(provider, held))
}

/// Whether two answers are the same in all that goes over the wire.
fn same(one: &Answered, other: &Answered) -> bool {
    let (one, other) = (&one.response, &other.response);
    one.status() == other.status() && one.headers() == other.headers() && one.body() == other.body()
}

#[test]
fn within_its_window_it_gets_the_same_answer() {
    let (mut provider, held) = signed_in(spent("{ good_for: 30s }"));
    let first = send(&mut provider, &held);
    for _ in 0..2 {
        wait(&provider, 14);
        let again = send(&mut provider, &held);
        assert_eq!(again.verdict, Verdict::Replayed);
        assert!(same(&first, &again));
    }
    assert_eq!(provider.reuses(), 0);
    wait(&provider, 1);
    assert_eq!(send(&mut provider, &held).verdict, Verdict::Replayed);
    // The window began with the first processing, and its end is not part of it.
    wait(&provider, 1);
    assert_eq!(attempt(&mut provider, &held), Some(Rule::RefreshTokenSpent));
    assert_eq!(provider.reuses(), 1);
}

#[test]
fn a_window_may_have_no_end() {
    let (provider, held) = signed_in(spent("{ good_for: 30s }"));
    let mut provider = without(&provider, Rule::ReplayEnds);
    let first = send(&mut provider, &held);
    wait(&provider, 3600);
    let again = send(&mut provider, &held);
    assert_eq!(again.verdict, Verdict::Replayed);
    assert!(same(&first, &again));
}

#[test]
fn a_replay_may_get_a_fresh_answer() {
    let (provider, held) = signed_in(spent("{ good_for: 30s }"));
    let mut provider = without(&provider, Rule::ReplayIdentical);
    let first = send(&mut provider, &held);
    let again = send(&mut provider, &held);
    assert_eq!(again.verdict, Verdict::Issued);
    assert!(!same(&first, &again));
    assert_ne!(next(&provider, &held, &first), next(&provider, &held, &again));
    wait(&provider, 30);
    assert_eq!(attempt(&mut provider, &held), Some(Rule::RefreshTokenSpent));
}

#[test]
fn the_use_of_a_successor_ends_it() {
    let by_access = |provider: &mut Provider, new: &Held| {
        provider.use_access_token(&new.access_token).unwrap();
    };
    let by_refresh = |provider: &mut Provider, new: &Held| {
        refreshed(provider, new);
    };
    type Use<'a> = &'a dyn Fn(&mut Provider, &Held);
    let cases: [(&str, Use<'_>, bool); 6] = [
        ("access_token_used", &by_access, true),
        ("access_token_used", &by_refresh, false),
        ("refresh_token_used", &by_access, false),
        ("refresh_token_used", &by_refresh, true),
        ("either_used", &by_access, true),
        ("either_used", &by_refresh, true),
    ];
    for (successor, use_, ends) in cases {
        let (mut provider, held) = signed_in(spent(&format!("{{ good_until: {successor} }}")));
        let first = send(&mut provider, &held);
        wait(&provider, 3000);
        let again = send(&mut provider, &held);
        assert!(same(&first, &again), "{successor}");
        let new = next(&provider, &held, &again);
        use_(&mut provider, &new);
        let mut endless = without(&provider, Rule::ReplayEnds);
        assert_eq!(send(&mut endless, &held).verdict, Verdict::Replayed, "{successor}");
        let after = attempt(&mut provider, &held);
        assert_eq!(after, ends.then_some(Rule::RefreshTokenSpent), "{successor}");
    }
}

#[test]
fn it_never_ends_where_there_is_no_successor() {
    let mut contract = spent("{ good_until: refresh_token_used }");
    contract.response.refresh_token = None;
    assert!(!Rule::ReplayEnds.applies(&contract));
    assert!(Rule::ReplayIdentical.applies(&contract));
}

#[test]
fn it_is_no_matter_that_the_access_token_beside_it_died() {
    let access = "expires: { constant: 1h }, after_refresh: revoked";
    let refresh = "use: once, rotation: always, spent: { good_for: 2h }";
    let (mut provider, held) = signed_in(both("{ near_expiry: 10m }", access, refresh));
    wait(&provider, 3000);
    let first = send(&mut provider, &held);
    assert_eq!(first.verdict, Verdict::Issued);
    // Neither that the new access token is far from its end.
    let again = send(&mut provider, &held);
    assert_eq!(again.verdict, Verdict::Replayed);
    assert!(same(&first, &again));
}

#[test]
fn a_revoked_grant_has_no_replays() {
    let (mut provider, held) = signed_in(spent("{ good_for: 30s }"));
    send(&mut provider, &held);
    provider.revoke(held.refresh_token.as_deref().unwrap());
    assert_eq!(attempt(&mut provider, &held), Some(Rule::GrantRevoked));
}
