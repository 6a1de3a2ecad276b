//! What lies behind a failure to connect.

use std::error::Error;
use std::io;

use super::TransportErrorKind;

/// The kind of a failure to connect: out of time, a certificate that is not valid, no secure channel, or no connection at all.
pub(super) fn of_connecting(error: &(dyn Error + 'static)) -> TransportErrorKind {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(kind) = of_tls(error) {
            return kind;
        }
        let io = error.downcast_ref::<io::Error>();
        match io.map(io::Error::kind) {
            Some(io::ErrorKind::TimedOut) => return TransportErrorKind::Timeout,
            // There was a connection, and nothing but a handshake is read before a request.
            Some(io::ErrorKind::UnexpectedEof) => return TransportErrorKind::Tls,
            _ => {}
        }
        // As its source, such an error names what is behind that which it wraps.
        cause = match io.and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    TransportErrorKind::Connect
}

/// The kind of a failure behind the request: what came is no HTTP, or the connection broke.
#[cfg(any(feature = "reqwest", feature = "hyper"))]
pub(super) fn of_answering(error: &(dyn Error + 'static)) -> TransportErrorKind {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref().is_some_and(hyper::Error::is_parse) {
            return TransportErrorKind::NotHttp;
        }
        cause = error.source();
    }
    TransportErrorKind::Io
}

#[cfg(any(feature = "reqwest-rustls", feature = "hyper-rustls", feature = "ureq-rustls"))]
fn of_tls(error: &(dyn Error + 'static)) -> Option<TransportErrorKind> {
    Some(match error.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(_) => TransportErrorKind::Certificate,
        _ => TransportErrorKind::Tls,
    })
}

#[cfg(not(any(feature = "reqwest-rustls", feature = "hyper-rustls", feature = "ureq-rustls")))]
fn of_tls(_: &(dyn Error + 'static)) -> Option<TransportErrorKind> {
    None
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    /// An error around another one, as libraries have them.
    #[derive(Debug)]
    struct Around<E>(E);

    impl<E> fmt::Display for Around<E> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("failed")
        }
    }

    impl<E: Error + 'static> Error for Around<E> {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    fn io(kind: io::ErrorKind) -> io::Error {
        io::Error::from(kind)
    }

    #[test]
    fn time_that_ran_out_is_found_however_deep_it_lies() {
        let late = io::ErrorKind::TimedOut;
        let kinds = [
            of_connecting(&io(late)),
            of_connecting(&Around(Around(io(late)))),
            of_connecting(&Around(io::Error::other(io(late)))),
            of_connecting(&io::Error::other(Around(io(late)))),
        ];
        assert_eq!(kinds, [TransportErrorKind::Timeout; 4]);
    }

    #[test]
    fn what_is_neither_late_nor_insecure_is_no_connection() {
        let refused = io::ErrorKind::ConnectionRefused;
        let kinds = [
            of_connecting(&io(refused)),
            of_connecting(&Around(io::Error::other(io(refused)))),
            of_connecting(&Around(fmt::Error)),
        ];
        assert_eq!(kinds, [TransportErrorKind::Connect; 3]);
    }

    #[test]
    fn a_handshake_that_ends_early_is_no_secure_channel() {
        let over = io::ErrorKind::UnexpectedEof;
        let kinds = [of_connecting(&io(over)), of_connecting(&Around(io::Error::other(io(over))))];
        assert_eq!(kinds, [TransportErrorKind::Tls; 2]);
    }

    #[cfg(any(feature = "reqwest-rustls", feature = "hyper-rustls", feature = "ureq-rustls"))]
    #[test]
    fn a_secure_channel_that_fails_is_found_inside_an_io_error() {
        use rustls::CertificateError::{Expired, NotValidForName, UnknownIssuer};
        use rustls::{AlertDescription, Error};

        let found =
            |tls: Error| of_connecting(&Around(io::Error::new(io::ErrorKind::InvalidData, tls)));
        let alert = Error::AlertReceived(AlertDescription::HandshakeFailure);
        assert_eq!(found(alert), TransportErrorKind::Tls);
        for certificate in [Expired, NotValidForName, UnknownIssuer] {
            let kind = found(Error::InvalidCertificate(certificate));
            assert_eq!(kind, TransportErrorKind::Certificate);
        }
    }
}
