//! From the JSON Schema to the reference of the language: every key with its type, its text, its values and an example.
//!
//! Nothing is said here that the types do not say. Examples are the shortest that proven specs hold.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// An example longer than this says less than those of the keys inside it.
const LONGEST: usize = 100;

const HEADING: &str = "<!-- Generated from the doc comments of contract/src/spec. Do not edit: \
change them, and run `REKINDLE_UPDATE=1 cargo test -p rekindle-contract`. -->

# The language, key by key

A key is written as its path: `refresh.auth` is the key `auth` of the block `refresh`, `errors[]` each entry of a list, and `NAME` is a
name that you choose. A key without *required* may be left out. Where a value may be a word or a mapping, the words are listed and
the mapping's keys follow.

";

/// The reference as Markdown, with examples from these specs: earlier lists of specs are preferred to later ones.
pub(super) fn reference(schema: &Value, specs: &[Vec<Value>]) -> String {
    let mut examples =
        Examples { schema, found: BTreeMap::new(), around: BTreeMap::new(), rank: 0 };
    for (rank, specs) in specs.iter().enumerate() {
        examples.rank = rank;
        specs.iter().for_each(|spec| examples.of(spec, schema, ""));
    }
    let mut page = Page { schema, examples, seen: BTreeMap::new(), text: HEADING.to_owned() };
    page.keys(schema, "", "", false, &|inner| inner);
    page.text.truncate(page.text.trim_end().len());
    page.text.push('\n');
    page.text
}

/// What a node of the schema leads to, with the name of the definition that it is in.
struct Target<'a> {
    name: &'a str,
    node: &'a Map<String, Value>,
}

/// All alternatives of a node, behind references and unions.
fn targets<'a>(schema: &'a Value, name: &'a str, node: &'a Value) -> Vec<Target<'a>> {
    let Some(members) = node.as_object() else {
        return Vec::new();
    };
    if let Some(name) = members.get("$ref").and_then(Value::as_str) {
        let name = name.trim_start_matches("#/$defs/");
        return targets(schema, name, &schema["$defs"][name]);
    }
    match members.get("anyOf").and_then(Value::as_array) {
        Some(branches) => {
            branches.iter().flat_map(|branch| targets(schema, name, branch)).collect()
        }
        None => vec![Target { name, node: members }],
    }
}

/// A key of a type, by their names.
type Key = (String, String);

/// A way to write something: of specs of which rank, how long, as what text.
type Way = (usize, usize, String);

/// The shortest way in which a spec writes each key of each type.
struct Examples<'a> {
    schema: &'a Value,
    /// The values.
    found: BTreeMap<Key, Way>,
    /// The mappings that hold the key, without their braces, by where they stand: `tokens.access.expires`.
    around: BTreeMap<Key, BTreeMap<String, Way>>,
    rank: usize,
}

impl<'a> Examples<'a> {
    fn of(&mut self, value: &Value, node: &'a Value, path: &str) {
        for Target { name, node } in targets(self.schema, "", node) {
            match value {
                Value::Object(members) => self.members(members, name, node, path),
                Value::Array(items) => {
                    if let Some(node) = node.get("items") {
                        items.iter().for_each(|item| self.of(item, node, &format!("{path}[]")));
                    }
                }
                _ => {}
            }
        }
    }

    fn members(
        &mut self,
        members: &Map<String, Value>,
        name: &str,
        node: &'a Map<String, Value>,
        path: &str,
    ) {
        let properties = node.get("properties").and_then(Value::as_object);
        let named = node.get("additionalProperties").filter(|named| named.is_object());
        let whole = flow(&Value::Object(members.clone()));
        let whole = inner(&whole);
        for (key, value) in members {
            let property = properties.and_then(|properties| properties.get(key));
            if property.is_some() && !value.is_null() {
                let id = (name.to_owned(), key.clone());
                shorter(&mut self.found, id.clone(), self.rank, flow(value));
                if whole.len() <= LONGEST {
                    let around = self.around.entry(id).or_default();
                    shorter(around, path.to_owned(), self.rank, whole.to_owned());
                }
            }
            if let Some(node) = property.or(named) {
                let step = if property.is_some() { key } else { "NAME" };
                let path = if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
                self.of(value, node, &path);
            }
        }
    }
}

/// Keeps the text if it is shorter than the one that is known, or of better specs.
fn shorter<K: Ord>(known: &mut BTreeMap<K, Way>, of: K, rank: usize, text: String) {
    // A long one of a provider says less than a short one made up for the language.
    let rank = if text.len() > LONGEST / 2 { rank + LONGEST } else { rank };
    let candidate = (rank, text.len(), text);
    let best = known.entry(of).or_insert_with(|| candidate.clone());
    if candidate < *best {
        *best = candidate;
    }
}

