//! The certificate that a client shows (RFC 8705).

use super::{TransportError, TransportErrorKind};
use crate::Secret;

/// A client certificate, for contracts that ask for one: [`Renew::CERTIFICATE`](crate::Renew::CERTIFICATE). `Debug` shows nothing of it.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    pem: Secret,
    authorities: Option<String>,
}

impl ClientCertificate {
    /// The certificate, those that vouch for it, and its private key, as one PEM.
    pub fn from_pem(pem: impl Into<Secret>) -> Self {
        Self { pem: pem.into(), authorities: None }
    }

    /// The same for servers that these certificates, as PEM, vouch for, and for no others. Otherwise those count that the transport trusts.
    #[must_use]
    pub fn for_servers_of(self, authorities: impl Into<String>) -> Self {
        Self { authorities: Some(authorities.into()), ..self }
    }

    pub(super) fn pem(&self) -> &[u8] {
        self.pem.expose().as_bytes()
    }

    pub(super) fn authorities(&self) -> Option<&[u8]> {
        self.authorities.as_deref().map(str::as_bytes)
    }
}

/// It cannot be read. What is wrong with it is not said by libraries in words that show nothing of it.
pub(super) fn unreadable() -> TransportError {
    let why = "the client certificate, its key or the authorities are no PEM that can be read";
    TransportError::not_sent(TransportErrorKind::Tls, why)
}
