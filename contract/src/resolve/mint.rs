//! What a mint does besides bringing a token.

use super::duration;
use crate::contract::{Mint, MintLimit, Operation};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_LIMIT, NOT_A_MINT};
use crate::path::Path;
use crate::spec::LimitSpec;

/// What `limit` and `most_alive` say of a mint; `None` where the operation is none.
pub(super) fn resolve(
    operation: Operation,
    limit: Option<&LimitSpec>,
    most_alive: Option<u32>,
    found: &mut Vec<Finding>,
) -> Option<Mint> {
    let (limit_path, alive_path) =
        (Path::of("refresh.limit"), Path::of("tokens.access.most_alive"));
    if !operation.mints() {
        for (path, there) in [(limit_path, limit.is_some()), (alive_path, most_alive.is_some())] {
            if there {
                let message = format!(
                    "this is for operations that spend no token, and `{}` spends one",
                    operation.name()
                );
                let hint = "leave it out, or write `operation: client_credentials`, `sign_in` or `assertion`";
                found.push(Finding::key(NOT_A_MINT, path, message).hint(hint));
            }
        }
        return None;
    }
    if let Some(few @ 0..=1) = most_alive {
        let message = format!("{few} is no number of access tokens of which one is the oldest");
        let hint = "write 2 or more; where only the newest lives, `after_refresh: revoked`";
        found.push(Finding::value(BAD_LIMIT, alive_path, message).hint(hint));
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
    Some(Mint { most_alive, limit })
}
