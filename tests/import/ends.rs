//! How an answer tells when a token ends: by a number, by a text with a unit, by a placeholder, or in a way that only the page explains.

use super::places::holds as holds_all;
use rekindle::import::{Settings, curl};

const REFRESH: &str =
    "curl https://a.example/t -u i:s -d grant_type=refresh_token -d refresh_token=x";
const NAMES: &[&str] = &["expires_in", "expiresIn", "expire_in", "access_token_expires_in", "ttl"];

fn imported(name: &str, value: &str) -> String {
    let answer = Some(format!("{{\"access_token\":\"A\",\"{name}\":{value}}}"));
    let text = curl(REFRESH, &Settings { answer, ..Settings::default() }).unwrap().text;
    holds_all(value, &text);
    text.replace("\n#  ", "")
}

/// What an answer shows stays in the example, and is read in the way in which the language reads it.
#[test]
fn an_end_is_read_as_it_is_written() {
    for name in NAMES {
        for (value, end) in [
            ("\"15m\"", "08:15:00"),
            ("\"1h\"", "09:00:00"),
            ("\"3600s\"", "09:00:00"),
            ("\"PT1H\"", "09:00:00"),
            ("\"00:30:00\"", "08:30:00"),
            ("\"2 hours\"", "10:00:00"),
            ("\"1500ms\"", "08:00:01.5"),
        ] {
            let text = imported(name, value);
            assert!(text.contains(&format!("expires: {{ duration: /{name} }}")), "{value}\n{text}");
            assert!(
                text.contains(&format!("access_expires: 2026-11-28T{end}Z")),
                "{value}\n{text}"
            );
            let bare = value.trim_matches('"');
            let shown = [value, bare].map(|value| format!("{name}: {value}"));
            assert!(shown.iter().any(|shown| text.contains(shown)), "{value}\n{text}");
            assert!(!text.contains("assumed") && !text.contains("3600 "), "{value}\n{text}");
        }
        for value in ["60", "\"60\""] {
            let text = imported(name, value);
            assert!(text.contains(&format!("expires: {{ seconds: /{name} }}")), "{value}\n{text}");
            assert!(text.contains(&format!("{name}: {value}")), "{value}\n{text}");
        }
        let text = imported(name, "\"2024-10-29T18:47:44Z\"");
        assert!(text.contains(&format!("expires: {{ rfc3339: /{name} }}")), "{text}");
    }
}

/// What says no unit that the language reads is still to be filled in, and is shown.
#[test]
fn an_end_that_is_not_read_is_not_made_up() {
    for name in NAMES {
        for word in ["never", "1 month", "NEVER", "unlimited", "soon", "1.5"] {
            let text = imported(name, &format!("\"{word}\""));
            assert!(text.contains("expires: TODO"), "{word}\n{text}");
            assert!(text.contains(&format!("# perhaps: /{name} ({word})")), "{word}\n{text}");
            assert!(!text.contains("3600") && !text.contains("access_expires"), "{word}\n{text}");
        }
        for other in
            ["4eC39HqLyjWDarjtT1zdp7dc", "P1M", "0s", "in 15 minutes, or when it is revoked"]
        {
            let text = imported(name, &format!("\"{other}\""));
            assert!(text.contains(&format!("# perhaps: /{name} (a text)")), "{text}");
            assert!(text.contains("expires: TODO") && !text.contains(other), "{text}");
        }
    }
}

/// A member that seems to tell an end is named once: as perhaps the end of its token, or as an output where that is known.
#[test]
fn what_may_be_an_end_is_named_once() {
    for value in ["\"never\"", "900000000", "\"900000000\"", "-1", "0.5", "\"a b 12345678 c\""] {
        for (name, known, is_open) in [
            ("expires", "\"a\":1", true),
            ("expires", "\"expires_in\":60", false),
            ("refresh_lifetime", "\"expires_in\":60", true),
            ("refresh_lifetime", "\"refresh_expires_in\":60", false),
        ] {
            let answer = Some(format!("{{\"access_token\":\"A\",{known},\"{name}\":{value}}}"));
            let text = curl(REFRESH, &Settings { answer, ..Settings::default() }).unwrap().text;
            holds_all(value, &text);
            let text = text.replace("\n#  ", "");
            assert_eq!(text.contains(&format!("# perhaps: /{name} (")), is_open, "{value}\n{text}");
            let is_output = [format!("`{name}: "), format!("field: /{name},")];
            let is_output = is_output.iter().any(|words| text.contains(words));
            assert_eq!(is_output, !is_open, "{value}\n{text}");
        }
    }
}

/// A placeholder is replaced, and a comment says so.
#[test]
fn a_placeholder_for_an_end_is_assumed_to_count_seconds() {
    for name in NAMES {
        for place in
            ["<seconds>", "EXPIRES_IN", "{{x}}", "...", "$TTL", "UNIX EPOCH SECONDS", "integer"]
        {
            let text = imported(name, &format!("\"{place}\""));
            let told = format!(
                "# A placeholder stands for the lifetime at `/{name}`; assumed: it is a number of seconds."
            );
            assert!(text.contains(&told), "{place}\n{text}");
            assert!(text.contains(&format!("seconds: /{name} }}")), "{place}\n{text}");
            assert!(text.contains(&format!("{name}: 3600")), "{place}\n{text}");
        }
    }
}
