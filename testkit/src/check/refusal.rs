//! What a refusal has to look like.

use super::exchange::Exchange;
use super::look::cause;
use super::{Checked, Deviation, Verdict, told};
use crate::held::{Held, Outcome};
use rekindle_contract::contract::{self, Contract, ErrorClass};

/// What the provider refuses, and so how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Because {
    /// The request is not as the contract says.
    Malformed,
    /// There is no credential where one belongs: the request is malformed, and it brings no credential that is good for anything.
    Missing,
    /// The client is not known.
    Client,
    /// The credential is good for nothing.
    Dead,
    /// It is not the time.
    Time,
}

/// The request in `exchange` must have been refused, and in a way that tells the client what to do. Unless the provider `must_enforce` its
/// contract, as a fake one does, it may take a malformed request.
pub(super) fn judge(
    contract: &Contract,
    because: Because,
    exchange: &Exchange,
    what: &str,
    fact: &str,
    must_enforce: bool,
) -> Checked {
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(lost) => {
            return Err(Verdict::CouldNotTell(format!("{what}: {lost}")));
        }
    };
    let (status, body) = (answer.status().as_u16(), answer.body());
    let seen = |how: &str| format!("status {status}, {how}");
    let rule = match contract.classify(status, body) {
        contract::Outcome::Refused(rule) => rule,
        contract::Outcome::Success => {
            let deviation = Deviation::new(format!("{what}: refused"), seen("a success"));
            let hint = match because {
                Because::Dead => {
                    "the provider accepts what the contract has as dead: look at what its page says of that"
                }
                _ => {
                    "the provider is laxer here than its contract says; clients need no change, but the page may be wrong"
                }
            };
            let deviation = deviation.about(fact).hint(hint);
            return Err(match because {
                // RFC 6749 section 3.2: parameters that a server does not know are ignored.
                Because::Malformed | Because::Missing if !must_enforce => Verdict::Note(deviation),
                _ => deviation.into(),
            });
        }
    };
    let wrong = |wanted: &str| -> Checked {
        let deviation = Deviation::new(
            format!("{what}: refused as {wanted}"),
            format!("{}, {}", told::summary(answer), told::meaning(rule)),
        );
        Err(deviation.about("errors").into())
    };
    let dead = rule.class == ErrorClass::Reauthenticate;
    match because {
        Because::Dead if !rule.may_end_grant() && has(contract, ErrorClass::Reauthenticate) => {
            wrong("a dead credential, `reauthenticate`")
        }
        Because::Client
            if rule.class != ErrorClass::ClientMisconfigured
                && has(contract, ErrorClass::ClientMisconfigured) =>
        {
            wrong("the client's mistake, `client_misconfigured`")
        }
        Because::Malformed if dead && tells_malformed_from_dead(contract) => {
            let wrong = wrong("anything but a dead credential");
            match wrong {
                // It looks at the credential before it reads the request, and has no other word for either.
                Err(Verdict::Fail(deviation)) if !must_enforce && knows_dead_alone(contract) => {
                    let hint = "the provider looks at the credential first; clients send no such request, and need no change";
                    Err(Verdict::Note(deviation.hint(hint)))
                }
                wrong => wrong,
            }
        }
        _ => Ok(()),
    }
}

/// Whether the error map has a rule of this class.
fn has(contract: &Contract, class: ErrorClass) -> bool {
    contract.errors.iter().any(|rule| rule.class == class)
}

/// Whether the error map, beside what every contract has, knows no class but "sign in again".
fn knows_dead_alone(contract: &Contract) -> bool {
    let mut rules = contract.errors.iter().filter(|rule| !rule.is_default());
    rules.all(|rule| rule.class == ErrorClass::Reauthenticate)
}

/// Whether the error map has another meaning for a malformed request than "sign in again".
fn tells_malformed_from_dead(contract: &Contract) -> bool {
    let plain = [
        (400, r#"{"error":"invalid_request"}"#),
        (404, ""),
        (405, ""),
        (413, ""),
        (415, ""),
        (421, ""),
    ];
    let is_dead = |(status, body): (u16, &str)| match contract.classify(status, body.as_bytes()) {
        contract::Outcome::Refused(rule) => rule.class == ErrorClass::Reauthenticate,
        contract::Outcome::Success => false,
    };
    has(contract, ErrorClass::ClientMisconfigured) || !plain.into_iter().any(is_dead)
}

impl Exchange {
    /// The new tokens.
    pub(super) fn tokens(&self, contract: &Contract) -> Checked<Held> {
        match &self.outcome {
            Outcome::Tokens(new) => Ok(new.clone()),
            Outcome::Failed(_) => Err(cause(contract, self).1.into()),
        }
    }
}

/// The tokens of an exchange that must have brought some, whatever it was for.
pub(super) fn still_works(contract: &Contract, exchange: &Exchange, what: &str) -> Checked {
    match &exchange.outcome {
        Outcome::Tokens(_) => Ok(()),
        Outcome::Failed(_) => {
            let (_, deviation) = cause(contract, exchange);
            let expected = format!("{what}: refused, and the credential is as good as before");
            let seen =
                format!("refused, and then the credential brings no tokens: {}", deviation.seen);
            Err(Deviation::new(expected, seen)
                .hint("the refused request cost the credential")
                .into())
        }
    }
}
