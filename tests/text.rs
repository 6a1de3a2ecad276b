//! Text of a spec is text in every place that it goes to: no code that `cargo test` runs, no HTML, no other Markdown.
//!
//! The places in a spec come from the schema: every text that [`bases`] hold or could hold, wherever `check` accepts it. A new
//! key for a text is among them, and a new block without a base fails [`every_block_has_a_base`].

mod support;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};
use rekindle::{Inputs, Source, Specs};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use support::cargo::Cargo;
use support::hostile::{TAGS, TEXTS};

/// Path → text.
type Plan = BTreeMap<String, String>;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Specs that hold, between them, every block of the language in which a text may stand.
fn bases() -> Vec<Value> {
    let whole = json!({
        "rekindle": 1,
        "provider": {
            "id": "base", "name": "Base", "summary": "s",
            "source": { "title": "t", "url": "https://a.example/", "retrieved": "2026-11-21" },
        },
        "environments": { "production": { "url": "https://a.example", "doc": "d" }, "sandbox": "https://b.example" },
        "client": {
            "client_id": { "doc": "d" },
            "client_secret": { "secret": true, "doc": "d" },
            "flavour": { "one_of": ["sweet", "sour"], "doc": "d" },
            "realm": { "default": "main", "doc": "d" },
        },
        "refresh": {
            "request": "POST /token",
            "auth": { "basic": { "username": "${client.client_id}", "password": "${client.client_secret}" } },
            "query": { "flavour": "${client.flavour}" },
            "headers": { "x-realm": "${client.realm}", "x-fixed": "f" },
            "scope": { "fixed": "read" },
            "form": { "grant_type": "refresh_token", "refresh_token": "${refresh_token}", "note": "n" },
        },
        "response": {
            "success": { "status": 200, "field": "/ok", "equals": ["yes", "no"] },
            "access_token": "/access_token", "refresh_token": "/refresh_token", "scope": "/scope",
            "token_type": { "field": "/token_type", "accepted": ["bearer"] },
        },
        "tokens": {
            "access": { "expires": { "seconds": "/expires_in" }, "usual_lifetime": "1h", "sent_as": { "scheme": "Token" }, "doc": "d" },
            "refresh": { "use": "once", "rotation": "always", "expires": { "constant": "30d" }, "idle_limit": "7d", "spent": { "good_for": "30s" }, "doc": "d" },
        },
        "errors": [
            { "status": 403, "field": "/error", "equals": ["invalid_grant"], "class": "reauthenticate", "sign_in": "otp", "doc": "d" },
        ],
        "examples": [],
        "provenance": {
            "documented": { "tokens.refresh.use": "w" }, "inferred": { "tokens.refresh.rotation": "w" },
            "unknown": { "tokens.access.sent_as": "w" }, "contradictions": { "refresh.headers": "w" },
        },
        "allow": {},
    });
    let shown = json!({
        "rekindle": 1,
        "provider": { "id": "base", "name": "Base" },
        "base_url": "integrator",
        "client": { "client_id": {}, "key": { "secret": true } },
        "refresh": {
            "request": "POST /token",
            "auth": { "header": { "name": "x-key", "value": "${client.key}" } },
            "when": { "near_expiry": "10m" },
            "headers": { "authorization": "Bearer ${access_token}" },
            "json": { "refresh_token": "${refresh_token}", "id": "${client.client_id}" },
        },
        "response": { "access_token": "/access_token", "refresh_token": "/refresh_token", "token_type": "/token_type" },
        "tokens": {
            "access": { "expires": { "seconds": "/expires_in" } },
            "refresh": { "use": "once", "rotation": "always" },
        },
        "errors": [{ "status": 401, "class": "reauthenticate" }],
        "samples": { "text": "t", "jwt": { "jwt": { "exp": "2026-11-22T08:00:00Z" } } },
        "examples": [
            {
                "id": "shown", "doc": "d",
                "given": { "base_url": "https://a.example", "client": { "client_id": "i", "key": "k" }, "access_token": "a", "refresh_token": "r" },
                "request": {
                    "method": "POST", "url": "https://a.example/token", "headers": { "x-key": "k" }, "absent_headers": ["x-other"],
                    "json": { "refresh_token": "r", "id": "i" },
                },
                "response": {
                    "status": 200, "headers": { "x-shown": "s" },
                    "json": { "access_token": "b", "refresh_token": "s", "token_type": "bearer", "expires_in": 3600 },
                },
                "expect": { "access_token": "b", "refresh_token": "s" },
            },
            { "id": "refused", "doc": "d", "given": { "base_url": "https://a.example", "client": { "client_id": "i", "key": "k" }, "access_token": "${sample.jwt}", "refresh_token": "${sample.text}" }, "response": { "status": 401, "text": "no" }, "expect": { "error": "reauthenticate" } },
            { "id": "lived", "doc": "d", "steps": [{ "wait": "50m" }, { "refresh": "tokens" }] },
        ],
    });
    let mut pair = shown.clone();
    pair["refresh"]["auth"] = json!({ "body": { "client_id": "id", "client_secret": "key" } });
    pair["refresh"]["headers"] = json!({});
    pair["refresh"]["json"] = json!({ "refresh_token": "${refresh_token}", "note": "n" });
    pair["refresh"]["when"] = json!("any_time");
    pair["client"] = json!({ "client_id": {}, "client_secret": { "secret": true } });
    pair["examples"] = json!([]);
    pair["samples"] = json!({});
    let mut public = pair.clone();
    public["refresh"]["auth"] = json!({ "public": { "client_id": "id" } });
    public["client"] = json!({ "client_id": {} });
    vec![whole, shown, pair, public]
}

