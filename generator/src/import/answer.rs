//! An answer as its source shows it → where its tokens are, and the same answer with synthetic ones.

use super::draft::Draft;
use super::lifetime::{AT, End, is_end, is_lifetime};
use super::lines::{MOST_LEVELS, depth};
use super::meaning::{is_field, is_plain, may_be_secret, parameter, placeholder, squashed};
use super::{Problem, TODO};
use serde_json::{Map, Value, json};

/// Names of the access token, the likeliest first.
const ACCESS: &[&str] = &["accesstoken", "accessjwt"];
/// Names that it has where none is called so.
const PERHAPS_ACCESS: &[&str] =
    &["token", "jwt", "apitoken", "authtoken", "bearertoken", "sessiontoken", "bearer", "idtoken"];
/// Words with which answers say that all is well.
const WORDS: &[&str] =
    &["success", "successful", "succeeded", "ok", "bearer", "active", "approved", "valid", "true"];
/// Names of members whose number says whether all is well.
const CODES: &[&str] = &[
    "code",
    "errcode",
    "errno",
    "error",
    "errorcode",
    "resultcode",
    "ret",
    "retcode",
    "returncode",
    "status",
    "statuscode",
];
const REFRESH: &[&str] = &["refreshtoken", "refreshjwt", "newrefreshtoken"];

/// What an answer says.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The status.
    status: u16,
    /// The body, with every text and number replaced that is not plainly the protocol's.
    sample: Value,
    access_token: Option<String>,
    refresh_token: Option<String>,
    token_type: Option<String>,
    scope: Option<String>,
    bearer: bool,
    other_type: bool,
    expires: Option<Value>,
    access_expires: Option<String>,
    refresh_expires: Option<Value>,
    refresh_expires_at: Option<String>,
    scope_value: Option<String>,
    /// A member that says that all is well, and by which value.
    well: Option<(String, Value)>,
    echoes: bool,
    /// Whether nothing shows that the refresh token of the answer is another one than that of the request.
    invents: bool,
    /// Members that hold a placeholder for a lifetime, taken for one in seconds.
    assumed: Vec<String>,
    /// Members that look as if they said when a token ends, with what stands there.
    perhaps: Vec<(String, String)>,
    /// Members that nothing here reads.
    unread: Vec<String>,
    /// Members that say when a token ends, of which a spec holds one for each token.
    lifetimes: Vec<String>,
}

impl Answer {
    /// Reads an answer: JSON, perhaps behind the head that `curl -i` prints. `sent`: the refresh token of the request as shown.
    /// `above`: how many lines of the source stand above it, where it was pasted among others.
    pub(super) fn read(
        text: &str,
        above: Option<usize>,
        sent: Option<&str>,
    ) -> Result<Self, Problem> {
        let (status, body) = parts(text);
        let value = json_of(body).map_err(|error| {
            let head = text[..text.len() - body.len()].matches('\n').count();
            let (line, of) = match above {
                Some(above) => (above + head + error.line(), "the source"),
                None => (error.line(), "it"),
            };
            let message =
                format!("the answer is no JSON: line {line}, column {} of {of}", error.column());
            Problem::new(message, "give the body of the answer, as the page shows it; put what stands for a value into double quotes")
        })?;
        Self::of(&value, status.unwrap_or(200), sent)
    }

