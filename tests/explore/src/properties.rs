//! What must hold: noted while things happen, judged at once where that can be, and at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Response;
use rekindle_runtime::store::{Key, Record, Snapshot};
use rekindle_runtime::{Sent, TransportError};

use crate::client::{
    Contract, DEAD, FALLS_BACK, MINTED_LAST, REPLACED_FIRST, SPENT_FIRST, STEPPED, UNTIL_USED,
    mints,
};
use crate::handles::number;
use crate::provider::Provider;

/// The provider, and what was seen of tokens. Its copies are the same.
#[derive(Clone)]
pub struct Ledger(Arc<Mutex<Seen>>);

/// What was seen. All of it is part of the state.
#[derive(Hash)]
pub struct Seen {
    /// The provider.
    pub provider: Provider,
    contract: Contract,
    /// The user wants credentials in doubt to be sent again.
    gambles: bool,
    /// The next request that arrives may be one that is refused.
    lenient: bool,
    /// Which refresh tokens were in the store at some time.
    stored: BTreeSet<usize>,
    /// For each credential, its journal entries and the requests that left and may have spent it.
    sent: BTreeMap<usize, Requests>,
    /// Which incarnations have a request out, or have lost its answer, and which token was the last one by then: where a mint ends the one
    /// before it, they must not serve that one.
    minting: BTreeMap<u64, usize>,
    /// When the last request left.
    last_sent: Option<Duration>,
    /// Which incarnations received which tokens.
    received: BTreeSet<(u64, usize)>,
    /// The grant of each one's last sign-in; none after a sign-out.
    wanted: BTreeMap<Key, usize>,
    /// The grants of which an exchange may be in doubt for good, since a process has crashed, say, or an answer was lost.
    doubtful: BTreeSet<usize>,
    /// The grants that the provider has refused by mistake.
    denied: BTreeSet<usize>,
    /// The first property that did not hold.
    pub violation: Option<String>,
}

#[derive(Default, Hash)]
struct Requests {
    begun: u32,
    left: u32,
    open: u32,
    first: Option<Duration>,
}

impl Ledger {
    /// Nothing was seen yet.
    pub fn new(provider: Provider, contract: Contract, gambles: bool) -> Self {
        Self(Arc::new(Mutex::new(Seen {
            provider,
            contract,
            gambles,
            lenient: false,
            stored: BTreeSet::new(),
            sent: BTreeMap::new(),
            minting: BTreeMap::new(),
            last_sent: None,
            received: BTreeSet::new(),
            wanted: BTreeMap::new(),
            doubtful: BTreeSet::new(),
            denied: BTreeSet::new(),
            violation: None,
        })))
    }

    /// Looks at it.
    pub fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// The refresh token of a record; the access token where there is no other.
    fn token_of(&self, record: &Record) -> Option<usize> {
        let Record { grant, .. } = record;
        let token = if mints(self.contract) { grant.access_token() } else { grant.refresh_token() };
        token.map(|token| number(token.expose()))
    }

    /// A property does not hold.
    pub fn violated(&mut self, what: impl Into<String>) {
        if self.violation.is_none() {
            self.violation = Some(what.into());
        }
    }

    /// A sign-in is stored; or what an exchange brought, which is one no more than any other result.
    pub fn put(&mut self, key: &Key, record: &Record) {
        let token = self.token_of(record);
        if token.is_some_and(|token| self.provider.parent_of(token).is_some()) {
            return self.committed(key, record);
        }
        if let Some(token) = token {
            self.stored.insert(token);
            self.wanted.insert(key.clone(), self.provider.grant_of(token));
        }
    }

    /// The grant of somebody's last sign-in.
    pub fn wanted(&self, key: &Key) -> Option<usize> {
        self.wanted.get(key).copied()
    }

    /// Whose the grant of this token is.
    pub fn key_of(&self, token: usize) -> Option<Key> {
        let grant = self.provider.grant_of(token);
        self.wanted.iter().find(|(_, wanted)| **wanted == grant).map(|(key, _)| key.clone())
    }

    /// Which incarnations hold what was given for the token of this record, and is not stored.
    pub fn holders(&self, record: &Record) -> Vec<u64> {
        let token = self.token_of(record).filter(|_| !mints(self.contract));
        let of_it = |other: &usize| token.is_some() && self.provider.parent_of(*other) == token;
        if self.stored.iter().any(of_it) {
            return Vec::new();
        }
        let held = self.received.iter().filter(|(_, other)| of_it(other));
        held.map(|(incarnation, _)| *incarnation).collect()
    }

    /// Of the grant of this token, an exchange may be in doubt for good.
    pub fn doubt(&mut self, token: usize) {
        if !mints(self.contract) {
            self.doubtful.insert(self.provider.grant_of(token));
        }
    }

