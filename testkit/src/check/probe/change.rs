//! Makes a right request wrong.

use super::edit;
use crate::held::Held;
use crate::reference::Reference;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName};
use http::{HeaderValue, Method, Request};
use jiff::{SignedDuration, Timestamp};
use rekindle_contract::contract::{
    Body, Contract, Generated, JsonTemplate, ParameterKind, Part, Slot, Template,
};
use serde_json::Value;

/// What is wrong with a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    Host,
    Method,
    Path,
    QueryWithout(String),
    QueryExtra,
    QueryTwice(String),
    QueryValue(String, Template),
    HeaderWithout(String),
    HeaderTwice(String),
    HeaderValue(String),
    ContentType,
    Body,
    Garbled,
    FieldWithout(Vec<String>),
    FieldExtra(Vec<String>),
    FieldTwice(Vec<String>),
    FieldValue(Vec<String>, Template),
    FieldConstant(Vec<String>, Value),
    Elsewhere(Slot),
    Authentication,
    Client(String),
    Value(String, String),
    Tampered(String),
    Claimed(String),
    Reused(String),
    Stale,
    UnknownRefresh,
    UnknownAccess,
    Apart,
}

/// A name that no contract has.
const EXTRA: &str = "rekindle-probe";

type Wire = Request<Vec<u8>>;

impl Change {
    /// The wrong request; `None` where the right one has not what it takes.
    pub(super) fn apply(
        &self,
        client: &Reference,
        mut wire: Wire,
        held: &Held,
        other: Option<&Held>,
        now: Timestamp,
    ) -> Option<Wire> {
        let contract = client.contract();
        let value = |slot: &Slot| value(client, held, slot).unwrap_or_default();
        match self {
            Self::Host => {
                let name = HeaderValue::from_static("elsewhere.example");
                wire.headers_mut().insert(HOST, name);
            }
            Self::Method => method(&mut wire),
            Self::Path => {
                let path = elsewhere(contract, wire.uri().path());
                let query = edit::query(&wire);
                edit::aim(&mut wire, &path, &query)?;
            }
            Self::QueryWithout(_) | Self::QueryExtra | Self::QueryTwice(_) => {
                self.query(&mut wire)?
            }
            Self::QueryValue(name, changed) => {
                let encoded = form_urlencoded::Serializer::new(String::new())
                    .append_pair(name, &changed.render(value))
                    .finish();
                let mut query = edit::query(&wire);
                *query.iter_mut().find(|pair| edit::name_of(pair) == *name)? = encoded;
                retarget(&mut wire, &query)?;
            }
            Self::HeaderWithout(name) => {
                wire.headers_mut().remove(name.as_str())?;
            }
            Self::HeaderTwice(name) => {
                let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
                let twin = wire.headers().get(&name)?.clone();
                wire.headers_mut().append(name, twin);
            }
            Self::HeaderValue(name) => header_value(contract, &mut wire, name, value)?,
            Self::ContentType => {
                wire.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
            }
            Self::Body => *wire.body_mut() = b"{}".to_vec(),
            Self::Garbled => garble(contract, &mut wire),
            Self::FieldWithout(path) => without(contract, &mut wire, path)?,
            Self::FieldExtra(path) => extra(contract, &mut wire, path)?,
            Self::FieldTwice(path) => twice(contract, &mut wire, path)?,
            Self::FieldValue(path, changed) => {
                set_field(contract, &mut wire, path, Value::from(changed.render(value)))?;
            }
            Self::FieldConstant(path, constant) => {
                set_field(contract, &mut wire, path, constant.clone())?;
            }
            Self::Elsewhere(slot) => edit::header(&mut wire, EXTRA, &value(slot))?,
            Self::Authentication => authentication(&mut wire)?,
            Self::Client(name) => return other_client(client, name, held, now),
            Self::Value(..)
            | Self::Tampered(_)
            | Self::Claimed(_)
            | Self::Reused(_)
            | Self::Stale => {
                return request(&remade(self, client, held, now)?, held, self.at(now));
            }
            Self::UnknownRefresh | Self::UnknownAccess | Self::Apart => {
                return request(client, &self.tokens(held, other)?, now);
            }
        }
        Some(wire)
    }

    /// When the request is made.
    fn at(&self, now: Timestamp) -> Timestamp {
        match self {
            Self::Stale => now.checked_sub(SignedDuration::from_hours(48)).unwrap_or(now),
            _ => now,
        }
    }

    fn query(&self, wire: &mut Wire) -> Option<()> {
        let mut query = edit::query(wire);
        match self {
            Self::QueryExtra => query.push(format!("{EXTRA}=1")),
            Self::QueryWithout(name) => query.retain(|pair| edit::name_of(pair) != *name),
            Self::QueryTwice(name) => {
                let twin = query.iter().find(|pair| edit::name_of(pair) == *name)?.clone();
                query.push(twin);
            }
            _ => return None,
        }
        retarget(wire, &query)
    }

