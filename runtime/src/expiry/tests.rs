use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;
use crate::deviation::Deviation;
use crate::json::{Document, Json};

type Reader = fn(Json<'_>, SystemTime) -> Told;
const READERS: [Reader; 8] = [
    seconds,
    milliseconds,
    duration,
    unix_seconds,
    unix_milliseconds,
    rfc3339,
    |value, started_at| date_time(value, 3600, started_at),
    http_date,
];

const HOUR: Duration = Duration::from_secs(3600);
/// 2025-11-21T10:00:00Z.
const START_SECONDS: u64 = 1_763_719_200;

fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(START_SECONDS)
}

/// How long the token lives, or what is wrong with what the answer says.
fn read(reader: Reader, json: &str) -> Result<Duration, Deviation> {
    let document = Document::parse(json.as_bytes()).expect(json);
    let mut deviations = Vec::new();
    let end = reader(document.root(), start()).settle(&mut deviations);
    match deviations.pop() {
        Some(deviation) => Err(deviation),
        None => Ok(end.remaining(start()).expect("an instant")),
    }
}

fn unreadable(reader: Reader, json: &str) -> bool {
    read(reader, json) == Err(Deviation::ExpiryUnreadable)
}

#[test]
fn numbers_and_texts_agree() {
    for json in ["3600", "3600.0", "3.6e3", r#""3600""#, r#""3600.0""#, r#"" 3600 ""#, "3600.0004"]
    {
        assert_eq!(read(seconds, json), Ok(HOUR), "{json}");
    }
    assert_eq!(read(seconds, "1.5"), Ok(Duration::from_millis(1500)));
    assert_eq!(read(milliseconds, "3600000"), Ok(HOUR));
    assert_eq!(read(milliseconds, "1.9"), Ok(Duration::from_millis(1)));
    assert_eq!(read(unix_seconds, "1763722800"), Ok(HOUR));
    assert_eq!(read(unix_seconds, r#""1763722800.0""#), Ok(HOUR));
    assert_eq!(read(unix_milliseconds, "1763722800000"), Ok(HOUR));
}

#[test]
fn dates_are_read_with_their_offset() {
    for json in [
        r#""2025-11-21T11:00:00Z""#,
        r#""2025-11-21T12:00:00+01:00""#,
        r#""2025-11-21T11:00:00.000999Z""#,
    ] {
        assert_eq!(read(rfc3339, json), Ok(HOUR), "{json}");
    }
    for json in [
        "1763722800",
        r#""2025-11-21T11:00:00""#,
        r#""tomorrow""#,
        r#""""#,
        "true",
        r#""0001-01-01T00:00:00Z""#,
        r#""9999-01-01T00:00:00Z""#,
        r#""2025-11-20T09:59:59Z""#,
    ] {
        assert!(unreadable(rfc3339, json), "{json}");
    }
}

#[test]
fn null_is_absent() {
    for reader in READERS {
        assert_eq!(read(reader, "null"), Err(Deviation::ExpiryMissing));
        assert_eq!(reader(Json::missing(), start()), Told::NOTHING);
    }
}

#[test]
fn lifetimes_as_text() {
    for json in [
        r#""1h""#,
        r#""60m""#,
        r#"" 1 hour ""#,
        r#""1:00:00""#,
        r#""PT1H""#,
        r#""P0DT60M""#,
        "3600",
    ] {
        assert_eq!(read(duration, json), Ok(HOUR), "{json}");
    }
    assert_eq!(read(duration, r#""7d""#), Ok(HOUR * 24 * 7));
    assert_eq!(read(duration, r#""1w""#), Ok(HOUR * 24 * 7));
    for json in [
        r#""3600""#,
        r#""1y""#,
        r#""1 month""#,
        r#""P1Y""#,
        r#""-1h""#,
        r#""0s""#,
        r#""PT0S""#,
        r#""1h ago""#,
        r#""101 years""#,
        r#""876001h""#,
        "-1",
        "[]",
    ] {
        assert!(unreadable(duration, json), "{json}");
    }
}

#[test]
fn dates_by_a_clock_that_is_an_hour_ahead() {
    let an_hour_ahead: Reader = |value, started_at| date_time(value, 3600, started_at);
    for json in [
        r#""2025-11-21T12:00:00""#,
        r#""2025-11-21 12:00:00.000""#,
        r#""2025-11-21 12:00""#,
        r#""2025-11-21T11:00:00Z""#,
        r#""2025-11-21 10:00:00-01:00""#,
    ] {
        assert_eq!(read(an_hour_ahead, json), Ok(HOUR), "{json}");
    }
    for json in [
        r#""2025-11-21""#,
        r#""20251121""#,
        r#""12:00:00""#,
        r#""21.11.2025 12:00""#,
        r#""2025-02-30 12:00:00""#,
        r#""2025-11-20 10:59:59""#,
        "1763722800",
    ] {
        assert!(unreadable(an_hour_ahead, json), "{json}");
    }
}

#[test]
fn dates_as_http_has_them() {
    for json in [r#""Fri, 21 Nov 2025 11:00:00 GMT""#, r#""Friday, 21-Nov-25 11:00:00 GMT""#] {
        assert_eq!(read(http_date, json), Ok(HOUR), "{json}");
    }
    for json in [
        r#""Thu, 20 Nov 2025 09:59:59 GMT""#,
        r#""Fri, 21 Nov 2025 11:00:00""#,
        r#""Fri, 21 Nov 1025 11:00:00 GMT""#,
        r#""2025-11-21T11:00:00Z""#,
    ] {
        assert!(unreadable(http_date, json), "{json}");
    }
}

/// Each kind has a zero, and the contract may say what it means.
#[test]
fn a_zero_is_no_end() {
    let table: [(Reader, &str); 11] = [
        (seconds, "0"),
        (seconds, r#""0.0""#),
        (milliseconds, "0"),
        (duration, r#""0s""#),
        (duration, "0"),
        (unix_seconds, "0"),
        (unix_milliseconds, r#""0""#),
        (rfc3339, r#""0001-01-01T00:00:00Z""#),
        (rfc3339, r#""1970-01-01T00:00:00Z""#),
        (READERS[6], r#""0000-00-00 00:00:00""#),
        (http_date, r#""Thu, 01 Jan 1970 00:00:00 GMT""#),
    ];
    for (reader, json) in table {
        let document = Document::parse(json.as_bytes()).expect(json);
        let told = reader(document.root(), start());
        assert_eq!(told, Told::ZERO, "{json}");
        assert_eq!(told.zero_is(Expiry::Never), Told::end(Expiry::Never), "{json}");
    }
}

/// An end is an optional fact: no token is lost for it.
#[test]
fn what_is_not_told_is_what_the_contract_says_and_otherwise_a_deviation() {
    let (end, hour) = (Expiry::At(start()), constant(HOUR, start()));
    let (missing, unreadable) = (Deviation::ExpiryMissing, Deviation::ExpiryUnreadable);
    let far = Told::end(end).but(Deviation::ExpiryFarAhead);
    let table = [
        (Told::end(end), end, None),
        (Told::end(end).or(hour).zero_is(Expiry::Never), end, None),
        (Told::NOTHING, Expiry::Undeclared, Some(missing)),
        (Told::NOTHING.zero_is(Expiry::Never), Expiry::Undeclared, Some(missing)),
        (Told::NOTHING.or(hour), hour, None),
        (Told::UNREADABLE, Expiry::Undeclared, Some(unreadable)),
        (Told::UNREADABLE.zero_is(Expiry::Never), Expiry::Undeclared, Some(unreadable)),
        (Told::UNREADABLE.or(hour), hour, Some(unreadable)),
        (Told::ZERO, Expiry::Undeclared, Some(unreadable)),
        (Told::ZERO.zero_is(Expiry::Undeclared).or(hour), Expiry::Undeclared, None),
        (Told::ZERO.zero_is(Expiry::Never).or(hour), Expiry::Never, None),
        (Told::ZERO.or(hour), hour, Some(unreadable)),
        (far.or(hour), end, Some(Deviation::ExpiryFarAhead)),
    ];
    for (told, expected, deviation) in table {
        let mut deviations = Vec::new();
        assert_eq!(told.settle(&mut deviations), expected, "{told:?}");
        assert_eq!(deviations.pop(), deviation, "{told:?}");
        assert_eq!(told.expiry(), expected);
    }
}

/// Ten, 20 and 68 years are in use: they are believed, and said. What is an instant in place of a lifetime is not.
#[test]
fn a_long_life_is_served() {
    for years in [11, 20, 50, 68, 100] {
        let long = u64::from(years * 365_u32) * 86_400;
        for (reader, unit) in [(seconds as Reader, 1), (milliseconds, 1000)] {
            let json = (long * unit).to_string();
            let document = Document::parse(json.as_bytes()).expect("a number");
            let told = reader(document.root(), start());
            let end = Told::end(Expiry::At(start() + Duration::from_secs(long)));
            assert_eq!(told, end.but(Deviation::ExpiryFarAhead), "{years}");
        }
        let instant = (START_SECONDS + long).to_string();
        assert_eq!(read(unix_seconds, &instant), Ok(Duration::from_secs(long)));
    }
    assert!(read(seconds, "315360000").is_ok(), "ten years");
    // The largest number of 32 bits.
    assert_eq!(read(seconds, "2147483647"), Err(Deviation::ExpiryFarAhead));
    let nearly = START_SECONDS + 366 * 86_400;
    assert!(unreadable(seconds, &nearly.to_string()));
    assert_eq!(read(seconds, &(nearly + 1).to_string()), Err(Deviation::ExpiryFarAhead));
}

#[test]
fn what_is_no_number_is_unreadable() {
    for json in [
        "true",
        "[]",
        "{}",
        r#""""#,
        r#""soon""#,
        r#""NaN""#,
        r#""inf""#,
        r#""1e""#,
        r#""0x10""#,
        r#""1_000""#,
    ] {
        for reader in READERS {
            assert!(unreadable(reader, json), "{json}");
        }
    }
}

#[test]
fn what_cannot_be_right_is_unreadable() {
    let huge = [
        "-1",
        "-0.5",
        r#""-1""#,
        "1e300",
        "1e400",
        "-1e400",
        r#""1e400""#,
        r#""-1e400""#,
        "18446744073709551615",
        "1e19",
    ];
    for json in huge {
        for reader in [seconds, milliseconds, unix_seconds, unix_milliseconds] as [Reader; 4] {
            assert!(unreadable(reader, json), "{json}");
        }
    }
}

#[test]
fn another_unit_is_noticed() {
    assert!(unreadable(seconds, "1763722800"), "an epoch as a lifetime");
    assert!(unreadable(seconds, "1763722800000"), "an epoch in milliseconds as a lifetime");
    assert!(unreadable(milliseconds, "1763722800000"), "an epoch as a lifetime");
    assert!(unreadable(unix_seconds, "1763722800000"), "milliseconds as seconds");
    assert!(unreadable(unix_seconds, "3600"), "a lifetime as an epoch");
    assert!(unreadable(unix_milliseconds, "1763722800"), "seconds as milliseconds");
}

#[test]
fn the_bounds_are_exact() {
    let longest = MAX_LIFETIME.as_secs();
    assert_eq!(read(seconds, &longest.to_string()), Err(Deviation::ExpiryFarAhead));
    assert!(unreadable(seconds, &(longest + 1).to_string()));
    assert!(read(unix_seconds, &(START_SECONDS + longest).to_string()).is_ok());
    assert!(unreadable(unix_seconds, &(START_SECONDS + longest + 1).to_string()));
    assert_eq!(read(unix_seconds, &(START_SECONDS - 86_400).to_string()), Ok(Duration::ZERO));
    assert!(unreadable(unix_seconds, &(START_SECONDS - 86_401).to_string()));
}

#[test]
fn an_expiry_answers_for_itself() {
    let end = Expiry::At(start());
    assert!(
        end.has_passed(start())
            && end.has_passed(start() + HOUR)
            && !end.has_passed(start() - HOUR)
    );
    assert_eq!(end.remaining(start() - HOUR), Some(HOUR));
    assert_eq!(end.remaining(start() + HOUR), Some(Duration::ZERO));
    for expiry in [Expiry::Never, Expiry::default()] {
        assert!(!expiry.has_passed(start()));
        assert_eq!((expiry.remaining(start()), expiry.at()), (None, None));
    }
    assert_eq!(constant(HOUR, start()), Expiry::At(start() + HOUR));
    assert_eq!(constant(Duration::MAX, start()), Expiry::Never);
}

#[test]
fn an_instant_can_be_taken_out() {
    assert_eq!(Expiry::At(start()).at(), Some(start()));
}

/// Keycloak writes it for offline tokens, which do not end.
#[test]
fn a_lifetime_of_nothing_is_none() {
    for json in ["0", "0.0", "-0", r#""0""#, "0.0001"] {
        assert!(unreadable(seconds, json) && unreadable(milliseconds, json), "{json}");
    }
}

fn token(payload: &str) -> String {
    format!("eyJhbGciOiJub25lIn0.{}.c2ln", URL_SAFE_NO_PAD.encode(payload))
}

#[test]
fn a_jwt_tells_its_end() {
    let end = Some(Expiry::At(start()));
    assert_eq!(jwt(&token(r#"{"exp":1763719200}"#)), end);
    assert_eq!(jwt(&token(r#"{"exp":1763719200.0,"a":"ü??>"}"#)), end);
    assert_eq!(jwt(&token(r#"{"exp":"1763719200"}"#)), end);
    let padded = format!("a.{}.", URL_SAFE.encode(r#"{"exp":1763719200 }"#));
    assert!(padded.contains('='));
    assert_eq!(jwt(&padded), end);
}

#[test]
fn what_is_no_jwt_tells_nothing() {
    let payloads = [
        r#"{}"#,
        r#"{"exp":null}"#,
        r#"{"exp":true}"#,
        r#"{"exp":3600}"#,
        r#"{"exp":1763719200000}"#,
        "[]",
        "x",
    ];
    for payload in payloads {
        assert_eq!(jwt(&token(payload)), None, "{payload}");
    }
    for text in ["", ".", "..", "a.b", "a.b.c", "a.e30.c.d", "opaque", "a.!!.c"] {
        assert_eq!(jwt(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn no_number_makes_it_panic(whole in any::<i64>(), float in any::<f64>(), epoch in any::<u32>()) {
        let started = [start(), SystemTime::UNIX_EPOCH + Duration::from_secs(epoch.into())];
        let mut texts = vec![whole.to_string(), format!("{float:e}"), format!("\"{float}\""), format!("\"{whole}\"")];
        texts.push(format!("{}.{}", whole.unsigned_abs(), epoch));
        for text in texts {
            let document = Document::parse_lenient(text.as_bytes());
            for (reader, started_at) in READERS.into_iter().flat_map(|reader| started.map(|at| (reader, at))) {
                if let Expiry::At(end) = reader(document.root(), started_at).expiry() {
                    prop_assert!(end <= started_at + MAX_LIFETIME);
                    prop_assert!(end >= started_at - Duration::from_secs(86_400));
                }
            }
        }
    }

    #[test]
    fn whole_seconds_agree_however_written(lifetime in 1..=315_360_000_u64) {
        let expected = Ok(Duration::from_secs(lifetime));
        for json in [format!("{lifetime}"), format!("{lifetime}.0"), format!("\"{lifetime}\""), format!("\"{lifetime}.0\"")] {
            prop_assert_eq!(read(seconds, &json), expected);
        }
        prop_assert_eq!(read(milliseconds, &(lifetime * 1000).to_string()), expected);
        prop_assert_eq!(read(unix_seconds, &(START_SECONDS + lifetime).to_string()), expected);
    }

    #[test]
    fn no_text_makes_a_jwt_panic(text in any::<String>(), payload in any::<String>()) {
        let _ = jwt(&text);
        let _ = jwt(&token(&payload));
    }
}
