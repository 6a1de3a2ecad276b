//! Exchanges that spend no token.

use super::{
    AccessToken, Contract, ErrorRule, MintLimit, Operation, RefreshToken, Request, StepRequest,
    step,
};
use serde::{Deserialize, Serialize};

/// What a mint does besides bringing a token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mint {
    /// How many mints the provider takes in a time.
    pub limit: Option<MintLimit>,
}

/// What brings tokens where a refresh cannot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fallback {
    /// Its request, which spends no token.
    pub request: Request,
    /// The steps that it takes and a refresh does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepRequest>,
    /// What it does besides.
    pub mint: Mint,
}

impl Contract {
    /// The contract of what brings tokens where a refresh cannot: one that mints. Its answers are those of the refresh, and each holds a
    /// new refresh token where the refresh spends one. It documents no exchange.
    #[must_use]
    pub fn minting(&self) -> Option<Self> {
        let Fallback { request, steps: _, mint } = self.fallback.as_deref()?;
        let mut refresh = self.refresh.as_ref().map(RefreshToken::brought_by_a_mint);
        // A token lives as long, whatever brought it.
        let shown_lifetime = self.shown_lifetime();
        let mut access =
            AccessToken { first_lifetime: None, shown_lifetime, ..self.access.clone() };
        access.expires.chosen_if_sent_by(request);
        if let Some(refresh) = &mut refresh {
            refresh.expires.chosen_if_sent_by(request);
        }
        Some(Self {
            request: request.clone(),
            steps: step::needed(self.all_steps(), request).into_iter().cloned().collect(),
            access,
            refresh,
            mint: Some(*mint),
            fallback: None,
            // What an answer says of a credential is said of none.
            errors: self
                .errors
                .iter()
                .map(|rule| ErrorRule { credential: None, ..rule.clone() })
                .collect(),
            examples: Vec::new(),
            sequences: Vec::new(),
            ..self.clone()
        })
    }
}

impl Contract {
    /// How many requests the provider takes in a time: of the client, or of a grant where they spend a token of it.
    pub fn limit(&self) -> Option<MintLimit> {
        self.mint.map_or(self.request.limit, |mint| mint.limit)
    }
}

impl Operation {
    /// Whether it spends no token: the client's settings alone bring a new one, as often as it asks.
    pub const fn mints(self) -> bool {
        match self {
            Self::ClientCredentials | Self::SignIn | Self::Assertion | Self::Local => true,
            Self::RefreshToken | Self::AccessToken => false,
        }
    }

    /// Whether the client makes the token itself, without a request.
    pub const fn is_local(self) -> bool {
        matches!(self, Self::Local)
    }

    /// Its name in specs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RefreshToken => "refresh_token",
            Self::AccessToken => "access_token",
            Self::ClientCredentials => "client_credentials",
            Self::SignIn => "sign_in",
            Self::Assertion => "assertion",
            Self::Local => "local",
        }
    }
}