    /// Other tokens than those that are held.
    fn tokens(&self, held: &Held, other: Option<&Held>) -> Option<Held> {
        let mut tokens = held.clone();
        match self {
            Self::UnknownRefresh => {
                tokens.refresh_token = Some(edit::unknown(held.refresh_token.as_deref()?));
            }
            Self::UnknownAccess => tokens.access_token = edit::unknown(&held.access_token),
            _ => tokens.access_token.clone_from(&other?.access_token),
        }
        Some(tokens)
    }
}

/// Another path behind the same base URL, with nothing of the declared one in it.
fn elsewhere(contract: &Contract, path: &str) -> String {
    let slashes = |part: &Part| match part {
        Part::Literal(text) => text.matches('/').count(),
        // A slash in a value is percent-encoded.
        Part::Slot(_) => 0,
    };
    let declared: usize = contract.request.path.parts.iter().map(slashes).sum();
    let segments: Vec<&str> = path.split('/').collect();
    let base = segments.len().saturating_sub(declared).max(1);
    let base = segments.get(..base).unwrap_or_default().join("/");
    // One segment more than declared: no value in a place makes it fit.
    format!("{base}{}", format!("/{EXTRA}").repeat(declared + 1))
}

fn method(wire: &mut Wire) {
    *wire.method_mut() = match *wire.method() {
        Method::PUT => Method::POST,
        Method::GET => Method::DELETE,
        _ => Method::PUT,
    };
}

fn retarget(wire: &mut Wire, query: &[String]) -> Option<()> {
    let path = wire.uri().path().to_owned();
    edit::aim(wire, &path, query)
}

fn header_value(
    contract: &Contract,
    wire: &mut Wire,
    name: &str,
    value: impl Fn(&Slot) -> String,
) -> Option<()> {
    use rekindle_contract::contract::ClientAuth;
    let declared = contract.request.headers.iter().find(|(own, _)| own == name);
    let template = match (&contract.request.auth, declared) {
        (_, Some((_, template))) => template,
        (ClientAuth::Header { value, .. }, None) => value,
        _ => {
            // HTTP Basic: the same pair under another scheme.
            let sent = wire.headers().get(name)?.to_str().ok()?;
            let other = sent.replacen(' ', "-else ", 1);
            let other = HeaderValue::from_str(&other).ok()?;
            wire.headers_mut().insert(AUTHORIZATION, other);
            return Some(());
        }
    };
    let text = super::literally_else(template)?.render(value);
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    wire.headers_mut().insert(name, HeaderValue::from_str(&text).ok()?);
    Some(())
}

/// A body that is not in its encoding, and holds no token.
fn garble(contract: &Contract, wire: &mut Wire) {
    *wire.body_mut() = match contract.request.body {
        Body::Form(_) => b"\xff\xfe=%zz".to_vec(),
        Body::Json(_) | Body::Xml(_) | Body::Empty => b"{".to_vec(),
    };
}

fn without(contract: &Contract, wire: &mut Wire, path: &[String]) -> Option<()> {
    let (last, parents) = path.split_last()?;
    if is_xml(contract) {
        return edit::xml(wire, last, |text| Some((text.whole?, String::new())));
    }
    if is_form(contract) {
        let mut fields = edit::form(wire);
        fields.retain(|(name, _)| name != last);
        edit::set_form(wire, &fields);
        return Some(());
    }
    let mut json = edit::json(wire)?;
    match edit::at(&mut json, parents)? {
        Value::Object(members) => members.remove(last)?,
        Value::Array(items) => {
            let index: usize = last.parse().ok()?;
            (index < items.len()).then(|| items.remove(index))?
        }
        _ => return None,
    };
    edit::set_json(wire, &json);
    Some(())
}

fn extra(contract: &Contract, wire: &mut Wire, path: &[String]) -> Option<()> {
    if is_xml(contract) {
        return edit::xml_attribute(wire, EXTRA);
    }
    if is_form(contract) {
        let mut fields = edit::form(wire);
        fields.push((EXTRA.to_owned(), "1".to_owned()));
        edit::set_form(wire, &fields);
        return Some(());
    }
    let mut json = edit::json(wire)?;
    match edit::at(&mut json, path)? {
        Value::Object(members) => {
            members.insert(EXTRA.to_owned(), Value::from("1"));
        }
        Value::Array(items) => items.push(Value::from("1")),
        _ => return None,
    }
    edit::set_json(wire, &json);
    Some(())
}