    /// The same for a body that was read.
    pub(super) fn of(value: &Value, status: u16, sent: Option<&str>) -> Result<Self, Problem> {
        let Value::Object(members) = value else {
            return Err(Problem::new(
                "the answer is no JSON object",
                "write what it says into the spec by hand",
            ));
        };
        let mut answer = Self { status, ..Self::default() };
        let named = |names: &'static [&'static str]| {
            names.iter().find_map(|name| find(members, &[name], "", 0, &Value::is_string))
        };
        answer.access_token =
            named(ACCESS).or_else(|| only_access_token(members)).or_else(|| named(PERHAPS_ACCESS));
        answer.refresh_token = find(members, REFRESH, "", 0, &Value::is_string);
        answer.token_type = find(members, &["tokentype"], "", 0, &Value::is_string);
        let is_scope = |value: &Value| value.is_string() || value.is_array();
        answer.scope = find(members, &["scope", "scopes"], "", 0, &is_scope);
        answer.well = members
            .iter()
            .find(|(name, value)| says_well(name, value))
            .map(|(name, value)| (format!("/{name}"), value.clone()));
        let refresh =
            answer.refresh_token.as_ref().and_then(|pointer| value.pointer(pointer)?.as_str());
        // The same placeholder in both says what stands there, and not that it is the same token.
        let both_shown = [refresh, sent].into_iter().all(|token| token.is_some_and(is_shown));
        answer.echoes = both_shown && refresh == sent;
        answer.invents = refresh.is_some() && !both_shown;
        let mut sample = Map::new();
        answer.sample(members, "", 0, &mut sample);
        answer.sample = Value::Object(sample);
        Ok(answer)
    }

    /// Copies what may be shown.
    fn sample(
        &mut self,
        members: &Map<String, Value>,
        at: &str,
        depth: usize,
        into: &mut Map<String, Value>,
    ) {
        for (name, value) in members.iter().filter(|(name, _)| depth < 8 && is_member(name)) {
            let pointer = format!("{at}/{name}");
            let is = |place: &Option<String>| place.as_deref() == Some(pointer.as_str());
            let shown = match value {
                Value::String(_) if is(&self.access_token) => "synthetic-access".into(),
                Value::String(_) if is(&self.refresh_token) => {
                    if self.echoes { "synthetic-refresh" } else { "synthetic-next" }.into()
                }
                Value::String(text) if is(&self.token_type) => {
                    self.bearer = text.eq_ignore_ascii_case("bearer");
                    self.other_type = !self.bearer;
                    if is_plain(text) { value.clone() } else { "Bearer".into() }
                }
                Value::String(text) if is(&self.scope) && text.trim().is_empty() => "".into(),
                Value::String(text) if is(&self.scope) => {
                    let plain = |word: &&str| is_plain(word) && !word.contains('=');
                    let words: Vec<&str> = text.split(' ').filter(plain).collect();
                    let scope = if words.is_empty() { "read".to_owned() } else { words.join(" ") };
                    self.scope_value = Some(scope.clone());
                    scope.into()
                }
                Value::Array(_) if is(&self.scope) => {
                    self.scope_value = Some("read".to_owned());
                    json!(["read"])
                }
                _ if depth == 0 && says_well(name, value) => {
                    if self.well.as_ref().is_none_or(|(place, _)| *place != pointer) {
                        self.unread.push(pointer);
                    }
                    value.clone()
                }
                Value::String(_) | Value::Number(_) => {
                    match self.lifetime(name, value, &pointer, members) {
                        Some(shown) => {
                            self.lifetimes.push(pointer);
                            shown
                        }
                        None => self.shown(name, value, &pointer),
                    }
                }
                Value::Bool(_) | Value::Null => {
                    self.unread.push(pointer);
                    value.clone()
                }
                Value::Object(members) => {
                    let mut inner = Map::new();
                    self.sample(members, &pointer, depth + 1, &mut inner);
                    Value::Object(inner)
                }
                Value::Array(_) => {
                    self.unread.push(pointer);
                    Value::Array(Vec::new())
                }
            };
            into.insert(name.clone(), shown);
        }
    }

    /// A text or a number that no key of a spec reads: a word of the protocol and a number that is nobody's secret stay.
    fn shown(&mut self, name: &str, value: &Value, pointer: &str) -> Value {
        let squashed = squashed(name);
        let is_end = is_end(&squashed);
        let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let is_count = !written.is_empty()
            && written.len() <= 13
            && written.bytes().all(|it| it.is_ascii_digit());
        let is_number = written.len() <= 13 && written.parse::<f64>().is_ok_and(f64::is_finite);
        if !is_end || !is_number && !value.is_string() {
            self.unread.push(pointer.to_owned());
        }
        match value {
            _ if is_end && is_number => {
                self.perhaps.push((pointer.to_owned(), written));
                value.clone()
            }
            // Such as `never`: what it means for the token, the page says.
            Value::String(text) if is_end => {
                let is_word = is_plain(text) && text.len() <= 20;
                let word = if is_word { text.as_str() } else { "a text" };
                self.perhaps.push((pointer.to_owned(), word.to_owned()));
                if is_word { value.clone() } else { "synthetic".into() }
            }
            Value::String(text)
                if WORDS.contains(&text.to_ascii_lowercase().as_str())
                    && (!may_be_secret(name) || squashed.ends_with("type")) =>
            {
                value.clone()
            }
            // Whoever takes it as an address gets one.
            Value::String(text) if text.starts_with("https://") => {
                super::host::synthetic(text).into()
            }
            Value::String(_) => "synthetic".into(),
            // In whatever it lies: `{ pin: { value: 1234 } }`.
            _ if may_be_secret(pointer) => 1.into(),
            _ if written.len() <= 6 => value.clone(),
            // Perhaps the number of somebody's account: how large it is may matter, which one it is may not.
            _ => match is_count {
                true => 10_i64.pow(written.len() as u32 - 1).into(),
                false => 1.into(),
            },
        }
    }

    /// What of the answer the spec does not say, for whoever reads it.
    pub(super) fn notes(&self, draft: &Draft) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(place) = self.refresh_token.as_ref().filter(|_| !draft.spends()) {
            let operation = draft.operation.unwrap_or(TODO);
            let fallback = match draft.access {
                true => String::new(),
                false => {
                    format!(", with `else: {{ operation: {operation} }}` for when there is none")
                }
            };
            notes.push(format!(
                "The answer brings a refresh token ({place}), which `operation: {operation}` does not use: `refresh` may trade it{fallback}."
            ));
        }
        if draft.traded_code {
            notes.push("The answer is the one to a first grant: what is read from it, ends above all, is assumed of a refresh as well.".to_owned());
        }
        if draft.traded_code && self.refresh_token.is_none() {
            notes.push("The answer to the code brings no refresh token.".to_owned());
        }
        if !self.assumed.is_empty() {
            let places: Vec<String> = self.assumed.iter().map(|it| format!("`{it}`")).collect();
            notes.push(format!(
                "A placeholder stands for the lifetime at {}; assumed: it is a number of seconds.",
                places.join(" and ")
            ));
        }
        let open = self.perhaps.iter().filter(|(place, _)| self.is_open(place, draft));
        notes.extend(open.map(|(place, value)| format!("perhaps: {place} ({value})")));
        if self.invents && draft.operation.is_none() && self.has_example(draft) {
            notes.push("The source does not show whether the refresh token of the answer is another one; the example shows another. With `rotation: echo`, write `synthetic-refresh` in the place of `synthetic-next`.".to_owned());
        }
        let unheld = self.unheld(draft);
        if !unheld.is_empty() {
            notes.push(format!(
                "Members of the answer that no key held when this was imported; `outputs` of `response` takes those that a caller needs: {}.",
                unheld.join(", ")
            ));
        }
        notes
    }

    /// Whether the end of the token of which this member seems to tell one is still to be said.
    fn is_open(&self, place: &str, draft: &Draft) -> bool {
        let name = place.rsplit('/').next().unwrap_or_default();
        match squashed(name).contains("refresh") {
            true => self.refresh_expires.is_none() && draft.spends(),
            false => self.expires.is_none(),
        }
    }

    /// The members that no key of the spec holds, each in backticks as `outputs` takes it.
    fn unheld(&self, draft: &Draft) -> Vec<String> {
        let of_refresh = self.refresh_expires.as_ref().filter(|_| draft.spends());
        let held: Vec<&str> = [self.expires.as_ref(), of_refresh]
            .into_iter()
            .flatten()
            .filter_map(|end| end.as_object()?.values().next()?.as_str())
            .collect();
        let ends = self.lifetimes.iter().filter(|place| !held.contains(&place.as_str()));
        let mut names: Vec<String> = Vec::new();
        let mut all = Vec::new();
        let told = self.perhaps.iter().map(|(place, _)| place);
        let told = told.filter(|place| !self.is_open(place, draft));
        for place in self.unread.iter().chain(told).chain(ends) {
            let words: Vec<&str> = place.split('/').skip(1).collect();
            let own = parameter(words.last().copied().unwrap_or_default());
            let whole = parameter(&words.join("_"));
            let free =
                [whole, own].into_iter().find(|name| name != "setting" && !names.contains(name));
            let name = free.unwrap_or_else(|| format!("member_{}", names.len() + 1));
            all.push(format!("`{name}: {}`", output(place, self.sample.pointer(place))));
            names.push(name);
        }
        all
    }

    /// A member that says when a token ends, and what an example shows there.
    fn lifetime(
        &mut self,
        name: &str,
        value: &Value,
        pointer: &str,
        beside: &Map<String, Value>,
    ) -> Option<Value> {
        let End { kind, instant, shown, assumed } = End::of(name, value, beside)?;
        if assumed {
            self.assumed.push(pointer.to_owned());
        }
        let (place, ends) = match squashed(name).contains("refresh") {
            true => (&mut self.refresh_expires, &mut self.refresh_expires_at),
            false => (&mut self.expires, &mut self.access_expires),
        };
        // A lifetime needs no clock that agrees with the provider's: it wins over an instant that stands beside it.
        let deep = pointer.matches('/').count();
        let known = place.as_ref().and_then(|known| {
            let (kind, place) = known.as_object()?.iter().next()?;
            Some((is_lifetime(kind), place.as_str()?.matches('/').count()))
        });
        if known.is_none_or(|(known, depth)| {
            deep < depth || deep == depth && is_lifetime(kind) && !known
        }) {
            *place = Some(json!({ kind: pointer }));
            *ends = Some(instant);
        }
        Some(shown)
    }

    /// What a spec says of it: the block `response`.
    pub(super) fn response(&self, draft: &Draft) -> Map<String, Value> {
        let mut response = Map::new();
        if let Some((field, value)) = &self.well {
            response.insert("success".to_owned(), json!({ "field": field, "equals": value }));
        }
        let place =
            |key: &str, place: &Option<String>, needed: bool, response: &mut Map<String, Value>| {
                let implied = draft.profile && *place == Some(format!("/{key}"));
                match place {
                    _ if implied => {}
                    Some(place) => drop(response.insert(key.to_owned(), place.as_str().into())),
                    None if needed => drop(response.insert(key.to_owned(), TODO.into())),
                    None => {}
                }
            };
        place("access_token", &self.access_token, true, &mut response);
        let spends = draft.spends();
        if spends {
            place("refresh_token", &self.refresh_token, false, &mut response);
        }
        if self.other_type {
            let accepted =
                self.token_type.as_ref().and_then(|place| self.sample.pointer(place)).cloned();
            response.insert(
                "token_type".to_owned(),
                json!({ "field": self.token_type, "accepted": [accepted] }),
            );
        } else {
            place("token_type", &self.token_type, false, &mut response);
        }
        place("scope", &self.scope, false, &mut response);
        response
    }

    /// Whether a member of it is taken for the access token.
    pub(super) fn has_token(&self) -> bool {
        self.access_token.is_some()
    }

    /// When the access token ends.
    pub(super) fn expires(&self) -> Option<Value> {
        self.expires.clone()
    }

    /// When the refresh token ends.
    pub(super) fn refresh_expires(&self) -> Option<Value> {
        self.refresh_expires.clone()
    }

    /// Whether it calls the token one of RFC 6750.
    pub(super) fn bearer(&self) -> bool {
        self.bearer
    }

    /// Whether there is an example: not where no access token was found, where of what is sent there is nothing yet to show, or where it is
    /// not known what the client brings.
    fn has_example(&self, draft: &Draft) -> bool {
        let is_open = draft.auth.as_ref().is_some_and(|auth| auth == TODO);
        self.has_token() && draft.unread.is_none() && !draft.traded_code && !is_open
    }

    /// The exchange as an example, of this environment where there are several.
    pub(super) fn example(&self, draft: &Draft, environment: Option<&str>) -> Option<Value> {
        if !self.has_example(draft) {
            return None;
        }
        let mut given = Map::new();
        given.extend(environment.map(|name| ("environment".to_owned(), name.into())));
        if draft.base.is_none() {
            given.insert("base_url".to_owned(), "https://provider.example".into());
        }
        let client: Map<String, Value> = draft
            .needed
            .iter()
            // Examples sign with a key of their own.
            .filter(|parameter| parameter.kind != Some("signing_key"))
            .map(|parameter| {
                let value = match (parameter.kind, parameter.name.as_str()) {
                    _ if !parameter.one_of.is_empty() => parameter.one_of[0].as_str(),
                    (Some("host"), _) => "synthetic.example",
                    (Some("host_label"), _) => "synthetic",
                    (_, "client_id") => "synthetic-id",
                    (_, "client_secret") => "synthetic-secret",
                    _ => "synthetic",
                };
                (parameter.name.clone(), value.into())
            })
            .collect();
        if !client.is_empty() {
            given.insert("client".to_owned(), client.into());
        }
        if draft.access {
            given.insert("access_token".to_owned(), "synthetic-old".into());
        }
        if draft.refresh {
            given.insert("refresh_token".to_owned(), "synthetic-refresh".into());
        }
        given.insert("at".to_owned(), AT.into());
        let mut expect = Map::new();
        expect.insert("access_token".to_owned(), "synthetic-access".into());
        expect.extend(
            self.access_expires
                .as_ref()
                .map(|end| ("access_expires".to_owned(), end.as_str().into())),
        );
        if draft.spends() {
            let next = self.refresh_token.is_some() && !self.echoes;
            expect.insert(
                "refresh_token".to_owned(),
                if next { "synthetic-next" } else { "synthetic-refresh" }.into(),
            );
            expect.extend(
                self.refresh_expires_at
                    .as_ref()
                    .map(|end| ("refresh_expires".to_owned(), end.as_str().into())),
            );
        }
        expect.extend(
            self.scope_value.as_ref().map(|scope| ("scope".to_owned(), scope.as_str().into())),
        );
        Some(json!({
            "id": if draft.operation.is_none() { "documented-refresh" } else { "documented-token" },
            "given": given,
            "response": { "status": self.status, "json": self.sample },
            "expect": expect,
        }))
    }
}

