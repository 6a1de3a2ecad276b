//! What answers hold beside the tokens.

use super::bench::Bench;
use super::subject::At;
use crate::{Document, answer};
use rekindle_contract::contract::{Output, OutputKind};
use rekindle_runtime::{Deviation, Grant, Output as Kept};
use serde_json::Value;

/// Each output is read where it is declared and kept with the tokens. One that is missing or of another type costs no tokens, and is a
/// deviation unless answers may be without it.
pub fn outputs(bench: &Bench<'_>) {
    for (name, output) in &bench.contract.response.outputs {
        let place = output.field.to_string();
        let whole = bench.success();
        let fields = bench.fields.as_ref().expect("the answer has fields");
        let told = output.read(fields, &bench.base_url);
        let told = told.expect("it is of its kind").expect("it is there");
        let (grant, deviations) = kept(bench, whole.clone());
        assert_eq!(deviations, []);
        assert_told(&grant, name, output, told);
        assert_told(&bench.subject.outputs(&grant), name, output, told);
        shows_no_secret(bench, &grant, output, told);
        for absent in
            [whole.without(&place), whole.with(&place, "null"), whole.with(&place, "\"\"")]
        {
            let (grant, deviations) = kept(bench, absent);
            assert!(grant.output(name).is_none(), "{name} is not told");
            match deviations.as_slice() {
                [] => assert!(output.optional, "{name} is missing"),
                [Deviation::OutputMissing(found)] => {
                    assert!(!output.optional && found == name, "{name}: {found} is missing");
                }
                others => panic!("{name} is absent: {others:?}"),
            }
        }
        let others = [Value::from(7), true.into(), "text".into(), Value::Array(Vec::new())];
        for other in
            others.into_iter().filter(|other| bench.can_send_at(&place, &other.to_string()))
        {
            let fits = output.kind.accepts(&other);
            let (grant, deviations) = kept(bench, whole.with(&place, &other.to_string()));
            assert_eq!(grant.output(name).is_some(), fits, "{name}: {other}");
            match deviations.as_slice() {
                [] => assert!(fits, "{name}: {other} is of another type"),
                [Deviation::OutputUnreadable(found)] => assert!(!fits && found == name),
                others => panic!("{name}: {other}: {others:?}"),
            }
        }
        for (address, fits) in addresses(bench, output) {
            let (grant, deviations) = kept(bench, whole.with(&place, &format!("\"{address}\"")));
            let kept = grant.output(name).map(Kept::expose);
            assert_eq!(kept, fits.then_some(address.as_str()), "{name}: {address}");
            match deviations.as_slice() {
                [] => assert!(fits, "{name}: {address} is elsewhere"),
                [Deviation::OutputElsewhere(found)] => assert!(!fits && found == name),
                // It is no web address at all.
                [Deviation::OutputUnreadable(found)] => assert!(!fits && found == name),
                others => panic!("{name}: {address}: {others:?}"),
            }
        }
    }
}

/// Requests go where the last answer has told, where the contract allows that address; else where the client was made. What a store gives back
/// is held against the contract as well (R7).
pub fn next_base_url(bench: &Bench<'_>) {
    let name = bench.contract.base.output.as_deref().expect("answers tell the base URL");
    let told = |address: &str| Grant::new().with_output(name, Kept::new(address));
    let output = &bench.contract.response.outputs[name];
    for (address, fits) in addresses(bench, output) {
        let moved = bench.client().for_grant(&told(&address));
        let Ok(Some(moved)) = moved else {
            let deviation = moved.err();
            assert!(!fits, "{address} is allowed: {deviation:?}");
            assert!(matches!(deviation, Some(Deviation::OutputElsewhere(found)) if found == name));
            continue;
        };
        assert!(fits, "no request goes to {address}");
        bench.assert_goes_to(&*moved, address.trim_end_matches('/'));
    }
    let unmoved = bench.client().for_grant(&Grant::new());
    assert!(matches!(unmoved, Ok(None)), "nothing was told");
    // Plain `http` is for a client that was made there.
    let here = bench.subject.client(At::Loopback("http://127.0.0.1:8080"), &bench.given());
    let here = here.expect("the settings can be used");
    for (address, fits) in [
        ("http://127.0.0.1:8080/eu", true),
        ("http://127.0.0.1:8081", false),
        ("http://localhost:8080", false),
    ] {
        let moved = here.for_grant(&told(address));
        assert_eq!(matches!(moved, Ok(Some(_))), fits, "{address}");
        let elsewhere = bench.client().for_grant(&told(address));
        assert!(elsewhere.is_err(), "{address} is another machine's");
    }
}

