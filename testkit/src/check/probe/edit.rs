//! Small changes to requests.

use http::{HeaderValue, Request, Uri};
use rekindle_contract::contract::{XmlText, xml_texts};
use serde_json::Value;
use std::ops::Range;

/// A token that nobody issued, as long as `token`.
pub(super) fn unknown(token: &str) -> String {
    let mut chars: Vec<char> = token.chars().collect();
    // Not the last one: in base64 its lowest bits may mean nothing.
    let middle = chars.len() / 2;
    if let Some(found) = chars.get_mut(middle) {
        *found = if *found == 'x' { 'y' } else { 'x' };
    }
    chars.into_iter().collect()
}

/// The pairs of the query, undecoded.
pub(super) fn query(request: &Request<Vec<u8>>) -> Vec<String> {
    let query = request.uri().query().unwrap_or_default();
    query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect()
}

/// The name of an undecoded pair.
pub(super) fn name_of(pair: &str) -> String {
    form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

/// The request with another path and query.
pub(super) fn aim(request: &mut Request<Vec<u8>>, path: &str, query: &[String]) -> Option<()> {
    let mut parts = request.uri().clone().into_parts();
    let target =
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) };
    parts.path_and_query = Some(target.parse().ok()?);
    *request.uri_mut() = Uri::from_parts(parts).ok()?;
    Some(())
}

/// The fields of a form.
pub(super) fn form(request: &Request<Vec<u8>>) -> Vec<(String, String)> {
    form_urlencoded::parse(request.body()).into_owned().collect()
}

/// The request with this form as its body.
pub(super) fn set_form(request: &mut Request<Vec<u8>>, fields: &[(String, String)]) {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    *request.body_mut() = form.finish().into_bytes();
}

/// The JSON of the body.
pub(super) fn json(request: &Request<Vec<u8>>) -> Option<Value> {
    serde_json::from_slice(request.body()).ok()
}

/// The request with this JSON as its body.
pub(super) fn set_json(request: &mut Request<Vec<u8>>, json: &Value) {
    *request.body_mut() = json.to_string().into_bytes();
}

/// Puts another text in the place of a part of an XML body: `part` chooses it of the text at `path`, and says what stands there then.
pub(super) fn xml(
    request: &mut Request<Vec<u8>>,
    path: &str,
    part: impl FnOnce(XmlText) -> Option<(Range<usize>, String)>,
) -> Option<()> {
    let mut document = String::from_utf8(request.body().clone()).ok()?;
    let text = xml_texts(&document)?.into_iter().find(|text| text.path == path)?;
    let (range, other) = part(text)?;
    document.replace_range(range, &other);
    *request.body_mut() = document.into_bytes();
    Some(())
}

/// Adds an attribute to the outermost element of an XML body.
pub(super) fn xml_attribute(request: &mut Request<Vec<u8>>, name: &str) -> Option<()> {
    let mut document = String::from_utf8(request.body().clone()).ok()?;
    let root = xml_texts(&document)?.first()?.path.clone();
    let root = root.split(['/', '@']).next()?.to_owned();
    // It may have a prefix.
    let signs = ['<', ':'].map(|sign| document.find(&format!("{sign}{root}")));
    let at = signs.into_iter().flatten().min()? + 1 + root.len();
    document.insert_str(at, &format!(" {name}=\"1\""));
    let added = format!("{root}@{name}");
    xml_texts(&document)?.iter().find(|text| text.path == added)?;
    *request.body_mut() = document.into_bytes();
    Some(())
}

/// The value at a path of names and indices.
pub(super) fn at<'a>(json: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter().try_fold(json, |json, step| match json {
        Value::Object(members) => members.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The same text of JSON with the member that `path` leads to written twice.
pub(super) fn doubled(json: &Value, path: &[String]) -> Option<String> {
    let (first, rest) = path.split_first()?;
    match json {
        Value::Object(members) => {
            let mut texts = Vec::new();
            for (name, value) in members {
                let name_text = Value::from(name.as_str());
                let value_text = if name == first && !rest.is_empty() {
                    doubled(value, rest)?
                } else {
                    value.to_string()
                };
                let text = format!("{name_text}:{value_text}");
                if name == first && rest.is_empty() {
                    texts.push(text.clone());
                }
                texts.push(text);
            }
            Some(format!("{{{}}}", texts.join(",")))
        }
        Value::Array(items) => {
            let index: usize = first.parse().ok()?;
            let mut texts: Vec<String> = items.iter().map(Value::to_string).collect();
            *texts.get_mut(index)? = doubled(items.get(index)?, rest)?;
            Some(format!("[{}]", texts.join(",")))
        }
        _ => None,
    }
}

/// Adds a header.
pub(super) fn header(
    request: &mut Request<Vec<u8>>,
    name: &'static str,
    value: &str,
) -> Option<()> {
    let value = HeaderValue::from_str(value).ok()?;
    request.headers_mut().append(name, value);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_member_is_written_twice() {
        let json = json!({ "a": 1, "b": { "c": [{ "d": true }] } });
        let path = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        assert_eq!(
            doubled(&json, &path(&["a"])).unwrap(),
            r#"{"a":1,"a":1,"b":{"c":[{"d":true}]}}"#
        );
        assert_eq!(
            doubled(&json, &path(&["b", "c", "0", "d"])).unwrap(),
            r#"{"a":1,"b":{"c":[{"d":true,"d":true}]}}"#
        );
        assert_eq!(doubled(&json, &path(&["a", "x"])), None);
    }

    #[test]
    fn an_unknown_token_is_another_one() {
        assert_eq!(unknown("abc"), "axc");
        assert_eq!(unknown("axc"), "ayc");
    }
}
