//! Where no answer brings a token, nothing says that one changes.

use rekindle_contract::contract::{
    AccessUse, Contract, Expiry, OldAccessToken, RefreshUse, Rotation, Slot,
};

/// Whether a contract whose answers bring no token says so throughout; any other one does.
pub fn is_kept(contract: &Contract) -> bool {
    let (response, access) = (&contract.response, &contract.access);
    let refresh = contract.refresh.as_ref();
    !response.access_token.is_unchanged()
        || (contract.request.uses(&Slot::AccessToken)
            && contract.fallback.is_none()
            && response.refresh_token.is_none()
            && response.token_type.is_none()
            && access.use_ == AccessUse::Many
            && access.after_refresh == OldAccessToken::Valid
            && access.most_alive.is_none()
            && !matches!(access.expires, Expiry::Jwt | Expiry::Never)
            && refresh.is_none_or(|refresh| {
                refresh.use_ == RefreshUse::Many && refresh.rotation == Rotation::Never
            }))
}
