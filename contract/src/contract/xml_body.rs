//! XML requests (XML 1.0), as the texts of their elements and attributes.
//!
//! How a document is written does not matter: prefixes, references, quotes, comments, the order of attributes, and white space around
//! the texts. Its namespaces do, and so does which of several elements of one name comes first.

use super::{ATTRIBUTE, Part, Template};
use roxmltree::{Document, Node};
use std::collections::BTreeMap;
use std::ops::Range;

/// How many elements are within one another at most.
const DEPTH: usize = 100;

/// What XML takes for white space.
const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// What stands around the number of a place while a document is read: no name holds it, and no text means it.
const MARKS: [char; 2] = ['\u{e000}', '\u{e001}'];

/// Parts of a document in which nothing is escaped: how each begins, how it ends, and what it is.
const VERBATIM: [(&str, &str, &str); 3] = [
    ("<!--", "-->", "a comment"),
    ("<![CDATA[", "]]>", "a CDATA section"),
    ("<?", "?>", "a processing instruction"),
];

/// A text of a document: that of an element without others in it, or of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlText {
    /// The local names on the way to it: `login/key@id`, `login/key[2]` for the second element of its name. A namespace that an element
    /// does not share with the one around it is its attribute `xmlns`.
    pub path: String,
    /// The text, without white space around it.
    pub text: String,
    /// What stands for it in the document where that can be without it: a namespace and the outermost element cannot.
    pub whole: Option<Range<usize>>,
    /// Where the text itself stands.
    pub value: Option<Range<usize>>,
}

/// The texts of a document, in order; `None` where it is none, or one that goes deeper than a request does. A document type is refused:
/// it could declare entities.
pub fn xml_texts(document: &str) -> Option<Vec<XmlText>> {
    read(document).ok()
}

/// Why a document with places for values is none that can be sent, in words; `None` where it is one. Every place must be in a text or in
/// the value of an attribute.
pub fn xml_problem(document: &Template) -> Option<String> {
    let marked = marked(document);
    let problem = read(&marked).err().or_else(|| encoding(&marked)).or_else(|| verbatim(&marked));
    problem.or_else(|| {
        let read: usize = xml_fields(document).iter().map(|(_, text)| text.slots().count()).sum();
        let is_lost = read < document.slots().count();
        is_lost.then(|| "a placeholder stands for a namespace that nothing is in".to_owned())
    })
}

/// Another encoding than the one in which it is sent.
fn encoding(document: &str) -> Option<String> {
    let declaration = document.strip_prefix("<?xml")?.split("?>").next()?;
    let said = declaration.split_once("encoding")?.1.split(['"', '\'']).nth(1)?;
    (!said.eq_ignore_ascii_case("utf-8")).then(|| format!("it is sent in UTF-8, not in {said}"))
}

/// A placeholder where nothing is escaped. The document is well formed, so that the first of these that begins is one.
fn verbatim(document: &str) -> Option<String> {
    let mut rest = document;
    loop {
        let begins = |(start, end, what)| Some((rest.find(start)?, start, end, what));
        let first = VERBATIM.into_iter().filter_map(begins).min_by_key(|(at, ..)| *at);
        let (at, start, end, what) = first?;
        let inside = rest.get(at + start.len()..)?;
        let (inside, after) = inside.split_once(end)?;
        if inside.contains(MARKS[0]) {
            return Some(format!("a placeholder stands in {what}, where nothing is escaped"));
        }
        rest = after;
    }
}

/// The document with a number for each place.
fn marked(document: &Template) -> String {
    let mut number = 0;
    document.render(|_| {
        number += 1;
        format!("{}{}{}", MARKS[0], number - 1, MARKS[1])
    })
}

/// The same of a document with places for values: each text by the path to it. Nothing where it is no document.
pub fn xml_fields(document: &Template) -> Vec<(String, Template)> {
    let slots: Vec<_> = document.slots().cloned().collect();
    let place = |part: &str| {
        let (number, rest) = part.split_once(MARKS[1])?;
        Some((slots.get(number.parse::<usize>().ok()?)?.clone(), rest.to_owned()))
    };
    let template = |text: &str| {
        let mut parts = text.split(MARKS[0]);
        let mut template = Template::literal(parts.next().unwrap_or_default());
        for part in parts {
            match place(part) {
                Some((slot, rest)) => {
                    template.parts.push(Part::Slot(slot));
                    template.push(&rest);
                }
                None => template.push(&format!("{}{part}", MARKS[0])),
            }
        }
        template
    };
    let texts = xml_texts(&marked(document)).unwrap_or_default().into_iter();
    texts.map(|text| (text.path, template(&text.text))).collect()
}

