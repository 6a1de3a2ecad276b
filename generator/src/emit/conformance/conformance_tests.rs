use super::*;
use crate::format;
use rekindle_contract::Source;

/// Contracts that together reach every check.
const SAMPLES: [(&str, &str); 6] = [
    ("forms.yaml", include_str!("samples/forms.yaml")),
    ("keys.yaml", include_str!("samples/keys.yaml")),
    ("late.yaml", include_str!("samples/late.yaml")),
    ("plain.yaml", include_str!("samples/plain.yaml")),
    ("tenants.yaml", include_str!("samples/tenants.yaml")),
    ("text.yaml", include_str!("samples/text.yaml")),
];

fn contracts() -> Vec<Contract> {
    let sources = SAMPLES.map(|(name, text)| Source { name: name.to_owned(), text: text.into() });
    let checked = rekindle_contract::check(&sources);
    assert_eq!(checked.contracts.len(), SAMPLES.len(), "{:#?}", checked.diagnostics);
    checked.contracts
}

fn source_of(contract: &Contract, style: &Style) -> String {
    let rendered =
        source(contract, Templates::embedded(), style).expect("the templates can be rendered");
    format::format(&rendered).unwrap_or_else(|error| panic!("{}: {error:?}", contract.provider.id))
}

/// The names of the tests in a file.
fn tests_in(source: &str) -> BTreeSet<String> {
    source
        .split("#[test]")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("fn ")?.1.split_once('(')?.0.to_owned()))
        .collect()
}

/// The page of a test. Tests that come of a list share one.
fn page_of(name: &str) -> String {
    let shared = ["example", "sequence", "fault"];
    let page = shared.into_iter().find(|page| name.starts_with(&format!("{page}_")));
    page.map_or_else(|| name.replace('_', "-"), str::to_owned)
}

#[test]
fn every_test_has_a_page_and_every_page_a_test() {
    let mut emitted = BTreeSet::new();
    for contract in contracts() {
        emitted.extend(tests_in(&source_of(&contract, &Style::default())));
    }
    let ids: BTreeSet<String> = emitted.iter().map(|name| page_of(name)).collect();
    let pages: BTreeSet<String> = PAGES.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(ids, pages);
}

#[test]
fn every_test_names_its_page() {
    for contract in contracts() {
        let source = source_of(&contract, &Style::default());
        for name in tests_in(&source) {
            let id = page_of(&name);
            assert!(source.contains(&format!("/// `rekindle explain {id}`")), "{name}");
        }
    }
}

#[test]
fn pages_are_sorted_and_begin_with_their_id() {
    assert!(PAGES.is_sorted_by(|(a, _), (b, _)| a < b));
    for (id, page) in PAGES {
        assert!(page.starts_with(&format!("# {id}\n\n**What is checked.** ")), "{id}");
        assert!(page.contains("\n\n**Why.** ") && page.contains("\n\n**When it fails.** "), "{id}");
    }
}

#[test]
fn the_client_is_imported_by_one_line_and_sockets_are_optional() {
    for contract in contracts() {
        let id = &contract.provider.id;
        let committed = source_of(&contract, &Style::default());
        assert_eq!(committed.matches("rekindle_clients").count(), 1);
        assert!(committed.contains(&format!("\nuse rekindle_clients::{id};\n")));
        let inside = source_of(&contract, &Style::new(&["super"], false));
        assert!(inside.contains(&format!("\nuse super::{id};\n")));
        assert!(!inside.contains("Server") && !inside.contains("Transport::"));
    }
}

#[test]
fn the_same_contract_gives_the_same_text() {
    for (first, second) in contracts().iter().zip(contracts().iter()) {
        assert_eq!(source_of(first, &Style::default()), source_of(second, &Style::default()));
    }
}
