//! Guards the one credential that there is: one in doubt is never sent again.

use super::aspect::{self, Aspect};
use super::exchange::Exchange;
use super::look::{cause, first_amiss};
use super::{Cost, Deviation, brought};
use crate::held::{Held, Outcome};
use crate::reference::refresh_token;
use http::Request;
use rekindle_contract::contract::{self, Contract, Credential, Fate};
use std::fmt;

/// What the rest of a run says where nothing is sent any more.
pub(super) const STOPPED: &str = "the run was stopped, and nothing more is sent";

/// Where a request that is wrong on purpose is refused as if its credential were dead, with a status of success.
const WRONG_ON_PURPOSE: &str = "the request was wrong on purpose, and the answer says that its credential is dead, which may be how the provider \
     refuses such requests: a rule of `errors` that tells the two apart lets a run go on";

/// The aspects without which a new token may be lost.
const VITAL: [Aspect; 5] = [
    Aspect::Readable,
    Aspect::AccessToken,
    Aspect::Rotation,
    Aspect::AccessExpiry,
    Aspect::RefreshExpiry,
];

/// What is open after an exchange over which a run ends.
#[derive(Clone, Copy)]
pub struct Doubt<'a> {
    /// The credential that was sent and must not be sent again, where nothing is known to have taken its place.
    pub credential: Option<&'a str>,
    /// What came of an answer, which may hold tokens at an undeclared place.
    pub body: &'a [u8],
}

/// Keeps what is open after an exchange, and says in words where it is.
pub type KeepDoubt<'a> = &'a mut dyn FnMut(Doubt<'_>) -> String;

/// Neither is shown: both may be tokens.
impl fmt::Debug for Doubt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doubt").finish_non_exhaustive()
    }
}

/// Is among the extensions of a request that may be sent as it is once more, some time later, where the provider said that there are too
/// many. Of others something would be stale then: what the client makes anew for each request, or takes from the answer to an earlier
/// one; and a spent token that comes back later than it was meant to may be taken for a stolen one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MayBeSentAgain;

/// Watches what becomes of the only credential.
#[derive(Debug)]
pub(super) struct Guard {
    /// Why nothing is sent any more.
    pub(super) stopped: Option<String>,
    /// The exchange that stopped it: which aspect of its answer says why, and how.
    pub(super) cause: Option<(Aspect, Deviation)>,
    /// Whether a check that may cost the grant did.
    pub(super) gone: bool,
    /// What may be lost by what is sent now.
    pub(super) stake: Cost,
    /// Whether what is sent now is wrong on purpose.
    pub(super) probing: bool,
    /// The credential that was kept last.
    current: Option<String>,
}

impl Guard {
    pub(super) fn new() -> Self {
        Self {
            stopped: None,
            cause: None,
            gone: false,
            stake: Cost::Refresh,
            probing: false,
            current: None,
        }
    }

    /// These are held from now on.
    pub(super) fn kept(&mut self, contract: &Contract, held: &Held) {
        self.current = Some(credential(contract, held).to_owned());
    }

    /// Looks at what became of the only credential, and stops the run where another exchange could lose it.
    pub(super) fn watch(
        &mut self,
        contract: &Contract,
        exchange: &Exchange,
        keep_doubt: KeepDoubt<'_>,
    ) {
        // Where no token is spent, none can be lost.
        let mints = contract.request.operation.mints();
        if mints || self.stopped.is_some() || self.stake == Cost::Nothing {
            return;
        }
        let fate = self.fate(contract, exchange);
        let refused = brought::in_refusal(contract, exchange);
        let is_dead = fate == Some(Fate::Spent) && refused.is_none();
        let (why, amiss) = match (fate, refused) {
            (_, Some(refused)) => (format!("the credential is in doubt: {refused}"), None),
            (Some(Fate::Spent), None) if self.stake == Cost::Grant => {
                self.gone = true;
                return;
            }
            (Some(Fate::Spent), None) => ("the credential is spent".to_owned(), None),
            (Some(_), None) => ("the credential is in doubt".to_owned(), None),
            (None, None) => match amiss(contract, exchange) {
                Some(amiss) => {
                    let id = amiss.0.id();
                    (format!("the answer is not as the contract says (`{id}`)"), Some(amiss))
                }
                None => return,
            },
        };
        let mut cause = amiss.unwrap_or_else(|| cause(contract, exchange));
        if self.probing && fate == Some(Fate::Spent) {
            cause.1.hint = Some(WRONG_ON_PURPOSE.to_owned());
        }
        self.cause = Some(cause);
        let mut why = format!("{why}: nothing more is sent");
        // One that says that the credential is dead brings no other.
        if !is_dead {
            let kept = keep_doubt(Doubt {
                credential: (!is_settled(contract, exchange))
                    .then(|| credential(contract, &exchange.held)),
                body: match &exchange.answer {
                    Ok(answer) => answer.body(),
                    Err(lost) => lost.part(),
                },
            });
            if !kept.is_empty() {
                why += "; ";
                why += &kept;
            }
        }
        self.stopped = Some(why);
    }

