//! README.md and the book say what is so: their specs, commands and links are held against the repository. Their Rust is compiled as
//! documentation of the library, or built and run by `tests/tutorial.rs`.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use rekindle_contract::{Source, check};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The pages of the book, by their paths in the repository.
fn book() -> Vec<String> {
    let mut pages = Vec::new();
    let mut folders = vec![PathBuf::from("docs/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(Path::new(ROOT).join(&folder)).expect("a folder") {
            let path = folder.join(entry.expect("an entry").file_name());
            match Path::new(ROOT).join(&path).is_dir() {
                true => folders.push(path),
                false => pages.push(path.to_string_lossy().replace('\\', "/")),
            }
        }
    }
    pages.retain(|page| page.ends_with(".md"));
    pages.sort();
    pages
}

/// README.md and the pages of the book that people wrote.
fn written() -> Vec<String> {
    let generated = ["language", "commands", "diagnostics"];
    let generated = generated.map(|name| format!("docs/src/reference/{name}.md"));
    let pages = book().into_iter().filter(|page| !generated.contains(page));
    std::iter::once("README.md".to_owned()).chain(pages).collect()
}

/// What a document consists of.
#[derive(Default)]
struct Document {
    /// Blocks of code: the language, and what is in it.
    blocks: Vec<(String, String)>,
    links: Vec<String>,
    anchors: BTreeSet<String>,
}

impl Document {
    fn read(path: &str) -> Self {
        let text = read(path);
        let mut document = Self::default();
        let (mut heading, mut block) = (None::<String>, None::<(String, String)>);
        for event in Parser::new_ext(&text, pulldown_cmark::Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let language = match kind {
                        CodeBlockKind::Fenced(language) => language.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    block = Some((language, String::new()));
                }
                Event::End(TagEnd::CodeBlock) => document.blocks.extend(block.take()),
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    document.anchor(&heading.take().unwrap_or_default())
                }
                Event::Start(Tag::Link { dest_url, .. }) => {
                    document.links.push(dest_url.to_string())
                }
                Event::Text(part) | Event::Code(part) => {
                    if let Some((_, code)) = &mut block {
                        code.push_str(&part);
                    } else if let Some(heading) = &mut heading {
                        heading.push_str(&part);
                    }
                }
                _ => {}
            }
        }
        document
    }

    /// The anchor of a heading, as mdBook and GitHub make it.
    fn anchor(&mut self, heading: &str) {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-'));
        let plain: String = kept.collect::<String>().to_lowercase().replace(' ', "-");
        let numbered = (1..).map(|number| format!("{plain}-{number}"));
        let mut names = std::iter::once(plain.clone()).chain(numbered);
        let free = names.find(|name| !self.anchors.contains(name));
        self.anchors.extend(free);
    }

    fn blocks(&self, language: &str) -> impl Iterator<Item = &str> {
        let same = move |block: &&(String, String)| block.0.split(',').next() == Some(language);
        self.blocks.iter().filter(same).map(|(_, code)| code.as_str())
    }
}

#[test]
fn the_readme_is_short() {
    let lines = read("README.md").lines().count();
    assert!(lines <= 150, "README.md has {lines} lines: the book has room");
}

#[test]
fn the_two_commands_are_what_ci_runs() {
    let readme = Document::read("README.md");
    let both = "cargo run -- generate\ncargo test --workspace\n";
    assert!(readme.blocks("console").any(|block| block == both));
    let ci = read(".ci/run");
    assert!(
        ci.contains(" cargo test --workspace --no-fail-fast\n")
            && ci.contains(" cargo run -- generate --check\n")
    );
}

#[test]
fn the_readme_shows_what_the_tutorial_builds() {
    let (readme, tutorial) = (Document::read("README.md"), Document::read("docs/src/tutorial.md"));
    for language in ["yaml", "rust"] {
        let block = readme.blocks(language).next().expect("a block");
        assert!(tutorial.blocks(language).any(|one| one == block), "not the tutorial's: {block}");
    }
}

#[test]
fn whole_specs_are_proven_ones() {
    let documents: Vec<Document> = written().iter().map(|page| Document::read(page)).collect();
    let specs: Vec<&str> = documents.iter().flat_map(|document| document.blocks("yaml")).collect();
    for name in ["atlassian", "machine", "plain"] {
        // A first line may tell an editor where the schema is, which depends on the folder.
        let proven = read(&format!("tests/language/specs/{name}.yaml"));
        let proven = proven.replacen("=../../../specs/schema/", "=schema/", 1);
        assert!(
            specs.contains(&proven.as_str()),
            "the book and {name}.yaml of tests/language differ"
        );
    }
}

