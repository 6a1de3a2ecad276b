//! How long an answer asks to wait: `Retry-After` (RFC 9110 §10.2.3), and fields of bodies.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::RETRY_AFTER;

use crate::expiry::Number;
use crate::json::Json;

/// The longest wait that is believed: ten years of 365 days.
const MAX_WAIT: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// How long the answer asks to wait, counted from `started_at`.
///
/// Both forms are read: seconds, and an HTTP date, of which one in the past means now. What cannot be read, or asks for
/// more than [`MAX_WAIT`], is not there.
pub(crate) fn retry_after(headers: &HeaderMap, started_at: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(text.parse().ok()?)
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        date.duration_since(started_at).unwrap_or_default()
    };
    believed(wait)
}

/// The wait in seconds that a field of a body says: a number, or a text that holds one. What cannot be
/// read, is negative, or is more than ten years, is not there.
pub fn wait_in_seconds(value: Json<'_>) -> Option<Duration> {
    wait(value, 1000)
}

/// The same in milliseconds.
pub fn wait_in_milliseconds(value: Json<'_>) -> Option<Duration> {
    wait(value, 1)
}

fn wait(value: Json<'_>, unit: u64) -> Option<Duration> {
    believed(Duration::from_millis(Number::read(value)?.milliseconds(unit)?))
}

fn believed(wait: Duration) -> Option<Duration> {
    (wait <= MAX_WAIT).then_some(wait)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(text: &str) -> Option<Duration> {
        let started_at = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
        retry_after(&headers, started_at)
    }

    #[test]
    fn both_forms() {
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read("0"), Some(Duration::ZERO));
        assert_eq!(read("Sun, 06 Nov 1994 08:50:07 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(read("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
    }

    #[test]
    fn a_field_says_it_in_its_unit() {
        let rows: [(&str, Option<u64>, Option<u64>); 9] = [
            ("2", Some(2000), Some(2)),
            ("0", Some(0), Some(0)),
            ("0.35", Some(350), Some(0)),
            ("\"7\"", Some(7000), Some(7)),
            ("315360000001", None, None),
            ("315360001", None, Some(315_360_001)),
            ("-1", None, None),
            ("\"soon\"", None, None),
            ("null", None, None),
        ];
        for (text, seconds, milliseconds) in rows {
            let document = crate::json::Document::parse(text.as_bytes()).unwrap();
            let found = [wait_in_seconds, wait_in_milliseconds].map(|read| read(document.root()));
            assert_eq!(
                found,
                [seconds, milliseconds].map(|it| it.map(Duration::from_millis)),
                "{text}"
            );
        }
    }

    #[test]
    fn nonsense_is_absent() {
        for text in ["", "soon", "-1", "1.5", "99999999999999999999999", "9999999999"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
