//! A service that insists on being ready.

use std::task::{Context, Poll};

use tower_service::Service;

/// Wraps a service. Each call must follow a `poll_ready` of the same copy, as `tower` asks: another call is a panic.
#[derive(Debug)]
pub struct Strict<S> {
    inner: S,
    ready: bool,
}

impl<S> Strict<S> {
    /// Wraps `inner`.
    pub fn new(inner: S) -> Self {
        Self { inner, ready: false }
    }
}

impl<S: Clone> Clone for Strict<S> {
    /// A copy, which is not ready.
    fn clone(&self) -> Self {
        Self::new(self.inner.clone())
    }
}

impl<S: Service<R>, R> Service<R> for Strict<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let polled = self.inner.poll_ready(context);
        self.ready = matches!(polled, Poll::Ready(Ok(())));
        polled
    }

    fn call(&mut self, request: R) -> S::Future {
        assert!(self.ready, "called without having been ready");
        self.ready = false;
        self.inner.call(request)
    }
}
