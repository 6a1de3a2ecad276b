//! What the integrator brings.

use super::standard;
use crate::contract::{Parameter, ParameterKind};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_PARAMETER, EMPTY_LIST};
use crate::diagnostics::words::listed;
use crate::path::Path;
use crate::spec;
use std::collections::{BTreeMap, HashSet};

/// The parameters of `client`.
pub(super) fn resolve(
    written: &BTreeMap<String, spec::ParameterSpec>,
    found: &mut Vec<Finding>,
) -> BTreeMap<String, Parameter> {
    let path = Path::of("client");
    written
        .iter()
        .map(|(name, parameter)| (name.clone(), one(name, parameter, &path.key(name), found)))
        .collect()
}

fn one(
    name: &str,
    written: &spec::ParameterSpec,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Parameter {
    let spec::ParameterSpec { secret, kind, one_of, default, optional, doc } = written;
    let parameter = Parameter {
        secret: secret.unwrap_or_else(|| standard::is_secret(name)),
        kind: self::kind(*kind),
        one_of: one_of.clone().unwrap_or_default(),
        default: default.clone(),
        optional: *optional,
        doc: doc.clone(),
    };
    if one_of.as_ref().is_some_and(Vec::is_empty) {
        let message = format!("`one_of` of `{name}` is empty: no value would be allowed");
        found.push(
            Finding::value(EMPTY_LIST, path.key("one_of"), message)
                .hint("list the values, or leave the key out"),
        );
    }
    values(name, &parameter, path, found);
    if parameter.optional && parameter.default.is_some() {
        let message = format!("`{name}` has a default, so it is never absent");
        let hint = "keep `optional` where the request goes without the value, and `default` where it does not";
        found.push(Finding::key(BAD_PARAMETER, path.key("optional"), message).hint(hint));
    }
    if let Some(default) = &parameter.default {
        check_default(name, default, &parameter, &path.key("default"), found);
    }
    parameter
}

/// Each allowed value must be of the parameter's type, and be there once.
fn values(name: &str, parameter: &Parameter, path: &Path, found: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for (index, value) in parameter.one_of.iter().enumerate() {
        let path = path.key("one_of").index(index);
        if !parameter.kind.accepts(value) {
            let message =
                format!("`{value}` is no value for `{name}`: it is not {}", parameter.kind);
            found.push(
                Finding::value(BAD_PARAMETER, path, message).hint("correct the value or the type"),
            );
        } else if !seen.insert(value) {
            let message = format!("`{value}` is listed twice");
            found.push(Finding::value(BAD_PARAMETER, path, message).hint("leave one of them out"));
        }
    }
}

fn check_default(
    name: &str,
    default: &str,
    parameter: &Parameter,
    path: &Path,
    found: &mut Vec<Finding>,
) {
    let problem = if parameter.secret {
        Some((
            format!("`{name}` is secret and has a default"),
            "a secret in a spec is no secret: leave the default out".to_owned(),
        ))
    } else if !parameter.one_of.is_empty() && !parameter.one_of.iter().any(|value| value == default)
    {
        Some((
            format!("the default `{default}` of `{name}` is none of its values"),
            format!("choose one of {}", listed(parameter.one_of.iter().map(String::as_str))),
        ))
    } else if !parameter.kind.accepts(default) {
        let message = format!("the default `{default}` of `{name}` is not {}", parameter.kind);
        Some((message, "correct the value or the type".to_owned()))
    } else {
        None
    };
    if let Some((message, hint)) = problem {
        found.push(Finding::value(BAD_PARAMETER, path.clone(), message).hint(hint));
    }
}

fn kind(written: spec::ParameterKind) -> ParameterKind {
    match written {
        spec::ParameterKind::Text => ParameterKind::Text,
        spec::ParameterKind::HostLabel => ParameterKind::HostLabel,
        spec::ParameterKind::Host => ParameterKind::Host,
        spec::ParameterKind::SigningKey => ParameterKind::SigningKey,
    }
}
