//! What a mint does besides bringing a token.

use super::duration;
use crate::contract::{Mint, MintLimit, Operation};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_LIMIT, NOT_A_MINT};
use crate::path::Path;
use crate::spec::LimitSpec;

/// What `limit` says of a mint; `None` where the operation is none.
pub(super) fn resolve(
    operation: Operation,
    limit: Option<&LimitSpec>,
    found: &mut Vec<Finding>,
) -> Option<Mint> {
    let limit_path = Path::of("refresh.limit");
    if !operation.mints() {
        if limit.is_some() {
            let message = format!(
                "this is for operations that spend no token, and `{}` spends one",
                operation.name()
            );
            let hint = "say how far refreshes of a grant must be apart, `at_most_every: 1s`, or leave it out";
            found.push(Finding::key(NOT_A_MINT, limit_path, message).hint(hint));
        }
        return None;
    }
    let limit = limit.map(|LimitSpec { at_most, per }| {
        if *at_most == 0 {
            let message = "a provider that takes no request brings no token";
            let path = limit_path.key("at_most");
            found.push(
                Finding::value(BAD_LIMIT, path, message)
                    .hint("write 1 or more, or leave `limit` out"),
            );
        }
        let per = duration::resolve(per, limit_path.key("per"), found);
        MintLimit { at_most: *at_most, per }
    });
    Some(Mint { limit })
}