/// The texts of a document, or what is wrong with it.
fn read(document: &str) -> Result<Vec<XmlText>, String> {
    let document = Document::parse(document).map_err(|error| error.to_string())?;
    let mut all = document.descendants();
    if all.any(|node| node.ancestors().nth(DEPTH).is_some()) {
        return Err(format!("more than {DEPTH} elements are within one another"));
    }
    let root = document.root_element();
    let mut texts = Vec::new();
    element(root, root.tag_name().name().to_owned(), &mut texts);
    Ok(texts)
}

fn element(node: Node<'_, '_>, path: String, texts: &mut Vec<XmlText>) {
    let namespace = |node: Node<'_, '_>| node.tag_name().namespace().unwrap_or_default().to_owned();
    let outer = node.parent_element();
    if namespace(node) != outer.map(namespace).unwrap_or_default() {
        let path = format!("{path}{ATTRIBUTE}xmlns");
        texts.push(XmlText { path, text: namespace(node), whole: None, value: None });
    }
    for attribute in node.attributes() {
        let space = attribute.namespace().map(|uri| format!("{{{uri}}}")).unwrap_or_default();
        texts.push(XmlText {
            path: format!("{path}{ATTRIBUTE}{space}{}", attribute.name()),
            text: attribute.value().trim_matches(SPACE).to_owned(),
            whole: Some(attribute.range()),
            value: Some(attribute.range_value()),
        });
    }
    let text: String = node.children().filter(Node::is_text).filter_map(|it| it.text()).collect();
    let text = text.trim_matches(SPACE);
    let holds_others = node.children().any(|child| child.is_element());
    if !holds_others || !text.is_empty() {
        let inside = node.first_child().zip(node.last_child());
        texts.push(XmlText {
            path: path.clone(),
            text: text.to_owned(),
            whole: outer.map(|_| node.range()),
            value: inside.map(|(first, last)| first.range().start..last.range().end),
        });
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for child in node.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        let count = counts.entry(name).or_default();
        *count += 1;
        let place = if *count > 1 { format!("[{count}]") } else { String::new() };
        element(child, format!("{path}/{name}{place}"), texts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Slot;

    fn texts(document: &str) -> Vec<(String, String)> {
        let texts = xml_texts(document).unwrap_or_default().into_iter();
        let mut texts: Vec<_> = texts.map(|text| (text.path, text.text)).collect();
        texts.sort_unstable();
        texts
    }

    #[test]
    fn how_a_document_is_written_does_not_matter() {
        let one = texts(r#"<a xmlns="urn:x"><b k="1" l="&lt;'"> x </b><b>y</b><c/></a>"#);
        let same = "<?xml version='1.0'?>\n<s:a xmlns:s='urn:x'>\n <!-- b --><s:b l='&#60;&apos;' k='1'>x</s:b>\n \
                    <s:b><![CDATA[y]]></s:b><s:c></s:c></s:a>\n";
        assert_eq!(texts(same), one);
        let said = |(path, text): &(String, String)| format!("{path}={text}");
        let said: Vec<_> = one.iter().map(said).collect();
        assert_eq!(said, ["a/b=x", "a/b@k=1", "a/b@l=<'", "a/b[2]=y", "a/c=", "a@xmlns=urn:x"]);
    }

    #[test]
    fn what_is_no_document_has_no_texts() {
        let deep = format!("{}x{}", "<a>".repeat(50_000), "</a>".repeat(50_000));
        for document in ["", "a", "<a>", "<a/><b/>", "<!DOCTYPE a><a/>", "<a b='1' b='2'/>", &deep]
        {
            assert_eq!(xml_texts(document), None);
        }
    }

    #[test]
    fn values_have_places() {
        let id = Part::Slot(Slot::Client("id".to_owned()));
        let literal = |text: &str| Part::Literal(text.to_owned());
        let parts =
            vec![literal("<a b=\"x-"), id.clone(), literal("\">"), id.clone(), literal("</a>")];
        let fields = xml_fields(&Template { parts });
        let value = Template { parts: vec![literal("x-"), id.clone()] };
        let expected = [("a@b".to_owned(), value), ("a".to_owned(), Template { parts: vec![id] })];
        assert_eq!(fields, expected);
    }

    #[test]
    fn a_text_stands_somewhere() {
        let document = "<a><b c='d'>e</b></a>";
        let texts = xml_texts(document).expect("a document");
        let stands = |range: &Option<Range<usize>>| range.clone().map(|range| &document[range]);
        let places: Vec<_> =
            texts.iter().map(|it| (stands(&it.whole), stands(&it.value))).collect();
        assert_eq!(places, [(Some("c='d'"), Some("d")), (Some("<b c='d'>e</b>"), Some("e"))]);
    }
}
