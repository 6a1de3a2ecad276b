//! What must hold, and what should hold, between the parts of a contract.
//!
//! Everything here reads a resolved [`Contract`]; the [`Spec`] serves to say where a fact was written.

mod answer;
mod authentication;
mod body;
mod credential;
mod errors;
mod examples;
mod parameters;
mod places;
mod provenance;
mod tokens;
mod url;

use crate::contract::Contract;
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{ANSWER_FORMAT_MISMATCH, MISSING_FACT, ROTATION_WITHOUT_FIELD};
use crate::path::Step;
use crate::spec::Spec;

/// Looks for what is wrong with a contract.
type Rule = fn(Facts<'_>, &mut Vec<Finding>);

/// Every rule, and whether it looks at few facts, so that it holds of a partial contract too.
const RULES: [(Rule, bool); 10] = [
    (credential::check, false),
    (parameters::check, false),
    (authentication::check, true),
    (url::check, true),
    (body::check, true),
    (tokens::check, true),
    (answer::check, true),
    (errors::check, true),
    (examples::check, false),
    (provenance::check, true),
];

/// Everything that is wrong or doubtful about a contract that could be resolved.
pub(crate) fn rules(contract: &Contract, spec: &Spec) -> Vec<Finding> {
    find(Facts { contract, spec }, RULES.iter())
}

/// What can be said of a partial contract: what the rules find that look at few facts, without findings about parts in which a fact
/// is broken already. Nobody should read the same mistake twice in other words.
pub(crate) fn rules_of_partial(
    contract: &Contract,
    spec: &Spec,
    broken: &[Finding],
) -> Vec<Finding> {
    let partial = RULES.iter().filter(|(_, partial)| *partial);
    let mut found = find(Facts { contract, spec }, partial);
    // Without a response nobody knows what its answers hold.
    let response_is_broken =
        broken.iter().any(|known| known.code == MISSING_FACT || is_below(known, "response"));
    let about_answers = [ANSWER_FORMAT_MISMATCH, ROTATION_WITHOUT_FIELD];
    found.retain(|finding| {
        let follows = response_is_broken && about_answers.contains(&finding.code);
        !follows && !broken.iter().any(|known| is_about_same_part(finding, known))
    });
    found
}

fn find<'a>(facts: Facts<'_>, rules: impl Iterator<Item = &'a (Rule, bool)>) -> Vec<Finding> {
    let mut found = Vec::new();
    rules.for_each(|(rule, _)| rule(facts, &mut found));
    found
}

/// Whether two findings are about the same part of a spec, `refresh.headers`, `tokens.access`, `errors[1]`, or one is about what
/// holds that of the other.
fn is_about_same_part(one: &Finding, other: &Finding) -> bool {
    let parts = |finding: &Finding| finding.path.0.iter().take(2).cloned().collect::<Vec<_>>();
    parts(one).iter().zip(&parts(other)).all(|(one, other)| one == other)
}

/// Whether a finding is about a fact of this block.
fn is_below(finding: &Finding, block: &str) -> bool {
    matches!(finding.path.0.first(), Some(Step::Key(key)) if key == block)
}

/// A contract and the spec that it was resolved from.
#[derive(Clone, Copy)]
struct Facts<'a> {
    contract: &'a Contract,
    spec: &'a Spec,
}