/// The status of an answer, where its head is shown, and its body.
pub(super) fn parts(text: &str) -> (Option<u16>, &str) {
    let text = text.trim_start_matches(super::MARK).trim_start();
    let Some(head) = text.strip_prefix("HTTP/") else { return (None, text) };
    let status = head.split(' ').nth(1).and_then(|status| status.get(..3)?.parse().ok());
    // Some pages leave out the empty line before the body.
    let ends = ["\n\n", "\r\n\r\n", "\n{"].into_iter().filter_map(|end| head.find(end));
    (status, ends.min().map_or("", |end| head[end..].trim_start()))
}

/// The JSON of a page: pages explain members in comments, and leave commas behind the last one.
pub(super) fn json_of(text: &str) -> Result<Value, serde_json::Error> {
    let read = serde_json::from_str(text.trim());
    read.or_else(|error| loosely(text.trim()).ok_or(error))
}

/// The same of the parser that takes these. It goes as deep as a text does, so that one which nests deeper than any answer is not given
/// to it.
fn loosely(text: &str) -> Option<Value> {
    if depth(text) > MOST_LEVELS { None } else { json5::from_str(text).ok() }
}

/// Whether a token is one, as far as anybody can see, and no word or sign in the place of one.
fn is_shown(token: &str) -> bool {
    let is_cut = ["..", "**", "xxx", "XXX", "\u{2026}"].iter().any(|sign| token.contains(sign));
    !token.is_empty() && !is_cut && !is_field(token) && placeholder(token).is_none()
}

