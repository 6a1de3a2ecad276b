//! The values that checks put into an exchange.

use rekindle_contract::contract::{
    Body, COOKIE, ClientAuth, Contract, Expiry, Parameter, ParameterKind, Part, RefreshToken, Slot,
    Template, ValueChecks,
};
use std::collections::BTreeMap;

/// A value for each place of a request.
#[derive(Debug, Clone)]
pub(super) struct Values {
    /// Parameters of the client, by name.
    pub(super) client: BTreeMap<String, String>,
    /// The access token held.
    pub(super) access: String,
    /// The refresh token held.
    pub(super) refresh: String,
    /// The base URL of what the steps took.
    pub(super) base_url: String,
    /// What the steps took, by the names of both.
    pub(super) taken: BTreeMap<String, String>,
    /// What the client made for a request, by name.
    pub(super) made: BTreeMap<String, String>,
}

impl Values {
    /// Texts that are found nowhere by accident, and that no encoding changes. Tokens are JWTs where the contract reads them.
    pub(super) fn canaries(contract: &Contract) -> Self {
        let checks = contract.value_checks();
        let client = contract
            .client
            .iter()
            .map(|(name, parameter)| {
                let chosen = contract.assumed_choice(name);
                let chosen = chosen.map(|lifetime| lifetime.as_secs().to_string());
                let known = contract.synthetic_key(name).or(chosen);
                (name.clone(), known.unwrap_or_else(|| canary(name, parameter, &checks)))
            })
            .collect();
        Self {
            client,
            access: token("HELD_ACCESS", contract.access.expires == Expiry::Jwt, None),
            refresh: refresh_token(contract.refresh.as_ref(), "HELD_REFRESH"),
            base_url: String::new(),
            taken: BTreeMap::new(),
            made: BTreeMap::new(),
        }
    }

    /// Texts with every character that an encoding can get wrong, as far as the places of each allow them.
    pub(super) fn special(contract: &Contract) -> Self {
        let mut values = Self::canaries(contract);
        for (name, parameter) in &contract.client {
            let is_key = contract.synthetic_key(name).is_some();
            if parameter.kind == ParameterKind::Text && parameter.one_of.is_empty() && !is_key {
                values.client.insert(name.clone(), special(contract, &Slot::Client(name.clone())));
            }
        }
        values.access = special(contract, &Slot::AccessToken);
        values.refresh = special(contract, &Slot::RefreshToken);
        if let Some(length) = contract.refresh.as_ref().and_then(|refresh| refresh.max_length) {
            values.refresh = shortened(&values.refresh, length);
        }
        values
    }

    /// What the integrator does without gets the contract's default.
    pub(super) fn with_defaults(mut self, contract: &Contract) -> Self {
        for (name, parameter) in &contract.client {
            if let Some(default) = &parameter.default {
                self.client.insert(name.clone(), default.clone());
            }
        }
        self
    }

    /// Whether there is a value for a text that is an optional parameter and nothing else.
    pub(super) fn has(&self, contract: &Contract, template: &Template) -> bool {
        match template.parts.as_slice() {
            [Part::Slot(Slot::Client(name))] if contract.client[name].optional => {
                self.client.contains_key(name)
            }
            _ => true,
        }
    }

    /// The value of a place.
    pub(super) fn get(&self, slot: &Slot) -> String {
        match slot {
            Slot::AccessToken => self.access.clone(),
            Slot::RefreshToken => self.refresh.clone(),
            Slot::Client(name) => self.client.get(name).cloned().unwrap_or_default(),
            Slot::Value(name) => self.made.get(name).cloned().unwrap_or_default(),
            Slot::Taken(name) => self.taken.get(name).cloned().unwrap_or_default(),
            Slot::TokenUrl => String::new(),
        }
    }
}

/// A refresh token that is not the one held.
pub(super) fn new_refresh_token(contract: &Contract) -> String {
    refresh_token(contract.refresh.as_ref(), "NEW_REFRESH")
}

/// An access token that is not the one held.
pub(super) fn new_access_token(contract: &Contract) -> String {
    token("NEW_ACCESS", contract.access.expires == Expiry::Jwt, None)
}

fn refresh_token(refresh: Option<&RefreshToken>, which: &str) -> String {
    let jwt = refresh.is_some_and(|refresh| refresh.expires == Expiry::Jwt);
    token(which, jwt, refresh.and_then(|refresh| refresh.max_length))
}

