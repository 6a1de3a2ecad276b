//! The environment: templates compiled once, and the formatter that decides what may fill a place.

use super::{Code, Context, Markdown, TemplateError, TemplateFile, Tokens, inline, overrides};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value, ValueKind};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, filters, tests,
};
use std::sync::OnceLock;

/// The version of what templates see. It grows when a name that templates may use is removed or changes its meaning.
pub const CONTEXT_VERSION: u32 = 2;

/// Name and text of each template of the list.
macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $name)))),*]
    };
}

/// Every file of `templates/` that ends in `.j2`, sorted; a test compares the two.
const EMBEDDED: &[(&str, &str)] = embedded![
    "Cargo.toml.j2",
    "README.md.j2",
    "client.rs.j2",
    "conformance.rs.j2",
    "conformance_main.rs.j2",
    "example.rs.j2",
    "lib.rs.j2",
    "provider.md.j2",
];

/// The templates, compiled.
///
/// Rust templates live in an environment of their own, whose formatter knows no way to write anything but tokens: a page that
/// is included in a Rust template is not found, so what pages may write cannot get there either.
#[derive(Debug)]
pub struct Templates {
    rust: Environment<'static>,
    pages: Environment<'static>,
    files: Vec<TemplateFile>,
}

impl Templates {
    /// The templates that Rekindle brings, compiled once a process.
    pub fn embedded() -> &'static Self {
        static TEMPLATES: OnceLock<Templates> = OnceLock::new();
        TEMPLATES.get_or_init(|| {
            Self::with_overrides(Vec::new())
                .unwrap_or_else(|error| unreachable!("an embedded template is broken: {error}"))
        })
    }

    /// The templates that Rekindle brings, some of them replaced.
    pub fn with_overrides(replacements: Vec<TemplateFile>) -> Result<Self, TemplateError> {
        for file in &replacements {
            overrides::check(file, EMBEDDED)?;
        }
        let mut templates =
            Self { rust: rust(), pages: pages(), files: Vec::with_capacity(EMBEDDED.len()) };
        for (name, text) in EMBEDDED {
            let file =
                replacements.iter().find(|file| file.name == *name).cloned().unwrap_or_else(|| {
                    TemplateFile {
                        name: (*name).to_owned(),
                        file: format!("templates/{name}"),
                        text: (*text).to_owned(),
                    }
                });
            let environment =
                if is_rust(name) { &mut templates.rust } else { &mut templates.pages };
            let added = environment.add_template_owned(*name, file.text.clone());
            added.map_err(|error| explain(&error, &file.file, &file.text))?;
            templates.files.push(file);
        }
        Ok(templates)
    }

    /// Each template with its text as it is used, sorted by name.
    pub fn files(&self) -> &[TemplateFile] {
        &self.files
    }

    /// The file of the template of this name, as people write it.
    pub fn file_of<'a>(&'a self, name: &'a str) -> &'a str {
        self.files.iter().find(|file| file.name == name).map_or(name, |file| &file.file)
    }

    /// Whether the template of this name was brought by the user.
    pub fn is_overridden(&self, name: &str) -> bool {
        let embedded = EMBEDDED.iter().find(|(known, _)| *known == name);
        let file = self.files.iter().find(|file| file.name == name);
        matches!((embedded, file), (Some((_, text)), Some(file)) if file.text != *text)
    }

    /// Fills a template.
    pub fn render(&self, name: &str, context: Context) -> Result<String, TemplateError> {
        let environment = if is_rust(name) { &self.rust } else { &self.pages };
        let explained = |error: &Error| {
            let name = error.name().unwrap_or(name);
            let file = self.files.iter().find(|file| file.name == name);
            explain(error, self.file_of(name), file.map_or("", |file| &file.text))
        };
        let template = environment.get_template(name).map_err(|error| explained(&error))?;
        template.render(context).map_err(|error| explained(innermost(&error)))
    }
}

