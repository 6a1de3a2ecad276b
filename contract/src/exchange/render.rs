//! What an exchange puts on the wire.

use super::generated;
use crate::contract::{
    Body, COOKIE, ClientAuth, Contract, Generated, Given, JsonTemplate, Part, Slot, Template,
    behind_taken_url, escaped,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rekindle_syntax::percent_encode;
use serde_json::Value;
use std::borrow::Cow;

/// A request on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireRequest {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Headers sorted by lower-case name, client authentication included.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a request cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenderError {
    /// There is no environment of this name.
    NoEnvironment(String),
    /// Neither an environment nor a base URL is given.
    NoBaseUrl,
    /// Nothing is given for this place.
    Missing(Slot),
    /// What is given for this place is not allowed there.
    Refused(Slot),
}

impl std::fmt::Display for RenderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoEnvironment(name) => write!(f, "there is no environment `{name}`"),
            Self::NoBaseUrl => f.write_str("no base URL is given"),
            Self::Missing(slot) => write!(f, "no value is given for `{slot}`"),
            Self::Refused(slot) => write!(f, "the value given for `{slot}` is not allowed"),
        }
    }
}

impl std::error::Error for RenderError {}

/// The request that a client makes of what is `given`.
///
/// # Errors
/// When something is missing from what is given, or is not allowed where it would go.
pub fn render(contract: &Contract, given: &Given) -> Result<WireRequest, RenderError> {
    let values = Values { contract, given };
    let request = &contract.request;
    let mut headers = Vec::new();
    for (name, value) in values.sent(&request.headers) {
        if name == COOKIE {
            values.fit_cookies(value)?;
        }
        headers.push((name.clone(), values.text(value)?));
    }
    headers.extend(auth_header(&request.auth, &values)?);
    headers.sort();
    Ok(WireRequest {
        method: request.method.clone(),
        url: url(contract, &values)?,
        headers,
        body: body(contract, &values)?,
    })
}

/// A text of the contract with what is `given` in its places.
///
/// # Errors
/// When something is missing from what is given, or is not allowed where it would go.
pub fn fill(contract: &Contract, given: &Given, text: &Template) -> Result<String, RenderError> {
    Values { contract, given }.text(text)
}

/// What fills the places.
struct Values<'a> {
    contract: &'a Contract,
    given: &'a Given,
}

