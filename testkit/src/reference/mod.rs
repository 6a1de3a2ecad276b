//! A client that interprets contracts: what a generated client makes of an exchange, without a compiler.
//!
//! Architecture invariant: it stands on `rekindle_contract::exchange` and shares no code with the fake provider or with
//! generated clients. Where it and a generated client differ, one of them misreads the contract.

mod answer;
mod request;
mod steps;

pub(crate) use answer::refresh_token;

use crate::held::{Ask, End, Failure, Held, Lost, Outcome};
use http::{Request, Response};
use jiff::Timestamp;
use rekindle_contract::contract::{Contract, ErrorClass, Fate, Given, SignIn};
use rekindle_contract::exchange::base_url;
use std::collections::BTreeMap;

/// A client of the provider with this contract. It knows no socket and no clock. `Debug` shows no secret.
///
/// ```no_run
/// use rekindle_testkit::{Ask, Fake, Reference};
///
/// let fake = Fake::of("the JSON of a contract");
/// let client = Reference::of(&fake);
/// let held = fake.provider().sign_in();
/// let ask = Ask { held: &held, now: fake.clock().now(), trouble: None };
/// let outcome = client.refresh(ask, |request| fake.carry(&request));
/// ```
#[derive(Clone)]
pub struct Reference {
    contract: Contract,
    base_url: Option<String>,
    environment: Option<String>,
    client: BTreeMap<String, String>,
    /// Values that it does not make itself.
    values: BTreeMap<String, String>,
}

impl Reference {
    /// A client at the first environment of the contract, with no values of its own.
    pub fn new(contract: Contract) -> Self {
        let environments = &contract.base.environments;
        Self {
            environment: environments.first().map(|first| first.name.clone()),
            base_url: None,
            client: BTreeMap::new(),
            values: BTreeMap::new(),
            contract,
        }
    }

    /// The client that `fake` has registered, at its base URL.
    pub fn of(fake: &crate::Fake) -> Self {
        let provider = fake.provider();
        let mut client = Self::new(provider.contract().clone()).at(provider.base_url());
        client.client.clone_from(provider.client());
        client
    }

    /// The same at another base URL.
    #[must_use]
    pub fn at(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// The same in an environment of the contract.
    #[must_use]
    pub fn in_environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self.base_url = None;
        self
    }

    /// The same with this value of the client.
    #[must_use]
    pub fn with_client(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.client.insert(name.into(), value.into());
        self
    }

    /// The same with this text for a value that it would make itself.
    #[must_use]
    pub(crate) fn with_value(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.values.insert(name.into(), text.into());
        self
    }

    /// The same client by another contract.
    #[must_use]
    pub(crate) fn by(self, contract: Contract) -> Self {
        Self { contract, ..self }
    }

    /// The contract that it interprets.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The values of the client.
    pub fn client(&self) -> &BTreeMap<String, String> {
        &self.client
    }

    /// The request of one refresh that spends what is held. Its URI is absolute. Where steps come before it, the client is one that has
    /// [taken](Self::prepared) them.
    ///
    /// # Errors
    /// There is no request to send: what is held cannot be sent, or would not be accepted now.
    pub fn request(&self, held: &Held, now: Timestamp) -> Result<Request<Vec<u8>>, Outcome> {
        self.outside_window(held, now)?;
        self.unsendable(held)?;
        self.rendered(held, now)
            .ok_or_else(|| unsent(ErrorClass::ClientMisconfigured, Fate::Unspent))
    }

    /// What the answer to a refresh means that began at `now`.
    pub fn finish(&self, held: &Held, now: Timestamp, response: &Response<Vec<u8>>) -> Outcome {
        answer::finish(self, held, now, response)
    }

    /// What is left of an exchange that goes no further behind this answer to the request that spends the refresh token.
    pub(crate) fn interrupted(
        &self,
        held: &Held,
        now: Timestamp,
        told: &Response<Vec<u8>>,
    ) -> Outcome {
        answer::unusable(self, held, now, answer::refresh_token(&self.contract, told))
    }