/// Members of a mapping in their place in a spec.
fn placed(members: &str, path: &str) -> String {
    let members = format!("{{ {members} }}");
    let placed = path.split('.').rev().fold(members, |inner, step| {
        let lists = step.matches("[]").count();
        let inner = (0..lists).fold(inner, |inner, _| format!("[{inner}]"));
        format!("{{ {}: {inner} }}", step.replace("[]", ""))
    });
    inner(&placed).to_owned()
}

/// A mapping without its braces.
fn inner(mapping: &str) -> &str {
    mapping.strip_prefix("{ ").and_then(|inner| inner.strip_suffix(" }")).unwrap_or(mapping)
}

/// The page so far.
struct Page<'a> {
    schema: &'a Value,
    examples: Examples<'a>,
    /// Where the keys of each type are listed.
    seen: BTreeMap<&'a str, String>,
    text: String,
}

impl<'a> Page<'a> {
    /// Every key of a mapping, each followed by the keys inside it. `around` puts what stands at `path` into its place in a spec.
    /// `unit`: the mapping is written as a whole, an entry of a list or one of several ways to write a value, and a key of it alone would
    /// say nothing.
    fn keys(
        &mut self,
        node: &'a Value,
        name: &'a str,
        path: &str,
        unit: bool,
        around: &dyn Fn(String) -> String,
    ) {
        let properties = node["properties"].as_object();
        for (key, property) in properties.into_iter().flatten() {
            let beside = if path.is_empty() { String::new() } else { self.beside(node, name, key) };
            let above = path;
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let level = if path.contains('.') { "###" } else { "##" };
            self.text += &format!("{level} `{path}`\n\n");
            let required =
                node["required"].as_array().is_some_and(|all| all.iter().any(|one| one == key));
            let mut facts = vec![self.kinds(property).join(", or ")];
            facts.extend(required.then(|| "required".to_owned()));
            let default =
                property.get("default").map(|default| format!("`{}` unless said", flow(default)));
            facts.extend(default);
            self.text += &format!("*{}*\n\n", facts.join("; ").replace('*', "\\*"));
            self.said(property);
            self.words(property);
            let whole = if unit { self.whole(name, key, above, around) } else { None };
            let alone = || {
                let value = self.example(name, key, property)?;
                Some(around(format!("{beside}{key}: {value}")))
            };
            if let Some(example) = whole.or_else(alone) {
                self.text += &format!("```yaml\n{example}\n```\n\n");
            }
            self.inside(property, &path, &|inner| around(format!("{beside}{key}: {inner}")));
        }
    }

