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
use std::collections::HashSet;

/// Everything that is wrong or doubtful about a contract that could be resolved.
pub(crate) fn rules(contract: &Contract, spec: &Spec) -> Vec<Finding> {
    let facts = Facts { contract, spec };
    let mut found = Vec::new();
    let checks = contract.value_checks();
    credential::check(facts, &mut found);
    parameters::check(facts, &checks, &mut found);
    authentication::check(facts, &mut found);
    url::check(facts, &mut found);
    body::check(facts, &mut found);
    tokens::check(facts, &mut found);
    answer::check(facts, &mut found);
    errors::check(facts, &mut found);
    examples::check(facts, &checks, &mut found);
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
    let parts = Parts::of(broken);
    found.retain(|finding| {
        let follows = response_is_broken && about_answers.contains(&finding.code);
        !follows && !parts.hold(finding)
    });
    found
}

/// The parts of a spec that findings are about: `refresh.headers`, `tokens.access`, `errors[1]`.
struct Parts<'a> {
    parts: HashSet<&'a [Step]>,
    /// What holds one of them.
    above: HashSet<&'a [Step]>,
}

impl<'a> Parts<'a> {
    /// How many steps lead to a part.
    const STEPS: usize = 2;

    fn of(findings: &'a [Finding]) -> Self {
        let parts: HashSet<&[Step]> = findings.iter().map(Self::part).collect();
        let above = parts.iter().flat_map(|part| (0..part.len()).map(|steps| &part[..steps]));
        Self { above: above.collect(), parts }
    }

    fn part(finding: &Finding) -> &[Step] {
        let steps = finding.path.0.as_slice();
        &steps[..steps.len().min(Self::STEPS)]
    }

    /// Whether a finding is about one of the parts, or about what holds one or is held by one.
    fn hold(&self, finding: &Finding) -> bool {
        let part = Self::part(finding);
        self.above.contains(part)
            || (0..=part.len()).any(|steps| self.parts.contains(&part[..steps]))
    }
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

/// Enough of `text` to know it by.
fn shorten(text: &str) -> String {
    if text.chars().count() <= 48 {
        return text.to_owned();
    }
    text.chars().take(47).chain(['…']).collect()
}
