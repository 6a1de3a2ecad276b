//! The fields of forms (`application/x-www-form-urlencoded`), as JSON objects of texts.

use serde_json::{Map, Value};

/// The media type.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of a form. Of a name that is there twice the last one counts.
pub fn form_fields(text: &str) -> Map<String, Value> {
    let pairs = form_urlencoded::parse(text.as_bytes());
    pairs.map(|(name, value)| (name.into_owned(), Value::from(value))).collect()
}

/// The form with these fields; `None` where one of them is no text, or where there are none.
pub fn form_text(fields: &Map<String, Value>) -> Option<String> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        form.append_pair(name, value.as_str()?);
    }
    (!fields.is_empty()).then(|| form.finish())
}
