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
    let (mut provider, held) = signed_in(spent("{ good_for: 30s, answer: same }"));
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
    let (provider, held) = signed_in(spent("{ good_for: 30s, answer: same }"));
    let mut provider = without(&provider, Rule::ReplayIdentical);
    let first = send(&mut provider, &held);
    let again = send(&mut provider, &held);
    assert_eq!(again.verdict, Verdict::Issued);
    assert!(!same(&first, &again));
    assert_ne!(next(&provider, &held, &first), next(&provider, &held, &again));
    wait(&provider, 30);
    assert_eq!(attempt(&mut provider, &held), Some(Rule::RefreshTokenSpent));
}

/// What a refresh brought is as good as before, or dead, once the same request has brought something else.
#[test]
fn a_replay_may_bring_another_pair() {
    for (answer, lives) in [("another", true), ("supersedes", false)] {
        let (mut provider, held) =
            signed_in(spent(&format!("{{ good_for: 30s, answer: {answer} }}")));
        assert!(!Rule::ReplayIdentical.applies(provider.contract()));
        assert_eq!(Rule::ReplaySupersedes.applies(provider.contract()), !lives);
        let first = send(&mut provider, &held);
        wait(&provider, 20);
        let again = send(&mut provider, &held);
        assert_eq!(again.verdict, Verdict::Issued, "{answer}");
        let (earlier, later) = (next(&provider, &held, &first), next(&provider, &held, &again));
        assert_ne!(earlier, later);
        assert_eq!(provider.use_access_token(&earlier.access_token).is_ok(), lives, "{answer}");
        provider.use_access_token(&later.access_token).expect("the later one lives");
        let refused = attempt(&mut provider, &earlier);
        assert_eq!(refused, (!lives).then_some(Rule::ReplaySupersedes), "{answer}");
        assert_eq!(attempt(&mut provider, &later), None, "{answer}");
        let mut lax = without(&provider, Rule::ReplayAnother);
        assert_eq!(send(&mut lax, &held).verdict, Verdict::Replayed, "{answer}");
        wait(&provider, 10);
        assert_eq!(attempt(&mut provider, &held), Some(Rule::RefreshTokenSpent), "{answer}");
    }
}

/// It ends with time and with the use of a successor, whichever comes first.
#[test]
fn the_first_of_two_ends_it() {
    let contract = || spent("{ good_for: 30s, good_until: access_token_used }");
    let (mut provider, held) = signed_in(contract());
    send(&mut provider, &held);
    wait(&provider, 29);
    assert_eq!(attempt(&mut provider, &held), None);
    wait(&provider, 1);
    assert_eq!(attempt(&mut provider, &held), Some(Rule::RefreshTokenSpent));
    let (mut provider, held) = signed_in(contract());
    let first = send(&mut provider, &held);
    let new = next(&provider, &held, &first);
    assert_eq!(attempt(&mut provider, &held), None);
    provider.use_access_token(&new.access_token).unwrap();
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
    let mut contract = spent("{ good_until: refresh_token_used, answer: same }");
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
