//! The ledger: what the provider has issued against what the store has taken.

use std::time::Duration;

use rekindle_runtime::clock::{Clock as _, SystemClock};
use rekindle_runtime::session::Session;
use rekindle_runtime::store::{SharedStore, Snapshot, Store as _, StoreErrorKind};
use rekindle_sessions::grant;
use rekindle_testkit::provider::TokenState;

use crate::plan::Plan;
use crate::provider::{self, Client, Served, Tried};
use crate::report::{Failure, Report};

/// The supervisor's own view of the grant.
pub(crate) struct Ledger<P: Tried = Client> {
    session: Session<P>,
    store: SharedStore,
    /// How often the supervisor has signed in.
    signed_in: u64,
    /// Tokens whose exchange is in doubt for good.
    given_up: Vec<String>,
    /// How often a write of a killed process arrived after all, while the supervisor signed in anew.
    late: u64,
    pub(crate) violations: Vec<String>,
}

impl<P: Tried> Ledger<P> {
    pub(crate) fn new(session: Session<P>, store: SharedStore) -> Self {
        Self { session, store, signed_in: 0, given_up: Vec::new(), late: 0, violations: Vec::new() }
    }

    /// Signs in, and returns the generation that this makes.
    pub(crate) async fn sign_in(&mut self, provider: &Served) -> Result<u64, Failure> {
        let held = grant(&provider.sign_in());
        self.session.sign_in(held).await.map_err(Failure::setup)?;
        self.signed_in += 1;
        let token = self.session.try_access_token();
        token
            .map(|token| token.generation())
            .ok_or_else(|| Failure::setup("a token that was just issued is not served"))
    }

    /// What the store holds. That it cannot be reached is no violation, that it cannot be read is one.
    pub(crate) async fn read(&mut self) -> Option<Snapshot> {
        match self.store.read(&provider::key::<P>()).await {
            Ok(found) => found,
            Err(error) => {
                if error.kind() == StoreErrorKind::Unreadable {
                    self.violations.push(format!("unreadable: {error}"));
                }
                None
            }
        }
    }

    /// What the store holds at the end. A connection that went down with a server shows at its next use.
    async fn last(&mut self) -> Option<Snapshot> {
        for _ in 0..10 {
            if let Some(found) = self.read().await {
                return Some(found);
            }
            SystemClock::new().sleep(Duration::from_millis(100)).await;
        }
        None
    }

    /// Signs in anew, if the journal says that a killed process began an exchange. Returns whether it did.
    pub(crate) async fn sign_in_if_in_doubt(
        &mut self,
        provider: &Served,
        was_killed: impl Fn(&str) -> bool,
    ) -> Result<bool, Failure> {
        let Some(before) = self.read().await else {
            return Ok(false);
        };
        let Some(entry) = before.in_flight.filter(|entry| was_killed(&entry.owner)) else {
            return Ok(false);
        };
        let token = before.record.grant.refresh_token();
        let token = token.map(|token| token.expose().to_owned());
        let generation = self.sign_in(provider).await?;
        if generation == entry.generation + 1 {
            self.given_up.extend(token);
        } else {
            // A write of the killed process took effect between the two.
            self.late += 1;
        }
        Ok(true)
    }

    pub(crate) fn given_up(&self) -> u64 {
        number(self.given_up.len())
    }

    /// Closes the ledger. All workers have ended.
    pub(crate) async fn close(mut self, plan: &Plan, provider: &Served) -> Report {
        let last = self.last().await;
        let generation = last.as_ref().map_or(0, |last| last.record.generation);
        match &last {
            None => self.violations.push("the store holds no grant".to_owned()),
            Some(last) => self.violations.extend(flaw(last, provider)),
        }
        let issued = provider.issued();
        let stored = generation.saturating_sub(self.signed_in);
        let fake = provider.fake.provider();
        let spent = |token: &&String| fake.refresh_token(token) != TokenState::Live;
        let unanswered = number(self.given_up.iter().filter(spent).count());
        drop(fake);
        if self.late > 0 {
            eprintln!(
                "signed in anew although a write of a killed process arrived after all: {}",
                self.late
            );
        }
        let missing = issued.abs_diff(stored + unanswered);
        if issued < stored + unanswered {
            self.violations.push("the store holds more generations than were issued".to_owned());
        }
        Report {
            lost: missing.saturating_sub(self.late),
            revoked: provider.refused(),
            duplicated: provider.reuses(),
            in_doubt: self.given_up(),
            exchanges: issued,
            generations: stored,
            also: Vec::new(),
            violations: self.violations,
            ..Report::default()
        }
        .of(plan)
    }
}

/// What is wrong with what the store holds at the end.
pub(crate) fn flaw(last: &Snapshot, provider: &Served) -> Option<String> {
    if let Some(entry) = &last.in_flight {
        let owner = &entry.owner;
        return Some(format!("an exchange of {owner}, which was not killed, is in the journal"));
    }
    if last.record.ended.is_some() {
        return Some("the grant is over".to_owned());
    }
    let token = last.record.grant.refresh_token();
    let state = token.map(|token| provider.fake.provider().refresh_token(token.expose()));
    match state {
        Some(TokenState::Live) => None,
        state => Some(format!("the stored refresh token is not good: {state:?}")),
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
