//! The error map: every rule can match, none takes what is not its own.

use super::{Facts, shorten, sign_in};
use crate::contract::{
    BodyCondition, Contract, CredentialAfter, ErrorClass, ErrorRule, FieldMatch, Literal, Pointer,
    StatusRange,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    CREDENTIAL_CONTRADICTS_CLASS, OUTAGE_IS_NO_VERDICT, SUCCESS_SWALLOWED, UNREACHABLE_RULE,
};
use crate::path::Path;
use std::collections::{HashMap, HashSet};

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let written = facts.contract.errors.get(..facts.spec.errors.len()).unwrap_or_default();
    let mut taken = Taken::default();
    let mut succeeds = Statuses::of(&facts.contract.response.success.status);
    for (index, rule) in written.iter().enumerate() {
        let path = Path::of("errors").index(index);
        outage(rule, &path, found);
        unreachable(rule, &mut taken, &path, found);
        swallows(facts, rule, &mut succeeds, &path, found);
        credential(facts.contract, rule, &path, found);
    }
    sign_in::check(facts, written, found);
}

/// Neither 429 nor 5xx says that a grant is gone (R21).
fn outage(rule: &ErrorRule, path: &Path, found: &mut Vec<Finding>) {
    let outage = |range: &StatusRange| range.last >= 500 || range.contains(429);
    if rule.may_end_grant() && rule.status.iter().any(outage) {
        let message = "a failing or overloaded provider does not say that the grant is gone";
        let stays = rule.status.iter().any(|range| range.last < 300);
        let hint = match stays {
            true => {
                "leave 429 and 5xx out, or write `transient` or `rate_limited` for them; a status of success may stay"
            }
            false => "name the 4xx status, or write `transient` or `rate_limited`",
        };
        found.push(Finding::value(OUTAGE_IS_NO_VERDICT, path.key("status"), message).hint(hint));
    }
}

/// What becomes of the credential fits what the refusal means.
fn credential(contract: &Contract, rule: &ErrorRule, path: &Path, found: &mut Vec<Finding>) {
    use CredentialAfter::{Spent, Unknown, Unspent};
    let Some(after) = rule.credential else { return };
    let (message, hint) = match (rule.class, after) {
        (ErrorClass::Reauthenticate, Unspent | Unknown) => (
            "the grant is gone: whether its credential was spent makes no difference",
            "leave `credential` out, or say another class: `transient`, `client_misconfigured`",
        ),
        (ErrorClass::InDoubt, Unspent | Spent) => (
            "`in_doubt` says that it cannot be known whether the credential was spent",
            "leave `credential` out, or say another class: `transient`",
        ),
        (_, Spent) if contract.is_replayable() => (
            "what this contract sends is good for many exchanges: none spends it",
            "leave `credential` out, or say `use: once` of the token",
        ),
        _ => return,
    };
    let path = path.key("credential");
    found.push(Finding::value(CREDENTIAL_CONTRADICTS_CLASS, path, message).hint(hint));
}

fn unreachable<'a>(
    rule: &'a ErrorRule,
    taken: &mut Taken<'a>,
    path: &Path,
    found: &mut Vec<Finding>,
) {
    let earlier = taken.all_of(rule);
    taken.take(rule);
    let message = match earlier.as_slice() {
        [] => return,
        [only] => format!(
            "this rule never matches: `{}` comes first and matches all of it",
            shorten(&only.name)
        ),
        [first, second] => format!(
            "this rule never matches: `{}` and `{}` come first and match all of it",
            shorten(&first.name),
            shorten(&second.name)
        ),
        [first, .., last] => format!(
            "this rule never matches: the rules from `{}` to `{}` come first and match all of it",
            shorten(&first.name),
            shorten(&last.name)
        ),
    };
    found.push(
        Finding::value(UNREACHABLE_RULE, path.clone(), message).hint("move it up, or leave it out"),
    );
}

/// Whether this rule takes what the rules before it have left of success: at the statuses `left`.
fn swallows(
    facts: Facts<'_>,
    rule: &ErrorRule,
    left: &mut Statuses,
    path: &Path,
    found: &mut Vec<Finding>,
) {
    let response = &facts.contract.response;
    let takes_body = match &rule.body {
        BodyCondition::Any => true,
        BodyCondition::Field(taken) => {
            let is_there = taken.equals.is_empty() && !taken.negated;
            response.success.field.as_ref().is_some_and(|asked| taken.covers(asked))
                || is_there && response.access_token.field() == Some(&taken.field)
        }
        BodyCondition::Empty | BodyCondition::Text(_) => false,
    };
    if !takes_body || left.is_empty() {
        return;
    }
    *left = left.without(Statuses::of(&rule.status));
    if left.is_empty() {
        let alone = Statuses::of(&response.success.status).without(Statuses::of(&rule.status));
        let message = match alone.is_empty() {
            true => "this rule takes every answer of success",
            false => "this rule takes every answer of success that those before it leave",
        };
        let hint = "narrow it with `field` and `equals`, or narrow `response.success`";
        found.push(Finding::value(SUCCESS_SWALLOWED, path.clone(), message).hint(hint));
    }
}