fn twice(contract: &Contract, wire: &mut Wire, path: &[String]) -> Option<()> {
    if is_form(contract) {
        let mut fields = edit::form(wire);
        let twin = fields.iter().find(|(name, _)| Some(name) == path.last())?.clone();
        fields.push(twin);
        edit::set_form(wire, &fields);
        return Some(());
    }
    *wire.body_mut() = edit::doubled(&edit::json(wire)?, path)?.into_bytes();
    Some(())
}

fn set_field(contract: &Contract, wire: &mut Wire, path: &[String], value: Value) -> Option<()> {
    if is_xml(contract) {
        let signs = [('&', "&amp;"), ('<', "&lt;"), ('"', "&quot;"), ('\'', "&apos;")];
        let escaped = |text: String, (sign, by): (char, &str)| text.replace(sign, by);
        let text = signs.into_iter().fold(value.as_str()?.to_owned(), escaped);
        return edit::xml(wire, path.last()?, |found| Some((found.value?, text)));
    }
    if is_form(contract) {
        let mut fields = edit::form(wire);
        let field = fields.iter_mut().find(|(name, _)| Some(name) == path.last())?;
        value.as_str()?.clone_into(&mut field.1);
        edit::set_form(wire, &fields);
        return Some(());
    }
    let mut json = edit::json(wire)?;
    *edit::at(&mut json, path)? = value;
    edit::set_json(wire, &json);
    Some(())
}

fn is_form(contract: &Contract) -> bool {
    matches!(contract.request.body, Body::Form(_))
}

fn is_xml(contract: &Contract) -> bool {
    matches!(contract.request.body, Body::Xml(_))
}

/// Authenticates in another way, with what is nobody's secret.
fn authentication(wire: &mut Wire) -> Option<()> {
    // base64("probe:probe")
    edit::header(wire, "authorization", "Basic cHJvYmU6cHJvYmU=")
}

/// The client that makes the wrong value.
pub(super) fn remade(
    change: &Change,
    client: &Reference,
    held: &Held,
    now: Timestamp,
) -> Option<Reference> {
    let client = client.clone();
    let made = |name: &str| client.values(held, now).remove(name);
    match change {
        Change::Value(name, text) => Some(client.with_value(name, text)),
        Change::Tampered(name) => {
            let token = made(name)?;
            let (message, signature) = token.rsplit_once('.')?;
            let tampered = format!("{message}.{}", edit::unknown(signature));
            Some(client.with_value(name, tampered))
        }
        Change::Claimed(name) => {
            let mut contract = client.contract().clone();
            let mut values = contract.request.values.iter_mut();
            match values.find(|(found, _)| found == name) {
                Some((_, Generated::Jwt(jwt))) => {
                    let claim = JsonTemplate::Constant(serde_json::Value::from("1"));
                    jwt.claims.push(("rekindle-probe".to_owned(), claim));
                }
                _ => return None,
            }
            Some(client.by(contract))
        }
        Change::Reused(name) => {
            let mut made = client.values(held, now);
            let mut client = client;
            // With it all that is in it.
            let mut left = vec![name.clone()];
            while let Some(name) = left.pop() {
                let Some(text) = made.remove(&name) else { continue };
                let value = client.contract().request.value(&name);
                let within = value.into_iter().flat_map(Generated::templates);
                left.extend(within.flat_map(Template::slots).filter_map(|slot| match slot {
                    Slot::Value(name) => Some(name.clone()),
                    _ => None,
                }));
                client = client.with_value(name, text);
            }
            Some(client)
        }
        _ => Some(client),
    }
}

/// The request of a client with another value.
fn other_client(client: &Reference, name: &str, held: &Held, now: Timestamp) -> Option<Wire> {
    let parameter = client.contract().client.get(name)?;
    let registered = client.client().get(name).or(parameter.default.as_ref())?;
    let other = match parameter.one_of.iter().find(|allowed| *allowed != registered) {
        Some(allowed) => allowed.clone(),
        None if parameter.kind == ParameterKind::Host => "probe.example".to_owned(),
        None => format!("{registered}-probe"),
    };
    request(&client.clone().with_client(name, other), held, now)
}

/// The request for these tokens, whenever it is made.
fn request(client: &Reference, held: &Held, now: Timestamp) -> Option<Wire> {
    let blind = Held { access_expires: crate::held::End::Undeclared, ..held.clone() };
    client.request(&blind, now).ok()
}

/// What stands in a place of a right request.
fn value(client: &Reference, held: &Held, slot: &Slot) -> Option<String> {
    match slot {
        Slot::AccessToken => Some(held.access_token.clone()),
        Slot::RefreshToken => held.refresh_token.clone(),
        Slot::Client(name) => {
            let default = || client.contract().client.get(name)?.default.clone();
            client.client().get(name).cloned().or_else(default)
        }
        Slot::Value(_) | Slot::Taken(_) | Slot::TokenUrl => None,
    }
}
