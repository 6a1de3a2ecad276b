//! What is sent, and what is not.

use super::{Reference, unsent};
use crate::generated::{self, Filling};
use crate::held::{End, Held, Outcome};
use http::Request;
use http::header::{HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use rekindle_contract::contract::{
    ClientAuth, Contract, ErrorClass, Fate, Given, RefreshWhen, SignIn, Slot, Template,
};
use rekindle_contract::exchange::{WireRequest, fill, render};
use std::collections::BTreeMap;
use std::time::Duration;

impl Reference {
    /// Refuses a refresh that the provider is known not to accept now. Who sends no access token need not know its end.
    pub(super) fn outside_window(&self, held: &Held, now: Timestamp) -> Result<(), Outcome> {
        let End::At(end) = held.access_expires else {
            return Ok(());
        };
        if !self.contract.credential().holds_access_token() {
            return Ok(());
        }
        let too_early = match self.contract.request.when {
            RefreshWhen::AnyTime | RefreshWhen::Unknown => false,
            RefreshWhen::BeforeExpiry if held.access_expires.has_passed(now) => {
                return Err(expired(&self.contract));
            }
            RefreshWhen::BeforeExpiry => false,
            RefreshWhen::NearExpiry(lead) => is_longer(end.duration_since(now), lead),
            RefreshWhen::AfterExpiry => now < end,
        };
        if too_early {
            return Err(unsent(ErrorClass::ClientMisconfigured, Fate::Unspent));
        }
        Ok(())
    }

    /// Refuses tokens that are empty, longer than the provider takes, or no segment of a path.
    pub(super) fn unsendable(&self, held: &Held) -> Result<(), Outcome> {
        let contract = &self.contract;
        let spends = contract.credential();
        let access = (spends.holds_access_token()).then_some(held.access_token.as_str());
        let refresh = held.refresh_token.as_deref();
        let refresh = (spends.holds_refresh_token()).then(|| refresh.unwrap_or_default());
        let most = contract.refresh.as_ref().and_then(|refresh| refresh.max_length);
        let too_long = |token: &str| most.is_some_and(|most| token.len() > most as usize);
        let in_path = |slot: &Slot, token: Option<&str>| {
            matches!(token, Some("." | ".."))
                && contract.request.path.slots().any(|used| used == slot)
        };
        let refused = access.is_some_and(str::is_empty)
            || refresh.is_some_and(|token| token.is_empty() || too_long(token))
            || in_path(&Slot::AccessToken, access)
            || in_path(&Slot::RefreshToken, refresh)
            || self.proofs().any(|auth| self.has_colon(auth));
        if refused {
            return Err(unsent(ErrorClass::ClientMisconfigured, Fate::Unspent));
        }
        Ok(())
    }

    /// How it proves who it is, in the last request and in the steps.
    fn proofs(&self) -> impl Iterator<Item = &ClientAuth> {
        let steps = self.contract.steps.iter().chain(&self.contract.request.then);
        let of_steps = steps.map(|step| &step.auth);
        of_steps.chain([&self.contract.request.auth])
    }

    /// Whether the user of Basic holds the colon that ends it (RFC 7617 section 2).
    fn has_colon(&self, auth: &ClientAuth) -> bool {
        let ClientAuth::Basic { username, form_encoded: false, .. } = auth else {
            return false;
        };
        let value = |slot: &Slot| match slot {
            Slot::Client(name) => self.client.get(name).cloned().unwrap_or_default(),
            Slot::AccessToken
            | Slot::RefreshToken
            | Slot::Value(_)
            | Slot::Taken(_)
            | Slot::TokenUrl => String::new(),
        };
        Template::render(username, value).contains(':')
    }

    /// The request; `None` where something is missing or no request can hold it.
    pub(super) fn rendered(&self, held: &Held, now: Timestamp) -> Option<Request<Vec<u8>>> {
        let given = self.given(held, now);
        let given = Given { values: self.made(&given), ..given };
        request(render(&self.contract, &given).ok()?)
    }

    /// What it makes anew for a refresh of what is held: each value of the contract, by name; and what its steps took.
    pub fn values(&self, held: &Held, now: Timestamp) -> BTreeMap<String, String> {
        self.made(&self.given(held, now))
    }

    /// What it is given, and the defaults of what it is not.
    pub(crate) fn settings(&self) -> BTreeMap<String, String> {
        let mut client = self.client.clone();
        for (name, parameter) in &self.contract.client {
            if let Some(default) = &parameter.default {
                client.entry(name.clone()).or_insert_with(|| default.clone());
            }
        }
        client
    }

    /// What it makes for a request.
    fn made(&self, given: &Given) -> BTreeMap<String, String> {
        if self.contract.request.values.is_empty() {
            return given.values.clone();
        }
        let client = self.settings();
        let token_url = fill(&self.contract, given, &Template::slot(Slot::TokenUrl));
        let mut filling = Filling {
            client: &client,
            token_url: token_url.unwrap_or_default(),
            access: given.access_token.clone(),
            refresh: given.refresh_token.clone(),
            values: given.values.clone(),
            may_lack: false,
        };
        generated::make(&self.contract, &mut filling, given.at);
        filling.values
    }
}

/// A wire form as a request.
pub(super) fn request(wire: WireRequest) -> Option<Request<Vec<u8>>> {
    let mut request =
        Request::builder().method(wire.method.as_str()).uri(&wire.url).body(wire.body).ok()?;
    for (name, value) in &wire.headers {
        let bytes = value.as_bytes();
        // A header could carry more, but not unchanged.
        let is_plain = value.is_ascii()
            && !bytes.iter().any(u8::is_ascii_control)
            && bytes.trim_ascii().len() == bytes.len();
        let value = HeaderValue::from_str(value).ok().filter(|_| is_plain)?;
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}

/// The access token has expired, and the provider renews none that has.
fn expired(contract: &Contract) -> Outcome {
    let first = contract.errors.iter().find(|rule| rule.class == ErrorClass::Reauthenticate);
    let mut outcome = unsent(ErrorClass::Reauthenticate, Fate::Spent);
    if let Outcome::Failed(failure) = &mut outcome {
        failure.sign_in = first.map_or(SignIn::Unspecified, |rule| rule.sign_in);
    }
    outcome
}

fn is_longer(left: SignedDuration, lead: Duration) -> bool {
    Duration::try_from(left).is_ok_and(|left| left > lead)
}
