//! The headers of a request.

use super::accept::{admits, negotiated};
use super::{Broken, Reader, Rule};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderValue};
use rekindle_contract::contract::{COOKIE, ClientAuth, Contract, Template};

/// What every transport writes for itself.
const TRANSPORT: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "date",
    "host",
    "transfer-encoding",
];

const AUTHORIZATION: &str = "authorization";
const CONTENT_TYPE: &str = "content-type";

/// The headers that a contract declares, but for the `Content-Type`. HTTP Basic has no template.
pub(in crate::provider) fn declared(contract: &Contract) -> Vec<(&str, Option<&Template>)> {
    let request = &contract.request;
    let plain = request.headers.iter();
    let mut declared: Vec<_> = plain
        .filter(|(name, _)| name != CONTENT_TYPE)
        .map(|(name, value)| (name.as_str(), Some(value)))
        .collect();
    match &request.auth {
        ClientAuth::Basic { .. } => declared.push((AUTHORIZATION, None)),
        ClientAuth::Header { name, value } => declared.push((name, Some(value))),
        ClientAuth::None | ClientAuth::Body(_) | ClientAuth::Query(_) => {}
    }
    declared
}

/// Whether a contract declares the header in which clients authenticate.
pub(in crate::provider) fn declares_authorization(contract: &Contract) -> bool {
    declared(contract).iter().any(|(name, _)| *name == AUTHORIZATION)
}

/// The `Content-Type` that a contract declares.
pub(in crate::provider) fn content_type(contract: &Contract) -> Option<&Template> {
    let mut headers = contract.request.headers.iter();
    let found = headers.find(|(name, _)| name == CONTENT_TYPE);
    found.map(|(_, value)| value)
}

impl Reader<'_> {
    /// Reads every header but that of the body.
    pub(super) fn headers(&mut self, headers: &HeaderMap) -> Result<(), Broken> {
        let contract = self.contract;
        let declared = declared(contract);
        let strict = |(name, template): &&(&str, _)| negotiated(name, *template).is_none();
        for (name, template) in declared.iter().filter(strict) {
            let may_be_absent = template.is_some_and(|template| self.may_be_absent(template));
            self.demand(Rule::HeaderMissing, headers.contains_key(*name) || may_be_absent, || {
                format!("the header `{name}` is missing")
            })?;
        }
        let strict = declared.iter().filter(strict).map(|(name, _)| *name);
        let sent_once = strict.chain(content_type(contract).map(|_| CONTENT_TYPE));
        for name in sent_once {
            let once = headers.get_all(name).iter().count() < 2;
            self.demand(Rule::HeaderTwice, once, || format!("the header `{name}` is there twice"))?;
        }
        for (name, template) in &declared {
            if let Some(expected) = negotiated(name, *template) {
                self.accept(name, expected, headers)?;
            } else if let Some(value) = headers.get(*name) {
                self.header(name, *template, value)?;
            }
        }
        let mut names: Vec<&str> = declared.iter().map(|(name, _)| *name).collect();
        names.extend(content_type(contract).map(|_| CONTENT_TYPE));
        self.others(headers, &names);
        Ok(())
    }

    /// Demands that the client takes answers of the declared type. Several of these headers are one list.
    fn accept(&mut self, name: &str, expected: &str, headers: &HeaderMap) -> Result<(), Broken> {
        let values = headers.get_all(name).iter();
        let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let sent = values.collect::<Vec<_>>().join(",");
        self.note(format!("the header `{name}`"), &sent);
        self.demand(Rule::HeaderValue, admits(sent.trim(), expected), || {
            format!("the header `{name}` does not admit `{expected}`")
        })?;
        Ok(())
    }

    fn header(
        &mut self,
        name: &str,
        template: Option<&Template>,
        value: &HeaderValue,
    ) -> Result<(), Broken> {
        let text = std::str::from_utf8(value.as_bytes());
        let is_text = self.demand(Rule::HeaderValue, text.is_ok(), || {
            format!("the header `{name}` is no text")
        })?;
        let text = text.unwrap_or_default().trim_ascii();
        match template {
            _ if !is_text => Ok(()),
            Some(_) if name == COOKIE => self.cookies(text),
            Some(template) => {
                let place = format!("the header `{name}`");
                self.text(Rule::HeaderValue, place, template, text)
            }
            None => self.basic(text),
        }
    }

    /// Reads cookies (RFC 6265 section 4.2.1), whose order says nothing. Each that is declared is there once; others are noted.
    fn cookies(&mut self, text: &str) -> Result<(), Broken> {
        let pairs: Vec<(&str, &str)> = text
            .split(';')
            .map(|pair| pair.trim().split_once('=').unwrap_or((pair.trim(), "")))
            .collect();
        let declared = self.contract.request.cookies();
        for (name, template) in &declared {
            let mut values = pairs.iter().filter(|(sent, _)| sent == name);
            let value = values.next();
            self.demand(Rule::HeaderValue, value.is_some(), || {
                format!("the cookie `{name}` is missing")
            })?;
            self.demand(Rule::HeaderValue, values.next().is_none(), || {
                format!("the cookie `{name}` is there twice")
            })?;
            if let Some((_, value)) = value {
                let place = format!("the cookie `{name}`");
                self.text(Rule::HeaderValue, place, template, value)?;
            }
        }
        let is_declared = |sent: &str| declared.iter().any(|(name, _)| name == sent);
        for (name, value) in pairs.iter().filter(|(name, _)| !is_declared(name)) {
            self.note(format!("the cookie `{name}`"), value);
        }
        Ok(())
    }

    /// Reads HTTP Basic (RFC 7617), behind the word that the contract has for it.
    fn basic(&mut self, text: &str) -> Result<(), Broken> {
        let contract = self.contract;
        let ClientAuth::Basic { username, password, form_encoded, scheme } = &contract.request.auth
        else {
            return Ok(());
        };
        let scheme = scheme.as_deref().unwrap_or("Basic");
        let pair = basic_pair(scheme, text);
        self.demand(Rule::HeaderValue, pair.is_some(), || {
            format!("the header `authorization` is not `{scheme}` and the base64 of two texts with a colon between them")
        })?;
        let Some((user, pass)) = pair else {
            return Ok(());
        };
        let parts = [("user", username, user), ("password", password, pass)];
        for (part, template, text) in parts {
            let text = if *form_encoded { unform(&text) } else { text };
            let place = format!("the {part} part of HTTP Basic");
            self.text(Rule::HeaderValue, place, template, &text)?;
        }
        Ok(())
    }

    /// Notes every header that is not declared.
    fn others(&mut self, headers: &HeaderMap, declared: &[&str]) {
        for (name, value) in headers {
            let name = name.as_str();
            if declared.contains(&name) || TRANSPORT.contains(&name) {
                continue;
            }
            if name == AUTHORIZATION {
                self.reading.authorization = true;
                continue;
            }
            let text = String::from_utf8_lossy(value.as_bytes());
            self.note(format!("the header `{name}`"), &text);
            for word in text.split_ascii_whitespace() {
                if let Some(decoded) = decode(word) {
                    self.note(format!("the base64 of the header `{name}`"), &decoded);
                }
            }
        }
    }

    /// Reads the header that says what the body is.
    pub(super) fn content_type(&mut self, headers: &HeaderMap) -> Result<(), Broken> {
        let expected = content_type(self.contract);
        let sent = headers.get(CONTENT_TYPE);
        let Some(template) = expected else {
            self.demand(Rule::ContentType, sent.is_none(), || {
                "there is a `content-type`, and none is declared".to_owned()
            })?;
            return Ok(());
        };
        let text = sent.and_then(|value| value.to_str().ok());
        self.demand(Rule::ContentType, text.is_some(), || {
            "the header `content-type` is missing".to_owned()
        })?;
        let text = text.unwrap_or_default();
        match template.as_literal() {
            Some(expected) => {
                let fits = media_type(text) == media_type(expected);
                self.demand(Rule::ContentType, fits, || {
                    format!("the header `content-type` is not `{expected}`")
                })?;
                Ok(())
            }
            None => {
                let place = "the header `content-type`".to_owned();
                self.text(Rule::ContentType, place, template, text)
            }
        }
    }
}

