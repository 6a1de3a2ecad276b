//! The way in: sources, diagnostics and how both are told.

use rekindle_contract::diagnostics::{Severity, files, shape};
use rekindle_contract::{Source, check, load, render, schema};
use std::path::{Path, PathBuf};

const ACME: &str = "\
rekindle: 1
provider: { id: acme, name: Acme }
environments: { production: https://acme.example }
refresh: { request: POST /token, form: { refresh_token: \"${refresh_token}\" } }
response: { access_token: /access_token }
errors: [{ status: 401, class: reauthenticate }]
allow: { no_example: The page shows none. }
";

fn broken() -> Vec<Source> {
    vec![
        Source::new("specs/b.yaml", "rekindle: 1\nrefresh: {}\nclient: 1\n"),
        Source::new("specs/acme.yaml", ACME),
    ]
}

#[test]
fn a_valid_spec_becomes_a_contract() {
    let checked = check(&[Source::new("specs/acme.yaml", ACME)]);
    assert_eq!(checked.diagnostics, []);
    assert!(!checked.has_errors());
    assert_eq!(checked.contracts.len(), 1);
    assert_eq!(checked.contracts[0].provider.id, "acme");
    assert_eq!(checked.contracts[0].origin.file, "specs/acme.yaml");
}

#[test]
fn nothing_is_wrong_with_nothing() {
    let checked = check(&[]);
    assert!(checked.contracts.is_empty() && checked.diagnostics.is_empty());
    assert_eq!(render::human(&[], &[], false), "");
    assert_eq!(render::json(&[]), "[]\n");
}

#[test]
fn a_broken_file_does_not_hide_the_others() {
    let checked = check(&broken());
    assert_eq!(checked.contracts.len(), 1);
    assert!(checked.diagnostics.iter().all(|diagnostic| diagnostic.file == "specs/b.yaml"));
    assert!(checked.has_errors());
}

#[test]
fn the_order_of_files_does_not_matter() {
    let (mut there, mut back) = (broken(), broken());
    there.push(Source::new("specs/acme_two.yaml", ACME));
    back.insert(0, Source::new("specs/acme_two.yaml", ACME));
    back.reverse();
    assert_eq!(check(&there), check(&back));
}

#[test]
fn the_second_of_two_providers_with_one_id_is_refused() {
    let checked = check(&[Source::new("b/acme.yaml", ACME), Source::new("a/acme.yaml", ACME)]);
    let [diagnostic] = checked.diagnostics.as_slice() else { panic!("{:?}", checked.diagnostics) };
    assert_eq!(diagnostic.code, files::DUPLICATE_PROVIDER);
    assert_eq!(diagnostic.file, "b/acme.yaml");
    assert!(diagnostic.message.contains("a/acme.yaml"), "{}", diagnostic.message);
    assert_eq!(checked.contracts.len(), 1);
}

#[test]
fn a_lint_is_a_warning_until_it_is_allowed() {
    let checked = check(&[Source::new("bank.yaml", ACME)]);
    let [diagnostic] = checked.diagnostics.as_slice() else { panic!("{:?}", checked.diagnostics) };
    assert_eq!((diagnostic.code, diagnostic.severity), (files::FILE_NAME, Severity::Lint));
    assert_eq!(checked.contracts.len(), 1);
    let allowed = ACME.replace("allow: {", "allow: { file_name: It is the only one.,");
    assert_eq!(check(&[Source::new("bank.yaml", allowed)]).diagnostics, []);
}

/// A file names its provider, unless it says otherwise; what has no name cannot.
#[test]
fn a_file_names_its_provider() {
    let plain = |provider: &str| {
        format!(
            "rekindle: 1\n{provider}profile: rfc6749\nrefresh: {{ request: POST https://a.example/t }}\n"
        )
    };
    let named = |file: &str, provider: &str| {
        let mut checked = check(&[Source::new(file, plain(provider))]);
        let contract = checked.contracts.pop();
        contract.map(|contract| (contract.provider.id, contract.provider.name)).ok_or_else(|| {
            let diagnostic = checked.diagnostics.remove(0);
            assert_eq!(diagnostic.path.to_string(), "provider.id");
            assert!(diagnostic.span.is_some());
            diagnostic.hint.unwrap_or_default()
        })
    };
    let name = |id: &str, name: &str| Ok((id.to_owned(), name.to_owned()));
    for file in ["seven_g", "seven_g.yaml", "./seven_g.yml", "/a/b.c/seven_g.yaml"] {
        assert_eq!(named(file, ""), name("seven_g", "Seven G"), "{file}");
    }
    assert_eq!(named("a.yaml", "provider: { name: Other }\n"), name("a", "Other"));
    assert_eq!(named("a.yaml", "provider: { id: b_bank }\n"), name("b_bank", "B Bank"));
    for file in ["/dev/stdin", "", "-", "<stdin>", "/dev/fd/63", "specs/.yaml", "a/été.yaml"] {
        let hint = named(file, "").unwrap_err();
        assert!(hint.contains("write `provider: { id: "), "{file}: {hint}");
        assert_eq!(named(file, "provider: { id: acme }\n"), name("acme", "Acme"), "{file}");
    }
}

#[test]
fn colour_only_when_asked_for() {
    let sources = broken();
    let diagnostics = check(&sources).diagnostics;
    assert!(!render::human(&diagnostics, &sources, false).contains('\u{1b}'));
    assert!(render::human(&diagnostics, &sources, true).contains('\u{1b}'));
}

#[test]
fn the_summary_comes_last() {
    let mut sources = broken();
    sources.push(Source::new("bank.yaml", ACME.replace("id: acme", "id: acme_bank")));
    let said = render::human(&check(&sources).diagnostics, &sources, false);
    assert_eq!(said.lines().last(), Some("3 errors, 1 warning in 2 files"), "{said}");
}

#[test]
fn json_for_programs() {
    let sources = broken();
    let said = render::json(&check(&sources).diagnostics);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let expected = serde_json::json!({
        "code": "RK0102", "name": "missing_key", "severity": "error", "file": "specs/b.yaml",
        "line": 2, "column": 1, "end_line": 2, "end_column": 8, "start": 12, "end": 19, "path": "refresh.request",
        "message": "`refresh` needs a key `request`", "label": null, "also": null,
        "hint": "`request`: Method and path, as on the page: `POST /oauth/token`.",
    });
    assert_eq!(said[0], expected, "{said:#}");
}

/// A file whose name and values hold what each format has to escape.
fn hostile() -> Vec<Source> {
    let text = "rekindle: 1\nprovider: { id: \"a,b: 100%\\r\\n::error::x\" }\nrefresh: { request: POST /t }\n";
    vec![Source::new("specs/a b,c:d%\u{1b}.yaml", text)]
}

#[test]
fn github_commands_are_escaped() {
    let said = render::workflow_commands(&check(&broken()).diagnostics);
    let first = said.lines().next().unwrap();
    assert_eq!(
        first,
        "::error file=specs/b.yaml,line=2,endLine=2,col=1,endColumn=8,title=RK0102 missing_key::\
         `refresh` needs a key `request`%0Ahint: `request`: Method and path, as on the page: `POST /oauth/token`."
    );
    let diagnostics = check(&hostile()).diagnostics;
    let said = render::workflow_commands(&diagnostics);
    assert_eq!(said.lines().count(), diagnostics.len(), "{said}");
    for line in said.lines() {
        let file = "file=specs/a b%2Cc%3Ad%25\\u{1b}.yaml,";
        assert!(line.starts_with("::") && line.contains(file), "{line}");
        assert!(!line.contains(['\r', '\u{1b}']), "{line:?}");
    }
    assert_eq!(render::workflow_commands(&[]), "");
}

/// What the schema of SARIF 2.1.0 asks for, and what services need to show a finding.
#[test]
fn sarif_is_what_its_schema_asks_for() {
    let mut sources = hostile();
    sources.extend(broken());
    sources.push(Source::new("bank.yaml", ACME.replace("id: acme", "id: acme_bank")));
    let diagnostics = check(&sources).diagnostics;
    for diagnostics in [diagnostics.as_slice(), &[]] {
        let said = render::sarif(diagnostics);
        assert!(!said.contains('\u{1b}'), "{said:?}");
        let log: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let driver = &run["tool"]["driver"];
        assert_eq!(driver["name"], "Rekindle");
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), diagnostics.len());
        let rules = driver["rules"].as_array().unwrap();
        for rule in rules {
            let uri = rule["helpUri"].as_str().unwrap();
            let (book, anchor) = uri.split_once('#').unwrap();
            assert!(book.starts_with("https://") && book.ends_with("/diagnostics.md"), "{uri}");
            let page = rekindle_contract::explain(rule["id"].as_str().unwrap()).unwrap();
            let title = page.lines().next().unwrap().trim_start_matches("# ");
            assert_eq!(anchor, title.to_lowercase().replace(": ", "-").replace(' ', "-"));
            let full = rule["fullDescription"]["text"].as_str().unwrap();
            assert!(full.ends_with('.') || full.ends_with(':'), "{full}");
            assert!(rule["help"]["markdown"].as_str().unwrap().contains("\n"));
        }
        for (result, diagnostic) in results.iter().zip(diagnostics) {
            let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
            assert_eq!(result["ruleId"], rule["id"]);
            let level = result["level"].as_str().unwrap();
            assert!(["error", "warning"].contains(&level), "{level}");
            let text = result["message"]["text"].as_str().unwrap();
            assert!(text.starts_with(&diagnostic.message), "{text}");
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.is_ascii() && !uri.contains([' ', ':', '<']), "{uri}");
            let span = diagnostic.span.unwrap();
            let expected = serde_json::json!({
                "startLine": span.line, "startColumn": span.column,
                "endLine": span.line, "endColumn": span.column + span.width,
            });
            assert_eq!(place["region"], expected);
        }
    }
}