/// Addresses that an output may tell, and that it may not; none where nothing bounds it.
fn addresses(bench: &Bench<'_>, output: &Output) -> Vec<(String, bool)> {
    if output.hosts.is_empty() {
        return Vec::new();
    }
    let base = &bench.base_url;
    let mut all = vec![
        format!("{base}/elsewhere"),
        base.replacen("https", "http", 1),
        format!("{base}.evil.example"),
        "https://evil.example".to_owned(),
        "https://user@evil.example".to_owned(),
    ];
    for host in &output.hosts {
        let below = host.replacen('*', "eu", 1);
        let other = host.trim_start_matches("*.");
        all.extend([
            format!("https://{below}"),
            format!("https://{below}/v1/"),
            format!("http://{below}"),
            format!("https://{below}:8443"),
            format!("https://user:password@{below}"),
            format!("https://{below}/?a=b"),
            format!("https://{below}/#a"),
            format!("https://{below}.evil.example"),
            format!("https://{below}x"),
            format!("https://evil-{other}"),
            format!("https://evil.example/{below}"),
            format!("https://evil.example\\\\.{below}"),
            format!("https://{other}"),
        ]);
    }
    let with_verdict = |address: String| {
        let fits = is_bounded(&address, base, &output.hosts);
        (address, fits)
    };
    all.into_iter().map(with_verdict).collect()
}

/// Whether an address is `https`, nothing but a host and a path, and where the base URL is or at one of `hosts`.
fn is_bounded(address: &str, base: &str, hosts: &[String]) -> bool {
    let host = |url: &str| {
        let rest = url.strip_prefix("https://")?;
        let plain = !rest.contains(['@', '?', '#', '\\']);
        plain.then(|| rest.split('/').next().unwrap_or_default().to_ascii_lowercase())
    };
    let Some(here) = host(address) else { return false };
    let at = |listed: &String| match listed.strip_prefix('*') {
        Some(end) => here.ends_with(end),
        None => here == *listed,
    };
    host(base.split('?').next().unwrap_or_default()).is_some_and(|base| base == here)
        || hosts.iter().any(at)
}

/// What is kept of a success with this body: tokens in any case.
#[track_caller]
fn kept(bench: &Bench<'_>, body: Document) -> (Grant, Vec<Deviation>) {
    let kept = bench.exchange().1.finish_kept(answer(bench.status).body(body));
    let (grant, deviations) = kept.expect("the answer brings tokens");
    assert_eq!(grant.access_token().map(|token| token.expose()), Some(bench.new_access.as_str()));
    (grant, deviations)
}

#[track_caller]
fn assert_told(grant: &Grant, name: &str, output: &Output, told: &Value) {
    let kept = grant.output(name).unwrap_or_else(|| panic!("{name} is told"));
    assert_eq!(kept.is_secret(), output.secret, "whether {name} is a secret");
    match (output.kind, told) {
        (OutputKind::Json, told) => {
            assert_eq!(serde_json::from_str::<Value>(kept.expose()).ok().as_ref(), Some(told));
        }
        (_, Value::String(text)) => assert_eq!(kept.expose(), text, "{name}"),
        (_, other) => assert_eq!(kept.expose(), other.to_string(), "{name}"),
    }
}

fn shows_no_secret(bench: &Bench<'_>, grant: &Grant, output: &Output, told: &Value) {
    let Some(text) = told.as_str().filter(|_| output.secret) else { return };
    let tokens = bench.tokens(bench.success());
    let shown = tokens.shown.into_iter().chain([format!("{grant:?}")]);
    shown.for_each(|shown| assert!(!shown.contains(text), "{shown} shows a secret"));
}
