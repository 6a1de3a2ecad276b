//! Where a sequence takes place.

use crate::held::Held;
use crate::provider::Rule;
use jiff::Timestamp;
use rekindle_contract::contract::Trouble;
use std::time::Duration;

/// A provider, and what is around it: people who sign in, time, the network. A fake one can do everything; a real one can not.
pub trait World {
    /// What time it is there.
    ///
    /// # Errors
    /// When that cannot be known.
    fn now(&mut self) -> Result<Timestamp, Unable>;

    /// A person signs in.
    ///
    /// # Errors
    /// When there is nobody.
    fn sign_in(&mut self) -> Result<Held, Unable>;

    /// Whether somebody signs in once more where the only grant is used up.
    fn signs_in_again(&self) -> bool {
        false
    }

    /// A person signs in once more, where the only grant is used up.
    ///
    /// # Errors
    /// When there is nobody.
    fn sign_in_again(&mut self) -> Result<Held, Unable> {
        Err(Unable("the grant is gone".to_owned()))
    }

    /// Lets time pass.
    ///
    /// # Errors
    /// When it passes by itself only.
    fn wait(&mut self, by: Duration) -> Result<(), Unable>;

    /// What is in the way of the next refresh, and of nothing else.
    ///
    /// # Errors
    /// When nothing can be put there.
    fn plan(&mut self, trouble: Option<Trouble>) -> Result<(), Unable>;

    /// Revokes the grant.
    ///
    /// # Errors
    /// When there is nobody to do it.
    fn revoke(&mut self, held: &Held) -> Result<(), Unable>;

    /// Shows an access token to the provider: `None` where it is accepted, else the rule that refused it.
    ///
    /// # Errors
    /// When there is nothing to show it to.
    fn use_access_token(&mut self, token: &str) -> Result<Option<Rule>, Unable>;

    /// Looks at what a client holds after a refresh, with what was in the way of it, where the provider can be asked about it.
    ///
    /// # Errors
    /// What is wrong with it, in words that show no token.
    fn inspect(&mut self, held: &Held, trouble: Option<Trouble>) -> Result<(), String> {
        let _ = (held, trouble);
        Ok(())
    }
}

/// Something that cannot be done here, in words: `time cannot be moved`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unable(pub String);