    /// What it means that there is no answer to a refresh that began at `now`.
    pub fn fail(&self, now: Timestamp, lost: &Lost) -> Outcome {
        let (class, fate) = match lost {
            // A certificate does not become valid by itself.
            Lost::Certificate => (ErrorClass::ClientMisconfigured, Fate::Unspent),
            lost if !lost.was_sent() => (ErrorClass::Transient, Fate::Unspent),
            _ if self.contract.is_replayable() => (ErrorClass::Transient, Fate::Unspent),
            _ => (ErrorClass::InDoubt, Fate::InDoubt),
        };
        Outcome::Failed(self.failure(now, class, SignIn::Unspecified, fate))
    }

    /// Does one refresh: `carry` brings each of its requests to the provider and the answer back.
    pub fn refresh(
        &self,
        ask: Ask<'_>,
        mut carry: impl FnMut(Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Lost>,
    ) -> Outcome {
        let prepared = self.outside_window(ask.held, ask.now);
        let prepared = prepared.and_then(|()| self.prepared(ask.held, ask.now, &mut carry));
        let ready = prepared.and_then(|it| Ok((it.request(ask.held, ask.now)?, it)));
        let (request, prepared) = match ready {
            Ok(ready) => ready,
            Err(outcome) => return outcome,
        };
        match carry(request) {
            Ok(response) => prepared.ended(ask.held, ask.now, &response, &mut carry),
            Err(lost) => self.fail(ask.now, &lost),
        }
    }

    /// What is given to `rekindle_contract::exchange`: at the base URL that the last answer has told, where the contract allows that.
    fn given(&self, held: &Held, now: Timestamp) -> Given {
        let given = self.at_first(held, now);
        match held.base_url.as_ref().filter(|told| self.allows(told)) {
            Some(told) => Given { base_url: Some(told.clone()), ..given },
            None => given,
        }
    }

    /// Whether refreshes go to this base URL, which an answer has told.
    pub fn allows(&self, told: &str) -> bool {
        let output = self.contract.base.output.as_ref();
        let output = output.and_then(|name| self.contract.response.outputs.get(name));
        output.is_some_and(|output| output.allows(told, &self.first_base_url()))
    }

    /// The base URL before any answer told another; empty where nothing says which it is.
    pub(crate) fn first_base_url(&self) -> String {
        let given = Given {
            environment: self.environment.clone(),
            base_url: self.base_url.clone(),
            client: self.client.clone(),
            access_token: None,
            refresh_token: None,
            values: BTreeMap::new(),
            at: Timestamp::UNIX_EPOCH,
        };
        base_url(&self.contract, &given).unwrap_or_default()
    }

    /// The same where no answer has told of another base URL.
    fn at_first(&self, held: &Held, now: Timestamp) -> Given {
        Given {
            environment: self.environment.clone(),
            base_url: self.base_url.clone(),
            client: self.client.clone(),
            access_token: Some(held.access_token.clone()),
            refresh_token: held.refresh_token.clone(),
            values: self.values.clone(),
            at: now,
        }
    }

    /// A failure of a refresh that was sent at `now`.
    fn failure(&self, now: Timestamp, class: ErrorClass, sign_in: SignIn, fate: Fate) -> Failure {
        let window = self.contract.replay_window().filter(|_| fate == Fate::InDoubt);
        Failure {
            class,
            sign_in,
            fate,
            replacement: None,
            replay_until: window
                .and_then(|window| std::time::SystemTime::from(now).checked_add(window)),
            sent: true,
        }
    }
}

/// A refresh that was not sent.
fn unsent(class: ErrorClass, fate: Fate) -> Outcome {
    Outcome::Failed(Failure {
        class,
        sign_in: SignIn::Unspecified,
        fate,
        replacement: None,
        replay_until: None,
        sent: false,
    })
}

impl End {
    /// Whether the token has certainly died at `now`.
    pub fn has_passed(self, now: Timestamp) -> bool {
        matches!(self, Self::At(end) if now >= end)
    }
}

impl std::fmt::Debug for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reference")
            .field("provider", &self.contract.provider.id)
            .finish_non_exhaustive()
    }
}
