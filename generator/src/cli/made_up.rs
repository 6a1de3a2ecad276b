//! Refusals that a contract does not know: whoever serves or tests it hears of them.

use rekindle_contract::contract::Contract;
use rekindle_testkit::provider::made_up_refusals;
use std::collections::{BTreeMap, BTreeSet};

/// In a line, which refusals no rule of the contracts reads, and `then` what that means; `None` where all are read.
pub(super) fn note<'a>(
    contracts: impl Iterator<Item = &'a Contract>,
    then: &str,
) -> Option<String> {
    let mut made_up: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for contract in contracts {
        for what in made_up_refusals(contract) {
            made_up.entry(what).or_default().insert(&contract.provider.id);
        }
    }
    let of = made_up.into_iter().map(|(what, ids)| {
        let ids: Vec<&str> = ids.into_iter().collect();
        format!("{what} ({})", ids.join(", "))
    });
    let of: Vec<String> = of.collect();
    let (last, others) = of.split_last()?;
    let refusals = match others {
        [] => last.clone(),
        others => format!("{} and of {last}", others.join(", of ")),
    };
    Some(format!("note: no rule reads the refusal of {refusals}: {then}"))
}
