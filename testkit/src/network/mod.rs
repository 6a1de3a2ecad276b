//! A hostile network between a client and a fake provider.
//!
//! Architecture invariant: what is in the way of a refresh is decided here, and carried out by whoever has the connection:
//! [`carry`] without sockets, `serve` with them. Both see the same [`Delivery`].

mod expiry;
mod front;
mod mangle;
mod memory;
mod weather;

pub use memory::carry;
pub use weather::Weather;

use crate::provider::{Answered, Provider};
use http::{Request, Response};
use rekindle_contract::contract::{Contract, Fault, Trouble};
use rekindle_contract::derive::Derive;
use std::fmt;

/// How an answer travels. `Debug` shows its way and its status, and no token.
#[derive(Clone)]
pub enum Delivery {
    /// As it should.
    Answer(Response<Vec<u8>>),
    /// No connection can be made.
    Unreachable,
    /// The connection is reset.
    Reset,
    /// Nothing comes.
    Silence,
    /// It comes when nobody waits for it any more.
    Late(Response<Vec<u8>>),
    /// Its head comes byte by byte.
    SlowHead(Response<Vec<u8>>),
    /// It ends in the middle of its body.
    Partial(Response<Vec<u8>>),
    /// Its body does not end.
    Endless(Response<Vec<u8>>),
    /// It comes twice.
    Twice(Response<Vec<u8>>),
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (way, response) = match self {
            Self::Answer(response) => ("Answer", Some(response)),
            Self::Unreachable => ("Unreachable", None),
            Self::Reset => ("Reset", None),
            Self::Silence => ("Silence", None),
            Self::Late(response) => ("Late", Some(response)),
            Self::SlowHead(response) => ("SlowHead", Some(response)),
            Self::Partial(response) => ("Partial", Some(response)),
            Self::Endless(response) => ("Endless", Some(response)),
            Self::Twice(response) => ("Twice", Some(response)),
        };
        match response {
            None => f.write_str(way),
            Some(response) => f.debug_tuple(way).field(&response.status()).finish(),
        }
    }
}

/// What the provider made of a request, and what became of its answer.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// What the provider made of it; `None` where it never saw the request.
    pub answered: Option<Answered>,
    /// What was in the way. What cannot occur at the provider is not.
    pub trouble: Option<Trouble>,
    /// What reaches the client.
    pub delivery: Delivery,
}

/// Lets `provider` answer `request` while `trouble` is in the way. A trouble that cannot occur at this provider is ignored.
pub fn deliver(
    provider: &mut Provider,
    request: &Request<Vec<u8>>,
    trouble: Option<Trouble>,
) -> Delivered {
    let trouble = trouble.filter(|trouble| can_occur(provider.contract(), *trouble));
    let (answered, delivery) = match trouble {
        None => {
            let answered = provider.handle(request);
            let response = answered.response.clone();
            (Some(answered), Delivery::Answer(response))
        }
        Some(Trouble::Refusal(index)) => (None, Delivery::Answer(provider.refuse(index, request))),
        Some(Trouble::Fault(fault)) => match front::deliver(provider, fault) {
            Some(delivery) => (None, delivery),
            None => behind(provider, request, fault),
        },
    };
    Delivered { answered, trouble, delivery }
}

/// Whether a trouble can occur at a provider with this contract.
pub(crate) fn can_occur(contract: &Contract, trouble: Trouble) -> bool {
    match trouble {
        Trouble::Fault(fault) => contract.ending_under(fault).is_some(),
        Trouble::Refusal(index) => index < contract.errors.len(),
    }
}

/// A fault behind the provider: it has processed the request, and the answer suffers.
fn behind(
    provider: &mut Provider,
    request: &Request<Vec<u8>>,
    fault: Fault,
) -> (Option<Answered>, Delivery) {
    if fault == Fault::UnexpectedRotation {
        provider.rotate_next();
    }
    let answered = provider.handle(request);
    provider.may_not_have_told();
    let response = answered.response.clone();
    let delivery = match fault {
        Fault::ResetAfter => Delivery::Reset,
        Fault::NoAnswer => Delivery::Silence,
        Fault::LateAnswer => Delivery::Late(response),
        Fault::SlowHead => Delivery::SlowHead(response),
        Fault::PartialAnswer => Delivery::Partial(response),
        Fault::EndlessBody => Delivery::Endless(response),
        Fault::AnsweredTwice => Delivery::Twice(response),
        fault => Delivery::Answer(mangle::mangled(provider, &answered, fault)),
    };
    (Some(answered), delivery)
}
