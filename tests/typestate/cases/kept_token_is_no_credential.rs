//! A kept token can be cloned: no single-use token is made of it, which would be sent twice with neither `new` nor `expose`.

use rekindle_clients::runtime::Token;
use rekindle_clients::xellar::RefreshToken;

fn convert(kept: &Token) -> (RefreshToken, RefreshToken) {
    (kept.into(), RefreshToken::from(kept))
}

fn main() {}
