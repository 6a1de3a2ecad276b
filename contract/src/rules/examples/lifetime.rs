//! Lifetimes that a contract states, held against the tokens and the answers of its examples.

use super::{Facts, shown};
use crate::contract::{Example, Expect, Expiry, duration_words};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::LIFETIME_CONTRADICTS_EXAMPLE;
use crate::exchange::{jwt, lifetime, milliseconds};
use crate::path::{Path, Step};
use serde_json::Value;
use std::time::Duration;

/// Who says the usual lifetime.
const USUAL: &str = "`usual_lifetime`";

/// Pages and tokens may differ by this much.
const TOLERANCE: Duration = Duration::from_secs(60);

pub(super) fn check(facts: Facts<'_>, example: &Example, path: &Path, found: &mut Vec<Finding>) {
    let Expect::Tokens { access_token, refresh_token, .. } = &example.expect else {
        return;
    };
    let expected = path.key("expect");
    let access = &facts.contract.access;
    let answer = facts.contract.fields_of(example);
    let usual = access.usual_lifetime.map(|usual| (usual, USUAL.to_owned()));
    let expires = stated(&access.expires, answer.as_ref());
    let token = expected.key("access_token");
    if !is_noted(facts, &["tokens.access.expires", "tokens.access.usual_lifetime"])
        && let Some(differ) = difference(&[expires, usual], access_token)
    {
        // An opaque token says nothing: what differs is the answer, or what the page says.
        let field = access.expires.field().map(|field| match &answer {
            Some(answer) => shown(example, field.present(answer), answer, path),
            None => token.clone(),
        });
        let place = match (differ.is_of_token, field) {
            (true, _) => token,
            (false, Some(field)) => field,
            (false, None) => Path::of("tokens.access.usual_lifetime"),
        };
        found.push(differ.finding("tokens.access", place));
    }
    if !is_noted(facts, &["tokens.refresh.expires"])
        && let (Some(refresh), Some(token)) = (&facts.contract.refresh, refresh_token)
        && let told = facts.contract.told_refresh_token(example)
        && let Some(differ) = difference(&[stated(&refresh.expires, told.as_ref())], token)
    {
        found.push(differ.finding("tokens.refresh", expected.key("refresh_token")));
    }
}

/// Whether the spec notes that the page contradicts itself about one of these facts.
fn is_noted(facts: Facts<'_>, about: &[&str]) -> bool {
    let noted =
        facts.spec.provenance.iter().flat_map(|provenance| provenance.contradictions.keys());
    let mut noted = noted.map(|fact| Path::of(fact));
    noted.any(|fact| about.iter().any(|about| fact.is_related(&Path::of(about))))
}

/// A lifetime, and who says so.
type Stated = (Duration, String);

/// Two lifetimes that should be one.
struct Differ {
    message: String,
    /// Whether one of them is the token's own.
    is_of_token: bool,
    /// Which key states one of them beside the answer: `usual_lifetime`.
    key: &'static str,
}

impl Differ {
    fn finding(self, token: &str, place: Path) -> Finding {
        let fact = format!("{token}.{}", self.key);
        let of_example = place.0.first() == Some(&Step::Key("examples".to_owned()));
        let what = match (self.is_of_token, of_example) {
            (true, _) => format!("make the synthetic token live as long, or correct `{fact}`"),
            (false, true) => format!("correct the example, or `{fact}`"),
            (false, false) => "correct one of the two".to_owned(),
        };
        let hint = format!(
            "{what}: check the unit; where the page itself says both, note it: `provenance: {{ contradictions: {{ {fact}: … }} }}`"
        );
        Finding::value(LIFETIME_CONTRADICTS_EXAMPLE, place, self.message).hint(hint)
    }
}

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
fn difference(declared: &[Option<Stated>], token: &str) -> Option<Differ> {
    let own = own_lifetime(token).map(|own| (own, "the token's `exp - iat`".to_owned()));
    let all: Vec<&Stated> = declared.iter().flatten().chain(&own).collect();
    let ((first, who), rest) = all.split_first()?;
    let (other, other_who) = rest.iter().find(|(other, _)| first.abs_diff(*other) > TOLERANCE)?;
    let message = format!(
        "{who} says {}, and {other_who} says {}",
        duration_words(*first),
        duration_words(*other)
    );
    let is_of_token = own.as_ref().is_some_and(|(_, own)| own == other_who);
    let is_usual = [who, other_who].iter().any(|who| who.as_str() == USUAL);
    let key = if is_usual { "usual_lifetime" } else { "expires" };
    Some(Differ { message, is_of_token, key })
}

fn own_lifetime(token: &str) -> Option<Duration> {
    let claims = jwt::claims(token)?;
    let claim = |name| milliseconds(claims.get(name)?, 1000.0);
    let lifetime = claim("exp")?.checked_sub(claim("iat")?)?;
    u64::try_from(lifetime).ok().map(Duration::from_millis)
}
