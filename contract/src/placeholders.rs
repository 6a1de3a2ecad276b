//! Where placeholders are filled in, and where `${` would be taken for itself: there it is refused, so that none reaches the wire.

use crate::diagnostics::Finding;
use crate::diagnostics::meaning::PLACEHOLDER_MISPLACED;
use crate::path::{Path, Step, each_value};
use serde_yaml::Value;

/// What a text of a spec may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It goes into a request: tokens and parameters are filled in.
    Request,
    /// It is the URL of an environment: parameters are filled in.
    Url,
    /// It is a part of an example: samples are filled in.
    Example,
    /// It is for people, and means itself.
    Prose,
    /// It is a name, a constant, or in a form of its own: nothing is filled in.
    Plain,
}

use Kind::{Example, Plain, Prose, Request, Url};

/// Every text of the language. `*` is any key or item, `**` whatever is below. The first that fits counts; a test holds that none
/// is missing.
pub(crate) const TEXTS: &[(&str, Kind)] = &[
    ("provider.name", Prose),
    ("provider.summary", Prose),
    ("provider.source.title", Prose),
    ("provider.**", Plain),
    ("like", Plain),
    ("base_url", Plain),
    ("environments.*", Url),
    ("environments.*.url", Url),
    ("environments.*.doc", Prose),
    ("client.*.doc", Prose),
    ("client.**", Plain),
    ("steps.*.request", Request),
    ("steps.*.query.*", Request),
    ("steps.*.headers.*", Request),
    ("steps.*.cookies.*", Request),
    ("steps.*.form.*", Request),
    ("steps.*.json.**", Request),
    ("steps.*.xml", Request),
    ("steps.*.auth.basic.username", Request),
    ("steps.*.auth.basic.password", Request),
    ("steps.**", Plain),
    ("refresh.request", Request),
    ("refresh.query.*", Request),
    ("refresh.headers.*", Request),
    ("refresh.form.*", Request),
    ("refresh.json.**", Request),
    ("refresh.xml", Request),
    ("refresh.cookies.*", Request),
    ("refresh.scope.fixed", Request),
    ("refresh.auth.basic.username", Request),
    ("refresh.auth.basic.password", Request),
    ("refresh.auth.header.value", Request),
    ("refresh.token", Request),
    ("refresh.auth.private_key_jwt.key", Request),
    ("refresh.auth.private_key_jwt.kid", Request),
    ("refresh.auth.private_key_jwt.x5t", Request),
    ("refresh.auth.private_key_jwt.x5t_s256", Request),
    ("refresh.auth.private_key_jwt.audience", Request),
    ("refresh.auth.private_key_jwt.claims.**", Request),
    ("refresh.auth.client_secret_jwt.key", Request),
    ("refresh.auth.client_secret_jwt.kid", Request),
    ("refresh.auth.client_secret_jwt.x5t", Request),
    ("refresh.auth.client_secret_jwt.x5t_s256", Request),
    ("refresh.auth.client_secret_jwt.audience", Request),
    ("refresh.auth.client_secret_jwt.claims.**", Request),
    ("refresh.auth.**", Plain),
    ("refresh.values.**", Request),
    ("refresh.take.**", Plain),
    ("refresh.then.*.request", Request),
    ("refresh.then.*.query.*", Request),
    ("refresh.then.*.headers.*", Request),
    ("refresh.then.*.cookies.*", Request),
    ("refresh.then.*.form.*", Request),
    ("refresh.then.*.json.**", Request),
    ("refresh.then.*.xml", Request),
    ("refresh.then.*.auth.basic.username", Request),
    ("refresh.then.*.auth.basic.password", Request),
    ("refresh.then.**", Plain),
    ("refresh.else.request", Request),
    ("refresh.else.query.*", Request),
    ("refresh.else.headers.*", Request),
    ("refresh.else.cookies.*", Request),
    ("refresh.else.form.*", Request),
    ("refresh.else.json.**", Request),
    ("refresh.else.xml", Request),
    ("refresh.else.auth.basic.username", Request),
    ("refresh.else.auth.basic.password", Request),
    ("refresh.else.auth.header.value", Request),
    ("refresh.else.auth.private_key_jwt.key", Request),
    ("refresh.else.auth.private_key_jwt.kid", Request),
    ("refresh.else.auth.private_key_jwt.x5t", Request),
    ("refresh.else.auth.private_key_jwt.x5t_s256", Request),
    ("refresh.else.auth.private_key_jwt.audience", Request),
    ("refresh.else.auth.private_key_jwt.claims.**", Request),
    ("refresh.else.auth.client_secret_jwt.key", Request),
    ("refresh.else.auth.client_secret_jwt.kid", Request),
    ("refresh.else.auth.client_secret_jwt.x5t", Request),
    ("refresh.else.auth.client_secret_jwt.x5t_s256", Request),
    ("refresh.else.auth.client_secret_jwt.audience", Request),
    ("refresh.else.auth.client_secret_jwt.claims.**", Request),
    ("refresh.else.auth.**", Plain),
    ("assertion.key", Request),
    ("assertion.kid", Request),
    ("assertion.x5t", Request),
    ("assertion.x5t_s256", Request),
    ("assertion.claims.**", Request),
    ("assertion.**", Plain),
    ("refresh.when.near_expiry", Plain),
    ("refresh.at_most_every", Plain),
    ("refresh.limit.per", Plain),
    ("refresh.else.limit.per", Plain),
    ("response.outputs.*.doc", Prose),
    ("response.**", Plain),
    ("tokens.access.doc", Prose),
    ("tokens.refresh.doc", Prose),
    ("tokens.**", Plain),
    ("errors.*.doc", Prose),
    ("errors.**", Plain),
    ("samples.**", Plain),
    ("examples.*.doc", Prose),
    ("examples.*.given.client.*", Example),
    ("examples.*.given.values.*", Example),
    ("examples.*.given.answers.**", Example),
    ("examples.*.given.access_token", Example),
    ("examples.*.given.refresh_token", Example),
    ("examples.*.request.url", Example),
    ("examples.*.request.headers.*", Example),
    ("examples.*.request.form.*", Example),
    ("examples.*.request.json.**", Example),
    ("examples.*.request.xml", Example),
    ("examples.*.request.text", Example),
    ("examples.*.response.headers.*", Example),
    ("examples.*.response.form.*", Example),
    ("examples.*.response.json.**", Example),
    ("examples.*.response.text", Example),
    ("examples.*.expect.access_token", Example),
    ("examples.*.expect.refresh_token", Example),
    ("examples.*.expect.scope", Example),
    ("examples.*.expect.outputs.**", Example),
    ("examples.**", Plain),
    ("provenance.**", Prose),
    ("allow.*", Prose),
];

