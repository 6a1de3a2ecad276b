//! Whatever the bytes are: no panic, and every diagnostic has a place inside the file.

use proptest::prelude::*;
use rekindle_contract::{Checked, Source, check, render};
use std::path::Path;

/// A valid spec with a bit of everything that the text of one can hold.
const SPEC: &str = r#"# A comment: with a colon
rekindle: 1
provider:
  id: acme
  name: "Acme \"Bank\" é 日本"
  summary: >-
    It refreshes & rotates,
    as 'everyone' does! *
profile: rfc6749
environments:
  production: https://auth.acme.example # the only one
  sandbox: { url: 'https://sandbox.acme.example', doc: "For tests: free" }
client:
  client_id: {}
  client_secret: { secret: true }
refresh:
  request: POST /oauth/token?v=2&w=3
  auth:
    basic: {}
  headers: { accept: "*/*", x-key: "${client.client_id}" }
tokens:
  access:
    expires: { seconds: /expires_in }
  refresh: { use: once, rotation: always, max_length: 2048 }
errors:
  - status: [400, 4xx]
    field: /error
    equals: [invalid_grant, 5, true]
    class: reauthenticate
"#;

/// The specs to mutate: the one above and those of the project, where they are.
fn specs() -> Vec<String> {
    let mut specs = vec![SPEC.to_owned()];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "yaml") {
            specs.push(std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    specs
}

/// Checks `text`, renders what is said in every way, and holds each place against the text.
fn survive(text: &[u8]) -> Checked {
    let sources = [Source::new("acme.yaml", text)];
    let checked = check(&sources);
    for colour in [true, false] {
        render::human(&checked.diagnostics, &sources, colour);
    }
    render::json(&checked.diagnostics);
    render::sarif(&checked.diagnostics);
    render::workflow_commands(&checked.diagnostics);
    for diagnostic in &checked.diagnostics {
        let span = diagnostic.span.expect("a place");
        let lines = text.iter().filter(|byte| **byte == b'\n').count() + 1;
        assert!(span.start <= span.end && span.end <= text.len(), "{diagnostic:?}");
        assert!((1..=lines).contains(&span.line) && span.column >= 1, "{diagnostic:?}");
        assert!(!text[span.start..span.end].contains(&b'\n'), "{diagnostic:?}");
        let line = text[..span.start].iter().filter(|byte| **byte == b'\n').count() + 1;
        assert_eq!(line, span.line, "{diagnostic:?}");
        assert!(!diagnostic.message.ends_with('.'), "{diagnostic:?}");
    }
    assert_eq!(checked.contracts.is_empty(), checked.has_errors(), "{:?}", checked.diagnostics);
    checked
}

#[test]
fn the_spec_of_this_test_is_valid() {
    let checked = survive(SPEC.as_bytes());
    assert!(
        !checked.has_errors(),
        "{}",
        render::human(&checked.diagnostics, &[Source::new("acme.yaml", SPEC)], false)
    );
}

#[test]
fn every_prefix_of_a_spec() {
    for end in 0..SPEC.len() {
        survive(&SPEC.as_bytes()[..end]);
    }
}

#[test]
fn lines_left_out() {
    for (number, spec) in specs().iter().enumerate() {
        let step = if number == 0 { 1 } else { 4 };
        let lines: Vec<&str> = spec.split_inclusive('\n').collect();
        for gone in (0..lines.len()).step_by(step) {
            let kept = lines.iter().enumerate().filter(|(index, _)| *index != gone);
            survive(kept.map(|(_, line)| *line).collect::<String>().as_bytes());
        }
    }
}

#[test]
fn every_byte_replaced_by_what_means_something() {
    for (index, replacement) in (0..SPEC.len())
        .flat_map(|index| b"\0\t\n\r #&*!:-?[]{},'\"|>%@`~<\xff".map(|byte| (index, byte)))
        .step_by(23)
    {
        let mut bytes = SPEC.as_bytes().to_vec();
        bytes[index] = replacement;
        survive(&bytes);
    }
}

/// A piece of YAML, well formed or not.
fn piece() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "rekindle", "provider", "id", "name", "refresh", "request", "auth", "response", "tokens",
        "errors", "examples", "<<", "json", "class", "status", "é", "''", "\"k\"", "? ", "1", "~",
        "[a]", "{b: c}",
    ]);
    let value = prop::sample::select(vec![
        "1",
        "acme",
        "POST /t",
        "{}",
        "[]",
        "[1, 2",
        "{ a: b",
        "\"open",
        "'open",
        "|",
        ">-",
        "&a x",
        "*a",
        "!t x",
        "!!binary x",
        "~",
        ".nan",
        "1e999",
        "99999999999999999999999",
        "no",
        "- x",
        "@",
        "`",
        "%",
        "日本",
        "# c",
        "\u{85}",
        "---",
        "...",
        "\t",
        "\r",
        "0x",
        "-",
        ":",
        "?",
    ]);
    (
        0..6_usize,
        key,
        prop::sample::select(vec![": ", ":", " ", ":\n", " - ", "\r\n", ": - "]),
        value,
    )
        .prop_map(|(indent, key, between, value)| {
            format!("{}{key}{between}{value}\n", " ".repeat(indent))
        })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases / 2,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        survive(&bytes);
    }

    #[test]
    fn arbitrary_text(text in "\\PC{0,200}") {
        survive(text.as_bytes());
    }

    #[test]
    fn text_of_yaml_characters(text in "[a-c0-9 :\\-?\\[\\]{},#&*!|>'\"%@`~.<\\n\\t\\r]{0,120}") {
        survive(text.as_bytes());
    }

    #[test]
    fn arbitrary_yaml(pieces in prop::collection::vec(piece(), 0..12)) {
        survive(pieces.concat().as_bytes());
    }

    #[test]
    fn a_spec_and_arbitrary_yaml(at in any::<prop::sample::Index>(), pieces in prop::collection::vec(piece(), 1..3)) {
        let mut lines: Vec<String> = SPEC.split_inclusive('\n').map(str::to_owned).collect();
        let index = at.index(lines.len());
        lines.splice(index..index, pieces);
        survive(lines.concat().as_bytes());
    }

    #[test]
    fn flipped_bytes(
        spec in prop::sample::select(specs()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = spec.into_bytes();
        for (at, byte) in flips {
            let index = at.index(bytes.len());
            bytes[index] = byte;
        }
        survive(&bytes);
    }

    #[test]
    fn truncated(spec in prop::sample::select(specs()), at in any::<prop::sample::Index>()) {
        survive(&spec.as_bytes()[..at.index(spec.len())]);
    }
}
