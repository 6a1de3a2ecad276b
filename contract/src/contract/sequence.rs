//! Sequences of exchanges: what happens over time and under fault.

pub use crate::spec::{Fate, Fault, Generation};

use super::{
    Contract, CredentialAfter, ErrorClass, ErrorRule, Expect, ExpectedExpiry, Expiry, SignIn,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Steps that one holder of one grant takes, one after the other. It begins right after signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Its name in `kebab-case`.
    pub id: String,
    /// What it shows.
    pub doc: Option<String>,
    /// The steps, never empty.
    pub steps: Vec<Step>,
}

/// A step of a [`Sequence`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// A refresh.
    Refresh(Attempt),
    /// The access token is shown to the provider.
    Use {
        /// Which one.
        token: Generation,
        /// Whether the provider accepts it.
        accepted: bool,
    },
    /// Time passes.
    Wait(Duration),
    /// The provider revokes the grant.
    Revoke,
}

/// A refresh, and how it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which credential is sent.
    pub token: Generation,
    /// What is not as it should be.
    pub trouble: Option<Trouble>,
    /// How it ends.
    pub ending: Ending,
}

/// What is not as it should be about a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Trouble {
    /// Something goes wrong on the way.
    Fault(Fault),
    /// The provider refuses by the rule with this index in [`Contract::errors`], and processes nothing.
    Refusal(usize),
}

/// How a refresh ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// With new tokens.
    Tokens,
    /// With an error.
    Refused {
        /// Its class.
        class: ErrorClass,
        /// How to sign in again; [`SignIn::Unspecified`] where the class is not `reauthenticate`.
        sign_in: SignIn,
        /// What becomes of the credential.
        fate: Fate,
    },
    /// With nothing sent, as the provider would not accept it now.
    Unsent,
}

impl Contract {
    /// What becomes of the credential where an answer is an error by this rule.
    pub fn fate_by(&self, rule: &ErrorRule) -> Fate {
        match rule.credential {
            None => self.fate(rule.class),
            Some(CredentialAfter::Unspent) => Fate::Unspent,
            Some(CredentialAfter::Spent) => Fate::Spent,
            Some(CredentialAfter::Unknown) => self.fate_after_sending(),
        }
    }

    /// What becomes of the credential where an answer is an error of this class, and no rule says otherwise.
    pub fn fate(&self, class: ErrorClass) -> Fate {
        match class {
            ErrorClass::Reauthenticate => Fate::Spent,
            ErrorClass::ClientMisconfigured | ErrorClass::RateLimited => Fate::Unspent,
            ErrorClass::ContractViolation | ErrorClass::Transient | ErrorClass::InDoubt => {
                self.fate_after_sending()
            }
        }
    }

    /// What becomes of the credential where it was sent and nothing says what became of it.
    pub fn fate_after_sending(&self) -> Fate {
        if self.is_replayable() { Fate::Unspent } else { Fate::InDoubt }
    }

    /// An error by this rule.
    pub fn refused_by(&self, rule: &ErrorRule) -> Ending {
        Ending::Refused { class: rule.class, sign_in: rule.sign_in, fate: self.fate_by(rule) }
    }

    /// An error of this class with the fate that it implies.
    pub fn refused(&self, class: ErrorClass, sign_in: SignIn) -> Ending {
        Ending::Refused { class, sign_in, fate: self.fate(class) }
    }

    /// How long an access token lives as far as the contract knows, for tests: a constant, the usual lifetime, what the first example
    /// says that tells when its token dies, or an hour.
    pub fn assumed_lifetime(&self) -> Duration {
        const HOUR: Duration = Duration::from_secs(60 * 60);
        if let Expiry::Constant(lifetime) = self.access.expires {
            return lifetime;
        }
        let usual = self.access.usual_lifetime.or_else(|| self.shown_lifetime()).unwrap_or(HOUR);
        self.access.expires.chosen().map_or(usual, |chosen| self.nearest_choice(chosen, usual))
    }

