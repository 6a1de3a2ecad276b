//! The catalogue of problems is complete, and stays what it was.

use rekindle_contract::diagnostics::{Code, Severity, catalogue, files, meaning, shape};
use rekindle_contract::explain;
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn codes_are_unique_and_sorted() {
    for list in [shape::ALL, meaning::ALL, files::ALL] {
        assert!(list.is_sorted_by(|one, other| one.id < other.id));
    }
    let ids: BTreeSet<&str> = catalogue::all().map(|code| code.id).collect();
    assert_eq!(ids.len(), catalogue::all().count());
    assert!(catalogue::all().is_sorted_by(|one, other| one.id < other.id));
}

#[test]
fn names_are_unique_and_in_snake_case() {
    let names: BTreeSet<&str> = catalogue::all().map(|code| code.name).collect();
    assert_eq!(names.len(), catalogue::all().count());
    let letters = |name: &&str| {
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    assert!(names.iter().all(letters));
}

#[test]
fn ids_look_alike() {
    for code in catalogue::all() {
        let digits = code.id.strip_prefix("RK").unwrap();
        assert!(digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{code:?}");
    }
}

/// What is wrong with a page.
fn fault(code: &Code) -> Option<String> {
    let title = format!("# {}: ", code.id);
    let has = |part: &str| code.page.contains(part);
    match () {
        () if !code.page.starts_with(&title) => {
            Some(format!("{code:?}: the title does not begin with {title:?}"))
        }
        () if has("```yaml") && !(has("Wrong:\n") && has("Right:\n")) => {
            Some(format!("{code:?}: no wrong and right"))
        }
        () if code.page.len() < 200 => Some(format!("{code:?}: the page says little")),
        () if code.page.lines().any(|line| line.chars().count() > 130) => {
            Some(format!("{code:?}: a long line"))
        }
        () => None,
    }
}

#[test]
fn every_page_says_what_is_wrong_and_how_it_is_right() {
    let faults: Vec<String> = catalogue::all().filter_map(fault).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_page_is_left_over() {
    let ids: BTreeSet<&str> = catalogue::all().map(|code| code.id).collect();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("pages")).unwrap() {
        let path = entry.unwrap().path();
        let id = path.file_stem().unwrap().to_str().unwrap();
        assert!(ids.contains(id), "{} explains nothing", path.display());
    }
}

#[test]
fn pages_are_found_by_code_and_by_name() {
    let page = shape::UNKNOWN_KEY.page;
    for way in ["RK0101", "rk0101", " Rk0101\n", "unknown_key", "UNKNOWN_KEY"] {
        assert_eq!(explain(way), Some(page), "{way}");
    }
    for way in ["", "RK", "0101", "RK9999", "unknown key"] {
        assert_eq!(explain(way), None, "{way}");
    }
}

#[test]
fn lints_have_codes_of_their_own() {
    for code in catalogue::all().filter(|code| code.severity == Severity::Lint) {
        assert!(code.id.starts_with("RK05") || code.id.starts_with("RK06"), "{code:?}");
    }
}

/// All pages on one, for the book.
#[test]
fn the_committed_appendix_is_fresh() {
    let mut appendix = String::from(
        "<!-- Made from contract/pages. Do not edit: change those, and run `REKINDLE_UPDATE=1 cargo test -p rekindle-contract`. -->\n\n\
         # Diagnostics\n\n\
         What `rekindle check` says, by its code. `rekindle explain RK0101` prints one of these pages.\n",
    );
    for code in catalogue::all() {
        let fenced = |index: usize| index % 2 == 1;
        let parts = code.page.trim().split("```").enumerate();
        let parts = parts.map(|(index, part)| match fenced(index) {
            true => part.to_owned(),
            false => format!("\n{part}").replace("\n#", "\n##")[1..].to_owned(),
        });
        appendix += &format!("\n{}\n", parts.collect::<Vec<_>>().join("```"));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/reference/diagnostics.md");
    // The packaged crate stands alone, without the book.
    if !path.parent().is_some_and(Path::exists) {
        return;
    }
    if std::env::var_os("REKINDLE_UPDATE").is_some() {
        std::fs::write(&path, &appendix).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(committed == appendix, "pages changed: run the tests once with REKINDLE_UPDATE=1");
}
