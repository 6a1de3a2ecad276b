//! Wherever a request says what it says, what is written checks but for what is still to be filled in.

use super::{cases, checked, filled_in, said};
use rekindle::import::{Settings, curl};
use std::collections::BTreeSet;

/// Where a field stands: in the query, in a form, in JSON, or nowhere.
const PLACES: &[&str] = &["query", "form", "json", ""];

/// The request with each field in its place.
fn line(fields: &[(&str, &str, &str)], options: &str) -> Option<String> {
    let at = |place: &str| -> Vec<(&str, &str)> {
        let own = fields.iter().filter(|(_, _, own)| *own == place);
        own.map(|(name, value, _)| (*name, *value)).collect()
    };
    let pairs = |place: &str| {
        let pairs = at(place).into_iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("&")
    };
    let (form, json) = (pairs("form"), at("json"));
    // A request has one body.
    if !form.is_empty() && !json.is_empty() {
        return None;
    }
    let mut line =
        format!("curl -X POST 'https://a.example/oauth/token?{}'{options}", pairs("query"));
    if !form.is_empty() {
        line += &format!(" -d '{form}'");
    }
    if !json.is_empty() {
        let members = json.into_iter().map(|(name, value)| format!("\"{name}\": \"{value}\""));
        line += &format!(" --json '{{{}}}'", members.collect::<Vec<_>>().join(", "));
    }
    Some(line)
}

/// Nothing is wrong with a spec but what is still to be filled in, and nothing at all once that is done.
pub(super) fn holds(name: &str, text: &str) {
    let found = checked("a", text).diagnostics;
    let errors = found.iter().filter(|found| found.severity == super::Severity::Error);
    let codes: BTreeSet<&str> = errors.map(|error| error.code.id).collect();
    assert_eq!(codes, BTreeSet::from(["RK0216"]), "{name}\n{}\n{text}", said("a", text));
    let filled = filled_in(text);
    assert!(!checked("a", &filled).has_errors(), "{name}\n{}\n{filled}", said("a", &filled));
}

#[test]
fn what_is_written_checks_wherever_the_fields_stand() {
    let mut seen = 0;
    for grant in ["refresh_token", "client_credentials", "authorization_code"] {
        let token = match grant {
            "refresh_token" => "refresh_token",
            "authorization_code" => "code",
            _ => "scope",
        };
        for places in 0..PLACES.len().pow(4) {
            let place = |at: u32| PLACES[places / PLACES.len().pow(at) % PLACES.len()];
            let fields = [
                ("grant_type", grant, place(0)),
                (token, "read", place(1)),
                ("client_id", "CLIENT_ID", place(2)),
                ("client_secret", "CLIENT_SECRET", place(3)),
            ];
            for options in ["", " -u id:secret"] {
                // Who sends a secret twice gets told so.
                let is_twice = !options.is_empty() && !place(3).is_empty();
                let Some(line) = line(&fields, options).filter(|_| !is_twice) else { continue };
                seen += 1;
                holds(&line, &curl(&line, &Settings::default()).unwrap().text);
            }
        }
    }
    assert!(seen > 500, "{seen}");
}

/// Each line with each answer of the folder, pasted below it.
#[test]
fn what_is_written_checks_whatever_the_answer() {
    let answers: Vec<(String, String)> =
        cases(".json").into_iter().filter(|(name, _)| !name.ends_with(".discovery")).collect();
    for (name, line) in cases(".curl") {
        for (of, answer) in &answers {
            let pasted = format!("{}\n\n{answer}", line.trim_end());
            let text = curl(&pasted, &Settings::default()).unwrap().text;
            let settings = Settings { answer: Some(answer.clone()), ..Settings::default() };
            assert_eq!(text, curl(&line, &settings).unwrap().text, "{name}, {of}");
            holds(&format!("{name}, {of}"), &text);
        }
    }
}