    /// How long an access token lives by the first example that says when its token dies.
    pub(super) fn shown_lifetime(&self) -> Option<Duration> {
        let shown = self.documented_lifetime(|expect| match expect {
            Expect::Tokens { access_expires, .. } => *access_expires,
            Expect::Error { .. } => None,
        });
        shown.or(self.access.shown_lifetime)
    }

    /// The same of a refresh token: a constant, what an example says, or thirty days. `None` where nothing ends it but disuse, which
    /// answers [may tell](Self::told_disuse).
    pub fn assumed_refresh_lifetime(&self) -> Option<Duration> {
        const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);
        let refresh = self.refresh.as_ref()?;
        match &refresh.expires {
            Expiry::Constant(lifetime) | Expiry::SinceSignIn(lifetime) => Some(*lifetime),
            Expiry::Never | Expiry::Undeclared => None,
            _ if self.told_disuse().is_some() => None,
            told => {
                let usual = self.shown_refresh_lifetime().unwrap_or(MONTH);
                Some(told.chosen().map_or(usual, |chosen| self.nearest_choice(chosen, usual)))
            }
        }
    }

    /// The limit of disuse, where the end of the refresh token that answers tell is no other: each use puts off both.
    pub fn told_disuse(&self) -> Option<Duration> {
        self.refresh.as_ref()?.told_disuse(self.shown_refresh_lifetime())
    }

    /// How long a refresh token lives by the first example that says when its token dies.
    fn shown_refresh_lifetime(&self) -> Option<Duration> {
        self.documented_lifetime(|expect| match expect {
            Expect::Tokens { refresh_expires, .. } => *refresh_expires,
            Expect::Error { .. } => None,
        })
    }

    /// How long the token lives of the first example that says when it dies.
    fn documented_lifetime(
        &self,
        end: impl Fn(&Expect) -> Option<ExpectedExpiry>,
    ) -> Option<Duration> {
        self.examples.iter().find_map(|example| match end(&example.expect)? {
            ExpectedExpiry::At(end) => {
                // Answers in whole seconds can tell it.
                let seconds = u64::try_from(end.duration_since(example.given.at).as_secs()).ok()?;
                (seconds > 0).then(|| Duration::from_secs(seconds))
            }
            ExpectedExpiry::Never | ExpectedExpiry::Undeclared => None,
        })
    }

    /// The same of the access token that signing in brings.
    pub fn assumed_first_lifetime(&self) -> Duration {
        self.access.first_lifetime.unwrap_or_else(|| self.assumed_lifetime())
    }

    /// The lifetime that a parameter chooses, for tests: as long as the token lives without it. `None` where it chooses none.
    pub fn assumed_choice(&self, parameter: &str) -> Option<Duration> {
        let is_it = |chosen: &&super::Chosen| chosen.parameter == parameter;
        let refresh = self.refresh.as_ref().and_then(|refresh| refresh.expires.chosen());
        match self.access.expires.chosen().filter(is_it) {
            Some(_) => Some(self.assumed_lifetime()),
            None => refresh.filter(is_it).and_then(|_| self.assumed_refresh_lifetime()),
        }
    }

    /// The lifetime that can be chosen and that is the nearest to this one: of those that the parameter may be, where it lists some.
    pub fn nearest_choice(&self, chosen: &super::Chosen, lifetime: Duration) -> Duration {
        let listed = self.client.get(&chosen.parameter).into_iter().flat_map(|it| &it.one_of);
        let listed = listed.filter_map(|value| value.parse().ok().map(Duration::from_secs));
        let nearest = listed.min_by_key(|listed| listed.abs_diff(lifetime));
        nearest.unwrap_or_else(|| chosen.nearest(lifetime))
    }

    /// What chooses the lifetimes of its tokens in the request.
    pub fn chosen_lifetimes(&self) -> impl Iterator<Item = &super::Chosen> {
        let refresh = self.refresh.as_ref().and_then(|refresh| refresh.expires.chosen());
        self.access.expires.chosen().into_iter().chain(refresh)
    }
}
