//! Tokens that clients make themselves: what can be told of them without a token endpoint.

use super::bench::Bound;
use super::{Check, Checked, Cost, Deviation, Kind, Verdict};
use crate::generated::{judge_token, make_token};
use crate::provider::Rule;
use jiff::{SignedDuration, Timestamp};
use rekindle_contract::contract::{ASSERTION, Contract, Generated, JsonTemplate};

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Local {
    /// The settings make a token that is as declared. Nothing is sent.
    Made,
    /// The API takes it.
    Accepted,
    /// The API refuses one that breaks this rule alone.
    Refused(Rule),
}

/// What is checked besides the rules of providers: the check's id, what must hold, and the check.
pub(super) const OWN: [(&str, &str, Local); 2] = [
    ("token-made", "The settings make a signed token that is as declared.", Local::Made),
    ("token-accepted", "The API takes a token that is as declared.", Local::Accepted),
];

/// Every check of a contract whose clients make their tokens themselves.
pub(super) fn all(contract: &Contract) -> Vec<Check> {
    let check = |id: &str, title: &str, kind| Check {
        id: id.to_owned(),
        title: title.to_owned(),
        rules: Vec::new(),
        cost: Cost::Nothing,
        kind: Kind::Local(kind),
    };
    let own = OWN.into_iter().map(|(id, title, kind)| check(id, title, kind));
    let mut found: Vec<_> = own.collect();
    let rules =
        [Rule::SignatureWrong, Rule::ClaimsWrong, Rule::AccessTokenExpired, Rule::AccessTokenSpent];
    let rules = rules.into_iter().filter(|rule| rule.applies(contract));
    found.extend(rules.map(|rule| check(rule.name(), rule.title(), Local::Refused(rule))));
    found
}

impl Local {
    pub(super) fn see(self, bound: &mut Bound<'_>) -> Checked {
        let contract = bound.bench.client.contract().clone();
        let now = bound.now()?;
        let token = made(bound, &contract, now)?;
        match self {
            Self::Made => {
                judge_token(&contract, &bound.bench.client.settings(), false, &token, now).map_err(
                    |why| Verdict::Fail(Deviation::new("a token as declared", format!("{why:?}"))),
                )
            }
            Self::Accepted => match show(bound, &token)? {
                None => Ok(()),
                Some(rule) => Err(Deviation::new(
                    "a token as declared is taken",
                    format!("it is refused: `{rule}`"),
                )
                .about(ASSERTION)
                .hint("look at the registered key, at the claims, and at the clock of this machine")
                .into()),
            },
            Self::Refused(rule) => {
                let (wrong, what) = wrong(bound, contract, rule, token, now)?;
                match show(bound, &wrong)? {
                    Some(_) => Ok(()),
                    None => {
                        let expected = format!("a token {what} is refused");
                        Err(Deviation::new(expected, "it is taken").about(ASSERTION).into())
                    }
                }
            }
        }
    }
}

/// The token of these settings.
pub(super) fn made(bound: &Bound<'_>, contract: &Contract, now: Timestamp) -> Checked<String> {
    let made = make_token(contract, &bound.bench.client.settings(), now);
    made.map(|(token, _)| token).ok_or_else(|| {
        let expected = "the settings make a token";
        let seen = "none: a value is missing, or the key cannot be read";
        let hint = "give each parameter of `client`, a private key as PEM (PKCS#8 or PKCS#1) without a passphrase";
        Deviation::new(expected, seen).about("assertion.key").hint(hint).into()
    })
}

/// A token that breaks a rule, and what is wrong with it.
fn wrong(
    bound: &mut Bound<'_>,
    mut contract: Contract,
    rule: Rule,
    token: String,
    now: Timestamp,
) -> Checked<(String, &'static str)> {
    match rule {
        Rule::SignatureWrong => {
            let (message, signature) = token.rsplit_once('.').unwrap_or((&token, ""));
            // Its bytes from behind.
            let turned: String = signature.chars().rev().collect();
            Ok((format!("{message}.{turned}"), "with another signature"))
        }
        Rule::ClaimsWrong => {
            for (_, value) in &mut contract.request.values {
                if let Generated::Jwt(jwt) = value {
                    let claim = JsonTemplate::Constant(serde_json::Value::from("1"));
                    jwt.claims.push(("rekindle-probe".to_owned(), claim));
                }
            }
            Ok((made(bound, &contract, now)?, "with another claim"))
        }
        Rule::AccessTokenSpent => {
            show(bound, &token)?;
            Ok((token, "that was used before"))
        }
        _ => {
            let lives = contract.access.usual_lifetime.unwrap_or_default();
            let ago = SignedDuration::try_from(lives).unwrap_or(SignedDuration::MAX);
            let begun = now.checked_sub(ago).unwrap_or(Timestamp::MIN);
            Ok((made(bound, &contract, begun)?, "that has just ended"))
        }
    }
}

/// Shows a token to the API: the rule by which it is refused.
fn show(bound: &mut Bound<'_>, token: &str) -> Checked<Option<Rule>> {
    bound.bench.world.use_access_token(token).map_err(|unable| {
        Verdict::CouldNotTell(format!(
            "{}: no request brings this token, so only the API can tell, and the contract does not say where that is",
            unable.0
        ))
    })
}
