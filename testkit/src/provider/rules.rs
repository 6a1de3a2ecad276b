//! The rules that are enforced.

use super::Rule;
use std::collections::BTreeSet;

/// A rule that was broken.
#[derive(Debug)]
pub(super) struct Broken {
    /// Which one.
    pub(super) rule: Rule,
    /// How, for people.
    pub(super) why: String,
}

impl Broken {
    pub(super) fn new(rule: Rule, why: impl Into<String>) -> Self {
        Self { rule, why: why.into() }
    }
}

/// The rules that are enforced: all that are not switched off.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    off: BTreeSet<Rule>,
    all_off: bool,
}

impl Rules {
    /// None is enforced: whatever is there is read.
    pub(super) const NONE: Self = Self { off: BTreeSet::new(), all_off: true };

    /// Stops to enforce one.
    pub(super) fn switch_off(&mut self, rule: Rule) {
        self.off.insert(rule);
    }

    /// Whether one is enforced.
    pub(super) fn enforce(&self, rule: Rule) -> bool {
        !self.all_off && !self.off.contains(&rule)
    }

    /// Gives `holds` back; an error where it does not hold and the rule is enforced.
    pub(super) fn demand(
        &self,
        rule: Rule,
        holds: bool,
        why: impl FnOnce() -> String,
    ) -> Result<bool, Broken> {
        if !holds && self.enforce(rule) {
            return Err(Broken::new(rule, why()));
        }
        Ok(holds)
    }

    /// The first of the rules by which something was ended that is still enforced.
    pub(super) fn first<'a>(&self, rules: impl IntoIterator<Item = &'a Rule>) -> Option<Rule> {
        rules.into_iter().copied().find(|rule| self.enforce(*rule))
    }
}
