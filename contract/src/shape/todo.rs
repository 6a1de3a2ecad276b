//! What is still to be filled in: a value that is the one word `TODO`.

use super::compile::{ShapeId, Shapes};
use super::words;
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::STILL_TO_DO;
use crate::path::Path;
use crate::placeholders::fits;
use crate::spec::LIFETIME_TO_LOOK_FOR;
use serde_yaml::Value;
use std::cell::RefCell;

/// The word.
pub(super) const TODO: &str = "TODO";

/// What to look for on the provider's page. The first that fits counts.
const LOOK_FOR: &[(&str, &str)] = &[
    ("provider.source", "its title, its address and the day on which you read it"),
    ("provider.source.title", "its title"),
    ("provider.source.url", "its address"),
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
    ("tokens.refresh.expires", LIFETIME_TO_LOOK_FOR),
    (
        "tokens.refresh.spent",
        "a grace period in which a used refresh token is still taken, if it is good for one exchange: else leave the key out",
    ),
    (
        "tokens.refresh.reuse",
        "what it does when a used refresh token comes back, if that is good for one exchange: else leave the key out",
    ),
    (
        "errors",
        "its error codes with their statuses, the one for a dead refresh token first; `{ status: 400, field: /error, equals: invalid_grant, class: reauthenticate }` is a rule, and `{ status: 400, class: client_misconfigured, or: reauthenticate }` one where a 400 says no more",
    ),
    ("errors.**", "its error codes with their statuses, the one for a dead refresh token first"),
    (
        "examples",
        "a request and its answer: `given`, `response` and `expect`, with synthetic tokens",
    ),
];

/// The same of an operation that spends no token, before those.
const LOOK_FOR_OF_MINT: &[(&str, &str)] = &[
    ("response.**", "the answer that it shows, and where the token and its lifetime stand"),
    (
        "tokens.access.after_refresh",
        "whether an access token is still good after another one was issued",
    ),
    (
        "errors",
        "its error codes with their statuses, the one for refused secrets first; `{ status: 401, class: client_misconfigured }` is a rule",
    ),
    ("errors.**", "its error codes with their statuses, the one for refused secrets first"),
];

/// The same where a profile holds the usual rules.
const LOOK_FOR_OF_PROFILE: &[(&str, &str)] = &[(
    "errors",
    "error codes besides those of RFC 6749 section 5.2, such as `invalid_grant`, which the profile reads; where it names no other, leave the key out",
)];

/// The page, once it was named.
const THE_PAGE: &str = "the page";

/// What stands on no page.
const NO_PAGE: &[(&str, &str)] =
    &[("provider.source.retrieved", "it is the day on which you read the page: `2026-11-28`")];

/// What of a spec decides on what is to be filled in.
#[derive(Debug)]
pub(super) struct Context {
    /// The page that it was read from, as the first hint names it: it is one for all of them.
    page: RefCell<String>,
    /// Whether the operation spends no token.
    mints: bool,
    /// Whether a profile fills in what is left out.
    profile: bool,
    /// Whether the request line says where the provider is, or who does besides.
    url: bool,
    base: bool,
    environments: bool,
    /// Whether there is no request at all.
    local: bool,
    /// Whether the spec has one.
    request: bool,
}

/// What the profile says where a spec does not.
const OF_PROFILE: [(&str, &str); 3] = [
    ("tokens.access.expires", "{ seconds: /expires_in }"),
    ("tokens.access.sent_as", "bearer"),
    ("tokens.refresh.rotation", "sometimes"),
];

