//! When a token dies.

use super::{duration, pointer};
use crate::contract::{Chosen, Expiry, Otherwise, Told};
use crate::diagnostics::meaning::{BAD_ZONE, EXPIRY_KEY, EXPIRY_KIND, NOT_SUPPORTED_YET};
use crate::diagnostics::{Code, Finding};
use crate::path::Path;
use crate::spec::{ExpiryDetail, ExpiryName, ExpirySpec, OneOrMany, PlaceSpec, Since};
use jiff::tz::Offset;
use std::time::Duration;

/// What the spec says of the token at `token`; `None` where it says nothing that can be used.
pub(super) fn resolve(
    written: Option<&ExpirySpec>,
    token: &Path,
    found: &mut Vec<Finding>,
) -> Option<Expiry> {
    let path = token.key("expires");
    match written? {
        ExpirySpec::Named(ExpiryName::Jwt) => Some(Expiry::Jwt),
        ExpirySpec::Named(ExpiryName::Never) => Some(Expiry::Never),
        ExpirySpec::Named(ExpiryName::Undeclared) => Some(Expiry::Undeclared),
        ExpirySpec::Named(ExpiryName::Introspection) => {
            let message =
                "asking an introspection endpoint when a token expires is not supported yet";
            found.push(Finding::value(NOT_SUPPORTED_YET, path, message).hint("write `undeclared`"));
            None
        }
        ExpirySpec::Detailed(detail) => {
            let resolved = Detail { path: &path, found }.resolve(detail);
            match resolved {
                Some(Expiry::SinceSignIn(_)) if *token != Path::of("tokens.refresh") => {
                    let message =
                        "an access token lives from its issue, and a refresh brings another";
                    let hint =
                        "leave `since` out; it is for refresh tokens whose end no refresh puts off";
                    found.push(Finding::key(EXPIRY_KEY, path.key("since"), message).hint(hint));
                    None
                }
                resolved => resolved,
            }
        }
    }
}

/// How long the token lives that signing in brought, where that is not as long as the page says of the others.
pub(super) fn first(
    written: Option<&ExpirySpec>,
    token: &Path,
    found: &mut Vec<Finding>,
) -> Option<Duration> {
    let Some(ExpirySpec::Detailed(detail)) = written else {
        return None;
    };
    let text = detail.first.as_deref()?;
    let path = token.key("expires").key("first");
    if detail.constant.is_some() && detail.since == Some(Since::SignIn) {
        let message = "`first` is about tokens that each refresh brings anew, and `since: sign_in` counts from the sign-in";
        found.push(Finding::key(EXPIRY_KEY, path, message).hint("leave one of the two out"));
        return None;
    }
    if detail.constant.is_none() {
        let message =
            "`first` differs from a lifetime that each refresh brings, and none is stated";
        let hint = "write `constant: 1h` beside it, or leave it out";
        found.push(Finding::key(EXPIRY_KEY, path, message).hint(hint));
        return None;
    }
    Some(duration::resolve(text, path, found))
}

/// What is looked at.
struct Detail<'a> {
    path: &'a Path,
    found: &'a mut Vec<Finding>,
}

/// A kind of expiry of what is read.
type Make = fn(Told) -> Expiry;

