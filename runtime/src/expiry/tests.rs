use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;
use crate::error::{Error, ErrorKind};
use crate::json::{Document, Json};

type Reader = fn(Json<'_>, SystemTime) -> Result<Option<Expiry>, Error>;
const READERS: [Reader; 5] = [seconds, milliseconds, unix_seconds, unix_milliseconds, rfc3339];

const HOUR: Duration = Duration::from_secs(3600);
/// 2025-11-21T10:00:00Z.
const START_SECONDS: u64 = 1_763_719_200;

fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(START_SECONDS)
}

fn read(reader: Reader, json: &str) -> Result<Option<Duration>, ErrorKind> {
    let document = Document::parse(json.as_bytes()).expect(json);
    match reader(document.root(), start()) {
        Ok(None) => Ok(None),
        Ok(Some(expiry)) => Ok(Some(expiry.remaining(start()).expect("an instant"))),
        Err(error) => Err(*error.kind()),
    }
}

fn implausible(reader: Reader, json: &str) -> bool {
    matches!(read(reader, json), Err(ErrorKind::ImplausibleExpiry { .. }))
}

fn unreadable(reader: Reader, json: &str) -> bool {
    matches!(read(reader, json), Err(ErrorKind::UnreadableExpiry { .. }))
}

#[test]
fn numbers_and_texts_agree() {
    for json in ["3600", "3600.0", "3.6e3", r#""3600""#, r#""3600.0""#, r#"" 3600 ""#, "3600.0004"]
    {
        assert_eq!(read(seconds, json), Ok(Some(HOUR)), "{json}");
    }
    assert_eq!(read(seconds, "1.5"), Ok(Some(Duration::from_millis(1500))));
    assert_eq!(read(milliseconds, "3600000"), Ok(Some(HOUR)));
    assert_eq!(read(milliseconds, "1.9"), Ok(Some(Duration::from_millis(1))));
    assert_eq!(read(unix_seconds, "1763722800"), Ok(Some(HOUR)));
    assert_eq!(read(unix_seconds, r#""1763722800.0""#), Ok(Some(HOUR)));
    assert_eq!(read(unix_milliseconds, "1763722800000"), Ok(Some(HOUR)));
}

#[test]
fn dates_are_read_with_their_offset() {
    for json in [
        r#""2025-11-21T11:00:00Z""#,
        r#""2025-11-21T12:00:00+01:00""#,
        r#""2025-11-21T11:00:00.000999Z""#,
    ] {
        assert_eq!(read(rfc3339, json), Ok(Some(HOUR)), "{json}");
    }
    for json in ["1763722800", r#""2025-11-21T11:00:00""#, r#""tomorrow""#, r#""""#, "true"] {
        assert!(unreadable(rfc3339, json), "{json}");
    }
    for json in
        [r#""0001-01-01T00:00:00Z""#, r#""9999-01-01T00:00:00Z""#, r#""2025-11-20T09:59:59Z""#]
    {
        assert!(implausible(rfc3339, json), "{json}");
    }
}

#[test]
fn null_is_absent() {
    for reader in READERS {
        assert_eq!(read(reader, "null"), Ok(None));
        assert!(reader(Json::missing(), start()).is_ok_and(|expiry| expiry.is_none()));
    }
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
fn what_cannot_be_right_is_implausible() {
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
            assert!(implausible(reader, json), "{json}");
        }
    }
}

#[test]
fn another_unit_is_noticed() {
    assert!(implausible(seconds, "1763722800"), "an epoch as a lifetime");
    assert!(implausible(seconds, "1763722800000"), "an epoch in milliseconds as a lifetime");
    assert!(implausible(milliseconds, "1763722800000"), "an epoch as a lifetime");
    assert!(implausible(unix_seconds, "1763722800000"), "milliseconds as seconds");
    assert!(implausible(unix_seconds, "3600"), "a lifetime as an epoch");
    assert!(implausible(unix_milliseconds, "1763722800"), "seconds as milliseconds");
}

#[test]
fn the_bounds_are_exact() {
    let longest = MAX_LIFETIME.as_secs();
    assert_eq!(read(seconds, &longest.to_string()), Ok(Some(MAX_LIFETIME)));
    assert!(implausible(seconds, &(longest + 1).to_string()));
    assert!(read(unix_seconds, &(START_SECONDS + longest).to_string()).is_ok());
    assert!(implausible(unix_seconds, &(START_SECONDS + longest + 1).to_string()));
    assert_eq!(read(unix_seconds, &(START_SECONDS - 86_400).to_string()), Ok(Some(Duration::ZERO)));
    assert!(implausible(unix_seconds, &(START_SECONDS - 86_401).to_string()));
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
fn ten_years_are_the_longest_lifetime() {
    assert_eq!(MAX_LIFETIME, Duration::from_secs(315_360_000));
}

#[test]
fn an_instant_can_be_taken_out() {
    assert_eq!(Expiry::At(start()).at(), Some(start()));
}

/// An end is an optional fact: no token is lost for it.
#[test]
fn a_declared_expiry_that_is_not_there_or_not_right_is_a_deviation() {
    let end = Expiry::At(start());
    let unreadable = Error::unreadable_expiry("lifetime in seconds");
    let implausible = Error::implausible_expiry("lifetime in seconds");
    let table = [
        (Ok(Some(end)), end, None),
        (Ok(None), Expiry::Undeclared, Some(Deviation::ExpiryMissing)),
        (Err(unreadable), Expiry::Undeclared, Some(Deviation::ExpiryUnreadable)),
        (Err(implausible), Expiry::Undeclared, Some(Deviation::ExpiryUnreadable)),
    ];
    for (found, expected, told) in table {
        let mut deviations = Vec::new();
        assert_eq!(declared(found, &mut deviations), expected);
        assert_eq!(deviations.pop(), told);
    }
}

/// Keycloak writes it for offline tokens, which do not end.
#[test]
fn a_lifetime_of_nothing_is_none() {
    for json in ["0", "0.0", "-0", r#""0""#, "0.0001"] {
        assert!(implausible(seconds, json) && implausible(milliseconds, json), "{json}");
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
                if let Ok(Some(Expiry::At(end))) = reader(document.root(), started_at) {
                    prop_assert!(end <= started_at + MAX_LIFETIME);
                    prop_assert!(end >= started_at - Duration::from_secs(86_400));
                }
            }
        }
    }

    #[test]
    fn whole_seconds_agree_however_written(lifetime in 0..=MAX_LIFETIME.as_secs()) {
        let expected = Ok(Some(Duration::from_secs(lifetime)));
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
