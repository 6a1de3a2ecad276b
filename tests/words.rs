//! The words of the language and those of the runtime are the same, though neither crate knows the other.

use rekindle_contract::contract::{
    Contract, ErrorClass, FactValue, OldAccessToken, Reuse, Rotation, SignIn, Successor,
};
use rekindle_contract::{check, load};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The items of a source file of the runtime.
fn items(file: &str) -> Vec<syn::Item> {
    let text = fs::read_to_string(Path::new(ROOT).join("runtime/src").join(file)).expect("a file");
    syn::parse_file(&text).expect("Rust").items
}

/// The enums of the runtime that a contract has words for, with their variants.
fn enums() -> BTreeMap<String, Vec<String>> {
    let items = items("facts.rs").into_iter().chain(items("error/class.rs"));
    let named = items.filter_map(|item| match item {
        syn::Item::Enum(item) => {
            let variants = item.variants.iter().map(|variant| variant.ident.to_string());
            Some((item.ident.to_string(), variants.collect()))
        }
        _ => None,
    });
    named.collect()
}

#[test]
fn the_runtime_has_the_words_of_the_language() {
    let enums = enums();
    let held = |runtime: &str, words: Vec<&str>| {
        assert_eq!(enums.get(runtime).expect(runtime), &words, "{runtime}");
    };
    held(OldAccessToken::RUNTIME, OldAccessToken::ALL.map(OldAccessToken::variant).to_vec());
    held(Rotation::RUNTIME, Rotation::ALL.map(Rotation::variant).to_vec());
    held(Successor::RUNTIME, Successor::ALL.map(Successor::variant).to_vec());
    held(Reuse::RUNTIME, Reuse::ALL.map(Reuse::variant).to_vec());
    held(ErrorClass::RUNTIME, ErrorClass::ALL.map(ErrorClass::variant).to_vec());
    held(SignIn::RUNTIME, SignIn::ALL.map(SignIn::variant).to_vec());
}

#[test]
fn classes_have_one_name() {
    use rekindle_runtime::{Class, SignIn};
    let classes = [
        Class::Reauthenticate(SignIn::Unspecified),
        Class::ClientMisconfigured,
        Class::ContractViolation,
        Class::RateLimited { after: None },
        Class::Transient,
        Class::InDoubt,
    ];
    assert_eq!(classes.map(|class| class.name()), ErrorClass::ALL.map(ErrorClass::name));
}

/// The contracts of the repository: of real providers, and of every corner of the language.
fn contracts() -> Vec<Contract> {
    let folders = ["specs", "tests/language/specs"].map(|folder| Path::new(ROOT).join(folder));
    let sources = load(&folders).expect("specs");
    let contracts = check(&sources).contracts;
    assert!(contracts.len() > 10, "{}", contracts.len());
    contracts
}

#[test]
fn a_contract_fills_the_facts_of_the_runtime() {
    let facts = items("facts.rs").into_iter().find_map(|item| match item {
        syn::Item::Struct(item) if item.ident == "Facts" => Some(item),
        _ => None,
    });
    let members = facts.expect("the facts").fields.into_iter().filter_map(|field| field.ident);
    let members: Vec<String> = members.map(|name| name.to_string()).collect();
    let enums = enums();
    for contract in contracts() {
        let facts = contract.facts();
        let names: Vec<&str> = facts.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, members, "{}", contract.provider.id);
        facts.iter().for_each(|(_, value)| known(value, &enums));
    }
}

/// Fails where the runtime has no such variant.
#[track_caller]
fn known(value: &FactValue, enums: &BTreeMap<String, Vec<String>>) {
    match value {
        FactValue::Flag(_)
        | FactValue::Duration(_)
        | FactValue::Statuses(_)
        | FactValue::Number(_) => {}
        FactValue::Struct(_, members) => {
            members.iter().for_each(|(_, value)| known(value, enums));
        }
        FactValue::Optional(value) => value.iter().for_each(|value| known(value, enums)),
        FactValue::Variant(of, variant, held) => {
            let variants = enums.get(*of).unwrap_or_else(|| panic!("no enum {of}"));
            assert!(variants.iter().any(|known| known == variant), "{of} has no {variant}");
            held.iter().for_each(|value| known(value, enums));
        }
    }
}