fn token(which: &str, jwt: bool, max_length: Option<u32>) -> String {
    let text = if jwt {
        // `exp` is 10 minutes, 1 day, 1 hour and 30 days after the moment at which every exchange begins.
        let claims = match which {
            "HELD_ACCESS" => "eyJleHAiOjE3OTUyNDg2MDB9",
            "HELD_REFRESH" => "eyJleHAiOjE3OTUzMzQ0MDB9",
            "NEW_ACCESS" => "eyJleHAiOjE3OTUyNTE2MDB9",
            _ => "eyJleHAiOjE3OTc4NDAwMDB9",
        };
        format!("eyJhbGciOiJub25lIn0.{claims}.CANARY_{which}")
    } else {
        format!("{which}_TOKEN_CANARY")
    };
    max_length.map_or(text.clone(), |length| shortened(&text, length))
}

fn shortened(text: &str, bytes: u32) -> String {
    let mut text = text.to_owned();
    while text.len() > bytes as usize {
        text.pop();
    }
    text.trim_end().to_owned()
}

fn canary(name: &str, parameter: &Parameter, checks: &ValueChecks<'_>) -> String {
    let other = parameter.one_of.iter().find(|value| Some(*value) != parameter.default.as_ref());
    if let Some(value) = other.or(parameter.one_of.first()) {
        return value.clone();
    }
    let text = format!("canary-{}-x1", name.replace('_', "-"));
    // A host has room for so much and no more.
    let candidates = match parameter.kind {
        ParameterKind::Host => vec![format!("{text}.example.com"), "canary.example.com".to_owned()],
        ParameterKind::HostLabel => vec![text.clone(), "canary".to_owned(), "c".to_owned()],
        ParameterKind::Text | ParameterKind::SigningKey => Vec::new(),
    };
    checks.first_fit(name, candidates.iter().map(String::as_str)).map_or(text, str::to_owned)
}

fn special(contract: &Contract, slot: &Slot) -> String {
    let mut text = match slot {
        Slot::AccessToken => "A".to_owned(),
        Slot::RefreshToken => "R".to_owned(),
        Slot::Value(_) | Slot::Taken(_) | Slot::TokenUrl => String::new(),
        Slot::Client(name) => name.rsplit('_').next().unwrap_or_default().to_owned(),
    };
    // What a cookie carries unchanged is less (RFC 6265 section 4.1.1).
    let in_cookie = headers(contract).any(|(name, value)| name == COOKIE && holds(value, slot));
    text.push_str(if in_cookie { "1PpG/Q1+%&=?#" } else { "1PpG/Q 1+%\\\"&=?#;," });
    let mut bodies = contract.requests().map(|request| &request.body);
    if bodies.any(|body| matches!(body, Body::Xml(document) if holds(document, slot))) {
        text.push_str("<'>]]>");
    }
    if !is_basic_user(contract, slot) {
        text.push(':');
    }
    if !is_in_header(contract, slot) {
        text.push('é');
    }
    text.push('~');
    text
}

fn holds(template: &Template, slot: &Slot) -> bool {
    template.slots().any(|used| used == slot)
}

fn is_basic_user(contract: &Contract, slot: &Slot) -> bool {
    proofs(contract)
        .any(|auth| matches!(auth, ClientAuth::Basic { username, .. } if holds(username, slot)))
}

fn is_in_header(contract: &Contract, slot: &Slot) -> bool {
    let in_auth = |auth: &ClientAuth| match auth {
        ClientAuth::Basic { username, password, .. } => {
            holds(username, slot) || holds(password, slot)
        }
        ClientAuth::Header { value, .. } => holds(value, slot),
        ClientAuth::None | ClientAuth::Body(_) | ClientAuth::Query(_) => false,
    };
    proofs(contract).any(in_auth) || headers(contract).any(|(_, value)| holds(value, slot))
}

/// How a client proves who it is, in the request and in its steps.
fn proofs(contract: &Contract) -> impl Iterator<Item = &ClientAuth> {
    let steps = contract.steps.iter().chain(&contract.request.then);
    steps.map(|step| &step.auth).chain([&contract.request.auth])
}

/// The headers of the request and of its steps.
fn headers(contract: &Contract) -> impl Iterator<Item = &(String, Template)> {
    let steps = contract.steps.iter().chain(&contract.request.then);
    let of_steps = steps.flat_map(|step| &step.headers);
    contract.request.headers.iter().chain(of_steps)
}

/// Whether headers are made of this value, each of them of no other.
pub(super) fn is_header(contract: &Contract, slot: &Slot) -> bool {
    let auth = match &contract.request.auth {
        ClientAuth::Header { value, .. } => Some(value),
        _ => None,
    };
    let headers = contract.request.headers.iter().map(|(_, value)| value);
    let holding = |template: &&Template| holds(template, slot);
    let mut holding = headers.chain(auth).filter(holding).peekable();
    holding.peek().is_some() && holding.all(|template| template.slots().count() == 1)
}
