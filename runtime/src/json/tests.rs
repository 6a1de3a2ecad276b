use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::ErrorKind;

fn with<T>(body: &str, read: impl FnOnce(Json<'_>) -> T) -> T {
    read(Document::parse(body.as_bytes()).unwrap().root())
}

/// The way to a member, for as long as anybody wants it.
fn way(name: &str) -> &'static [&'static str] {
    Box::leak(Box::new([&*name.to_owned().leak()]))
}

#[test]
fn walks_objects_and_arrays() {
    let body =
        r#"{"data":{"a/b":[{"token":"x"}]},"":1,"n":null,"dup":1,"dup":2,"esc\u0061pe":"t\"x"}"#;
    with(body, |root| {
        assert_eq!(root.at(&["data", "a/b", "0", "token"]).as_str(), Some("x"));
        assert!(root.at(&["data", "a/b", "00", "token"]).is_missing());
        assert!(root.at(&["data", "a/b", "+0", "token"]).is_missing());
        assert!(root.at(&["data", "a/b", "1", "token"]).is_missing());
        assert!(root.at(&["data", "a/b", "99999999999999999999"]).is_missing());
        assert!(root.at(&["n"]).is_absent() && !root.at(&["n"]).is_missing());
        assert!(root.at(&["n", "deeper"]).is_missing());
        assert!(root.at(&[""]).is(1));
        assert!(root.at(&["dup"]).is(2));
        assert_eq!(root.at(&["escape"]).as_str(), Some("t\"x"));
        assert!(root.at(&[]).at(&["data"]).at(&["a/b"]).as_str().is_none());
    });
}

#[test]
fn texts_are_required_or_optional() {
    let body =
        r#"{"text":"x","empty":"","null":null,"number":1,"list":[],"flag":true,"object":{}}"#;
    with(body, |root| {
        let required =
            |name: &str| root.at(way(name)).required_text("token").map_err(|error| *error.kind());
        let optional =
            |name: &str| root.at(way(name)).optional_text("token").map_err(|error| *error.kind());
        assert_eq!((required("text"), optional("text")), (Ok("x"), Ok(Some("x"))));
        for name in ["empty", "null", "nothing"] {
            assert_eq!(required(name), Err(ErrorKind::Missing { what: "token" }));
            assert_eq!(optional(name), Ok(None));
        }
        let types = [
            ("number", "a number"),
            ("list", "an array"),
            ("flag", "a boolean"),
            ("object", "an object"),
        ];
        for (name, found) in types {
            assert_eq!(required(name), Err(ErrorKind::WrongType { what: "token", found }));
            assert_eq!(optional(name), Err(ErrorKind::WrongType { what: "token", found }));
        }
    });
}

#[test]
fn equality_is_by_type_and_value() {
    let body = r#"{"t":"1","i":1,"f":1.0,"h":1.5,"z":-0.0,"n":null,"b":true,"u":18446744073709551615,"m":-7,"e":1e300}"#;
    with(body, |root| {
        let at = |name: &str| root.at(way(name));
        assert!(at("t").is("1") && !at("t").is(1));
        assert!(at("i").is(1) && at("i").is(1.0) && !at("i").is("1") && !at("i").is(true));
        assert!(at("f").is(1) && at("f").is(1.0));
        assert!(at("h").is(1.5) && !at("h").is(1));
        assert!(at("z").is(0) && at("z").is(0.0));
        assert!(at("n").is(Literal::Null) && !at("nothing").is(Literal::Null));
        assert!(at("b").is(true) && !at("b").is(false));
        assert!(!at("u").is(-1) && at("m").is(-7) && at("m").is(-7.0));
        assert!(at("e").is(1e300) && !at("e").is(i64::MAX) && !at("e").is(f64::NAN));
    });
}

#[test]
fn scalars_are_read_as_they_are() {
    with(r#"[1,-2,1.5,"x",true,null,18446744073709551615]"#, |root| {
        let text = |index: &str| root.at(&[index]).text().map(Cow::into_owned);
        let texts: Vec<_> =
            ["0", "1", "2", "3", "4", "5"].iter().map(|index| text(index)).collect();
        let expected = [Some("1"), Some("-2"), Some("1.5"), Some("x"), Some("true"), None];
        assert_eq!(texts.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
        assert_eq!((root.at(&["0"]).as_i64(), root.at(&["6"]).as_i64()), (Some(1), None));
        assert_eq!((root.at(&["1"]).as_i64(), root.at(&["0"]).as_f64()), (Some(-2), Some(1.0)));
        assert_eq!((root.at(&["1"]).as_f64(), root.at(&["3"]).as_f64()), (Some(-2.0), None));
        assert_eq!((root.at(&["4"]).as_bool(), root.at(&["0"]).as_bool()), (Some(true), None));
    });
}

