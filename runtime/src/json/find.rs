//! Where a member is that is not where it should be, and which error an answer names: for errors that are read by people.

use std::borrow::Cow;
use std::collections::VecDeque;

use rekindle_syntax::{is_same_name, is_word};

use super::{Json, Node};
use crate::error::pointer;

/// How deep an answer is searched, and how many of its values are looked at.
const DEEPEST: usize = 6;
const MOST: usize = 500;

/// Where providers write the code of an error. The first two are those of RFC 6749 section 5.2, and of an object in its place.
const CODES: [&[&str]; 8] = [
    &["error"],
    &["error", "code"],
    &["error", "type"],
    &["errors", "0", "code"],
    &["error_code"],
    &["errorCode"],
    &["errcode"],
    &["code"],
];

impl<'a> Json<'a> {
    /// Where a value stands whose member has this name, or one that differs in case and in what is between its words, as a JSON pointer:
    /// the one that is the least deep. Nothing is one whose way has a name that may be a secret.
    pub(crate) fn find_member(self, name: &str) -> Option<String> {
        let mut waiting: VecDeque<(Vec<Cow<'a, str>>, &'a Node<'a>)> = VecDeque::new();
        waiting.push_back((Vec::new(), self.node()?));
        for _ in 0..MOST {
            let (way, node) = waiting.pop_front()?;
            let found = way.last().is_some_and(|last| is_same_name(last, name));
            if found && !is_nothing(node) {
                let way: Vec<&str> = way.iter().map(|step| &**step).collect();
                return Some(pointer(&way));
            }
            if way.len() == DEEPEST {
                continue;
            }
            let further = |step: Cow<'a, str>| [way.as_slice(), &[step]].concat();
            match node {
                Node::Object(members) => {
                    let shown = members.iter().filter(|(name, _)| is_word(name.as_str()));
                    let members =
                        shown.map(|(name, node)| (further(Cow::Borrowed(name.as_str())), node));
                    waiting.extend(members.take(MOST));
                }
                Node::Array(items) => {
                    let items = items.iter().take(3).enumerate();
                    let items = items.map(|(at, node)| (further(at.to_string().into()), node));
                    waiting.extend(items);
                }
                _ => {}
            }
        }
        None
    }

    /// The code of the error that an answer names, if it may be shown. `strictly` looks only at members that are called an error.
    pub(crate) fn error_code(self, strictly: bool) -> Option<Cow<'a, str>> {
        let count = if strictly { CODES.len() - 1 } else { CODES.len() };
        let texts = CODES[..count].iter().filter_map(|way| self.at(way).text());
        let mut codes = texts.filter(|text| is_word(text));
        codes.find(|text| !matches!(&**text, "0" | "false" | "true"))
    }

    /// Whether an answer names an error, as some do beside their tokens. `null`, `false`, zero and nothing at all are none.
    pub(crate) fn names_error(self) -> bool {
        self.at(&["error"]).node().is_some_and(|node| !is_nothing(node))
    }
}

/// Whether a value says that there is none.
fn is_nothing(node: &Node<'_>) -> bool {
    match node {
        Node::Null | Node::Bool(false) | Node::Unsigned(0) => true,
        Node::Text(text) => text.as_str().is_empty(),
        Node::Array(items) => items.is_empty(),
        Node::Object(members) => members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::Document;

    #[test]
    fn a_member_is_found_elsewhere() {
        let table = [
            (r#"{"data":{"access_token":"a"}}"#, Some("/data/access_token")),
            (r#"{"access_token":null,"a":{"b":{"access_token":"a"}}}"#, Some("/a/b/access_token")),
            (r#"[{"access_token":"a"}]"#, Some("/0/access_token")),
            (r#"{"accessToken":"a"}"#, Some("/accessToken")),
            (r#"{"a/b":1,"x":{"access_token":""}}"#, None),
            (r#"{"4f3c2a1b9d8e7f60":{"access_token":"a"}}"#, None),
            (r#"{"a":{"b":{"c":{"d":{"e":{"f":{"access_token":"a"}}}}}}}"#, None),
            ("7", None),
        ];
        for (body, place) in table {
            let document = Document::parse(body.as_bytes()).unwrap();
            assert_eq!(document.root().find_member("access_token").as_deref(), place, "{body}");
        }
    }

    #[test]
    fn an_error_is_named_by_its_code() {
        let table = [
            (r#"{"error":"invalid_grant"}"#, Some("invalid_grant"), Some("invalid_grant"), true),
            (r#"{"error":{"code":190,"message":"m"}}"#, Some("190"), Some("190"), true),
            (r#"{"errors":[{"code":"E1"}]}"#, Some("E1"), Some("E1"), false),
            (r#"{"code":2106}"#, None, Some("2106"), false),
            (r#"{"error":false,"code":0}"#, None, None, false),
            (r#"{"error":"4f3c2a1b9d8e7f60"}"#, None, None, true),
            (r#"{"error":null}"#, None, None, false),
        ];
        for (body, strictly, code, named) in table {
            let document = Document::parse(body.as_bytes()).unwrap();
            let root = document.root();
            assert_eq!(root.error_code(true).as_deref(), strictly, "{body}");
            assert_eq!(root.error_code(false).as_deref(), code, "{body}");
            assert_eq!(root.names_error(), named, "{body}");
        }
    }
}
