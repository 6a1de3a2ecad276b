//! The blocking transport over `ureq`.

mod connect;

use std::io::Read;
use std::net::{IpAddr, SocketAddr};

use http::{Method, Request, Response, Uri};
use ureq::config::{AutoHeaderValue, Config, ConfigBuilder, IpFamily};
use ureq::typestate::AgentScope;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::{Agent, Body, Error};
use zeroize::Zeroizing;

use self::connect::Connecting;
use super::answer_body::AnswerBody;
use super::{
    BlockingTransport, Limits, OUR_USER_AGENT, Sent, TransportError, TransportErrorKind, cause,
    guard,
};

/// Carries requests with a `ureq` agent and blocks the thread meanwhile.
///
/// The agent keeps connections: make one and share it; a clone is cheap and shares them too. Plain `http`, which stays on this machine,
/// goes through no proxy, whatever the environment or the configuration names.
///
/// ureq writes whole requests and answers to the log at the level TRACE. Where that is on for `ureq` or `ureq_proto`, nothing is sent, and the
/// error is a [`TransportErrorKind::Misconfigured`].
#[derive(Debug, Clone)]
pub struct UreqTransport {
    agent: Agent,
    limits: Limits,
}

impl UreqTransport {
    /// A transport with the default [`Limits`]. A proxy that the environment names is used for `https`, as ureq does. The user agent is
    /// `rekindle/` and the version, where the contract has none.
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// The same with limits of your own.
    pub fn with_limits(limits: Limits) -> Self {
        let config =
            Agent::config_builder().user_agent(OUR_USER_AGENT).accept(AutoHeaderValue::None);
        Self::from_config(config, limits)
    }

    /// A transport that shows a client certificate (RFC 8705).
    ///
    /// # Errors
    /// The certificate, its key or the authorities cannot be read.
    #[cfg(feature = "ureq-rustls")]
    pub fn with_certificate(
        certificate: &super::ClientCertificate,
        limits: Limits,
    ) -> Result<Self, TransportError> {
        use super::certificate::unreadable;
        use ureq::tls::{ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};
        let certificates = |pem: &[u8]| {
            let certificates = parse_pem(pem).filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
                Ok(_) => None,
                Err(_) => Some(Err(unreadable())),
            });
            certificates.collect::<Result<Vec<_>, _>>()
        };
        let chain = certificates(certificate.pem())?;
        let key = PrivateKey::from_pem(certificate.pem()).map_err(|_| unreadable())?;
        let mut tls =
            TlsConfig::builder().client_cert(Some(ClientCert::new_with_certs(&chain, key)));
        if let Some(authorities) = certificate.authorities() {
            tls = tls.root_certs(RootCerts::new_with_certs(&certificates(authorities)?));
        }
        let config = Agent::config_builder()
            .user_agent(OUR_USER_AGENT)
            .accept(AutoHeaderValue::None)
            .tls_config(tls.build());
        Ok(Self::from_config(config, limits))
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
        let (connector, resolver) = (Connecting::default(), LiteralsFirst::default());
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

impl UreqTransport {
    /// The same as [`BlockingTransport::send`]. What came of a body that ended early, or is too large, is left in `part`: a new token may be
    /// in it. No error holds any of it.
    ///
    /// # Errors
    /// There is no answer.
    pub fn send_and_leave(
        &self,
        mut request: Request<Vec<u8>>,
        part: &mut Vec<u8>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        guard::prepare(&mut request)?;
        refuse_to_be_logged()?;
        // An empty body is none: ureq refuses to send one with the methods that have none.
        let bodiless = matches!(*request.method(), Method::GET | Method::HEAD | Method::DELETE);
        connect::begin();
        let answer = if bodiless && request.body().is_empty() {
            self.agent.run(request.map(|_| ()))
        } else {
            let (parts, body) = request.into_parts();
            let body = Zeroizing::new(body);
            self.agent.run(Request::from_parts(parts, body.as_slice()))
        };
        let answer = answer.map_err(|error| classify(error, connect::was_sent()))?;
        let (parts, body) = answer.into_parts();
        let mut whole = AnswerBody::new(&self.limits, parts.status, &parts.headers);
        match read(body, &mut whole) {
            Ok(()) => Ok(Response::from_parts(parts, whole.finish())),
            Err(error) => {
                *part = whole.finish();
                Err(error)
            }
        }
    }
}

impl BlockingTransport for UreqTransport {
    fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        self.send_and_leave(request, &mut Zeroizing::default())
    }
}

/// Sends nothing where ureq writes requests and answers to the log as they are. It cannot be told not to.
fn refuse_to_be_logged() -> Result<(), TransportError> {
    let logged = log::log_enabled!(target: "ureq_proto::util", log::Level::Trace)
        || log::log_enabled!(target: "ureq::util", log::Level::Trace);
    if !logged {
        return Ok(());
    }
    let why = "ureq writes requests and answers to the log at the level TRACE: turn it off for `ureq` and `ureq_proto`";
    Err(TransportError::not_sent(TransportErrorKind::Misconfigured, why))
}

/// The body, as far as the cap.
fn read(body: Body, whole: &mut AnswerBody) -> Result<(), TransportError> {
    let mut reader = body.into_with_config().reader();
    let mut part = Zeroizing::new([0; 4096]);
    loop {
        // Whatever the error is: an answer had begun.
        let failed = |error| whole.cut(classify_begun(Error::from(error)));
        match reader.read(part.as_mut_slice()).map_err(failed)? {
            0 => return Ok(()),
            count => whole.push(&part[..count])?,
        }
    }
}

/// What is no HTTP behind a head that is some, such as the length of a chunk, is an answer that was cut.
fn classify_begun(error: Error) -> TransportError {
    match error {
        Error::Protocol(_) => TransportError::bare(TransportErrorKind::Io, Sent::Maybe),
        error => classify(error, Sent::Maybe),
    }
}

/// `ureq`'s own texts can quote the URL: what is kept as the source cannot.
fn classify(error: Error, sent: Sent) -> TransportError {
    use TransportErrorKind as Kind;
    let kind = match (&error, sent) {
        (Error::HostNotFound | Error::ConnectionFailed | Error::ConnectProxyFailed(_), _) => {
            Kind::Connect
        }
        (Error::Timeout(_), _) => Kind::Timeout,
        (Error::Tls(_) | Error::TlsRequired, _) => Kind::Tls,
        (Error::Io(error), Sent::No) => cause::of_connecting(error),
        (Error::Protocol(_) | Error::LargeResponseHeader(..), Sent::Maybe) => Kind::NotHttp,
        (Error::Io(_), Sent::Maybe) => Kind::Io,
        // What a proxy says.
        (Error::Protocol(_), Sent::No) => Kind::Connect,
        _ => Kind::Other,
    };
    let source = match error {
        Error::Io(error) => error.into(),
        Error::HostNotFound | Error::ConnectionFailed | Error::Timeout(_) | Error::Tls(_) => {
            error.into()
        }
        _ => return TransportError::bare(kind, sent),
    };
    TransportError::of(kind, sent, source)
}

#[cfg(test)]
mod tests;
