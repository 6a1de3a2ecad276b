//! Names that become Rust items.

use super::case::{in_words, snake_case};
use super::provider::{file_id, written_id};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_NAME, NAME_COLLISION, RESERVED_NAME};
use crate::path::Path;
use crate::spec::Spec;
use std::collections::BTreeMap;

/// Keywords of every edition of Rust, reserved words included.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// What a module, a cargo feature or a file cannot be called: Rust's own crates, cargo's names, what a generated package exports beside
/// its clients, and Windows' devices.
const MODULES: &[&str] = &[
    "alloc",
    "aux",
    "build",
    "com1",
    "com2",
    "com3",
    "com4",
    "com5",
    "com6",
    "com7",
    "com8",
    "com9",
    "con",
    "core",
    "default",
    "lib",
    "lpt1",
    "lpt2",
    "lpt3",
    "lpt4",
    "lpt5",
    "lpt6",
    "lpt7",
    "lpt8",
    "lpt9",
    "main",
    "nul",
    "prn",
    "rekindle_clients",
    "rekindle_runtime",
    "runtime",
    "std",
    "test",
];

/// Functions that a struct of options has beside its setters.
const OPTIONS: &[&str] = &["default"];

/// Variables of the function that fills a request, and the values that the language itself makes.
const VALUES: &[&str] = &[
    "assertion",
    "body",
    "client_assertion",
    "none",
    "ok",
    "options",
    "path",
    "request",
    "settings",
    "setup",
    "spends",
];

/// In `snake_case`, the types that a client has or names without a path, and the fields beside tokens. `tests/names.rs` tries every
/// identifier of generated code, so what is missing here does not stay so.
const TOKENS: &[&str] = &[
    "client",
    "credential",
    "default",
    "deviations",
    "environment",
    "err",
    "from",
    "into",
    "mint",
    "none",
    "ok",
    "option",
    "options",
    "outputs",
    "pending_mint",
    "pending_refresh",
    "refresh",
    "result",
    "scope",
    "send",
    "settings",
    "some",
    "string",
    "sync",
    "tokens",
    "vec",
];

/// Checks every name of `spec` that becomes a Rust item.
pub(super) fn check(spec: &Spec, file: &str, found: &mut Vec<Finding>) {
    provider(written_id(&spec.provider, file).as_deref(), file, found);
    let environments = Path::of("environments");
    for key in spec.environments.keys() {
        // They become variants, which begin with a capital: `In` is no keyword.
        let what = "the name of an environment";
        if key == "self" || !KEYWORDS.contains(&key.as_str()) {
            name(what, key, &[], Finding::key, environments.key(key), found);
        }
    }
    variants(spec, &environments, found);
    for (key, parameter) in &spec.client {
        let is_option = parameter.default.is_some() || parameter.optional;
        name(
            "the name of a client parameter",
            key,
            if is_option { OPTIONS } else { &[] },
            Finding::key,
            Path::of("client").key(key),
            found,
        );
    }
    tokens(spec, found);
    let path = Path::of("response.outputs");
    for key in spec.response.iter().flat_map(|response| response.outputs.keys()) {
        name("the name of an output", key, &[], Finding::key, path.key(key), found);
    }
}

/// Checks the name of a value that the client makes: it becomes a variable.
pub(super) fn value(written: &str, path: &Path, found: &mut Vec<Finding>) {
    name("the name of a value", written, VALUES, Finding::key, path.clone(), found);
}

/// What a step cannot be called: placeholders of other things begin so.
const STEPS: &[&str] = &["client", "refresh", "sample", "value"];

/// Checks the name of a step.
pub(super) fn step(written: &str, path: Path, found: &mut Vec<Finding>) {
    name("the name of a step", written, STEPS, Finding::value, path, found);
}

/// Checks the name of what a step takes.
pub(super) fn taken(written: &str, path: &Path, found: &mut Vec<Finding>) {
    name("the name of what a step takes", written, &[], Finding::key, path.clone(), found);
}

/// What is wrong with the id of a file, as written or as the file is called.
pub(crate) fn id_problems(written: Option<&str>, file: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    provider(written, file, &mut found);
    found
}

/// The provider's id, as written or as the file is called.
fn provider(written: Option<&str>, file: &str, found: &mut Vec<Finding>) {
    let path = Path::of("provider.id");
    let what = "the provider's id";
    let Some(written) = written else {
        let stem = file_id(file);
        let mut problems = Vec::new();
        name(what, &stem, MODULES, Finding::value, path.clone(), &mut problems);
        let fixed = if stem.is_ascii() { in_words(&snake_case(&stem)) } else { String::new() };
        let example = match fixed.as_str() {
            fixed if !fixed.is_empty() && fixed != stem => fixed.to_owned(),
            // A name that is taken needs no more than a word behind it.
            reserved if !reserved.is_empty() && too_long(what, &stem).is_none() => {
                format!("{stem}_api")
            }
            _ => "acme_bank".to_owned(),
        };
        let hint = format!(
            "no id is written, so the file's name is it: write `provider: {{ id: {example} }}`"
        );
        found.extend(problems.into_iter().map(|problem| match stem.as_str() {
            "" => Finding::value(BAD_NAME, path.clone(), "nothing names the provider").hint(&hint),
            _ => problem.hint(&hint),
        }));
        return;
    };
    name(what, written, MODULES, Finding::value, path, found);
}