impl<'a> Values<'a> {
    fn of(&self, slot: &Slot) -> Result<Cow<'a, str>, RenderError> {
        let given = match slot {
            Slot::Value(name) => return self.generated(name, slot),
            Slot::TokenUrl => return Ok(Cow::Owned(token_url(self.contract, self)?)),
            Slot::Taken(name) => self.given.values.get(name).map(String::as_str),
            Slot::AccessToken => self.given.access_token.as_deref(),
            Slot::RefreshToken => self.given.refresh_token.as_deref(),
            Slot::Client(name) => {
                let default = || {
                    self.contract
                        .client
                        .get(name)
                        .and_then(|parameter| parameter.default.as_deref())
                };
                self.given.client.get(name).map(String::as_str).or_else(default)
            }
        };
        let value = given.ok_or_else(|| RenderError::Missing(slot.clone()))?;
        if !self.allows(slot, value) {
            return Err(RenderError::Refused(slot.clone()));
        }
        Ok(Cow::Borrowed(value))
    }

    /// What the client makes: as given; else what follows from the rest without a secret being worked on.
    fn generated(&self, name: &str, slot: &Slot) -> Result<Cow<'a, str>, RenderError> {
        if let Some(given) = self.given.values.get(name) {
            return Ok(Cow::Borrowed(given));
        }
        match self.contract.request.value(name) {
            Some(Generated::Now { format, plus }) => {
                Ok(Cow::Owned(generated::time(*format, *plus, self.given.at)))
            }
            Some(Generated::Encoded { of, written }) => {
                Ok(Cow::Owned(generated::encode(self.text(of)?.as_bytes(), *written)))
            }
            _ => Err(RenderError::Missing(slot.clone())),
        }
    }

    fn allows(&self, slot: &Slot, value: &str) -> bool {
        match slot {
            Slot::AccessToken
            | Slot::RefreshToken
            | Slot::Value(_)
            | Slot::Taken(_)
            | Slot::TokenUrl => !value.is_empty() && !value.chars().any(char::is_control),
            Slot::Client(name) => {
                self.contract.client.get(name).is_some_and(|parameter| parameter.allows(value))
            }
        }
    }

    /// Refuses what would end a cookie, and begin another.
    fn fit_cookies(&self, template: &Template) -> Result<(), RenderError> {
        for slot in template.slots() {
            if rekindle_syntax::cookie_value(&self.of(slot)?).is_err() {
                return Err(RenderError::Refused(slot.clone()));
            }
        }
        Ok(())
    }

    fn text(&self, template: &Template) -> Result<String, RenderError> {
        self.filled(template, str::to_owned)
    }

    fn filled(
        &self,
        template: &Template,
        value: impl Fn(&str) -> String,
    ) -> Result<String, RenderError> {
        let mut text = String::new();
        for part in &template.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Slot(slot) => text.push_str(&value(&self.of(slot)?)),
            }
        }
        Ok(text)
    }

    /// Whether a value goes on the wire: not where it is an optional parameter that is not given.
    fn is_sent(&self, value: &Template) -> bool {
        self.contract.optional_in(value).is_none_or(|name| self.given.client.contains_key(name))
    }

    fn sent<'f>(
        &self,
        fields: &'f [(String, Template)],
    ) -> impl Iterator<Item = &'f (String, Template)> {
        fields.iter().filter(|(_, value)| self.is_sent(value))
    }

    fn pairs(&self, fields: &[(String, Template)]) -> Result<Vec<(String, String)>, RenderError> {
        self.sent(fields).map(|(name, value)| Ok((name.clone(), self.text(value)?))).collect()
    }
}

fn url(contract: &Contract, values: &Values<'_>) -> Result<String, RenderError> {
    let request = &contract.request;
    let mut url = match (request.is_at_whole_url(), &values.given.base_url) {
        (true, Some(whole)) => return Ok(with_path(whole)),
        _ => token_url(contract, values)?,
    };
    let mut query = values.pairs(&request.query)?;
    if let ClientAuth::Query(fields) = &request.auth {
        query.extend(values.pairs(fields)?);
    }
    for (position, (name, value)) in query.iter().enumerate() {
        // An address that was taken may have a query of its own.
        url.push(if position == 0 && !url.contains('?') { '?' } else { '&' });
        url.push_str(&percent_encode(name));
        if !request.is_valueless(name) {
            url.push_str(&format!("={}", percent_encode(value)));
        }
    }
    Ok(url)
}

/// A whole URL, its host in lower case, with the slash that stands for no path.
fn with_path(url: &str) -> String {
    let authority = url.find("://").map_or(0, |at| at + 3);
    let end = url[authority..].find(['/', '?']).map_or(url.len(), |at| authority + at);
    let slash = if url[end..].starts_with('/') { "" } else { "/" };
    format!("{}{slash}{}", url[..end].to_ascii_lowercase(), &url[end..])
}

/// The URL of the request without its query.
fn token_url(contract: &Contract, values: &Values<'_>) -> Result<String, RenderError> {
    if let Some(name) = contract.request.taken_url() {
        let url = values.of(&Slot::Taken(name.to_owned()))?;
        return match behind_taken_url(&contract.request.path) {
            Some(rest) => {
                let rest = values.filled(&rest, percent_encode)?;
                Ok(rekindle_syntax::directory(&url).to_owned() + &rest)
            }
            None => Ok(url.into_owned()),
        };
    }
    if let (true, Some(url)) = (contract.request.is_at_whole_url(), &values.given.base_url) {
        return Ok(with_path(url).split('?').next().unwrap_or_default().to_owned());
    }
    Ok(base(contract, values)? + &values.filled(&contract.request.path, percent_encode)?)
}