#[test]
fn a_diagnostic_can_be_told_without_its_source() {
    let diagnostics = check(&broken()).diagnostics;
    let said = render::human(&diagnostics, &[], false);
    assert!(said.contains("--> specs/b.yaml:2:1"), "{said}");
}

/// A folder of its own for a test, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, ACME).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn folders_and_files_are_loaded_in_order() {
    let folder = Folder::new("load");
    for name in ["b.yaml", "a.yml", ".hidden.yaml", "notes.md", "schema/v1.json", "deeper/c.yaml"] {
        folder.write(name);
    }
    let sources =
        load(&[folder.0.join("deeper/c.yaml"), folder.0.clone(), folder.0.join("b.yaml")]).unwrap();
    let names: Vec<&str> =
        sources.iter().map(|source| source.name.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["a.yml", "b.yaml", "c.yaml"]);
    assert!(sources.iter().all(|source| source.text == ACME.as_bytes()));
}

#[test]
fn a_missing_file_is_named() {
    let error = load(&[PathBuf::from("nowhere/acme.yaml")]).unwrap_err();
    assert!(error.to_string().starts_with("nowhere/acme.yaml: "), "{error}");
}

#[test]
fn the_schema_is_json_with_an_address() {
    let schema: serde_json::Value = serde_json::from_str(schema()).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["title"], "Rekindle refresh contract");
    assert!(schema["$id"].as_str().unwrap().ends_with("/specs/schema/v1.json"));
    assert!(schema["properties"]["provider"]["description"].is_string());
}

