//! What can happen to a holder of a grant.

use proptest::prelude::*;
use rekindle_contract::contract::{Contract, Fault};
use rekindle_contract::derive::Derive;
use std::time::Duration;

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A refresh, with something in the way of it.
    Refresh(Option<Fault>),
    /// A refresh that the provider refuses by the rule of its error map with this index.
    Refused(usize),
    /// The access token is used.
    Use,
    /// Time passes.
    Wait(Duration),
    /// The provider revokes the grant.
    Revoke,
    /// The process dies, and begins anew with what it had stored.
    Crash,
    /// The process dies while a refresh is under way: whatever came back is lost.
    CrashOnTheWay,
    /// The store cannot be written for the next refresh.
    StoreFails,
    /// A person decides that a credential in doubt is to be sent once more.
    AcceptRisk,
}

/// Sequences of what can happen at a provider with this contract.
pub fn operations(contract: &Contract) -> impl Strategy<Value = Vec<Operation>> + use<> {
    let faults: Vec<Fault> =
        Fault::ALL.into_iter().filter(|fault| contract.ending_under(*fault).is_some()).collect();
    let rules: Vec<usize> =
        (0..contract.errors.len()).filter(|index| contract.answer_of(*index).is_some()).collect();
    let one = prop_oneof![
        6 => Just(Operation::Refresh(None)),
        6 => prop::sample::select(faults).prop_map(|fault| Operation::Refresh(Some(fault))),
        2 => prop::sample::select(rules).prop_map(Operation::Refused),
        3 => Just(Operation::Use),
        4 => prop::sample::select(waits(contract)).prop_map(Operation::Wait),
        1 => Just(Operation::Revoke),
        2 => Just(Operation::Crash),
        2 => Just(Operation::CrashOnTheWay),
        1 => Just(Operation::StoreFails),
        1 => Just(Operation::AcceptRisk),
    ];
    prop::collection::vec(one, 1..16)
}

/// How long it may take until something else happens: moments, and both sides of each lifetime.
fn waits(contract: &Contract) -> Vec<Duration> {
    const SECOND: Duration = Duration::from_secs(1);
    let life = contract.assumed_lifetime();
    let mut waits = vec![
        Duration::from_millis(1),
        SECOND,
        Duration::from_secs(20),
        life.saturating_sub(SECOND),
        life,
        Duration::from_secs(7 * 24 * 60 * 60),
        Duration::from_secs(31 * 24 * 60 * 60),
    ];
    if let Some(window) = contract.replay_window() {
        waits.extend([window.saturating_sub(SECOND), window]);
    }
    waits
}
