//! The places of a spec in which a text may stand, from the schema.

use super::bases::bases;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A place of a spec in which a text may stand.
#[derive(Clone, PartialEq)]
pub struct Place {
    /// The spec's index among the bases.
    pub base: usize,
    /// The way there.
    path: Vec<String>,
    /// Whether the text is the name of a member there.
    key: bool,
    /// What is written around it.
    shape: Shape,
}

/// How a text is written where not every text may stand.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Shape {
    Whole,
    Line,
    Visible,
    Address,
    Pointer,
}

impl Shape {
    const ALL: [Self; 5] = [Self::Whole, Self::Line, Self::Visible, Self::Address, Self::Pointer];

    fn write(self, text: &str) -> String {
        let line = text.replace(char::is_control, " ");
        let visible = line.trim().replace(|c: char| !c.is_ascii(), "");
        match self {
            Self::Whole => text.to_owned(),
            Self::Line => line,
            Self::Visible => visible,
            Self::Address => format!("https://a.example/{}", line.replace(char::is_whitespace, "")),
            Self::Pointer => format!("/{}", line.replace(['/', '~'], "")),
        }
    }
}

impl Place {
    /// Writes a text there.
    pub fn put(&self, spec: &mut Value, text: &str) {
        let text = self.shape.write(text);
        let mut at = spec;
        for step in &self.path {
            at = match at {
                Value::Array(items) => &mut items[step.parse::<usize>().expect("an index")],
                other => &mut other[step.as_str()],
            };
        }
        match self.key {
            true => at[text] = json!("harmless"),
            false => *at = Value::String(text),
        }
    }

    /// The place once for each way to write there.
    pub fn shapes(&self) -> impl Iterator<Item = Self> {
        Shape::ALL.into_iter().map(|shape| Self { shape, ..self.clone() })
    }

    pub fn name(&self) -> String {
        let key = if self.key { " (key)" } else { "" };
        format!("{}: {}{key} as {:?}", self.base, self.path.join("."), self.shape)
    }
}

/// Walks through a spec beside the schema.
struct Walk<'a> {
    schema: &'a Value,
    base: usize,
    path: Vec<String>,
    found: Vec<Place>,
    /// The blocks of the schema that were met.
    met: BTreeSet<String>,
}

impl Walk<'_> {
    fn found(&mut self, step: Option<&str>, key: bool) {
        let path: Vec<_> =
            self.path.iter().map(String::as_str).chain(step).map(str::to_owned).collect();
        // The id is the name of a module; the test chooses it.
        if path != ["provider", "id"] {
            self.found.push(Place { base: self.base, path, key, shape: Shape::Whole });
        }
    }

    fn visit(&mut self, schema: &Value, spec: &Value) {
        if let Some(name) = reference(schema) {
            self.met.insert(name.to_owned());
            let block = self.schema["$defs"][name].clone();
            return self.visit(&block, spec);
        }
        for branches in ["anyOf", "oneOf"] {
            for branch in schema[branches].as_array().into_iter().flatten() {
                self.visit(branch, spec);
            }
        }
        match spec {
            Value::Object(members) => {
                for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                    match members.get(name) {
                        Some(member) => self.step(name, schema, member),
                        None if is_text(schema) => self.found(Some(name), false),
                        None => {}
                    }
                }
                let others = &schema["additionalProperties"];
                if others.is_object() {
                    members.iter().for_each(|(name, member)| self.step(name, others, member));
                    self.found(None, true);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.step(&index.to_string(), &schema["items"], item);
                }
            }
            Value::String(_) if is_text(schema) => self.found(None, false),
            _ => {}
        }
    }

    fn step(&mut self, name: &str, schema: &Value, spec: &Value) {
        self.path.push(name.to_owned());
        self.visit(schema, spec);
        self.path.pop();
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// Whether this is a text of any content.
pub fn is_text(schema: &Value) -> bool {
    let kind = &schema["type"];
    let text =
        kind == "string" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("string")));
    text && schema.get("const").is_none() && schema.get("enum").is_none()
}

pub fn schema() -> Value {
    serde_json::from_str(rekindle_contract::schema()).expect("the schema is JSON")
}

/// All places, whether a text may stand there or not, and the blocks of the schema that they are in.
pub fn walked() -> (Vec<Place>, BTreeSet<String>) {
    let schema = schema();
    let mut all = (Vec::new(), BTreeSet::new());
    for (base, spec) in bases().iter().enumerate() {
        let mut walk = Walk {
            schema: &schema,
            base,
            path: Vec::new(),
            found: Vec::new(),
            met: BTreeSet::new(),
        };
        walk.visit(&schema, spec);
        all.0.extend(walk.found);
        all.1.extend(walk.met);
    }
    all
}
