//! What becomes of the refresh token.

use super::answer::NO_TOKENS;
use super::bench::{Bench, REFRESH_LIFE, seconds, started_at};
use super::made::quoted;
use super::subject::{Spends, Tokens};
use crate::{answer, head};
use rekindle_contract::contract::{
    Credential, Expiry as Declared, RefreshToken, RefreshUse, RefreshWhen, Rotation,
};
use rekindle_runtime::{Deviation, Expiry};
use std::time::SystemTime;

/// A minute after the start of the exchange, and a second: no lifetime of the checks ends then.
fn odd_end() -> SystemTime {
    started_at() + seconds(61)
}

/// What is spent, the refresh token with this end.
fn held_until(bench: &Bench<'_>, end: SystemTime) -> Spends {
    let mut spends = bench.held();
    if !bench.contract.credential().holds_refresh_token() {
        spends.access.expiry = Some(Expiry::At(end));
    } else {
        spends.refresh.expiry = Some(Expiry::At(end));
    }
    spends
}

/// The tokens after a success with this body, where the refresh token that is held ends at an odd moment.
fn renewed(bench: &Bench<'_>, body: impl Into<Vec<u8>>) -> Tokens {
    let (_, pending) = bench.exchange_of(&held_until(bench, odd_end()), started_at());
    let tokens = pending.finish(answer(bench.status).body(body));
    tokens.expect("the answer brings tokens")
}

