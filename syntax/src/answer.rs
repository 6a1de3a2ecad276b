//! What an answer turned out to be, told without what it holds: for errors, which are read by people and kept in logs.
//!
//! Whatever comes from a provider is bounded here and of a shape that no token has. A text that does not fit is not cut: it is left out.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::Authority;

/// How many bytes of a body are looked at.
const LOOKED_AT: usize = 1024;

/// What a body is that could not be read as what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// There is nothing in it but white space.
    Empty,
    /// It is compressed, with this coding (RFC 9110 section 8.4.1).
    Compressed(&'static str),
    /// A page for people.
    Page,
    /// An XML document.
    Xml,
    /// It begins as JSON does.
    Json,
    /// It is JSON, with a callback or a guard around it.
    Wrapped,
    /// It is JSON in a JSON text.
    Quoted,
    /// A text in UTF-16.
    Utf16,
    /// A form (`application/x-www-form-urlencoded`).
    Form,
    /// Another text.
    Text,
    /// Bytes that are no text.
    Binary,
}

impl BodyKind {
    /// What a body is, by what its head says of it, its `Content-Encoding` and its `Content-Type`, and by what it looks like.
    pub fn of(content_encoding: Option<&str>, content_type: Option<&str>, body: &[u8]) -> Self {
        if let Some(coding) = coding(content_encoding, body) {
            return Self::Compressed(coding);
        }
        if is_utf16(body) {
            return Self::Utf16;
        }
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
        let start = body.get(..LOOKED_AT).unwrap_or(body);
        match start.first() {
            None => Self::Empty,
            Some(b'<') if is_page(start, content_type) => Self::Page,
            Some(b'<') => Self::Xml,
            Some(b'{' | b'[') => Self::Json,
            Some(b'"') if is_quoted(start) => Self::Quoted,
            Some(_) if is_wrapped(start) => Self::Wrapped,
            Some(_) if start.iter().any(|byte| matches!(byte, 0..=8 | 14..=31)) => Self::Binary,
            Some(_) if is_form(start) => Self::Form,
            Some(_) => Self::Text,
        }
    }
}

/// What it is, as the rest of a sentence, and where to look: `it is an HTML page: …`.
impl fmt::Display for BodyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compressed(coding) => {
                return write!(
                    f,
                    "it is compressed with {coding}, which was not asked for: look for a proxy, or let the transport decode it"
                );
            }
            Self::Empty => "its body is empty",
            Self::Page => {
                "it is an HTML page: a gateway, a proxy or a sign-in page may have answered; check the base URL"
            }
            Self::Xml => {
                "it is XML, perhaps cut or with a document type: check `response.body` in the spec"
            }
            Self::Json => "it is broken or cut JSON",
            Self::Wrapped => {
                "it is JSON with something around it, a callback (JSONP) or a guard (`)]}',`): look for the endpoint of machines"
            }
            Self::Quoted => "it is JSON in a JSON text: the provider has encoded it twice",
            Self::Utf16 => "it is a text in UTF-16, where JSON is UTF-8 (RFC 8259 section 8.1)",
            Self::Form => "it is a form: check `response` in the spec",
            Self::Text => "it is a plain text",
            Self::Binary => "it is no text",
        })
    }
}

/// Whether what begins with a tag is a page for people, and no document of XML: by how it begins, else by its media type.
fn is_page(start: &[u8], content_type: Option<&str>) -> bool {
    if start.starts_with(b"<?xml") {
        return false;
    }
    let begins = |page: &[u8]| {
        start.get(1..=page.len()).is_some_and(|start| start.eq_ignore_ascii_case(page))
    };
    if [&b"!doctype html"[..], b"html"].into_iter().any(begins) {
        return true;
    }
    match content_type.and_then(media_type).as_deref() {
        Some("text/html" | "application/xhtml+xml") => true,
        Some(media_type) if media_type.ends_with("/xml") || media_type.ends_with("+xml") => false,
        // A page may lack its first tags; elements of XML have names of their own.
        _ => {
            let name = start[1..].split(|byte| !byte.is_ascii_alphanumeric()).next();
            let name = name.unwrap_or_default().to_ascii_lowercase();
            name.is_empty() || ELEMENTS.iter().any(|element| element.as_bytes() == name)
        }
    }
}