    /// The same of whoever's grant this is.
    pub fn doubt_of(&mut self, key: &Key) {
        self.doubtful.extend(self.wanted.get(key));
    }

    /// Something happened after which an exchange of any grant may be in doubt for good.
    pub fn doubt_all(&mut self) {
        self.doubtful.extend(0..self.provider.grants());
    }

    /// Of this grant, as it is stored, an exchange may be in doubt for good.
    pub fn doubt_stored(&mut self, stored: &Snapshot) {
        if let Some(token) = self.token_of(&stored.record) {
            self.doubt(token);
        }
    }

    /// The store has gone back: what it holds of this grant counts, and a later sign-in or sign-out is as if it had not been.
    pub fn went_back(&mut self, key: &Key, stored: Option<&Snapshot>) {
        match stored.and_then(|stored| self.token_of(&stored.record)) {
            Some(token) => self.wanted.insert(key.clone(), self.provider.grant_of(token)),
            None => self.wanted.remove(key),
        };
    }

    /// A sign-out is stored.
    pub fn removed(&mut self, key: &Key) {
        self.wanted.remove(key);
    }

    /// The result of an exchange is stored.
    pub fn committed(&mut self, key: &Key, record: &Record) {
        let Some(token) = self.token_of(record) else {
            return;
        };
        self.stored.insert(token);
        let grant = self.provider.grant_of(token);
        if self.contract == FALLS_BACK && self.wanted(key) < Some(grant) {
            // It was minted: nobody signs in here.
            self.wanted.insert(key.clone(), grant);
        }
        if !mints(self.contract) && self.wanted(key) != Some(grant) {
            self.violated(format!("r{token} is stored over a later sign-in or sign-out"));
        }
    }

    /// An exchange is in the journal.
    pub fn begun(&mut self, snapshot: &Snapshot) {
        // Where the stored token is refused, the one before it is sent under the next entry.
        let predecessor = snapshot.record.predecessor.as_ref().map(|token| number(token.expose()));
        let token = self.token_of(&snapshot.record).filter(|_| !mints(self.contract));
        let spent = token.or((mints(self.contract) || self.contract == FALLS_BACK).then_some(0));
        for token in spent.into_iter().chain(predecessor) {
            self.sent.entry(token).or_default().begun += 1;
        }
    }

    /// A request leaves the process.
    pub fn leaves(&mut self, incarnation: u64, token: usize, now: Duration) {
        self.last_sent = Some(now);
        if self.contract == MINTED_LAST {
            self.minting.insert(incarnation, self.provider.last());
        }
        let requests = self.sent.entry(token).or_default();
        requests.left += 1;
        requests.open += 1;
        requests.first.get_or_insert(now);
        let (left, begun, open) = (requests.left, requests.begun, requests.open);
        if left > begun {
            self.violated(format!("a request for r{token} is sent that is not in the journal"));
        }
        let is_dead = matches!(self.contract, DEAD | STEPPED | SPENT_FIRST | REPLACED_FIRST)
            || (self.contract == FALLS_BACK && token != 0);
        if open > 1 && is_dead && !self.gambles {
            self.violated(format!("r{token} is sent again, although it may be spent"));
        }
    }

    /// A step of an exchange leaves the process, which has an exchange on record or not.
    pub fn steps(&mut self, on_record: bool) {
        if on_record {
            self.violated("a step is taken while its exchange is in the journal");
        }
    }

    /// A request leaves the process that follows the one that spends.
    pub fn follows(&mut self, token: usize, on_record: bool) {
        if self.contract == REPLACED_FIRST {
            if on_record || !self.stored.contains(&token) {
                self.violated(format!("an exchange goes on, and r{token} is not stored"));
            }
            return;
        }
        if !on_record {
            self.violated("an exchange goes on that is not in the journal");
        }
    }

    /// A request arrives at the provider.
    pub fn arrives(&mut self, token: usize, now: Duration) -> Response<Vec<u8>> {
        let outcome = self.provider.receive(token, now);
        if outcome.mistaken {
            self.denied.insert(self.provider.grant_of(token));
        }
        let lenient = std::mem::take(&mut self.lenient) || self.gambles;
        if outcome.forbidden && !lenient {
            self.violated(format!(
                "r{token} arrives again, and the contract does not allow it now"
            ));
        }
        outcome.answer
    }

    /// A request arrives that its process has given up. Where spent tokens stay good until their successor is used, it may come after
    /// that, and is refused: nothing that the process could do would keep it from that.
    pub fn strays(&mut self) {
        self.lenient = self.contract == UNTIL_USED;
    }

