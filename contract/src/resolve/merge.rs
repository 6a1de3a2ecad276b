//! A declared body and the fields that its profile fills in.
//!
//! What the spec declares stands beside the profile's fields, or in the place of one of the same name. `null` takes one away.

use super::standard;
use crate::contract::{Body, JsonTemplate, Template};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::NOTHING_TAKEN_AWAY;
use crate::diagnostics::words::listed;
use crate::path::Path;
use serde_json::Value;
use std::collections::BTreeMap;

type Fields = Vec<(String, Template)>;

/// The form of a spec that declares the fields `written` at `path`, of which `own` are the values. A form that loses all of its
/// fields is no body.
pub(super) fn form(
    written: &BTreeMap<String, Option<String>>,
    own: Fields,
    profile: Fields,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Body {
    let is_gone = |name: &str| written.get(name).is_some_and(Option::is_none);
    for name in written.keys().filter(|name| is_gone(name)) {
        if !profile.iter().any(|(field, _)| field == name) {
            found.push(nothing(name, &profile, path.key(name)));
        }
    }
    let all_gone = !profile.is_empty() && profile.iter().all(|(name, _)| is_gone(name));
    let kept = profile.into_iter().filter(|(name, _)| !is_gone(name));
    let fields: BTreeMap<String, Template> = kept.chain(own).collect();
    if fields.is_empty() && all_gone {
        return Body::Empty;
    }
    Body::Form(fields.into_iter().collect())
}

/// The JSON of a spec that declares `own`. The profile's members come first; what is no object has none.
pub(super) fn json(own: JsonTemplate, profile: Fields) -> JsonTemplate {
    let JsonTemplate::Object(own) = own else { return own };
    let is_written = |name: &str| own.iter().any(|(member, _)| member == name);
    let inherited = profile.iter().filter(|(name, _)| !is_written(name)).cloned();
    let inherited = inherited.map(|(name, template)| (name, JsonTemplate::Text(template)));
    let inherited: Vec<_> = inherited.collect();
    let takes_away = |name: &str, value: &JsonTemplate| {
        *value == JsonTemplate::Constant(Value::Null)
            && profile.iter().any(|(member, _)| member == name)
    };
    let own = own.into_iter().filter(|(name, value)| !takes_away(name, value));
    JsonTemplate::Object(inherited.into_iter().chain(own).collect())
}

fn nothing(name: &str, profile: &[(String, Template)], path: Path) -> Finding {
    let message = format!("`null` takes a field away, and nothing fills in `{name}`");
    let hint = match name {
        _ if profile.is_empty() => "leave it out: only a profile fills in fields".to_owned(),
        standard::ID | standard::SECRET => format!(
            "`{name}` is the client authentication's: write `auth: public` for the id alone, or `auth: none`"
        ),
        _ => format!(
            "leave it out: the profile fills in {}",
            listed(profile.iter().map(|(name, _)| name.as_str()))
        ),
    };
    Finding::key(NOTHING_TAKEN_AWAY, path, message).hint(hint)
}
