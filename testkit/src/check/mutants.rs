//! Providers that do not enforce a rule, and the checks that notice.

use super::{Bench, Check, Doubt, Grants, Run, Verdict, checks};
use crate::fake::Fake;
use crate::provider::{Provider, Rule};
use crate::reference::Reference;
use rekindle_contract::contract::{Contract, Generated, Slot, Template};
use std::fmt::Write as _;

/// A provider without a rule, and who noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The provider's id.
    pub provider: String,
    /// The rule that it does not enforce.
    pub rule: Rule,
    /// The first check that failed.
    pub noticed_by: Option<String>,
}

/// The checks that the fake provider of this contract does not pass: none, if it keeps it. What brings tokens where a refresh cannot is
/// checked after the refresh, at the same provider.
pub fn failures(contract: &Contract) -> Vec<(Check, Verdict)> {
    let fake = Fake::new(Provider::new(contract.clone()));
    let mut found = Vec::new();
    for contract in std::iter::once(contract.clone()).chain(contract.minting()) {
        run(&fake, &contract, |check, verdict| {
            if !matches!(verdict, Verdict::Pass | Verdict::NotApplicable(_)) {
                found.push((check.clone(), verdict));
            }
            true
        });
    }
    found
}

/// Does every check of this contract at a fake provider, for as long as `goes_on` says.
fn run(fake: &Fake, contract: &Contract, mut goes_on: impl FnMut(&Check, Verdict) -> bool) {
    let client = Reference::of(fake).by(contract.clone());
    let mut world = fake.clone();
    let mut carry = |request| fake.carry(&super::probe::as_received(request));
    let mut keep = |_: &_| Ok(());
    let mut keep_doubt = |_: Doubt<'_>| String::new();
    let mut run = Run::new(Bench {
        keep_doubt: &mut keep_doubt,
        client: &client,
        world: &mut world,
        carry: &mut carry,
        keep: &mut keep,
        grants: Grants::Many,
    });
    for check in checks(contract) {
        let verdict = run.check(&check);
        if !goes_on(&check, verdict) {
            return;
        }
    }
}

/// Switches off every rule that this contract gives, one by one, save those that no request of a check can tell.
pub fn all(contract: &Contract) -> Vec<Mutant> {
    let rules = Rule::ALL.iter().filter(|rule| rule.applies(contract) && is_told(**rule, contract));
    rules
        .map(|rule| {
            let mut noticed_by = None;
            let mut provider = Provider::new(contract.clone());
            provider.switch_off(*rule);
            run(&Fake::new(provider), contract, |check, verdict| {
                if matches!(verdict, Verdict::Fail(_)) {
                    noticed_by = Some(check.id.clone());
                }
                noticed_by.is_none()
            });
            Mutant { provider: contract.provider.id.clone(), rule: *rule, noticed_by }
        })
        .collect()
}

/// Whether a check can tell that this rule is not enforced.
fn is_told(rule: Rule, contract: &Contract) -> bool {
    let request = &contract.request;
    let mut sent = request.sent_templates().flat_map(Template::slots);
    match rule {
        // Where a key signs and nothing else is secret, there is only the key to send, and no check gives it away.
        Rule::CredentialElsewhere => sent.any(|slot| match slot {
            Slot::AccessToken | Slot::RefreshToken => true,
            Slot::Client(name) => contract.client.get(name).is_some_and(|client| client.secret),
            Slot::Value(_) | Slot::Taken(_) | Slot::TokenUrl => false,
        }),
        // What a signed token says as well is refused by the rule on its claims.
        Rule::ClientUnknown => {
            let signed = request.values.iter().map(|(_, value)| value);
            let signed = signed.filter(|value| matches!(value, Generated::Jwt(_)));
            let signed: Vec<&Slot> =
                signed.flat_map(Generated::templates).flat_map(Template::slots).collect();
            sent.any(|slot| matches!(slot, Slot::Client(_)) && !signed.contains(&slot))
        }
        _ => true,
    }
}

/// A row for each rule in Markdown: at how many providers it was switched off, how often that was noticed, and which check did it
/// first.
pub fn table(mutants: &[Mutant]) -> String {
    let mut text = "| rule | switched off | noticed | by |\n|---|---:|---:|---|\n".to_owned();
    for rule in Rule::ALL {
        let of_rule: Vec<&Mutant> = mutants.iter().filter(|mutant| mutant.rule == *rule).collect();
        let noticed = of_rule.iter().filter(|mutant| mutant.noticed_by.is_some());
        let mut by: Vec<&str> =
            of_rule.iter().filter_map(|mutant| mutant.noticed_by.as_deref()).collect();
        by.sort_unstable();
        by.dedup();
        let by: Vec<String> = by.iter().map(|id| format!("`{id}`")).collect();
        let (all, noticed) = (of_rule.len(), noticed.count());
        // Writing to a text cannot fail.
        let _ = writeln!(text, "| `{rule}` | {all} | {noticed} | {} |", by.join(", "));
    }
    text
}
