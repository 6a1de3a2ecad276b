use super::*;
use crate::format;
use rekindle_contract::Source;

/// Contracts that together, and with [`LOCAL`], reach every check.
const SAMPLES: [(&str, &str); 13] = [
    ("fallback.yaml", include_str!("samples/fallback.yaml")),
    ("forms.yaml", include_str!("samples/forms.yaml")),
    ("head.yaml", include_str!("samples/head.yaml")),
    ("keys.yaml", include_str!("samples/keys.yaml")),
    ("kept.yaml", include_str!("samples/kept.yaml")),
    ("late.yaml", include_str!("samples/late.yaml")),
    ("moving.yaml", include_str!("samples/moving.yaml")),
    ("plain.yaml", include_str!("samples/plain.yaml")),
    ("signed.yaml", include_str!("samples/signed.yaml")),
    ("steps.yaml", include_str!("samples/steps.yaml")),
    ("tenants.yaml", include_str!("samples/tenants.yaml")),
    ("text.yaml", include_str!("samples/text.yaml")),
    ("xml.yaml", include_str!("samples/xml.yaml")),
];

/// One that asks no provider, and so has neither sequences nor sockets.
const LOCAL: (&str, &str) = ("local.yaml", include_str!("samples/local.yaml"));

fn contracts() -> Vec<Contract> {
    understood(&SAMPLES)
}

fn understood(samples: &[(&str, &str)]) -> Vec<Contract> {
    let sources: Vec<_> = samples.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    let checked = rekindle_contract::check(&sources);
    assert_eq!(checked.contracts.len(), samples.len(), "{:#?}", checked.diagnostics);
    checked.contracts
}

fn source_of(contract: &Contract, style: &Style) -> String {
    let rendered =
        source(contract, Templates::embedded(), style).expect("the templates can be rendered");
    format::format(&rendered).unwrap_or_else(|error| panic!("{}: {error:?}", contract.provider.id))
}

/// The names in the call of a macro.
fn listed(source: &str, call: &str) -> BTreeSet<String> {
    let (_, rest) = source.split_once(call).unwrap_or_else(|| panic!("no {call}"));
    let (list, _) = rest.split_once(");").expect("the call ends");
    let (_, names) = list.split_once(';').expect("the names come last");
    names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_check_is_reached_and_has_a_page() {
    let mut reached = BTreeSet::new();
    for contract in contracts().into_iter().chain(understood(&[LOCAL])) {
        let source = source_of(&contract, &committed());
        reached.extend(listed(&source, "\nchecks!("));
        if contract.minting().is_some() {
            reached.extend(listed(&source, "mint_checks!("));
        }
    }
    let all: BTreeSet<String> = derive::CHECKS.iter().map(derive::Check::test).collect();
    assert_eq!(reached, all, "the samples do not reach every check");
    // Examples, sequences and faults share a page each.
    let ids = derive::CHECKS.iter().map(|check| check.id).chain(["example", "fault", "sequence"]);
    let pages: BTreeSet<&str> = PAGES.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.collect::<BTreeSet<_>>(), pages);
}

#[test]
fn every_sequence_is_listed() {
    for contract in contracts() {
        let listed = listed(&source_of(&contract, &committed()), "sequences!(");
        let implied = derive::sequences(&contract);
        assert_eq!(listed.len(), contract.sequences.len() + implied.len());
        assert!(listed.contains("sequence_two_refreshes") && listed.contains("fault_reset_after"));
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

fn committed() -> Style {
    Style::of_package("rekindle_clients")
}

#[test]
fn a_provider_is_named_by_one_line_and_sockets_are_optional() {
    for mut contract in contracts() {
        // Names that mean something to the tests themselves.
        for id in ["kit", "conformance", "rekindle_testkit", "client"] {
            contract.provider.id = id.to_owned();
            let committed = source_of(&contract, &committed());
            assert_eq!(committed.matches("rekindle_clients").count(), 1);
            assert!(committed.contains(&format!("\nuse rekindle_clients::{id} as client;\n")));
            assert!(committed.contains("socket_ureq") && committed.contains("everywhere;"));
            let inside = source_of(&contract, &Style::new(&["crate"], false));
            assert!(inside.contains(&format!("\nuse crate::{id} as client;\n")));
            assert!(!inside.contains("socket") && inside.contains("in_memory;"));
        }
    }
}

#[test]
fn the_same_contract_gives_the_same_text() {
    for (first, second) in contracts().iter().zip(contracts().iter()) {
        assert_eq!(source_of(first, &committed()), source_of(second, &committed()));
    }
}
