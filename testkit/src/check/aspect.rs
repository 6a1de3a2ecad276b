//! Aspects of the answer to a refresh.

use rekindle_contract::contract::{Contract, Expiry, Rotation, TokenPlace};

/// An aspect of the answer to a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aspect {
    Answered,
    Redirect,
    Status,
    Field,
    Readable,
    Written,
    AccessToken,
    TokenType,
    Scope,
    Outputs,
    AccessExpiry,
    AccessLifetime,
    AccessClaims,
    Rotation,
    RefreshLength,
    RefreshExpiry,
    RefreshClaims,
}

impl Aspect {
    /// Whether it is one of the answer that tells the refresh token.
    pub(super) fn is_of_refresh_token(self) -> bool {
        let all = [Self::Rotation, Self::RefreshLength, Self::RefreshExpiry, Self::RefreshClaims];
        all.contains(&self)
    }
}

/// Every aspect that has a meaning under this contract. The first ones are what the others rest on.
pub(super) fn all(contract: &Contract) -> impl Iterator<Item = Aspect> {
    let refresh = contract.refresh.as_ref();
    let told = refresh.is_some() && contract.response.refresh_token.is_some();
    let dies = |expiry: &Expiry| !matches!(expiry, Expiry::Never | Expiry::Undeclared);
    let stated = |expiry: &Expiry| dies(expiry) && *expiry != Expiry::Jwt;
    let refresh_dies = refresh.is_some_and(|token| is_told(&token.expires));
    let refresh_stated = refresh.is_some_and(|token| stated(&token.expires));
    // What an answer never brings has no length to look at, and no end.
    let brought = refresh.is_some_and(|token| token.rotation != Rotation::Never);
    let length = brought && refresh.is_some_and(|token| token.max_length.is_some());
    [
        (Aspect::Answered, true),
        (Aspect::Redirect, true),
        (Aspect::Status, true),
        (Aspect::Field, contract.response.success.field.is_some()),
        (Aspect::Readable, true),
        (
            Aspect::Written,
            matches!(contract.response.access_token, TokenPlace::Json(_)) && !contract.is_in_head(),
        ),
        (Aspect::AccessToken, !contract.response.access_token.is_unchanged()),
        (Aspect::TokenType, contract.response.token_type.is_some()),
        (Aspect::Scope, contract.response.scope.is_some()),
        (Aspect::Outputs, !contract.response.outputs.is_empty()),
        (Aspect::AccessExpiry, is_told(&contract.access.expires)),
        (Aspect::AccessLifetime, contract.access.usual_lifetime.is_some()),
        (Aspect::AccessClaims, stated(&contract.access.expires)),
        (Aspect::Rotation, told),
        (Aspect::RefreshLength, told && length),
        (Aspect::RefreshExpiry, told && brought && refresh_dies),
        (Aspect::RefreshClaims, told && brought && refresh_stated),
    ]
    .into_iter()
    .filter_map(|(aspect, applies)| applies.then_some(aspect))
}

impl Aspect {
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Answered => "answer",
            Self::Redirect => "redirect",
            Self::Status => "success-status",
            Self::Field => "success-field",
            Self::Readable => "answer-readable",
            Self::Written => "answer-written",
            Self::AccessToken => "access-token",
            Self::TokenType => "token-type",
            Self::Scope => "scope",
            Self::Outputs => "outputs",
            Self::AccessExpiry => "access-expiry",
            Self::AccessLifetime => "access-lifetime",
            Self::AccessClaims => "access-claims",
            Self::Rotation => "rotation",
            Self::RefreshLength => "refresh-length",
            Self::RefreshExpiry => "refresh-expiry",
            Self::RefreshClaims => "refresh-claims",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Answered => "A refresh is answered.",
            Self::Redirect => "The answer is no redirect.",
            Self::Status => "The answer has a status of success.",
            Self::Field => "The answer's own field says success.",
            Self::Readable => "The answer can be read.",
            Self::Written => "The answer is JSON by its head, too, and names no error.",
            Self::AccessToken => "The access token is where the contract says.",
            Self::TokenType => "The token has a type that is accepted.",
            Self::Scope => "The scope is a text, or a list of them.",
            Self::Outputs => "The answer holds the declared outputs, each of its type.",
            Self::AccessExpiry => {
                "The answer says when the access token dies, in the declared way."
            }
            Self::AccessLifetime => "The access token lives as long as usual.",
            Self::AccessClaims => {
                "The access token's own `exp` agrees with what is said of its end."
            }
            Self::Rotation => "The refresh token is replaced as often as the contract says.",
            Self::RefreshLength => "The refresh token is no longer than the contract says.",
            Self::RefreshExpiry => {
                "The answer says when the refresh token dies, in the declared way."
            }
            Self::RefreshClaims => {
                "The refresh token's own `exp` agrees with what is said of its end."
            }
        }
    }

    pub(super) fn rules(self) -> &'static [&'static str] {
        match self {
            Self::Answered => &["R1"],
            Self::Redirect => &["R11"],
            Self::Status | Self::Field => &["R20", "R22"],
            Self::Readable | Self::Written => &["R18"],
            Self::AccessToken => &["R12"],
            Self::TokenType => &["R13"],
            Self::Scope => &["R17"],
            Self::Outputs => &[],
            Self::AccessExpiry | Self::RefreshExpiry => &["R14"],
            Self::AccessLifetime | Self::AccessClaims | Self::RefreshClaims => &["R14", "R15"],
            Self::Rotation => &["R16"],
            Self::RefreshLength => &["R18"],
        }
    }
}

/// Whether answers, or the tokens in them, tell when the token dies.
pub(super) fn is_told(expiry: &Expiry) -> bool {
    expiry.field().is_some() || *expiry == Expiry::Jwt
}
