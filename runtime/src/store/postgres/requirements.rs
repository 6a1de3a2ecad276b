//! What a server must be, so that it takes writes and keeps what it has taken.

use super::PostgresStore;
use super::connection::Lent;
use crate::store::{StoreError, StoreErrorKind};

use std::sync::atomic::Ordering;

/// What is asked of the server, the answer that fits, and what is said of any other.
struct Need {
    question: &'static str,
    answer: &'static str,
    hint: &'static str,
    /// Whether it could forget what it has taken, which may be accepted.
    is_volatile: bool,
}

const NEEDS: [Need; 4] = [
    Need {
        question: "pg_is_in_recovery()::text",
        answer: "false",
        hint: "the server is a hot standby, which takes no writes: connect to the primary, or let \
            `target_session_attrs=read-write` find it",
        is_volatile: false,
    },
    Need {
        question: "current_setting('default_transaction_read_only')",
        answer: "off",
        hint: "`default_transaction_read_only` is on, for the server, the database or the role",
        is_volatile: false,
    },
    Need {
        question: "current_setting('fsync')",
        answer: "on",
        hint: "the server could forget grants: `fsync` is off, and a crash of the machine loses or damages what was written; \
            where its operator answers for that, call `accept_volatile`",
        is_volatile: true,
    },
    Need {
        question: "current_setting('full_page_writes')",
        answer: "on",
        hint: "the server could forget grants: `full_page_writes` is off, and a crash of the machine can damage what was \
            written; where its file system cannot tear a page, call `accept_volatile`",
        is_volatile: true,
    },
];

impl PostgresStore {
    /// A connection for one operation. The server behind a new one is asked whether it is what a store needs: after a restart or a
    /// failover it can be another.
    pub(super) async fn lend(&self) -> Result<Lent, StoreError> {
        let lent = Lent::from(&self.pool, self.limit).await?;
        if lent.is_new() || !self.has_asked.load(Ordering::Relaxed) {
            self.ask(&lent).await?;
            self.has_asked.store(true, Ordering::Relaxed);
        }
        Ok(lent)
    }

    async fn ask(&self, lent: &Lent) -> Result<(), StoreError> {
        let questions = NEEDS.map(|need| need.question).join(", ");
        let rows = lent.query(&format!("SELECT {questions}"), &[]).await?.openly()?;
        for (column, need) in NEEDS.iter().enumerate() {
            let answer = rows.first().and_then(|row| row.try_get::<_, &str>(column).ok());
            let is_accepted = need.is_volatile && self.accept_volatile;
            if answer != Some(need.answer) && !is_accepted {
                return Err(StoreError::new(self.kind_of(need)).with_detail(need.hint));
            }
        }
        Ok(())
    }

    /// A server that took writes before is being failed over, or kept from changing for a while; otherwise it is the wrong one.
    fn kind_of(&self, need: &Need) -> StoreErrorKind {
        if !need.is_volatile && self.has_asked.load(Ordering::Relaxed) {
            StoreErrorKind::Unavailable
        } else {
            StoreErrorKind::Refused
        }
    }
}
