//! What lies behind a failure to connect.

use std::error::Error;
use std::io;

use super::TransportErrorKind;

/// The kind of a failure to connect: out of time, no secure channel, or no connection at all.
pub(super) fn of_connecting(error: &(dyn Error + 'static)) -> TransportErrorKind {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if is_tls(error) {
            return TransportErrorKind::Tls;
        }
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::TimedOut) {
            return TransportErrorKind::Timeout;
        }
        // As its source, such an error names what is behind that which it wraps.
        cause = match io.and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    TransportErrorKind::Connect
}

#[cfg(any(feature = "reqwest-rustls", feature = "hyper-rustls"))]
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    error.is::<rustls::Error>()
}

#[cfg(not(any(feature = "reqwest-rustls", feature = "hyper-rustls")))]
fn is_tls(_: &(dyn Error + 'static)) -> bool {
    false
}
