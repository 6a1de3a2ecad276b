//! XML answers (XML 1.0), as JSON objects of texts.
//!
//! An element is a member by its local name: an object where it holds other elements, else its text without the white space around
//! it. An attribute is a member beside its element, `token@expires`. Of elements with the same name beside one another the first
//! one counts. No contract can ask for more, and no document type is taken: it could declare entities.

use serde_json::{Map, Value};

/// The media type (RFC 7303).
pub const XML: &str = "application/xml";

/// What stands between the name of an element and that of its attribute, as no name holds it.
pub const ATTRIBUTE: char = '@';

/// No reader goes deeper, and no contract.
const DEPTH: usize = 127;

/// What XML takes for white space.
const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The fields of a document; `None` where it is none.
pub(super) fn xml_fields(body: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(body);
    let document = roxmltree::Document::parse(text.trim_ascii()).ok()?;
    let mut fields = Map::new();
    read(document.root_element(), &mut fields, DEPTH);
    Some(Value::Object(fields))
}

fn read(element: roxmltree::Node<'_, '_>, into: &mut Map<String, Value>, depth: usize) {
    let name = element.tag_name().name();
    if into.contains_key(name) {
        return;
    }
    for attribute in element.attributes() {
        let member = into.entry(format!("{name}{ATTRIBUTE}{}", attribute.name()));
        member.or_insert_with(|| attribute.value().trim_matches(SPACE).into());
    }
    let mut elements = element.children().filter(roxmltree::Node::is_element).peekable();
    let value = if elements.peek().is_some() && depth > 0 {
        let mut members = Map::new();
        elements.for_each(|element| read(element, &mut members, depth - 1));
        Value::Object(members)
    } else {
        let texts = element.children().filter(roxmltree::Node::is_text);
        let text: String = texts.filter_map(|node| node.text()).collect();
        text.trim_matches(SPACE).into()
    };
    into.insert(name.to_owned(), value);
}

/// The document with these fields; `None` where no document has them: one has one root, and names of elements are words.
pub fn xml_text(fields: &Value) -> Option<String> {
    let members = fields.as_object()?;
    let names = names(members)?;
    let [root] = names.as_slice() else { return None };
    if matches!(members.get(*root), Some(Value::Null | Value::Array(_))) {
        return None;
    }
    let mut text = String::from(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
    element(&mut text, root, members)?;
    Some(text)
}

/// The elements among these members, each once.
fn names(members: &Map<String, Value>) -> Option<Vec<&str>> {
    let mut names: Vec<&str> = Vec::new();
    for member in members.keys() {
        let (name, attribute) = split(member);
        if !is_name(name) || !attribute.is_none_or(is_name) {
            return None;
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Some(names)
}

/// Writes the element of this name, each of several where its value is a list.
fn element(text: &mut String, name: &str, members: &Map<String, Value>) -> Option<()> {
    let attributes = Value::from("");
    let value = members.get(name).unwrap_or(&attributes);
    for value in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
        if value.is_null() {
            continue;
        }
        text.push_str(&format!("<{name}"));
        for (member, value) in members {
            if let (element, Some(attribute)) = split(member)
                && element == name
                && !value.is_null()
            {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                text.push_str(&format!(r#" {attribute}="{}""#, escaped(&value)));
            }
        }
        text.push('>');
        match value {
            Value::Null | Value::Array(_) => {}
            Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
            Value::String(value) => text.push_str(&escaped(value)),
            Value::Object(members) => {
                for name in names(members)? {
                    element(text, name, members)?;
                }
            }
        }
        text.push_str(&format!("</{name}>"));
    }
    Some(())
}

/// The element that a member is or belongs to, and the attribute where it is one.
pub(crate) fn split(member: &str) -> (&str, Option<&str>) {
    match member.split_once(ATTRIBUTE) {
        Some((element, attribute)) => (element, Some(attribute)),
        None => (member, None),
    }
}

/// Whether this is a name without a prefix (Namespaces in XML 1.0, `NCName`), of the characters that people use.
pub(crate) fn is_name(text: &str) -> bool {
    let first = text.chars().next();
    first.is_some_and(|first| first.is_alphabetic() || first == '_')
        && text.chars().all(|sign| sign.is_alphanumeric() || "_-.".contains(sign))
}

pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\r' | '\n' => escaped.push_str(&format!("&#{};", u32::from(sign))),
            _ => escaped.push(sign),
        }
    }
    escaped
}

/// The fields as XML tells them: numbers and truths are texts, `null` is left out, and of a list the first item counts.
pub(super) fn xml_told(fields: Value) -> Value {
    match fields {
        Value::Number(_) | Value::Bool(_) => Value::String(fields.to_string()),
        Value::Object(members) => {
            let told = members.into_iter().filter_map(|(name, value)| {
                let value = match value {
                    Value::Array(items) => items.into_iter().next()?,
                    value => value,
                };
                (!value.is_null()).then(|| (name, xml_told(value)))
            });
            Value::Object(told.collect())
        }
        Value::Null | Value::Array(_) => Value::String(String::new()),
        text => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(text: &str) -> Option<Value> {
        xml_fields(text.as_bytes())
    }

    #[test]
    fn elements_are_members() {
        let read = fields(
            "\u{feff}<?xml version=\"1.0\"?>\r\n<!-- a --><s:a xmlns:s='urn:x' s:n=' 1 '>\n<b k='v'>\n x <![CDATA[<y>]]>&amp;&#65; \
             </b><b k='w' l='z'>second</b><c/><d>text<e>f</e></d></s:a>\n",
        );
        let expected = json!({
            "a@n": "1",
            "a": { "b@k": "v", "b": "x <y>&A", "c": "", "d": { "e": "f" } },
        });
        assert_eq!(read, Some(expected));
    }

    #[test]
    fn what_is_no_document_has_no_fields() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        for body in [bomb, "<!DOCTYPE a><a>x</a>", "", "<a>", "<a/><b/>", "<a>&b;</a>", "{}", "a"] {
            assert_eq!(fields(body), None, "{body}");
        }
        let deep = format!("{}x{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        assert!(fields(&deep).is_some());
    }

    #[test]
    fn what_is_written_is_read() {
        let told = json!({
            "a@n": "\"1\"",
            "a": { "b": "<x>\r\n&'", "c@d": "e", "c": "", "f": { "g": "7" }, "h": "first" },
        });
        let mut fields_ = told.clone();
        fields_["a"]["f"]["g"] = json!(7);
        fields_["a"]["h"] = json!(["first", "second"]);
        fields_["a"]["none"] = Value::Null;
        let text = xml_text(&fields_).expect("a document");
        assert_eq!(fields(&text).as_ref(), Some(&told));
        assert_eq!(xml_told(fields_), told);
        let no_documents = [
            json!({}),
            json!({ "a": 1, "b": 2 }),
            json!({ "a b": 1 }),
            json!({ "a": null }),
            json!([]),
        ];
        for no_document in no_documents {
            assert_eq!(xml_text(&no_document), None, "{no_document}");
        }
    }
}
