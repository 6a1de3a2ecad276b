//! Durations: `30s`, `15m`, `1h 30m`, `7d`. A day is 24 hours.

use crate::contract::MAX_LIFETIME;
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::BAD_DURATION;
use crate::path::Path;
use jiff::Span;
use jiff::fmt::friendly::SpanParser;
use std::time::Duration;

/// The duration that `text` says; where it says none, a finding and zero.
pub(super) fn resolve(text: &str, path: Path, found: &mut Vec<Finding>) -> Duration {
    parse(text).unwrap_or_else(|(message, hint)| {
        found.push(Finding::value(BAD_DURATION, path, message).hint(hint));
        Duration::ZERO
    })
}

fn parse(text: &str) -> Result<Duration, (String, String)> {
    let unreadable = || {
        let hint = match text.trim().parse::<u64>() {
            Ok(number) => {
                format!("say the unit: `{number}s`, `{number}m`, `{number}h`, `{number}d`")
            }
            Err(_) => {
                "write a number and a unit: `500ms`, `30s`, `15m`, `11h`, `7d`, `1h 30m`".to_owned()
            }
        };
        (format!("`{text}` is no duration"), hint)
    };
    let span = SpanParser::new().parse_span(text.trim()).map_err(|_| unreadable())?;
    if span.get_years() != 0 || span.get_months() != 0 {
        let message = format!("`{text}` has no fixed length: months and years differ");
        return Err((message, "say it in days: `30d`, `365d`".to_owned()));
    }
    let length = length(&span).ok_or_else(unreadable)?;
    if length.is_zero() {
        return Err((
            format!("`{text}` is no time at all"),
            "leave the key out, or say how long".to_owned(),
        ));
    }
    if length > MAX_LIFETIME {
        let message = format!("`{text}` is longer than a hundred years");
        return Err((
            message,
            "where the page says that a token never expires, write `never`".to_owned(),
        ));
    }
    Ok(length)
}

/// What to write in the place of a text that is no duration.
pub(crate) fn hint(text: &str) -> String {
    parse(text).err().map_or_else(|| format!("quote it: \"{text}\""), |(_, hint)| hint)
}

/// A lifetime as specs write it, of a text that says one in any way: `30 days` is `30d`, `3600s` is `1h`.
pub(crate) fn written(text: &str) -> Option<String> {
    let seconds = parse(text).ok().filter(|length| length.subsec_nanos() == 0)?.as_secs();
    let units = [(86_400, 'd'), (3600, 'h'), (60, 'm'), (1, 's')];
    let (length, unit) = units.into_iter().find(|(length, _)| seconds % length == 0)?;
    Some(format!("{}{unit}", seconds / length))
}

/// The length in whole milliseconds; `None` where the span is negative or finer.
fn length(span: &Span) -> Option<Duration> {
    let hours = (i64::from(span.get_weeks()) * 7 + i64::from(span.get_days())) * 24
        + i64::from(span.get_hours());
    let seconds = hours
        .checked_mul(3600)?
        .checked_add(span.get_minutes().checked_mul(60)?)?
        .checked_add(span.get_seconds())?;
    let milliseconds = seconds.checked_mul(1000)?.checked_add(span.get_milliseconds())?;
    let whole = span.get_microseconds() == 0 && span.get_nanoseconds() == 0;
    whole.then_some(())?;
    u64::try_from(milliseconds).ok().map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_people_write_them() {
        let seconds = |text| parse(text).map(|length| length.as_secs_f64());
        assert_eq!(seconds("500ms"), Ok(0.5));
        assert_eq!(seconds("30s"), Ok(30.0));
        assert_eq!(seconds("15m"), Ok(900.0));
        assert_eq!(seconds("11h"), Ok(39_600.0));
        assert_eq!(seconds("1d"), Ok(86_400.0));
        assert_eq!(seconds("1w"), Ok(604_800.0));
        assert_eq!(seconds("1h 30m"), Ok(5_400.0));
        assert_eq!(seconds("1.5h"), Ok(5_400.0));
        assert_eq!(seconds("36500d"), Ok(3_153_600_000.0));
    }

    #[test]
    fn lifetimes_are_written_in_their_largest_unit() {
        let cases = [("30 days", "30d"), ("3600s", "1h"), ("90 minutes", "90m"), ("1w", "7d")];
        for (text, expected) in cases {
            assert_eq!(written(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(written("soon"), None);
        assert_eq!(written("500ms"), None);
    }

    #[test]
    fn durations_that_are_refused() {
        for text in [
            "",
            "30",
            "soon",
            "0s",
            "-5s",
            "5s ago",
            "1mo",
            "1y",
            "36501d",
            "99999999999999999999d",
            "1ns",
            "1us",
            "P1D",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
