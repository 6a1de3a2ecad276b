//! Whatever a holder does: what the provider says that a token is worth is what it is worth.

use crate::support::{contracts, next, refused, request, signed_in};
use proptest::prelude::*;
use rekindle_contract::contract::Contract;
use rekindle_testkit::Held;
use rekindle_testkit::provider::{Provider, Rule, TokenState, Verdict};
use std::sync::LazyLock;
use std::time::Duration;

static CONTRACTS: LazyLock<Vec<Contract>> = LazyLock::new(contracts);

/// Something that a holder does with one of the pairs that it has held.
#[derive(Debug, Clone)]
enum Act {
    Refresh(usize),
    Use(usize),
    Wait(u64),
    Revoke(usize),
    SignIn,
}

fn act() -> impl Strategy<Value = Act> {
    let seconds =
        prop_oneof![0..40_u64, 2990..3010_u64, 3590..3610_u64, Just(90_000), Just(700_000)];
    prop_oneof![
        6 => (0..3_usize).prop_map(Act::Refresh),
        3 => (0..3_usize).prop_map(Act::Use),
        4 => seconds.prop_map(Act::Wait),
        1 => (0..9_usize).prop_map(Act::Revoke),
        1 => Just(Act::SignIn),
    ]
}

/// Refreshes: what the refresh token was said to be worth before must be what became of it.
fn refresh(provider: &mut Provider, held: &Held) -> Option<Held> {
    let worth = held.refresh_token.as_ref().map(|token| provider.refresh_token(token));
    let reuses = provider.reuses();
    let request = request(provider, held);
    let answered = provider.handle(&request);
    let rule = refused(&answered);
    let id = &provider.contract().provider.id;
    let timely = [
        Rule::TooEarly,
        Rule::TooSoon,
        Rule::TooMany,
        Rule::TooLate,
        Rule::AccessTokenUnknown,
        Rule::AccessTokenExpired,
    ];
    let fits = match (worth, &answered.verdict) {
        (None | Some(TokenState::Live), Verdict::Issued) => true,
        (None, Verdict::Refused { rule, .. }) => {
            timely.contains(rule) || *rule == Rule::GrantRevoked
        }
        (Some(TokenState::Live), Verdict::Refused { rule, .. }) => timely.contains(rule),
        (Some(TokenState::Spent), Verdict::Replayed) => reuses == provider.reuses(),
        // It may be sent again, and brings another pair.
        (Some(TokenState::Spent), Verdict::Issued) => {
            Rule::ReplayAnother.applies(provider.contract()) && reuses == provider.reuses()
        }
        (Some(TokenState::Spent), _) => {
            let rules =
                [Rule::RefreshTokenSpent, Rule::AccessTokenUnknown, Rule::TooSoon, Rule::TooMany];
            rule.is_some_and(|rule| rules.contains(&rule))
        }
        (Some(TokenState::Revoked | TokenState::Expired), _) => rule.is_some(),
        _ => false,
    };
    assert!(fits, "{id}: {worth:?} and then {answered:?}");
    // A replay may be so late that its answer is past belief.
    (answered.verdict == Verdict::Issued).then(|| next(provider, held, &answered))
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_token_is_worth_what_it_is_said_to_be(
        acts in proptest::collection::vec(act(), 1..20),
        which in any::<prop::sample::Index>(),
    ) {
        let contract = which.get(&CONTRACTS).clone();
        let (mut provider, first) = signed_in(contract);
        let mut held = vec![first];
        for act in acts {
            let back = |by: usize| held.len().saturating_sub(by + 1);
            match act {
                Act::Refresh(by) => {
                    let old = held[back(by)].clone();
                    if let Some(new) = refresh(&mut provider, &old) {
                        prop_assert_ne!(provider.access_token(&new.access_token), TokenState::Unknown);
                        held.push(new);
                    }
                }
                Act::Use(by) => {
                    let token = &held[back(by)].access_token;
                    let worth = provider.access_token(token);
                    let used = provider.use_access_token(token);
                    prop_assert_eq!(worth == TokenState::Live, used.is_ok());
                }
                Act::Wait(seconds) => provider.clock().advance(Duration::from_secs(seconds)),
                Act::Revoke(by) => provider.revoke(&held[back(by)].access_token),
                Act::SignIn => held.push(provider.sign_in()),
            }
        }
    }
}
