//! What may stand in a field that says when a token ends, kind by kind.

use super::made::{START, clock};
use rekindle_contract::contract::Expiry as Declared;

/// A hundred years of 365 days, in seconds: no plausible lifetime is longer.
const LONGEST: u64 = 100 * 365 * 86_400;
/// Ten years, in seconds: a longer lifetime may be one in another unit.
const LONG: u64 = 10 * 365 * 86_400;
const HOUR: u64 = 3600;
const DAY: u64 = 86_400;

/// What no number of any unit looks like.
const NEVER_A_NUMBER: [&str; 8] =
    ["-1", "true", "\"soon\"", "\"NaN\"", "{}", "[]", "1e400", "1e30"];

/// What no date looks like: no text, a word, a day without an hour.
const NEVER_A_DATE: [&str; 7] =
    ["1795251600", "true", "{}", "[]", "\"soon\"", "\"2026-11-21\"", "\"\""];

/// What may stand in a field that says when a token ends.
#[derive(Default)]
pub(super) struct Rows {
    /// What is written, and how many milliseconds after the start of the exchange the token then ends.
    pub(super) accepted: Vec<(String, u64)>,
    /// The same, with an end that is believed and doubted.
    pub(super) far: Vec<(String, u64)>,
    /// What is written for a token that ended a day before the exchange began.
    pub(super) past: Option<String>,
    /// The zeros of this kind.
    pub(super) zero: Vec<String>,
    /// What says nothing that can be right.
    pub(super) refused: Vec<String>,
}

