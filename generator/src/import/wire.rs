//! A request as its source shows it, before it is known what of it stands for what.

use super::Problem;
use super::meaning::is_known;
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

/// The pairs of a query or a form, decoded. Each has a `=`: a word without one is no field.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, Problem> {
    decoded(text, |_| false)
}

/// The same, where words that fit may stand without a `=`.
fn decoded(text: &str, fits: impl Fn(&str) -> bool) -> Result<Vec<(String, String)>, Problem> {
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let pair = |part: &str| match part.split_once('=') {
        Some((name, value)) => Ok((decoded(name.trim()), decoded(value.trim()))),
        None if fits(part.trim()) => Ok((part.trim().to_owned(), String::new())),
        None => Err(nameless()),
    };
    text.split('&').filter(|part| !part.trim().is_empty()).map(pair).collect()
}

/// A URL, and the pairs of its query. A key of it may have no value: one whose name the protocol knows is nobody's secret.
pub(super) fn split_url(url: &str) -> Result<(String, Vec<(String, String)>), Problem> {
    let url = url.split('#').next().unwrap_or_default();
    match url.split_once('?') {
        Some((url, query)) => Ok((url.to_owned(), decoded(query, is_known)?)),
        None => Ok((url.to_owned(), Vec::new())),
    }
}
