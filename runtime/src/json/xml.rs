//! The reading of XML answers (XML 1.0) as the same tree: texts in objects.
//!
//! An element is a member of its parent by its local name: an object where it holds other elements, else its text without the white
//! space around it. An attribute is a member beside its element, `token@expires`. Of elements with the same name beside one another
//! the first one counts. No document type is taken, so that no entity is declared: none that is not of XML itself is resolved.

use std::borrow::Cow;
use std::collections::BTreeSet;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use zeroize::Zeroizing;

use super::{Node, Text};

/// How many elements are within one another. What is nested deeper is skipped: no contract names it.
const DEPTH: usize = 128;

/// What XML takes for white space.
const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// Reads one document. The second part says whether it is all there, with nothing behind it; otherwise the first is what could be
/// read before it broke off.
pub(super) fn read(text: &str) -> (Option<Node<'static>>, bool) {
    let mut reader = Reader::from_str(text.trim_ascii());
    let mut tree = Tree { document: Element::default(), open: Vec::new(), skipped: 0 };
    let mut whole = false;
    while let Ok(event) = reader.read_event() {
        if event == Event::Eof {
            whole = tree.open.is_empty() && tree.skipped == 0;
            break;
        }
        if tree.take(event).is_none() {
            break;
        }
    }
    // Of a text that was cut nobody knows what is missing.
    while let Some(cut) = tree.open.last_mut() {
        cut.text.clear();
        tree.close();
    }
    let Element { names, members, .. } = tree.document;
    let root = (!names.is_empty()).then_some(Node::Object(members));
    let whole = whole && root.is_some();
    (root, whole)
}

struct Tree<'t> {
    /// What holds the root.
    document: Element<'t>,
    open: Vec<Element<'t>>,
    /// How many elements are open of which none counts.
    skipped: usize,
}

/// An element that has begun.
#[derive(Default)]
struct Element<'t> {
    name: String,
    text: Vec<Cow<'t, str>>,
    names: BTreeSet<String>,
    members: Vec<(Text<'static>, Node<'static>)>,
}

impl<'t> Tree<'t> {
    /// Takes what comes next; `None` where that makes no document.
    fn take(&mut self, event: Event<'t>) -> Option<()> {
        match event {
            Event::Start(start) => self.begin(&start)?,
            Event::Empty(start) => {
                self.begin(&start)?;
                self.end();
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(text.xml_content(XmlVersion::Implicit1_0))?,
            Event::CData(text) => self.text(text.xml_content(XmlVersion::Implicit1_0))?,
            Event::GeneralRef(named) => {
                let text = match named.resolve_char_ref().ok()? {
                    Some(sign) => Cow::Owned(sign.to_string()),
                    None => Cow::Borrowed(quick_xml::escape::resolve_xml_entity(&named)?),
                };
                self.text(text)?;
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => {}
            Event::DocType(_) => return None,
        }
        Some(())
    }

    fn begin(&mut self, start: &BytesStart<'t>) -> Option<()> {
        let is_second_root = self.open.is_empty() && !self.document.names.is_empty();
        if is_second_root && self.skipped == 0 {
            return None;
        }
        let name = start.local_name().into_inner();
        let full = self.open.len() >= DEPTH;
        let parent = self.open.last_mut().unwrap_or(&mut self.document);
        if self.skipped > 0 || full || parent.names.contains(name) {
            self.skipped += 1;
            return Some(());
        }
        parent.names.insert(name.to_owned());
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            let of = attribute.key.local_name().into_inner();
            let is_namespace = attribute.key.as_ref() == "xmlns"
                || attribute.key.prefix().is_some_and(|prefix| prefix.as_ref() == "xmlns");
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            if !is_namespace {
                parent.members.push((owned(&format!("{name}@{of}")), Node::Text(owned(&value))));
            }
        }
        self.open.push(Element { name: name.to_owned(), ..Element::default() });
        Some(())
    }

    fn end(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
        } else {
            self.close();
        }
    }

    /// Ends the innermost element; `None` where none is open.
    fn close(&mut self) -> Option<()> {
        let Element { name, text, names, members } = self.open.pop()?;
        let value = if names.is_empty() {
            Node::Text(owned(&Zeroizing::new(text.concat())))
        } else {
            Node::Object(members)
        };
        let parent = self.open.last_mut().unwrap_or(&mut self.document);
        parent.members.push((owned(&name), value));
        Some(())
    }

    /// White space alone may stand outside of the root.
    fn text(&mut self, text: Cow<'t, str>) -> Option<()> {
        match self.open.last_mut() {
            Some(_) if self.skipped > 0 => {}
            Some(element) => element.text.push(text),
            None => return text.trim_matches(SPACE).is_empty().then_some(()),
        }
        Some(())
    }
}

