//! The client whose sessions are explored: the smallest one that there is, by ten contracts.

use std::time::{Duration, SystemTime};

use http::{Request, Response, StatusCode};
use rekindle_runtime::error::SignIn;
use rekindle_runtime::expiry::Expiry;
use rekindle_runtime::facts::{
    Ends, Facts, Mint, MintEnds, OldAccessToken, Reuse, Rotation, Spent, Successor,
};
use rekindle_runtime::{
    Deviation, Error, Fate, Grant, MintNext, MintStarted, Pending, PendingMint, PendingRefresh,
    Progress, Provider, RefreshError, Renew, Replay, Token, TransportError, Verdict,
};
use zeroize::Zeroizing;

/// What a spent refresh token is good for: the parameter of [`Client`].
pub type Contract = u8;
/// It is good for nothing.
pub const DEAD: Contract = 0;
/// It is good for [`WINDOW`].
pub const REPLAYED: Contract = 1;
/// It is good until its successor is used.
pub const UNTIL_USED: Contract = 2;

/// Nothing is spent, since the client's settings alone bring a token. It ends none.
pub const MINTED: Contract = 3;
/// The same, and it ends the one before it.
pub const MINTED_LAST: Contract = 4;
/// Spent is dead, and the client's settings bring tokens where a refresh cannot.
pub const FALLS_BACK: Contract = 5;
/// Spent is dead, and a step comes before the request that spends.
pub const STEPPED: Contract = 6;

/// The text of a step's request, before the token, and of one that spends nothing.
pub const STEP: &str = "step ";
const SETTINGS: &str = "settings";

/// It is good for [`LONG_WINDOW`].
pub const REPLAYED_LONGER: Contract = 7;

/// Spent is dead, and another request follows the one that spends.
pub const SPENT_FIRST: Contract = 8;

/// The same, and the client says what replaces the token before that one is sent.
pub const REPLACED_FIRST: Contract = 9;

/// The text of a request that follows, before the token that was spent, or the one that replaced it.
pub const FOLLOWS: &str = "follows ";

/// Whether nothing is spent.
pub const fn mints(contract: Contract) -> bool {
    matches!(contract, MINTED | MINTED_LAST)
}

/// Whether the client's settings bring tokens where there is nothing to spend: nobody signs in.
pub const fn brings_tokens(contract: Contract) -> bool {
    mints(contract) || contract == FALLS_BACK
}

/// For how long the provider repeats its answer.
pub const WINDOW: Duration = Duration::from_secs(1);

/// The same, where requests take time.
pub const LONG_WINDOW: Duration = Duration::from_secs(60);

/// For how long an answer is repeated, where it is.
pub const fn window(contract: Contract) -> Duration {
    if contract == REPLAYED_LONGER { LONG_WINDOW } else { WINDOW }
}

/// A client by one of the contracts.
pub struct Client<const CONTRACT: Contract>;

/// An exchange under way.
pub struct Exchange {
    pending: Pending<Token>,
    /// Whether a step is out.
    in_step: bool,
    /// Whether another request follows the one that spends.
    follows: bool,
    /// Whether it is said before that what replaces the token.
    tells: bool,
    /// What the request has brought that spends, once another one is out.
    brought: Option<Grant>,
}

/// A mint that stands in for a refresh, under way.
#[derive(Debug)]
struct Minting(Pending<()>);

/// The provider's id.
pub const NAME: &str = "explored";

/// What a contract says.
pub const fn facts(contract: Contract) -> Facts {
    Facts {
        access_token_ends: Ends::AfterLifetime,
        old_access_token: OldAccessToken::Valid,
        single_use: !mints(contract),
        rotation: Some(Rotation::Always),
        spent: match contract {
            DEAD | MINTED | MINTED_LAST | FALLS_BACK | STEPPED | SPENT_FIRST | REPLACED_FIRST => {
                Spent::Dead
            }
            REPLAYED | REPLAYED_LONGER => Spent::GoodFor(window(contract)),
            _ => Spent::GoodUntil(Successor::RefreshTokenUsed),
        },
        reuse: Reuse::GrantRevoked,
        mint: match contract {
            MINTED => Some(Mint { ends: MintEnds::Nothing, limit: None }),
            MINTED_LAST => Some(Mint { ends: MintEnds::Previous, limit: None }),
            _ => None,
        },
        fallback: match contract {
            FALLS_BACK => Some(Mint { ends: MintEnds::Nothing, limit: None }),
            _ => None,
        },
        ..Facts::DEFAULT
    }
}

impl<const CONTRACT: Contract> Provider for Client<CONTRACT> {
    type Credential = Token;
    type Tokens = Grant;
    type Pending = Exchange;
    const NAME: &'static str = NAME;

    fn start(
        &self,
        credential: Token,
        started_at: SystemTime,
    ) -> Result<(Request<Vec<u8>>, Exchange), RefreshError<Token>> {
        let in_step = CONTRACT == STEPPED;
        let step = if in_step { STEP } else { "" };
        let request = Request::new([step, credential.expose()].concat().into_bytes());
        let pending = Pending::new(NAME, credential, started_at, facts(CONTRACT).replay());
        let tells = CONTRACT == REPLACED_FIRST;
        let follows = tells || CONTRACT == SPENT_FIRST;
        Ok((request, Exchange { pending, in_step, follows, tells, brought: None }))
    }
}

