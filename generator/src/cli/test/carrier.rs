//! Carries requests over HTTP.

use rekindle_contract::contract::{Fault, Trouble};
use rekindle_runtime::http::{Method, Request, Response, Uri};
use rekindle_runtime::transport::{Came, Limits, Sent, TransportErrorKind};
use rekindle_runtime::{TransportError, UreqTransport};
use rekindle_testkit::{Lost, closed_port};
use std::time::Duration;

/// How long to wait for an answer that is known not to come.
const IN_VAIN: Duration = Duration::from_millis(400);

/// Carries requests over HTTP: https, or plain http to this machine; no redirects, no retry, no connection twice.
pub(super) struct Carrier {
    patient: UreqTransport,
    hasty: UreqTransport,
}

type Wire = Request<Vec<u8>>;
type Answer = Response<Vec<u8>>;

impl Carrier {
    pub(super) fn new() -> Self {
        let hasty = Limits { timeout: IN_VAIN, ..Limits::default() };
        Self { patient: transport(Limits::default()), hasty: transport(hasty) }
    }

    /// Carries a request. What is planned for it is among its extensions: over sockets that changes how long to wait, and where to
    /// look for a provider that cannot be reached.
    pub(super) fn carry(&self, mut request: Wire) -> Result<Answer, Lost> {
        let trouble = request.extensions_mut().remove::<Trouble>();
        let transport = match trouble {
            Some(Trouble::Fault(Fault::NoAnswer | Fault::LateAnswer | Fault::SlowHead)) => {
                &self.hasty
            }
            _ => &self.patient,
        };
        if trouble == Some(Trouble::Fault(Fault::Unreachable)) {
            nowhere(&mut request);
        }
        let mut part = Vec::new();
        let answer = self.send(transport, request, &mut part);
        answer.map_err(|error| lost(&error, part))
    }

    /// Carries a request that nothing is planned for, and says why there is no answer.
    pub(super) fn fetch(&self, request: Wire) -> Result<Answer, TransportError> {
        self.send(&self.patient, request, &mut Vec::new())
    }

    /// Sends a request. What came of an answer that cannot be used is left in `part`.
    fn send(
        &self,
        transport: &UreqTransport,
        request: Wire,
        part: &mut Vec<u8>,
    ) -> Result<Answer, TransportError> {
        let bodiless = matches!(*request.method(), Method::GET | Method::DELETE);
        if bodiless && !request.body().is_empty() {
            return forced(request);
        }
        transport.send_and_leave(request, part)
    }
}

fn transport(limits: Limits) -> UreqTransport {
    UreqTransport::from_config(config(), limits)
}

fn config() -> ureq::config::ConfigBuilder<ureq::typestate::AgentScope> {
    use ureq::config::AutoHeaderValue;
    ureq::Agent::config_builder()
        .user_agent(AutoHeaderValue::None)
        .accept(AutoHeaderValue::None)
        .accept_encoding(AutoHeaderValue::None)
        .allow_non_standard_methods(true)
        // What a broken answer leaves behind on a connection is no part of the next one.
        .max_idle_connections(0)
}

/// Sends a body with a method that has none, which the usual way refuses. Only a broken client does that, or a test of one.
fn forced(request: Wire) -> Result<Answer, TransportError> {
    let failed = || TransportError::bare(TransportErrorKind::Other, Sent::Maybe);
    let limits = Limits::default();
    let config = config()
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .https_only(request.uri().scheme_str() != Some("http"))
        .timeout_global(Some(limits.timeout));
    let agent: ureq::Agent = config.build().into();
    let (parts, body) = request.into_parts();
    let mut builder = match parts.method {
        Method::GET => agent.get(parts.uri),
        _ => agent.delete(parts.uri),
    };
    for (name, value) in &parts.headers {
        builder = builder.header(name, value);
    }
    let answer = builder.force_send_body().send(&body[..]);
    let (parts, body) = answer.map_err(|_| failed())?.into_parts();
    let limit = limits.body as u64;
    let body = body.into_with_config().limit(limit).read_to_vec();
    Ok(Response::from_parts(parts, body.map_err(|_| failed())?))
}

/// Sends a request to where nobody listens.
fn nowhere(request: &mut Wire) {
    let mut parts = request.uri().clone().into_parts();
    parts.authority = closed_port().to_string().parse().ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

fn lost(error: &TransportError, part: Vec<u8>) -> Lost {
    match (error.was_sent(), error.kind()) {
        (Sent::No, TransportErrorKind::Tls) => Lost::NotSecure,
        (Sent::No, TransportErrorKind::Certificate) => Lost::Certificate,
        (Sent::No, _) => Lost::NotSent,
        (Sent::Maybe, TransportErrorKind::Timeout) => Lost::TimedOut,
        (Sent::Maybe, TransportErrorKind::BodyTooLarge) => Lost::TooLarge { part },
        (Sent::Maybe, TransportErrorKind::NotHttp) => Lost::NotHttp,
        (Sent::Maybe, _) => match error.came() {
            Some(Came { status, .. }) => Lost::Cut { status: status.as_u16(), part },
            None => Lost::Broken,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_runtime::http::StatusCode;

    #[test]
    fn each_failure_says_how_far_the_exchange_came() {
        use TransportErrorKind as Kind;
        let part = || b"part".to_vec();
        let came = Came { status: StatusCode::OK, bytes: 4 };
        let table = [
            (Kind::Connect, Sent::No, None, Lost::NotSent),
            (Kind::Timeout, Sent::No, None, Lost::NotSent),
            (Kind::Tls, Sent::No, None, Lost::NotSecure),
            (Kind::Certificate, Sent::No, None, Lost::Certificate),
            (Kind::Timeout, Sent::Maybe, None, Lost::TimedOut),
            (Kind::Io, Sent::Maybe, None, Lost::Broken),
            (Kind::NotHttp, Sent::Maybe, None, Lost::NotHttp),
            (Kind::Io, Sent::Maybe, Some(came), Lost::Cut { status: 200, part: part() }),
            (Kind::BodyTooLarge, Sent::Maybe, Some(came), Lost::TooLarge { part: part() }),
        ];
        for (kind, sent, came, expected) in table {
            let error = TransportError::bare(kind, sent);
            let error = match came {
                Some(came) => error.after(came),
                None => error,
            };
            let found = lost(&error, part());
            assert_eq!(found, expected);
            assert_eq!(found.was_sent(), sent == Sent::Maybe);
        }
    }
}
