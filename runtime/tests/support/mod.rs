//! What the tests of the transports share: a server that misbehaves on purpose, and the cases that every transport passes.
#![allow(dead_code, reason = "each test binary uses its part")]

pub mod cases;
#[cfg(target_os = "linux")]
pub mod memory;
pub mod provider;
pub mod server;
#[cfg(feature = "hyper-rustls")]
pub mod tls;

use std::error::Error;
use std::fmt::Write;
use std::time::Duration;

use http::{Request, Response};
use rekindle_runtime::{Limits, TransportError};

/// What no error may ever show: it is in the URL, in a header and in the body of every request.
pub const CANARY: &str = "canary-5a1f";

pub type Outcome = Result<Response<Vec<u8>>, TransportError>;

/// A transport, async or blocking, as the cases see it.
pub trait Carrier {
    /// Sends requests over one transport, one after the other, and does something before each.
    fn send_all(
        &self,
        limits: Limits,
        requests: Vec<Request<Vec<u8>>>,
        before: &mut dyn FnMut(),
    ) -> Vec<Outcome>;

    /// Whether its library reads no other heads than those that RFC 9112 lets servers write.
    fn reads_strict_heads_alone(&self) -> bool {
        false
    }

    fn send(&self, limits: Limits, request: Request<Vec<u8>>) -> Outcome {
        self.send_all(limits, vec![request], &mut || ()).remove(0)
    }
}

/// What drives an asynchronous transport.
#[derive(Debug, Clone, Copy)]
pub enum Driven {
    /// One thread, during an exchange alone, so that nobody looks meanwhile at what arrives on a kept connection.
    ByOneThread,
    ByThreads,
}

/// Sends requests over an asynchronous transport.
#[cfg(any(feature = "reqwest", feature = "hyper"))]
pub fn send_all(
    driven: Driven,
    transport: &impl rekindle_runtime::Transport,
    requests: Vec<Request<Vec<u8>>>,
    before: &mut dyn FnMut(),
) -> Vec<Outcome> {
    use tokio::runtime::Builder;
    let mut builder = match driven {
        Driven::ByOneThread => Builder::new_current_thread(),
        Driven::ByThreads => Builder::new_multi_thread(),
    };
    let runtime = builder.enable_all().build().expect("a runtime");
    let mut outcomes = Vec::new();
    for request in requests {
        before();
        outcomes.push(runtime.block_on(transport.send(request)));
    }
    outcomes
}

/// Limits that end soon, for servers that never answer.
pub fn impatient() -> Limits {
    Limits { timeout: Duration::from_millis(200), ..Limits::default() }
}

/// A request with the canary in every place.
pub fn request(url: &str) -> Request<Vec<u8>> {
    Request::post(format!("{url}?token={CANARY}"))
        .header("x-client-secret", CANARY)
        .body(format!("refresh_token={CANARY}").into_bytes())
        .expect("a valid request")
}

/// Everything that an error can be made to say, with its whole chain of sources.
pub fn everything_said(error: &(dyn Error + 'static)) -> String {
    let mut said = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        writeln!(said, "{error} {error:#} {error:?} {error:#?}")
            .expect("a string takes everything");
        next = error.source();
    }
    said
}

/// Runs a future on a runtime of its own.
#[cfg(any(feature = "reqwest", feature = "hyper"))]
pub fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

/// One test for each case.
#[macro_export]
macro_rules! transport_tests {
    ($carrier:expr, $($case:ident)*) => {
        $(#[test]
        fn $case() {
            $crate::support::cases::$case(&$carrier);
        })*
    };
    ($carrier:expr) => {
        $crate::transport_tests! {
            $carrier,
            happy_exchange
            error_statuses_are_answers
            redirect_is_not_followed
            every_framing_is_read_up_to_the_cap
            heads_that_a_user_agent_may_read
            headers_that_the_contract_does_not_set
            what_came_unasked_is_no_answer
            handshakes_that_fail_are_not_sent
            body_without_end
            connection_refused_is_not_sent
            unknown_host_is_not_sent
            reset_after_the_request_may_be_sent
            close_after_the_request_may_be_sent
            truncated_body_may_be_sent
            silence_may_be_sent
            silence_in_the_body_may_be_sent
            garbage_may_be_sent
            plain_http_to_another_host
            get_without_a_body
            delete_with_a_body
            method_of_the_providers_own
        }
    };
}