/// The elements that pages begin with which lack the first ones.
const ELEMENTS: [&str; 21] = [
    "head", "body", "title", "meta", "link", "style", "script", "noscript", "center", "div", "p",
    "h1", "h2", "h3", "pre", "b", "a", "br", "form", "table", "iframe",
];

/// With what a body is compressed: by its first bytes, else by `Content-Encoding`.
fn coding(content_encoding: Option<&str>, body: &[u8]) -> Option<&'static str> {
    if body.starts_with(b"\x1f\x8b") {
        return Some("gzip");
    }
    if body.starts_with(b"\x28\xb5\x2f\xfd") {
        return Some("zstd");
    }
    // zlib at its usual levels (RFC 1950 section 2.2); at the fourth one it begins as a text may.
    if matches!(body, [0x78, 0x01 | 0x9c | 0xda, ..]) {
        return Some("deflate");
    }
    let said = content_encoding?.trim();
    let known = [("x-gzip", "gzip"), ("gzip", "gzip"), ("deflate", "deflate"), ("br", "br")];
    let known = known.into_iter().chain([("zstd", "zstd"), ("compress", "compress")]);
    // Some transports decode an answer and leave the header there.
    let is_text = matches!(body.trim_ascii().first(), None | Some(b'{' | b'[' | b'<'));
    known.filter(|_| !is_text).find(|(name, _)| said.eq_ignore_ascii_case(name)).map(|(_, it)| it)
}

/// Whether a body is UTF-16: by its mark, else by what JSON and pages begin with.
fn is_utf16(body: &[u8]) -> bool {
    match body {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [one, two, ..] => {
            let begins = |byte: &u8| matches!(byte, b'{' | b'[' | b'<' | b'"');
            (begins(one) && *two == 0) || (*one == 0 && begins(two))
        }
        _ => false,
    }
}

/// Whether a JSON text holds JSON.
fn is_quoted(text: &[u8]) -> bool {
    let text = text.get(1..).unwrap_or_default().trim_ascii_start();
    matches!(text.first(), Some(b'{' | b'['))
}

/// Whether JSON stands behind a guard, or in the brackets of a callback.
fn is_wrapped(text: &[u8]) -> bool {
    let guards: [&[u8]; 4] = [b")]}'", b"for(;;);", b"for (;;);", b"while(1);"];
    if guards.iter().any(|guard| text.starts_with(guard)) {
        return true;
    }
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.');
    let Some(at) = text.iter().position(|byte| *byte == b'(') else {
        return false;
    };
    let (name, inside) = text.split_at(at);
    let inside = inside.get(1..).unwrap_or_default().trim_ascii_start();
    name.iter().all(is_name) && matches!(inside.first(), Some(b'{' | b'['))
}

/// Whether a text is `name=value`, perhaps several times.
fn is_form(text: &[u8]) -> bool {
    let name = text.split(|byte| *byte == b'=').next().unwrap_or_default();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    name.len() < text.len()
        && !name.is_empty()
        && name.iter().all(is_name)
        && !text.iter().any(u8::is_ascii_whitespace)
}

/// The media type of a `Content-Type`, in lower case and without its parameters; `None` where it is none that could be shown.
pub fn media_type(content_type: &str) -> Option<String> {
    let text = content_type.split(';').next().unwrap_or_default().trim();
    let (main, sub) = text.split_once('/')?;
    let is_shown = |part: &str| {
        let plain =
            |byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'+' | b'-');
        !part.is_empty() && part.len() <= 40 && part.bytes().all(plain) && is_word(part)
    };
    (is_shown(main) && is_shown(sub)).then(|| text.to_ascii_lowercase())
}

/// Whether a media type without parameters is one of JSON (RFC 6839 section 3.1).
pub fn is_json(media_type: &str) -> bool {
    matches!(media_type, "application/json" | "text/json") || media_type.ends_with("+json")
}

