//! How a scenario ended, in one line.

use std::fmt;

use crate::plan::{Plan, Scenario};

/// How a scenario ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Exchanges whose new token neither the store has nor the journal accounts for.
    pub lost: u64,
    /// Requests that the provider refused: for a spent token, or since the grant was over.
    pub revoked: u64,
    /// How often a token was sent that had been spent before.
    pub duplicated: u64,
    /// Grants whose exchange stood in the journal of a process that was killed, and for which the supervisor signed in anew.
    pub in_doubt: u64,
    /// How many exchanges the provider has granted.
    pub exchanges: u64,
    /// How many generations of tokens the store has taken.
    pub generations: u64,
    /// What else was counted.
    pub also: Vec<(&'static str, u64)>,
    /// What did not hold, in words.
    pub violations: Vec<String>,
    pub(crate) tail: String,
}

impl Report {
    /// Says which plan it is of.
    #[must_use]
    pub fn of(mut self, plan: &Plan) -> Self {
        let many = match plan.scenario {
            Scenario::Stampede | Scenario::Cancel | Scenario::Clock => String::new(),
            _ => format!(" processes={}", plan.processes),
        };
        self.tail = format!("scenario={} store={}{many}", plan.scenario.name(), plan.store.name());
        self.also.insert(0, ("seed", plan.seed));
        for (what, number) in
            [("lost", self.lost), ("revoked", self.revoked), ("duplicated", self.duplicated)]
        {
            if number > 0 {
                self.violations.push(format!("{what}={number}"));
            }
        }
        self
    }

    /// Whether all held.
    pub fn holds(&self) -> bool {
        self.violations.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "lost={} revoked={} duplicated={} exchanges={} generations={}",
            self.lost, self.revoked, self.duplicated, self.exchanges, self.generations
        )?;
        for (name, number) in &self.also {
            write!(f, " {name}={number}")?;
        }
        write!(f, " in_doubt={} {}", self.in_doubt, self.tail)
    }
}

/// Why a scenario did not come to its end.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// The scenario could not be set up.
    pub fn setup(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}