impl Detail<'_> {
    fn resolve(&mut self, detail: &ExpiryDetail) -> Option<Expiry> {
        let ExpiryDetail {
            seconds,
            milliseconds,
            duration,
            unix_seconds,
            unix_milliseconds,
            rfc3339,
            date_time,
            http_date,
            constant,
            since,
            zone,
            zero,
            r#else: otherwise,
            first: _, // See [`first`].
            chosen_by,
            at_least,
            at_most,
        } = detail;
        let kinds: [(&'static str, &Option<OneOrMany<PlaceSpec>>, Make); 8] = [
            ("seconds", seconds, Expiry::Seconds),
            ("milliseconds", milliseconds, Expiry::Milliseconds),
            ("duration", duration, Expiry::Duration),
            ("unix_seconds", unix_seconds, Expiry::UnixSeconds),
            ("unix_milliseconds", unix_milliseconds, Expiry::UnixMilliseconds),
            ("rfc3339", rfc3339, Expiry::Rfc3339),
            ("date_time", date_time, |told| Expiry::DateTime { told, zone: 0 }),
            ("http_date", http_date, Expiry::HttpDate),
        ];
        let named = kinds.iter().filter(|(_, fields, _)| fields.is_some()).map(|(key, ..)| *key);
        self.one_kind(named.chain(constant.as_ref().map(|_| "constant")).collect())?;
        if date_time.is_none() && zone.is_some() {
            let message = "`zone` is for dates without an offset, and this is no such date";
            self.key(EXPIRY_KEY, "zone", message, "leave it out, or read the field as `date_time`");
        }
        if chosen_by.is_none() {
            for (key, _) in [("at_least", at_least), ("at_most", at_most)]
                .iter()
                .filter(|(_, bound)| bound.is_some())
            {
                let message =
                    format!("`{key}` bounds what the request chooses, and it chooses nothing");
                let hint = "name the parameter that does, `chosen_by: expires_in`, or leave it out";
                self.key(EXPIRY_KEY, key, message, hint);
            }
        }
        if let Some(constant) = constant {
            let left = [
                ("zero", zero.is_some()),
                ("else", otherwise.is_some()),
                ("chosen_by", chosen_by.is_some()),
            ];
            for (key, _) in left.into_iter().filter(|(_, said)| *said) {
                let message =
                    format!("`{key}` is about what an answer says, and no answer says a constant");
                self.key(EXPIRY_KEY, key, message, "leave it out, or name the field of the answer");
            }
            let path = self.path.key("constant");
            let lifetime = duration::resolve(constant, path, self.found);
            return Some(match since.unwrap_or_default() {
                Since::Issue => Expiry::Constant(lifetime),
                Since::SignIn => Expiry::SinceSignIn(lifetime),
            });
        }
        if since.is_some() {
            let message =
                "`since` is about a lifetime that the page states, and this one is told by answers";
            self.key(EXPIRY_KEY, "since", message, "leave it out, or write `constant`");
        }
        let (key, fields, make) =
            kinds.iter().find_map(|(key, fields, make)| Some((*key, fields.as_ref()?, make)))?;
        let of = pointer::Of::End(key);
        let mut told = Told::from(pointer::first_of(fields, of, self.path.key(key), self.found)?);
        told.zero = *zero;
        told.otherwise = otherwise.as_deref().map(|text| self.otherwise(text));
        let bound = |key: &str, text: &Option<String>, found: &mut Vec<Finding>| {
            let text = text.as_deref();
            text.map(|text| duration::resolve(text, self.path.key(key), found))
        };
        told.chosen = chosen_by.as_ref().map(|parameter| Chosen {
            parameter: parameter.clone(),
            at_least: bound("at_least", at_least, self.found),
            at_most: bound("at_most", at_most, self.found),
        });
        Some(match make(told) {
            Expiry::DateTime { told, zone: _ } => {
                Expiry::DateTime { told, zone: self.zone(zone.as_deref()) }
            }
            expiry => expiry,
        })
    }

    /// Exactly one key says how the end is told.
    fn one_kind(&mut self, kinds: Vec<&str>) -> Option<()> {
        match kinds[..] {
            [_] => Some(()),
            [] => {
                let message = "nothing says when the token dies";
                let hint = "name the field of the answer, `{ seconds: /expires_in }`, or a lifetime, `{ constant: 1h }`";
                self.found.push(Finding::value(EXPIRY_KIND, self.path.clone(), message).hint(hint));
                None
            }
            [first, second, ..] => {
                let message = format!("the end is told twice: as `{first}` and as `{second}`");
                let hint = "keep the one that the page documents; fields of one kind may be a list";
                self.key(EXPIRY_KIND, second, message, hint);
                None
            }
        }
    }

    fn key(&mut self, code: Code, key: &str, message: impl Into<String>, hint: &str) {
        self.found.push(Finding::key(code, self.path.key(key), message.into()).hint(hint));
    }

    fn otherwise(&mut self, text: &str) -> Otherwise {
        match text.trim() {
            "never" => Otherwise::Never,
            _ => Otherwise::After(duration::resolve(text, self.path.key("else"), self.found)),
        }
    }

    /// How many seconds the clock of a date without an offset is ahead of UTC.
    fn zone(&mut self, written: Option<&str>) -> i32 {
        let Some(text) = written else {
            let message = "these dates have no offset, and nothing says where it is so late";
            let hint = "say how far their clock is ahead of UTC: `zone: UTC`, `zone: \"+01:00\"`";
            self.key(BAD_ZONE, "date_time", message, hint);
            return 0;
        };
        offset(text).unwrap_or_else(|| {
            let message = format!("`{text}` is no offset from UTC");
            let hint = "write `UTC`, `\"+01:00\"` or `\"-05:30\"`; a place whose clocks change has no one offset";
            self.found.push(Finding::value(BAD_ZONE, self.path.key("zone"), message).hint(hint));
            0
        })
    }
}

/// `UTC`, `Z`, `+01:00`: the seconds ahead of UTC.
fn offset(text: &str) -> Option<i32> {
    let text = text.trim();
    if matches!(text, "UTC" | "Z") {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes).filter(|minutes| *minutes < 60)?);
    // No clock on Earth is farther ahead than 14 hours, or farther behind than 12.
    let seconds = sign * (hours * 3600 + minutes * 60);
    let is_used = (-12 * 3600..=14 * 3600).contains(&seconds);
    Offset::from_seconds(seconds).ok().filter(|_| is_used).map(Offset::seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets() {
        let table = [
            ("UTC", Some(0)),
            ("Z", Some(0)),
            ("+01:00", Some(3600)),
            ("-03:30", Some(-12_600)),
            ("+14:00", Some(50_400)),
            ("+14:01", None),
            ("-12:01", None),
            ("+1:00", None),
            ("+01:60", None),
            ("01:00", None),
            ("+0100", None),
            ("Europe/Berlin", None),
            ("é", None),
            ("", None),
        ];
        for (text, seconds) in table {
            assert_eq!(offset(text), seconds, "{text}");
        }
    }
}
