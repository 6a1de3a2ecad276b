//! What a mint does besides bringing a token, and how many requests a provider takes.

use super::duration;
use crate::contract::{Mint, MintLimit, Operation};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::BAD_LIMIT;
use crate::path::Path;
use crate::spec::{LimitSpec, RefreshSpec};

/// What `limit` says of a mint; `None` where the operation is none.
pub(super) fn resolve(
    operation: Operation,
    limit: Option<&LimitSpec>,
    found: &mut Vec<Finding>,
) -> Option<Mint> {
    operation.mints().then(|| Mint { limit: limit.map(|written| self::limit(written, 1, found)) })
}

/// What `limit` says of the refreshes of one grant; `None` where the operation is a mint.
pub(super) fn of_grant(
    limit: &LimitSpec,
    refresh: &RefreshSpec,
    found: &mut Vec<Finding>,
) -> Option<MintLimit> {
    if Operation::from(refresh.operation).mints() {
        return None;
    }
    if refresh.at_most_every.is_some() {
        let message = "`at_most_every` says already how far refreshes of a grant must be apart";
        let hint = "leave the one out that the other implies";
        found.push(Finding::key(BAD_LIMIT, Path::of("refresh.limit"), message).hint(hint));
    }
    Some(self::limit(limit, 2, found))
}

/// A limit of at least so many requests.
fn limit(written: &LimitSpec, least: u32, found: &mut Vec<Finding>) -> MintLimit {
    let LimitSpec { at_most, per } = written;
    let path = Path::of("refresh.limit");
    if *at_most < least {
        let (message, hint) = match at_most {
            0 => (
                "a provider that takes no request brings no token",
                format!("write {least} or more, or leave `limit` out"),
            ),
            _ => (
                "one refresh in a time is how far two of them must be apart",
                format!("write `at_most_every: {per}` in place of `limit`"),
            ),
        };
        found.push(Finding::value(BAD_LIMIT, path.key("at_most"), message).hint(hint));
    }
    MintLimit { at_most: *at_most, per: duration::resolve(per, path.key("per"), found) }
}
