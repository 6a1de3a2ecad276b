//! What a check costs is linear in every list of a spec, and in the number of specs.
//!
//! Counted in bytes that are allocated, which are the same on every machine: twice as long a list may take about twice as many.

use rekindle_contract::{Source, check, render};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The top of a spec that the profile fills in.
const TOP: &str = "rekindle: 1\nprovider: { id: acme, name: Acme }\nprofile: rfc6749\n";
const HOST: &str = "environments: { production: https://a.example }\n";
const REQUEST: &str = "refresh: { request: POST /t, auth: none }\n";
/// An example that is right, but for its id.
const EXAMPLE: &str = "given: { refresh_token: old }, response: { status: 200, json: { access_token: new, token_type: Bearer, \
                       expires_in: 3600 } }, expect: { access_token: new }";

/// `line` so often, with `#` for the number of the line.
fn lines(count: usize, line: &str) -> String {
    (0..count).map(|index| line.replace('#', &index.to_string()) + "\n").collect()
}

/// A list in brackets.
fn list(count: usize, item: &str) -> String {
    format!("[{}]", lines(count, item).trim_end().replace('\n', ", "))
}

/// Specs with a list of so many items, by what the list is; sound ones and broken ones.
fn specs(count: usize) -> Vec<(&'static str, String)> {
    let plain = format!("{TOP}{HOST}{REQUEST}");
    let parameters = format!("{TOP}{HOST}client:\n{}", lines(count, "  p#: {}"));
    let used = "refresh:\n  request: POST /t\n  auth: none\n  headers:\n".to_owned()
        + &lines(count, "    x-#: \"${client.p#}\"");
    let hosts = lines(count, "  e#: https://a#.example");
    let rule = |line: &str| format!("{plain}errors:\n{}", lines(count, line));
    let examples = |line: &str| format!("{plain}examples:\n{}", lines(count, line));
    let exchange = format!("  - {{ id: x-#, {EXAMPLE} }}");
    let in_examples = format!("  - {{ id: x-#, {} }}", EXAMPLE.replace("old", "\"${sample.s#}\""));
    vec![
        ("rules", rule("  - { status: 400, field: /e, equals: e#, class: transient }")),
        ("rules that never match", rule("  - { status: 400, field: /e, class: transient }")),
        (
            "rules of one value",
            rule("  - { status: [400, 404], field: /e, equals: [a, e#], class: transient }"),
        ),
        ("rules with bad pointers", rule("  - { status: 500, field: e, class: reauthenticate }")),
        ("rules that are none", rule("  - 5")),
        (
            "values of a rule",
            format!(
                "{plain}errors:\n  - {{ class: transient, field: /e, equals: {} }}\n",
                list(count, "e#")
            ),
        ),
        ("parameters", format!("{parameters}{used}")),
        ("parameters that nothing uses", format!("{parameters}{REQUEST}")),
        ("parameters that are not declared", format!("{TOP}{HOST}{used}")),
        (
            "values of a parameter",
            format!(
                "{TOP}{HOST}client: {{ p: {{ one_of: {} }} }}\nrefresh: {{ request: \"POST /${{client.p}}\", auth: none }}\n",
                list(count, "e#")
            ),
        ),
        ("environments", format!("{TOP}environments:\n{hosts}{REQUEST}")),
        (
            "environments with a host of many",
            format!(
                "{TOP}environments:\n{}client: {{ h: {{ type: host_label, one_of: {} }} }}\n{REQUEST}",
                lines(count, "  e#: \"https://${client.h}.a#.example\""),
                list(count, "v#")
            ),
        ),
        ("examples", examples(&exchange)),
        (
            "examples of no environment",
            format!("{TOP}environments:\n{hosts}{REQUEST}examples:\n{}", lines(count, &exchange)),
        ),
        (
            "examples that lack parameters",
            format!(
                "{parameters}{used}examples:\n{}",
                lines(count, &exchange.replace("{ refresh", "{ client: { q#: a }, refresh"))
            ),
        ),
        ("examples with one id", examples(&exchange.replace("x-#", "x"))),
        (
            "examples with samples",
            format!("{}samples:\n{}", examples(&in_examples), lines(count, "  s#: old#")),
        ),
        (
            "examples with one long sample",
            format!(
                "{}samples: {{ s: {} }}\n",
                examples(&in_examples.replace("s#", "s")),
                "x".repeat(count * 20)
            ),
        ),
        ("sequences", examples("  - { id: s#, steps: [{ refresh: tokens }, { wait: 1h }] }")),
        (
            "steps",
            format!(
                "{plain}examples:\n  - id: s\n    steps:\n{}",
                lines(count, "      - { refresh: tokens }")
            ),
        ),
        (
            "steps that do nothing",
            format!(
                "{plain}examples:\n  - id: s\n    steps:\n{}",
                lines(count, "      - { token: current }")
            ),
        ),
        (
            "facts",
            format!("{plain}provenance:\n  inferred:\n{}", lines(count, "    client.p#: why")),
        ),
        (
            "facts that are none",
            format!("{plain}provenance:\n  inferred:\n{}", lines(count, "    refresh.x#: why")),
        ),
        ("lints that are none", format!("{plain}allow:\n{}", lines(count, "  lint_#: why"))),
        ("keys that are none", plain.clone() + &lines(count, "k#: why")),
        ("keys that are there twice", format!("{plain}client:\n{}", lines(count, "  k: {}"))),
        ("keys that are no text", format!("{plain}client:\n{}", lines(count, "  #: {}"))),
        ("keys that merge", format!("{plain}client:\n{}", lines(count, "  p#: { <<: a }"))),
        ("control characters", format!("{plain}# {}\n", "\u{1}".repeat(count))),
        ("anchors", format!("{plain}client:\n{}", lines(count, "  p#: &a# x"))),
        (
            "members",
            format!(
                "{TOP}{HOST}refresh:\n  request: POST /t\n  json:\n    refresh_token: \"${{refresh_token}}\"\n{}",
                lines(count, "    a#: b")
            ),
        ),
        (
            "a query",
            format!(
                "{TOP}{HOST}refresh:\n  request: \"POST /t?a=b{}\"\n",
                lines(count, "&a#=b").replace('\n', "")
            ),
        ),
        (
            "a query of one name",
            format!("{TOP}{HOST}refresh:\n  request: \"POST /t?a=b{}\"\n", "&a=b".repeat(count)),
        ),
    ]
}

