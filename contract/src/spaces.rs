//! White space around texts that mean something to a program.

use crate::diagnostics::Finding;
use crate::diagnostics::meaning::SURROUNDING_SPACE;
use crate::path::{Path, each_value};
use crate::placeholders::{Kind, fits, kind};
use serde_yaml::Value;

/// Bodies, and what stands for one: white space is a part of them.
const BODIES: &[&str] = &[
    "refresh.xml",
    "refresh.else.xml",
    "steps.*.xml",
    "refresh.then.*.xml",
    "errors.*.text.**",
    "samples.**",
    "examples.*.request.json.**",
    "examples.*.request.xml",
    "examples.*.request.text",
    "examples.*.given.answers.**",
    "examples.*.response.**",
    "examples.*.expect.**",
];

/// Every text of a document that begins or ends with white space although it is a name, a constant or a part of a request.
pub(crate) fn surrounding(document: &Value) -> Vec<Finding> {
    let mut found = Vec::new();
    each_value(document, &mut |path, value| {
        let Value::String(text) = value else { return };
        if has_space(text) && means_something(path) {
            let message = format!("there is white space around `{}`", text.trim());
            let hint = "leave it out: it is sent and compared as it stands here";
            found.push(Finding::value(SURROUNDING_SPACE, path.clone(), message).hint(hint));
        }
    });
    found
}

/// Whether there is white space that nobody sees, around something. A line break at the end is how YAML writes a block.
fn has_space(text: &str) -> bool {
    let space = |character: char| matches!(character, ' ' | '\t' | '\u{a0}');
    !text.trim().is_empty()
        && !text.contains('\n')
        && (text.starts_with(space) || text.ends_with(space))
}

/// Whether a program reads it. What stands before a token ends with a space more often than not: `Bearer `.
fn means_something(path: &Path) -> bool {
    let is_code = kind(path).is_some_and(|kind| kind != Kind::Prose);
    let is_of_token = ["response.**", "tokens.**"].iter().any(|part| fits(part, &path.0));
    let is_prefix = is_of_token && path.last_key() == "prefix";
    is_code && !is_prefix && !BODIES.iter().any(|body| fits(body, &path.0))
}