/// A media type and its parameters, comparable. That JSON is in UTF-8 goes without saying.
fn media_type(text: &str) -> (String, Vec<String>) {
    let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
    let essence = parts.next().unwrap_or_default();
    let said = |part: &String| !part.is_empty() && part.replace('"', "") != "charset=utf-8";
    let mut parameters: Vec<String> = parts.filter(said).collect();
    parameters.sort();
    (essence, parameters)
}

/// The two parts of HTTP Basic.
fn basic_pair(expected: &str, text: &str) -> Option<(String, String)> {
    let (scheme, encoded) = text.split_once(' ')?;
    let decoded = decode(encoded.trim_ascii())?;
    let (user, password) = decoded.split_once(':')?;
    let pair = (user.to_owned(), password.to_owned());
    scheme.eq_ignore_ascii_case(expected).then_some(pair)
}

fn decode(base64: &str) -> Option<String> {
    let bytes = BASE64_STANDARD.decode(base64).ok()?;
    String::from_utf8(bytes).ok()
}

/// Undoes form encoding.
fn unform(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_goes_without_saying() {
        let plain = media_type("application/json");
        assert_eq!(media_type("Application/JSON; Charset=\"UTF-8\""), plain);
        assert_ne!(media_type("application/json; charset=latin1"), plain);
        assert_ne!(media_type("text/json"), plain);
        assert_ne!(media_type("application/json; v=2"), plain);
    }

    #[test]
    fn basic_ends_the_user_at_the_first_colon() {
        let pair = |text: &str| basic_pair("Basic", text);
        let found = ("id".to_owned(), "a:b".to_owned());
        assert_eq!(pair("Basic aWQ6YTpi"), Some(found.clone()));
        assert_eq!(pair("basic  aWQ6YTpi"), Some(found));
        assert_eq!(pair("Bearer aWQ6YTpi"), None);
        assert_eq!(pair("Basic aWQ6YTp"), None);
        assert_eq!(pair("Basic aWRhYg=="), None);
        assert_eq!(pair("Basic"), None);
    }

    #[test]
    fn forms_are_undone() {
        assert_eq!(unform("1PpG%2FQ+1"), "1PpG/Q 1");
    }
}
