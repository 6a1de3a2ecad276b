//! The body of a request.

use super::json::Json;
use super::pairs::{self, FORM};
use super::{Broken, Reader, Rule, shown};
use percent_encoding::percent_decode;
use rekindle_contract::contract::{
    Body, ClientAuth, Contract, JsonTemplate, Template, xml_fields, xml_texts,
};

/// The fields by which the client authenticates in the body.
pub(in crate::provider) fn auth_fields(contract: &Contract) -> &[(String, Template)] {
    match &contract.request.auth {
        ClientAuth::Body(fields) => fields,
        ClientAuth::None
        | ClientAuth::Basic { .. }
        | ClientAuth::Header { .. }
        | ClientAuth::Query(_) => &[],
    }
}

/// The body that a contract declares as JSON, client authentication included.
pub(in crate::provider) fn json_template(contract: &Contract) -> Option<JsonTemplate> {
    let Body::Json(template) = &contract.request.body else {
        return None;
    };
    let mut template = template.clone();
    if let JsonTemplate::Object(members) = &mut template {
        let fields = auth_fields(contract).iter().cloned();
        members.extend(fields.map(|(name, value)| (name, JsonTemplate::Text(value))));
    }
    Some(template)
}

impl Reader<'_> {
    /// Reads the body.
    pub(super) fn body(&mut self, body: &[u8]) -> Result<(), Broken> {
        let contract = self.contract;
        match &contract.request.body {
            Body::Empty => {
                self.demand(Rule::BodyUnexpected, body.is_empty(), || {
                    "there is a body, and none is declared".to_owned()
                })?;
                self.note("the body".to_owned(), &String::from_utf8_lossy(body));
                Ok(())
            }
            Body::Form(fields) => {
                let form = form(body);
                self.demand(Rule::BodyEncoding, form.is_some(), || {
                    "the body is no form: it is not percent-encoded".to_owned()
                })?;
                let declared: Vec<_> =
                    pairs::borrowed(fields).chain(pairs::borrowed(auth_fields(contract))).collect();
                form.map_or(Ok(()), |form| self.pairs(&FORM, &declared, form))
            }
            Body::Xml(document) => {
                let texts = std::str::from_utf8(body).ok().and_then(xml_texts);
                self.demand(Rule::BodyEncoding, texts.is_some(), || {
                    "the body is no XML document".to_owned()
                })?;
                let Some(texts) = texts else { return Ok(()) };
                let sent: Vec<_> = texts.into_iter().map(|text| (text.path, text.text)).collect();
                let declared = xml_fields(document);
                let declared: Vec<_> = pairs::borrowed(&declared).collect();
                self.named(&FORM, &declared, &sent)
            }
            Body::Json(_) => {
                let json: Result<Json, _> = serde_json::from_slice(body);
                self.demand(Rule::BodyEncoding, json.is_ok(), || "the body is no JSON".to_owned())?;
                match (json, json_template(contract)) {
                    (Ok(json), Some(template)) => self.json(&template, &json, ""),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Reads the JSON at the path `at`.
    fn json(&mut self, template: &JsonTemplate, found: &Json, at: &str) -> Result<(), Broken> {
        match (template, found) {
            (JsonTemplate::Text(template), Json::Text(text)) => {
                self.text(Rule::FieldValue, named(at), template, text)
            }
            (JsonTemplate::List(expected), Json::List(items)) => self.list(expected, items, at),
            (JsonTemplate::Object(expected), Json::Object(members)) => {
                self.object(expected, members, at)
            }
            (JsonTemplate::Constant(value), found) => {
                self.demand(Rule::FieldValue, found.is(value), || {
                    format!("{} is not `{value}`, but {}", named(at), found.kind())
                })?;
                self.note_texts(found);
                Ok(())
            }
            (expected, found) => {
                let expected = match expected {
                    JsonTemplate::Text(_) => "a text",
                    JsonTemplate::List(_) => "a list",
                    _ => "an object",
                };
                self.demand(Rule::FieldValue, false, || {
                    format!("{} is not {expected}, but {}", named(at), found.kind())
                })?;
                self.note_texts(found);
                Ok(())
            }
        }
    }

    fn list(&mut self, expected: &[JsonTemplate], items: &[Json], at: &str) -> Result<(), Broken> {
        let (wanted, found) = (expected.len(), items.len());
        let counted = || format!("{} has {found} items instead of {wanted}", named(at));
        self.demand(Rule::FieldMissing, found >= wanted, counted)?;
        self.demand(Rule::FieldExtra, found <= wanted, counted)?;
        for (index, (expected, item)) in expected.iter().zip(items).enumerate() {
            self.json(expected, item, &format!("{at}/{index}"))?;
        }
        items.iter().skip(wanted).for_each(|item| self.note_texts(item));
        Ok(())
    }

    fn object(
        &mut self,
        expected: &[(String, JsonTemplate)],
        members: &[(String, Json)],
        at: &str,
    ) -> Result<(), Broken> {
        let count = |name: &str| members.iter().filter(|(found, _)| found == name).count();
        for (name, template) in expected {
            let may_be_absent =
                matches!(template, JsonTemplate::Text(text) if self.may_be_absent(text));
            self.demand(Rule::FieldMissing, count(name) > 0 || may_be_absent, || {
                format!("{} lacks the field `{name}`", named(at))
            })?;
        }
        for (name, member) in members {
            if expected.iter().any(|(expected, _)| expected == name) {
                continue;
            }
            self.demand(Rule::FieldExtra, false, || {
                format!("{} has a field that is not declared: {}", named(at), shown(name))
            })?;
            self.reading.extra.push(name.clone());
            self.note_texts(member);
        }
        for (name, _) in members {
            self.demand(Rule::FieldTwice, count(name) == 1, || {
                format!("{} has the field {} twice", named(at), shown(name))
            })?;
        }
        for (name, template) in expected {
            if let Some((_, member)) = members.iter().find(|(found, _)| found == name) {
                self.json(template, member, &format!("{at}/{name}"))?;
            }
        }
        Ok(())
    }

    fn note_texts(&mut self, json: &Json) {
        let mut texts = Vec::new();
        json.texts(&mut texts);
        for text in texts {
            self.note("a field of the body that is not for it".to_owned(), text);
        }
    }
}

/// The words for the JSON at a path.
fn named(at: &str) -> String {
    if at.is_empty() { "the body".to_owned() } else { format!("`{at}` of the body") }
}

/// The text of a form: what is not percent-encoded ASCII is none.
fn form(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    let raw = |byte: u8| byte.is_ascii_graphic() && !b"\"<>{}|\\^`".contains(&byte);
    let escapes = text.split('%').skip(1);
    let encoded = text.bytes().all(raw) && escapes.map(str::as_bytes).all(is_escape);
    percent_decode(body).decode_utf8().is_ok_and(|_| encoded).then_some(text)
}

fn is_escape(rest: &[u8]) -> bool {
    rest.get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::form;

    #[test]
    fn a_form_is_percent_encoded() {
        for good in ["", "a=b&c=%C3%A9+x", "a=~!'()/:@*"] {
            assert_eq!(form(good.as_bytes()), Some(good));
        }
        for bad in ["{\"a\":1}", "a=b c", "a=%", "a=%4", "a=%zz", "a=é", "a=%FF", "a\n=b"] {
            assert_eq!(form(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(form(b"a=\xFF"), None);
    }
}
