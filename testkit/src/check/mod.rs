//! Checks: does a provider keep its contract?
//!
//! Several kinds of them: what the answer to a refresh looks like, aspect by aspect; requests that a provider has to refuse, and
//! what it has to remember about its tokens, rule by rule; sequences, written in the spec and derived from it; what a page that an
//! access token opens does with good ones and with others.
//!
//! Architecture invariant: what a check says shows no token, no secret and no byte of a body.

mod aspect;
mod behaviour;
mod bench;
mod brought;
mod exchange;
mod expiry;
mod guard;
mod hint;
mod list;
mod local;
mod look;
pub mod mutants;
pub mod probe;
mod refusal;
mod resource;
mod run;
mod seen;
mod sequences;
mod told;

pub use bench::{Bench, Carry, Grants, Keep};
pub use brought::is_refused_with_tokens;
pub use expiry::jwt_end;
pub use guard::{Doubt, KeepDoubt, MayBeSentAgain};
pub use list::{checks, checks_at, said_of};
pub use resource::ShownToken;
pub use run::Run;

use crate::provider::Rule;
use aspect::Aspect;
use behaviour::Behaviour;
use rekindle_contract::contract::Step;

/// Something that a provider with a certain contract has to do.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its name: `rotation`, `field-missing`, `sequence-refresh-twice`.
    pub id: String,
    /// What must hold, in a sentence.
    pub title: String,
    /// The rules behind it: `R16`.
    pub rules: Vec<&'static str>,
    /// What it costs whoever holds the grant.
    pub cost: Cost,
    kind: Kind,
}

/// What a check costs whoever holds the grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// Nothing: no credential that is good for anything is sent.
    Nothing,
    /// A refresh, at a provider that keeps its contract or is laxer: what it brings is kept.
    Refresh,
    /// Perhaps the whole grant.
    Grant,
}

#[derive(Debug, Clone)]
enum Kind {
    Aspect(Aspect),
    Again,
    Probes(Rule, Vec<probe::Probe>),
    Behaviour(Behaviour),
    /// The steps, and the fact that they are about.
    Sequence(Vec<Step>, Option<&'static str>),
    /// Of a token that clients make themselves.
    Local(local::Local),
    /// At a page that an access token opens, and where it is.
    Resource(resource::Resource, http::Uri),
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The provider does what it has to.
    Pass,
    /// It does not.
    Fail(Deviation),
    /// It does something else, and no client is worse off: it is laxer than its contract, or writes an answer in another way.
    Note(Deviation),
    /// The contract says nothing that could be checked: why.
    NotApplicable(String),
    /// It cannot be known here: why.
    CouldNotTell(String),
}

/// What a provider did not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// What the contract lets expect.
    pub expected: String,
    /// What was seen instead. It shows no secret.
    pub seen: String,
    /// The path of the fact in the spec: `tokens.refresh.rotation`.
    pub fact: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Deviation {
    /// Something else was seen than expected.
    pub fn new(expected: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { expected: expected.into(), seen: seen.into(), fact: None, hint: None }
    }

    /// The same, with the fact of the contract that it is about.
    #[must_use]
    pub fn about(mut self, fact: impl Into<String>) -> Self {
        self.fact = Some(fact.into());
        self
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Deviation> for Verdict {
    fn from(deviation: Deviation) -> Self {
        Self::Fail(deviation)
    }
}

/// The way through a check: whatever is no pass ends it.
type Checked<T = ()> = Result<T, Verdict>;
