//! When tokens end.

use super::bench::{Bench, REFRESH_LIFE, seconds, started_at};
use super::expiry_rows::{Rows, rows};
use super::made::{ACCESS_LIFE, quoted};
use super::subject::{Piece, Role, Tokens};
use crate::{Document, answer, jwt};
use rekindle_contract::contract::{Expiry as Declared, Otherwise, Told, ZeroExpiry};
use rekindle_runtime::{Deviation, Expiry};
use std::time::Duration;

/// The access token's end is read as it is told: by a field in its declared kind and unit, however it is written, up to what is plausible; or by the token itself, and what is no JWT, or says nothing plausible, leaves it open.
/// A lifetime of more than ten years is believed and reported, and a zero is what the contract says (R14).
pub fn access_expiry(bench: &Bench<'_>) {
    End::new(bench, Role::Access).is_read();
}

/// An answer that does not say when the access token ends leaves that open, and is reported; where the contract says when it ends
/// then, that is its end, and nothing is reported (R14).
pub fn access_expiry_absent(bench: &Bench<'_>) {
    End::new(bench, Role::Access).is_absent();
}

/// An end that cannot be right is no date: another unit, another kind, negative, nothing, centuries away. It is left open, or is what
/// the contract says for such an answer, is reported, and does not cost the tokens (R14).
pub fn access_expiry_implausible(bench: &Bench<'_>) {
    End::new(bench, Role::Access).is_implausible();
}

/// The refresh token's end is read as the access token's is (R14).
pub fn refresh_expiry(bench: &Bench<'_>) {
    End::new(bench, Role::Refresh).is_read();
}

/// An answer that does not say when the refresh token ends is read as the access token's is (R14).
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
    fn told(&self) -> &'a Told {
        self.declared.told().expect("a field tells it")
    }

    /// Where answers tell it; the first place of several.
    fn place(&self) -> String {
        self.told().field.to_string()
    }

    /// The end where the answer does not say it.
    fn otherwise(&self) -> Expiry {
        match self.told().otherwise {
            None => Expiry::Undeclared,
            Some(Otherwise::Never) => Expiry::Never,
            Some(Otherwise::After(lifetime)) => Expiry::At(started_at() + lifetime),
        }
    }

    fn rows(&self) -> Rows {
        rows(self.declared, self.bench.holds_texts())
    }

    /// An answer with this in it brings the token, with this end and these deviations.
    #[track_caller]
    fn assert_read(&self, answer: Document, end: Expiry, deviations: &[Deviation], written: &str) {
        let tokens = self.bench.tokens(answer);
        assert_eq!(tokens.access.expose(), self.bench.new_access, "{written}");
        assert_eq!((self.of(&tokens), &*tokens.deviations), (end, deviations), "{written}");
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
        let (rows, answer, place) = (self.rows(), self.answer(), self.place());
        let after = |lifetime| Expiry::At(started_at() + Duration::from_millis(lifetime));
        for (written, lifetime) in &rows.accepted {
            self.assert_read(answer.with(&place, written), after(*lifetime), &[], written);
        }
        for (written, lifetime) in &rows.far {
            let doubt = [Deviation::ExpiryFarAhead];
            self.assert_read(answer.with(&place, written), after(*lifetime), &doubt, written);
        }
        if let Some(past) = &rows.past {
            let end = Expiry::At(started_at() - seconds(86_400));
            self.assert_read(answer.with(&place, past), end, &[], past);
        }
        let zero = self.told().zero.map(|zero| match zero {
            ZeroExpiry::Never => Expiry::Never,
            ZeroExpiry::Undeclared => Expiry::Undeclared,
        });
        for (written, end) in rows.zero.iter().filter_map(|written| Some((written, zero?))) {
            self.assert_read(answer.with(&place, written), end, &[], written);
        }
    }

    fn is_absent(&self) {
        let (answer, place) = (self.answer(), self.place());
        let missing = [Deviation::ExpiryMissing];
        let deviations = if self.told().otherwise.is_some() { &[][..] } else { &missing };
        for answer in [answer.without(&place), answer.with(&place, "null")] {
            self.assert_read(answer, self.otherwise(), deviations, "nothing");
        }
    }

    fn is_implausible(&self) {
        let (answer, place, rows) = (self.answer(), self.place(), self.rows());
        let zero = rows.zero.iter().filter(|_| self.told().zero.is_none());
        // XML has nothing but texts, and tells none where it is empty.
        let is_told = |written: &&String| {
            !self.bench.is_xml() || !["{}", "[]", "\"\""].contains(&written.as_str())
        };
        for written in rows.refused.iter().chain(zero).filter(is_told) {
            let deviations = [Deviation::ExpiryUnreadable];
            self.assert_read(answer.with(&place, written), self.otherwise(), &deviations, written);
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
        _ if expires.is_told_lifetime() => Some(seconds(told)),
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