    /// What else a mapping with this key must hold, as it stands before it.
    fn beside(&self, node: &Value, name: &str, key: &str) -> String {
        let required = node["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let other = required.filter(|other| *other != key).filter_map(|other| {
            let (.., value) = self.examples.found.get(&(name.to_owned(), other.to_owned()))?;
            Some(format!("{other}: {value}, "))
        });
        other.collect()
    }

    /// The shortest mapping with this key, here or, where none is here, where a spec has it.
    fn whole(
        &self,
        name: &str,
        key: &str,
        path: &str,
        around: &dyn Fn(String) -> String,
    ) -> Option<String> {
        let all = self.examples.around.get(&(name.to_owned(), key.to_owned()))?;
        match all.get(path) {
            Some((.., here)) => Some(around(here.clone())),
            None => {
                let (path, (.., members)) = all.iter().min_by_key(|(_, way)| *way)?;
                Some(placed(members, path))
            }
        }
    }

    /// How a key may be written: as the shortest spec does, else its first word.
    fn example(&self, name: &str, key: &str, property: &'a Value) -> Option<String> {
        let word = || {
            let Target { node, .. } = targets(self.schema, "", property).into_iter().next()?;
            Some(flow(&node.get("oneOf")?[0]["const"]))
        };
        let found = self.examples.found.get(&(name.to_owned(), key.to_owned()));
        let example = found.map(|(.., value)| value.clone()).or_else(word);
        example.filter(|example| example.len() <= LONGEST)
    }

    /// The keys of the mappings that a key holds: as its value, in a list, under names.
    fn inside(&mut self, node: &'a Value, path: &str, around: &dyn Fn(String) -> String) {
        let all = targets(self.schema, "", node);
        let unit = all.len() > 1 || path.ends_with("[]") || path.ends_with(".NAME");
        for Target { name, node } in all {
            if let Some(items) = node.get("items") {
                self.entries(items, &format!("{path}[]"), &|inner| around(format!("[{inner}]")));
            }
            if let Some(named) = node.get("additionalProperties").filter(|named| named.is_object())
            {
                let around = |inner| around(format!("{{ NAME: {inner} }}"));
                self.entries(named, &format!("{path}.NAME"), &around);
            }
            if !node.contains_key("properties") {
                continue;
            }
            if let Some(first) = self.seen.get(name) {
                let link = anchor(first);
                let said = format!("Its keys are those of [`{first}`](#{link}).\n\n");
                if !self.text.ends_with(&said) {
                    self.text += &said;
                }
                continue;
            }
            self.seen.insert(name, path.to_owned());
            let around = |inner| around(format!("{{ {inner} }}"));
            self.keys(&self.schema["$defs"][name], name, path, unit, &around);
        }
    }

    /// What each entry of a list or under a name is, where that has a text of its own that no key has said.
    fn entries(&mut self, node: &'a Value, path: &str, around: &dyn Fn(String) -> String) {
        let Some(name) = node["$ref"].as_str().map(|name| name.trim_start_matches("#/$defs/"))
        else {
            return;
        };
        let new = |target: &Target<'a>| {
            let holds = |keyword: &str| target.node.contains_key(keyword);
            (holds("properties") && !self.seen.contains_key(target.name))
                || (holds("oneOf") && path.ends_with(".NAME"))
        };
        if targets(self.schema, "", node).iter().any(new) {
            self.text += &format!("### `{path}`\n\n*{}*\n\n", self.kinds(node).join(", or "));
            self.text += self.schema["$defs"][name]["description"].as_str().unwrap_or_default();
            self.text += "\n\n";
            self.words(node);
        }
        self.inside(node, path, around);
    }

    /// What a key means, then what its type is, where that is more.
    fn said(&mut self, property: &Value) {
        let said = property["description"].as_str().unwrap_or_default();
        self.text += &format!("{said}\n\n");
        let definition = property["$ref"].as_str().map(|name| name.trim_start_matches("#/$defs/"));
        let of_type =
            definition.and_then(|name| self.schema["$defs"][name]["description"].as_str());
        if let Some(more) = of_type.filter(|more| more.len() > said.len() && !said.contains(more)) {
            self.text += &format!("{more}\n\n");
        }
    }

    /// Every word that a key takes, with its meaning.
    fn words(&mut self, property: &'a Value) {
        let mut list = String::new();
        for Target { node, .. } in targets(self.schema, "", property) {
            for word in node.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
                let said = word["description"].as_str().unwrap_or_default().replace("\n\n", " ");
                list += &format!("- `{}`: {said}\n", word["const"].as_str().unwrap_or_default());
            }
        }
        if !list.is_empty() {
            self.text += &format!("{list}\n");
        }
    }

    /// The kinds of value that a key takes.
    fn kinds(&self, property: &'a Value) -> Vec<String> {
        let mut kinds = Vec::new();
        for Target { node, .. } in targets(self.schema, "", property) {
            let kind = self.kind(node);
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }

    fn kind(&self, node: &'a Map<String, Value>) -> String {
        if node.contains_key("oneOf") {
            return "a word".to_owned();
        }
        if let Some(only) = node.get("const") {
            return format!("`{}`", flow(only));
        }
        let kinds = match node.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            kind => Vec::from_iter(kind.and_then(Value::as_str)),
        };
        match kinds.as_slice() {
            ["object"] => match node.get("additionalProperties") {
                Some(Value::Bool(false)) => "a mapping".to_owned(),
                Some(named @ Value::Object(_)) => {
                    format!("names, each with {}", self.kinds(named).join(", or "))
                }
                _ => "names, each with any value".to_owned(),
            },
            ["array"] => match node.get("items") {
                Some(items) => format!("a list, each entry {}", self.kinds(items).join(", or ")),
                None => "a list".to_owned(),
            },
            ["string"] => "a text".to_owned(),
            ["string", "null"] => "a text or `null`".to_owned(),
            ["boolean"] => "`true` or `false`".to_owned(),
            ["integer"] => match (node.get("minimum"), node.get("maximum")) {
                (Some(least), Some(most)) if most.as_u64() < Some(10_000) => {
                    format!("a number from {least} to {most}")
                }
                _ => "a whole number".to_owned(),
            },
            _ => "any value".to_owned(),
        }
    }
}

/// The anchor of a heading that is a path, as mdBook and GitHub make it.
fn anchor(path: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    path.chars().filter(kept).collect::<String>().to_lowercase()
}

/// A value on one line of YAML.
fn flow(value: &Value) -> String {
    match value {
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members =
                members.iter().map(|(key, value)| format!("{}: {}", scalar(key), flow(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text in YAML: plain where it can be nothing else.
fn scalar(text: &str) -> String {
    let letter = |letter: char| letter.is_ascii_alphanumeric() || " _./+-:()'".contains(letter);
    let plain = text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '/')
        && text.chars().all(letter)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && text.parse::<f64>().is_err();
    let words = BTreeSet::from(["true", "false", "null", "yes", "no", "on", "off", "y", "n"]);
    match plain && !words.contains(text.to_ascii_lowercase().as_str()) {
        true => text.to_owned(),
        false => Value::String(text.to_owned()).to_string(),
    }
}