/// A set of statuses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Statuses([u64; 8]);

impl Statuses {
    fn of(ranges: &[StatusRange]) -> Self {
        let mut set = Self::default();
        let all = StatusRange::ALL;
        let statuses =
            ranges.iter().flat_map(|range| range.first.max(all.first)..=range.last.min(all.last));
        for status in statuses.map(|status| usize::from(status - all.first)) {
            set.0[status / 64] |= 1 << (status % 64);
        }
        set
    }

    fn without(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own &= !other);
        self
    }

    fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// Bodies that a rule can ask for, of which it takes all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Bodies<'a> {
    Any,
    Empty,
    WithField(&'a Pointer),
    WithValue(&'a Pointer, &'a Literal),
    /// With a field that has none of some values.
    WithoutValues(&'a FieldMatch),
    WithText(&'a str),
}

impl Bodies<'_> {
    /// Whether all `other` bodies are of these, which take more than can be listed. `values` are those that these are without.
    fn cover(self, values: &HashSet<&Literal>, other: Bodies<'_>) -> bool {
        match (self, other) {
            (Self::WithoutValues(own), Bodies::WithValue(field, value)) => {
                own.field == *field && !values.contains(value)
            }
            (Self::WithoutValues(own), Bodies::WithoutValues(other)) => own.covers(other),
            (Self::WithText(own), Bodies::WithText(other)) => other.contains(own),
            _ => false,
        }
    }
}

/// How many bodies that take more than can be listed are looked through for each rule. Where a spec has more of them, a rule that never
/// matches may not be noticed, and it is checked as fast as any other.
const LOOKED_THROUGH: usize = 16;

/// What earlier rules take, by the bodies that they ask for: each rule with the statuses that no rule before it takes of these.
/// What a rule costs does not depend on how many stand before it.
#[derive(Debug, Default)]
struct Taken<'a> {
    by: HashMap<Bodies<'a>, Vec<(Statuses, usize, &'a ErrorRule)>>,
    /// The keys of `by` that take more than can be listed: the first ones, with the values that they leave out.
    open: Vec<(Bodies<'a>, HashSet<&'a Literal>)>,
    rules: usize,
}

