//! Sentences of the generated documentation.

use crate::markdown::wrap;
pub(crate) use crate::markdown::{code, inline, link, prose, sentence};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{
    AccessUse, Contract, Expiry, OldAccessToken, Pointer, RefreshToken, RefreshUse, RefreshWhen,
    Reuse, Rotation, Spent, Successor,
};
use std::time::Duration;

/// Where lines of documentation are wrapped, the slashes and the usual indentation left out.
const WIDTH: usize = 100;

/// `///` lines.
pub fn outer(text: &str) -> TokenStream {
    lines(text).map(|line| quote!(#[doc = #line])).collect()
}

/// `//!` lines.
pub fn inner(text: &str) -> TokenStream {
    lines(text).map(|line| quote!(#![doc = #line])).collect()
}

/// The lines of a text, each with the space that follows the slashes.
fn lines(text: &str) -> impl Iterator<Item = String> {
    wrap(text, WIDTH).into_iter().map(
        |line| {
            if line.is_empty() { line } else { format!(" {line}") }
        },
    )
}

/// `90 s` → `1 minute 30 seconds`.
pub fn duration(duration: Duration) -> String {
    const UNITS: [(u64, &str); 4] =
        [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let mut rest = duration.as_secs();
    let mut words = Vec::new();
    for (size, unit) in UNITS {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            words.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        }
    }
    if duration.subsec_millis() > 0 || words.is_empty() {
        words.push(format!("{} ms", duration.subsec_millis()));
    }
    words.join(" ")
}

/// When a token dies.
pub fn expiry(expiry: &Expiry) -> String {
    match expiry {
        Expiry::Seconds(field) => {
            format!("Its lifetime is the answer's {}, in seconds.", pointer(field))
        }
        Expiry::Milliseconds(field) => {
            format!("Its lifetime is the answer's {}, in milliseconds.", pointer(field))
        }
        Expiry::UnixSeconds(field) => {
            format!("It dies at the answer's {}, in seconds since 1970.", pointer(field))
        }
        Expiry::UnixMilliseconds(field) => {
            format!("It dies at the answer's {}, in milliseconds since 1970.", pointer(field))
        }
        Expiry::Rfc3339(field) => {
            format!("It dies at the answer's {}, an RFC 3339 instant.", pointer(field))
        }
        Expiry::Constant(lifetime) => format!("It lives {}.", duration(*lifetime)),
        Expiry::Jwt => "It is a JWT and dies at its `exp`.".to_owned(),
        Expiry::Never => "It never expires.".to_owned(),
        Expiry::Undeclared => "Nobody says when it dies: it may be refused at any time.".to_owned(),
    }
}

fn pointer(field: &Pointer) -> String {
    code(&field.to_string())
}

/// What the contract says about the access token.
pub fn access_token(contract: &Contract) -> String {
    let access = &contract.access;
    let mut lines = vec![match &access.doc {
        Some(doc) => sentence(doc),
        None => format!(
            "The {} of {}.",
            super::names::words(&access.name),
            inline(&contract.provider.name)
        ),
    }];
    lines.push(String::new());
    lines.push(expiry(&access.expires));
    if let Some(lifetime) = access.usual_lifetime {
        lines.push(format!("It usually lives {}.", duration(lifetime)));
    }
    if access.use_ == AccessUse::Once {
        lines.push("The first use spends it, so it cannot be cloned.".to_owned());
    }
    lines.push(
        match access.after_refresh {
            OldAccessToken::Valid => "A refresh leaves the old one good until it expires.",
            OldAccessToken::Revoked => "A refresh revokes the old one at once.",
            OldAccessToken::RevokedOnFirstUse => {
                "The old one is revoked when the new one is first used."
            }
            OldAccessToken::Unknown => "What a refresh does to the old one is not documented.",
        }
        .to_owned(),
    );
    lines.join("\n")
}

/// What the contract says about the refresh token.
pub fn refresh_token(contract: &Contract, refresh: &RefreshToken) -> String {
    let mut lines = vec![match &refresh.doc {
        Some(doc) => sentence(doc),
        None => format!(
            "The {} of {}.",
            super::names::words(&refresh.name),
            inline(&contract.provider.name)
        ),
    }];
    lines.push(String::new());
    lines.push(expiry(&refresh.expires));
    if let Some(limit) = refresh.idle_limit {
        lines.push(format!("Unused, it dies after {}.", duration(limit)));
    }
    if let Some(length) = refresh.max_length {
        lines.push(format!("It has at most {length} bytes."));
    }
    lines.push(refresh_use(refresh.use_).to_owned());
    lines.push(rotation(refresh.rotation).to_owned());
    lines.extend(spent(refresh.spent));
    lines.extend(reuse(refresh.reuse).map(str::to_owned));
    lines.join("\n")
}

fn refresh_use(use_: RefreshUse) -> &'static str {
    match use_ {
        RefreshUse::Once => "An exchange spends it, so it cannot be cloned.",
        RefreshUse::Many => "It may be used until it dies: an exchange may be repeated.",
        RefreshUse::Unknown => {
            "Whether an exchange spends it is not documented: it is treated as single-use and cannot be cloned."
        }
    }
}

/// Whether a refresh replaces the refresh token.
pub fn rotation(rotation: Rotation) -> &'static str {
    match rotation {
        Rotation::Never => "Answers hold none: it is never replaced.",
        Rotation::Echo => "Answers repeat it.",
        Rotation::Always => "Every answer replaces it.",
        Rotation::Sometimes => "Some answers replace it.",
        Rotation::KeepsOld => "Every answer brings another, and the old one stays good.",
        Rotation::Unknown => "Whether answers replace it is not documented; a new one is kept.",
    }
}

fn spent(spent: Spent) -> Option<String> {
    match spent {
        Spent::Dead | Spent::Unknown => None,
        Spent::GoodFor(window) => Some(format!(
            "A spent one may be sent again for {}, with an identical answer.",
            duration(window)
        )),
        Spent::GoodUntil(successor) => {
            let who = match successor {
                Successor::AccessTokenUsed => "the new access token",
                Successor::RefreshTokenUsed => "the new refresh token",
                Successor::EitherUsed => "one of the new tokens",
            };
            Some(format!("A spent one stays good until {who} is first used."))
        }
    }
}

/// What the provider does when a spent refresh token comes back.
pub fn reuse(reuse: Reuse) -> Option<&'static str> {
    match reuse {
        Reuse::Refused => Some("A spent one that comes back is refused, nothing else."),
        Reuse::ChainRevoked => {
            Some("A spent one that comes back kills the chain of tokens that followed it.")
        }
        Reuse::GrantRevoked => Some("A spent one that comes back revokes the whole grant."),
        Reuse::Unknown => None,
    }
}

/// When the provider accepts a refresh.
pub fn window(when: RefreshWhen) -> Option<String> {
    match when {
        RefreshWhen::AnyTime | RefreshWhen::Unknown => None,
        RefreshWhen::NearExpiry(lead) => Some(format!(
            "The provider accepts a refresh from {} before the access token's expiry.",
            duration(lead)
        )),
        RefreshWhen::BeforeExpiry => Some(
            "The provider accepts a refresh only while the access token has not expired."
                .to_owned(),
        ),
        RefreshWhen::AfterExpiry => Some(
            "The provider accepts a refresh only once the access token has expired.".to_owned(),
        ),
    }
}