/// A copy, which is wiped: it may be a token.
fn owned(text: &str) -> Text<'static> {
    Text::Owned(Zeroizing::new(text.trim_matches(SPACE).to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::json::Document;
    use crate::{Body, ErrorKind, MAX_BODY};

    fn text(body: &str, path: &[&str]) -> Option<String> {
        let answer = Document::parse_xml(body.as_bytes()).ok()?;
        answer.root().at(path).as_str().map(str::to_owned)
    }

    #[test]
    fn elements_are_members() {
        let body = "\u{feff}<?xml version=\"1.0\"?>\r\n<!-- a --><s:a xmlns:s='urn:x' s:n=' 1 '>\n<b k='v'>\n x \
                    <![CDATA[<y>]]>&amp;&#65;<!-- --> </b><b k='w' l='z'>second</b><c/><d>text<e>f</e></d></s:a>\n";
        let table: [(&[&str], Option<&str>); 9] = [
            (&["a@n"], Some("1")),
            (&["a@s"], None),
            (&["a", "b@k"], Some("v")),
            (&["a", "b@l"], None),
            (&["a", "b"], Some("x <y>&A")),
            (&["a", "c"], Some("")),
            (&["a", "d", "e"], Some("f")),
            (&["a", "d"], None),
            (&["b"], None),
        ];
        for (path, expected) in table {
            assert_eq!(text(body, path).as_deref(), expected, "{path:?}");
        }
    }

    /// R18, R22: what could make it grow, or read a file, is no answer.
    #[test]
    fn what_is_no_document_is_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b 'bbb'><!ENTITY c '&b;&b;'>]><a>&c;</a>";
        let file = "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>";
        let others = [
            "<!DOCTYPE a><a>x</a>",
            "",
            " ",
            "a",
            "{}",
            "<a>",
            "<a><b></a></b>",
            "<a/><b/>",
            "<a/>x",
            "<a>&b;</a>",
            "<a>&nbsp;</a>",
            "<a>&</a>",
            "<a b='1' b='2'/>",
            "<a b='&c;'/>",
            "<a>&#x110000;</a>",
            "<a>x</a>&amp;",
        ];
        for body in [bomb, file].iter().chain(&others) {
            let error = Document::parse_xml(body.as_bytes()).expect_err(body);
            assert_eq!(*error.kind(), ErrorKind::NotXml, "{body}");
            assert!(Body::xml(body.as_bytes()).require_json().is_err(), "{body}");
        }
        let long = vec![b' '; MAX_BODY + 1];
        let error = Document::parse_xml(&long).expect_err("too large");
        assert_eq!(*error.kind(), ErrorKind::BodyTooLarge { limit: MAX_BODY });
    }

    #[test]
    fn no_value_costs_the_others() {
        let deep = format!("<a><b>x</b>{}y{}</a>", "<c>".repeat(100_000), "</c>".repeat(100_000));
        assert_eq!(text(&deep, &["a", "b"]).as_deref(), Some("x"));
        let many: String = (0..100_000).map(|n| format!("<c{n}/>")).collect();
        let many = format!("<a>{many}<b>x</b></a>");
        assert_eq!(text(&many, &["a", "b"]).as_deref(), Some("x"));
        let latin = Document::parse_xml(b"<a><b>x</b><c>caf\xe9</c></a>").unwrap();
        assert_eq!(latin.root().at(&["a", "b"]).as_str(), Some("x"));
        assert_eq!(latin.root().at(&["a", "c"]).as_str(), Some("caf\u{fffd}"));
    }

    /// R16: a new token is not lost with what comes behind it; one that was cut is none.
    #[test]
    fn what_was_cut_holds_what_had_ended() {
        let start = |body: &str| {
            let start = Document::parse_xml_start(body.as_bytes());
            ["b", "c"].map(|name| start.root().at(&["a", name]).as_str().map(str::to_owned))
        };
        let [b, c] = start("<a><b>x</b><c>hal");
        assert_eq!((b.as_deref(), c.as_deref()), (Some("x"), Some("")));
        assert_eq!(start("<a><b>x</b><c>&odd;</c></a>")[0].as_deref(), Some("x"));
        assert_eq!(start(""), [None, None]);
    }

    /// R22: only what is no JSON object is a text to be searched, as in every format.
    #[test]
    fn json_has_no_fields_here() {
        let json = Body::xml(br#"{"error":"is gone"}"#);
        assert!(json.json().is_missing() && !json.has_text("is gone"));
        assert!(Body::xml(b"<p>is gone").has_text("is gone"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Document::parse_xml(&body);
            let _ = Document::parse_xml_start(&body);
        }

        #[test]
        fn no_text_of_signs_makes_it_panic(body in "(<|>|/|a|b|=|'|&|;|#|!|\\[|\\]|-|\\?| |<a>|</a>|<!\\[CDATA\\[|\\]\\]>){0,30}") {
            let _ = Document::parse_xml(body.as_bytes());
            let _ = Document::parse_xml_start(body.as_bytes());
        }
    }
}
