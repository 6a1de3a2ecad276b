//! What the tokens are.

use super::{condition, duration, expiry, headers, profile, response};
use crate::contract::{
    AccessRefusal, AccessToken, Expiry, FieldRefusal, OldAccessToken, Operation, RefreshToken,
    RefreshUse, ReplayEnd, Rotation, SentAs, Spent,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    BAD_HEADER, BAD_LIMIT, BAD_STATUS, BAD_TEXT, EMPTY_LIST, MISSING_FACT,
};
use crate::path::Path;
use crate::spec::{
    AccessRefusalDetail, AccessRefusalSpec, AccessTokenSpec, OneOrMany, RefreshTokenSpec,
    RefusalStatus, SentAsDetail, SentAsName, SentAsSpec, SpentDetail, SpentName, SpentSpec,
};
use std::collections::HashSet;
use std::time::Duration;

/// What refuses a dead access token where the page does not say it (RFC 6750 section 3.1).
const UNAUTHORIZED: u16 = 401;

/// The access token.
pub(super) fn access(
    written: &AccessTokenSpec,
    profile: bool,
    found: &mut Vec<Finding>,
) -> AccessToken {
    let AccessTokenSpec {
        name,
        r#use,
        expires,
        usual_lifetime,
        after_refresh,
        most_alive,
        sent_as,
        refused_with,
        doc,
    } = written;
    let path = Path::of("tokens.access");
    let unless_said = if profile {
        Expiry::Seconds(profile::member("expires_in").into())
    } else {
        Expiry::Undeclared
    };
    AccessToken {
        name: name.clone().unwrap_or_else(|| "access_token".to_owned()),
        use_: r#use.unwrap_or_default(),
        expires: expiry::resolve(expires.as_ref(), &path, found).unwrap_or(unless_said),
        first_lifetime: expiry::first(expires.as_ref(), &path, found),
        usual_lifetime: lifetime(usual_lifetime, &path, "usual_lifetime", found),
        shown_lifetime: None,
        after_refresh: after_refresh.unwrap_or(match most_alive {
            // The one before the newest is not the oldest.
            Some(_) => OldAccessToken::Valid,
            None => OldAccessToken::Unknown,
        }),
        most_alive: self::most_alive(*most_alive, path.key("most_alive"), found),
        sent_as: match sent_as {
            Some(written) => self::sent_as(written, &path.key("sent_as"), found),
            None => profile.then(|| SentAs::authorization(Some("Bearer"))),
        },
        refused_with: match refused_with {
            Some(written) => refusals(written, &path.key("refused_with"), found),
            None => vec![AccessRefusal::Status(UNAUTHORIZED)],
        },
        doc: doc.clone(),
    }
}

fn most_alive(written: Option<u32>, path: Path, found: &mut Vec<Finding>) -> Option<u32> {
    if let Some(few @ 0..=1) = written {
        let message = format!("{few} is no number of access tokens of which one is the oldest");
        let hint = "write 2 or more; where only the newest lives, `after_refresh: revoked`";
        found.push(Finding::value(BAD_LIMIT, path, message).hint(hint));
    }
    written
}

/// The fact of the access token that clients act on although nobody said it.
pub(super) fn assumed(written: &AccessTokenSpec) -> Option<&'static str> {
    written.refused_with.is_none().then_some("tokens.access.refused_with")
}

fn lifetime(
    written: &Option<String>,
    token: &Path,
    key: &str,
    found: &mut Vec<Finding>,
) -> Option<Duration> {
    written.as_deref().map(|text| duration::resolve(text, token.key(key), found))
}

