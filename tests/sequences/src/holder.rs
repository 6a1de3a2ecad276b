//! A careful holder of one grant: stores before it shows, sends again only what it may, and gives up a grant only when told to.
//!
//! What is stored and when is the holder's own discipline, as an integrator has to keep it. What the client says is held against
//! what the provider knows. Each check is an invariant of refresh clients; the first that breaks ends the sequence.

use crate::operation::Operation;
use crate::subject::Subject;
use rekindle_contract::contract::{
    Contract, Credential, CredentialAfter, ErrorClass, Fate, Trouble,
};
use rekindle_contract::derive::Derive;
use rekindle_testkit::network::{self, Delivered};
use rekindle_testkit::provider::{Provider, Rule, TokenState, Verdict};
use rekindle_testkit::{Ask, Failure, Fake, Held, Outcome};
use std::collections::BTreeMap;
use std::time::SystemTime;

/// Lives through `operations`, at a provider with nothing behind it yet.
///
/// # Errors
/// The invariant that breaks, in words that show no token.
pub fn live(subject: Subject, provider: Provider, operations: &[Operation]) -> Result<(), String> {
    let contract = provider.contract().clone();
    let settings = provider.client().clone();
    let fake = Fake::new(provider);
    let held = fake.provider().sign_in();
    let mut holder = Holder {
        subject,
        url: fake.url(),
        fake,
        contract,
        settings,
        memory: Memory::of(held.clone()),
        stored: held,
        store_fails: false,
        risks: 0,
    };
    for operation in operations {
        holder.take(*operation)?;
    }
    Ok(())
}

struct Holder {
    subject: Subject,
    fake: Fake,
    url: String,
    contract: Contract,
    settings: BTreeMap<String, String>,
    memory: Memory,
    /// What outlives a crash.
    stored: Held,
    store_fails: bool,
    /// How often a person accepted that a spent credential may be sent.
    risks: usize,
}

/// What a crash takes away.
struct Memory {
    held: Held,
    /// Whether `held` is in the store.
    durable: bool,
    /// The credential is in doubt, and open to a replay until then.
    doubt: Option<Option<SystemTime>>,
}

impl Memory {
    fn of(held: Held) -> Self {
        Self { held, durable: true, doubt: None }
    }
}

impl Holder {
    fn take(&mut self, operation: Operation) -> Result<(), String> {
        match operation {
            Operation::Wait(by) => self.fake.clock().advance(by),
            Operation::Revoke => self.fake.provider().revoke_all(),
            Operation::StoreFails => self.store_fails = true,
            Operation::Crash => self.crash(),
            Operation::CrashOnTheWay => self.crash_on_the_way()?,
            Operation::Use => self.use_access_token()?,
            Operation::AcceptRisk => self.accept_risk()?,
            Operation::Refresh(fault) => self.may_refresh(fault.map(Trouble::Fault))?,
            Operation::Refused(rule) => self.may_refresh(Some(Trouble::Refusal(rule)))?,
        }
        Ok(())
    }

    /// What was not stored is lost, and with it the grant may be: that is what a store that fails costs.
    fn crash(&mut self) {
        if self.memory.durable {
            let doubt = self.memory.doubt;
            self.memory = Memory::of(self.stored.clone());
            // What was sent was journaled before it was sent.
            self.memory.doubt = doubt;
        } else {
            self.sign_in();
        }
    }

    fn sign_in(&mut self) {
        let held = self.fake.provider().sign_in();
        self.memory = Memory::of(held.clone());
        self.stored = held;
    }

    /// A token is shown only once it is durable.
    fn use_access_token(&mut self) -> Result<(), String> {
        if !self.memory.durable {
            self.store();
        }
        if !self.memory.durable {
            return Ok(());
        }
        if self.memory.held != self.stored {
            return broken("a token is shown that is not durable");
        }
        let token = &self.memory.held.access_token;
        // Whether it is accepted is the provider's affair; a careful holder uses what the client gave it.
        let _ = self.fake.provider().use_access_token(token);
        Ok(())
    }

