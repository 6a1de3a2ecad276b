//! For services that gather findings of many tools: SARIF 2.1.0.

use super::{full_message, json};
use crate::diagnostics::{Code, Diagnostic, Severity, Span};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a path keeps in a URI: what RFC 3986, section 3.3, allows in a segment, and the slashes between them. A colon in the first segment
/// would end a scheme.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'@')
    .remove(b'+');

/// Where the pages are.
const PAGES: &str =
    concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/src/reference/diagnostics.md");

/// The diagnostics as a log of SARIF 2.1.0 with one run. It holds the page of each code that was found; columns count characters.
pub fn sarif(diagnostics: &[Diagnostic]) -> String {
    let mut rules: BTreeMap<&str, &Code> = BTreeMap::new();
    for diagnostic in diagnostics {
        rules.insert(diagnostic.code.id, &diagnostic.code);
    }
    let index = |code: &Code| rules.keys().position(|id| *id == code.id);
    let results: Vec<Value> =
        diagnostics.iter().map(|diagnostic| result(diagnostic, index(&diagnostic.code))).collect();
    json::shown(&json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Rekindle",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|code| rule(code)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Lint => "warning",
    }
}

/// A code, and its page.
fn rule(code: &Code) -> Value {
    let title = code.name.replace('_', " ");
    let page = code.page.trim();
    let body = page.split_once('\n').map_or(page, |(_, body)| body.trim());
    let first = body.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": { "text": title },
        "fullDescription": { "text": first },
        "helpUri": format!("{PAGES}#{}", anchor(page)),
        "help": { "text": body, "markdown": body },
        "defaultConfiguration": { "level": level(code.severity) },
    })
}

/// The anchor of a page's title, `# RK0101: unknown key`, as GitHub and mdBook make it.
fn anchor(page: &str) -> String {
    let title = page.lines().next().unwrap_or_default().trim_start_matches("# ");
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn result(diagnostic: &Diagnostic, index: Option<usize>) -> Value {
    let mut location = physical(&diagnostic.file, diagnostic.span);
    let path = diagnostic.path.to_string();
    if !path.is_empty() {
        location.insert("logicalLocations".to_owned(), json!([{ "fullyQualifiedName": path }]));
    }
    let mut result = json!({
        "ruleId": diagnostic.code.id,
        "ruleIndex": index,
        "level": level(diagnostic.severity),
        "message": { "text": full_message(diagnostic) },
        "locations": [location],
    });
    if let Some(also) = &diagnostic.also {
        let mut related = physical(&also.file, Some(also.span));
        related.insert("id".to_owned(), json!(1));
        related.insert("message".to_owned(), json!({ "text": also.label }));
        result["relatedLocations"] = json!([related]);
    }
    result
}

/// A place in a file.
fn physical(file: &str, span: Option<Span>) -> Map<String, Value> {
    let uri = utf8_percent_encode(file, IN_PATH).to_string();
    let mut place = json!({ "artifactLocation": { "uri": uri } });
    if let Some(span) = span {
        place["region"] = json!({
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.line,
            "endColumn": span.column + span.width,
        });
    }
    Map::from_iter([("physicalLocation".to_owned(), place)])
}