/// How many bytes a check takes, and what is said about it.
fn cost(sources: &[Source]) -> usize {
    let region = Region::new(ALLOCATOR);
    let checked = check(sources);
    render::json(&checked.diagnostics);
    render::sarif(&checked.diagnostics);
    render::workflow_commands(&checked.diagnostics);
    region.change().bytes_allocated
}

#[test]
fn every_list_is_checked_in_linear_time() {
    const COUNT: usize = 200;
    // What is made once a process does not count.
    cost(&[Source::new("acme.yaml", format!("{TOP}{HOST}{REQUEST}unknown: 1\n"))]);
    let mut failures = Vec::new();
    let mut compare = |what: &str, short: Vec<Source>, long: Vec<Source>| {
        let (short, long) = (cost(&short), cost(&long));
        if long * 10 > short * 26 {
            failures.push(format!("{what}: {short} bytes, and twice as many items take {long}"));
        }
    };
    for ((what, short), (_, long)) in specs(COUNT).into_iter().zip(specs(2 * COUNT)) {
        compare(what, vec![Source::new("acme.yaml", short)], vec![Source::new("acme.yaml", long)]);
    }
    let several = |count: usize, same: bool| {
        let spec = |index: usize| {
            let id = if same { "acme".to_owned() } else { format!("acme{index}") };
            Source::new(
                format!("{id}_{index}.yaml"),
                format!("{TOP}{HOST}{REQUEST}").replace("acme", &id),
            )
        };
        (0..count).map(spec).collect()
    };
    compare("specs", several(50, false), several(100, false));
    compare("specs of one name", several(50, true), several(100, true));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
