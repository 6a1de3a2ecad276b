//! Requests that are right but for one thing: a provider has to refuse each.

mod body;
mod change;
mod client;
mod edit;
mod values;

use super::Cost;
use super::refusal::Because;
use crate::held::Held;
use crate::provider::Rule;
use crate::reference::Reference;
use change::Change;
use http::Request;
use jiff::Timestamp;
use rekindle_contract::contract::{Body, ClientAuth, Contract, Credential, Part, Slot, Template};

/// A request that is right but for one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// The rule that it breaks.
    pub rule: Rule,
    /// What is wrong with it: `without the field grant_type`.
    pub what: String,
    /// The path of the fact in the spec that it is about.
    pub fact: String,
    change: Change,
}

/// Every probe for a provider with this contract, in the order of [`Rule::ALL`].
pub fn all(contract: &Contract) -> Vec<Probe> {
    let mut found = vec![
        Probe::new(Rule::Origin, "to another host", "environments", Change::Host),
        Probe::new(Rule::Method, "with another method", "refresh.request", Change::Method),
        Probe::new(Rule::Path, "to another path", "refresh.request", Change::Path),
    ];
    found.extend(query(contract));
    found.extend(headers(contract));
    found.extend(body::all(contract));
    found.extend(client::all(contract));
    found.extend(values::all(contract));
    found.extend(tokens(contract));
    found.retain(|probe| probe.rule.applies(contract));
    found.sort_by_key(|probe| probe.rule);
    found
}

impl Probe {
    fn new(rule: Rule, what: impl Into<String>, fact: impl Into<String>, change: Change) -> Self {
        Self { rule, what: what.into(), fact: fact.into(), change }
    }

    /// The request, made of one that is right and of what it holds; `None` where that has not what it takes. `other` is what
    /// another grant holds.
    pub fn request(
        &self,
        client: &Reference,
        right: Request<Vec<u8>>,
        held: &Held,
        other: Option<&Held>,
        now: Timestamp,
    ) -> Option<Request<Vec<u8>>> {
        self.change.apply(client, right, held, other, now)
    }

    /// The client whose request has to be sent before, where this one is wrong only because something in it came before.
    pub fn before(&self, client: &Reference, held: &Held, now: Timestamp) -> Option<Reference> {
        match &self.change {
            Change::Reused(_) => change::remade(&self.change, client, held, now),
            _ => None,
        }
    }

    /// Whether what another grant holds is needed.
    pub fn needs_another_grant(&self) -> bool {
        matches!(self.change, Change::Apart)
    }

    /// What it costs.
    pub(super) fn cost(&self, contract: &Contract) -> Cost {
        match self.change {
            // Some providers lock an account that is tried with wrong secrets; nothing else can be lost.
            Change::Client(_) => Cost::Grant,
            _ if contract.request.operation.mints() => Cost::Refresh,
            Change::UnknownRefresh | Change::UnknownAccess | Change::Garbled => Cost::Nothing,
            Change::Method | Change::Path | Change::ContentType => Cost::Refresh,
            _ => Cost::Grant,
        }
    }

    /// Why it is refused.
    pub(super) fn because(&self, contract: &Contract) -> Because {
        match self.change {
            Change::UnknownRefresh | Change::UnknownAccess | Change::Apart => Because::Dead,
            Change::Client(_) | Change::Tampered(_) | Change::Claimed(_) => Because::Client,
            _ if self.misplaces_credential(contract) => Because::Missing,
            _ => Because::Malformed,
        }
    }

    /// Whether something else stands where the credential belongs, or nothing.
    fn misplaces_credential(&self, contract: &Contract) -> bool {
        let of = |declared: &[(String, Template)], name: &str| {
            pairs(declared).any(|(own, template)| own == name && holds_credential(template))
        };
        match &self.change {
            Change::FieldWithout(path)
            | Change::FieldValue(path, _)
            | Change::FieldConstant(path, _) => body::holds_credential_at(contract, path),
            Change::QueryWithout(name) | Change::QueryValue(name, _) => {
                of(&contract.request.query, name)
            }
            Change::HeaderWithout(name) | Change::HeaderValue(name) => {
                let auth = match &contract.request.auth {
                    ClientAuth::Header { name: own, value } => {
                        own.as_str() == name && holds_credential(value)
                    }
                    _ => false,
                };
                let mut headers = contract.request.headers.iter();
                auth || headers.any(|(own, value)| own.as_str() == name && holds_credential(value))
            }
            _ => false,
        }
    }
}