/// A block that is no whole spec is one that says what differs from a plain one.
#[test]
fn every_spec_passes_check() {
    let plain = Source::new("specs/plain.yaml", read("tests/language/specs/plain.yaml"));
    let google = Source::new("specs/google.yaml", read("specs/google.yaml"));
    let mut checked = 0;
    for page in written() {
        for block in Document::read(&page).blocks("yaml") {
            let (text, other) = match block.contains("rekindle: 1") {
                true if block.contains("like: ") => (block.to_owned(), Some(&google)),
                true => (block.to_owned(), None),
                false => {
                    let rest = format!("like: plain\nprovider: {{ name: Part }}\n{block}");
                    (format!("rekindle: 1\n{rest}"), Some(&plain))
                }
            };
            let shown = Source::new("specs/shown.yaml", text);
            let sources: Vec<Source> = other.cloned().into_iter().chain([shown]).collect();
            let found = check(&sources);
            let said = rekindle_contract::render::human(&found.diagnostics, &sources, false);
            assert!(!found.has_errors(), "{page}:\n{block}\n{said}");
            checked += 1;
        }
    }
    assert!(checked > 15, "{checked}");
}

#[test]
fn the_reference_has_every_key_and_word_of_the_language() {
    let reference = read("docs/src/reference/language.md");
    let schema: Value = serde_json::from_str(rekindle_contract::schema()).expect("JSON");
    let definitions = schema["$defs"].as_object().into_iter().flat_map(|all| all.values());
    let mut missing = Vec::new();
    for definition in std::iter::once(&schema).chain(definitions) {
        let keys = definition["properties"].as_object().into_iter().flat_map(|keys| keys.keys());
        missing.extend(keys.filter(|key| {
            let heading = format!("{key}`\n");
            !["## `", "."].iter().any(|before| reference.contains(&format!("{before}{heading}")))
        }));
        let words = definition["oneOf"].as_array().into_iter().flatten();
        let words = words.filter_map(|word| word["const"].as_str().map(|name| (name, word)));
        for (name, word) in words {
            let said = word["description"].as_str().unwrap_or_default().replace("\n\n", " ");
            if said.is_empty() || !reference.contains(&format!("- `{name}`: {said}\n")) {
                panic!("the reference does not say what `{name}` means");
            }
        }
    }
    assert!(missing.is_empty(), "the reference has no heading for {missing:?}");
}

#[test]
fn every_page_with_rust_is_compiled() {
    let library = read("generator/src/lib.rs");
    for page in written()
        .iter()
        .filter(|page| !["README.md", "docs/src/tutorial.md"].contains(&page.as_str()))
    {
        let blocks = Document::read(page).blocks;
        let compiles =
            |language: &str| language.starts_with("rust") && !language.contains("ignore");
        let has_rust = blocks.iter().any(|(language, _)| compiles(language));
        let compiled = library.contains(&format!("include_str!(\"../../{page}\")"));
        assert_eq!(
            has_rust, compiled,
            "{page} has Rust, or is among the pages of generator/src/lib.rs"
        );
    }
}

/// rustdoc would take a block without a language for Rust, and readers do not know what it is.
#[test]
fn every_block_has_a_language() {
    for page in written() {
        let known = ["console", "json", "rust", "text", "toml", "yaml"];
        for (language, block) in Document::read(&page).blocks {
            let language = language.split(',').next().unwrap_or_default();
            assert!(known.contains(&language), "{page}: {language:?} of\n{block}");
        }
    }
}

#[test]
fn every_page_is_in_the_summary() {
    let listed = Document::read("docs/src/SUMMARY.md").links;
    let listed: BTreeSet<String> = listed.iter().map(|link| format!("docs/src/{link}")).collect();
    let pages = book().into_iter().filter(|page| page != "docs/src/SUMMARY.md").collect();
    assert_eq!(listed, pages, "docs/src/SUMMARY.md lists every page");
}

/// A link leads to a file that is there, and to a heading that it has. Within the book it stays there: a page has no way out but
/// an address.
#[test]
fn every_link_leads_somewhere() {
    let others = [
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "README.md",
        "examples/README.md",
        "templates/README.md",
    ];
    let files = others.iter().map(|file| (*file).to_owned()).chain(book());
    let mut known: BTreeMap<String, Document> = BTreeMap::new();
    for file in files {
        let document = Document::read(&file);
        for link in document.links.iter().filter(|link| !link.starts_with("https://")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => file.clone(),
                path => join(&file, path),
            };
            assert!(
                Path::new(ROOT).join(&target).exists(),
                "{file} links to {link}, which is not there"
            );
            let inside = |path: &str| path.starts_with("docs/src/");
            assert!(
                !inside(&file) || inside(&target),
                "{file} links to {link}, which is not in the book"
            );
            if !anchor.is_empty() {
                let target = known.entry(target.clone()).or_insert_with(|| Document::read(&target));
                assert!(target.anchors.contains(anchor), "{file} links to {link}: no such heading");
            }
        }
    }
}

