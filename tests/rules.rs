//! The rules of a refresh client, R1 to R46: each is named by a test, or `generator/rules.md` says why not.

use rekindle_contract::contract::Contract;
use rekindle_contract::derive;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const RULES: usize = 46;

/// A row of the table.
struct Row {
    rule: String,
    says: String,
    tests: Vec<String>,
    reason: String,
}

fn table() -> Vec<Row> {
    let page = fs::read_to_string(Path::new(ROOT).join("generator/rules.md")).expect("the table");
    let rows = page.lines().filter(|line| line.starts_with("| R"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [rule, says, tests, reason] = cells.as_slice() else {
            panic!("a row has four cells: {line}")
        };
        Row {
            rule: (*rule).to_owned(),
            says: (*says).to_owned(),
            tests: tests.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
            reason: (*reason).to_owned(),
        }
    };
    rows.map(row).collect()
}

/// Every test by its name, with the comments right above it; several where several packages have one of that name.
fn tests() -> BTreeMap<String, Vec<String>> {
    let folders = [
        "contract/src",
        "contract/tests",
        "generator/src",
        "runtime/src",
        "runtime/tests",
        "testkit/src",
        "testkit/tests",
        "tests",
    ];
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in folders {
        collect(&Path::new(ROOT).join(folder), &mut found);
    }
    // Those of the clients are named by a macro.
    for check in derive::CHECKS {
        found.entry(check.test()).or_default().push(check.rules.join(", "));
    }
    for entry in fs::read_dir(Path::new(ROOT).join("generated/contracts")).expect("a folder") {
        let json = fs::read_to_string(entry.expect("an entry").path()).expect("a text");
        let contract: Contract = serde_json::from_str(&json).expect("a contract");
        for derived in derive::sequences(&contract) {
            found.entry(derived.name()).or_default().push(derived.rules.join(", "));
        }
    }
    found
}

fn collect(path: &Path, found: &mut BTreeMap<String, Vec<String>>) {
    if path.is_dir() {
        if path.file_name().is_some_and(|name| name == "target") {
            return;
        }
        for entry in fs::read_dir(path).expect("a folder") {
            collect(&entry.expect("an entry").path(), found);
        }
        return;
    }
    let name = path.to_string_lossy();
    if !name.ends_with(".rs") && !name.ends_with(".rs.j2") {
        return;
    }
    let text = fs::read_to_string(path).expect("a text");
    let mut comments = String::new();
    for line in text.lines().map(str::trim) {
        let name = line
            .strip_prefix("async ")
            .unwrap_or(line)
            .strip_prefix("fn ")
            .and_then(|rest| rest.split_once("()"))
            .map(|(name, _)| name.to_owned());
        if line.starts_with("//") {
            comments.push_str(line);
            comments.push('\n');
        } else if let Some(name) = name {
            found.entry(name).or_default().push(comments.clone());
            comments.clear();
        } else if !line.starts_with("#[") {
            comments.clear();
        }
    }
}

/// Whether a text names a rule: `R3` is not in `R34`.
fn names(text: &str, rule: &str) -> bool {
    text.match_indices(rule).any(|(at, _)| {
        let after = text[at + rule.len()..].chars().next();
        !after.is_some_and(|c| c.is_ascii_digit())
    })
}

#[test]
fn every_rule_has_a_test_or_a_reason() {
    let tests = tests();
    let table = table();
    let rules: Vec<&str> = table.iter().map(|row| row.rule.as_str()).collect();
    let expected: Vec<String> = (1..=RULES).map(|number| format!("R{number}")).collect();
    assert_eq!(rules, expected);
    for Row { rule, says, tests: named, reason } in &table {
        assert!(!says.is_empty(), "{rule} says nothing");
        assert!(!named.is_empty() || reason.len() > 40, "{rule} has neither a test nor a reason");
        for name in named {
            let comments =
                tests.get(name).unwrap_or_else(|| panic!("{rule}: there is no test `{name}`"));
            assert!(
                comments.iter().any(|comment| names(comment, rule)),
                "{rule}: the test `{name}` does not name it"
            );
        }
    }
}

/// The comment above a check names the rules that the list of checks gives it.
#[test]
fn every_check_says_its_rules() {
    let folder = Path::new(ROOT).join("testkit/src/conformance");
    let files = fs::read_dir(folder).expect("a folder");
    let code: String = files
        .map(|file| fs::read_to_string(file.expect("an entry").path()).expect("a text"))
        .collect();
    for check in derive::CHECKS {
        let (above, _) = code
            .split_once(&format!("\npub fn {}(", check.test()))
            .unwrap_or_else(|| panic!("there is no check {}", check.id));
        let comment: Vec<&str> =
            above.lines().rev().take_while(|line| line.starts_with("///")).collect();
        let comment = comment.concat();
        for rule in check.rules {
            assert!(names(&comment, rule), "{}: the comment does not name {rule}", check.id);
        }
    }
}

#[test]
fn a_rule_is_not_found_in_a_longer_one() {
    assert!(names("(R3, R34)", "R3"));
    assert!(!names("(R34)", "R3"));
}
