//! YAML that is no spec: this is the one package that reads it.

use serde_json::Value;

/// A YAML or JSON document as JSON: of an API's description, say. Keys that are numbers become texts.
///
/// # Errors
///
/// Where the text is no YAML, or no JSON can hold what it says: in which line. No word of the text is in the error.
pub fn json_of_yaml(text: &str) -> Result<Value, String> {
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    let document: serde_yaml::Value = serde_yaml::from_str(text).map_err(|error| {
        let line = error.location().map(|place| format!(" in line {}", place.line()));
        format!("no YAML{}", line.unwrap_or_default())
    })?;
    json(document).ok_or_else(|| "YAML that no JSON can hold".to_owned())
}

fn json(value: serde_yaml::Value) -> Option<Value> {
    use serde_yaml::Value as Yaml;
    Some(match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => truth.into(),
        Yaml::String(text) => text.into(),
        Yaml::Number(number) => serde_json::to_value(number).ok()?,
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(json).collect::<Option<_>>()?),
        Yaml::Mapping(members) => {
            let member = |(key, value)| Some((crate::path::key_name(&key), json(value)?));
            Value::Object(members.into_iter().map(member).collect::<Option<_>>()?)
        }
        Yaml::Tagged(tagged) => json(tagged.value)?,
    })
}

#[cfg(test)]
mod tests {
    use super::json_of_yaml;
    use serde_json::json;

    #[test]
    fn both_are_read() {
        let expected = json!({ "a": [1, null, true], "200": { "b": "c" } });
        assert_eq!(json_of_yaml("a: [1, null, true]\n200:\n  b: c\n").unwrap(), expected);
        assert_eq!(json_of_yaml(&expected.to_string()).unwrap(), expected);
        assert_eq!(json_of_yaml("a: [secret").unwrap_err(), "no YAML in line 2");
    }
}
