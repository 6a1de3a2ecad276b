use std::error::Error as _;

use super::*;

#[test]
fn kinds_follow_from_the_error_and_from_how_far_the_request_came() {
    use TransportErrorKind as Kind;
    use ureq::Timeout;

    let io = |kind| Error::Io(std::io::Error::from(kind));
    let table = [
        (Error::HostNotFound, Sent::No, Kind::Connect),
        (Error::ConnectionFailed, Sent::No, Kind::Connect),
        (Error::ConnectProxyFailed("407".to_owned()), Sent::No, Kind::Connect),
        (io(std::io::ErrorKind::ConnectionReset), Sent::No, Kind::Connect),
        (io(std::io::ErrorKind::TimedOut), Sent::No, Kind::Timeout),
        (Error::Timeout(Timeout::Connect), Sent::No, Kind::Timeout),
        (Error::Tls("no provider"), Sent::No, Kind::Tls),
        (Error::TlsRequired, Sent::No, Kind::Tls),
        (Error::BadUri("a".to_owned()), Sent::No, Kind::Other),
        (Error::InvalidProxyUrl, Sent::No, Kind::Other),
        (Error::Timeout(Timeout::Global), Sent::Maybe, Kind::Timeout),
        (io(std::io::ErrorKind::UnexpectedEof), Sent::Maybe, Kind::Io),
        (Error::LargeResponseHeader(2, 1), Sent::Maybe, Kind::NotHttp),
        (Error::RedirectFailed, Sent::Maybe, Kind::Other),
    ];
    for (error, sent, kind) in table {
        let shown = format!("{error:?}");
        let found = classify(error, sent);
        assert_eq!((found.was_sent(), found.kind()), (sent, kind), "{shown}");
    }
}

/// Such errors quote the URL, in which there can be a token.
#[test]
fn errors_about_a_url_are_not_kept_as_the_source() {
    for error in [
        Error::BadUri("https://example.com/canary".to_owned()),
        Error::RequireHttpsOnly("http://example.com/canary".to_owned()),
    ] {
        assert!(classify(error, Sent::No).source().is_none());
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
