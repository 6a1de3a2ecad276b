//! A real provider: one grant, no control over time, people or the network.

use super::credentials;
use super::secrets::Secrets;
use jiff::Timestamp;
use rekindle_contract::contract::{Contract, Trouble};
use rekindle_testkit::provider::Rule;
use rekindle_testkit::sequence::{Unable, World};
use rekindle_testkit::{Clock, Held};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// Time cannot be moved, but waited for: for so long at most.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A real provider as a world. Its copies hold the same grant.
#[derive(Clone)]
pub(super) struct RealProvider {
    held: Rc<RefCell<Option<Held>>>,
    clock: Clock,
    contract: Rc<Contract>,
    /// The command that signs in anew.
    again: Option<String>,
}

impl RealProvider {
    pub(super) fn new(contract: &Contract, held: Option<Held>, again: Option<String>) -> Self {
        let held = Rc::new(RefCell::new(held));
        Self { held, clock: Clock::running(1.0), contract: Rc::new(contract.clone()), again }
    }

    /// Holds these from now on.
    pub(super) fn hold(&self, held: &Held) {
        *self.held.borrow_mut() = Some(held.clone());
    }

    pub(super) fn learn(&self, secrets: &Secrets) {
        if let Some(held) = &*self.held.borrow() {
            secrets.learn_held(held);
        }
    }
}

fn unable<T>(why: &str) -> Result<T, Unable> {
    Err(Unable(why.to_owned()))
}

impl World for RealProvider {
    fn now(&mut self) -> Result<Timestamp, Unable> {
        Ok(self.clock.now())
    }

    fn sign_in(&mut self) -> Result<Held, Unable> {
        let held = self.held.borrow().clone();
        held.ok_or_else(|| Unable("there is no grant".to_owned()))
    }

    fn signs_in_again(&self) -> bool {
        self.again.is_some()
    }

    fn sign_in_again(&mut self) -> Result<Held, Unable> {
        let Some(command) = &self.again else {
            return unable(
                "the grant is gone, and there is no `--sign-in COMMAND` for another one",
            );
        };
        credentials::signed_in(command, &self.contract).map_err(Unable)
    }

    fn wait(&mut self, by: Duration) -> Result<(), Unable> {
        if by > LONGEST_WAIT {
            return unable("time cannot be moved here");
        }
        self.clock.wait(by);
        Ok(())
    }

    fn plan(&mut self, trouble: Option<Trouble>) -> Result<(), Unable> {
        match trouble {
            None => Ok(()),
            Some(_) => unable("nothing can be put in the way here"),
        }
    }

    fn revoke(&mut self, _: &Held) -> Result<(), Unable> {
        unable("nobody revokes grants here")
    }

    fn use_access_token(&mut self, _: &str) -> Result<Option<Rule>, Unable> {
        unable("there is nothing to show an access token to")
    }
}