/// The parameters of the query, client authentication included.
fn query(contract: &Contract) -> Vec<Probe> {
    let mut declared: Vec<(&str, &Template)> = pairs(&contract.request.query).collect();
    if let ClientAuth::Query(fields) = &contract.request.auth {
        declared.extend(pairs(fields));
    }
    let mut found = vec![Probe::new(
        Rule::QueryExtra,
        "with another parameter in the query",
        "refresh.query",
        Change::QueryExtra,
    )];
    for (name, template) in declared {
        let fact = format!("refresh.query.{name}");
        let mut add =
            |rule, what: String, change| found.push(Probe::new(rule, what, fact.clone(), change));
        let own = name.to_owned();
        if contract.optional_in(template).is_none() {
            add(
                Rule::QueryMissing,
                format!("without the parameter `{name}`"),
                Change::QueryWithout(own.clone()),
            );
        }
        add(
            Rule::QueryTwice,
            format!("with the parameter `{name}` twice"),
            Change::QueryTwice(own.clone()),
        );
        if let Some(changed) = literally_else(template) {
            add(
                Rule::QueryValue,
                format!("with another value of the parameter `{name}`"),
                Change::QueryValue(own, changed),
            );
        }
    }
    found
}

/// The headers, client authentication included.
fn headers(contract: &Contract) -> Vec<Probe> {
    let basic = Template::literal("Basic ");
    let mut declared: Vec<(&str, &Template, String)> = contract
        .request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value, format!("refresh.headers.{name}")))
        .collect();
    match &contract.request.auth {
        ClientAuth::Header { name, value } => {
            declared.push((name, value, "refresh.auth".to_owned()))
        }
        ClientAuth::Basic { .. } => {
            declared.push(("authorization", &basic, "refresh.auth".to_owned()))
        }
        ClientAuth::None | ClientAuth::Body(_) | ClientAuth::Query(_) => {}
    }
    let mut found = Vec::new();
    if !has_fields(contract) {
        let what = "with a content type, and no body";
        found.push(Probe::new(Rule::ContentType, what, "refresh", Change::ContentType));
    }
    for (name, template, fact) in declared {
        let mut add =
            |rule, what: String, change| found.push(Probe::new(rule, what, fact.clone(), change));
        let own = name.to_owned();
        // A client that does not say what it takes takes anything, and may say it in several lines.
        let negotiated = name == "accept" && template.as_literal().is_some();
        if name == "content-type" {
            add(Rule::ContentType, "with another content type".to_owned(), Change::ContentType);
            add(
                Rule::ContentType,
                "without a content type".to_owned(),
                Change::HeaderWithout(own.clone()),
            );
        } else {
            if !negotiated && contract.optional_in(template).is_none() {
                add(
                    Rule::HeaderMissing,
                    format!("without the header `{name}`"),
                    Change::HeaderWithout(own.clone()),
                );
            }
            if literally_else(template).is_some() {
                add(
                    Rule::HeaderValue,
                    format!("with another value of the header `{name}`"),
                    Change::HeaderValue(own.clone()),
                );
            }
        }
        if !negotiated {
            add(
                Rule::HeaderTwice,
                format!("with the header `{name}` twice"),
                Change::HeaderTwice(own),
            );
        }
    }
    found
}

/// The tokens themselves.
fn tokens(contract: &Contract) -> Vec<Probe> {
    let spends = contract.credential();
    let mut found = Vec::new();
    let mut add = |rule, what: &str, change| found.push(Probe::new(rule, what, "errors", change));
    if spends.holds_refresh_token() {
        add(
            Rule::RefreshTokenUnknown,
            "with a refresh token that was never issued",
            Change::UnknownRefresh,
        );
    }
    if spends.holds_access_token() {
        add(
            Rule::AccessTokenUnknown,
            "with an access token that was never issued",
            Change::UnknownAccess,
        );
    }
    if spends == Credential::Both {
        add(Rule::TokensApart, "with the access token of another grant", Change::Apart);
    }
    found
}

fn pairs(pairs: &[(String, Template)]) -> impl Iterator<Item = (&str, &Template)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value))
}

/// Another text where this template stands, so that no value in its places makes it fit; `None` where nothing in it is literal.
fn literally_else(template: &Template) -> Option<Template> {
    let mut changed = template.clone();
    let last = changed.parts.len().checked_sub(1)?;
    let mut found = false;
    for (index, part) in changed.parts.iter_mut().enumerate() {
        if let Part::Literal(text) = part {
            found = true;
            *text = match index {
                0 => format!("else-{text}"),
                _ if index == last => format!("{text}-else"),
                _ => "-else-".to_owned(),
            };
        }
    }
    found.then_some(changed)
}

/// Whether a token stands in this text that a refresh spends.
fn holds_credential(template: &Template) -> bool {
    template.slots().any(|slot| matches!(slot, Slot::AccessToken | Slot::RefreshToken))
}

/// Whether the body, or client authentication in it, has fields.
fn has_fields(contract: &Contract) -> bool {
    contract.request.body != Body::Empty
}

/// A request as a server receives it: what stands in its `Host` header is where it goes.
pub fn as_received(mut request: Request<Vec<u8>>) -> Request<Vec<u8>> {
    let host = request.headers_mut().remove(http::header::HOST);
    let Some(authority) = host.and_then(|host| host.to_str().ok()?.parse().ok()) else {
        return request;
    };
    let mut parts = request.uri().clone().into_parts();
    parts.authority = Some(authority);
    if let Ok(uri) = http::Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}
