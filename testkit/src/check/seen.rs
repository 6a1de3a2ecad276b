//! The answer of an exchange, looked at.

use super::exchange::Exchange;
use super::{Checked, Deviation, Verdict, hint, told};
use crate::reference::refresh_token;
use http::Response;
use rekindle_contract::contract::{self, Contract, Pointer, Rotation, TokenPlace, Unusable};
use rekindle_contract::exchange::is_carried;
use rekindle_syntax::BodyKind;
use serde_json::Value;

/// A token that a client can do nothing with.
const UNCARRIED: &str = "a text that no header can carry: a line break or another control character is in it, or white space around it";

pub(super) fn unknown(why: &str) -> Verdict {
    Verdict::CouldNotTell(why.to_owned())
}

/// The answer of an exchange.
pub(super) struct Seen<'a> {
    pub(super) contract: &'a Contract,
    pub(super) exchange: &'a Exchange,
    pub(super) answer: &'a Response<Vec<u8>>,
    pub(super) status: u16,
    pub(super) body: &'a [u8],
    pub(super) json: Option<Value>,
}

impl Seen<'_> {
    /// Whether the answer is one that other requests follow: it tells the refresh token, and no access token.
    pub(super) fn is_before_others(&self) -> bool {
        self.exchange.told.as_ref().is_some_and(|told| std::ptr::eq(told, self.answer))
    }

    /// Whether it leads elsewhere and is no success for that.
    pub(super) fn is_redirect(&self) -> bool {
        (300..400).contains(&self.status) && !self.has_success_status()
    }

    pub(super) fn redirect(&self) -> Checked {
        if !self.is_redirect() {
            return Ok(());
        }
        let seen = format!("status {}, which leads to {}", self.status, told::target(self.answer));
        let deviation = Deviation::new("no redirect", seen);
        let hint = "a redirect would carry the credential elsewhere: check `--base-url`";
        Err(deviation.about("refresh.request").hint(hint).into())
    }

    pub(super) fn has_success_status(&self) -> bool {
        let statuses = &self.contract.response.success.status;
        statuses.iter().any(|range| range.contains(self.status))
    }

    pub(super) fn status(&self) -> Checked {
        if self.has_success_status() && self.refused_by().is_none() {
            return Ok(());
        }
        let statuses = &self.contract.response.success.status;
        let words: Vec<String> = statuses
            .iter()
            .map(|range| match (range.first, range.last) {
                (first, last) if first == last => first.to_string(),
                (first, last) => format!("{first} to {last}"),
            })
            .collect();
        let mut seen = told::summary(self.answer);
        if let Some(rule) = self.refused_by() {
            seen += &format!(", {}", told::meaning(rule));
        }
        if let Some(kind) = told::kind(self.answer, self.json.is_some()) {
            seen += &format!("; {kind}");
        }
        // A status of success is none that would differ.
        let expected = match self.has_success_status() {
            true => "a success".to_owned(),
            false => format!("status {}", words.join(" or ")),
        };
        let deviation = Deviation::new(expected, seen).about("response.success");
        let rule = self.refused_by().filter(|rule| !rule.is_default());
        Err(deviation.hint(hint::of_refusal(rule, self.exchange, self.answer)).into())
    }

    /// How an answer is written that can be read all the same.
    pub(super) fn written(&self) -> Checked {
        let deviation = if told::is_called_otherwise(self.answer) {
            Deviation::new("a content type of JSON", told::summary(self.answer))
        } else if told::has_mark(self.answer) {
            Deviation::new("JSON alone", "a byte order mark before it")
        } else if self.json.as_ref().is_some_and(told::names_error) {
            Deviation::new("no error beside the tokens", "a member `error` beside them")
        } else {
            return Ok(());
        };
        let hint = "clients read it all the same, and tell of it as a deviation";
        Err(Verdict::Note(deviation.hint(hint)))
    }

    /// The rule that takes the answer for a refusal, where it is not the success field alone that does.
    pub(super) fn refused_by(&self) -> Option<&contract::ErrorRule> {
        match self.contract.classify(self.status, self.body) {
            contract::Outcome::Refused(rule) if !self.is_only_field(rule) => Some(rule),
            _ => None,
        }
    }

    /// Whether it is the success field alone that makes an answer no success.
    fn is_only_field(&self, rule: &contract::ErrorRule) -> bool {
        rule.is_default() && self.has_success_status()
    }

    pub(super) fn is_success(&self) -> bool {
        self.contract.classify(self.status, self.body) == contract::Outcome::Success
    }

    pub(super) fn field(&self) -> Checked {
        let Some(field) = &self.contract.response.success.field else {
            return Ok(());
        };
        if field.matches(self.json.as_ref()) {
            return Ok(());
        }
        self.readable().map_err(|_| unknown("the answer cannot be read, which is why"))?;
        let mut seen = self.shown(&field.field);
        let json = self.json.as_ref();
        let place =
            json.and_then(|json| told::elsewhere(json, &field.field, |it| field.accepts(it)));
        if let Some(place) = place {
            seen += &format!("; there is one at `{place}`");
        }
        let token = self.place_of_token();
        if let Some(place) = &token {
            seen += &format!("; there is an access token at `{place}`");
        }
        let told = json.and_then(|json| field.field.find(json)).filter(|told| !told.is_null());
        let names_error = json.is_some_and(told::names_error) || told::code(self.answer).is_some();
        let hint = match (told, &token) {
            _ if names_error => hint::NAMES_ERROR,
            (Some(_), None) => {
                "the answer says that it is no success: `errors` may lack a rule for it, such as one with `status: 200`"
            }
            _ => {
                "look at `response.success.field`: it says where an answer says that it is a success, and by which value (types count)"
            }
        };
        let seen = format!("{seen} ({})", told::summary(self.answer));
        let deviation = Deviation::new(format!("`{field}`"), seen);
        Err(deviation.about("response.success.field").hint(hint).into())
    }

    /// Where a text is that is the access token, or has its name.
    fn place_of_token(&self) -> Option<String> {
        let place = &self.contract.response.access_token;
        let (TokenPlace::Json(field) | TokenPlace::Form(field) | TokenPlace::Xml(field)) = place
        else {
            return None;
        };
        let is_token = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
        let json = self.json.as_ref()?;
        match field.find(json).is_some_and(is_token) {
            true => Some(field.to_string()),
            false => told::elsewhere(json, field, is_token),
        }
    }

    pub(super) fn readable(&self) -> Checked {
        let kind = told::body(self.answer);
        let is_text = || std::str::from_utf8(self.body).is_ok();
        let (expected, is_read) = match self.contract.response.access_token {
            TokenPlace::Json(_) => ("JSON", self.json.is_some() && kind != BodyKind::Quoted),
            TokenPlace::Form(_) => ("a form", self.json.is_some()),
            TokenPlace::Xml(_) => ("XML", self.json.is_some()),
            TokenPlace::WholeBody => ("a text", is_text() && !is_sentence(self.body)),
            // A page comes of something between the two.
            TokenPlace::Unchanged => ("an answer to programs", !contract::is_page(self.body)),
        };
        if is_read {
            return Ok(());
        }
        let deviation = Deviation::new(expected, told::came(self.answer, false));
        Err(deviation.about("response").hint(hint::of_unreadable(kind)).into())
    }

    /// The access token of the answer.
    pub(super) fn access_token(&self) -> Checked<String> {
        let token = match &self.contract.response.access_token {
            TokenPlace::WholeBody => String::from_utf8_lossy(self.body).trim().to_owned(),
            TokenPlace::Unchanged => self.exchange.held.access_token.clone(),
            TokenPlace::Json(field) | TokenPlace::Form(field) | TokenPlace::Xml(field) => {
                let json =
                    self.json.as_ref().ok_or_else(|| unknown("the answer cannot be read"))?;
                match field.find(json) {
                    Some(Value::String(token)) => token.clone(),
                    _ => String::new(),
                }
            }
        };
        if !is_carried(&token) {
            let deviation = Deviation::new("an access token that a header can carry", UNCARRIED);
            let deviation = deviation.about("response.access_token");
            return Err(deviation
                .hint("clients take it for none: no request can be made with it")
                .into());
        }
        if !token.is_empty() {
            return Ok(token);
        }
        let (expected, seen) = match &self.contract.response.access_token {
            TokenPlace::WholeBody => {
                ("the access token as the body".to_owned(), "an empty body".to_owned())
            }
            TokenPlace::Unchanged => ("an access token".to_owned(), "none that is held".to_owned()),
            TokenPlace::Json(field) | TokenPlace::Form(field) | TokenPlace::Xml(field) => {
                let seen = self.found_or_elsewhere(field);
                let seen = format!("{seen} ({})", told::summary(self.answer));
                (format!("the access token at `{field}`"), seen)
            }
        };
        let deviation = Deviation::new(expected, seen).about("response.access_token");
        let names_error = self.json.as_ref().is_some_and(told::names_error);
        let hint = match names_error {
            true => hint::NAMES_ERROR,
            false => "look at `response.access_token`: clients read the token at that place alone",
        };
        Err(deviation.hint(hint).into())
    }

    pub(super) fn token_type(&self) -> Checked {
        let Some(declared) = &self.contract.response.token_type else {
            return Ok(());
        };
        let found = self.text(&declared.field);
        if found.is_some_and(|found| declared.accepts(found)) {
            return Ok(());
        }
        let expected = format!("{} at `{}`", declared.accepted.join(" or "), declared.field);
        let held = &self.exchange.held;
        let new = self.refresh_token();
        let access = self.access_token().unwrap_or_default();
        let secrets = [&held.access_token, held.refresh_text(), &access];
        let secrets = [&secrets[..], new.as_deref().as_slice()].concat();
        let seen = match found.and_then(|found| told::token_type(found, &secrets)) {
            Some(found) => format!("`{found}` at `{}`", declared.field),
            None => self.found_or_elsewhere(&declared.field),
        };
        Err(Deviation::new(expected, seen)
            .about("response.token_type")
            .hint("look at `response.token_type`: which texts are accepted, and whether it is demanded")
            .into())
    }

    /// Values are not shown: one may be a secret.
    pub(super) fn outputs(&self) -> Checked {
        let json = self.json.as_ref().ok_or_else(|| unknown("the answer has no fields"))?;
        for (name, output) in &self.contract.response.outputs {
            let seen = match output.read(json, &self.exchange.base_url) {
                Ok(Some(_)) => continue,
                Ok(None) if output.optional => continue,
                Ok(None) => "no value".to_owned(),
                Err(Unusable::OfAnotherKind) => "a value of another type".to_owned(),
                Err(Unusable::Elsewhere) => "an address that `hosts` do not allow".to_owned(),
            };
            let expected = format!("{} at `{}`", output.kind.label(), output.field);
            let fact = format!("response.outputs.{name}");
            return Err(Deviation::new(expected, seen).about(fact).into());
        }
        Ok(())
    }

    pub(super) fn scope(&self) -> Checked {
        let Some(field) = &self.contract.response.scope else {
            return Ok(());
        };
        match self.json.as_ref().and_then(|json| field.find(json)) {
            None | Some(Value::Null | Value::String(_)) => Ok(()),
            Some(Value::Array(items)) if items.iter().all(Value::is_string) => Ok(()),
            Some(_) => Err(Deviation::new(
                format!("a text, or a list of them, at `{field}`"),
                self.found(field),
            )
            .about("response.scope")
            .into()),
        }
    }

    /// The refresh token of the answer.
    pub(super) fn refresh_token(&self) -> Option<String> {
        refresh_token(self.contract, self.answer)
    }

    pub(super) fn rotation(&self) -> Checked {
        let (Some(refresh), Some(field)) =
            (&self.contract.refresh, &self.contract.response.refresh_token)
        else {
            return Ok(());
        };
        let new = self.refresh_token();
        if self.text(field).is_some_and(|token| !is_carried(token)) {
            let deviation = Deviation::new("a refresh token that a header can carry", UNCARRIED);
            let deviation = deviation.about("response.refresh_token");
            return Err(deviation
                .hint("clients take it for none, and the old one may be dead")
                .into());
        }
        let same = new == self.exchange.held.refresh_token;
        let seen = match (&new, same) {
            (None, _) => self.found_or_elsewhere(field),
            (Some(_), true) => "the refresh token that was sent".to_owned(),
            (Some(_), false) => "a new refresh token".to_owned(),
        };
        let moved = self.elsewhere(field).filter(|_| new.is_none());
        // Clients cannot tell whether the one that they hold is good.
        let found = self.json.as_ref().and_then(|json| field.find(json));
        let is_other = found.is_some_and(|found| !found.is_null() && !found.is_string());
        let (right, expected) = match refresh.rotation {
            Rotation::Always | Rotation::KeepsOld => {
                (new.is_some() && !same, "a new refresh token")
            }
            Rotation::Echo => (new.is_some() && same, "the refresh token that was sent"),
            Rotation::Never => (new.is_none() && !is_other, "no refresh token"),
            Rotation::Sometimes | Rotation::Unknown
                if new.is_none() && (moved.is_some() || is_other) =>
            {
                (false, "a refresh token, where there is one,")
            }
            Rotation::Sometimes | Rotation::Unknown => {
                return Err(Verdict::NotApplicable(
                    "the contract leaves open whether an answer brings one".to_owned(),
                ));
            }
        };
        if right {
            return Ok(());
        }
        let deviation = Deviation::new(format!("{expected} at `{field}`"), seen);
        if moved.is_some() {
            let hint = "look at `response.refresh_token`: clients read no token at another place, and keep the old one, which may be dead";
            return Err(deviation.about("response.refresh_token").hint(hint).into());
        }
        if is_other {
            let hint = "look at `response.refresh_token`: clients read a text at that place alone, and the token that they hold may be dead";
            return Err(deviation.about("response.refresh_token").hint(hint).into());
        }
        Err(deviation
            .about("tokens.refresh.rotation")
            .hint("clients keep whatever an answer brings; what the contract says of it is wrong")
            .into())
    }

    pub(super) fn refresh_length(&self) -> Checked {
        let most = self.contract.refresh.as_ref().and_then(|token| token.max_length);
        let (Some(most), Some(token)) = (most, self.refresh_token()) else {
            return Err(unknown("the answer brings no refresh token"));
        };
        if token.len() <= most as usize {
            return Ok(());
        }
        let expected = format!("a refresh token of at most {most} bytes");
        Err(Deviation::new(expected, format!("one of {} bytes", token.len()))
            .about("tokens.refresh.max_length")
            .into())
    }

    fn text(&self, field: &Pointer) -> Option<&str> {
        field.find(self.json.as_ref()?)?.as_str()
    }

    /// What stands at a place of the answer, without saying what it is: any scalar may be a secret.
    pub(super) fn found(&self, field: &Pointer) -> String {
        let Some(json) = &self.json else {
            return "no JSON".to_owned();
        };
        let what = match field.find(json) {
            None => "nothing",
            Some(Value::Null) => "null",
            Some(Value::String(text)) if text.is_empty() => "an empty text",
            Some(Value::String(_)) => "another text",
            Some(Value::Bool(_)) => "a boolean",
            Some(Value::Number(_)) => "a number",
            Some(Value::Array(_)) => "a list",
            Some(Value::Object(_)) => "an object",
        };
        format!("{what} at `{field}`")
    }

    /// The same of what is no token: a number, or one of two values, is shown.
    pub(super) fn shown(&self, field: &Pointer) -> String {
        match self.json.as_ref().and_then(|json| field.find(json)) {
            Some(value @ (Value::Bool(_) | Value::Number(_))) => format!("{value} at `{field}`"),
            _ => self.found(field),
        }
    }

    /// What stands at a place, and where else a member of its name is.
    pub(super) fn found_or_elsewhere(&self, field: &Pointer) -> String {
        let found = self.found(field);
        match self.elsewhere(field) {
            Some(place) => format!("{found}; there is one at `{place}`"),
            None => found,
        }
    }

    /// Where else than at its place a member of this name is.
    pub(super) fn elsewhere(&self, field: &Pointer) -> Option<String> {
        told::elsewhere(self.json.as_ref()?, field, told::is_something)
    }
}

/// Whether a body is none that is a token as a whole.
fn is_sentence(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
    matches!(body.first(), Some(b'<' | b'{' | b'[')) || body.iter().any(u8::is_ascii_whitespace)
}