    /// Marks a request of what is held that [may be sent again](MayBeSentAgain).
    pub(super) fn mark(&self, contract: &Contract, held: &Held, request: &mut Request<Vec<u8>>) {
        let is_lasting = contract.steps.is_empty() && contract.generated().next().is_none();
        if is_lasting && self.is_current(contract, held) {
            request.extensions_mut().insert(MayBeSentAgain);
        }
    }

    /// Whether an exchange has succeeded.
    pub(super) fn is_later(&self) -> bool {
        self.current.is_some()
    }

    /// Whether what is held was not replaced by anything.
    pub(super) fn is_current(&self, contract: &Contract, held: &Held) -> bool {
        self.current.as_ref().is_none_or(|kept| kept == credential(contract, held))
    }

    /// What became of the credential, where it may not be sent again.
    fn fate(&self, contract: &Contract, exchange: &Exchange) -> Option<Fate> {
        let Outcome::Failed(failure) = &exchange.outcome else {
            return None;
        };
        if !self.is_current(contract, &exchange.held) {
            return None;
        }
        let answer = match &exchange.answer {
            // What the page says of `use` may be what is wrong.
            Err(lost) => return lost.was_sent().then_some(Fate::InDoubt),
            Ok(answer) => answer,
        };
        let status = answer.status();
        match failure.fate {
            // It is refused for what is wrong with the request; some servers stumble over that.
            _ if self.probing && (status.is_client_error() || status.is_server_error()) => None,
            Fate::Unspent if status.is_success() && is_open(contract, exchange) => {
                Some(Fate::InDoubt)
            }
            Fate::Unspent | Fate::Replaced => None,
            fate => Some(fate),
        }
    }
}

/// Whether an answer says what is held in the place of the credential that was sent, be it the same.
fn is_settled(contract: &Contract, exchange: &Exchange) -> bool {
    let Some(new) = exchange.outcome.brought(&exchange.held) else {
        return false;
    };
    let tells = || {
        let answer = exchange.told.as_ref().or(exchange.answer.as_ref().ok());
        answer.is_some_and(|answer| refresh_token(contract, answer).is_some())
    };
    credential(contract, &new) != credential(contract, &exchange.held)
        || contract.credential() == Credential::AccessToken
        || tells()
}

/// Whether no rule of the contract says what an answer means.
fn is_open(contract: &Contract, exchange: &Exchange) -> bool {
    let Ok(answer) = &exchange.answer else {
        return true;
    };
    match contract.classify(answer.status().as_u16(), answer.body()) {
        contract::Outcome::Refused(rule) => rule.is_default(),
        contract::Outcome::Success => true,
    }
}

/// What says that new tokens are not where they should be, or not as they should be.
fn amiss(contract: &Contract, exchange: &Exchange) -> Option<(Aspect, Deviation)> {
    let Ok(answer) = &exchange.answer else {
        return None;
    };
    let class = contract.classify(answer.status().as_u16(), answer.body());
    if class != contract::Outcome::Success {
        return None;
    }
    let vital = aspect::ALL.into_iter().filter(|aspect| VITAL.contains(aspect));
    first_amiss(vital, contract, exchange)
}

/// What a refresh spends.
fn credential<'a>(contract: &Contract, held: &'a Held) -> &'a str {
    match contract.credential() {
        Credential::AccessToken => &held.access_token,
        Credential::RefreshToken | Credential::Both => held.refresh_text(),
        Credential::Nothing => "",
    }
}
