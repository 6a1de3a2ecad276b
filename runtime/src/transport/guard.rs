//! What holds for every request: credentials do not travel in the clear, and answers are asked for as they are read.

use http::header::ACCEPT_ENCODING;
use http::uri::Scheme;
use http::{HeaderValue, Request, Uri};
use rekindle_syntax::is_loopback;

use super::{Sent, TransportError, TransportErrorKind};

/// Refuses a plain `http` URL whose host is not this machine, before any I/O.
fn check(uri: &Uri) -> Result<(), TransportError> {
    let kind = match (uri.scheme(), uri.host()) {
        (Some(scheme), Some(_)) if *scheme == Scheme::HTTPS => return Ok(()),
        (Some(scheme), Some(host)) if *scheme == Scheme::HTTP && is_loopback(host) => return Ok(()),
        (Some(scheme), Some(_)) if *scheme == Scheme::HTTP => TransportErrorKind::PlainHttp,
        _ => TransportErrorKind::Other,
    };
    Err(TransportError::bare(kind, Sent::No))
}

/// Whether a URL that passed [`check`] is plain `http`, and so of this machine.
#[cfg(any(feature = "reqwest", feature = "ureq"))]
pub(super) fn is_plain(uri: &Uri) -> bool {
    uri.scheme() == Some(&Scheme::HTTP)
}

/// Checks a request and asks for an answer without a coding, since none is undone here and silence accepts any (RFC 9110 section
/// 12.5.3). What the contract says of codings counts.
pub(super) fn prepare(request: &mut Request<Vec<u8>>) -> Result<(), TransportError> {
    check(request.uri())?;
    let identity = HeaderValue::from_static("identity");
    request.headers_mut().entry(ACCEPT_ENCODING).or_insert(identity);
    Ok(())
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
