//! What an exchange costs: a request built and an answer read, without I/O.

mod support;

use std::alloc::System;
use std::time::SystemTime;

use http::Response;
use rekindle_runtime::{PendingRefresh, Provider, Secret};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use support::provider::{Client, RefreshToken};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The goal, which leaves room for what a contract adds.
const MOST: usize = 12;

const ANSWER: &[u8] = br#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"example","expires_in":3600,"refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","example_parameter":"example_value"}"#;

/// The only test of its binary: the allocator counts for the whole process.
#[test]
fn an_exchange_takes_few_allocations() {
    let client = Client::new("https://auth.example.com/tenant", "7Fjfp0ZBr1KtDRbnfVdmIw");
    let cost = || {
        let credential = RefreshToken(Secret::new("tGzv3JOkF0XG5Qx2TlKWIA"));
        let region = Region::new(ALLOCATOR);
        let (request, pending) =
            client.start(credential, SystemTime::UNIX_EPOCH).expect("a request");
        let tokens = pending.finish(Response::new(ANSWER)).expect("tokens");
        let change = region.change();
        drop((request, tokens));
        change.allocations + change.reallocations
    };
    // The harness may allocate beside it: the least of several runs is the exchange's own.
    let least = (0..20).map(|_| cost()).min().expect("some runs");
    assert!(least <= MOST, "{least} allocations");
    println!("{least} allocations");
}
