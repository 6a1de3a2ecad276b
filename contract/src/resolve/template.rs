//! Texts with places: `Bearer ${access_token}`.
//!
//! A `$` without a `{` after it is itself. There is no escape for a literal `${`: an uninterpolated one on the wire is what
//! this refuses.

use super::names;
use crate::contract::{ASSERTION, Parameter, Part, SPENDING, Slot, Template};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    BAD_CLAIM, BAD_PLACEHOLDER, MISPLACED_IN_STEP, NOT_SUPPORTED_YET, UNDECLARED_PLACEHOLDER,
    USED_BEFORE_TAKEN,
};
use crate::diagnostics::words::meant;
use crate::path::Path;
use std::collections::{BTreeMap, BTreeSet};

/// The names that a text may use.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// The client's parameters.
    pub(super) client: BTreeSet<String>,
    /// The values that the client makes for each request.
    pub(super) values: BTreeSet<String>,
    /// Whether there is an assertion.
    pub(super) assertion: bool,
    /// Whether the text is a claim, which may hold the URL of the request.
    pub(super) claims: bool,
    /// Whether the spec declares any of them itself.
    pub(super) declares: bool,
    /// What earlier steps have taken, by both names: `challenge.nonce`.
    pub(super) taken: BTreeSet<String>,
    /// What this step and later ones take.
    pub(super) later: BTreeSet<String>,
    /// The names of all steps.
    pub(super) steps: BTreeSet<String>,
    /// Whether the text belongs to a step, which holds no token.
    pub(super) in_step: bool,
    /// Whether the text is a host.
    pub(super) in_host: bool,
}

impl Scope {
    /// The names that a claim may use.
    pub(super) fn in_claims(&self) -> Self {
        Self { claims: true, ..self.clone() }
    }

    /// The parameters that a spec declares.
    pub(super) fn of(client: &BTreeMap<String, Parameter>) -> Self {
        let declares = !client.is_empty();
        Self { client: client.keys().cloned().collect(), declares, ..Self::default() }
    }

    /// What may be written, for hints.
    fn choices(&self) -> &'static str {
        match self.in_host {
            true => "`${client.NAME}`",
            false => "`${refresh_token}`, `${access_token}` or `${client.NAME}`",
        }
    }

    /// The line of a spec that declares the parameter `name`, and where it goes.
    pub(super) fn declaration(&self, name: &str) -> String {
        let secret = ["secret", "password", "token", "key"].iter().any(|end| name.ends_with(end));
        let settings = match (self.in_host, secret) {
            (true, _) => "{ type: host_label }",
            (false, true) => "{ secret: true }",
            (false, false) => "{}",
        };
        match self.declares {
            true => format!("add `{name}: {settings}` under `client`"),
            false => format!("{LINE}{name}: {settings}{END}"),
        }
    }
}

/// How the hint begins and ends that declares the first parameter.
const LINE: &str = "add the line `client: { ";
const END: &str = " }`";

/// Makes of several hints, each with a line `client`, one with a line for all: two such lines would be a key that is there twice.
pub(super) fn declare_together(found: &mut [Finding]) {
    fn parts(hint: &str) -> Option<(&str, &str)> {
        hint.strip_prefix(LINE)?.split_once(END)
    }
    let mut hints: Vec<&mut String> = found
        .iter_mut()
        .filter(|finding| finding.code == UNDECLARED_PLACEHOLDER)
        .filter_map(|finding| finding.hint.as_mut())
        .filter(|hint| parts(hint).is_some())
        .collect();
    let mut all: Vec<String> = Vec::new();
    for (parameter, _) in hints.iter().filter_map(|hint| parts(hint)) {
        if !all.iter().any(|known| known == parameter) {
            all.push(parameter.to_owned());
        }
    }
    if all.len() < 2 {
        return;
    }
    let line = all.join(", ");
    for (position, hint) in hints.iter_mut().enumerate() {
        let rest = parts(hint).map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        **hint = match position {
            0 => format!("{LINE}{line}{END}, which declares all that is missing{rest}"),
            _ => format!("the same line `client` declares it{rest}"),
        };
    }
}

/// The template that `text` says; a place that cannot be is left out, with a finding.
pub(super) fn resolve(
    text: &str,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Template {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        push_literal(&mut parts, &rest[..start]);
        let Some(end) = rest[start..].find('}') else {
            let message = format!("the placeholder in `{}` is not closed", shorten(&rest[start..]));
            let hint = format!("end it with `}}`: {}", scope.choices());
            found.push(Finding::value(BAD_PLACEHOLDER, path.clone(), message).hint(hint));
            return Template { parts };
        };
        let name = &rest[start + 2..start + end];
        parts.extend(place(name, scope, path, found).map(Part::Slot));
        rest = &rest[start + end + 1..];
    }
    push_literal(&mut parts, rest);
    Template { parts }
}

fn push_literal(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Literal(last)) => last.push_str(text),
        _ => parts.push(Part::Literal(text.to_owned())),
    }
}

