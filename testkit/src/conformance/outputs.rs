//! What answers hold beside the tokens.

use super::bench::Bench;
use crate::{Document, answer};
use rekindle_contract::contract::{Output, OutputKind};
use rekindle_runtime::{Deviation, Grant};
use serde_json::Value;

/// Each output is read where it is declared and kept with the tokens. One that is missing or of another type costs no tokens, and is a
/// deviation unless answers may be without it.
pub fn outputs(bench: &Bench<'_>) {
    for (name, output) in &bench.contract.response.outputs {
        let place = output.field.to_string();
        let whole = bench.success();
        let told = output.read(bench.fields.as_ref().expect("the answer has fields"));
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
    }
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
