//! A transport from a session to a fake provider, without sockets.

use http::{Request, Response};
use rekindle_runtime::clock::{Clock, VirtualClock};
use rekindle_runtime::transport::{Transport, TransportError};
use rekindle_testkit::Fake;
use rekindle_testkit::conformance::words::lost;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// Sends requests to a fake provider, and can hold answers back. Its copies share their state.
#[derive(Debug, Clone)]
pub struct Wire {
    fake: Fake,
    open: watch::Sender<bool>,
    sent: Arc<AtomicUsize>,
    out: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    takes: Option<(VirtualClock, Duration)>,
}

impl Wire {
    /// A transport to `fake`, which holds nothing back.
    pub fn to(fake: &Fake) -> Self {
        Self {
            fake: fake.clone(),
            open: watch::Sender::new(true),
            sent: Arc::default(),
            out: Arc::default(),
            most: Arc::default(),
            takes: None,
        }
    }

    /// The same, where each answer takes so long by this clock.
    #[must_use]
    pub fn taking(mut self, time: Duration, clock: &VirtualClock) -> Self {
        self.takes = Some((clock.clone(), time));
        self
    }

    /// Requests arrive, and their answers stay away until [`Wire::release`].
    pub fn hold(&self) {
        self.open.send_replace(false);
    }

    /// Lets the answers through.
    pub fn release(&self) {
        self.open.send_replace(true);
    }

    /// How many requests have left.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    /// How many were out at the same time, at most.
    pub fn most_at_once(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

impl Transport for Wire {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        let out = self.out.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(out, Ordering::SeqCst);
        // The provider has the request now, whatever happens to the answer.
        let answer = self.fake.carry(&request);
        let mut open = self.open.subscribe();
        // It cannot fail: the sender lives as long as this.
        let _ = open.wait_for(|open| *open).await;
        if let Some((clock, time)) = &self.takes {
            clock.sleep(*time).await;
        }
        // An answer takes time, in which other tasks can run.
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
        self.out.fetch_sub(1, Ordering::SeqCst);
        answer.map_err(lost)
    }
}
