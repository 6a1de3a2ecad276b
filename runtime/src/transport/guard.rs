//! Credentials do not travel in the clear.

use http::Uri;
use http::uri::Scheme;
use rekindle_syntax::is_loopback;

use super::{Sent, TransportError, TransportErrorKind};

/// Refuses a plain `http` URL whose host is not this machine, before any I/O.
pub(super) fn check(uri: &Uri) -> Result<(), TransportError> {
    let kind = match (uri.scheme(), uri.host()) {
        (Some(scheme), Some(_)) if *scheme == Scheme::HTTPS => return Ok(()),
        (Some(scheme), Some(host)) if *scheme == Scheme::HTTP && is_loopback(host) => return Ok(()),
        (Some(scheme), Some(_)) if *scheme == Scheme::HTTP => TransportErrorKind::PlainHttp,
        _ => TransportErrorKind::Other,
    };
    Err(TransportError::bare(kind, Sent::No))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        let fine = [
            "https://example.com/",
            "http://127.0.0.1:80/",
            "http://[::1]:80/",
            "http://LOCALHOST/",
        ];
        for text in fine {
            assert!(check(&Uri::from_static(text)).is_ok(), "{text}");
        }
        let refused = [
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "http://127.0.0.1@example.com/",
            "http://0.0.0.0/",
            "http://[::2]/",
        ];
        for text in refused {
            let error = check(&Uri::from_static(text)).expect_err(text);
            assert_eq!((error.kind(), error.was_sent()), (TransportErrorKind::PlainHttp, Sent::No));
        }
        for text in ["/path", "ftp://127.0.0.1/", "ftp://example.com/"] {
            let error = check(&Uri::from_static(text)).expect_err(text);
            assert_eq!(
                (error.kind(), error.was_sent()),
                (TransportErrorKind::Other, Sent::No),
                "{text}"
            );
        }
    }
}
