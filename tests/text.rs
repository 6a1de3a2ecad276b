//! Text of a spec is text in every place that it goes to: no code that `cargo test` runs, no HTML, no other Markdown.
//!
//! The places in a spec come from the schema: every text that the bases hold or could hold, wherever `check` accepts it. A new
//! key for a text is among them, and a new block without a base fails [`every_block_has_a_base`].

mod support;
mod text_support;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};
use rekindle::{Inputs, Source, Specs};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use support::cargo::Cargo;
use support::hostile::{TAGS, TEXTS};
use text_support::{Place, bases, filled, harmless, is_text, places, refusal, schema, walked};

/// Path → text.
type Plan = BTreeMap<String, String>;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn plan(sources: Vec<Source>) -> Plan {
    let specs = Specs::check(sources).expect("accepted specs");
    let (inputs, options) = (Inputs::default(), rekindle::Options::default());
    let plan = rekindle::plan(&specs.contracts, &inputs, &options).expect("a plan");
    plan.files().map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
}

#[test]
fn every_block_has_a_base() {
    bases().iter().for_each(|base| assert_eq!(refusal(base), None));
    let (_, met) = walked();
    let schema = schema();
    let blocks = schema["$defs"].as_object().expect("blocks").iter();
    let with_text = blocks.filter(|(_, block)| {
        let members = block["properties"].as_object().into_iter().flatten();
        members.map(|(_, member)| member).chain([&block["additionalProperties"]]).any(is_text)
    });
    let missing: Vec<_> =
        with_text.map(|(name, _)| name).filter(|name| !met.contains(*name)).collect();
    assert!(missing.is_empty(), "no base of this test holds: {missing:?}");
    let whole: Vec<String> = places().iter().map(Place::name).collect();
    for text in [
        "provider.summary",
        "provider.source.title",
        "environments.production.doc",
        "client.realm.doc",
        "tokens.access.doc",
        "errors.0.doc",
        "provenance.inferred.tokens.refresh.rotation",
        "examples.2.doc",
    ] {
        assert!(
            whole.iter().any(|name| name.contains(&format!(": {text} as Whole"))),
            "{text}: {whole:#?}"
        );
    }
    assert!(
        whole.iter().any(|name| name.contains("provider.name as Line"))
            && whole.iter().any(|name| name.contains("source.url as Address")),
        "{whole:#?}"
    );
}

/// What Markdown is beside its text: everything but paragraphs, text, code spans and autolinks.
fn structure(markdown: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_SMART_PUNCTUATION;
    let mut autolink = false;
    let events = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::Text(_) | Event::Code(_) | Event::SoftBreak => None,
        Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => None,
        Event::Start(Tag::Link { link_type: LinkType::Autolink, .. }) => {
            autolink = true;
            None
        }
        Event::End(TagEnd::Link) if std::mem::take(&mut autolink) => None,
        Event::Start(Tag::Link { .. }) => Some("link".to_owned()),
        other => Some(format!("{other:?}")),
    });
    events.collect()
}

/// The documentation in Rust, a text for each run of lines.
fn documentation(source: &str) -> Vec<String> {
    let mut texts = vec![String::new()];
    for line in source.lines() {
        let line = line.trim_start();
        match line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) {
            Some(line) => {
                let text = texts.last_mut().expect("one at least");
                text.push_str(line.strip_prefix(' ').unwrap_or(line));
                text.push('\n');
            }
            None if !texts.last().is_some_and(String::is_empty) => texts.push(String::new()),
            None => {}
        }
    }
    texts
}

/// What each file of a plan is beside the text in it.
fn structures(plan: &Plan) -> Vec<(String, Vec<String>)> {
    let markdown = |path: &str, text: &str| match path.rsplit('.').next() {
        Some("rs") => Some(documentation(text).iter().flat_map(|text| structure(text)).collect()),
        Some("md") => Some(structure(text)),
        _ => None,
    };
    plan.iter().filter_map(|(path, text)| Some((path.clone(), markdown(path, text)?))).collect()
}

#[test]
fn no_text_is_anything_else() {
    for base in 0..bases().len() {
        let mut expected = BTreeMap::new();
        // The later bases differ from these in a block.
        for text in TEXTS.iter().step_by(if base < 2 { 1 } else { 7 }) {
            let (evil, taken) = filled(base, "spec", |_| text);
            let expected = expected
                .entry(taken.clone())
                .or_insert_with(|| structures(&plan(vec![harmless(base, "spec", &taken)])));
            let plan = plan(vec![evil]);
            for ((path, found), (_, expected)) in structures(&plan).iter().zip(&*expected) {
                let same = found.iter().zip(expected).take_while(|(a, b)| a == b).count();
                assert!(
                    found == expected,
                    "{path} with {text:?}: {:?} for {:?} in\n{}",
                    found.get(same),
                    expected.get(same),
                    plan[path]
                );
            }
            assert_no_hidden_characters(&plan);
        }
    }
}

