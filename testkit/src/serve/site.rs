//! What is served.

use super::Options;
use crate::clock::Clock;
use crate::fake::Fake;
use std::net::SocketAddr;

/// What is served.
pub(super) struct Site {
    pub(super) fakes: Vec<(String, Fake)>,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) options: Options,
}

impl Site {
    pub(super) fn new(fakes: Vec<Fake>, addresses: Vec<SocketAddr>, options: Options) -> Self {
        let named = |fake: Fake| {
            let id = fake.provider().contract().provider.id.clone();
            (id, fake)
        };
        Self { fakes: fakes.into_iter().map(named).collect(), addresses, options }
    }

    /// The clocks of the providers, each once.
    pub(super) fn clocks(&self) -> Vec<Clock> {
        let mut clocks: Vec<Clock> = Vec::new();
        for (_, fake) in &self.fakes {
            let clock = fake.clock();
            if !clocks.iter().any(|known| known.is(&clock)) {
                clocks.push(clock);
            }
        }
        clocks
    }

    /// What time it is at the first provider.
    pub(super) fn now(&self) -> jiff::Timestamp {
        let first = self.fakes.first().map(|(_, fake)| fake.clock().now());
        first.unwrap_or_default()
    }
}
