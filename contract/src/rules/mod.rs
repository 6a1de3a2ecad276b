//! What must hold, and what should hold, between the parts of a contract.
//!
//! Everything here reads a resolved [`Contract`]; the [`Spec`] serves to say where a fact was written.

mod answer;
mod authentication;
mod body;
mod chosen;
mod credential;
mod errors;
mod examples;
mod fallback;
mod mint;
mod outputs;
mod parameters;
mod places;
mod provenance;
mod sign_in;
mod signing;
mod steps;
mod tokens;
mod unchanged;
mod url;
mod values;

use crate::contract::{Contract, ValueChecks};
use crate::diagnostics::meaning::{
    ANSWER_DIFFERS, ANSWER_FORMAT_MISMATCH, INCOMPLETE_GIVEN, MISSING_FACT, NO_EXAMPLE,
    NO_SIGN_IN_RULE, ROTATION_WITHOUT_FIELD, UNDECLARED_PLACEHOLDER,
};
use crate::diagnostics::{At, Finding};
use crate::partial::{follows_in_example, is_held_against, may_be_in};
use crate::path::{Path, Step};
use crate::spec::Spec;
use std::collections::HashSet;

/// Looks for what is wrong with a contract.
type Rule = fn(Facts<'_>, &mut Vec<Finding>);

/// Every rule.
const RULES: [Rule; 18] = [
    credential::check,
    mint::check,
    fallback::check,
    parameters::check,
    authentication::check,
    values::check,
    signing::check,
    steps::check,
    url::check,
    body::check,
    tokens::check,
    chosen::check,
    unchanged::check,
    answer::check,
    outputs::check,
    errors::check,
    examples::check,
    provenance::check,
];

/// Those that look at what there is where nothing is sent.
const RULES_OF_LOCAL: [Rule; 4] =
    [parameters::check, signing::check, tokens::check, provenance::check];

/// Everything that is wrong or doubtful about a contract that could be resolved.
pub(crate) fn rules(contract: &Contract, spec: &Spec) -> Vec<Finding> {
    find(contract, spec)
}

/// What can be said of a partial contract: what the rules find, without findings about parts in which a fact
/// is broken already. Nobody should read the same mistake twice in other words.
///
/// `left_out` are the parts whose shape is broken. Examples are held against all the other parts.
pub(crate) fn rules_of_partial(
    contract: &Contract,
    spec: &Spec,
    broken: &[Finding],
    left_out: &[Path],
) -> Vec<Finding> {
    let mut found = find(contract, spec);
    let wrong = || broken.iter().filter(|finding| finding.is_error());
    let paths = || wrong().map(|finding| &finding.path);
    found.retain(|finding| {
        !is_held_against(finding, paths().chain(left_out)) && !may_be_in(finding, paths())
    });
    // What is not declared is no less given.
    if wrong().any(|wrong| wrong.code == UNDECLARED_PLACEHOLDER) {
        found.retain(|finding| finding.code != INCOMPLETE_GIVEN || finding.at != At::Key);
    }
    // Without a response nobody knows what its answers hold.
    let response_is_broken =
        broken.iter().any(|known| known.code == MISSING_FACT || is_below(known, "response"));
    // Nobody knows either where the token is in the answers of examples.
    let is_nowhere = |known: &Finding| known.code == MISSING_FACT && known.path.0.len() == 1;
    let token_is_nowhere = broken.iter().any(is_nowhere);
    let about_answers = [ANSWER_FORMAT_MISMATCH, ROTATION_WITHOUT_FIELD];
    let parts = Parts::of(broken);
    found.retain(|finding| {
        let follows = response_is_broken && about_answers.contains(&finding.code)
            || token_is_nowhere && finding.code == ANSWER_DIFFERS;
        let mut in_example =
            paths().chain(left_out).filter_map(|wrong| follows_in_example(finding, wrong));
        let held = match is_below(finding, "examples") {
            true => in_example.any(|follows| follows),
            false => parts.hold(finding),
        };
        !follows && !held
    });
    found
}

fn find(contract: &Contract, spec: &Spec) -> Vec<Finding> {
    let checks = contract.value_checks();
    let facts = Facts { contract, spec, checks: &checks };
    let mut found = Vec::new();
    if contract.request.operation.is_local() {
        RULES_OF_LOCAL.iter().for_each(|rule| rule(facts, &mut found));
    } else {
        RULES.iter().for_each(|rule| rule(facts, &mut found));
    }
    found
}

/// The parts of a spec that findings are about: `refresh.headers.accept`, `errors[1]`.
struct Parts<'a> {
    parts: HashSet<&'a [Step]>,
    /// What holds one of them.
    above: HashSet<&'a [Step]>,
}

impl<'a> Parts<'a> {
    fn of(findings: &'a [Finding]) -> Self {
        let parts: HashSet<&[Step]> = findings.iter().map(Self::part).collect();
        let above = parts.iter().flat_map(|part| (1..part.len()).map(|steps| &part[..steps]));
        Self { above: above.collect(), parts }
    }

    /// An item of a list is one part, and so is a parameter: what it says, it says together.
    fn part(finding: &Finding) -> &[Step] {
        let steps = finding.path.0.as_slice();
        let item = steps.iter().position(|step| matches!(step, Step::Index(_)));
        let parameter = is_below(finding, "client").then_some(1);
        &steps[..item.or(parameter).map_or(steps.len(), |item| steps.len().min(item + 1))]
    }

    /// Whether a finding is about one of the parts, or about what holds one or is held by one.
    fn hold(&self, finding: &Finding) -> bool {
        let part = Self::part(finding);
        // What a spec lacks is told where it would be missed.
        let lacks = [NO_EXAMPLE, NO_SIGN_IN_RULE].contains(&finding.code);
        let holds = !lacks && self.above.contains(part);
        holds || (0..=part.len()).any(|steps| self.parts.contains(&part[..steps]))
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
    /// What clients take and refuse.
    checks: &'a ValueChecks<'a>,
}

/// Enough of `text` to know it by.
pub(crate) fn shorten(text: &str) -> String {
    if text.chars().count() <= 48 {
        return text.to_owned();
    }
    text.chars().take(47).chain(['…']).collect()
}