/// What `outputs` says of a member.
fn output(place: &str, value: Option<&Value>) -> String {
    let more = match value {
        Some(Value::Bool(_)) => "type: boolean",
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => "type: integer",
        Some(Value::Number(_) | Value::Array(_) | Value::Object(_)) => "type: json",
        Some(Value::Null) => "optional: true",
        _ if may_be_secret(place) && !says_kind_or_end(place) => "secret: true",
        Some(Value::String(text)) if text.starts_with("https://") => "type: url",
        _ => return place.to_owned(),
    };
    format!("{{ field: {place}, {more} }}")
}

/// Whether a member says of a token which one it is, or when it ends: that is no secret.
fn says_kind_or_end(place: &str) -> bool {
    let name = squashed(place.rsplit('/').next().unwrap_or_default());
    name.ends_with("type") || is_end(&name)
}

/// Whether a member says that all is well: `"ok": true`, `"code": 0`.
fn says_well(name: &str, value: &Value) -> bool {
    let name = squashed(name);
    let is_zero = match value {
        Value::String(text) => text == "0",
        _ => value.as_i64() == Some(0),
    };
    is_zero && CODES.contains(&name.as_str())
        || *value == Value::Bool(true) && ["ok", "success"].contains(&name.as_str())
}

/// Where a member with one of these names is: the one that lies least deep, the first of those.
fn find(
    members: &Map<String, Value>,
    names: &[&str],
    at: &str,
    depth: usize,
    fits: &dyn Fn(&Value) -> bool,
) -> Option<String> {
    let known = |name: &str| names.contains(&squashed(name).as_str());
    let own = members.iter().find(|(name, value)| is_member(name) && known(name) && fits(value));
    if let Some((name, _)) = own {
        return Some(format!("{at}/{name}"));
    }
    if depth >= 4 {
        return None;
    }
    members.iter().filter(|(name, _)| is_member(name)).find_map(|(name, value)| {
        find(value.as_object()?, names, &format!("{at}/{name}"), depth + 1, fits)
    })
}

/// The only member whose name ends like that of an access token: `/tenant_access_token`.
fn only_access_token(members: &Map<String, Value>) -> Option<String> {
    let mut all = Vec::new();
    let mut open = vec![(String::new(), members, 0)];
    while let Some((at, members, depth)) = open.pop() {
        for (name, value) in members.iter().filter(|(name, _)| is_member(name)) {
            let place = format!("{at}/{name}");
            match value {
                Value::String(_) if squashed(name).ends_with("accesstoken") => all.push(place),
                Value::Object(inner) if depth < 4 => open.push((place, inner, depth + 1)),
                _ => {}
            }
        }
    }
    all.pop().filter(|_| all.is_empty())
}

/// Whether a member has a name that may be shown, and that a pointer holds as it is.
fn is_member(name: &str) -> bool {
    is_field(name) && !name.contains(['/', '~'])
}