/// The base URL of an exchange that begins so, its host in lower case, without a slash at its end.
///
/// # Errors
/// Nothing says where the provider is, or a value of an environment is missing.
pub fn base_url(contract: &Contract, given: &Given) -> Result<String, RenderError> {
    base(contract, &Values { contract, given })
}

/// The same.
fn base(contract: &Contract, values: &Values<'_>) -> Result<String, RenderError> {
    let text = match (&values.given.base_url, &values.given.environment) {
        (Some(url), _) => url.clone(),
        (None, Some(name)) => {
            let environment =
                contract.base.environments.iter().find(|environment| environment.name == *name);
            values
                .text(&environment.ok_or_else(|| RenderError::NoEnvironment(name.clone()))?.url)?
        }
        (None, None) => return Err(RenderError::NoBaseUrl),
    };
    let authority = text.find("://").map_or(0, |at| at + 3);
    let end = text[authority..].find('/').map_or(text.len(), |at| authority + at);
    Ok(format!("{}{}", text[..end].to_ascii_lowercase(), text[end..].trim_end_matches('/')))
}

fn auth_header(
    auth: &ClientAuth,
    values: &Values<'_>,
) -> Result<Option<(String, String)>, RenderError> {
    match auth {
        ClientAuth::None | ClientAuth::Body(_) | ClientAuth::Query(_) => Ok(None),
        ClientAuth::Header { value, .. } if !values.is_sent(value) => Ok(None),
        ClientAuth::Header { name, value } => Ok(Some((name.clone(), values.text(value)?))),
        ClientAuth::Basic { username, password, form_encoded, scheme } => {
            let part = |template| {
                let text = values.text(template)?;
                Ok(if *form_encoded {
                    form_urlencoded::byte_serialize(text.as_bytes()).collect()
                } else {
                    text
                })
            };
            let pair = format!("{}:{}", part(username)?, part(password)?);
            let scheme = scheme.as_deref().unwrap_or("Basic");
            Ok(Some(("authorization".to_owned(), format!("{scheme} {}", STANDARD.encode(pair)))))
        }
    }
}

fn body(contract: &Contract, values: &Values<'_>) -> Result<Vec<u8>, RenderError> {
    let request = &contract.request;
    let auth = match &request.auth {
        ClientAuth::Body(fields) => values.pairs(fields)?,
        _ => Vec::new(),
    };
    match &request.body {
        Body::Empty => Ok(Vec::new()),
        Body::Form(fields) => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(values.pairs(fields)?).extend_pairs(auth);
            Ok(form.finish().into_bytes())
        }
        Body::Json(template) => {
            let mut json = json(template, values)?;
            if let Value::Object(members) = &mut json {
                members.extend(auth.into_iter().map(|(name, value)| (name, Value::String(value))));
            }
            Ok(json.to_string().into_bytes())
        }
        Body::Xml(document) => {
            for slot in document.slots() {
                if rekindle_syntax::xml_text(&values.of(slot)?).is_err() {
                    return Err(RenderError::Refused(slot.clone()));
                }
            }
            Ok(values.filled(document, escaped)?.into_bytes())
        }
    }
}

fn json(template: &JsonTemplate, values: &Values<'_>) -> Result<Value, RenderError> {
    Ok(match template {
        JsonTemplate::Constant(value) => value.clone(),
        JsonTemplate::Text(text) => Value::String(values.text(text)?),
        JsonTemplate::List(items) => {
            Value::Array(items.iter().map(|item| json(item, values)).collect::<Result<_, _>>()?)
        }
        JsonTemplate::Object(members) => {
            let member =
                |(name, value): &(String, JsonTemplate)| Ok((name.clone(), json(value, values)?));
            let is_sent = |(_, value): &&(String, JsonTemplate)| match value {
                JsonTemplate::Text(text) => values.is_sent(text),
                _ => true,
            };
            Value::Object(members.iter().filter(is_sent).map(member).collect::<Result<_, _>>()?)
        }
    })
}