/// Whether a text of an answer may be shown: it is a code or a name, such as `invalid_grant`, `AADSTS70008`, `refreshToken` or `2106`, of at
/// most 64 characters. Tokens and secrets mix letters and digits, or are longer.
pub fn is_word(text: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b' ');
    if text.is_empty() || text.len() > 64 || !text.bytes().all(is_plain) {
        return false;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let runs = text.split(|character: char| !character.is_ascii_alphanumeric());
    digits <= 10 && runs.into_iter().all(is_run_of_word)
}

/// Whether a run of letters and digits may be a part of a word: a longer one has no letter behind a digit, and no more capitals than words.
fn is_run_of_word(run: &str) -> bool {
    let after_digit = run.trim_start_matches(|character: char| !character.is_ascii_digit());
    let mixed = after_digit.bytes().any(|byte| byte.is_ascii_alphabetic());
    let turns = run
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    run.len() <= 4 || (!mixed && run.len() <= 40 && turns.count() <= run.len() / 4)
}

/// Where a redirect leads: its scheme and host, where that is of words, without the rest, in which there may be anything.
pub fn redirect_target(location: &str) -> &str {
    let other = "an address that is not shown";
    let Some((scheme, rest)) = location.split_once("://") else {
        return if location.starts_with("//") { other } else { "a path of the same host" };
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let unbracketed = authority.trim_start_matches('[').trim_end_matches(']');
    let is_address =
        authority.parse::<SocketAddr>().is_ok() || unbracketed.parse::<IpAddr>().is_ok();
    let is_shown = is_address || authority.split(['.', ':']).all(is_word);
    if is_web && is_shown && authority.len() <= 255 && Authority::read(authority).is_ok() {
        &location[..scheme.len() + "://".len() + authority.len()]
    } else {
        other
    }
}

/// Whether two names of members are the same but for their case and what is between their words: `accessToken`, `access_token`.
pub fn is_same_name(one: &str, other: &str) -> bool {
    let letters = |name: &'_ str| -> Vec<u8> {
        let letters = name.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b'.'));
        letters.map(|byte| byte.to_ascii_lowercase()).collect()
    };
    letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_called_what_it_is() {
        let table: [(Option<&str>, &[u8], BodyKind); 28] = [
            (None, b"", BodyKind::Empty),
            (None, b" \r\n", BodyKind::Empty),
            (None, b"\x1f\x8b\x08\x00", BodyKind::Compressed("gzip")),
            (Some("GZIP"), b"\x00\x01", BodyKind::Compressed("gzip")),
            (Some("br"), b"\x0b\x02\x80", BodyKind::Compressed("br")),
            (Some("gzip"), b"<html>", BodyKind::Page),
            (Some("identity"), b"a b", BodyKind::Text),
            (None, b"\n<!doctype html>", BodyKind::Page),
            (None, b"\n<?xml version='1.0'?><a/>", BodyKind::Xml),
            (None, b"\xEF\xBB\xBF{\"a\":", BodyKind::Json),
            (None, b"[1", BodyKind::Json),
            (None, b"access_token=a&b=c", BodyKind::Form),
            (None, b"a = b", BodyKind::Text),
            (None, b"Bad Gateway", BodyKind::Text),
            (None, b"\x00\x01", BodyKind::Binary),
            (None, b"\x78\x9c\xab\x56", BodyKind::Compressed("deflate")),
            (None, b"x^2", BodyKind::Text),
            (None, b"\xff\xfe{\x00", BodyKind::Utf16),
            (None, b"{\x00\"\x00", BodyKind::Utf16),
            (None, b"\x00{\x00\"", BodyKind::Utf16),
            (None, b"cb({\"a\":1})", BodyKind::Wrapped),
            (None, b"/**/ cb({})", BodyKind::Text),
            (None, b")]}',\n{}", BodyKind::Wrapped),
            (None, b"for(;;);{}", BodyKind::Wrapped),
            (None, b"\"{\\\"a\\\":1}\"", BodyKind::Quoted),
            (None, b"\"a text\"", BodyKind::Text),
            (None, b"f(x)", BodyKind::Text),
            (None, b"{", BodyKind::Json),
        ];
        for (encoding, body, expected) in table {
            assert_eq!(BodyKind::of(encoding, None, body), expected, "{body:?}");
        }
    }

    #[test]
    fn the_media_type_tells_xml_from_pages_where_the_body_does_not() {
        let (xml, page) = (BodyKind::Xml, BodyKind::Page);
        let table: [(&[u8], [BodyKind; 4]); 8] = [
            // `application/xml`, `text/html`, `application/json`, none
            (b"<t><refresh/></t>", [xml, page, xml, xml]),
            (b"<ns:t/>", [xml, page, xml, xml]),
            (b"<!-- busy --><t/>", [xml, page, page, page]),
            (b"<H1>Busy</H1>", [xml, page, page, page]),
            (b"<title>Busy</title>", [xml, page, page, page]),
            (b"<!DOCTYPE html><p>", [page; 4]),
            (b"<html lang=en>", [page; 4]),
            (b"<?xml version=\"1.0\"?><html/>", [xml; 4]),
        ];
        for (body, expected) in table {
            let types = [Some("application/xml; charset=utf-8"), Some("text/html")];
            let types = [types[0], types[1], Some("application/json"), None];
            let found = types.map(|content_type| BodyKind::of(None, content_type, body));
            assert_eq!(found, expected, "{}", body.escape_ascii());
        }
        for (content_type, expected) in
            [("application/soap+xml", xml), ("application/xhtml+xml", page)]
        {
            assert_eq!(BodyKind::of(None, Some(content_type), b"<a/>"), expected);
        }
    }

    #[test]
    fn codes_are_shown_and_what_may_be_a_secret_is_not() {
        for code in [
            "invalid_grant",
            "AADSTS70008",
            "2106",
            "-1",
            "bad_refresh_token",
            "Token.Expired",
            "InvalidRefreshTokenException",
            "OAU-213",
            "temporarily unavailable",
            "E0000021",
            "4xx",
        ] {
            assert!(is_word(code), "{code}");
        }
        for other in [
            "",
            "a\n",
            "é",
            "<b>",
            "4f3c2a1b9d8e7f60",
            "token-4f3c2a1b",
            "550e8400-e29b-41d4-a716-446655440000",
            "eyJhbGciOiJub25lIn0",
            "1//0gXq3ZbC9dEfGh",
            "xoxe-1-My0xLTEyMzQ1Njc4OTA",
            "synthetic.refresh.4f3c2a1b9d",
            "aGVsbG8gd29ybGQgaGVsbG8",
            "a@b.example",
            "12345678901",
            &"a".repeat(65),
            &"a".repeat(41),
        ] {
            assert!(!is_word(other), "{other}");
        }
    }

    #[test]
    fn of_a_redirect_the_host_is_shown_alone() {
        let table = [
            ("https://login.example/a?token=x", "https://login.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://192.168.100.200/", "https://192.168.100.200"),
            ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
            ("https://eu1.login.example:8443/", "https://eu1.login.example:8443"),
            ("https://4f3c2a1b9d8e7f60.example/", "an address that is not shown"),
            ("/elsewhere?token=x", "a path of the same host"),
            ("https://user:secret@login.example/", "an address that is not shown"),
            ("//login.example/", "an address that is not shown"),
            ("javascript://x", "an address that is not shown"),
            ("https://", "an address that is not shown"),
        ];
        for (location, shown) in table {
            assert_eq!(redirect_target(location), shown, "{location}");
        }
    }

    #[test]
    fn media_types_lose_their_parameters() {
        let table = [
            ("Application/JSON; charset=utf-8", Some("application/json")),
            ("application/problem+json", Some("application/problem+json")),
            ("text/html", Some("text/html")),
            ("html", None),
            ("text/", None),
            ("text/a b", None),
            ("text/4f3c2a1b9d8e7f60", None),
        ];
        for (header, shown) in table {
            assert_eq!(media_type(header).as_deref(), shown, "{header}");
        }
        assert!(is_json("application/json") && is_json("application/a+json"));
        assert!(!is_json("text/plain"));
    }

    #[test]
    fn names_are_compared_by_their_letters() {
        assert!(is_same_name("access_token", "accessToken") && is_same_name("a-B", "a.b"));
        assert!(!is_same_name("access_token", "access_tokens"));
    }
}
