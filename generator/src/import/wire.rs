//! A request as its source shows it, before it is known what of it stands for what.

use super::Problem;
use super::meaning::{is_field, is_known};
use serde_json::Value;

/// A request as it is shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire {
    /// The method, upper case.
    pub(super) method: String,
    /// The URL without its query, or a path alone where the host is not known.
    pub(super) url: String,
    /// The parameters of the query, decoded.
    pub(super) query: Vec<(String, String)>,
    /// The keys of the query that stand there without a `=`. They have no value: each is a word of the URL.
    pub(super) keys: Vec<String>,
    /// Headers in their order.
    pub(super) headers: Vec<(String, String)>,
    /// The body.
    pub(super) body: Body,
    /// User and password of HTTP Basic.
    pub(super) basic: bool,
    /// Whether the password of HTTP Basic is empty.
    pub(super) no_password: bool,
    /// Whether both parts are encoded as a form before base64, as RFC 6749 has it.
    pub(super) form_encoded: bool,
    /// Whether the connection shows a certificate of the client.
    pub(super) certificate: bool,
    /// The token that the client signs to prove who it is: the name of the way, and by which algorithm where that is known.
    pub(super) signed: Option<(&'static str, Option<String>)>,
    /// Whether the source does not say how the client proves who it is, where nothing in the request shows it.
    pub(super) unproven: bool,
    /// Whether the source says that a scope must be sent.
    pub(super) scope_required: bool,
    /// Whether the source traded a code, and this is the refresh that it suggests.
    pub(super) traded_code: bool,
    /// Whether something stands below it that is no part of it.
    pub(super) below: bool,
    /// Whether quotes around a part of it were left out.
    pub(super) unquoted: bool,
    /// The names of placeholders in its URL, each with the only values that it has.
    pub(super) choices: Vec<(String, Vec<String>)>,
}

impl Wire {
    /// The texts of the body and of the query, with their names.
    pub(super) fn texts(&self) -> Vec<(String, String)> {
        let text =
            |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        let mut texts = match &self.body {
            Body::Form(fields) => fields.clone(),
            Body::Json(Value::Object(members)) => members.iter().filter_map(text).collect(),
            Body::Json(_) | Body::Empty | Body::Unknown { .. } => Vec::new(),
        };
        texts.extend(self.query.iter().cloned());
        texts
    }
}

/// The body of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Body {
    /// None.
    #[default]
    Empty,
    /// Fields of a form, decoded.
    Form(Vec<(String, String)>),
    /// JSON.
    Json(Value),
    /// One that the source does not describe.
    Unknown {
        /// Whether it is JSON; else a form.
        json: bool,
    },
}

/// Where the host of a URL ends, of which `rest` is what stands behind the scheme: at the first slash that is in no placeholder.
pub(super) fn end_of_host(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        match c {
            '{' | '<' | '[' => depth += 1,
            '}' | '>' | ']' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => return at,
            _ => {}
        }
    }
    rest.len()
}

/// The user that stands in a URL before its host, with the password.
pub(super) fn user(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.get(..end_of_host(rest))?;
    authority.rsplit_once('@').map(|(user, _)| user)
}

/// Whether a user of HTTP Basic comes with no password, or with an empty one.
pub(super) fn is_alone(user: &str) -> bool {
    matches!(user.split_once(':'), None | Some((_, "")))
}

/// What has no name may be a secret where another thing is expected: it is not shown.
pub(super) fn nameless() -> Problem {
    Problem::new(
        "the request holds something that is neither JSON nor a field with a name",
        "write it as `name=value` or as JSON",
    )
}

/// What no request to a token endpoint holds.
pub(super) fn too_deep() -> Problem {
    Problem::new(
        "the body is nested more than 20 levels deep",
        "leave out what the page does not ask for",
    )
}

/// The pairs of a query or a form, decoded. Each has a `=`: a word without one is no field.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, Problem> {
    parts(text).map(|part| pair(part).ok_or_else(nameless)).collect()
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    // Pages of which a script writes the URL print an empty pair: it says nothing.
    text.split('&').map(str::trim).filter(|part| !["", "="].contains(part))
}

fn pair(part: &str) -> Option<(String, String)> {
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let (name, value) = part.split_once('=')?;
    Some((decoded(without_quotes(name)), decoded(without_quotes(value))))
}

/// A text without the quotes around the whole of it, which pages print inside of those of the shell.
pub(super) fn without_quotes(text: &str) -> &str {
    let text = text.trim();
    let inner = |quote: char| {
        text.strip_prefix(quote)?.strip_suffix(quote).filter(|it| !it.contains(quote))
    };
    inner('\'').or_else(|| inner('"')).unwrap_or(text)
}

/// Whether a line is a form, or a part of one: pairs whose names are names. White space stands in placeholders alone.
pub(super) fn is_form(line: &str) -> bool {
    let is_pair = |part: &str| {
        part.split_once('=').is_some_and(|(name, value)| {
            let end = value.trim_end();
            let is_placed = end.starts_with(['<', '{', '[']) && end.ends_with(['>', '}', ']']);
            is_field(without_quotes(name)) && (is_placed || !end.contains(char::is_whitespace))
        })
    };
    let mut parts = parts(line).peekable();
    parts.peek().is_some() && parts.all(is_pair)
}

/// Whether quotes are left out of the pairs of a query or a form.
pub(super) fn has_quotes(text: &str) -> bool {
    let is_quoted = |text: &str| without_quotes(text) != text.trim();
    let mut pairs = parts(text).filter_map(|part| part.split_once('='));
    pairs.any(|(name, value)| is_quoted(name) || is_quoted(value))
}

/// A URL with its query in parts.
pub(super) struct Address {
    /// What stands before the query.
    pub(super) url: String,
    /// The parameters.
    pub(super) query: Vec<(String, String)>,
    /// The keys without a `=`.
    pub(super) keys: Vec<String>,
}

/// A URL, and the pairs of its query. A key of it may have no value: one whose name the protocol knows is nobody's secret.
pub(super) fn split_url(url: &str) -> Result<Address, Problem> {
    let url = url.split('#').next().unwrap_or_default();
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let mut address = Address { url: url.to_owned(), query: Vec::new(), keys: Vec::new() };
    for part in parts(query) {
        match pair(part) {
            Some(pair) => address.query.push(pair),
            None if is_known(part) && is_field(part) => address.keys.push(part.to_owned()),
            None => {
                return Err(Problem::new(
                    "the query of the URL holds something that is no parameter with a name",
                    "write it as `name=value`",
                ));
            }
        }
    }
    Ok(address)
}