#[test]
fn what_is_not_json_is_refused_and_never_quoted() {
    let deep = "[".repeat(100_000);
    let deep_objects = r#"{"a":"#.repeat(100_000);
    let bodies = [
        "",
        " ",
        "canary",
        "{",
        "{}x",
        "NaN",
        "[NaN]",
        "Infinity",
        "01",
        "1.",
        "-",
        "[1e]",
        "\"open",
        "\"open\\\"",
        "{\"a\"}",
        "{1:2}",
        "[1,]",
        "<html>canary</html>",
        "{\"a\":canary}",
    ];
    for body in bodies.into_iter().chain([deep.as_str(), &deep_objects]) {
        let error = Document::parse(body.as_bytes()).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::NotJson);
        assert!(!format!("{error} {error:?}").contains("canary"));
        assert!(Document::parse_lenient(body.as_bytes()).root().is_missing());
    }
    assert!(Document::parse(b"\xff").is_err());
    assert!(
        Document::parse(&vec![b' '; MAX_BODY + 1])
            .is_err_and(|error| { *error.kind() == ErrorKind::BodyTooLarge { limit: MAX_BODY } })
    );
}

#[test]
fn a_body_may_be_as_large_as_the_limit_and_no_larger() {
    let json = format!("{{}}{}", " ".repeat(MAX_BODY - 2));
    assert!(Document::parse(json.as_bytes()).is_ok());
    let mut form = format!("a={}", "b".repeat(MAX_BODY - 2));
    assert!(Document::parse_form(form.as_bytes()).is_ok());
    for more in ["b", "bb"] {
        form.push_str(more);
        assert!(
            Document::parse_form(form.as_bytes())
                .is_err_and(|error| *error.kind() == ErrorKind::BodyTooLarge { limit: MAX_BODY })
        );
    }
}

#[test]
fn odd_and_huge_values_are_read() {
    with("\u{feff}{\"a\":1}", |root| assert!(root.at(&["a"]).is(1)));
    with("123456789012345678901234567890", |root| {
        assert!(root.as_f64().is_some() && root.as_i64().is_none())
    });
    with("-9223372036854775808", |root| assert!(root.is(i64::MIN)));
    with("1e-400", |root| assert!(root.is(0.0)));
    with(&format!("{}1{}", "[".repeat(127), "]".repeat(127)), |root| {
        assert_eq!(root.type_name(), "an array")
    });
}

/// R44: whatever a value is, and whatever is between the quotes of a text: the members beside it are read.
#[test]
fn no_value_costs_the_members_beside_it() {
    let open = "[{\"a\":".repeat(50_000);
    let deep = format!("{open}\"]}}\\\"\"{}", "}]".repeat(50_000));
    let values: [&[u8]; 16] = [
        br#""\ud83d""#,
        br#""\ude00\ud83d""#,
        br#""\ud83d\u0041""#,
        br#""\ud83d\ud83d\ude00""#,
        br#""\x41 \' \u12 \uzzzz""#,
        b"1e400",
        b"-1e400",
        b"1e-400",
        b"123456789012345678901234567890",
        b"-123456789012345678901234567890.5E+7",
        b"\"caf\xe9\"",
        b"\"caf\xe9 \\n \xff\\\"\"",
        b"\"raw\r\nline\0break\t\"",
        br#"{"refresh_token":"inner","a":[[]],"":{}}"#,
        br#"{"$serde_json::private::Number":"7","$serde_json::private::RawValue":"7"}"#,
        deep.as_bytes(),
    ];
    for value in values {
        for name in [&b"\"odd\""[..], b"\"o\xe9d\"", br#""\ud83d""#] {
            let body =
                [b"{\"a\":\"first\",", name, b":", value, b",\"refresh_token\":\"new\"}"].concat();
            let document = Document::parse(&body).unwrap();
            let root = document.root();
            assert!(root.at(&["a"]).is("first"));
            assert!(root.at(&["refresh_token"]).is("new"), "{}", String::from_utf8_lossy(value));
        }
    }
}

