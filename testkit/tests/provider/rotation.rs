//! Which refreshes replace the refresh token, and what becomes of the old one.

use crate::support::{acme, attempt, refreshed, signed_in, without};
use rekindle_contract::contract::{Contract, RefreshUse};
use rekindle_testkit::Held;
use rekindle_testkit::provider::{Provider, Rule, TokenState};

fn rotating(use_: &str, rotation: &str) -> Contract {
    acme("any_time", "expires: { constant: 1h }", &format!("use: {use_}, rotation: {rotation}"))
}

/// Refreshes: whether that brought another refresh token, and what the old one is worth then.
fn refresh(provider: &mut Provider, held: &mut Held) -> (bool, TokenState) {
    let old = held.clone();
    *held = refreshed(provider, held);
    let token = old.refresh_token.as_deref().unwrap();
    (held.refresh_token != old.refresh_token, provider.refresh_token(token))
}

/// What three refreshes do.
fn three(contract: Contract, off: Option<Rule>) -> Vec<(bool, TokenState)> {
    let (mut provider, mut held) = signed_in(contract);
    if let Some(rule) = off {
        provider = without(&provider, rule);
    }
    (0..3).map(|_| refresh(&mut provider, &mut held)).collect()
}

const SPENT: (bool, TokenState) = (true, TokenState::Spent);
const REPLACED: (bool, TokenState) = (true, TokenState::Live);
const KEPT: (bool, TokenState) = (false, TokenState::Live);

#[test]
fn each_kind_of_rotation_is_kept() {
    assert_eq!(three(rotating("once", "always"), None), [SPENT; 3]);
    assert_eq!(three(rotating("unknown", "always"), None), [SPENT; 3]);
    assert_eq!(three(rotating("many", "always"), None), [REPLACED; 3]);
    assert_eq!(three(rotating("once", "sometimes"), None), [SPENT, KEPT, SPENT]);
    assert_eq!(three(rotating("unknown", "unknown"), None), [SPENT, KEPT, SPENT]);
    assert_eq!(three(rotating("many", "sometimes"), None), [REPLACED, KEPT, REPLACED]);
    assert_eq!(three(rotating("many", "keeps_old"), None), [REPLACED; 3]);
    assert_eq!(three(rotating("unknown", "keeps_old"), None), [REPLACED; 3]);
    assert_eq!(three(rotating("many", "echo"), None), [KEPT; 3]);
    assert_eq!(three(rotating("unknown", "echo"), None), [KEPT; 3]);
}

#[test]
fn without_rotation_each_kind_does_the_contrary() {
    let off = Some(Rule::Rotation);
    assert_eq!(three(rotating("once", "always"), off), [KEPT; 3]);
    assert_eq!(three(rotating("unknown", "sometimes"), off), [KEPT; 3]);
    assert_eq!(three(rotating("many", "keeps_old"), off), [KEPT; 3]);
    assert_eq!(three(rotating("unknown", "echo"), off), [SPENT; 3]);
    assert_eq!(three(rotating("many", "echo"), off), [REPLACED; 3]);
}

#[test]
fn answers_hold_what_they_should() {
    for (rotation, holds) in
        [("always", [true; 2]), ("echo", [true; 2]), ("sometimes", [true, false])]
    {
        let (mut provider, mut held) = signed_in(rotating("unknown", rotation));
        for holds in holds {
            let answered = provider.handle(&crate::support::request(&provider, &held));
            let json: serde_json::Value = serde_json::from_slice(answered.response.body()).unwrap();
            assert_eq!(json.get("refresh").is_some(), holds, "{rotation}: {json}");
            held = crate::support::next(&provider, &held, &answered);
        }
    }
}

/// Answers have no place for a refresh token.
fn untold(use_: RefreshUse, rotation: &str) -> Contract {
    let mut contract = rotating("unknown", rotation);
    contract.response.refresh_token = None;
    contract.refresh.as_mut().unwrap().use_ = use_;
    contract
}

#[test]
fn what_cannot_be_told_stays() {
    for rotation in ["always", "unknown", "keeps_old"] {
        assert_eq!(three(untold(RefreshUse::Many, rotation), None), [KEPT; 3]);
        assert_eq!(three(untold(RefreshUse::Unknown, rotation), None), [KEPT; 3]);
    }
}

#[test]
fn what_is_good_once_and_not_replaced_is_used_up() {
    let echo = || {
        let mut contract = rotating("unknown", "echo");
        contract.refresh.as_mut().unwrap().use_ = RefreshUse::Once;
        contract
    };
    for contract in [untold(RefreshUse::Once, "always"), echo()] {
        let (mut provider, mut held) = signed_in(contract);
        let used = (false, TokenState::Spent);
        assert_eq!(refresh(&mut provider, &mut held), used);
        assert_eq!(attempt(&mut provider, &held), Some(Rule::RefreshTokenSpent));
    }
    assert!(!Rule::Rotation.applies(&untold(RefreshUse::Once, "always")));
    assert!(Rule::Rotation.applies(&echo()));
}

#[test]
fn an_untold_replacement_is_noticed_at_the_next_refresh() {
    let (provider, mut held) = signed_in(untold(RefreshUse::Many, "unknown"));
    let mut provider = without(&provider, Rule::Rotation);
    assert_eq!(refresh(&mut provider, &mut held), (false, TokenState::Spent));
    assert_eq!(attempt(&mut provider, &held), Some(Rule::RefreshTokenSpent));
}

#[test]
fn one_refresh_can_be_made_to_replace_the_refresh_token() {
    let (mut provider, mut held) = signed_in(rotating("unknown", "echo"));
    provider.rotate_next();
    assert_eq!(refresh(&mut provider, &mut held), SPENT);
    assert_eq!(refresh(&mut provider, &mut held), KEPT);
}

#[test]
fn a_refused_request_does_not_use_the_forced_replacement_up() {
    let (mut provider, mut held) = signed_in(rotating("unknown", "echo"));
    provider.rotate_next();
    let mut unknown = held.clone();
    unknown.refresh_token = Some("synthetic-unknown".to_owned());
    assert_eq!(attempt(&mut provider, &unknown), Some(Rule::RefreshTokenUnknown));
    assert_eq!(refresh(&mut provider, &mut held), SPENT);
}
