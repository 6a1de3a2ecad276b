//! Words for what a contract says, short enough for a line of a list or a cell of a table.

use crate::emit::docs;
use crate::markdown::code;
use rekindle_contract::contract::{
    AccessUse, Contract, Credential, ErrorClass, Expiry, FieldMatch, RefreshUse, Rotation, SignIn,
    StatusRange,
};

/// `POST /oauth/token`
pub(crate) fn request(contract: &Contract) -> String {
    format!("{} {}", contract.request.method, contract.request.path)
}

/// What an exchange takes.
pub(crate) fn spends(contract: &Contract) -> &'static str {
    match contract.credential() {
        Credential::RefreshToken => "refresh token",
        Credential::AccessToken => "access token",
        Credential::Both => "access and refresh token",
    }
}

/// How often the access token may be used, and how long.
pub(crate) fn access(contract: &Contract) -> String {
    let access = &contract.access;
    let lifetime = match access.usual_lifetime {
        Some(usual) => docs::duration(usual),
        None => lifetime(&access.expires),
    };
    match access.use_ {
        AccessUse::Once => format!("once, {lifetime}"),
        AccessUse::Many => lifetime,
    }
}

/// The statuses that refuse a dead access token: `401 or 403`.
pub(crate) fn refused_with(contract: &Contract) -> String {
    let statuses = contract.access.refused_with.iter();
    statuses.map(u16::to_string).collect::<Vec<_>>().join(" or ")
}

/// How often the refresh token may be used, how long, and what becomes of it.
pub(crate) fn refresh(contract: &Contract) -> String {
    let Some(refresh) = &contract.refresh else {
        return "none".to_owned();
    };
    let use_ = match refresh.use_ {
        RefreshUse::Once => "once",
        RefreshUse::Many => "many times",
        RefreshUse::Unknown => "once (not documented)",
    };
    let rotation = match refresh.rotation {
        Rotation::Never => "never replaced",
        Rotation::Echo => "repeated",
        Rotation::Always => "replaced",
        Rotation::Sometimes => "sometimes replaced",
        Rotation::KeepsOld => "replaced, the old one stays good",
        Rotation::Unknown => "replacement not documented",
    };
    format!("{use_}, {}, {rotation}", lifetime(&refresh.expires))
}

fn lifetime(expiry: &Expiry) -> String {
    match expiry {
        Expiry::Constant(lifetime) => docs::duration(*lifetime),
        Expiry::Jwt => "until its `exp`".to_owned(),
        Expiry::Never => "for ever".to_owned(),
        Expiry::Undeclared => "lifetime not documented".to_owned(),
        Expiry::Seconds(_) | Expiry::Milliseconds(_) => "as long as the answer says".to_owned(),
        Expiry::UnixSeconds(_) | Expiry::UnixMilliseconds(_) | Expiry::Rfc3339(_) => {
            "until the answer's instant".to_owned()
        }
    }
}

/// `200`, `500-599`, `any`
pub(crate) fn statuses(ranges: &[StatusRange]) -> String {
    let one = |range: &StatusRange| match range {
        &StatusRange::ALL => "any".to_owned(),
        StatusRange { first, last } if first == last => first.to_string(),
        StatusRange { first, last } => format!("{first}-{last}"),
    };
    ranges.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A condition on a field, as Markdown.
pub(crate) fn field(condition: &FieldMatch) -> String {
    let values = condition.values();
    let values: Vec<String> = values.iter().map(|value| code(value)).collect();
    match values.as_slice() {
        [] => format!("{} is there", code(&condition.field.to_string())),
        values => format!("{} is {}", code(&condition.field.to_string()), values.join(" or ")),
    }
}

/// The class as specs write it.
pub(crate) fn class(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Reauthenticate => "reauthenticate",
        ErrorClass::ClientMisconfigured => "client_misconfigured",
        ErrorClass::ContractViolation => "contract_violation",
        ErrorClass::RateLimited => "rate_limited",
        ErrorClass::Transient => "transient",
        ErrorClass::InDoubt => "in_doubt",
    }
}

/// How a person signs in again.
pub(crate) fn sign_in(sign_in: SignIn) -> &'static str {
    match sign_in {
        SignIn::Password => "password",
        SignIn::Otp => "one-time password",
        SignIn::AuthorizationCode => "authorization code",
        SignIn::DeviceCode => "device code",
        SignIn::Sso => "single sign-on",
        SignIn::ClientCredentials => "client credentials",
        SignIn::Unspecified => "not documented",
    }
}

/// What the refusals that end a grant ask for, where the contract says so: `one-time password`.
#[cfg(feature = "cli")]
pub(crate) fn signs_in_by(contract: &Contract) -> Option<&'static str> {
    let rules = contract.errors.iter();
    rules
        .filter(|rule| rule.class == ErrorClass::Reauthenticate)
        .map(|rule| rule.sign_in)
        .find(|how| *how != SignIn::Unspecified)
        .map(sign_in)
}
