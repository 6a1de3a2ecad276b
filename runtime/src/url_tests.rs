use proptest::prelude::*;

use super::*;

#[test]
fn a_base_url_is_normalised() {
    let read = |text| BaseUrl::parse(text).unwrap().to_string();
    assert_eq!(read("https://example.com"), "https://example.com");
    assert_eq!(read("https://example.com/"), "https://example.com");
    assert_eq!(
        read("HTTPS://Example.COM:8443/Tenant/a%20b//"),
        "https://example.com:8443/Tenant/a%20b"
    );
    assert_eq!(read("https://[2001:DB8::1]:8443/"), "https://[2001:db8::1]:8443");
    assert_eq!(read("https://[2001:db8::]:8443"), "https://[2001:db8::]:8443");
    assert_eq!(read("https://xn--bcher-kva.example"), "https://xn--bcher-kva.example");
}

#[test]
fn a_base_url_holds_nothing_that_does_not_belong() {
    let words = |text| BaseUrl::parse(text).unwrap_err().to_string();
    assert_eq!(words("example.com"), "the base URL does not begin with https://");
    assert_eq!(words("ftp://example.com"), "the base URL does not begin with https://");
    assert_eq!(words("https://"), "the base URL has no host");
    assert_eq!(words("https://:443"), "the base URL has no host");
    assert_eq!(words("https://canary:pw@example.com"), "the base URL has a user in it");
    assert_eq!(words("https://example.com/?a=canary"), "the base URL has a query");
    assert_eq!(words("https://example.com?a=canary"), "the base URL has a query");
    assert_eq!(words("https://example.com/#canary"), "the base URL has a fragment");
    assert_eq!(
        words("https://example.com/a/../b"),
        "the base URL has a path with dots for segments"
    );
    assert_eq!(
        words("https://example.com:0"),
        "the base URL has a port that is not a number from 1 to 65535"
    );
    assert_eq!(
        words("https://example.com:+1"),
        "the base URL has a port that is not a number from 1 to 65535"
    );
    assert_eq!(
        words("https://example.com:"),
        "the base URL has a port that is not a number from 1 to 65535"
    );
    for text in [
        "https://exa mple.com",
        "https://bücher.example",
        "https://a..b",
        "https://127.1",
        "https://[::g]",
    ] {
        assert_eq!(words(text), "the host name is not valid", "{text}");
    }
    for text in [
        "https://example.com/a b",
        "https://example.com\\@evil.example",
        "https://example.com/a\r\nb",
    ] {
        assert!(words(text).contains("percent-encoded"), "{text}");
    }
}

#[test]
fn plain_http_is_for_this_machine_and_only_when_asked_for() {
    for text in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1", "http://127.8.9.10"]
    {
        assert!(BaseUrl::parse(text).is_err(), "{text}");
        assert_eq!(BaseUrl::parse_allowing_loopback(text).unwrap().as_str(), text);
    }
    for text in
        ["http://example.com", "http://localhost.example.com", "http://10.0.0.1", "http://0.0.0.0"]
    {
        assert!(BaseUrl::parse_allowing_loopback(text).is_err(), "{text}");
    }
    assert!(BaseUrl::parse_allowing_loopback("https://example.com").is_ok());
}

#[test]
fn a_path_is_joined_to_the_base() {
    let base = BaseUrl::parse("https://example.com/tenant/").unwrap();
    assert_eq!(base.join("/token?a=b").unwrap(), "https://example.com/tenant/token?a=b");
    assert!(base.join("/to ken").is_err());
}

#[test]
fn segments_and_values_are_encoded() {
    assert_eq!(path_segment("a/b?c#d e%é~-._"), "a%2Fb%3Fc%23d%20e%25%C3%A9~-._");
    assert_eq!(query_value("a&b=c+d"), "a%26b%3Dc%2Bd");
    assert!(check_segment("a.b").is_ok());
    for text in ["", ".", ".."] {
        assert!(check_segment(text).is_err());
    }
}

#[test]
fn hosts_may_have_a_port_and_labels_may_not() {
    assert_eq!(host_label("acme-1").unwrap(), "acme-1");
    for text in ["", "a.b", "a:1"] {
        let words = host_label(text).unwrap_err().to_string();
        assert_eq!(words, "a part of the host name is not letters, digits and inner hyphens");
    }
    for text in ["acme.example.com", "127.0.0.1", "looker.example.com:19999", "[::1]:8443"] {
        assert_eq!(hostname(text).unwrap(), text);
    }
    for text in ["", "a..b", "0x7f.1", "u@a.example", "a.example/b", "https://a.example"] {
        assert!(hostname(text).is_err(), "{text}");
    }
    let words = hostname("a.example:0").unwrap_err().to_string();
    assert_eq!(words, "the port is not a number from 1 to 65535");
}

proptest! {
    #[test]
    fn no_text_makes_a_base_url_panic_or_grow_a_second_host(text in any::<String>()) {
        let _ = BaseUrl::parse_allowing_loopback(&text);
        if let Ok(base) = BaseUrl::parse(&format!("https://example.com/{text}")) {
            let uri: http::Uri = base.as_str().parse().unwrap();
            prop_assert_eq!(uri.host(), Some("example.com"));
            prop_assert_eq!(uri.query(), None);
        }
        if let Ok(base) = BaseUrl::parse(&format!("https://{text}")) {
            let uri: http::Uri = base.as_str().parse().unwrap();
            prop_assert!(uri.authority().is_some_and(|authority| !authority.as_str().contains('@')));
        }
    }

    #[test]
    fn a_segment_stays_one_segment(text in any::<String>()) {
        let url = format!("https://example.com/a/{}/b?c={}", path_segment(&text), query_value(&text));
        let uri: http::Uri = url.parse().unwrap();
        prop_assert_eq!(uri.path().split('/').count(), 4);
        prop_assert_eq!(uri.query().map(|query| query.contains(['&', '#', '+'])), Some(false));
    }
}