/// Environments become variants of one enum: `prod_1` and `prod1` are both `Prod1`.
fn variants(spec: &Spec, environments: &Path, found: &mut Vec<Finding>) {
    let mut seen = BTreeMap::new();
    for key in spec.environments.keys() {
        if let Some(first) = seen.insert(key.replace('_', ""), key) {
            let message =
                format!("the environments `{first}` and `{key}` become the same Rust name");
            let hint = "give one of them another name";
            found.push(
                Finding::key(NAME_COLLISION, environments.key(key), message)
                    .label("same as above")
                    .hint(hint),
            );
        }
    }
}

fn tokens(spec: &Spec, found: &mut Vec<Finding>) {
    let Some(tokens) = &spec.tokens else { return };
    let access = tokens.access.name.as_deref();
    let refresh = tokens.refresh.as_ref().and_then(|refresh| refresh.name.as_deref());
    for (written, path) in [(access, "tokens.access.name"), (refresh, "tokens.refresh.name")] {
        if let Some(written) = written {
            name("the name of a token", written, TOKENS, Finding::value, Path::of(path), found);
        }
    }
    let (access, refresh) = (access.unwrap_or("access_token"), refresh.unwrap_or("refresh_token"));
    if tokens.refresh.is_some() && access.replace('_', "") == refresh.replace('_', "") {
        let path =
            if tokens.access.name.is_some() { "tokens.access.name" } else { "tokens.refresh.name" };
        let message = format!("the access token and the refresh token are both called `{access}`");
        found.push(
            Finding::value(NAME_COLLISION, Path::of(path), message)
                .hint("give one of them another name"),
        );
    }
}

fn name<F>(
    what: &str,
    written: &str,
    taken: &[&str],
    place: F,
    path: Path,
    found: &mut Vec<Finding>,
) where
    F: Fn(crate::diagnostics::Code, Path, String) -> Finding,
{
    if !is_snake_case(written) {
        let message = format!(
            "`{written}` cannot be {what}: it becomes a Rust name and must be in `snake_case`"
        );
        found.push(place(BAD_NAME, path, message).hint(advice(written)));
    } else if let Some(message) = too_long(what, written) {
        found.push(place(BAD_NAME, path, message).hint("give it a shorter name"));
    } else if KEYWORDS.contains(&written) {
        let message = format!("`{written}` is a Rust keyword and cannot be {what}");
        found.push(
            place(RESERVED_NAME, path, message)
                .hint(format!("give it another name, `{written}_` and a word more")),
        );
    } else if taken.contains(&written) {
        let message = format!(
            "`{written}` cannot be {what}: generated code already has something of that name"
        );
        found.push(place(RESERVED_NAME, path, message).hint("give it another name"));
    }
}

/// Names become the names of files, too, which may take 255 bytes with all that is put around them.
const LONGEST: usize = 100;

fn too_long(what: &str, written: &str) -> Option<String> {
    let start: String = written.chars().take(20).collect();
    let length = written.len();
    (length > LONGEST).then(|| {
        format!("`{start}…` cannot be {what}: it has {length} letters, and {LONGEST} are allowed")
    })
}

/// Lower-case letters and digits in words, with single underscores between them.
fn is_snake_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('_').all(|word| !word.is_empty())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn advice(name: &str) -> String {
    // Of a name in other letters nothing sensible is left.
    let fixed = if name.is_ascii() { snake_case(name) } else { String::new() };
    match fixed.bytes().next() {
        Some(b'0'..=b'9') => format!("spell it: `{}`", in_words(&fixed)),
        Some(_) => format!("write `{fixed}`"),
        None => {
            "begin with a letter from `a` to `z`, then use these, digits and single underscores"
                .to_owned()
        }
    }
}

/// What a parameter may be called that elsewhere has this name: `tenant_id` for `tenantId` and for `config.tenantId`.
pub(super) fn parameter_for(name: &str) -> Option<String> {
    let last = name.rsplit('.').next().filter(|last| last.is_ascii())?;
    let fixed = in_words(&snake_case(last));
    (!fixed.is_empty()).then_some(fixed)
}

/// Checks the ids of examples, which become the names of tests.
pub(super) fn example_id(id: &str, path: Path, found: &mut Vec<Finding>) {
    let snake = id.replace('-', "_");
    if id.contains('_') || !is_snake_case(&snake) {
        let message = format!(
            "`{id}` cannot be an example's id: it becomes the name of a test and must be in `kebab-case`"
        );
        let fixed = snake_case(id).replace('_', "-");
        let letter = id.is_ascii() && fixed.starts_with(|first: char| first.is_ascii_lowercase());
        let hint = if letter {
            format!("write `{fixed}`")
        } else {
            "begin with a letter from `a` to `z`: `documented-refresh`".to_owned()
        };
        found.push(Finding::value(BAD_NAME, path, message).hint(hint));
    } else if let Some(message) = too_long("an example's id", id) {
        found.push(Finding::value(BAD_NAME, path, message).hint("give it a shorter id"));
    } else if KEYWORDS.contains(&snake.as_str()) {
        let message = format!("`{id}` is a Rust keyword and cannot be an example's id");
        found.push(
            Finding::value(RESERVED_NAME, path, message).hint(format!("say more: `{id}-refresh`")),
        );
    }
}