#[test]
fn what_is_no_character_is_replaced() {
    let table: [(&[u8], &str); 9] = [
        (br#""\ud83d""#, "\u{fffd}"),
        (br#""\ud83dx\ude00""#, "\u{fffd}x\u{fffd}"),
        (br#""\ud83d\u0041""#, "\u{fffd}A"),
        (br#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
        (br#""\u12""#, "\u{fffd}12"),
        (br#""\q\/\b\f\r\n\t\\\"""#, "\u{fffd}/\u{8}\u{c}\r\n\t\\\""),
        (b"\"caf\xe9\"", "caf\u{fffd}"),
        (b"\"\xe9\\n\"", "\u{fffd}\n"),
        (b"\"a\r\nb\"", "a\r\nb"),
    ];
    for (body, expected) in table {
        assert_eq!(Document::parse(body).unwrap().root().as_str(), Some(expected));
    }
}

/// A body that was cut, or goes on as no JSON does, is none: what stood before that can be read on demand.
#[test]
fn the_start_of_what_broke_off_can_be_read() {
    let table = [
        (r#"{"a":"new""#, Some("new")),
        (r#"{"a":"new","b"#, Some("new")),
        (r#"{"a":"new","b":{"c":[1,tru"#, Some("new")),
        (r#"{"a":"new","b":}"#, Some("new")),
        (r#"{"a":"new"}}"#, Some("new")),
        (r#"{"b":{"a":"inner"},"a":"new""#, Some("new")),
        (r#"{"a":"ne"#, None),
        (r#"{"a":"ne\""#, None),
        ("<html>", None),
    ];
    for (body, expected) in table {
        assert!(Document::parse(body.as_bytes()).is_err(), "{body}");
        let start = Document::parse_start(body.as_bytes());
        assert_eq!(start.root().at(&["a"]).as_str(), expected, "{body}");
    }
    let nested = Document::parse_start(br#"{"data":{"a":"new","b":"#);
    assert!(nested.root().at(&["data", "a"]).is("new"));
    let list = Document::parse_start(br#"[{"a":"new"},{"a":"#);
    assert!(list.root().at(&["0", "a"]).is("new"));
    assert!(Document::parse_start(&vec![b' '; MAX_BODY + 1]).root().is_missing());
}

#[test]
fn forms_are_read_as_objects() {
    let answer =
        Document::parse_form(b"access_token=a%2Bb&scope=&expires_in=3600&x=1&x=2\n").unwrap();
    let root = answer.root();
    assert_eq!(root.at(&["access_token"]).as_str(), Some("a+b"));
    assert_eq!(root.at(&["expires_in"]).as_str(), Some("3600"));
    assert_eq!(root.at(&["x"]).as_str(), Some("2"));
    assert_eq!(root.at(&["scope"]).optional_text("scope").unwrap(), None);
    assert!(Document::parse_form(b"x=\xff").unwrap().root().at(&["x"]).is("\u{fffd}"));
}

#[test]
fn debug_shows_no_value() {
    let answer = Document::parse(br#"{"token":"canary"}"#).unwrap();
    let shown = format!("{answer:?} {:?} {:?}", answer.root(), answer.root().at(&["token"]));
    assert_eq!(shown, "Document(..) Json(an object) Json(a text)");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let answer = Document::parse_lenient(&body);
        let _ = answer.root().at(&["a", "0"]).required_text("token");
        let _ = Document::parse_start(&body);
        let _ = Document::parse_form(&body);
    }

    #[test]
    fn no_text_of_json_signs_makes_it_panic(body in "[\\[\\]{}:,\"\\\\a-c0-9.eE+\\- ]{0,60}") {
        let ours = Document::parse(body.as_bytes()).is_ok();
        // Numbers beyond a double and unknown escapes are read here alone.
        let theirs = serde_json::from_str::<serde_json::Value>(&body);
        let only_ours = theirs.as_ref().is_err_and(|error| {
            let error = error.to_string();
            error.contains("out of range") || error.contains("escape")
        });
        prop_assert!(ours == theirs.is_ok() || (ours && only_ours), "{theirs:?}");
    }

    #[test]
    fn texts_come_out_as_they_went_in(name in any::<String>(), text in any::<String>()) {
        let body = serde_json::json!({ name.clone(): text.clone() }).to_string();
        let answer = Document::parse(body.as_bytes()).unwrap();
        prop_assert!(answer.root().at(&[&name]).is(text.as_str()));
    }
}

#[test]
fn a_value_is_written_as_it_was_read() {
    for json in [r#"{"a":[1,-2,2.5,true,null,"x\"\n"],"b":{}}"#, "[]", "0", "null", r#""é""#] {
        let document = Document::parse(json.as_bytes()).unwrap();
        assert_eq!(document.root().to_json(), json);
    }
    assert_eq!(Json::missing().to_json(), "null");
}