fn place(name: &str, scope: &Scope, path: &Path, found: &mut Vec<Finding>) -> Option<Slot> {
    if scope.in_step
        && let Some(finding) = not_in_step(name, scope, path)
    {
        found.push(finding);
        return None;
    }
    match name {
        "access_token" => return Some(Slot::AccessToken),
        "refresh_token" => return Some(Slot::RefreshToken),
        "token_url" if scope.claims => return Some(Slot::TokenUrl),
        ASSERTION if scope.assertion => return Some(Slot::Value(ASSERTION.to_owned())),
        _ => {}
    }
    if let Some(value) = name.strip_prefix("value.")
        && scope.values.contains(value)
    {
        return Some(Slot::Value(value.to_owned()));
    }
    if let Some(parameter) = name.strip_prefix("client.")
        && scope.client.contains(parameter)
    {
        return Some(Slot::Client(parameter.to_owned()));
    }
    if scope.taken.contains(name) {
        return Some(Slot::Taken(name.to_owned()));
    }
    let finding = refusal(name, scope, path.clone(), found);
    found.push(finding);
    None
}

/// Why a text of a step cannot hold this.
fn not_in_step(name: &str, scope: &Scope, path: &Path) -> Option<Finding> {
    let is_made = name.strip_prefix("value.").is_some_and(|value| scope.values.contains(value));
    let why = match name {
        "access_token" | "refresh_token" => {
            "a token is sent by the request under `refresh` alone: a failure of another one then does nothing to it"
        }
        ASSERTION if scope.assertion => "it is made for the request under `refresh`",
        _ if is_made => "it is made for the request under `refresh`",
        _ => return None,
    };
    let message = format!("a step cannot hold `${{{name}}}`");
    let finding = Finding::value(MISPLACED_IN_STEP, path.clone(), message).label(why);
    Some(finding.hint("use `${client.NAME}` or what an earlier step took, or move it to `refresh`"))
}

fn refusal(name: &str, scope: &Scope, path: Path, found: &[Finding]) -> Finding {
    if name.trim().is_empty() {
        let message = "the placeholder `${}` names nothing";
        return Finding::value(BAD_PLACEHOLDER, path, message)
            .hint(format!("write {}", scope.choices()));
    }
    if let Some(of) = name.strip_suffix('.') {
        let message = format!("`${{{name}}}` lacks a name behind its point");
        let hint = format!("write it: `${{{of}.NAME}}`");
        return Finding::value(BAD_PLACEHOLDER, path, message).hint(hint);
    }
    if name.contains("${") || name.contains(char::is_whitespace) {
        let message = format!(
            "`${{{}}}` is no placeholder: a name has neither spaces nor braces in it",
            shorten(name)
        );
        let hint = format!(
            "write `${{{}}}`",
            name.replace("${", "").split_whitespace().collect::<String>()
        );
        return Finding::value(BAD_PLACEHOLDER, path, message).hint(hint);
    }
    if name == "scope" && !scope.client.contains(name) {
        let message = "`${scope}` is not supported yet: a request cannot hold the granted scope";
        let hint = "use a client parameter if the integrator can bring the value: `${client.NAME}`";
        return Finding::value(NOT_SUPPORTED_YET, path, message).hint(hint);
    }
    if name == "token_url" {
        let message = "`${token_url}` stands in claims alone";
        let hint = "write the URL itself, or use it in `assertion.claims`";
        return Finding::value(BAD_CLAIM, path, message).hint(hint);
    }
    if scope.later.contains(name) {
        let message = format!("`${{{name}}}` is used before it is taken");
        let hint = match name.split_once('.') {
            Some((SPENDING, _)) => {
                "the answer to the request under `refresh` can be used by those behind it alone, under `refresh.then`"
            }
            _ => {
                "an answer can be used by later requests alone: put the step that takes it before this one"
            }
        };
        return Finding::value(USED_BEFORE_TAKEN, path, message).hint(hint);
    }
    if let Some(finding) = not_taken(name, scope, &path, found) {
        return finding;
    }
    undeclared(name, scope, path, found)
}

/// A name of a step that takes nothing of that name.
fn not_taken(name: &str, scope: &Scope, path: &Path, found: &[Finding]) -> Option<Finding> {
    let (step, value) = name.split_once('.').filter(|(step, _)| scope.steps.contains(*step))?;
    let message = format!("the step `{step}` takes no `{}`", shorten(value));
    let all = scope.taken.iter().map(String::as_str);
    let hint = match meant(name, all, found) {
        Some(meant) => format!("did you mean `${{{meant}}}`?"),
        None => format!("say where its answer holds it: `take: {{ {}: /… }}`", shorten(value)),
    };
    Some(Finding::value(UNDECLARED_PLACEHOLDER, path.clone(), message).hint(hint))
}

