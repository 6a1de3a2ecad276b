//! What follows where no answer brings a token.

use crate::contract::{Contract, OldAccessToken, RefreshUse, Rotation};
use crate::spec::TokensSpec;

/// Fills in what follows where a success leaves the tokens as they are, as far as the spec does not say it: none is replaced, and so each
/// is good for more than one exchange.
pub(super) fn settle(written: &TokensSpec, contract: &mut Contract) {
    if !contract.response.access_token.is_unchanged() {
        return;
    }
    contract.response.token_type = contract.response.token_type.take().filter(|it| it.demanded);
    if written.access.after_refresh.is_none() {
        contract.access.after_refresh = OldAccessToken::Valid;
    }
    let Some(refresh) = &mut contract.refresh else {
        return;
    };
    let written = written.refresh.clone().unwrap_or_default();
    if written.r#use.is_none() {
        refresh.use_ = RefreshUse::Many;
    }
    if written.rotation.is_none() && refresh.use_ == RefreshUse::Many {
        refresh.rotation = Rotation::Never;
    }
}
