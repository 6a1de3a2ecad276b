//! Credentials where they do not belong.
//!
//! What is looked for: the client's secrets, and the tokens of the grant that the request names, anywhere in a text; the client's
//! id as a whole text. A short secret is looked for as a whole text as well, since it may be a part of anything. What stands in
//! an `Authorization` header that nobody declared is a second authentication and nothing else.

use super::request::{Place, Reading};
use super::rules::Broken;
use super::{Provider, Rule};
use rekindle_contract::contract::{Contract, Slot};

/// Shorter texts may be a part of another by chance.
const SHORT: usize = 8;

/// How many of the access tokens that the client has minted are looked for.
const NEWEST: usize = 8;

/// The client's id, by the name that RFC 6749 gives it.
const ID: &str = "client_id";

/// Fields by which a client authenticates (RFC 6749 section 2.3.1, RFC 7521 section 4.2).
const PROOFS: [&str; 2] = ["client_secret", "client_assertion"];

/// Something that belongs to one place only.
struct Credential {
    name: String,
    value: String,
    /// Whether it counts where it is the whole text only.
    whole: bool,
}

impl Credential {
    fn secret(name: impl Into<String>, value: &str) -> Self {
        Self { name: name.into(), value: value.to_owned(), whole: value.len() < SHORT }
    }

    fn is_in(&self, text: &str) -> bool {
        if self.whole { text == self.value } else { text.contains(&self.value) }
    }
}

impl Provider {
    /// Demands that no credential is where it does not belong, and that the client authenticates in one way.
    pub(super) fn check_places(&self, reading: &Reading) -> Result<(), Broken> {
        let credentials = self.credentials(reading);
        for place in &reading.places {
            let text = without_its_own(self, reading, place);
            let found = credentials.iter().find(|credential| credential.is_in(&text));
            self.rules.demand(Rule::CredentialElsewhere, found.is_none(), || {
                let name = found.map_or("a credential", |found| &found.name);
                format!("{name} is in {}, where it does not belong", place.name)
            })?;
        }
        self.rules.demand(Rule::AuthenticationTwice, !reading.authorization, || {
            "there is an `authorization` header beside what is declared".to_owned()
        })?;
        let proof = reading.extra.iter().find(|name| PROOFS.contains(&name.as_str()));
        self.rules.demand(Rule::AuthenticationTwice, proof.is_none(), || {
            let name = proof.map_or("", String::as_str);
            format!("`{name}` is there beside what is declared")
        })?;
        Ok(())
    }

    /// What must not be anywhere else.
    fn credentials(&self, reading: &Reading) -> Vec<Credential> {
        let mut all = Vec::new();
        for (name, value) in &self.client {
            let declared = self.contract.client.get(name);
            if value.is_empty() {
                continue;
            }
            if declared.is_some_and(|parameter| parameter.secret) {
                all.push(Credential::secret(format!("`{name}`"), value));
            } else if name == ID || authenticates(&self.contract, name) {
                all.push(Credential {
                    name: format!("`{name}`"),
                    value: value.clone(),
                    whole: true,
                });
            }
        }
        let mut token = |kind: &str, token: &str| {
            if !token.is_empty() {
                all.push(Credential::secret(format!("the {kind} token"), token));
            }
        };
        for (slot, text) in &reading.bound {
            match slot {
                Slot::AccessToken => token("access", text),
                Slot::RefreshToken => token("refresh", text),
                Slot::Client(_) | Slot::Value(_) | Slot::Taken(_) | Slot::TokenUrl => {}
            }
        }
        let mut grants = reading.bound.iter();
        if let Some(grant) = grants.find_map(|(_, text)| self.state.grant_of(text))
            && let Some(grant) = self.state.grants.get(grant)
        {
            token("access", &grant.newest_access);
            token("refresh", grant.newest_refresh.as_deref().unwrap_or_default());
        }
        // Where no token is spent, all belong to the client. It holds one of the newest.
        if self.contract.request.operation.mints() {
            let grants = self.state.grants.iter().rev();
            let newest = grants.flat_map(|grant| grant.access_tokens.iter().rev());
            newest.take(NEWEST).for_each(|text| token("access", text));
        }
        all
    }
}

/// The text of a place without what may be in it.
fn without_its_own(provider: &Provider, reading: &Reading, place: &Place) -> String {
    let mut text = place.text.clone();
    for slot in &place.slots {
        match slot {
            Slot::Client(name) => {
                let value = provider.client.get(name).map_or("", String::as_str);
                text = without(&text, value);
            }
            Slot::AccessToken
            | Slot::RefreshToken
            | Slot::Value(_)
            | Slot::Taken(_)
            | Slot::TokenUrl => {
                text = reading.all(slot).iter().fold(text, |text, token| without(&text, token));
            }
        }
    }
    text
}

/// `text` with something that is no text where `value` was.
fn without(text: &str, value: &str) -> String {
    if value.is_empty() { text.to_owned() } else { text.replace(value, "\u{0}") }
}

/// Whether clients authenticate with this parameter.
fn authenticates(contract: &Contract, name: &str) -> bool {
    let mut templates = contract.request.auth.templates();
    templates.any(|template| {
        template.slots().any(|slot| matches!(slot, Slot::Client(used) if used == name))
    })
}
