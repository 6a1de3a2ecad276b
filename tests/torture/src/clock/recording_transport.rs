//! A transport to a fake provider that records the time of each exchange.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use http::{Request, Response};
use rekindle_runtime::transport::{Sent, Transport, TransportError, TransportErrorKind};
use rekindle_testkit::provider::{Rule, Verdict};
use rekindle_testkit::{Fake, network};

/// Carries requests and remembers when each arrived, by the provider's clock.
#[derive(Debug, Clone)]
pub(super) struct RecordingTransport {
    fake: Fake,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// An exchange that arrived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) at: SystemTime,
    /// By which rule it was refused, if it was.
    pub(super) refused: Option<Rule>,
}

impl RecordingTransport {
    pub(super) fn to(fake: &Fake) -> Self {
        Self { fake: fake.clone(), seen: Arc::default() }
    }

    /// What has arrived since this was last asked.
    pub(super) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for RecordingTransport {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let at = self.fake.clock().now().into();
        let delivered = self.fake.deliver(&request);
        let refused = match delivered.answered.as_ref().map(|answered| &answered.verdict) {
            Some(Verdict::Refused { rule, .. }) => Some(*rule),
            _ => None,
        };
        self.lock().push(Seen { at, refused });
        // Nothing is in the way here.
        network::carry(delivered)
            .map_err(|_| TransportError::bare(TransportErrorKind::Io, Sent::Maybe))
    }
}
