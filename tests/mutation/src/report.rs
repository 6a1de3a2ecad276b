//! What a run found, in tables.

use crate::explained::Reason;
use crate::mutant::{Killer, Mutant, State, Suite};
use crate::mutation::Part;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How the mutants of one group ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there are.
    pub mutants: usize,
    /// How many were killed, by whatever means.
    pub killed: usize,
    /// How many survived for a reason.
    pub explained: usize,
    /// How many survived for none.
    pub survivors: usize,
}

/// The survivors of all suites, each with its reason if it has one.
#[derive(Debug)]
pub struct Report<'a> {
    suites: &'a [Suite],
    reasons: &'a [Reason],
}

impl<'a> Report<'a> {
    /// About suites that were run.
    pub fn new(suites: &'a [Suite], reasons: &'a [Reason]) -> Self {
        Self { suites, reasons }
    }

    /// The mutants that were not killed.
    fn alive(&self) -> impl Iterator<Item = &'a Mutant> {
        self.suites
            .iter()
            .flat_map(|suite| &suite.mutants)
            .filter(|mutant| !matches!(mutant.state, State::Killed(_)))
    }

    fn reason(&self, mutant: &Mutant) -> Option<&'a Reason> {
        self.reasons.iter().find(|reason| reason.explains(mutant))
    }

    /// How many survived for no reason.
    pub fn unexplained(&self) -> usize {
        self.alive().filter(|mutant| self.reason(mutant).is_none()).count()
    }

    /// The reasons that explain nothing.
    pub fn stale(&self) -> Vec<&'a Reason> {
        let idle =
            |reason: &&Reason| !self.alive().any(|mutant| self.reason(mutant) == Some(*reason));
        self.reasons.iter().filter(idle).collect()
    }

    fn tally(&self, suite: &Suite, wanted: impl Fn(Part) -> bool) -> Tally {
        let mut tally = Tally::default();
        for mutant in suite.mutants.iter().filter(|mutant| wanted(mutant.mutation.part())) {
            tally.mutants += 1;
            match &mutant.state {
                State::Killed(_) => tally.killed += 1,
                _ if self.reason(mutant).is_some() => tally.explained += 1,
                _ => tally.survivors += 1,
            }
        }
        tally
    }

    /// A table for a page: killed of all in each part of the contract.
    pub fn table(&self) -> String {
        let mut text = "| provider |".to_owned();
        let mut line = "|---|".to_owned();
        for (_, name) in Part::ALL {
            let _ = write!(text, " {name} |");
            line.push_str("---:|");
        }
        let _ = writeln!(
            text,
            " mutants | killed | explained | survivors |\n{line}---:|---:|---:|---:|"
        );
        for suite in self.suites {
            let _ = write!(text, "| `{}` |", suite.provider);
            for (part, _) in Part::ALL {
                let tally = self.tally(suite, |other| other == part);
                let _ = write!(text, " {}/{} |", tally.killed, tally.mutants);
            }
            let Tally { mutants, killed, explained, survivors } = self.tally(suite, |_| true);
            let _ = writeln!(text, " {mutants} | {killed} | {explained} | {survivors} |");
        }
        text
    }

    /// Each test, with how many mutants it kills and how many of them no other test kills.
    pub fn tests(&self) -> String {
        let mut kills: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for mutant in self.suites.iter().flat_map(|suite| &suite.mutants) {
            let State::Killed(Killer::Tests(tests)) = &mutant.state else {
                continue;
            };
            for test in tests {
                let (all, alone) = kills.entry(test).or_default();
                *all += 1;
                *alone += usize::from(tests.len() == 1);
            }
        }
        let mut text = format!("{:<64}{:>8}{:>8}\n", "test", "kills", "alone");
        for (test, (all, alone)) in kills {
            let _ = writeln!(text, "{test:<64}{all:>8}{alone:>8}");
        }
        text
    }

    /// The mutants that were not killed, the unexplained ones last; before them those that no test killed.
    pub fn survivors(&self) -> String {
        let mut text = String::new();
        for mutant in self.suites.iter().flat_map(|suite| &suite.mutants) {
            if let State::Killed(killer @ (Killer::Compiler(_) | Killer::Clock)) = &mutant.state {
                let _ = writeln!(text, "killed by no test, {killer:?}: {}", described(mutant));
            }
        }
        for mutant in self.alive() {
            if let Some(reason) = self.reason(mutant) {
                let _ = writeln!(text, "explained: {}\n    {}", described(mutant), reason.why);
            }
        }
        for mutant in self.alive().filter(|mutant| self.reason(mutant).is_none()) {
            let _ = writeln!(text, "SURVIVOR: {}", described(mutant));
        }
        text
    }
}

fn described(mutant: &Mutant) -> String {
    let identical = if mutant.state == State::Identical {
        " (the client is the same to the letter)"
    } else {
        ""
    };
    format!("{}{identical}", mutant.mutation.id())
}