/// How a dead access token is refused, in the order in which it is written: the usual way is the first.
fn refusals(
    written: &OneOrMany<AccessRefusalSpec>,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Vec<AccessRefusal> {
    if written.as_slice().is_empty() {
        let message = "the list is empty: no answer would say that the token is dead";
        found.push(
            Finding::value(EMPTY_LIST, path.clone(), message)
                .hint("list them, or leave the key out: it means 401"),
        );
    }
    let mut statuses = HashSet::new();
    let mut refusals = Vec::new();
    for (path, refusal) in written.each(path) {
        let RefusalStatus(written) = match refusal {
            AccessRefusalSpec::Status(status) => status,
            AccessRefusalSpec::Field(AccessRefusalDetail { status, field, equals }) => {
                let status = response::status(status, &path.key("status"), found);
                let field = condition::field(field, Some(equals), None, &path, found);
                refusals.push(AccessRefusal::Field(FieldRefusal { status, field }));
                continue;
            }
        };
        let mut bad = |message: String, hint: &str| {
            found.push(Finding::value(BAD_STATUS, path.clone(), message).hint(hint));
        };
        match u16::try_from(*written) {
            Ok(status @ 400..=499) if statuses.insert(status) => {
                refusals.push(AccessRefusal::Status(status));
            }
            Ok(status @ 400..=499) => bad(format!("`{status}` is listed twice"), "list it once"),
            _ => bad(
                format!("`{written}` does not refuse an access token"),
                "use 400 to 499, or name the field that says it: `{ status: 200, field: /error, equals: token_expired }`",
            ),
        }
    }
    refusals
}

/// The fewest bytes of a token that tests can make up, tell from others and look for; RFC 6749 section 10.10 asks for twice as many.
const LEAST_LENGTH: u32 = 8;

/// The refresh token; `None` where none is spent and the spec names no other.
pub(super) fn refresh(
    written: Option<&RefreshTokenSpec>,
    operation: Operation,
    profile: bool,
    found: &mut Vec<Finding>,
) -> Option<RefreshToken> {
    let nothing = RefreshTokenSpec::default();
    let written = match (written, operation) {
        (Some(written), _) => written,
        (None, Operation::RefreshToken) => &nothing,
        (None, _) => return None,
    };
    let RefreshTokenSpec {
        name,
        r#use,
        rotation,
        expires,
        idle_limit,
        max_length,
        spent,
        reuse,
        doc,
    } = written;
    let path = Path::of("tokens.refresh");
    let unless_said = if profile { Rotation::Sometimes } else { Rotation::Unknown };
    // One that no other replaces is that of the next exchange as well.
    let unless_replaced = match rotation {
        Some(Rotation::Never | Rotation::Echo) => RefreshUse::Many,
        _ => RefreshUse::Unknown,
    };
    if let Some(most) = max_length.filter(|most| *most < LEAST_LENGTH) {
        let message = format!("a refresh token of at most {most} bytes can be guessed");
        found.push(
            Finding::value(BAD_TEXT, path.key("max_length"), message)
                .hint("write its greatest length in bytes, 8 or more, or leave it out"),
        );
    }
    Some(RefreshToken {
        name: name.clone().unwrap_or_else(|| "refresh_token".to_owned()),
        use_: r#use.unwrap_or(unless_replaced),
        rotation: rotation.unwrap_or(unless_said),
        expires: expiry::resolve(expires.as_ref(), &path, found).unwrap_or(Expiry::Undeclared),
        first_lifetime: expiry::first(expires.as_ref(), &path, found),
        idle_limit: lifetime(idle_limit, &path, "idle_limit", found),
        max_length: *max_length,
        spent: match spent {
            Some(written) => self::spent(written, &path.key("spent"), found),
            None => Spent::Dead,
        },
        reuse: reuse.unwrap_or_default(),
        doc: doc.clone(),
    })
}

fn sent_as(written: &SentAsSpec, path: &Path, found: &mut Vec<Finding>) -> Option<SentAs> {
    match written {
        SentAsSpec::Named(SentAsName::Bearer) => Some(SentAs::authorization(Some("Bearer"))),
        SentAsSpec::Named(SentAsName::Raw) => Some(SentAs::authorization(None)),
        SentAsSpec::Named(SentAsName::Unknown) => None,
        SentAsSpec::Detailed(detail) => detailed_sent_as(detail, path, found),
    }
}

fn detailed_sent_as(
    detail: &SentAsDetail,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Option<SentAs> {
    let SentAsDetail { scheme, header, cookie, query } = detail;
    if let Some(scheme) = scheme {
        if headers::token_problem(scheme).is_some() {
            let message = format!("`{scheme}` is no scheme of an `Authorization` header");
            found.push(
                Finding::value(BAD_HEADER, path.key("scheme"), message)
                    .hint("write one word: `SSWS`"),
            );
        }
        return Some(SentAs::authorization(Some(scheme)));
    }
    if let Some(name) = cookie {
        let path = path.key("cookie");
        found.extend(headers::cookie_name_problem(name, path, crate::diagnostics::At::Value));
        return Some(SentAs::Cookie(name.clone()));
    }
    if let Some(name) = query {
        if name.is_empty() {
            let message = "a parameter of the query has an empty name";
            found.push(
                Finding::value(BAD_TEXT, path.key("query"), message)
                    .hint("write the provider's name for it"),
            );
        }
        return Some(SentAs::Query(name.clone()));
    }
    let header = header.as_ref()?;
    let problem = headers::name_problem(header, &path.key("header"));
    found.extend(problem.map(|finding| Finding { at: crate::diagnostics::At::Value, ..finding }));
    Some(SentAs::Header { name: header.to_ascii_lowercase(), scheme: None })
}

fn spent(written: &SpentSpec, path: &Path, found: &mut Vec<Finding>) -> Spent {
    match written {
        SpentSpec::Named(SpentName::Dead) => Spent::Dead,
        SpentSpec::Named(SpentName::Unknown) => Spent::Unknown,
        SpentSpec::Detailed(SpentDetail { good_for, good_until, answer, generations }) => {
            let window = good_for.as_deref();
            let window = window.map(|text| duration::resolve(text, path.key("good_for"), found));
            let until = match (window, *good_until) {
                (Some(window), Some(successor)) => ReplayEnd::First(window, successor),
                (Some(window), None) => ReplayEnd::After(window),
                (None, Some(successor)) => ReplayEnd::Used(successor),
                (None, None) => {
                    let message = "nothing says until when a spent refresh token may be sent again";
                    let hint = "add `good_for: 30s`, or `good_until: either_used`, or both for whichever is first";
                    found.push(Finding::value(MISSING_FACT, path.clone(), message).hint(hint));
                    return Spent::Unknown;
                }
            };
            if *generations == Some(0) {
                let message = "the last spent refresh token may be sent again, and so may none";
                let path = path.key("generations");
                found.push(
                    Finding::value(BAD_LIMIT, path, message)
                        .hint("write 1 or more, or leave it out"),
                );
            }
            Spent::Good { until, answer: answer.unwrap_or_default(), generations: *generations }
        }
    }
}
