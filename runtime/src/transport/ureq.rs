//! The blocking transport over `ureq`.

use std::io;
use std::net::{IpAddr, SocketAddr};

use http::{Method, Request, Response, Uri};
use ureq::config::{AutoHeaderValue, Config, ConfigBuilder, IpFamily};
use ureq::typestate::AgentScope;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body, Error, Timeout};

use super::{BlockingTransport, Limits, Sent, TransportError, TransportErrorKind, guard};

/// Carries requests with a `ureq` agent and blocks the thread meanwhile.
///
/// The agent keeps connections: make one and share it; a clone is cheap and shares them too.
#[derive(Debug, Clone)]
pub struct UreqTransport {
    agent: Agent,
    limits: Limits,
}

impl UreqTransport {
    /// A transport with the default [`Limits`]. It adds no headers of its own but those that HTTP needs. A proxy
    /// that the environment names is used, as ureq does.
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// The same with limits of your own.
    pub fn with_limits(limits: Limits) -> Self {
        let config = Agent::config_builder()
            .user_agent(AutoHeaderValue::None)
            .accept(AutoHeaderValue::None)
            .accept_encoding(AutoHeaderValue::None);
        Self::from_config(config, limits)
    }

    /// A transport with settings of your own: proxies, certificates, a user agent.
    ///
    /// Redirects, statuses, methods and time-outs are set here, whatever the builder says about them.
    pub fn from_config(config: ConfigBuilder<AgentScope>, limits: Limits) -> Self {
        let config = config
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            // A provider may have a method of its own.
            .allow_non_standard_methods(true)
            .timeout_global(Some(limits.timeout))
            .timeout_resolve(Some(limits.connect_timeout()))
            .timeout_connect(Some(limits.connect_timeout()));
        let (connector, resolver) = (DefaultConnector::default(), LiteralsFirst::default());
        Self { agent: Agent::with_parts(config.build(), connector, resolver), limits }
    }
}

/// Looks up names as ureq does, on a thread of its own for each exchange, since the look-up has a limit. An address needs no look-up and
/// gets no thread.
#[derive(Debug, Default)]
struct LiteralsFirst(DefaultResolver);

impl Resolver for LiteralsFirst {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        match literal(uri).filter(|_| matches!(config.ip_family(), IpFamily::Any)) {
            Some(address) => {
                let mut found = self.empty();
                found.push(address);
                Ok(found)
            }
            None => self.0.resolve(uri, config, timeout),
        }
    }
}

/// The address that a URL names itself.
fn literal(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().or(match uri.scheme_str()? {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    })?;
    Some(SocketAddr::new(host.parse::<IpAddr>().ok()?, port))
}

impl Default for UreqTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl BlockingTransport for UreqTransport {
    fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        guard::check(request.uri())?;
        // An empty body is none: ureq refuses to send one with the methods that have none.
        let bodiless = matches!(*request.method(), Method::GET | Method::HEAD | Method::DELETE);
        let answer = if bodiless && request.body().is_empty() {
            self.agent.run(request.map(|_| ()))
        } else {
            self.agent.run(request)
        };
        let (parts, body) = answer.map_err(classify)?.into_parts();
        let body = read(body, self.limits.body_cap())?;
        Ok(Response::from_parts(parts, body))
    }
}

/// The body, as far as the cap.
fn read(body: Body, cap: usize) -> Result<Vec<u8>, TransportError> {
    // ureq's limit is the first size that is too large.
    let limit = cap as u64 + 1;
    body.into_with_config().limit(limit).read_to_vec().map_err(|error| {
        // Whatever the error is: an answer had begun.
        classify(error).after_sending()
    })
}

/// `ureq`'s own texts can quote the URL: what is kept as the source cannot.
fn classify(error: Error) -> TransportError {
    use TransportErrorKind as Kind;
    match error {
        Error::HostNotFound | Error::ConnectionFailed => {
            TransportError::not_sent(Kind::Connect, error)
        }
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            TransportError::not_sent(Kind::Timeout, error)
        }
        Error::Timeout(_) => TransportError::maybe_sent(Kind::Timeout, error),
        Error::Tls(_) | Error::TlsRequired => TransportError::not_sent(Kind::Tls, error),
        Error::BadUri(_) | Error::RequireHttpsOnly(_) | Error::InvalidProxyUrl => {
            TransportError::bare(Kind::Other, Sent::No)
        }
        Error::BodyExceedsLimit(_) => TransportError::bare(Kind::BodyTooLarge, Sent::Maybe),
        Error::Io(error) => classify_io(error),
        _ => TransportError::bare(Kind::Other, Sent::Maybe),
    }
}

fn classify_io(error: io::Error) -> TransportError {
    use TransportErrorKind as Kind;
    match error.kind() {
        // This comes from connecting alone. Unreachable hosts and networks do not: a connection that stands can lose its way.
        io::ErrorKind::ConnectionRefused => TransportError::not_sent(Kind::Connect, error),
        _ if is_lookup(&error) => TransportError::not_sent(Kind::Connect, error),
        _ if is_certificate(&error) => TransportError::not_sent(Kind::Tls, error),
        _ => TransportError::maybe_sent(Kind::Io, error),
    }
}

/// Whether the name could not be looked up. The standard library has no kind for it: on Windows there are the codes of
/// Winsock, 11001 to 11004, elsewhere there are the words alone.
fn is_lookup(error: &io::Error) -> bool {
    match error.raw_os_error() {
        Some(code) => cfg!(windows) && (11_001..=11_004).contains(&code),
        None => error.to_string().starts_with("failed to lookup address information"),
    }
}

/// Whether the provider's certificate was refused, which happens before anything is sent. Other failures of the secure
/// channel can come later.
#[cfg(feature = "ureq-rustls")]
fn is_certificate(error: &io::Error) -> bool {
    let tls = error.get_ref().and_then(|wrapped| wrapped.downcast_ref());
    matches!(tls, Some(rustls::Error::InvalidCertificate(_)))
}

#[cfg(not(feature = "ureq-rustls"))]
fn is_certificate(_: &io::Error) -> bool {
    false
}

#[cfg(test)]
#[path = "ureq_tests.rs"]
mod tests;