/// The problem with the value at `path`, which is still to be filled in. `about`: what the key says of itself.
pub(super) fn finding(
    shapes: &Shapes,
    id: Option<ShapeId>,
    path: &Path,
    about: &str,
    optional: bool,
    context: &Context,
) -> Finding {
    let message = format!("{} is still to be filled in", words::subject(path));
    let finding = Finding::value(STILL_TO_DO, path.clone(), message);
    let about = words::in_short(about).trim_end_matches('.');
    let finding = if about.is_empty() { finding } else { finding.label(about) };
    let expected = id.map(|id| words::expected(shapes, id)).unwrap_or_default();
    let mut hint = Vec::new();
    if !expected.is_empty() {
        let due = id.map(|id| words::due(shapes, id)).unwrap_or_default();
        hint.push(format!("it takes {due}"));
    }
    let fits = |(pattern, _): &&(&str, &str)| fits(pattern, &path.0);
    let of_mint = LOOK_FOR_OF_MINT.iter().filter(|_| context.mints);
    let of_profile = LOOK_FOR_OF_PROFILE.iter().filter(|_| context.profile);
    if let Some((_, what)) = NO_PAGE.iter().find(fits) {
        hint.push((*what).to_owned());
        return finding.hint(hint.join("; "));
    }
    if let Some((_, what)) = of_profile.chain(of_mint).chain(LOOK_FOR).find(fits) {
        let page = context.page.replace(THE_PAGE.to_owned());
        hint.push(format!("look on {page} for {what}"));
        if what.ends_with("leave the key out") && optional {
            return finding.hint(hint.join("; "));
        }
    }
    let unknown = ["unknown", "undeclared"].iter().find(|word| expected.contains(*word));
    match (unknown, optional) {
        (Some(word), false) => hint.push(format!("where the page does not say, write `{word}`")),
        // Where the key says itself what it is then, that need not be this word.
        (Some(word), true) if !context.profile && !about.contains("unless said") => hint
            .push(format!("where the page does not say, leave the key out: it is `{word}` then")),
        // A dead grant would be tried for ever: that is a lint, and none should be met by doing as one was told.
        (_, true) if *path == Path::of("errors") && !context.profile && !context.mints => hint
            .push(
                "where the page names no refusal at all, leave the key out and write \
             `allow: { no_sign_in_rule: The page does not say. }`"
                    .to_owned(),
            ),
        (_, true) if context.needs(path) => {}
        (_, true) => {
            let then =
                OF_PROFILE.iter().find(|(place, _)| context.profile && *path == Path::of(place));
            let then = then.map(|(_, word)| format!(": it is `{word}` then, as RFC 6749 has it"));
            let then = then.unwrap_or_default();
            hint.push(format!("where the page does not say, leave the key out{then}"));
        }
        (None, false) => {}
    }
    if hint.is_empty() { finding } else { finding.hint(hint.join("; ")) }
}

impl Context {
    /// Whether nothing stands in for a fact where it is left out, although its shape allows that.
    fn needs(&self, path: &Path) -> bool {
        let needed = [
            ("response", !self.profile && !self.local),
            ("response.access_token", !self.profile && !self.local),
            ("tokens", !self.profile),
            ("tokens.access", !self.profile),
            ("tokens.access.expires", !self.profile),
            ("refresh.request", !self.local),
            ("refresh.operation", !self.request),
            ("environments", !self.url && !self.base && !self.local),
            ("base_url", !self.url && !self.environments && !self.local),
        ];
        let is_environment = path.0.len() == 2 && path.0.starts_with(&Path::of("environments").0);
        let fact = if is_environment { Path::of("environments") } else { path.clone() };
        needed.into_iter().any(|(needed, is_needed)| is_needed && fact == Path::of(needed))
    }

    /// What a document says, as far as it can be read.
    pub(super) fn of(document: &Value) -> Self {
        let text = |block: &str, key: &str| document.get(block)?.get(key)?.as_str();
        let source = document.get("provider").and_then(|provider| provider.get("source"));
        let url = source.and_then(|source| source.get("url")).and_then(Value::as_str);
        let page = match url.filter(|url| *url != TODO && url.len() <= 200) {
            Some(url) => url.to_owned(),
            None => "the provider's page".to_owned(),
        };
        let operation = text("refresh", "operation");
        Self {
            page: RefCell::new(page),
            mints: matches!(operation, Some("client_credentials" | "sign_in" | "assertion")),
            profile: document.get("profile").is_some(),
            url: text("refresh", "request").is_some_and(|line| line.contains("://")),
            base: document.get("base_url").is_some(),
            environments: document.get("environments").is_some(),
            local: operation == Some("local"),
            request: text("refresh", "request").is_some(),
        }
    }
}
