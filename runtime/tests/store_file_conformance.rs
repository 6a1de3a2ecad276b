//! The store in files keeps the contract of stores: one file for each grant and one for many, plain and sealed.
#![cfg(all(feature = "file", feature = "seal", feature = "store-conformance"))]

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use rekindle_runtime::clock::VirtualClock;
use rekindle_runtime::store::conformance::{Failures, Harness, check_all, checks};
use rekindle_runtime::store::{Codec, FileStore, SealKey};
use tempfile::TempDir;

struct Files {
    folder: TempDir,
    many: bool,
    codec: Codec,
    clock: VirtualClock,
}

impl Files {
    fn new(many: bool, codec: Codec) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            many,
            codec,
            clock: VirtualClock::new(UNIX_EPOCH),
        }
    }
}

impl Harness for Files {
    type Store = FileStore;

    async fn open(&self) -> FileStore {
        let store = if self.many {
            FileStore::single(self.folder.path().join("grants.json"))
        } else {
            FileStore::open(self.folder.path().join("grants"))
        };
        let store = store.expect("a store").with_codec(self.codec.clone());
        store.with_clock(Arc::new(self.clock.clone()))
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        // Those that end leases were woken, and come before this task on its one thread.
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    }
}

fn sealed() -> Codec {
    Codec::sealed(SealKey::from_bytes([7; 32]))
}

#[tokio::test]
async fn one_file_for_each_grant() -> Result<(), Failures> {
    check_all(&Files::new(false, Codec::plain())).await
}

#[tokio::test]
async fn one_file_for_each_grant_sealed() -> Result<(), Failures> {
    check_all(&Files::new(false, sealed())).await
}

#[tokio::test]
async fn one_file_for_many_grants() -> Result<(), Failures> {
    check_all(&Files::new(true, Codec::plain())).await
}

#[tokio::test]
async fn one_file_for_many_grants_sealed() -> Result<(), Failures> {
    check_all(&Files::new(true, sealed())).await
}

/// Those that race, on several threads. No lease ends in them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn races_on_many_threads() {
    for many in [false, true] {
        let files = Files::new(many, sealed());
        let mut ran = 0;
        for check in checks::<Files>() {
            let races =
                ["one_of_many", "commits_of_one", "puts_are", "commit_and_put", "readers_see"];
            if races.iter().any(|race| check.name().starts_with(race)) {
                let outcome = check.run(&files).await;
                assert!(outcome.is_ok(), "{check:?}: {outcome:?}");
                ran += 1;
            }
        }
        assert_eq!(ran, 6);
    }
}