    fn store(&mut self) {
        if !std::mem::take(&mut self.store_fails) {
            self.stored = self.memory.held.clone();
            self.memory.durable = true;
        }
    }

    /// Refreshes, if the credential may be sent.
    fn may_refresh(&mut self, trouble: Option<Trouble>) -> Result<(), String> {
        if self.may_send() { self.refresh(trouble) } else { Ok(()) }
    }

    /// What is not durable is not sent; nor is what is in doubt and not open to a replay: that is for a person to decide.
    fn may_send(&mut self) -> bool {
        if !self.memory.durable {
            self.store();
        }
        let now = SystemTime::from(self.fake.clock().now());
        let open = |until: Option<SystemTime>| until.is_some_and(|until| now < until);
        self.memory.durable && self.memory.doubt.is_none_or(open)
    }

    /// That something was sent, and when, was written down before it was sent. Nothing else of it is known afterwards.
    fn crash_on_the_way(&mut self) -> Result<(), String> {
        if !self.may_send() {
            return Ok(());
        }
        let now = self.fake.clock().now();
        let held = self.memory.held.clone();
        let ask = Ask { held: &held, now, trouble: None };
        let fake = self.fake.clone();
        let mut sent = false;
        self.subject.refresh(&self.url, &self.settings, ask, &mut |request| {
            sent = true;
            fake.carry(&request)
        });
        self.within_risks()?;
        if sent && !self.contract.is_replayable() {
            let window = self.contract.replay_window();
            let until = window.and_then(|window| SystemTime::from(now).checked_add(window));
            // The window of a credential that is in doubt already began earlier.
            self.memory.doubt = Some(self.memory.doubt.unwrap_or(until));
        }
        Ok(())
    }

    fn within_risks(&self) -> Result<(), String> {
        if self.fake.provider().reuses() > self.risks {
            return broken("a spent credential was sent, and nobody had accepted that");
        }
        Ok(())
    }

    fn accept_risk(&mut self) -> Result<(), String> {
        if self.memory.doubt.is_some() && self.memory.durable {
            self.risks += 1;
            self.refresh(None)?;
        }
        Ok(())
    }

    fn refresh(&mut self, trouble: Option<Trouble>) -> Result<(), String> {
        let before = self.state();
        let held = self.memory.held.clone();
        let mut carried = Vec::new();
        let ask = Ask { held: &held, now: self.fake.clock().now(), trouble };
        self.fake.calm();
        self.fake.plan([trouble]);
        let fake = self.fake.clone();
        let outcome = self.subject.refresh(&self.url, &self.settings, ask, &mut |request| {
            let delivered = fake.deliver(&request);
            carried.push(delivered.clone());
            network::carry(delivered)
        });
        self.fake.calm();
        if carried.len() > 1 {
            return broken("more than one request left for one refresh");
        }
        self.within_risks()?;
        silent(&outcome, &held)?;
        match outcome {
            Outcome::Tokens(new) => self.tokens(new, trouble),
            Outcome::Failed(failure) => self.failed(failure, trouble, before, carried.first()),
        }
    }

    fn tokens(&mut self, new: Held, trouble: Option<Trouble>) -> Result<(), String> {
        rekindle_testkit::sequence::World::inspect(&mut self.fake, &new, trouble)?;
        self.memory = Memory { held: new, durable: false, doubt: None };
        if self.contract.spends_for_ever() || self.state() == TokenState::Live {
            self.store();
            Ok(())
        } else {
            broken("after a success the client holds a credential that is not good")
        }
    }