/// The path of a link in a file, from the root of the repository.
fn join(file: &str, link: &str) -> String {
    let mut path = PathBuf::new();
    for part in Path::new(file).parent().expect("a folder").join(link).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{file} links to {link}"),
            part => path.push(part),
        }
    }
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(all(feature = "serve", feature = "test"))]
mod command {
    use super::{Document, ROOT, read, written};
    use clap::{Arg, Command};
    use std::fmt::Write;
    use std::path::Path;

    /// A line of a document that runs the command makes sense to it.
    #[test]
    fn every_line_that_runs_the_command_is_understood() {
        let mut lines = 0;
        let others = ["CONTRIBUTING.md", "examples/README.md"].map(str::to_owned);
        for page in written().into_iter().chain(others) {
            for line in Document::read(&page).blocks("console").flat_map(str::lines) {
                let line = line.trim_start_matches("$ ").split('#').next().unwrap_or_default();
                let run =
                    line.strip_prefix("cargo run -- ").or_else(|| line.strip_prefix("rekindle "));
                let Some(run) = run else { continue };
                let words = std::iter::once("rekindle").chain(run.split_whitespace());
                if let Err(error) = rekindle::cli::command().try_get_matches_from(words) {
                    panic!("{page}: {line}\n{error}");
                }
                lines += 1;
            }
        }
        assert!(lines > 8, "{lines}");
    }

    #[test]
    fn the_reference_of_the_command_is_fresh() {
        let page = reference(rekindle::cli::command());
        let path = Path::new(ROOT).join("docs/src/reference/commands.md");
        if std::env::var_os("REKINDLE_UPDATE").is_some() {
            std::fs::write(path, &page).expect("a page that can be written");
        }
        let advice = "the command changed: run this test once with REKINDLE_UPDATE=1";
        assert!(read("docs/src/reference/commands.md") == page, "{advice}");
    }

    /// The reference of the command as Markdown.
    fn reference(command: Command) -> String {
        let mut command = command.term_width(100);
        command.build();
        let mut page = format!(
            "<!-- Made from the command's own definitions. Do not edit: change generator/src/cli/args.rs, and run\n\
             `REKINDLE_UPDATE=1 cargo test -p rekindle --test documents`. -->\n\n# The command\n\n{}\n\n",
            sentence(command.get_about().expect("what it is"))
        );
        let after = command.get_after_help().expect("examples").to_string();
        writeln!(page, "```text\n{}\n```\n\nEach part of the command takes these:", after.trim())
            .expect("text");
        arguments(&mut page, command.get_arguments().collect());
        for part in command.get_subcommands_mut().filter(|part| part.get_name() != "help") {
            let name = format!("rekindle {}", part.get_name());
            let usage = part.render_usage().to_string();
            let usage = usage.trim_start_matches("Usage: ");
            let about = part.get_long_about().or(part.get_about()).expect("what it does");
            let about = sentence(about);
            writeln!(page, "\n## `{name}`\n\n{about}\n\n```text\n{usage}\n```").expect("text");
            arguments(
                &mut page,
                part.get_arguments().filter(|argument| !argument.is_global_set()).collect(),
            );
        }
        page
    }

    /// A text of the command, which leaves out the last full stop of a line.
    fn sentence(text: impl std::fmt::Display) -> String {
        format!("{}.", text.to_string().trim().trim_end_matches('.'))
    }

    /// A table of arguments.
    fn arguments(page: &mut String, all: Vec<&Arg>) {
        let all: Vec<&Arg> = all
            .into_iter()
            .filter(|one| !["help", "version"].contains(&one.get_id().as_str()))
            .collect();
        if all.is_empty() {
            return;
        }
        page.push_str("\n| argument | means | unless said |\n|---|---|---|\n");
        for argument in all {
            let value = argument
                .get_value_names()
                .and_then(<[_]>::first)
                .filter(|_| argument.get_action().takes_values());
            let name = match (argument.get_long(), value) {
                (Some(long), Some(value)) => format!("--{long} {value}"),
                (Some(long), None) => format!("--{long}"),
                (None, value) => value.expect("a name").to_string(),
            };
            let short = argument.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
            let name = short + &name;
            let mut means = argument.get_help().expect("what it means").to_string();
            let words: Vec<String> = argument
                .get_possible_values()
                .iter()
                .map(|word| format!("`{}`", word.get_name()))
                .collect();
            if argument.get_action().takes_values() && !words.is_empty() {
                means += &format!(": {}", words.join(", "));
            }
            let default = argument
                .get_default_values()
                .first()
                .filter(|_| argument.get_action().takes_values());
            let default =
                default.map(|value| format!("`{}`", value.to_string_lossy())).unwrap_or_default();
            writeln!(page, "| `{name}` | {} | {default} |", means.replace('|', "\\|"))
                .expect("text");
        }
    }
}