fn assert_no_hidden_characters(plan: &Plan) {
    let hidden = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    for (path, text) in plan.iter().filter(|(path, _)| !path.ends_with(".json")) {
        let line = text.lines().find(|line| line.contains(hidden));
        assert_eq!(line, None, "{path} holds hidden characters");
    }
}

/// A workspace of one package: the sources of the plan, without what only its own tests need.
fn package(folder: &Path, plan: &Plan) {
    let _ = fs::remove_dir_all(folder);
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    for (path, text) in plan.iter().filter(|(path, _)| path.starts_with("src/")) {
        // Their examples name the package that they are planned for.
        write(path, &text.replace("use rekindle_clients::", "use hostile_texts::"));
    }
    let ids = plan.keys().filter_map(|path| path.strip_prefix("docs/")?.strip_suffix(".md"));
    let features: Map<String, Value> = ids.map(|id| (id.to_owned(), json!([]))).collect();
    let all = Value::from(features.keys().cloned().collect::<Vec<_>>());
    let features: String = features.keys().map(|id| format!("{id} = []\n")).collect();
    write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"hostile-texts\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[features]\ndefault = {all}\n{features}\n\
         [dependencies]\nrekindle-runtime = {{ path = {:?}, features = [\"hashes\", \"random\", \"signing\"] }}\n\n[workspace]\n",
            Path::new(ROOT).join("runtime")
        ),
    );
    fs::copy(Path::new(ROOT).join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(|entry| below(entry.path())).collect()
}

/// The whole way: rustdoc and its tests over a package with a hostile text in every place, each text in several of them.
#[test]
fn nothing_runs_and_nothing_warns() {
    const TURNS: usize = 3;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("consumers/hostile-texts");
    let mut sources = Vec::new();
    for base in 0..bases().len() {
        for turn in 0..TURNS {
            let text = |place: usize| TEXTS[(place * TURNS + turn + base * 11) % TEXTS.len()];
            let (evil, taken) = filled(base, &format!("evil_{base}_{turn}"), text);
            sources.push(evil);
            sources.push(harmless(base, &format!("plain_{base}_{turn}"), &taken));
        }
    }
    package(&folder, &plan(sources));
    let cargo = Cargo::new(&folder);

    let pages = cargo.target().join("doc/hostile_texts");
    let _ = fs::remove_dir_all(&pages);
    cargo.with("RUSTDOCFLAGS", "-D warnings").run(&["doc", "--no-deps"]).succeeded();
    let html = |path: &PathBuf| path.extension().is_some_and(|end| end == "html");
    let pages: Vec<_> = files(&pages).into_iter().filter(html).collect();
    assert!(pages.len() > 100, "{}", pages.len());
    for page in pages {
        let html = fs::read_to_string(&page).expect("a page");
        for tag in TAGS {
            assert!(!html.contains(tag), "{tag} in {}", page.display());
        }
    }

    // `src/evil_0_1.rs - evil_0_1::Client (line 3): test`
    let tests = cargo.run(&["test", "--doc"]).succeeded().stdout;
    let count = |prefix: &str| {
        tests.lines().filter(|line| line.contains(&format!("src/{prefix}_"))).count()
    };
    assert!(tests.contains("test result: ok."), "{tests}");
    assert_eq!(count("evil"), count("plain"), "{tests}");
    let left = files(&folder).into_iter().find(|path| path.ends_with("PWNED"));
    assert_eq!(left, None, "a text was run");
}

/// What a terminal would obey is escaped in JSON and not in what people read at all.
#[test]
fn terminals_are_given_text() {
    let place = support::Place::new("terminal-text");
    let name = "Ac\u{202e}me\u{2066}";
    let spec = support::acme().replace("name: Acme", r#"name: "Ac\u202eme\u2066""#);
    place.write("specs/acme.yaml", &spec);
    for arguments in [&["list"][..], &["list", "--format", "json"]] {
        let run = place.run(arguments);
        run.expect(0, &[]);
        assert!(!run.stdout.contains(['\u{202e}', '\u{2066}']), "{}", run.stdout);
        if let Ok(list) = serde_json::from_str::<Value>(&run.stdout) {
            assert_eq!(list[0]["name"], name);
        } else {
            assert_eq!(arguments, ["list"]);
        }
    }
}
