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

/// Everything that is wrong or doubtful about a contract that could be resolved.
pub(crate) fn rules(contract: &Contract, spec: &Spec) -> Vec<Finding> {
    let facts = Facts { contract, spec };
    let mut found = Vec::new();
    credential::check(facts, &mut found);
    parameters::check(facts, &mut found);
    authentication::check(facts, &mut found);
    url::check(facts, &mut found);
    body::check(facts, &mut found);
    tokens::check(facts, &mut found);
    answer::check(facts, &mut found);
    errors::check(facts, &mut found);
    examples::check(facts, &mut found);
    provenance::check(spec, &mut found);
    found
}

/// What can be said of a draft: the rules that look at few facts each, and of their findings those about parts in which no
/// single fact is broken already. Nobody should read the same mistake twice in other words.
pub(crate) fn rules_of_draft(contract: &Contract, spec: &Spec, broken: &[Finding]) -> Vec<Finding> {
    let facts = Facts { contract, spec };
    let mut found = Vec::new();
    authentication::check(facts, &mut found);
    url::check(facts, &mut found);
    body::check(facts, &mut found);
    tokens::check(facts, &mut found);
    answer::check(facts, &mut found);
    errors::check(facts, &mut found);
    provenance::check(spec, &mut found);
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
