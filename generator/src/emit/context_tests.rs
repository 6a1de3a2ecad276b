//! The names that templates see are those that `templates/README.md` describes.

use super::{ConformanceStyle, client, conformance, example};
use minijinja::Value;
use rekindle_contract::{Source, check};

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/README.md"));
const SPEC: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/generator/acme.yaml"));

/// The part of the page about one template.
fn section(title: &str) -> &'static str {
    let start = PAGE.find(title).unwrap_or_else(|| panic!("no section {title}"));
    let rest = &PAGE[start + title.len()..];
    &rest[..rest.find("\n### ").unwrap_or(rest.len())]
}

/// Every name in a context, those of nested contexts and of lists of contexts included.
fn names(value: &Value, found: &mut Vec<String>) {
    match value.kind() {
        minijinja::value::ValueKind::Map => {
            for key in value.try_iter().into_iter().flatten() {
                found.push(key.to_string());
                if let Ok(inner) = value.get_item(&key) {
                    names(&inner, found);
                }
            }
        }
        minijinja::value::ValueKind::Seq => {
            value.try_iter().into_iter().flatten().for_each(|item| names(&item, found));
        }
        _ => {}
    }
}

fn assert_described(context: &Value, title: &str) {
    let (section, mut found) = (section(title), Vec::new());
    names(context, &mut found);
    assert!(found.len() > 5, "{title}: the context has names");
    for name in found {
        assert!(
            section.contains(&format!("`{name}`")),
            "`{name}` is not described under `{title}`"
        );
    }
}

#[test]
fn every_name_is_described() {
    let checked = check(&[Source::new("specs/acme.yaml", SPEC)]);
    let contract = checked.contracts.first().expect("the sample is sound");
    assert_described(&client::context(contract, None, Some(contract)), "### `client.rs.j2`");
    let conformance =
        conformance::context(contract, &ConformanceStyle::of_package("rekindle_clients"));
    assert_described(&conformance, "### `conformance.rs.j2`");
    let example =
        example::context(contract, "rekindle-clients").expect("the sample has an exchange");
    assert_described(&example, "### `example.rs.j2`");
}
