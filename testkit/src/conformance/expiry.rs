//! When tokens end.

use super::bench::{Bench, REFRESH_LIFE, seconds, started_at};
use super::made::{ACCESS_LIFE, START, quoted};
use super::subject::{Piece, Role, Tokens};
use crate::{Document, answer, jwt};
use rekindle_contract::contract::Expiry as Declared;
use rekindle_runtime::{Deviation, Expiry};
use std::time::Duration;

/// Ten years of 365 days, in seconds: no plausible lifetime is longer.
const LONGEST: u64 = 10 * 365 * 86_400;

/// What no number of any unit looks like.
const NEVER_A_NUMBER: [&str; 8] =
    ["-1", "true", "\"soon\"", "\"NaN\"", "{}", "[]", "1e400", "1e30"];

/// The access token's end is read as it is told: by a field in its declared kind and unit, however the number is written, up to what
/// is plausible; or by the token itself, and what is no JWT, or says nothing plausible, leaves it open (R14).
pub fn access_expiry(bench: &Bench<'_>) {
    End::new(bench, Role::Access).is_read();
}

/// An answer that does not say when the access token ends leaves that open, and is reported (R14).
pub fn access_expiry_absent(bench: &Bench<'_>) {
    End::new(bench, Role::Access).is_absent();
}

/// An end that cannot be right is no date: another unit, another kind, negative, nothing, decades away. It is left open and
/// reported, and does not cost the tokens (R14).
pub fn access_expiry_implausible(bench: &Bench<'_>) {
    End::new(bench, Role::Access).is_implausible();
}

/// The refresh token's end is read as the access token's is (R14).
pub fn refresh_expiry(bench: &Bench<'_>) {
    End::new(bench, Role::Refresh).is_read();
}

/// An answer that does not say when the refresh token ends leaves that open, and is reported (R14).
pub fn refresh_expiry_absent(bench: &Bench<'_>) {
    End::new(bench, Role::Refresh).is_absent();
}

/// An end that cannot be right is left open and reported, as the access token's is (R14).
pub fn refresh_expiry_implausible(bench: &Bench<'_>) {
    End::new(bench, Role::Refresh).is_implausible();
}

/// A token whose end is looked at.
struct End<'a> {
    bench: &'a Bench<'a>,
    role: Role,
    declared: &'a Declared,
}

impl<'a> End<'a> {
    fn new(bench: &'a Bench<'a>, role: Role) -> Self {
        let declared = match role {
            Role::Access => &bench.contract.access.expires,
            Role::Refresh => &bench.replaceable().expect("answers may hold one").0.expires,
        };
        Self { bench, role, declared }
    }

    /// Where answers tell it.
    fn place(&self) -> String {
        self.declared.field().expect("a field tells it").to_string()
    }

    fn of(&self, tokens: &Tokens) -> Expiry {
        match self.role {
            Role::Access => tokens.access.expiry(),
            Role::Refresh => tokens.refresh_expiry(),
        }
    }

    /// An answer that brings the token.
    fn answer(&self) -> Document {
        match self.role {
            Role::Access => self.bench.success(),
            Role::Refresh => self.bench.whole(),
        }
    }

    fn is_read(&self) {
        if *self.declared == Declared::Jwt {
            return self.is_read_of_the_token();
        }
        let rows = rows(self.declared);
        let place = self.place();
        for (written, lifetime) in rows.accepted {
            let tokens = self.bench.tokens(self.answer().with(&place, &written));
            let end = Expiry::At(started_at() + Duration::from_millis(lifetime));
            assert_eq!(self.of(&tokens), end, "{written}");
        }
        if let Some(past) = rows.past {
            let dead = self.bench.tokens(self.answer().with(&place, &past));
            assert_eq!(self.of(&dead), Expiry::At(started_at() - seconds(86_400)));
        }
    }

    fn is_absent(&self) {
        let (answer, place) = (self.answer(), self.place());
        for body in [answer.without(&place), answer.with(&place, "null")] {
            let tokens = self.bench.tokens(body);
            assert_eq!(self.of(&tokens), Expiry::Undeclared);
            assert_eq!(tokens.deviations, [Deviation::ExpiryMissing]);
        }
    }