    /// The request ends for the process.
    pub fn returns(
        &mut self,
        incarnation: u64,
        token: usize,
        result: &Result<Response<Vec<u8>>, TransportError>,
    ) {
        if !matches!(result, Err(error) if error.was_sent() == Sent::Maybe) {
            self.minting.remove(&incarnation);
        }
        match result {
            Ok(_) if mints(self.contract) => {}
            // It says so itself that it has not spent anything.
            Ok(answer) if !answer.status().is_success() => {
                self.sent.entry(token).or_default().open -= 1;
            }
            Ok(answer) => {
                let body = String::from_utf8_lossy(answer.body());
                if let Some(refresh) = body.split(' ').nth(1) {
                    self.received.insert((incarnation, number(refresh)));
                }
            }
            Err(error) if error.was_sent() == Sent::No => {
                self.sent.entry(token).or_default().open -= 1;
            }
            Err(_) => {}
        }
    }

    /// The tokens of this grant that processes have received which live.
    fn received_of(&self, grant: usize) -> Vec<usize> {
        let tokens = self.received.iter().map(|(_, token)| *token);
        tokens.filter(|token| self.provider.grant_of(*token) == grant).collect()
    }

    /// A process is gone, with what it held.
    pub fn gone(&mut self, incarnation: u64) {
        self.received.retain(|(holder, _)| *holder != incarnation);
        self.minting.remove(&incarnation);
    }

    /// A caller was given this access token.
    pub fn served(&mut self, incarnation: u64, token: usize) {
        if self.minting.get(&incarnation).is_some_and(|last| token <= *last) {
            self.violated(format!(
                "a{token} is served by a process that has sent a request which may have ended it"
            ));
        }
        if !self.stored.contains(&token) {
            self.violated(format!("a{token} is served and was never stored"));
        }
    }

    /// When the last credential was sent first; the last time where nothing is spent.
    pub fn last_sent(&self) -> Option<Duration> {
        if mints(self.contract) {
            return self.last_sent;
        }
        self.sent.values().filter_map(|requests| requests.first).max()
    }

    /// Judges what is stored when all have come to rest and nothing is under way: it is the last one, unless the journal says that another
    /// may follow.
    pub fn at_rest(&mut self, stored: Option<&Snapshot>) {
        let known = stored.filter(|known| known.in_flight.is_none());
        let Some(token) = known.and_then(|known| self.token_of(&known.record)) else {
            return;
        };
        if self.provider.has_ended(token) {
            self.violated(format!("a{token} is stored as the last one, and has ended"));
        }
    }

    /// Judges the end: no fault is left, all have come to rest, and one more process has asked for a token, and may have got it.
    pub fn at_the_end(
        &mut self,
        key: &Key,
        stored: Option<&Snapshot>,
        served: bool,
        reauthenticates: bool,
    ) {
        if mints(self.contract) {
            if !served {
                self.violated("the provider mints, and nobody gets a token");
            }
            return;
        }
        if self.contract == FALLS_BACK && !served {
            self.violated("the client's settings bring tokens, and nobody gets one");
        }
        let Some(wanted) = self.wanted(key) else {
            if stored.is_some() {
                self.violated("a grant is stored after a sign-out");
            }
            return;
        };
        let Some(stored) = stored else {
            self.violated("the grant is gone from the store");
            return;
        };
        let Some(token) = self.token_of(&stored.record) else {
            return;
        };
        if self.provider.grant_of(token) != wanted {
            self.violated("the store holds an earlier grant than the last sign-in's");
        }
        for token in self.received_of(wanted) {
            let sibling = |other: &usize| {
                let parent = self.provider.parent_of(token);
                parent.is_some() && self.provider.parent_of(*other) == parent
            };
            let is_kept = self.stored.contains(&token) || self.stored.iter().any(sibling);
            if !is_kept {
                self.violated(format!(
                    "r{token} was received by a process that lives, and is lost"
                ));
            }
        }
        if served || !self.provider.is_alive(token) || self.violation.is_some() {
            return;
        }
        let doubt = self.doubtful.contains(&wanted);
        let in_doubt = match stored.in_flight {
            Some(_) => doubt && (self.contract != UNTIL_USED || stored.may_be_outdated),
            // It may not be the last one, and a person decides.
            None => stored.may_be_outdated,
        };
        let given_up = stored.record.ended.is_some() && doubt && reauthenticates;
        if !in_doubt && !given_up {
            let why = match (&stored.record.ended, &stored.in_flight) {
                (Some(_), _) => "the grant lives, and the store says that it has ended",
                (None, Some(_)) => {
                    "the grant lives, and nobody gets a token: it is held as in doubt"
                }
                (None, None) => "the grant lives, and nobody gets a token",
            };
            self.violated(why);
        }
    }
}