/// Whether a template becomes Rust.
fn is_rust(name: &str) -> bool {
    name.ends_with(".rs.j2")
}

/// The environment of what becomes Rust.
fn rust() -> Environment<'static> {
    let mut environment = environment();
    environment.set_formatter(format_rust);
    environment
}

/// The environment of what does not: manifests and Markdown.
fn pages() -> Environment<'static> {
    let mut environment = environment();
    environment.set_formatter(|output, state, value| match state.name() {
        name if name.ends_with(".toml.j2") => format_toml(output, value),
        _ => format_markdown(output, value),
    });
    environment
}

/// An environment that knows no filter which could turn text into something that a formatter lets through.
fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // What a macro or a block gathers counts as written already.
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("gathered".into()));
    environment.add_filter("length", filters::length);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("none", tests::is_none);
    environment
}

/// Writes what a macro or a block of a template gathered: it went through the formatter already.
fn written(output: &mut Output, value: &Value) -> Result<bool, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    if value.is_safe() {
        output.write_str(value.as_str().unwrap_or_default())?;
    }
    Ok(value.is_safe())
}

fn format_rust(output: &mut Output, _: &mut State, value: &Value) -> Result<(), Error> {
    if written(output, value)? {
        return Ok(());
    }
    match value.downcast_object_ref::<Tokens>() {
        Some(tokens) => Ok(output.write_str(tokens.as_str())?),
        None => Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("a {} stands where only tokens may: text never becomes code", value.kind()),
        )),
    }
}

fn format_markdown(output: &mut Output, value: &Value) -> Result<(), Error> {
    if written(output, value)? {
        return Ok(());
    }
    match value.kind() {
        ValueKind::String => Ok(output.write_str(&inline(value.as_str().unwrap_or_default()))?),
        ValueKind::Number => Ok(write!(output, "{value}")?),
        _ if value.downcast_object_ref::<Code>().is_some()
            || value.downcast_object_ref::<Markdown>().is_some() =>
        {
            Ok(write!(output, "{value}")?)
        }
        kind => {
            Err(Error::new(ErrorKind::InvalidOperation, format!("a {kind} cannot stand in a page")))
        }
    }
}

fn format_toml(output: &mut Output, value: &Value) -> Result<(), Error> {
    if written(output, value)? {
        return Ok(());
    }
    match value.kind() {
        ValueKind::String => {
            Ok(output.write_str(&toml_string(value.as_str().unwrap_or_default()))?)
        }
        ValueKind::Number | ValueKind::Bool => Ok(write!(output, "{value}")?),
        kind => Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("a {kind} cannot stand in a manifest"),
        )),
    }
}

/// `text` as a basic string of TOML.
pub(crate) fn toml_string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The error that was there first: an error in an included template is wrapped in one of the template that includes it.
fn innermost(error: &Error) -> &Error {
    let mut innermost = error;
    while let Some(cause) =
        std::error::Error::source(innermost).and_then(|cause| cause.downcast_ref::<Error>())
    {
        innermost = cause;
    }
    innermost
}

/// An error of the engine in the words of this crate.
fn explain(error: &Error, file: &str, text: &str) -> TemplateError {
    let expression = error.range().and_then(|range| {
        // Of `a.b.c` the engine marks the end.
        let path = |character: char| character.is_alphanumeric() || "_.[]'\"".contains(character);
        let start = text.get(..range.start)?.trim_end_matches(path).len();
        text.get(start..range.end).map(str::trim)
    });
    let explained = match (error.kind(), expression.filter(|expression| !expression.is_empty())) {
        (ErrorKind::UndefinedError, Some(expression)) => {
            TemplateError::new(file, format!("there is no `{expression}`"))
                .hint("templates/README.md lists what a template of this name may use")
        }
        (kind, _) => {
            let message = error.detail().map_or_else(|| kind.to_string(), str::to_owned);
            TemplateError::new(file, message)
        }
    };
    match error.line() {
        Some(line) => explained.at(line),
        None => explained,
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod engine_tests;
