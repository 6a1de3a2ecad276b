//! Whether the server keeps what it has accepted.

use redis::aio::ConnectionManager;

use super::error::failed;
use crate::store::{StoreError, StoreErrorKind};

/// What a server must be set to, and why.
struct Need {
    setting: &'static str,
    fits: fn(&str) -> bool,
    hint: &'static str,
}

const NEEDS: [Need; 4] = [
    Need {
        setting: "appendonly",
        fits: |value| value == "yes",
        hint: "set `appendonly yes`: without it, a crash takes minutes of writes along",
    },
    Need {
        setting: "appendfsync",
        fits: |value| value == "always",
        hint: "set `appendfsync always`: otherwise a crash takes the last second's writes along",
    },
    Need {
        setting: "no-appendfsync-on-rewrite",
        fits: |value| value == "no",
        hint: "set `no-appendfsync-on-rewrite no`: otherwise nothing is durable while the server rewrites its file",
    },
    Need {
        setting: "maxmemory-policy",
        // Those that are volatile take keys with a time to live, and these have none.
        fits: |value| value == "noeviction" || value.starts_with("volatile-"),
        hint: "set `maxmemory-policy noeviction`: otherwise grants are thrown away when memory runs short",
    },
];

/// Refuses a server that could forget, or that does not say.
pub(super) async fn check(connection: &mut ConnectionManager) -> Result<(), StoreError> {
    for need in NEEDS {
        let mut command = redis::cmd("CONFIG");
        command.arg("GET").arg(need.setting);
        let answer: Result<Vec<String>, _> = command.query_async(connection).await;
        let value = match answer {
            Ok(answer) => answer.into_iter().nth(1),
            Err(error) => {
                let error = failed(error);
                if error.kind() == StoreErrorKind::Unavailable {
                    return Err(error);
                }
                None
            }
        };
        match value {
            Some(value) if (need.fits)(&value) => {}
            Some(_) => return Err(refused(need.hint)),
            None => {
                return Err(refused(
                    "the server does not say whether it is durable (CONFIG GET): where its operator promises \
                     that, call `accept_volatile`",
                ));
            }
        }
    }
    Ok(())
}

fn refused(hint: &str) -> StoreError {
    let detail = format!("the server could forget grants: {hint}");
    StoreError::new(StoreErrorKind::Refused).with_detail(detail)
}