/// A place of a spec in which a text may stand.
#[derive(Clone, PartialEq)]
struct Place {
    /// The spec's index among the bases.
    base: usize,
    /// The way there.
    path: Vec<String>,
    /// Whether the text is the name of a member there.
    key: bool,
    /// What is written around it.
    shape: Shape,
}

/// How a text is written where not every text may stand.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Shape {
    Whole,
    Line,
    Visible,
    Address,
    Pointer,
}

impl Shape {
    const ALL: [Self; 5] = [Self::Whole, Self::Line, Self::Visible, Self::Address, Self::Pointer];

    fn write(self, text: &str) -> String {
        let line = text.replace(char::is_control, " ");
        let visible = line.trim().replace(|c: char| !c.is_ascii(), "");
        match self {
            Self::Whole => text.to_owned(),
            Self::Line => line,
            Self::Visible => visible,
            Self::Address => format!("https://a.example/{}", line.replace(char::is_whitespace, "")),
            Self::Pointer => format!("/{}", line.replace(['/', '~'], "")),
        }
    }
}

impl Place {
    /// Writes a text there.
    fn put(&self, spec: &mut Value, text: &str) {
        let text = self.shape.write(text);
        let mut at = spec;
        for step in &self.path {
            at = match at {
                Value::Array(items) => &mut items[step.parse::<usize>().expect("an index")],
                other => &mut other[step.as_str()],
            };
        }
        match self.key {
            true => at[text] = json!("harmless"),
            false => *at = Value::String(text),
        }
    }

    fn name(&self) -> String {
        let key = if self.key { " (key)" } else { "" };
        format!("{}: {}{key} as {:?}", self.base, self.path.join("."), self.shape)
    }
}

/// Walks through a spec beside the schema.
struct Walk<'a> {
    schema: &'a Value,
    base: usize,
    path: Vec<String>,
    found: Vec<Place>,
    /// The blocks of the schema that were met.
    met: BTreeSet<String>,
}

impl Walk<'_> {
    fn found(&mut self, step: Option<&str>, key: bool) {
        let path: Vec<_> =
            self.path.iter().map(String::as_str).chain(step).map(str::to_owned).collect();
        // The id is the name of a module; the test chooses it.
        if path != ["provider", "id"] {
            self.found.push(Place { base: self.base, path, key, shape: Shape::Whole });
        }
    }

    fn visit(&mut self, schema: &Value, spec: &Value) {
        if let Some(name) = reference(schema) {
            self.met.insert(name.to_owned());
            let block = self.schema["$defs"][name].clone();
            return self.visit(&block, spec);
        }
        for branches in ["anyOf", "oneOf"] {
            for branch in schema[branches].as_array().into_iter().flatten() {
                self.visit(branch, spec);
            }
        }
        match spec {
            Value::Object(members) => {
                for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                    match members.get(name) {
                        Some(member) => self.step(name, schema, member),
                        None if is_text(schema) => self.found(Some(name), false),
                        None => {}
                    }
                }
                let others = &schema["additionalProperties"];
                if others.is_object() {
                    members.iter().for_each(|(name, member)| self.step(name, others, member));
                    self.found(None, true);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.step(&index.to_string(), &schema["items"], item);
                }
            }
            Value::String(_) if is_text(schema) => self.found(None, false),
            _ => {}
        }
    }

    fn step(&mut self, name: &str, schema: &Value, spec: &Value) {
        self.path.push(name.to_owned());
        self.visit(schema, spec);
        self.path.pop();
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// Whether this is a text of any content.
fn is_text(schema: &Value) -> bool {
    let kind = &schema["type"];
    let text =
        kind == "string" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("string")));
    text && schema.get("const").is_none() && schema.get("enum").is_none()
}

