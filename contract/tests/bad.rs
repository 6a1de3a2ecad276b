//! Broken specs and exactly what is said about each: `bad/NAME.yaml` or the folder `bad/NAME`, and `bad/NAME.stderr`.

mod support;

use rekindle_contract::{Source, check, load, render};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a broken spec may keep anyone waiting, without optimisation.
const PATIENCE: Duration = Duration::from_secs(1);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

/// The sources at `path`, under names that are the same on every machine.
fn sources(path: &Path) -> Vec<Source> {
    let mut sources = load(&[path.to_owned()]).unwrap();
    for source in &mut sources {
        source.name = source.name.rsplit('/').next().unwrap().to_owned();
    }
    sources
}

/// What is said about `sources`.
fn said(sources: &[Source]) -> Result<String, String> {
    let (mut quickest, mut result) = (Duration::MAX, None);
    // A second and a third time only where the machine was busy with something else.
    for _ in 0..3 {
        let start = now();
        let checked = check(sources);
        let said = render::human(&checked.diagnostics, sources, false);
        quickest = quickest.min(start.elapsed());
        result = Some((checked, said));
        if quickest < PATIENCE {
            break;
        }
    }
    let (checked, said) = result.unwrap();
    if quickest > PATIENCE {
        return Err(format!("took {quickest:?}"));
    }
    if checked.diagnostics.is_empty() {
        return Err("nothing is wrong with it".to_owned());
    }
    Ok(said)
}

/// Measuring is what this test is for.
#[allow(clippy::disallowed_methods)]
fn now() -> Instant {
    Instant::now()
}

fn hold(name: &str, sources: &[Source]) -> Result<(), String> {
    let golden = folder().join(format!("{name}.stderr"));
    said(sources)
        .and_then(|said| support::golden(&golden, &said))
        .map_err(|error| format!("{name}: {error}"))
}

#[test]
fn every_broken_spec_is_explained() {
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            failures.extend(hold(name, &sources(&path)).err());
            count += 1;
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(count >= 60, "only {count} broken specs were found");
}

#[test]
fn no_golden_file_is_left_over() {
    let generated = ["binary", "ten_megabytes", "deep_brackets", "deep_list", "one_long_line"];
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "stderr") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let made = path.with_extension("yaml").exists()
                || path.with_extension("").is_dir()
                || generated.contains(&name);
            assert!(made, "nothing makes {}", path.display());
        }
    }
}

fn generated(name: &str, text: impl Into<Vec<u8>>) {
    hold(name, &[Source::new(format!("{name}.yaml"), text)])
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn binary() {
    let noise: Vec<u8> = (0..4096_u32)
        .map(|index| u8::try_from(index.wrapping_mul(2_654_435_761) >> 24).unwrap())
        .collect();
    generated("binary", [b"\x7fELF\x02\x01\x01\0".as_slice(), &noise].concat());
}

#[test]
fn ten_megabytes() {
    generated("ten_megabytes", "# nothing\n".repeat(1024 * 1024));
}

#[test]
fn deep_brackets() {
    generated("deep_brackets", format!("rekindle: {}", "[".repeat(250_000)));
}

#[test]
fn deep_list() {
    generated("deep_list", format!("rekindle:\n  {}x", "- ".repeat(120_000)));
}

#[test]
fn a_hundred_problems_are_enough() {
    let rules = "  - { status: 400 }\n".repeat(2_000);
    let spec = format!(
        "rekindle: 1\nprovider: {{ id: acme, name: Acme }}\nrefresh: {{ request: POST / }}\nerrors:\n{rules}"
    );
    let source = [Source::new("acme.yaml", spec)];
    let said = said(&source).unwrap();
    assert!(said.contains("RK0199]: 1900 more problems in this file are not shown"), "{said}");
    assert!(said.ends_with("101 errors in 1 file\n"), "{said}");
}

#[test]
fn one_long_line() {
    generated(
        "one_long_line",
        format!("rekindle: 1\nprovider: {{ id: acme, name: Acme, nmae: {} }}", "x".repeat(200_000)),
    );
}
