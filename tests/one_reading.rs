//! What `check` accepts, clients accept, and the other way round: base URLs, hosts, and values for each place of a request.

use proptest::prelude::*;
use rekindle_contract::{Source, check};
use rekindle_runtime::request::{basic_raw, header_value};
use rekindle_runtime::{BaseUrl, parameter, url};

/// Whether a spec has no errors. Of what it says nothing but this counts here: which problem is told is for the tests of the
/// contract's own.
fn is_accepted(spec: &str) -> bool {
    !check(&[Source::new("acme.yaml", spec)]).has_errors()
}

/// A text as YAML writes it in double quotes.
fn quoted(text: &str) -> String {
    text.chars().fold("\"".to_owned(), |all, character| match character {
        ' '..='~' if !"\"\\".contains(character) => all + &character.to_string(),
        other => all + &format!("\\U{:08x}", u32::from(other)),
    }) + "\""
}

/// A spec whose environment is at a URL.
fn at(base_url: &str) -> String {
    let base_url = quoted(base_url);
    format!(
        "rekindle: 1\nprovider: {{ id: acme, name: Acme }}\nprofile: rfc6749\nenvironments: {{ production: {base_url} }}\n\
         refresh: {{ request: POST /token }}\n"
    )
}

/// A spec with a parameter `p` of a type, whose default is a text. `request` and `host` say where it goes.
fn with_default(text: &str, kind: &str, host: &str, request: &str) -> String {
    let text = quoted(text);
    format!(
        "rekindle: 1\nprovider: {{ id: acme, name: Acme }}\nprofile: rfc6749\nenvironments: {{ production: \"https://{host}\" }}\n\
         client: {{ p: {{ type: {kind}, default: {text} }} }}\nrefresh: {{ {request} }}\n"
    )
}

/// A contract holds base URLs as clients write them: https, in lower case, without a slash at the end.
fn is_read_as_written(text: &str) -> bool {
    BaseUrl::parse(text).is_ok_and(|base| base.as_str() == text)
}

#[test]
fn base_urls_that_someone_got_wrong() {
    let long_label = format!("https://{}.example", "a".repeat(64));
    let texts = [
        "https://a.example:0",
        "https://a.example:+80",
        "https://a.example:65535",
        "https://a.example:65536",
        "https://a.example:",
        "https://a.example:080",
        "https://[::x::]",
        "https://[::1%25eth0]",
        "https://[::1]",
        "https://[::1]:1",
        "https://[2001:DB8::1]",
        "https://[::ffff:1.2.3.4]",
        "https://[::ffff:1.2.3]",
        "https://::1",
        "https://[]",
        "https://-a.example",
        "https://a-.example",
        "https://1.2.3",
        "https://1.2.3.4",
        "https://999.1.1.1",
        "https://0x7f.1",
        &long_label,
        "https://a.example.",
        "https://.a.example",
        "https://a..example",
        "https://u@a.example",
        "https://u:p@a.example",
        "https://A.example",
        "https://xn--bcher-kva.example",
        "https://bücher.example",
        "https://a.example/",
        "https://a.example/b",
        "https://a.example//b",
        "https://a.example/b?c",
        "https://a.example/b#c",
        "https://a.example/../b",
        "https://a.example/%2E./b",
        "https://a.example/%zz",
        "https://a.example/%20",
        "https://a_b.example",
        "https://a b.example",
        "https://a.example\\b",
        "http://a.example",
        "http://127.0.0.1",
        "http://localhost:1",
        "HTTPS://a.example",
        "ftp://a.example",
        "https://",
        "https:///b",
        "a.example",
        "",
    ];
    let mut accepted = 0;
    for text in texts {
        assert_eq!(is_accepted(&at(text)), is_read_as_written(text), "{text}");
        accepted += u32::from(is_read_as_written(text));
    }
    assert_eq!(accepted, 10);
}

/// A text of pieces that mean something in a URL.
fn url_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b-",
        "-",
        ".",
        "..",
        "1",
        "127.0.0.1",
        "[::1]",
        "[",
        "]",
        ":",
        "0",
        "80",
        "65536",
        "+",
        "@",
        "/",
        "//",
        "?",
        "#",
        "%",
        "%20",
        "%2e",
        "\\",
        " ",
        "A",
        "ü",
        "xn--a",
        "0x",
        "example",
        ".example",
        "localhost",
        "\u{9b}",
        "\n",
        "_",
        "~",
    ]);
    let scheme = prop::sample::select(vec!["https://", "http://", "HTTPS://", "https:/", ""]);
    (scheme, prop::collection::vec(piece, 0..7))
        .prop_map(|(scheme, pieces)| format!("{scheme}{}", pieces.concat()))
}

/// A text of pieces that mean something in a header, in HTTP Basic or in a path.
fn value_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", " ", ":", ".", "..", "/", "%", "é", "\t", "\n", "\r", "\0", "\u{7f}", "\u{85}",
        "\u{9b}", "\u{a0}", "~", "\"", "€",
    ]);
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn base_urls(text in url_like()) {
        prop_assert_eq!(is_accepted(&at(&text)), is_read_as_written(&text));
    }

    #[test]
    fn hosts(text in url_like()) {
        let text = text.trim_start_matches("https://");
        let is_host = parameter::text("p", text).is_ok() && url::hostname(text).is_ok();
        let spec = with_default(text, "host", "${client.p}", "request: POST /token");
        prop_assert_eq!(is_accepted(&spec), is_host);
        let is_label = url::host_label(text).is_ok();
        let spec = with_default(text, "host_label", "a.${client.p}.example", "request: POST /token");
        prop_assert_eq!(is_accepted(&spec), is_label);
    }

    #[test]
    fn values(text in value_like()) {
        let is_text = parameter::text("p", &text).is_ok();
        let takes = |request: &str| is_accepted(&with_default(&text, "text", "a.example", request));
        prop_assert_eq!(takes("request: 'POST /token?a=${client.p}'"), is_text);
        prop_assert_eq!(
            takes("request: 'POST /a/${client.p}'"),
            is_text && url::check_segment(&text).is_ok()
        );
        prop_assert_eq!(
            takes("request: POST /token, headers: { x-a: '${client.p}' }"),
            is_text && header_value("p", &text).is_ok()
        );
        prop_assert_eq!(
            takes("request: POST /token, headers: { x-a: 'a ${client.p}.' }"),
            is_text && header_value("p", &format!("a {text}.")).is_ok()
        );
        prop_assert_eq!(
            takes("request: POST /token, auth: { basic: { username: '${client.p}', password: a, encoding: raw } }"),
            is_text && basic_raw(&text, "a").is_ok()
        );
        prop_assert_eq!(
            takes("request: POST /token, auth: { basic: { username: a, password: '${client.p}', encoding: raw } }"),
            is_text && basic_raw("a", &text).is_ok()
        );
        prop_assert_eq!(takes("request: POST /token, auth: { basic: { username: '${client.p}', password: a } }"), is_text);
    }
}