fn schema() -> Value {
    serde_json::from_str(rekindle_contract::schema()).expect("the schema is JSON")
}

/// All places, whether a text may stand there or not, and the blocks of the schema that they are in.
fn walked() -> (Vec<Place>, BTreeSet<String>) {
    let schema = schema();
    let mut all = (Vec::new(), BTreeSet::new());
    for (base, spec) in bases().iter().enumerate() {
        let mut walk = Walk {
            schema: &schema,
            base,
            path: Vec::new(),
            found: Vec::new(),
            met: BTreeSet::new(),
        };
        walk.visit(&schema, spec);
        all.0.extend(walk.found);
        all.1.extend(walk.met);
    }
    all
}

fn source(id: &str, mut spec: Value) -> Source {
    spec["provider"]["id"] = json!(id);
    // Hidden characters are escaped, as a spec must write them.
    let mut text = String::new();
    for c in spec.to_string().chars() {
        match u32::from(c) {
            code @ (0x7f..=0x9f | 0x200b..=0x206f | 0xfeff) => {
                text.push_str(&format!("\\u{code:04x}"))
            }
            _ => text.push(c),
        }
    }
    Source::new(format!("specs/{id}.yaml"), text)
}

/// Whether `check` accepts it, and if not, why.
fn refusal(spec: &Value) -> Option<String> {
    Specs::check(vec![source("base", spec.clone())]).err().map(|error| error.to_string())
}

fn is_accepted(spec: &Value) -> bool {
    refusal(spec).is_none()
}

/// The places in which a text may stand, all of them at once.
fn places() -> &'static [Place] {
    static PLACES: OnceLock<Vec<Place>> = OnceLock::new();
    PLACES.get_or_init(|| {
        let mut specs = bases();
        let mut places: Vec<Place> = Vec::new();
        for place in walked().0 {
            let shapes = Shape::ALL.map(|shape| Place { shape, ..place.clone() });
            let fits = |place: &&Place| {
                let mut spec = specs[place.base].clone();
                place.put(&mut spec, "One `<b>` two.\n\n    #three | \u{202e}four\\");
                is_accepted(&spec).then(|| specs[place.base] = spec).is_some()
            };
            let found = shapes.iter().find(fits).cloned();
            places.extend(found);
        }
        places
    })
}

/// The base with a text in every place that takes it, and those places.
fn filled(base: usize, id: &str, text: impl Fn(usize) -> &'static str) -> (Source, Vec<usize>) {
    let (mut spec, mut taken) = (bases()[base].clone(), Vec::new());
    let here = (0..places().len()).filter(|index| places()[*index].base == base);
    fill(&mut spec, &here.collect::<Vec<_>>(), &text, &mut taken);
    (source(id, spec), taken)
}

/// Puts a text into these places: into all at once, or into the halves of them. Not every text is one everywhere: there are empty
/// names and references to what is not there.
fn fill(
    spec: &mut Value,
    here: &[usize],
    text: &impl Fn(usize) -> &'static str,
    taken: &mut Vec<usize>,
) {
    let mut tried = spec.clone();
    here.iter().for_each(|index| places()[*index].put(&mut tried, text(*index)));
    if is_accepted(&tried) {
        *spec = tried;
        taken.extend(here);
    } else if here.len() > 1 {
        let (first, second) = here.split_at(here.len() / 2);
        fill(spec, first, text, taken);
        fill(spec, second, text, taken);
    }
}

/// The base with a text that does no harm in some places.
fn harmless(base: usize, id: &str, taken: &[usize]) -> Source {
    let mut spec = bases()[base].clone();
    for index in taken {
        // A list may hold nothing twice.
        let texts = ["harmless".to_owned(), format!("harmless{index}")];
        let written = texts.iter().map(|text| {
            let mut spec = spec.clone();
            places()[*index].put(&mut spec, text);
            spec
        });
        spec =
            written.into_iter().find(is_accepted).expect("what takes a hostile text takes another");
    }
    source(id, spec)
}

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
        write(path, text);
    }
    let ids = plan.keys().filter_map(|path| path.strip_prefix("docs/")?.strip_suffix(".md"));
    let features: Map<String, Value> = ids.map(|id| (id.to_owned(), json!([]))).collect();
    let all = Value::from(features.keys().cloned().collect::<Vec<_>>());
    let features: String = features.keys().map(|id| format!("{id} = []\n")).collect();
    write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"hostile-texts\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[features]\ndefault = {all}\n{features}\n\
         [dependencies]\nrekindle-runtime = {{ path = {:?} }}\n\n[workspace]\n",
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
