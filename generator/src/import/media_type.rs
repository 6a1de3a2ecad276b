//! The media types that a request names: what of them a spec says as it is, and what it cannot say.

use super::meaning::is_plain;
use super::wire::Body;

/// What becomes of the header `Content-Type`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ContentType {
    /// The header that the spec holds, where it does not follow from the body.
    pub(super) header: Option<String>,
    /// What is left out, for whoever reads the spec.
    pub(super) note: Option<String>,
}

/// What a spec says of the `Content-Type` of a request with this body.
pub(super) fn content_type(value: &str, body: &Body) -> ContentType {
    let (implied, what) = match body {
        Body::Form(_) | Body::Unknown { json: false } => {
            ("application/x-www-form-urlencoded", "a form")
        }
        Body::Json(_) | Body::Unknown { json: true } => ("application/json", "JSON"),
        Body::Empty => return ContentType::default(),
    };
    let noted = |note: String| ContentType { header: None, note: Some(note) };
    // What is no word of the protocol may be anything.
    if !is_plain(value) {
        return noted("`Content-Type` of the source is left out: it is more than a media type with its parameters.".to_owned());
    }
    let (essence, parameters) = parts(value);
    let suffix = what == "JSON" && essence.ends_with("+json");
    if essence != implied && !suffix {
        return noted(format!(
            "`Content-Type` of the source is left out: it is `{value}`, and the body is {what}. Hold it against the page."
        ));
    }
    let (sent, other): (Vec<&str>, Vec<&str>) =
        parameters.into_iter().partition(|parameter| !is_other_charset(parameter));
    let note = (!other.is_empty()).then(|| {
        format!(
            "`{}` of `Content-Type` is left out: what a client sends is UTF-8.",
            other.join("; ")
        )
    });
    let is_told = essence == implied && sent.is_empty();
    let header = if other.is_empty() {
        value.to_owned()
    } else {
        let written = value.split(';').next().unwrap_or_default().trim();
        std::iter::once(written).chain(sent).collect::<Vec<_>>().join("; ")
    };
    ContentType { header: (!is_told).then_some(header), note }
}

/// Whether an `Accept` says no more than what a client asks for anyway: JSON, among others perhaps.
pub(super) fn accepts_json(value: &str) -> bool {
    value.split(',').any(|range| {
        let (essence, parameters) = parts(range);
        ["application/json", "application/*", "*/*"].contains(&essence.as_str())
            && parameters.iter().all(|it| it.to_ascii_lowercase().starts_with("q="))
    })
}

/// A media type in lower case, and its parameters as they are written.
fn parts(value: &str) -> (String, Vec<&str>) {
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    (essence, parts.filter(|it| !it.is_empty()).collect())
}

/// Whether a parameter names an encoding other than that of all bodies.
fn is_other_charset(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        name.trim().eq_ignore_ascii_case("charset")
            && !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    })
}
