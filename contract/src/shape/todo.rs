//! What is still to be filled in: a value that is the one word `TODO`.

use super::compile::{ShapeId, Shapes};
use super::words;
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::STILL_TO_DO;
use crate::path::Path;
use crate::placeholders::fits;
use serde_yaml::Value;

/// The word.
pub(super) const TODO: &str = "TODO";

/// What to look for on the provider's page. The first that fits counts.
const LOOK_FOR: &[(&str, &str)] = &[
    ("provider.source", "its title, its address and the day on which you read it"),
    ("provider.source.*", "what names it, and when you read it"),
    ("environments.*", "the host of the token endpoint"),
    ("client.*.doc", "where an integrator finds this value"),
    ("client.*", "where an integrator finds this value"),
    (
        "refresh.auth.**",
        "how the client proves who it is: its id and secret in `Authorization` or in the body, or a signed token",
    ),
    ("refresh.**", "the request to the token endpoint, with all its fields"),
    ("response.success", "the status of an answer that holds tokens"),
    ("response.**", "the answer that it shows, and where its members stand"),
    (
        "tokens.access.expires",
        "a member of the answer such as `expires_in`, or a lifetime in the text",
    ),
    ("tokens.access.after_refresh", "whether the old access token is still good after a refresh"),
    ("tokens.access.sent_as", "how other requests carry the access token: a header, its scheme"),
    ("tokens.refresh.use", "whether a refresh token may be sent again after it was used"),
    (
        "tokens.refresh.rotation",
        "whether the answer to a refresh holds a refresh token, and whether that is another one",
    ),
    ("tokens.refresh.expires", "a lifetime of the refresh token, in the text or in the answer"),
    ("tokens.refresh.spent", "a grace period in which a used refresh token is still taken"),
    ("tokens.refresh.reuse", "what it does when a used refresh token comes back"),
    ("errors.**", "its error codes with their statuses, the one for a dead refresh token first"),
    (
        "errors",
        "its error codes with their statuses, the one for a dead refresh token first; `{ status: 400, field: /error, equals: invalid_grant, class: reauthenticate }` is a rule",
    ),
    (
        "examples",
        "a request and its answer: `given`, `response` and `expect`, with synthetic tokens",
    ),
];

/// The problem with the value at `path`, which is still to be filled in. `about`: what the key says of itself. `page`: where the
/// provider says it.
pub(super) fn finding(
    shapes: &Shapes,
    id: Option<ShapeId>,
    path: &Path,
    about: &str,
    optional: bool,
    page: &str,
) -> Finding {
    let message = format!("{} is still to be filled in", words::subject(path));
    let finding = Finding::value(STILL_TO_DO, path.clone(), message);
    let about = words::in_short(about).trim_end_matches('.');
    let finding = if about.is_empty() { finding } else { finding.label(about) };
    let expected = id.map(|id| words::expected(shapes, id)).unwrap_or_default();
    let mut hint = Vec::new();
    if !expected.is_empty() {
        let keys = id.map(|id| shapes.keys_of(id)).unwrap_or_default();
        let keys = match keys.is_empty() {
            true => String::new(),
            false => format!(" of {}", words::list(keys)),
        };
        hint.push(format!("it takes {expected}{keys}"));
    }
    if let Some((_, what)) = LOOK_FOR.iter().find(|(pattern, _)| fits(pattern, &path.0)) {
        hint.push(format!("look on {page} for {what}"));
    }
    let unknown = ["unknown", "undeclared"].iter().find(|word| expected.contains(*word));
    match unknown {
        Some(word) => hint.push(format!("where the page does not say, write `{word}`")),
        None if optional => {
            hint.push("where there is nothing to say, leave the key out".to_owned())
        }
        None => {}
    }
    if hint.is_empty() { finding } else { finding.hint(hint.join("; ")) }
}

/// The page that a spec was read from, as a hint names it.
pub(super) fn page(document: &Value) -> String {
    let source = document.get("provider").and_then(|provider| provider.get("source"));
    let url = source.and_then(|source| source.get("url")).and_then(Value::as_str);
    match url.filter(|url| *url != TODO && url.len() <= 200) {
        Some(url) => url.to_owned(),
        None => "the provider's page".to_owned(),
    }
}