impl<'a> Taken<'a> {
    /// The bodies of a rule.
    fn bodies(rule: &'a ErrorRule) -> Vec<Bodies<'a>> {
        match &rule.body {
            BodyCondition::Any => vec![Bodies::Any],
            BodyCondition::Empty => vec![Bodies::Empty],
            BodyCondition::Field(field) if field.equals.is_empty() => {
                vec![Bodies::WithField(&field.field)]
            }
            BodyCondition::Field(field) if field.negated => vec![Bodies::WithoutValues(field)],
            BodyCondition::Text(texts) => texts.iter().map(|text| Bodies::WithText(text)).collect(),
            BodyCondition::Field(field) => {
                field.equals.iter().map(|value| Bodies::WithValue(&field.field, value)).collect()
            }
        }
    }

    /// The bodies that hold these.
    fn wider(&self, bodies: Bodies<'a>) -> impl Iterator<Item = Bodies<'a>> {
        let field = match bodies {
            Bodies::WithValue(field, _) => Some(Bodies::WithField(field)),
            Bodies::WithoutValues(matched) => Some(Bodies::WithField(&matched.field)),
            Bodies::Any | Bodies::Empty | Bodies::WithField(_) | Bodies::WithText(_) => None,
        };
        let any = (bodies != Bodies::Any).then_some(Bodies::Any);
        let open = self.open.iter();
        let open = open.filter(move |(open, values)| *open != bodies && open.cover(values, bodies));
        let open = open.map(|(open, _)| *open);
        any.into_iter().chain(field).chain([bodies]).chain(open)
    }

    /// The rules that together take all that this one would, in their order; none where something is left.
    fn all_of(&self, rule: &'a ErrorRule) -> Vec<&'a ErrorRule> {
        let mut takers: Vec<(usize, &ErrorRule)> = Vec::new();
        let statuses = Statuses::of(&rule.status);
        for bodies in Self::bodies(rule) {
            let mut left = statuses;
            for (statuses, index, taker) in
                self.wider(bodies).filter_map(|wider| self.by.get(&wider)).flatten()
            {
                let rest = left.without(*statuses);
                if rest != left {
                    takers.push((*index, taker));
                    left = rest;
                }
            }
            if !left.is_empty() {
                return Vec::new();
            }
        }
        takers.sort_by_key(|(index, _)| *index);
        takers.dedup_by_key(|(index, _)| *index);
        takers.into_iter().map(|(_, rule)| rule).collect()
    }

    fn take(&mut self, rule: &'a ErrorRule) {
        let (statuses, index) = (Statuses::of(&rule.status), self.rules);
        self.rules += 1;
        for bodies in Self::bodies(rule) {
            let is_open = matches!(bodies, Bodies::WithoutValues(_) | Bodies::WithText(_));
            if is_open && self.open.len() < LOOKED_THROUGH && !self.by.contains_key(&bodies) {
                let values = match bodies {
                    Bodies::WithoutValues(matched) => matched.equals.iter().collect(),
                    _ => HashSet::new(),
                };
                self.open.push((bodies, values));
            }
            let takers = self.by.entry(bodies).or_default();
            let left = takers.iter().fold(statuses, |left, (taken, ..)| left.without(*taken));
            if !left.is_empty() {
                takers.push((left, index, rule));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::SignIn;

    fn rule(status: &[u16], body: BodyCondition) -> ErrorRule {
        ErrorRule {
            status: status.iter().map(|status| StatusRange::one(*status)).collect(),
            body,
            class: ErrorClass::Transient,
            perhaps_gone: false,
            credential: None,
            retry_after: None,
            sign_in: SignIn::Unspecified,
            doc: None,
            name: format!("{status:?}"),
        }
    }

    fn matched(values: &[&str], negated: bool) -> BodyCondition {
        let equals = values.iter().map(|value| Literal::Text((*value).to_owned())).collect();
        let field = Pointer::new(vec!["e".to_owned()]);
        BodyCondition::Field(FieldMatch { field, equals, negated })
    }

    fn field(values: &[&str]) -> BodyCondition {
        matched(values, false)
    }

    fn other_than(values: &[&str]) -> BodyCondition {
        matched(values, true)
    }

    fn text(texts: &[&str]) -> BodyCondition {
        BodyCondition::Text(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    /// How many rules take all of the last.
    fn takers(rules: &[ErrorRule]) -> usize {
        let mut taken = Taken::default();
        let (last, earlier) = rules.split_last().unwrap();
        earlier.iter().for_each(|rule| taken.take(rule));
        taken.all_of(last).len()
    }

    #[test]
    fn a_rule_is_taken_by_one_or_by_several_together() {
        use BodyCondition::{Any, Empty};
        let cases: [(usize, &[ErrorRule]); 22] = [
            (1, &[rule(&[400], other_than(&["a"])), rule(&[400], field(&["b"]))]),
            (0, &[rule(&[400], other_than(&["a"])), rule(&[400], field(&["b", "a"]))]),
            (1, &[rule(&[400], other_than(&["a"])), rule(&[400], other_than(&["b", "a"]))]),
            (0, &[rule(&[400], other_than(&["b", "a"])), rule(&[400], other_than(&["a"]))]),
            (1, &[rule(&[400], field(&[])), rule(&[400], other_than(&["a"]))]),
            (0, &[rule(&[400], field(&["b"])), rule(&[400], other_than(&["a"]))]),
            (1, &[rule(&[400], text(&["gone"])), rule(&[400], text(&["is gone", "gone!"]))]),
            (0, &[rule(&[400], text(&["is gone"])), rule(&[400], text(&["is gone", "gone"]))]),
            (1, &[rule(&[400], Any), rule(&[400], text(&["gone"]))]),
            (0, &[rule(&[400], Any)]),
            (1, &[rule(&[400, 401], Any), rule(&[400], field(&["a"]))]),
            (0, &[rule(&[400], Any), rule(&[400, 401], Any)]),
            (2, &[rule(&[400], Any), rule(&[401], Any), rule(&[400, 401], Empty)]),
            (0, &[rule(&[400], field(&["a"])), rule(&[400], field(&["a", "b"]))]),
            (1, &[rule(&[400], field(&["a", "b"])), rule(&[400], field(&["b"]))]),
            (
                2,
                &[
                    rule(&[400], field(&["a"])),
                    rule(&[400], field(&["b"])),
                    rule(&[400], field(&["b", "a"])),
                ],
            ),
            (1, &[rule(&[400], field(&[])), rule(&[400], field(&["a"]))]),
            (0, &[rule(&[400], field(&["a"])), rule(&[400], field(&[]))]),
            (0, &[rule(&[400], Empty), rule(&[400], Any)]),
            (0, &[rule(&[400], Empty), rule(&[400], field(&[]))]),
            (1, &[rule(&[400], Empty), rule(&[400], Empty)]),
            (
                2,
                &[
                    rule(&[400], field(&[])),
                    rule(&[401], field(&["a"])),
                    rule(&[401, 400], field(&["a"])),
                ],
            ),
        ];
        for (expected, rules) in cases {
            assert_eq!(takers(rules), expected, "{rules:#?}");
        }
    }

    /// However many rules there are of one body, what is kept of them is bounded by the number of statuses.
    #[test]
    fn what_is_kept_does_not_grow_with_the_rules() {
        let rules: Vec<ErrorRule> =
            (0..5_000_u16).map(|index| rule(&[400 + index % 99], BodyCondition::Any)).collect();
        let mut taken = Taken::default();
        rules.iter().for_each(|rule| taken.take(rule));
        assert_eq!(taken.by.values().map(Vec::len).collect::<Vec<_>>(), [99]);
    }
}
