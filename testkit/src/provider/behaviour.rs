//! What a contract makes of a refresh token, where it is silent included.

use rekindle_contract::contract::{Contract, RefreshUse, Rotation};

/// Which refreshes of a grant replace the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replaced {
    /// Each one.
    Always,
    /// The first, the third and so on; the others answer without a refresh token.
    EveryOther,
    /// None: answers repeat it.
    Echoed,
    /// None: answers hold no refresh token.
    Never,
}

/// Whether a refresh spends a refresh token, or needs one at all.
pub(super) fn carries_refresh(contract: &Contract) -> bool {
    contract.refresh.is_some() && contract.credential().holds_refresh_token()
}

/// Whether a refresh carries the access token.
pub(super) fn carries_access(contract: &Contract) -> bool {
    contract.credential().holds_access_token()
}

/// Whether an answer can tell a refresh token.
pub(super) fn is_told(contract: &Contract) -> bool {
    carries_refresh(contract) && contract.response.refresh_token.is_some()
}

/// Which refreshes replace the refresh token. What cannot be told is not replaced.
pub(super) fn replaced(contract: &Contract) -> Replaced {
    let Some(refresh) = contract.refresh.as_ref().filter(|_| is_told(contract)) else {
        return Replaced::Never;
    };
    match refresh.rotation {
        Rotation::Always | Rotation::KeepsOld => Replaced::Always,
        Rotation::Sometimes | Rotation::Unknown => Replaced::EveryOther,
        Rotation::Echo => Replaced::Echoed,
        Rotation::Never => Replaced::Never,
    }
}

/// Whether the refresh token that was replaced is spent.
pub(super) fn is_spent_when_replaced(contract: &Contract) -> bool {
    contract.refresh.as_ref().is_some_and(|refresh| {
        refresh.use_ != RefreshUse::Many && refresh.rotation != Rotation::KeepsOld
    })
}

/// Whether a refresh token that is never replaced is spent all the same: it is good for one refresh.
pub(super) fn is_spent_when_kept(contract: &Contract) -> bool {
    let once = contract.refresh.as_ref().is_some_and(|refresh| refresh.use_ == RefreshUse::Once);
    once && !replaces(contract)
}

/// Whether a refresh never spends a refresh token.
pub(super) fn is_good_for_many(contract: &Contract) -> bool {
    let refresh = contract.refresh.as_ref();
    refresh.is_some_and(|refresh| refresh.use_ == RefreshUse::Many)
}

/// Whether at least some refreshes replace the refresh token.
pub(super) fn replaces(contract: &Contract) -> bool {
    matches!(replaced(contract), Replaced::Always | Replaced::EveryOther)
}

/// Whether a refresh token can be spent.
pub(super) fn can_be_spent(contract: &Contract) -> bool {
    let replaced = replaces(contract) && is_spent_when_replaced(contract);
    carries_refresh(contract) && (replaced || is_spent_when_kept(contract))
}

/// Whether a refresh token can still be good after a refresh.
pub(super) fn can_stay_good(contract: &Contract) -> bool {
    match replaced(contract) {
        Replaced::Always => !is_spent_when_replaced(contract),
        Replaced::EveryOther => true,
        Replaced::Echoed | Replaced::Never => !is_spent_when_kept(contract),
    }
}
