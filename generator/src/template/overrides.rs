//! Templates that a user brings.

use super::{CONTEXT_VERSION, TemplateError};
use rekindle_contract::nearest;

/// A template that a user brings: its text takes the place of the embedded one of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFile {
    /// The name of the template that it replaces: `client.rs.j2`.
    pub name: String,
    /// The file as people write it, for messages and for the lock.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// Checks that a file replaces a template that exists and was written for what templates of this version see.
pub(super) fn check(
    file: &TemplateFile,
    embedded: &[(&'static str, &'static str)],
) -> Result<&'static str, TemplateError> {
    let Some((name, _)) = embedded.iter().find(|(name, _)| *name == file.name) else {
        return Err(unknown(file, embedded));
    };
    let wanted = format!("{{# rekindle-context: {CONTEXT_VERSION} #}}");
    match context_version(&file.text) {
        Some(version) if version == CONTEXT_VERSION.to_string() => Ok(name),
        Some(version) => Err(TemplateError::new(
            &file.file,
            format!("written for version {version} of the template context, but this is version {CONTEXT_VERSION}"),
        )
        .at(1)
        .hint(format!("compare it with the embedded template, then write `{wanted}` on its first line"))),
        None => Err(TemplateError::new(&file.file, "does not say which version of the template context it was written for")
            .at(1)
            .hint(format!("write `{wanted}` on its first line"))),
    }
}

/// The version on the first line: `{# rekindle-context: 2 #}`.
fn context_version(text: &str) -> Option<&str> {
    let line = text.lines().next()?.trim();
    Some(
        line.strip_prefix("{#")?
            .strip_suffix("#}")?
            .trim()
            .strip_prefix("rekindle-context:")?
            .trim(),
    )
}

/// The error for a file that replaces nothing.
fn unknown(file: &TemplateFile, embedded: &[(&'static str, &'static str)]) -> TemplateError {
    let error = TemplateError::new(&file.file, "replaces no template");
    let names = embedded.iter().map(|(name, _)| *name);
    match nearest(&file.name, names.clone()) {
        Some(name) => error.hint(format!("did you mean `{name}`?")),
        None => error.hint(format!("the templates are: {}", names.collect::<Vec<_>>().join(", "))),
    }
}
