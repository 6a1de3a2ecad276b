//! Steps, as tests write them.
//!
//! ```
//! use rekindle_testkit::sequence::{ErrorClass, Fate, Fault, Generation, refresh, token, wait};
//! use std::time::Duration;
//!
//! let steps = [
//!     refresh().under(Fault::ResetAfter).fails(ErrorClass::InDoubt, Fate::InDoubt),
//!     refresh().brings_tokens(),
//!     token(Generation::Current).is_accepted(),
//!     wait(Duration::from_secs(25 * 60 * 60)),
//!     token(Generation::Current).is_refused(),
//! ];
//! # assert_eq!(steps.len(), 5);
//! ```

use rekindle_contract::contract::{
    Attempt, Ending, ErrorClass, Fate, Fault, Generation, SignIn, Step, Trouble,
};
use std::time::Duration;

/// A refresh, to be completed with how it ends.
pub fn refresh() -> Refresh {
    Refresh { token: Generation::Current, trouble: None }
}

/// An access token that is shown to the provider, to be completed with what becomes of that.
pub fn token(token: Generation) -> Token {
    Token(token)
}

/// Time passes.
pub fn wait(by: Duration) -> Step {
    Step::Wait(by)
}

/// The provider revokes the grant.
pub fn revoke() -> Step {
    Step::Revoke
}

/// A refresh in the making: see [`refresh`].
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Refresh {
    token: Generation,
    trouble: Option<Trouble>,
}

impl Refresh {
    /// With another credential than the one that is held now.
    pub fn with(mut self, token: Generation) -> Self {
        self.token = token;
        self
    }

    /// With something going wrong on the way.
    pub fn under(mut self, fault: Fault) -> Self {
        self.trouble = Some(Trouble::Fault(fault));
        self
    }

    /// Refused by the rule of the error map with this index.
    pub fn refused_by(mut self, rule: usize) -> Self {
        self.trouble = Some(Trouble::Refusal(rule));
        self
    }

    /// It ends with tokens.
    pub fn brings_tokens(self) -> Step {
        self.ends(Ending::Tokens)
    }

    /// It ends before anything is sent.
    pub fn is_not_sent(self) -> Step {
        self.ends(Ending::Unsent)
    }

    /// It ends with an error.
    pub fn fails(self, class: ErrorClass, fate: Fate) -> Step {
        self.ends(Ending::Refused { class, sign_in: SignIn::Unspecified, fate })
    }

    /// It ends with the grant gone, and this is how to sign in again.
    pub fn asks_to_sign_in(self, sign_in: SignIn) -> Step {
        self.asks_although(sign_in, Fate::Spent)
    }

    /// It ends with the word that the grant is gone, and yet this becomes of the credential.
    pub fn asks_although(self, sign_in: SignIn, fate: Fate) -> Step {
        self.ends(Ending::Refused { class: ErrorClass::Reauthenticate, sign_in, fate })
    }

    fn ends(self, ending: Ending) -> Step {
        Step::Refresh(Attempt { token: self.token, trouble: self.trouble, ending })
    }
}

/// An access token that is shown to the provider: see [`token`].
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Token(Generation);

impl Token {
    /// The provider accepts it.
    pub fn is_accepted(self) -> Step {
        Step::Use { token: self.0, accepted: true }
    }

    /// The provider refuses it.
    pub fn is_refused(self) -> Step {
        Step::Use { token: self.0, accepted: false }
    }
}
