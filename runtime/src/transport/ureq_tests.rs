use std::error::Error as _;

use super::*;

type Table = Vec<(Error, TransportErrorKind)>;

fn assert_all(table: Table, sent: Sent) {
    for (error, kind) in table {
        let shown = format!("{error:?}");
        let found = classify(error);
        assert_eq!((found.was_sent(), found.kind()), (sent, kind), "{shown}");
    }
}

fn io(kind: io::ErrorKind) -> Error {
    Error::Io(io::Error::from(kind))
}

#[test]
fn what_fails_before_there_is_a_connection_was_not_sent() {
    use TransportErrorKind as Kind;
    let lookup = "failed to lookup address information: Name or service not known";
    assert_all(
        vec![
            (Error::HostNotFound, Kind::Connect),
            (Error::ConnectionFailed, Kind::Connect),
            (io(io::ErrorKind::ConnectionRefused), Kind::Connect),
            (Error::Io(io::Error::other(lookup)), Kind::Connect),
            (Error::Timeout(Timeout::Resolve), Kind::Timeout),
            (Error::Timeout(Timeout::Connect), Kind::Timeout),
            (Error::Tls("no provider"), Kind::Tls),
            (Error::TlsRequired, Kind::Tls),
            (Error::BadUri("a".to_owned()), Kind::Other),
            (Error::RequireHttpsOnly("a".to_owned()), Kind::Other),
            (Error::InvalidProxyUrl, Kind::Other),
        ],
        Sent::No,
    );
}

#[test]
fn what_fails_later_or_nobody_knows_when_may_be_sent() {
    use TransportErrorKind as Kind;
    assert_all(
        vec![
            (Error::Timeout(Timeout::Global), Kind::Timeout),
            (Error::Timeout(Timeout::RecvResponse), Kind::Timeout),
            (Error::BodyExceedsLimit(1), Kind::BodyTooLarge),
            (io(io::ErrorKind::UnexpectedEof), Kind::Io),
            (io(io::ErrorKind::HostUnreachable), Kind::Io),
            (Error::Io(io::Error::other("lookup")), Kind::Io),
            (Error::RedirectFailed, Kind::Other),
        ],
        Sent::Maybe,
    );
}

/// Winsock's codes for names that are not found mean nothing elsewhere.
#[test]
fn the_codes_of_winsock_count_on_windows_alone() {
    for (code, on_windows) in
        [(11_000, Sent::Maybe), (11_001, Sent::No), (11_004, Sent::No), (11_005, Sent::Maybe)]
    {
        let found = classify(Error::Io(io::Error::from_raw_os_error(code)));
        let expected = if cfg!(windows) { on_windows } else { Sent::Maybe };
        assert_eq!(found.was_sent(), expected, "{code}");
    }
}

#[cfg(feature = "ureq-rustls")]
#[test]
fn only_a_refused_certificate_proves_that_nothing_was_sent() {
    use TransportErrorKind as Kind;
    use rustls::{AlertDescription, CertificateError};

    let tls = |error: rustls::Error| Error::Io(io::Error::new(io::ErrorKind::InvalidData, error));
    let refused = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
    assert_all(vec![(tls(refused), Kind::Tls)], Sent::No);
    let alert = rustls::Error::AlertReceived(AlertDescription::InternalError);
    assert_all(vec![(tls(alert), Kind::Io)], Sent::Maybe);
}

/// Such errors quote the URL, in which there can be a token.
#[test]
fn errors_about_a_url_are_not_kept_as_the_source() {
    for error in [
        Error::BadUri("https://example.com/canary".to_owned()),
        Error::RequireHttpsOnly("http://example.com/canary".to_owned()),
    ] {
        assert!(classify(error).source().is_none());
    }
}

#[test]
fn an_address_needs_no_look_up() {
    let found = |uri: &'static str| literal(&Uri::from_static(uri)).map(|found| found.to_string());
    assert_eq!(found("http://127.0.0.1:8080/x").as_deref(), Some("127.0.0.1:8080"));
    assert_eq!(found("https://[::1]/x").as_deref(), Some("[::1]:443"));
    assert_eq!(found("http://127.0.0.1/").as_deref(), Some("127.0.0.1:80"));
    assert_eq!(found("https://localhost/"), None);
    assert_eq!(found("https://1.2.3.example/"), None);
}
