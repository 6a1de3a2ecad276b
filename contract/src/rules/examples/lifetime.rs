//! Lifetimes that a contract states, held against the tokens and the answers of its examples.

use super::Facts;
use crate::contract::{Example, Expect, Expiry, duration_words};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::LIFETIME_CONTRADICTS_EXAMPLE;
use crate::exchange::{jwt, lifetime, milliseconds};
use crate::path::Path;
use serde_json::Value;
use std::time::Duration;

/// Pages and tokens may differ by this much.
const TOLERANCE: Duration = Duration::from_secs(60);

pub(super) fn check(facts: Facts<'_>, example: &Example, path: &Path, found: &mut Vec<Finding>) {
    let Expect::Tokens { access_token, refresh_token, .. } = &example.expect else {
        return;
    };
    let path = path.key("expect");
    let access = &facts.contract.access;
    let declared = [
        stated(&access.expires, facts.contract.fields_of(example).as_ref()),
        access.usual_lifetime.map(|usual| (usual, "`usual_lifetime`".to_owned())),
    ];
    compare(&declared, access_token, path.key("access_token"), found);
    if let (Some(refresh), Some(token)) = (&facts.contract.refresh, refresh_token) {
        compare(
            &[stated(&refresh.expires, facts.contract.told_refresh_token(example).as_ref())],
            token,
            path.key("refresh_token"),
            found,
        );
    }
}

/// A lifetime, and who says so.
type Stated = (Duration, String);

fn stated(expiry: &Expiry, answer: Option<&Value>) -> Option<Stated> {
    match expiry {
        Expiry::Constant(lifetime) => Some((*lifetime, "the declared constant".to_owned())),
        _ => {
            let answer = answer?;
            let field = expiry.field()?.present(answer);
            Some((lifetime(expiry, answer)?, format!("the answer's `{field}`")))
        }
    }
}

/// Holds what is stated against the token's own claims, and one statement against the other.
fn compare(declared: &[Option<Stated>], token: &str, path: Path, found: &mut Vec<Finding>) {
    let own = own_lifetime(token).map(|own| (own, "the token's `exp - iat`".to_owned()));
    let all: Vec<&Stated> = declared.iter().flatten().chain(&own).collect();
    let Some(((first, who), rest)) =
        all.split_first().map(|((first, who), rest)| ((*first, who), rest))
    else {
        return;
    };
    for (other, other_who) in rest.iter().map(|stated| (stated.0, &stated.1)) {
        if first.abs_diff(other) > TOLERANCE {
            let message = format!(
                "{who} says {}, and {other_who} says {}",
                duration_words(first),
                duration_words(other)
            );
            let hint = "check the unit and the page; make the synthetic token live as long";
            found.push(Finding::value(LIFETIME_CONTRADICTS_EXAMPLE, path, message).hint(hint));
            return;
        }
    }
}

fn own_lifetime(token: &str) -> Option<Duration> {
    let claims = jwt::claims(token)?;
    let claim = |name| milliseconds(claims.get(name)?, 1000.0);
    let lifetime = claim("exp")?.checked_sub(claim("iat")?)?;
    u64::try_from(lifetime).ok().map(Duration::from_millis)
}
