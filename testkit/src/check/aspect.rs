//! Aspects of the answer to a refresh.

use super::{Check, Cost, Kind};
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

/// Every aspect. The first ones are what the others rest on.
pub(super) const ALL: [Aspect; 17] = [
    Aspect::Answered,
    Aspect::Redirect,
    Aspect::Status,
    Aspect::Field,
    Aspect::Readable,
    Aspect::Written,
    Aspect::AccessToken,
    Aspect::TokenType,
    Aspect::Scope,
    Aspect::Outputs,
    Aspect::AccessExpiry,
    Aspect::AccessLifetime,
    Aspect::AccessClaims,
    Aspect::Rotation,
    Aspect::RefreshLength,
    Aspect::RefreshExpiry,
    Aspect::RefreshClaims,
];

impl Aspect {
    /// Whether it has a meaning under this contract.
    pub(super) fn applies(self, contract: &Contract) -> bool {
        let told = contract.refresh.as_ref().filter(|_| contract.response.refresh_token.is_some());
        // What an answer never brings has no length to look at, and no end.
        let brought = told.filter(|token| token.rotation != Rotation::Never);
        let dies = |expiry: &Expiry| !matches!(expiry, Expiry::Never | Expiry::Undeclared);
        let stated = |expiry: &Expiry| dies(expiry) && *expiry != Expiry::Jwt;
        match self {
            Self::Answered | Self::Redirect | Self::Status | Self::Readable => true,
            Self::Field => contract.response.success.field.is_some(),
            Self::Written => {
                matches!(contract.response.access_token, TokenPlace::Json(_))
                    && !contract.is_in_head()
            }
            Self::AccessToken => !contract.response.access_token.is_unchanged(),
            Self::TokenType => contract.response.token_type.is_some(),
            Self::Scope => contract.response.scope.is_some(),
            Self::Outputs => !contract.response.outputs.is_empty(),
            Self::AccessExpiry => is_told(&contract.access.expires),
            Self::AccessLifetime => contract.access.usual_lifetime.is_some(),
            Self::AccessClaims => stated(&contract.access.expires),
            Self::Rotation => told.is_some(),
            Self::RefreshLength => brought.is_some_and(|token| token.max_length.is_some()),
            Self::RefreshExpiry => brought.is_some_and(|token| is_told(&token.expires)),
            Self::RefreshClaims => brought.is_some_and(|token| stated(&token.expires)),
        }
    }

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

    /// The check that looks at it.
    pub(super) fn check(self) -> Check {
        Check {
            id: self.id().to_owned(),
            title: self.title().to_owned(),
            rules: self.rules().to_vec(),
            cost: Cost::Refresh,
            kind: Kind::Aspect(self),
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