#[test]
fn every_kind_of_line_end_and_a_byte_order_mark_are_read() {
    for text in [
        ACME.replace('\n', "\r\n"),
        format!("\u{feff}{ACME}"),
        format!("---\n{ACME}...\n"),
        format!("%YAML 1.2\n---\n{ACME}"),
    ] {
        assert_eq!(check(&[Source::new("acme.yaml", text.clone())]).diagnostics, [], "{text}");
    }
}

/// Within a text a no-break space is a part of it.
#[test]
fn no_break_spaces_may_be_in_texts() {
    for text in [
        "\"\u{a0}quoted:\u{a0}\"",
        "'\u{a0}quoted\u{a0}'",
        "plain\u{a0}text",
        "plain # a comment\u{a0}",
        "|\n    a:\u{a0}b\n    \u{a0}\n    c\u{a0}",
        "\"a\n    \u{a0}b:\u{a0}c\u{a0}\n    d\"",
    ] {
        let spec = format!(
            "rekindle: 1\nprovider:\n  id: acme\n  name: Acme\n  summary: {text}\nprofile: rfc6749\n\
             refresh: {{ request: POST https://id.acme.example/token }}\n"
        );
        let found = check(&[Source::new("acme.yaml", spec)]).diagnostics;
        assert!(found.iter().all(|found| found.code.id != "RK0003"), "{text:?}: {found:?}");
    }
}

#[test]
fn quoted_texts_may_hold_anything() {
    let form = r#"form: { refresh_token: "${refresh_token}", a: "*x", b: '&y', c: "!z", "<<": "@", d: "no", e: "1.0" }"#;
    let spec = ACME.replace(r#"form: { refresh_token: "${refresh_token}" }"#, form);
    assert_ne!(spec, ACME);
    let codes: Vec<&str> = check(&[Source::new("acme.yaml", spec)])
        .diagnostics
        .iter()
        .map(|found| found.code.id)
        .collect();
    assert!(
        !codes.iter().any(|code| code.starts_with("RK00") || *code == shape::WRONG_TYPE.id),
        "{codes:?}"
    );
}

/// Whatever a spec, its name or a message holds: a terminal shows it and does nothing else.
#[test]
fn no_control_character_reaches_a_terminal() {
    let codes = (0..0x20).chain(0x7f..=0x9f).chain([0x61c, 0xfeff]).chain(0x200b..=0x206f);
    for code in codes.filter_map(char::from_u32) {
        let escape = format!("\\u{:04x}", u32::from(code));
        let written = format!(
            "rekindle: 1\nprovider: {{ id: acme, name: A }}\nprofile: rfc6749\nbase_url: integrator\n\
             client: {{ a: {{ type: host, default: \"{escape}\" }} }}\nrefresh: {{ request: \"POST /${{client.a}}\" }}\n\
             allow: {{ \"{escape}\": \"{escape}\" }}\n"
        );
        let raw = written.replace(&escape, &code.to_string());
        for text in [written, raw] {
            let sources = [Source::new(format!("a{code}.yaml"), text)];
            let checked = check(&sources);
            assert!(checked.has_errors());
            let outputs = [
                render::human(&checked.diagnostics, &sources, false),
                render::json(&checked.diagnostics),
            ];
            for output in outputs {
                let unseen = |c: char| {
                    (c.is_control() && c != '\n')
                        || (c == code
                            && !matches!(code, '\n' | '\u{200c}' | '\u{200d}' | '\u{2010}'..='\u{2027}' | '\u{202f}'..='\u{205f}' | '\u{206a}'..='\u{206f}'))
                };
                assert!(!output.contains(unseen), "{code:?}: {output:?}");
            }
        }
    }
}