/// Where placeholders may stand, for hints.
const PLACES: &str = "a placeholder may stand in a value of `refresh`: `request`, `query`, `headers`, `form`, `json`, `xml`, `scope.fixed`, `values`, `auth.basic`, `auth.header.value`, the keys of signed tokens, and the same in `refresh.else`; in `assertion`; in the requests of `steps` and of `refresh.then`; `${client.NAME}` also in a URL of `environments`, `${sample.NAME}` in an example";

/// What the text at `path` may hold; `None` where the language has no text.
pub(crate) fn kind(path: &Path) -> Option<Kind> {
    TEXTS.iter().find(|(pattern, _)| fits(pattern, &path.0)).map(|(_, kind)| *kind)
}

/// Whether a path is one of those that `pattern` stands for.
pub(crate) fn fits(pattern: &str, path: &[Step]) -> bool {
    let mut steps = path.iter();
    for part in pattern.split('.') {
        let step = steps.next();
        match (part, step) {
            ("**", _) => return true,
            (_, None) => return false,
            ("*", Some(_)) => {}
            (name, Some(Step::Key(key))) if name == key => {}
            _ => return false,
        }
    }
    steps.next().is_none()
}

/// Every placeholder of a document that nothing would fill in.
pub(crate) fn misplaced(document: &Value) -> Vec<Finding> {
    let mut found = Vec::new();
    each_value(document, &mut |path, value| {
        if path.last_key().contains("${") {
            let message =
                format!("the name {} holds a placeholder: only values are filled in", last(path));
            found.push(Finding::key(PLACEHOLDER_MISPLACED, path.clone(), message).hint(PLACES));
        }
        let Value::String(text) = value else { return };
        if text.contains("${") && kind(path) == Some(Plain) {
            let message = format!("{} holds a placeholder, and nothing fills it in", last(path));
            found.push(Finding::value(PLACEHOLDER_MISPLACED, path.clone(), message).hint(PLACES));
        }
    });
    found
}

/// The last key of a path, as a message names it.
fn last(path: &Path) -> String {
    let mut keys = path.0.iter().rev().filter_map(|step| match step {
        Step::Key(key) => Some(key),
        Step::Index(_) => None,
    });
    format!("`{}`", keys.next().map_or("", String::as_str))
}

#[cfg(test)]
#[path = "placeholders_tests.rs"]
mod tests;
