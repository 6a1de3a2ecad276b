//! The provider: which refresh tokens are good, and what it does when a spent one comes back.

use std::time::Duration;

use http::{Response, StatusCode};

use crate::client::{
    Contract, DEAD, FALLS_BACK, MINTED_LAST, REPLAYED, STEPPED, WINDOW, answer, mints,
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
}

impl Provider {
    /// A provider that keeps a contract.
    pub fn new(contract: Contract, life: Duration) -> Self {
        Self { contract, life, tokens: Vec::new(), grants: Vec::new() }
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
        if mints(self.contract) {
            let minted = self.issue(self.grants.len() - 1, None);
            return Outcome { answer: Response::new(self.text(minted)), forbidden: false };
        }
        if self.contract == FALLS_BACK && token == 0 {
            let minted = self.sign_in();
            return Outcome { answer: Response::new(self.text(minted)), forbidden: false };
        }
        let grant = self.grant_of(token);
        if !self.grants[grant] {
            return Outcome { answer: refusal(), forbidden: false };
        }
        let spent = self.tokens[token].spent;
        let issued = match (self.contract, spent) {
            (_, None) if !self.tokens[token].dead => Some(self.issue(grant, Some(token))),
            (DEAD | FALLS_BACK | STEPPED, _) => None,
            // The answer is repeated.
            (REPLAYED, Some(spent)) => self.tokens[token].child.filter(|_| now < spent + WINDOW),
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
            self.grants[grant] = !matches!(self.contract, DEAD | FALLS_BACK | STEPPED | REPLAYED);
            return Outcome { answer: refusal(), forbidden: spent.is_some() };
        };
        // It is used: those before it are of no use any more.
        if let Some(parent) = self.tokens[token].parent {
            self.tokens[parent].dead = true;
        }
        self.tokens[token].spent.get_or_insert(now);
        self.tokens[token].child = Some(child);
        let answer = Response::new(self.text(child));
        Outcome { answer, forbidden: false }
    }
}

fn refusal() -> Response<Vec<u8>> {
    let mut answer = Response::new(Vec::new());
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer
}