    fn failed(
        &mut self,
        failure: Failure,
        trouble: Option<Trouble>,
        before: TokenState,
        carried: Option<&Delivered>,
    ) -> Result<(), String> {
        if failure.sent != carried.is_some() {
            return broken("whether a request left is not what the client says");
        }
        let terminal = self.is_terminal(&failure, trouble, carried);
        let says_so = failure.class == ErrorClass::Reauthenticate;
        if says_so && !terminal {
            return broken("the client gives the grant up without a terminal error");
        }
        match failure.fate {
            Fate::Unspent if self.state() != before => {
                broken("the client calls a credential unspent that was spent")
            }
            Fate::Unspent => {
                self.memory.doubt = None;
                Ok(())
            }
            Fate::Spent if !says_so && !self.is_spent_by(trouble) => {
                broken("the client drops a credential without a terminal error")
            }
            Fate::Spent => {
                self.sign_in();
                Ok(())
            }
            Fate::Replaced => self.replaced(failure.replacement),
            Fate::InDoubt if self.contract.is_replayable() => {
                broken("a credential that can be sent again is never in doubt")
            }
            Fate::InDoubt => {
                // A replay that is lost as well does not open the window anew.
                self.memory.doubt = Some(self.memory.doubt.unwrap_or(failure.replay_until));
                Ok(())
            }
        }
    }

    /// Whether the contract says that a refusal spends the credential without ending the grant.
    fn is_spent_by(&self, trouble: Option<Trouble>) -> bool {
        let Some(Trouble::Refusal(index)) = trouble else { return false };
        self.contract.errors[index].credential == Some(CredentialAfter::Spent)
    }

    fn replaced(&mut self, replacement: Option<String>) -> Result<(), String> {
        let Some(new) = replacement else {
            return broken("there is no replacement");
        };
        self.memory.held.refresh_token = Some(new);
        self.memory.durable = false;
        self.memory.doubt = None;
        self.store();
        if self.state() == TokenState::Live {
            Ok(())
        } else {
            broken("the replacement is not good")
        }
    }

    /// Whether the provider said that the credential is dead, or the client knows that it would.
    fn is_terminal(
        &self,
        failure: &Failure,
        trouble: Option<Trouble>,
        carried: Option<&Delivered>,
    ) -> bool {
        let Some(delivered) = carried else {
            // An access token that has expired, where none such is renewed.
            let ended = self.memory.held.access_expires.instant();
            let now = SystemTime::from(self.fake.clock().now());
            return ended.is_some_and(|ended| ended <= now) && !failure.sent;
        };
        if let Some(Trouble::Refusal(index)) = trouble {
            return self.contract.errors[index].class == ErrorClass::Reauthenticate;
        }
        let verdict = delivered.answered.as_ref().map(|answered| &answered.verdict);
        matches!(
            verdict,
            Some(Verdict::Refused {
                rule: Rule::GrantRevoked
                    | Rule::RefreshTokenSpent
                    | Rule::RefreshTokenExpired
                    | Rule::RefreshTokenIdle
                    | Rule::AccessTokenUnknown
                    | Rule::TooLate,
                ..
            })
        )
    }

    /// What the credential that is held is worth.
    fn state(&self) -> TokenState {
        let provider = self.fake.provider();
        let access = || provider.access_token(&self.memory.held.access_token);
        match &self.memory.held.refresh_token {
            None => access(),
            Some(_) if self.spends_both() && access() == TokenState::Revoked => TokenState::Revoked,
            Some(token) => provider.refresh_token(token),
        }
    }

    fn spends_both(&self) -> bool {
        self.contract.credential() == Credential::Both
    }
}

/// Whether one refresh uses a credential up and brings no other.
trait SpendsForEver {
    fn spends_for_ever(&self) -> bool;
}

impl SpendsForEver for Contract {
    fn spends_for_ever(&self) -> bool {
        let once = self
            .refresh
            .as_ref()
            .is_some_and(|refresh| refresh.use_ == rekindle_contract::contract::RefreshUse::Once);
        once && !self.first_refresh_rotates()
    }
}

/// Nothing that is printed of an outcome shows what was held.
fn silent(outcome: &Outcome, held: &Held) -> Result<(), String> {
    let printed = format!("{outcome:?}");
    let shows = |secret: &str| !secret.is_empty() && printed.contains(secret);
    if shows(&held.access_token) || shows(held.refresh_text()) {
        return broken("a token is printed");
    }
    Ok(())
}

fn broken(invariant: &str) -> Result<(), String> {
    Err(invariant.to_owned())
}
