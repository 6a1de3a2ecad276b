//! Answers as they are on the wire: JSON, forms, XML, plain text.

use super::lossy::tidied;
use super::xml::{xml_fields, xml_told};
use super::{
    Contract, Example, ExampleBody, FORM, JSON, SPENDING, TokenPlace, XML, form_fields, form_text,
    xml_text,
};
use serde_json::Value;

impl Contract {
    /// The fields of an answer's body, success or not; `None` where it has none.
    ///
    /// Where answers are forms, each field is a text, the last one of a name counts, and a body that is a JSON object is read as
    /// one: providers whose tokens come in forms may report errors in JSON. Where they are XML, each field is a text as well, the first
    /// element of a name counts, and nothing else is read.
    pub fn document(&self, body: &[u8]) -> Option<Value> {
        let json = json_document(body);
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        match &self.response.access_token {
            TokenPlace::Json(_) | TokenPlace::WholeBody | TokenPlace::Unchanged => json,
            TokenPlace::Form(_) => json.filter(Value::is_object).or_else(|| form(body)),
            TokenPlace::Xml(_) => xml_fields(body),
        }
    }

    /// The fields of the answer in an example; `None` where it has none.
    pub fn fields_of(&self, example: &Example) -> Option<Value> {
        let fields = match &example.response.body {
            ExampleBody::Json(json) => Some(json.clone()),
            body => self.document(body.wire().as_bytes()),
        };
        self.with_head(&example.response.headers, fields)
    }

    /// The fields of the documented answer that tells the new refresh token; `None` where it is not documented.
    pub fn told_refresh_token(&self, example: &Example) -> Option<Value> {
        match self.request.then.is_empty() {
            true => self.fields_of(example),
            false => example.answers.get(SPENDING).cloned(),
        }
    }

    /// The same fields as this provider tells them: where answers are forms or XML, numbers and truth values are texts, and what none
    /// can hold is left out.
    pub fn told(&self, mut fields: Value) -> Value {
        if let TokenPlace::Xml(_) = self.response.access_token {
            return xml_told(fields);
        }
        if let (TokenPlace::Form(_), Value::Object(members)) =
            (&self.response.access_token, &mut fields)
        {
            for value in members.values_mut() {
                if value.is_number() || value.is_boolean() {
                    *value = Value::String(value.to_string());
                }
            }
            members.retain(|_, value| value.is_string());
        }
        fields
    }

    /// The media type and the text of an answer with these fields, as this provider writes it.
    ///
    /// Where answers are forms, what is no text stays out of them: an answer with anything else is written in JSON, which is read
    /// as well. What no XML can hold is JSON, which is not read.
    /// What stands in the head is left out: see [`head_of`](Self::head_of).
    pub fn written(&self, fields: &Value) -> (&'static str, String) {
        let fields = &self.without_head(fields);
        match (&self.response.access_token, fields) {
            (TokenPlace::Form(_), Value::Object(members)) => {
                form_text(members).map_or_else(|| json(fields), |form| (FORM, form))
            }
            (TokenPlace::Xml(_), _) => {
                xml_text(fields).map_or_else(|| json(fields), |xml| (XML, xml))
            }
            _ => json(fields),
        }
    }
}

/// A body that is JSON, as whoever bears what providers write reads it: what is no character becomes U+FFFD, numbers beyond a double are
/// as large as one can be. `None` where it is none.
pub fn json_document(body: &[u8]) -> Option<Value> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    serde_json::from_str(&tidied(body)).ok()
}

/// Whether a body begins as a page for people does. Where an answer brings no token, it is no success: something between the client and
/// the provider may have sent it.
pub fn is_page(body: &[u8]) -> bool {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    body.trim_ascii_start().starts_with(b"<")
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

fn json(fields: &Value) -> (&'static str, String) {
    (JSON, fields.to_string())
}

/// A page for people is no form, whatever its links hold.
fn form(body: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_ascii();
    if text.starts_with('<') {
        return None;
    }
    Some(Value::Object(form_fields(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A contract whose answers have this format.
    fn contract(format: &str) -> Contract {
        let spec = format!(
            "rekindle: 1\nprovider: {{ id: acme, name: Acme }}\nprofile: rfc6749\n\
             environments: {{ production: https://auth.acme.example }}\n\
             refresh: {{ request: POST /token }}\nresponse: {{ body: {format} }}\n"
        );
        let checked = crate::check(&[crate::Source::new("specs/acme.yaml", spec.as_bytes())]);
        assert_eq!(checked.contracts.len(), 1, "{:?}", checked.diagnostics);
        checked.contracts.into_iter().next().expect("it is one")
    }

    #[test]
    fn a_form_holds_texts() {
        let acme = contract("form");
        let fields = json!({ "a": "x y+z&=%", "é": "" });
        let (media_type, body) = acme.written(&fields);
        assert_eq!(media_type, "application/x-www-form-urlencoded");
        assert_eq!(body, "a=x+y%2Bz%26%3D%25&%C3%A9=");
        assert_eq!(acme.document(body.as_bytes()), Some(fields));
        let twice = acme.document(b" a=1&a=2\r\n");
        assert_eq!(twice, Some(json!({ "a": "2" })));
        assert_eq!(acme.document(b""), Some(json!({})));
        assert_eq!(acme.document(b"a=\xff"), Some(json!({ "a": "\u{fffd}" })));
        assert_eq!(acme.document(b"\xEF\xBB\xBF<html>"), None);
        assert_eq!(acme.document(b"<a href='/?x=1&a=2'>"), None);
        let marked = acme.document(b"\xEF\xBB\xBFa=1");
        assert_eq!(marked, Some(json!({ "a": "1" })));
    }

    #[test]
    fn numbers_are_told_as_texts() {
        let fields = json!({ "life": 3600, "more": 1.5, "ok": true, "none": null, "list": [1] });
        let told = json!({ "life": "3600", "more": "1.5", "ok": "true" });
        assert_eq!(contract("form").told(fields.clone()), told);
        assert_eq!(contract("json").told(fields.clone()), fields);
    }

    #[test]
    fn what_no_form_can_hold_is_json() {
        let acme = contract("form");
        for fields in [json!({ "a": 7 }), json!({ "a": null }), json!({}), json!([])] {
            let (media_type, body) = acme.written(&fields);
            assert_eq!((media_type, &body), ("application/json", &fields.to_string()));
        }
        let error = json!({ "error": { "code": 190 } });
        let body = error.to_string();
        assert_eq!(acme.document(body.as_bytes()), Some(error));
    }

    #[test]
    fn json_stays_json() {
        let acme = contract("json");
        assert_eq!(acme.document(b"a=1"), None);
        let (media_type, body) = acme.written(&json!({ "a": "x" }));
        assert_eq!((media_type, body.as_str()), ("application/json", r#"{"a":"x"}"#));
    }

    #[test]
    fn a_value_that_is_no_text_is_met_by_its_text() {
        let acme = contract("form, success: { field: /ok, equals: [true, yes, 1] }");
        for (body, is_success) in [
            ("ok=true", true),
            ("ok=yes", true),
            ("ok=1", true),
            (r#"{"ok":true}"#, true),
            (r#"{"ok":1}"#, true),
            ("ok=false", false),
            ("ok=2", false),
            ("other=true", false),
        ] {
            let outcome = acme.classify(200, body.as_bytes());
            assert_eq!(outcome == crate::contract::Outcome::Success, is_success, "{body}");
        }
    }
}
