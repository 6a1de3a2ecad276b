use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;
use crate::ErrorKind;

fn decode(header: &HeaderValue) -> String {
    let text = header.to_str().unwrap().strip_prefix("Basic ").unwrap();
    String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
}

/// R5: the vector that tells form-encoding from none, and `+` from `%20`.
#[test]
fn basic_form_encodes_both_parts() {
    let header = basic("1PpG/Q 1", "a+b/c:d%e f");
    assert_eq!(decode(&header), "1PpG%2FQ+1:a%2Bb%2Fc%3Ad%25e+f");
    assert!(header.is_sensitive());
    assert_eq!(format!("{header:?}"), "Sensitive");
    // RFC 7617 §2, which holds nothing to encode.
    assert_eq!(basic("Aladdin", "opensesame"), "Basic QWxhZGRpbjpvcGVuc2VzYW1l");
    assert_eq!(decode(&basic("", "")), ":");
    assert_eq!(decode(&basic("ü", "€")), "%C3%BC:%E2%82%AC");
}

#[test]
fn basic_raw_leaves_both_parts_as_they_are() {
    let header = basic_raw("1PpG/Q 1", "a+b/c:d%").unwrap();
    assert_eq!(decode(&header), "1PpG/Q 1:a+b/c:d%");
    assert!(header.is_sensitive());
    // RFC 7617 §2.1.
    assert_eq!(basic_raw("test", "123£").unwrap(), "Basic dGVzdDoxMjPCow==");
    for (user, password) in [("a:b", "c"), ("a\nb", "c"), ("a", "c\0"), ("a", "c\u{7f}")] {
        let error = basic_raw(user, password).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidCredential { .. }));
    }
}

#[test]
fn header_values_are_sensitive_and_cannot_be_split() {
    let header = header_value("client secret", "Bearer abc~!").unwrap();
    assert!(header.is_sensitive());
    let words = |value| header_value("client secret", value).unwrap_err().to_string();
    assert_eq!(words("a\r\nX-Evil: 1"), "the client secret holds a line break");
    assert_eq!(words("a\n"), "the client secret holds a line break");
    assert_eq!(words("a\0"), "the client secret holds a control character");
    assert_eq!(words("a\tb"), "the client secret holds a control character");
    assert_eq!(words("ü"), "the client secret holds a character that a header cannot carry");
    assert_eq!(words(" a"), "the client secret begins or ends with white space");
}

#[test]
fn forms_encode_names_and_values() {
    let mut form = Form::with_capacity(8);
    form.field("a b", "c&d=e").field("f", "");
    assert_eq!(form.finish(), b"a+b=c%26d%3De&f=");
    assert_eq!(form.finish(), b"");
    assert_eq!(format!("{form:?}"), "Form(..)");
}

/// RFC 8259 §7: the escapes that have a letter are written with it, which is what parsers see most.
#[test]
fn json_strings_use_the_short_escapes() {
    let mut body = Vec::new();
    json_string(&mut body, "a\"b\\c\nd\re\tf\u{1}g\u{1f}/é");
    let expected = r#""a\"b\\c\nd\re\tf\u0001g\u001f/é""#;
    assert_eq!(String::from_utf8(body).unwrap(), expected);
}

#[test]
fn methods_are_http_tokens() {
    assert_eq!(method("REFRESH").unwrap().as_str(), "REFRESH");
    for name in ["", "PO ST", "GET\r\n", "é"] {
        let error = method(name).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidUrl { .. }), "{name}");
    }
}

#[test]
fn urls_that_are_none_are_refused_without_being_quoted() {
    assert!(uri("https://example.com/a?b=c".to_owned()).is_ok());
    for text in [
        "",
        "https://example.com/a b?canary",
        "https://exa\r\nmple.com/canary",
        &"a".repeat(70_000),
    ] {
        let error = uri(text.to_owned()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}

proptest! {
    #[test]
    fn a_header_value_is_one_line_or_refused(text in any::<String>()) {
        if let Ok(header) = header_value("token", &text) {
            prop_assert_eq!(header.to_str().unwrap(), text.as_str());
            prop_assert!(!text.contains(char::is_control));
        }
    }

    #[test]
    fn basic_round_trips(user in any::<String>(), password in any::<String>()) {
        let pair = decode(&basic(&user, &password));
        let (left, right) = pair.split_once(':').unwrap();
        let decoded = |part: &str| -> String {
            form_urlencoded::parse(format!("x={part}").as_bytes()).next().unwrap().1.into_owned()
        };
        prop_assert_eq!(decoded(left), user);
        prop_assert_eq!(decoded(right), password);
    }

    #[test]
    fn json_strings_round_trip(text in any::<String>()) {
        let mut body = Vec::new();
        json_string(&mut body, &text);
        prop_assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap(), text);
    }

    #[test]
    fn json_strings_escape_every_control_character(text in "[\\x00-\\x7f]{0,40}") {
        let mut body = Vec::new();
        json_string(&mut body, &text);
        prop_assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap(), text);
    }

    #[test]
    fn forms_round_trip(fields in proptest::collection::vec((any::<String>(), any::<String>()), 1..5)) {
        let mut form = Form::new();
        for (name, value) in &fields {
            form.field(name, value);
        }
        let body = form.finish();
        let read: Vec<_> = form_urlencoded::parse(&body).into_owned().collect();
        prop_assert_eq!(read, fields);
    }
}

#[test]
fn every_character_is_form_encoded_as_the_url_standard_says() {
    for character in ('\0'..='\u{17f}').chain(['\u{2028}', '\u{1f600}']) {
        let text = character.to_string();
        let mut form = Form::new();
        form.field(&text, &text);
        let expected: String = byte_serialize(text.as_bytes()).collect();
        assert_eq!(form.finish(), format!("{expected}={expected}").into_bytes());
    }
}