    fn is_implausible(&self) {
        let (answer, place) = (self.answer(), self.place());
        for written in rows(self.declared).refused {
            let tokens = self.bench.tokens(answer.with(&place, &written));
            assert_eq!(tokens.access.expose(), self.bench.new_access, "{written}");
            assert_eq!(self.of(&tokens), Expiry::Undeclared, "{written}");
            assert_eq!(tokens.deviations, [Deviation::ExpiryUnreadable], "{written}");
        }
    }

    fn is_read_of_the_token(&self) {
        let end = Expiry::At(started_at() + seconds(7200));
        let plain =
            [r#"{"exp":1795255200}"#, r#"{"exp":1795255200.0,"iat":1}"#, r#"{"exp":"1795255200"}"#];
        for claims in plain {
            let token = jwt(claims);
            assert_eq!(self.own(&token), end, "{claims}");
            assert_eq!(self.of(&self.brought(&token)), end, "{claims}");
        }
        let open = [
            "{}",
            r#"{"exp":null}"#,
            r#"{"exp":"soon"}"#,
            r#"{"exp":1795255200000}"#,
            r#"{"exp":-1}"#,
            "not JSON",
        ];
        for claims in open {
            let tokens = self.brought(&jwt(claims));
            assert_eq!(self.of(&tokens), Expiry::Undeclared, "{claims}");
            if self.role == Role::Access {
                assert_eq!(tokens.deviations, [Deviation::ExpiryMissing], "{claims}");
            }
        }
        for token in ["opaque", "a.b.c", "..", "a.b"] {
            assert_eq!(self.own(token), Expiry::Undeclared, "{token}");
        }
    }

    /// The end of a token by itself.
    fn own(&self, text: &str) -> Expiry {
        let piece = Piece { text: text.to_owned(), expiry: None };
        self.bench.subject.expiry(self.role, &piece)
    }

    /// What the client makes of an answer with this token.
    fn brought(&self, token: &str) -> Tokens {
        let place = match self.role {
            Role::Access if self.bench.fields.is_none() => return self.bench.tokens(token),
            Role::Access => self.bench.access_place(),
            Role::Refresh => self.bench.refresh_place(),
        };
        self.bench.tokens(self.bench.success().with(&place, &quoted(token)))
    }
}

/// What may stand in a field that says when a token ends.
struct Rows {
    /// What is written, and how many milliseconds after the start of the exchange the token then ends.
    accepted: Vec<(String, u64)>,
    /// What is written for a token that ended a day before the exchange began.
    past: Option<String>,
    /// What says nothing that can be right.
    refused: Vec<String>,
}

fn rows(expires: &Declared) -> Rows {
    match expires {
        Declared::Milliseconds(_) => relative_rows(1000),
        Declared::UnixSeconds(_) => absolute_rows(1),
        Declared::UnixMilliseconds(_) => absolute_rows(1000),
        Declared::Rfc3339(_) => date_rows(),
        _ => relative_rows(1),
    }
}

fn relative_rows(unit: u64) -> Rows {
    let (hour, longest) = (3600 * unit, LONGEST * unit);
    let mut accepted = writings(hour, 3_600_000);
    accepted.push((longest.to_string(), LONGEST * 1000));
    if unit == 1 {
        accepted.push(("1.5".to_owned(), 1500));
    }
    let mut refused: Vec<_> = NEVER_A_NUMBER.map(str::to_owned).into();
    // The last two are an instant where a lifetime should be.
    refused.extend([
        "0".to_owned(),
        (longest + 1).to_string(),
        (START * unit).to_string(),
        (START * unit * 1000).to_string(),
    ]);
    Rows { accepted, past: None, refused }
}

fn absolute_rows(unit: u64) -> Rows {
    let mut accepted = writings((START + 3600) * unit, 3_600_000);
    let last = (START + LONGEST) * unit;
    let first = (START - 86_400) * unit;
    accepted.extend([((START * unit).to_string(), 0), (last.to_string(), LONGEST * 1000)]);
    let mut refused: Vec<_> = NEVER_A_NUMBER.map(str::to_owned).into();
    // The last two are a lifetime where an instant should be, and an instant in the other unit.
    let other_unit = if unit == 1 { START * 1000 } else { START };
    refused.extend([last + 1, first - 1, 3600 * unit, other_unit].map(|number| number.to_string()));
    Rows { accepted, past: Some(first.to_string()), refused }
}

fn date_rows() -> Rows {
    let accepted = [
        ("\"2026-11-21T09:00:00Z\"", 3_600_000),
        ("\"2026-11-21T10:30:00+01:30\"", 3_600_000),
        ("\"2026-11-21T08:00:01.5Z\"", 1500),
        ("\"2036-11-18T08:00:00Z\"", LONGEST * 1000),
    ];
    let refused = [
        "1795251600",
        "true",
        "{}",
        "[]",
        "\"soon\"",
        "\"2026-11-21\"",
        "\"2026-11-21T09:00:00\"",
        "\"2036-11-18T08:00:01Z\"",
        "\"2026-11-20T07:59:59Z\"",
        "\"1970-01-01T01:00:00Z\"",
    ];
    Rows {
        accepted: accepted.map(|(written, end)| (written.to_owned(), end)).into(),
        past: Some("\"2026-11-20T08:00:00Z\"".to_owned()),
        refused: refused.map(str::to_owned).into(),
    }
}

/// The ways to write one number.
fn writings(number: u64, end: u64) -> Vec<(String, u64)> {
    [format!("{number}"), format!("{number}.0"), format!("\"{number}\""), format!("\"{number}.0\"")]
        .map(|written| (written, end))
        .into()
}

/// A token that is held already has the end that is known of it: its own, never, or one from a store.
pub fn held_expiry(bench: &Bench<'_>) {
    let end = Expiry::At(started_at() + seconds(60));
    for (role, declared) in roles(bench) {
        let own = if *declared == Declared::Never { Expiry::Never } else { Expiry::Undeclared };
        for (expiry, expected) in [(None, own), (Some(end), end)] {
            let piece = Piece { text: "opaque".to_owned(), expiry };
            assert_eq!(bench.subject.expiry(role, &piece), expected, "{role:?}");
        }
    }
}

/// The tokens that the contract knows, and how the end of each is told.
pub(super) fn roles<'a>(
    bench: &'a Bench<'_>,
) -> impl Iterator<Item = (Role, &'a Declared)> + use<'a> {
    let refresh = bench.contract.refresh.as_ref();
    let refresh = refresh.map(|token| (Role::Refresh, &token.expires));
    std::iter::once((Role::Access, &bench.contract.access.expires)).chain(refresh)
}

/// A lifetime counts from the moment the request started, not from the answer (R15).
pub fn expiry_from_start(bench: &Bench<'_>) {
    let earlier = started_at() - seconds(600);
    let (_, pending) = bench.exchange_of(&bench.held(), earlier);
    let tokens = pending.finish(answer(bench.status).body(bench.success_text()));
    let tokens = tokens.expect("the answer brings tokens");
    let life = |expires: &Declared, told: u64| match expires {
        Declared::Seconds(_) | Declared::Milliseconds(_) => Some(seconds(told)),
        Declared::Constant(lifetime) => Some(*lifetime),
        _ => None,
    };
    let access = life(&bench.contract.access.expires, ACCESS_LIFE);
    if let Some(life) = access {
        assert_eq!(tokens.access.expiry(), Expiry::At(earlier + life));
    }
    let replaceable = bench.replaceable().zip(bench.answered_refresh());
    let refresh = replaceable.and_then(|((refresh, _), answered)| {
        let constant = matches!(refresh.expires, Declared::Constant(_));
        let renewed = answered != bench.values.refresh || !constant;
        life(&refresh.expires, REFRESH_LIFE).filter(|_| renewed)
    });
    if let Some(life) = refresh {
        assert_eq!(tokens.refresh_expiry(), Expiry::At(earlier + life));
    }
    assert!(access.or(refresh).is_some(), "no lifetime counts from the start");
}
