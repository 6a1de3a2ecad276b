//! What a [`Store`](crate::store::Store) must do, as checks that any store can run.
//!
//! A store of your own tells by a [`Harness`] how another handle on the same data is opened and how time passes for its
//! leases. [`check_all`] runs every check, each with grants of a fresh provider id, so that a database may be shared.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::{Duration, UNIX_EPOCH};
//!
//! use rekindle_runtime::clock::VirtualClock;
//! use rekindle_runtime::store::MemoryStore;
//! use rekindle_runtime::store::conformance::{Failures, Harness, check_all};
//!
//! struct Memory(MemoryStore, VirtualClock);
//!
//! impl Harness for Memory {
//!     type Store = MemoryStore;
//!
//!     async fn open(&self) -> MemoryStore {
//!         self.0.clone()
//!     }
//!
//!     async fn pass(&self, time: Duration) {
//!         self.1.advance(time);
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Failures> {
//! let clock = VirtualClock::new(UNIX_EPOCH);
//! let store = MemoryStore::with_clock(Arc::new(clock.clone()));
//! check_all(&Memory(store, clock)).await
//! # }
//! ```
//!
//! The checks need a `tokio` runtime. Those that race are worth more on one with several threads.

mod dropped;
mod faults;
mod faulty;
mod fixture;
mod harness;
mod journal;
mod leases;
mod races;
mod records;
mod refresh;
mod shares;
mod spending;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

pub use faulty::{Fault, Faulty, Operation};
use fixture::Fixture;
use harness::Outcome;
pub use harness::{Broken, Harness};

type Running<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// One thing that a store must do.
pub struct Check<H: Harness> {
    name: &'static str,
    run: for<'a> fn(&'a Fixture<'a, H>) -> Running<'a>,
}

impl<H: Harness> Check<H> {
    /// What is checked, in snake case.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs it, and removes the grants that it put.
    ///
    /// # Errors
    /// What the store did wrong.
    pub async fn run(&self, harness: &H) -> Result<(), Broken> {
        let fixture = Fixture::new(harness);
        let outcome = (self.run)(&fixture).await;
        fixture.tidy().await;
        outcome
    }
}

impl<H: Harness> fmt::Debug for Check<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Check({})", self.name)
    }
}

/// The checks that a store did not pass, with what it did wrong.
pub struct Failures(Vec<(&'static str, Broken)>);

impl Failures {
    /// The names of the checks.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} checks failed", self.0.len())?;
        for (name, broken) in &self.0 {
            write!(f, "\n  {name}: {broken}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Failures {}

/// Runs every check, one after the other.
///
/// # Errors
/// All those that failed.
pub async fn check_all<H: Harness>(harness: &H) -> Result<(), Failures> {
    let mut failures = Vec::new();
    for check in checks() {
        if let Err(broken) = check.run(harness).await {
            failures.push((check.name, broken));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failures(failures)) }
}

/// Makes a list of checks out of functions.
macro_rules! list {
    ($harness:ident: $($module:ident { $($name:ident),+ $(,)? })+) => {
        vec![$($(Check::<$harness> {
            name: stringify!($name),
            run: |fixture| Box::pin($module::$name(fixture)),
        }),+),+]
    };
}

/// Every check, for runners that want one test each.
pub fn checks<H: Harness>() -> Vec<Check<H>> {
    list! { H:
        records {
            holders_share_a_clock, what_is_put_is_read, put_counts_generations, put_ends_the_journal, create_is_for_what_is_not_there, remove_forgets, odd_keys_are_kept_apart,
            every_character_of_a_token_is_kept, long_tokens_are_kept, every_part_of_a_record_is_kept,
            due_is_in_order_and_paged, due_is_of_one_provider, due_follows_the_record, extremes_are_no_panic,
        }
        leases {
            one_holds_the_lease, release_gives_the_lease_back, a_stale_release_frees_no_lease, a_lease_ends_with_its_ttl,
            renew_prolongs, renew_needs_the_lease, a_lease_is_not_its_fence, remove_ends_the_lease, fences_grow, leases_of_grants_are_independent, put_leaves_the_lease,
        }
        journal {
            begin_is_on_record, begin_twice_is_once, begin_replaces_an_older_entry, begin_replaces_what_was_read_alone,
            in_flight_counts_from_the_first_request, begin_needs_the_lease, begin_needs_the_generation, begin_needs_a_grant, abandon_ends_its_own_entry, abandon_leaves_another_entry,
        }
        spending {
            commit_is_the_next_generation, commit_needs_no_lease, commit_needs_the_journal, two_histories_are_kept_apart,
            commit_twice_is_once,
            commit_twice_leaves_the_next_entry, a_stale_commit_changes_nothing, signing_in_wins_over_a_commit,
            a_grant_put_anew_is_another,
        }
        races {
            one_of_many_acquires_holds, commits_of_one_entry_are_one_generation, puts_are_each_a_generation, one_of_many_creates,
            commit_and_put_are_in_some_order, readers_see_whole_records,
        }
        shares {
            what_is_due_is_shared_out, shares_are_taken_once, what_is_postponed_is_not_due, the_backlog_is_what_is_due,
            every_grant_is_listed, a_rate_is_kept_by_all,
        }
        dropped { a_dropped_operation_is_whole_or_nothing, a_refresh_may_be_dropped_anywhere }
        faults { a_fault_leaves_an_allowed_state, a_lost_answer_can_be_asked_again }
    }
}

#[cfg(test)]
mod tests;
