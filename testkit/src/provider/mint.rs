//! Makes tokens. Whoever sees one sees that it is worth nothing.

use crate::mix::{STEP, mix};
use jiff::Timestamp;
use rekindle_contract::contract::Expiry;
use serde_json::json;

/// No token that is longer than it may be is longer than this: 64 KiB.
pub(super) const LONGEST: usize = 64 * 1024;

/// What tells a token from all others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark<'a> {
    /// The provider's id.
    pub(super) provider: &'a str,
    /// `access` or `refresh`.
    pub(super) kind: &'a str,
    /// The grant, from 1.
    pub(super) grant: usize,
    /// Which token of its kind it is in the grant, from 1.
    pub(super) generation: u64,
    /// What tells providers apart.
    pub(super) seed: u64,
}

/// What a token has to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape<'a> {
    /// When it dies, as the contract has it.
    pub(super) expiry: &'a Expiry,
    /// When it dies.
    pub(super) end: Option<Timestamp>,
    /// When it is issued.
    pub(super) now: Timestamp,
    /// Its greatest length.
    pub(super) max_length: Option<usize>,
    /// Whether it has to be longer than that.
    pub(super) too_long: bool,
}

/// A token: a JWT where the contract reads its `exp`, else a text that says what it is.
pub(super) fn token(mark: Mark<'_>, shape: Shape<'_>) -> String {
    let fits = |text: &String| shape.max_length.is_none_or(|max| text.len() <= max);
    let jwt =
        shape.end.filter(|_| *shape.expiry == Expiry::Jwt).map(|end| jwt(mark, shape.now, end));
    let token = match jwt.filter(fits) {
        Some(jwt) => jwt,
        None => text(mark, shape.max_length),
    };
    match shape.max_length {
        Some(max) if shape.too_long && max < LONGEST => {
            let missing = (max + 1).saturating_sub(token.len());
            format!("{token}{}", "x".repeat(missing))
        }
        _ => token,
    }
}

fn jwt(mark: Mark<'_>, now: Timestamp, end: Timestamp) -> String {
    let claims = json!({ "iat": now.as_second(), "exp": end.as_second(), "jti": long(mark) });
    crate::jwt(&claims.to_string())
}

/// As many words as fit; without a letter of the hash where nothing more does. It is never shorter than what tells it from all
/// other tokens of its provider, and longer than it may be where that does not fit.
fn text(mark: Mark<'_>, max_length: Option<usize>) -> String {
    let max = max_length.unwrap_or(usize::MAX);
    let initial = mark.kind.get(..1).unwrap_or_default();
    let short = format!("{initial}{}-{}-{}", mark.grant, mark.generation, hash(mark));
    let mut texts = [long(mark), short.clone()].into_iter();
    let telling = short.len() - hash(mark).len() - 1;
    let shortest = || short.chars().take(max.max(telling)).collect();
    texts.find(|text| text.len() <= max).unwrap_or_else(shortest)
}

fn long(mark: Mark<'_>) -> String {
    let provider = mark.provider.replace('_', "-");
    let (kind, grant, generation) = (mark.kind, mark.grant, mark.generation);
    format!("{provider}-{kind}-{grant}-{generation}-{}", hash(mark))
}

/// Six digits that depend on everything: whoever guesses a token is wrong.
fn hash(mark: Mark<'_>) -> String {
    let words = [mark.grant as u64, mark.generation, mark.kind.len() as u64];
    let mixed = words
        .into_iter()
        .fold(mix(mark.seed), |so_far, word| mix(so_far ^ word.wrapping_mul(STEP)));
    format!("{:06x}", mixed & 0x00ff_ffff)
}