/// An answer without a refresh token keeps the old one and its end: absent, `null` and `""` mean the same (R16).
pub fn refresh_token_kept(bench: &Bench<'_>) {
    let Some((refresh, place)) = bench.replaceable() else {
        // As no answer brings a refresh token, each keeps the old one.
        return assert_kept(bench, &renewed(bench, bench.success_text()));
    };
    let missed = matches!(refresh.rotation, Rotation::Always | Rotation::Echo | Rotation::KeepsOld);
    let expected: &[Deviation] = if missed { &[Deviation::RefreshTokenMissing] } else { &[] };
    let (answer, place) = (bench.success(), place.to_string());
    let bodies =
        [answer.without(&place), answer.with(&place, "null"), answer.with(&place, r#""""#)];
    for body in bodies {
        let tokens = renewed(bench, body);
        assert_kept(bench, &tokens);
        assert_eq!(tokens.deviations, expected);
    }
}

fn assert_kept(bench: &Bench<'_>, tokens: &Tokens) {
    assert_eq!(tokens.refresh_text(), bench.values.refresh);
    assert_eq!(tokens.refresh_expiry(), Expiry::At(odd_end()));
}

/// A new refresh token replaces the old one, whatever was expected; where the end counts from signing in, it has the end of the old
/// one (R16).
pub fn refresh_token_replaced(bench: &Bench<'_>) {
    let (refresh, place) = bench.replaceable().expect("answers may hold one");
    let place = place.to_string();
    let with = |token: &str| bench.success().with(&place, &quoted(token));

    let tokens = bench.tokens(with(&bench.new_refresh));
    assert_eq!(tokens.refresh_text(), bench.new_refresh);
    let unexpected = matches!(refresh.rotation, Rotation::Never | Rotation::Echo);
    let reported = tokens.deviations.contains(&Deviation::RefreshTokenUnexpected);
    assert_eq!(reported, unexpected, "whether a new one is reported");

    let tokens = bench.tokens(with(&bench.values.refresh));
    assert_eq!(tokens.refresh_text(), bench.values.refresh);
    let unchanged = matches!(refresh.rotation, Rotation::Always | Rotation::KeepsOld);
    let reported = tokens.deviations.contains(&Deviation::RefreshTokenUnchanged);
    assert_eq!(reported, unchanged, "whether the old one is reported");

    if matches!(refresh.expires, Declared::SinceSignIn(_)) {
        let end = renewed(bench, with(&bench.new_refresh)).refresh_expiry();
        assert_eq!(end, Expiry::At(odd_end()), "no refresh puts it off");
    }
    if let Some(end) = repeated_end(bench, refresh) {
        assert_eq!(renewed(bench, with(&bench.values.refresh)).refresh_expiry(), end);
    }
    if let Some(length) = refresh.max_length.and_then(|length| length.checked_add(1)) {
        let long = "r".repeat(length as usize);
        let tokens = bench.tokens(with(&long));
        assert_eq!(tokens.refresh_text(), long);
        assert!(tokens.deviations.contains(&Deviation::RefreshTokenTooLong));
    }
}

/// The end of a token that the answer repeats, where the one held has another: a documented lifetime runs from the issue, and
/// what the answer or the token says counts. None where neither says anything.
fn repeated_end(bench: &Bench<'_>, refresh: &RefreshToken) -> Option<Expiry> {
    match &refresh.expires {
        Declared::Constant(_) | Declared::SinceSignIn(_) => Some(Expiry::At(odd_end())),
        Declared::Jwt => Some(Expiry::At(started_at() + seconds(86_400))),
        Declared::Never | Declared::Undeclared => None,
        expires => bench.answered_refresh().map(|_| bench.expected_end(expires, REFRESH_LIFE)),
    }
}

/// A refresh token of another type than text, or that no header can carry, breaks the contract; where the old one is good for many
/// exchanges, it is kept, and that is reported.
pub fn refresh_token_wrong_type(bench: &Bench<'_>) {
    let (refresh, place) = bench.replaceable().expect("answers may hold one");
    for value in ["0", "true", "{}", "[]"].iter().chain(&NO_TOKENS) {
        // White space alone is no text in XML, and so no token.
        if !bench.can_send_at(&place.to_string(), value) {
            continue;
        }
        let answer = bench.success().with(&place.to_string(), value);
        if refresh.use_ != RefreshUse::Many {
            bench.assert_lost(answer);
            continue;
        }
        let tokens = bench.tokens(answer);
        assert_eq!(tokens.access.expose(), bench.new_access, "{value}");
        assert_eq!(tokens.refresh_text(), bench.values.refresh, "{value}");
        assert!(tokens.deviations.contains(&Deviation::RefreshTokenUnreadable), "{value}");
    }
}

/// A new refresh token in an otherwise useless answer is not lost with it; the old one repeated is no new one (R16, R25).
pub fn refresh_token_salvaged(bench: &Bench<'_>) {
    let (refresh, place) = bench.replaceable().expect("answers may hold one");
    let (access, place) = (bench.access_place(), place.to_string());
    let with = |token: &str| bench.success().with(&place, &quoted(token)).without(&access);
    let new = with(&bench.new_refresh);
    bench.assert_unusable(&new, "replaced");
    let in_body = !head::is_place(&place);
    if in_body && !bench.is_form() && bench.contract.response.success.field.is_none() {
        // Cut behind the token, which is all that is left of the answer.
        let whole = new.text();
        let end = whole.find(&bench.new_refresh).expect("it is in it") + bench.new_refresh.len();
        let behind = if bench.is_xml() { whole[end..].find('>').expect("an end tag") } else { 0 };
        bench.assert_unusable(&whole[..=end + behind], "replaced");
    }

    let access_end = match bench.contract.request.when {
        RefreshWhen::NearExpiry(_) | RefreshWhen::AfterExpiry => started_at() - seconds(61),
        _ => odd_end(),
    };
    let both = bench.contract.credential() == Credential::Both;
    let mut spends = if both { bench.ending(Expiry::At(access_end)) } else { bench.held() };
    spends.refresh.expiry = Some(Expiry::At(odd_end()));
    let (_, pending) = bench.exchange_of(&spends, started_at());
    let error = pending.finish(answer(bench.status).body(new)).expect_err("no access token");
    let replacement = error.into_credential().expect("the new refresh token");
    let kept = replacement.refresh_token().expect("the new refresh token");
    assert_eq!(kept.expose(), bench.new_refresh);
    assert_eq!(kept.expiry(), salvaged_end(bench, refresh));
    match replacement.access_token() {
        Some(access) if both => {
            assert_eq!(access.expose(), bench.values.access);
            assert_eq!(access.expiry(), Expiry::At(access_end));
        }
        other => assert!(other.is_none() && !both, "what is held besides"),
    }
    bench.assert_lost(with(&bench.values.refresh));
}

/// What brings tokens where a refresh cannot brings a refresh token, too: without one there is nothing to go on with (R16).
pub fn minted_refresh_token(bench: &Bench<'_>) {
    let (_, place) = bench.replaceable().expect("answers hold one");
    let (answer, place) = (bench.success(), place.to_string());
    assert_eq!(bench.tokens(answer.clone()).refresh_text(), bench.new_refresh);
    bench.assert_lost(answer.without(&place));
    let values = ["null", r#""""#, "0", "{}"];
    let values = values.iter().chain(&NO_TOKENS);
    for value in values.filter(|value| bench.can_send_at(&place, value)) {
        bench.assert_lost(answer.with(&place, value));
    }
}

/// The end of a refresh token that came with nothing else.
fn salvaged_end(bench: &Bench<'_>, refresh: &RefreshToken) -> Expiry {
    match &refresh.expires {
        Declared::Never => Expiry::Never,
        Declared::Jwt => bench.expected_end(&refresh.expires, REFRESH_LIFE),
        Declared::SinceSignIn(_) => Expiry::At(odd_end()),
        // It was read whole, before another request failed.
        _ if !bench.contract.request.then.is_empty() => {
            bench.expected_end(&refresh.expires, REFRESH_LIFE)
        }
        _ => Expiry::Undeclared,
    }
}