fn undeclared(name: &str, scope: &Scope, path: Path, found: &[Finding]) -> Finding {
    let message = format!("`${{{}}}` is not declared", shorten(name));
    let finding =
        Finding::value(UNDECLARED_PLACEHOLDER, path, message).label("nothing brings this value");
    let bare = name.strip_prefix("client.").unwrap_or(name);
    if let Some(hint) = as_value(name, scope) {
        return finding.hint(hint);
    }
    let tokens: &[&str] = if scope.in_host { &[] } else { &["access_token", "refresh_token"] };
    let of_client = |name: &str| format!("client.{name}");
    let guess = || {
        let taken = scope.taken.iter().map(String::as_str);
        let token = meant(name, tokens.iter().copied().chain(taken), found).map(str::to_owned);
        let parameters = || scope.client.iter().map(String::as_str);
        token.or_else(|| meant(bare, parameters(), found).map(of_client))
    };
    let proper = names::parameter_for(bare).unwrap_or_else(|| bare.to_owned());
    let mut exact = [bare, proper.as_str()].into_iter();
    let exact = exact.find(|name| scope.client.contains(*name)).map(of_client);
    match exact.or_else(guess) {
        Some(meant) => finding.hint(format!("did you mean `${{{meant}}}`?")),
        None => {
            let as_such = match name.strip_prefix("client.") == Some(proper.as_str()) {
                true => String::new(),
                false => format!(", and write `${{client.{}}}`", shorten(&proper)),
            };
            finding.hint(format!("{}{as_such}", scope.declaration(&shorten(&proper))))
        }
    }
}

/// What to write for a value that the client is to make.
fn as_value(name: &str, scope: &Scope) -> Option<String> {
    if name == ASSERTION {
        return Some("declare it at the top: `assertion: { alg: …, key: …, lives: … }`".to_owned());
    }
    let (first, last) = name.split_once(['.', ':', '(']).unwrap_or((name, name));
    if scope.values.contains(name) {
        return Some(format!("write `${{value.{name}}}`"));
    }
    let (name, value) = match (first, last) {
        ("value", _) => (last, "uuid"),
        ("generate" | "uuid" | "random" | "nonce", _) => ("nonce", "uuid"),
        ("now" | "time" | "timestamp", _) => ("sent", "{ now: unix_seconds }"),
        ("hash" | "sha256", _) => ("hash", "{ sha256: … }"),
        ("hmac" | "sign", _) => ("signature", "{ hmac_sha256: …, key: … }"),
        _ => return None,
    };
    Some(format!(
        "declare it under `refresh.values`: `{}: {value}`, and write `${{value.{}}}`",
        shorten(name),
        shorten(name)
    ))
}

/// Enough of `text` to know it by.
fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    text.chars().take(39).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (String, Vec<&'static str>, Vec<String>) {
        let scope = Scope {
            client: ["client_id", "tenant", "scope"].map(str::to_owned).into(),
            values: BTreeSet::from(["nonce".to_owned()]),
            declares: true,
            ..Scope::default()
        };
        let mut found = Vec::new();
        let template = resolve(text, &scope, &Path::root(), &mut found);
        let hints = found.iter().filter_map(|finding| finding.hint.clone()).collect();
        (template.to_string(), found.iter().map(|finding| finding.code.name).collect(), hints)
    }

    #[test]
    fn what_is_written_is_what_is_shown() {
        for text in [
            "",
            "plain",
            "Bearer ${access_token}",
            "${client.tenant}${refresh_token}",
            "n-${value.nonce}",
            "$",
            "$$",
            "a$b{c}",
            "}{",
        ] {
            assert_eq!(parse(text), (text.to_owned(), vec![], vec![]), "{text}");
        }
    }

    #[test]
    fn places_that_are_refused() {
        assert_eq!(parse("a${refresh_token").1, ["bad_placeholder"]);
        assert_eq!(parse("${}").1, ["bad_placeholder"]);
        assert_eq!(parse("${ refresh_token }").1, ["bad_placeholder"]);
        assert_eq!(parse("${${access_token}}").1, ["bad_placeholder"]);
        assert_eq!(parse("${generate.uuid}").1, ["undeclared_placeholder"]);
        assert_eq!(parse("${token_url}").1, ["bad_claim"]);
        assert_eq!(parse("${a}${b}").1, ["undeclared_placeholder", "undeclared_placeholder"]);
    }

    #[test]
    fn places_that_were_meant() {
        assert_eq!(parse("${nonce}").2, ["write `${value.nonce}`"]);
        let declared = "declare it under `refresh.values`: `sent: { now: unix_seconds }`, and write `${value.sent}`";
        assert_eq!(parse("${now}").2, [declared]);
        assert_eq!(parse("${refreshToken}").2, ["did you mean `${refresh_token}`?"]);
        assert_eq!(parse("${tenant}").2, ["did you mean `${client.tenant}`?"]);
        assert_eq!(parse("${scope}").2, ["did you mean `${client.scope}`?"]);
        assert_eq!(parse("${client.clientid}").2, ["did you mean `${client.client_id}`?"]);
    }
}
