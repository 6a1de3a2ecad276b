//! JSON as it was sent: nothing is dropped, not even what is there twice.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use std::fmt;

/// A JSON value.
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Whether it is `value`, which is no container. Types count: `1` is neither `"1"` nor `1.0`.
    pub(super) fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(found), Value::Bool(value)) => found == value,
            (Self::Number(found), Value::Number(value)) => found == value,
            (Self::Text(found), Value::String(value)) => found == value,
            _ => false,
        }
    }

    /// What it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "`null`",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// Every text in it.
    pub(super) fn texts<'a>(&'a self, into: &mut Vec<&'a str>) {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => {}
            Self::Text(text) => into.push(text),
            Self::List(items) => items.iter().for_each(|item| item.texts(into)),
            Self::Object(members) => members.iter().for_each(|(_, member)| member.texts(into)),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        let number = Number::from_f64(value);
        number.map(Json::Number).ok_or_else(|| E::custom("a number without end"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_is_there_twice_stays_twice() {
        let Json::Object(members) = read(r#"{"a":1,"b":{"c":[]},"a":2}"#) else {
            panic!("no object");
        };
        let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "a"]);
    }

    #[test]
    fn types_count() {
        assert!(read("1").is(&json!(1)));
        assert!(read("-1").is(&json!(-1)));
        assert!(read("2.5").is(&json!(2.5)));
        assert!(!read("1.0").is(&json!(1)));
        assert!(!read("\"1\"").is(&json!(1)));
        assert!(read("null").is(&Value::Null));
        assert!(!read("false").is(&Value::Null));
        assert!(read("\"a\"").is(&json!("a")));
    }

    #[test]
    fn texts_are_found_at_any_depth() {
        let json = read(r#"["a",{"b":"c","d":["e",1,null,true]}]"#);
        let mut texts = Vec::new();
        json.texts(&mut texts);
        assert_eq!(texts, ["a", "c", "e"]);
    }
}
