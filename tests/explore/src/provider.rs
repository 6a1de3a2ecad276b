//! The provider: which refresh tokens are good, and what it does when a spent one comes back.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderValue, Response, StatusCode};

use crate::client::{
    Contract, DEAD, FALLS_BACK, MINTED_LAST, REPLACED_FIRST, REPLAYED, REPLAYED_LONGER,
    SPENT_FIRST, STEPPED, answer, mints, window,
};

/// A provider with its grants.
#[derive(Hash)]
pub struct Provider {
    contract: Contract,
    /// How long access tokens live.
    life: Duration,
    tokens: Vec<Issued>,
    /// Whether each grant is alive: a new one with each sign-in.
    grants: Vec<bool>,
    /// What it does to all requests alike.
    pub mood: Mood,
}

/// What a provider does to all requests alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Mood {
    /// It does as its contract says.
    #[default]
    Well,
    /// It is down, and says so before it looks at a request: 503.
    Down,
    /// It asks to wait for so many seconds: 429.
    Busy(u32),
    /// It says of every grant that it has ended, by mistake.
    Mistaken,
}

/// A refresh token, together with the access token that was issued with it. The place in the list is its number.
#[derive(Hash)]
struct Issued {
    grant: usize,
    /// The token for which it was given.
    parent: Option<usize>,
    /// When it was first used.
    spent: Option<Duration>,
    /// The last token that was given for it.
    child: Option<usize>,
    /// A newer token has taken its place.
    dead: bool,
}

/// What came of a request.
pub struct Outcome {
    /// The answer.
    pub answer: Response<Vec<u8>>,
    /// Whether the contract forbids what was sent.
    pub forbidden: bool,
    /// Whether it refuses what is good.
    pub mistaken: bool,
}

impl Provider {
    /// A provider that keeps a contract.
    pub fn new(contract: Contract, life: Duration) -> Self {
        Self { contract, life, tokens: Vec::new(), grants: Vec::new(), mood: Mood::Well }
    }

    /// A person signs in: a grant with its first token.
    pub fn sign_in(&mut self) -> usize {
        self.grants.push(true);
        self.issue(self.grants.len() - 1, None)
    }

    fn issue(&mut self, grant: usize, parent: Option<usize>) -> usize {
        self.tokens.push(Issued { grant, parent, spent: None, child: None, dead: false });
        self.tokens.len() - 1
    }

    /// The text of an answer with this token.
    pub fn text(&self, token: usize) -> Vec<u8> {
        let refresh = if mints(self.contract) { "-".to_owned() } else { format!("r{token}") };
        answer(&format!("a{token}"), &refresh, self.life)
    }

    /// How many grants there were.
    pub fn grants(&self) -> usize {
        self.grants.len()
    }

    /// A person takes the access back, at the provider.
    pub fn disconnect(&mut self, grant: usize) {
        self.grants[grant] = false;
    }

    /// How many tokens each grant had.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.grants.len()];
        for token in &self.tokens {
            counts[token.grant] += 1;
        }
        counts
    }

    /// Whether a grant is alive.
    pub fn lives(&self, grant: usize) -> bool {
        self.grants[grant]
    }

    /// Which grant a token belongs to.
    pub fn grant_of(&self, token: usize) -> usize {
        self.tokens[token].grant
    }

    /// For which token it was given.
    pub fn parent_of(&self, token: usize) -> Option<usize> {
        self.tokens[token].parent
    }

    /// Whether the grant of a token is alive.
    pub fn is_alive(&self, token: usize) -> bool {
        self.grants[self.grant_of(token)]
    }

    /// The token that was issued last.
    pub fn last(&self) -> usize {
        self.tokens.len() - 1
    }

    /// Whether an access token has ended because of a later one.
    pub fn has_ended(&self, token: usize) -> bool {
        self.contract == MINTED_LAST && token < self.last()
    }

    /// A refresh request arrives.
    pub fn receive(&mut self, token: usize, now: Duration) -> Outcome {
        let refused = |status| {
            let mut answer = Response::new(Vec::new());
            *answer.status_mut() = status;
            answer
        };
        let mut outcome = Outcome { answer: refusal(), forbidden: false, mistaken: false };
        match self.mood {
            Mood::Well => return self.by_contract(token, now),
            Mood::Down => outcome.answer = refused(StatusCode::SERVICE_UNAVAILABLE),
            Mood::Busy(seconds) => {
                outcome.answer = refused(StatusCode::TOO_MANY_REQUESTS);
                let seconds = HeaderValue::from(seconds);
                outcome.answer.headers_mut().insert(RETRY_AFTER, seconds);
            }
            Mood::Mistaken => outcome.mistaken = self.is_alive(token),
        }
        outcome
    }

    fn by_contract(&mut self, token: usize, now: Duration) -> Outcome {
        let ended = |answer, forbidden| Outcome { answer, forbidden, mistaken: false };
        if mints(self.contract) {
            let minted = self.issue(self.grants.len() - 1, None);
            return ended(Response::new(self.text(minted)), false);
        }
        if self.contract == FALLS_BACK && token == 0 {
            let minted = self.sign_in();
            return ended(Response::new(self.text(minted)), false);
        }
        let grant = self.grant_of(token);
        if !self.grants[grant] {
            return ended(refusal(), false);
        }
        let spent = self.tokens[token].spent;
        let issued = match (self.contract, spent) {
            (_, None) if !self.tokens[token].dead => Some(self.issue(grant, Some(token))),
            (DEAD | FALLS_BACK | STEPPED | SPENT_FIRST | REPLACED_FIRST, _) => None,
            // The answer is repeated.
            (REPLAYED | REPLAYED_LONGER, Some(spent)) => {
                self.tokens[token].child.filter(|_| now < spent + window(self.contract))
            }
            // Another answer, which takes the place of the former.
            _ if !self.tokens[token].dead => {
                if let Some(former) = self.tokens[token].child {
                    self.tokens[former].dead = true;
                }
                Some(self.issue(grant, Some(token)))
            }
            _ => None,
        };
        let Some(child) = issued else {
            // Reuse that is not allowed. Where spent tokens stay good for some time, a dead one is refused and nothing else.
            let revoked =
                [DEAD, FALLS_BACK, STEPPED, SPENT_FIRST, REPLACED_FIRST, REPLAYED, REPLAYED_LONGER];
            self.grants[grant] = !revoked.contains(&self.contract);
            return ended(refusal(), spent.is_some());
        };
        // It is used: those before it are of no use any more.
        if let Some(parent) = self.tokens[token].parent {
            self.tokens[parent].dead = true;
        }
        self.tokens[token].spent.get_or_insert(now);
        self.tokens[token].child = Some(child);
        ended(Response::new(self.text(child)), false)
    }
}

fn refusal() -> Response<Vec<u8>> {
    let mut answer = Response::new(Vec::new());
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer
}