/// The rows of a kind, in answers that hold texts alone or not.
pub(super) fn rows(expires: &Declared, texts: bool) -> Rows {
    match expires {
        Declared::Milliseconds(_) => relative(1000),
        Declared::Duration(_) => text(texts),
        Declared::UnixSeconds(_) => absolute(1),
        Declared::UnixMilliseconds(_) => absolute(1000),
        Declared::Rfc3339(_) => rfc3339(),
        Declared::DateTime { told: _, zone } => date_time(*zone),
        Declared::HttpDate(_) => http_date(),
        _ => relative(1),
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn ending(rows: &[(&str, u64)]) -> Vec<(String, u64)> {
    rows.iter().map(|(text, end)| ((*text).to_owned(), *end)).collect()
}

fn relative(unit: u64) -> Rows {
    let far = |lifetime: u64| ((lifetime * unit).to_string(), lifetime * 1000);
    let mut accepted = writings(HOUR * unit, HOUR * 1000);
    accepted.push(far(LONG));
    if unit == 1 {
        accepted.push(("1.5".to_owned(), 1500));
    }
    // The last two are an instant where a lifetime should be.
    let beyond = [LONGEST * unit + 1, START * unit, START * unit * 1000].map(|it| it.to_string());
    Rows {
        accepted,
        // The largest number of 32 bits, 68 years, is how some write that there is no end.
        far: [LONG + 1, 2_147_483_647, LONGEST].map(far).into(),
        zero: owned(&["0", "\"0\"", "0.0"]),
        refused: owned(&NEVER_A_NUMBER).into_iter().chain(beyond).collect(),
        ..Rows::default()
    }
}

fn text(texts: bool) -> Rows {
    let hour = HOUR * 1000;
    let mut accepted = ending(&[
        ("\"1h\"", hour),
        ("\"60m\"", hour),
        ("\" 3600s \"", hour),
        ("\"1 hour\"", hour),
        ("\"1:00:00\"", hour),
        ("\"PT1H\"", hour),
        ("\"PT30M\"", hour / 2),
        ("\"7d\"", DAY * 7000),
        ("\"P7D\"", DAY * 7000),
        ("\"1w\"", DAY * 7000),
        ("\"1h 30m\"", hour * 3 / 2),
    ]);
    // There everything is text.
    accepted.extend((!texts).then(|| ("3600".to_owned(), hour)));
    let refused = [
        "true",
        "{}",
        "[]",
        "\"\"",
        "\"soon\"",
        "\"3600\"",
        "\"-1h\"",
        "\"1y\"",
        "\"1 month\"",
        "\"P1M\"",
        "\"876001h\"",
        "\"NaN\"",
    ];
    Rows {
        accepted,
        far: ending(&[("\"87601h\"", 87_601 * hour), ("\"36500d\"", LONGEST * 1000)]),
        zero: owned(&["\"0s\"", "\"PT0S\"", "\"0:00:00\""]),
        refused: owned(&refused),
        ..Rows::default()
    }
}

fn absolute(unit: u64) -> Rows {
    let mut accepted = writings((START + HOUR) * unit, HOUR * 1000);
    let last = (START + LONGEST) * unit;
    let first = (START - DAY) * unit;
    accepted.extend([((START * unit).to_string(), 0), (last.to_string(), LONGEST * 1000)]);
    // The last two are a lifetime where an instant should be, and an instant in the other unit.
    let other_unit = if unit == 1 { START * 1000 } else { START };
    let beyond = [last + 1, first - 1, HOUR * unit, other_unit].map(|number| number.to_string());
    Rows {
        accepted,
        past: Some(first.to_string()),
        zero: owned(&["0", "\"0\""]),
        refused: owned(&NEVER_A_NUMBER).into_iter().chain(beyond).collect(),
        ..Rows::default()
    }
}

fn rfc3339() -> Rows {
    let utc = |at| format!("\"{}Z\"", clock(at, 0));
    let mut accepted = ending(&[
        ("\"2026-11-21T09:00:00Z\"", HOUR * 1000),
        ("\"2026-11-21T10:30:00+01:30\"", HOUR * 1000),
        ("\"2026-11-21T08:00:01.5Z\"", 1500),
    ]);
    accepted.push((utc(START + LONGEST), LONGEST * 1000));
    let mut refused = owned(&NEVER_A_DATE);
    refused.extend([utc(START + LONGEST + 1), utc(START - DAY - 1), utc(HOUR)]);
    refused.extend(owned(&["\"2026-11-21T09:00:00\"", "\"9999-12-31T23:59:59Z\""]));
    Rows {
        accepted,
        past: Some(utc(START - DAY)),
        zero: owned(&["\"0001-01-01T00:00:00Z\"", "\"1970-01-01T00:00:00Z\""]),
        refused,
        ..Rows::default()
    }
}

fn date_time(zone: i32) -> Rows {
    let local = |at| format!("\"{}\"", clock(at, zone));
    let spaced = |at| local(at).replace('T', " ");
    let short = local(START + HOUR).replace("00:00\"", "00\"");
    let hour = HOUR * 1000;
    Rows {
        accepted: vec![
            (local(START + HOUR), hour),
            (spaced(START + HOUR), hour),
            (local(START + HOUR).replace(":00\"", ":00.500\""), hour + 500),
            (short, hour),
            (local(START + LONGEST), LONGEST * 1000),
            ("\"2026-11-21T09:00:00Z\"".to_owned(), hour),
            ("\"2026-11-21 10:30:00+01:30\"".to_owned(), hour),
        ],
        past: Some(spaced(START - DAY)),
        zero: owned(&["\"0000-00-00 00:00:00\"", "\"0001-01-01T00:00:00\""])
            .into_iter()
            .chain([local(0)])
            .collect(),
        refused: owned(&NEVER_A_DATE)
            .into_iter()
            .chain([local(START + LONGEST + 1), local(START - DAY - 1), local(HOUR)])
            .chain(owned(&["\"21.11.2026 09:00:00\"", "\"2026-02-30 09:00:00\"", "\"09:00:00\""]))
            .collect(),
        ..Rows::default()
    }
}

fn http_date() -> Rows {
    let written = |at| format!("\"{}\"", clock(at, 0).strftime("%a, %d %b %Y %H:%M:%S GMT"));
    Rows {
        accepted: vec![
            (written(START + HOUR), HOUR * 1000),
            (written(START + LONGEST), LONGEST * 1000),
        ],
        past: Some(written(START - DAY)),
        zero: vec![written(0)],
        refused: owned(&NEVER_A_DATE)
            .into_iter()
            .chain([written(START + LONGEST + 1), written(START - DAY - 1), written(HOUR)])
            .chain(owned(&[
                "\"Sat, 21 Nov 2026 09:00:00\"",
                "\"Sat, 21 Nov 2026 10:00:00 +0100\"",
                "\"2026-11-21T09:00:00Z\"",
            ]))
            .collect(),
        ..Rows::default()
    }
}

/// The ways to write one number.
fn writings(number: u64, end: u64) -> Vec<(String, u64)> {
    [format!("{number}"), format!("{number}.0"), format!("\"{number}\""), format!("\"{number}.0\"")]
        .map(|written| (written, end))
        .into()
}