impl PendingRefresh for Exchange {
    type Credential = Token;
    type Tokens = Grant;

    fn finish<B: AsRef<[u8]>>(self, answer: Response<B>) -> Result<Grant, RefreshError<Token>> {
        let (head, body) = answer.into_parts();
        let verdict = match head.status {
            StatusCode::OK => Verdict::SUCCESS,
            StatusCode::SERVICE_UNAVAILABLE => Verdict::transient("it is down").unspent(),
            StatusCode::TOO_MANY_REQUESTS => Verdict::rate_limited("too many"),
            _ => Verdict::reauthenticate(SignIn::Unspecified, "whatever else is not 200"),
        };
        if let Verdict::Failure(failure) = verdict {
            return Err(self.pending.refused(failure, &head));
        }
        let started_at = self.pending.started_at();
        match tokens(body.as_ref(), started_at) {
            Some(grant) => Ok(grant),
            None => Err(self.pending.unusable(Error::not_text(), head.status, None)),
        }
    }

    fn proceed<B: AsRef<[u8]>>(self, answer: Response<B>) -> Progress<Self> {
        if let Some(brought) = self.brought {
            return Progress::Done(Ok(brought));
        }
        if self.follows && answer.status().is_success() {
            let brought = tokens(answer.body().as_ref(), self.pending.started_at());
            return match brought {
                Some(grant) => {
                    let spent = self.pending.credential();
                    let token = grant.refresh_token().filter(|_| self.tells).unwrap_or(spent);
                    let request = Request::new([FOLLOWS, token.expose()].concat().into_bytes());
                    Progress::Next(request, Self { brought: Some(grant), ..self })
                }
                None => Progress::Done(self.finish(answer)),
            };
        }
        if !self.in_step {
            return Progress::Done(self.finish(answer));
        }
        let request = Request::new(self.pending.credential().expose().as_bytes().to_vec());
        Progress::Next(request, Self { in_step: false, ..self })
    }

    fn fail(self, error: TransportError) -> RefreshError<Token> {
        if let Some(brought) = self.brought {
            // The new refresh token is there, whatever became of the request that follows.
            let error = self.pending.transport(error).error;
            return RefreshError {
                error,
                fate: Fate::Spent { replacement: brought.refresh_token().cloned() },
            };
        }
        match self.in_step {
            true => self.pending.without_credential().transport(error),
            false => self.pending.transport(error),
        }
    }

    fn replacement(&self) -> Option<Grant> {
        let brought = self.brought.clone().filter(|_| self.tells)?;
        Some(brought.without_access_token())
    }
}

impl PendingMint<Grant> for Minting {
    fn proceed(self: Box<Self>, answer: Response<Zeroizing<Vec<u8>>>) -> MintNext<Grant> {
        let minted = tokens(answer.body(), self.0.started_at());
        MintNext::Done(minted.ok_or_else(Error::not_text))
    }

    fn fail(self: Box<Self>, error: TransportError) -> Error {
        self.0.transport(error).error
    }
}

/// The text of an answer: the access token, the refresh token or a dash, the seconds for which the first lives.
pub fn answer(access: &str, refresh: &str, life: Duration) -> Vec<u8> {
    format!("{access} {refresh} {}", life.as_secs()).into_bytes()
}

/// Reads it.
pub fn tokens(body: &[u8], started_at: SystemTime) -> Option<Grant> {
    let mut words = std::str::from_utf8(body).ok()?.split(' ');
    let (access, refresh) = (words.next()?, words.next()?);
    let life = Duration::from_secs(words.next()?.parse().ok()?);
    let access = Token::new(access).with_expiry(Expiry::At(started_at.checked_add(life)?));
    let grant = Grant::new().with_access_token(access);
    Some(if refresh == "-" { grant } else { grant.with_refresh_token(Token::new(refresh)) })
}

impl<const CONTRACT: Contract> Renew for Client<CONTRACT> {
    type AccessToken = Token;
    type Outputs = ();
    const FACTS: Facts = facts(CONTRACT);
    const STEPS: usize = if CONTRACT == STEPPED { 1 } else { 0 };

    fn grant(tokens: Grant) -> (Grant, Vec<Deviation>) {
        (tokens, Vec::new())
    }

    fn credential(grant: &Grant) -> Option<Token> {
        if mints(CONTRACT) { Some(Token::new(SETTINGS)) } else { grant.refresh_token().cloned() }
    }

    fn mint(&self, started_at: SystemTime) -> Option<MintStarted<Grant>> {
        let request = Request::new(SETTINGS.as_bytes().to_vec());
        let pending = Pending::new(NAME, (), started_at, Replay::REUSABLE);
        Some(Ok((request, Box::new(Minting(pending)))))
    }

    fn of_credential(credential: Token) -> Grant {
        Grant::new().with_refresh_token(credential)
    }

    fn access_token(token: &Token) -> Token {
        token.clone()
    }

    fn outputs(_: &Grant) {}
}
