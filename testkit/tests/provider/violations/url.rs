//! What is wrong with where a request goes.

use super::{Violation, Wire, is_constant, optional_names};
use rekindle_contract::contract::{ClientAuth, Contract};
use rekindle_testkit::provider::Rule;

pub fn add(contract: &Contract, right: &Wire, all: &mut Vec<Violation>) {
    for origin in ["https://elsewhere.example", "https://localhost:1"] {
        let elsewhere = Wire { origin: origin.to_owned(), ..right.clone() };
        all.push(elsewhere.breaks(Rule::Origin, origin));
    }
    let plain = Wire { origin: right.origin.replacen("https", "http", 1), ..right.clone() };
    all.push(plain.breaks(Rule::Origin, "no https"));
    let method = if right.method == "POST" { "PUT" } else { "POST" };
    let other = Wire { method: method.to_owned(), ..right.clone() };
    all.push(other.breaks(Rule::Method, method));
    // An address without a path is one with the path `/`.
    let is_bare = |path: &String| path == "/" && contract.request.is_at_whole_url();
    for path in [
        format!("{}/x", right.path),
        format!("{}/", right.path),
        format!("/x{}", right.path),
        "/".to_owned(),
    ]
    .into_iter()
    .filter(|path| !is_bare(path))
    {
        let other = Wire { path: path.clone(), ..right.clone() };
        all.push(other.breaks(Rule::Path, path));
    }
    query(contract, right, all);
}

fn query(contract: &Contract, right: &Wire, all: &mut Vec<Violation>) {
    let mut extra = right.clone();
    extra.query.push("undeclared=1".to_owned());
    let rule = match contract.request.is_at_whole_url() {
        true => Rule::Path,
        false => Rule::QueryExtra,
    };
    all.push(extra.breaks(rule, "an undeclared parameter"));
    let mut declared = contract.request.query.clone();
    if let ClientAuth::Query(fields) = &contract.request.auth {
        declared.extend(fields.clone());
    }
    assert_eq!(declared.len(), right.query.len());
    for (position, pair) in right.query.iter().enumerate() {
        let mut missing = right.clone();
        missing.query.remove(position);
        if !optional_names(contract).contains(&declared[position].0) {
            all.push(missing.breaks(Rule::QueryMissing, format!("no {pair}")));
        }
        let mut twice = right.clone();
        twice.query.push(pair.clone());
        all.push(twice.breaks(Rule::QueryTwice, format!("{pair} twice")));
        if is_constant(&declared[position].1) {
            let mut other = right.clone();
            other.query[position].push_str(if pair.contains('=') { "x" } else { "=x" });
            all.push(other.breaks(Rule::QueryValue, format!("another {pair}")));
        }
    }
}
