//! The body of the request.

use super::fields::{self, List};
use super::vary;
use crate::mutation::Mutants;
use crate::operator::Operator;
use rekindle_contract::contract::{Body, Contract, JsonTemplate, Template};
use serde_json::Value;

const FORM: List = List {
    fact: "request.form",
    set: Operator::BodySet,
    name: Operator::BodyName,
    value: Operator::BodyValue,
    headers: false,
    get: |contract| match &mut contract.request.body {
        Body::Form(fields) => Some(fields),
        Body::Empty | Body::Json(_) => None,
    },
};

/// Every mutation of the body.
pub fn body(mutants: &mut Mutants<'_>, body: &Body) {
    for (shown, other) in encodings(body) {
        mutants.add(Operator::BodyEncoding, "request.body", show(body), shown, |contract| {
            contract.request.body = other
        });
    }
    match body {
        Body::Empty => {}
        Body::Form(fields) => fields::fields(mutants, &FORM, fields),
        Body::Json(json) => {
            let mut walk = Walk { mutants, path: Vec::new(), fact: "request.json".to_owned() };
            walk.depth(json);
            walk.value(json);
        }
    }
}

fn show(body: &Body) -> &'static str {
    match body {
        Body::Empty => "none",
        Body::Form(_) => "a form",
        Body::Json(_) => "JSON",
    }
}

/// The same fields otherwise encoded, and something where there is nothing.
fn encodings(body: &Body) -> Vec<(&'static str, Body)> {
    let text =
        |(name, value): &(String, Template)| (name.clone(), JsonTemplate::Text(value.clone()));
    let member = |(name, value): &(String, JsonTemplate)| match value {
        JsonTemplate::Text(text) => Some((name.clone(), text.clone())),
        JsonTemplate::Constant(constant) => {
            Some((name.clone(), Template::literal(constant.to_string())))
        }
        JsonTemplate::List(_) | JsonTemplate::Object(_) => None,
    };
    match body {
        Body::Empty => vec![
            ("{}", Body::Json(JsonTemplate::Object(Vec::new()))),
            (
                "a form of one field",
                Body::Form(vec![("grant_type".to_owned(), Template::literal("refresh_token"))]),
            ),
        ],
        Body::Form(fields) => {
            vec![("JSON", Body::Json(JsonTemplate::Object(fields.iter().map(text).collect())))]
        }
        Body::Json(JsonTemplate::Object(members)) => {
            vec![("a form", Body::Form(members.iter().filter_map(member).collect()))]
        }
        Body::Json(_) => Vec::new(),
    }
}

/// Walks a JSON body.
struct Walk<'w, 'a> {
    mutants: &'w mut Mutants<'a>,
    /// The indices of members and items that lead to the current value.
    path: Vec<usize>,
    fact: String,
}

impl Walk<'_, '_> {
    fn value(&mut self, json: &JsonTemplate) {
        match json {
            JsonTemplate::Constant(constant) => self.constant(json, constant),
            JsonTemplate::Text(template) => self.text(json, template),
            JsonTemplate::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let mut without = items.clone();
                    without.remove(index);
                    self.replace(
                        Operator::BodySet,
                        &format!("[{index}]"),
                        &show_json(item),
                        "(absent)",
                        JsonTemplate::List(without),
                    );
                    self.below(index, &format!("[{index}]"), item);
                }
            }
            JsonTemplate::Object(members) => self.object(members),
        }
    }

    fn object(&mut self, members: &[(String, JsonTemplate)]) {
        let with = |index: usize, member: Option<(String, JsonTemplate)>| {
            let kept = |(at, old): (usize, &(String, JsonTemplate))| {
                if at == index { member.clone() } else { Some(old.clone()) }
            };
            JsonTemplate::Object(members.iter().enumerate().filter_map(kept).collect())
        };
        for (index, (name, value)) in members.iter().enumerate() {
            let place = format!("[{name}]");
            self.replace(
                Operator::BodySet,
                &place,
                &show_json(value),
                "(absent)",
                with(index, None),
            );
            for other in vary::other_case(name).into_iter().chain([format!("{name}_")]) {
                let renamed = with(index, Some((other.clone(), value.clone())));
                self.replace(Operator::BodyName, &format!("{place}.name"), name, &other, renamed);
            }
            self.below(index, &place, value);
        }
        let extra = ("extra".to_owned(), JsonTemplate::Constant(Value::Bool(true)));
        let more = JsonTemplate::Object(members.iter().cloned().chain([extra]).collect());
        self.replace(Operator::BodySet, "[extra]", "(absent)", "true", more);
    }

    fn below(&mut self, index: usize, place: &str, value: &JsonTemplate) {
        let length = self.fact.len();
        self.path.push(index);
        self.fact.push_str(place);
        self.depth(value);
        self.value(value);
        self.fact.truncate(length);
        self.path.pop();
    }

    /// The value inside an object and inside a list.
    fn depth(&mut self, json: &JsonTemplate) {
        let (object, list) = (
            JsonTemplate::Object(vec![("data".to_owned(), json.clone())]),
            JsonTemplate::List(vec![json.clone()]),
        );
        for after in [object, list] {
            self.replace(Operator::BodyDepth, "", &show_json(json), &show_json(&after), after);
        }
    }

    fn constant(&mut self, json: &JsonTemplate, constant: &Value) {
        let mut others = vec![JsonTemplate::Text(Template::literal(constant.to_string()))];
        others.extend(match constant {
            Value::Null => vec![
                JsonTemplate::Constant(Value::Bool(false)),
                JsonTemplate::Text(Template::default()),
            ],
            Value::Bool(truth) => vec![
                JsonTemplate::Constant(Value::Bool(!truth)),
                JsonTemplate::Constant(Value::Null),
            ],
            Value::Number(number) => {
                let more =
                    number.as_f64().and_then(|number| serde_json::Number::from_f64(number + 1.0));
                more.map(|more| JsonTemplate::Constant(Value::Number(more))).into_iter().collect()
            }
            Value::String(_) | Value::Array(_) | Value::Object(_) => {
                vec![JsonTemplate::Constant(Value::Null)]
            }
        });
        for other in others {
            self.replace(Operator::BodyValue, "", &show_json(json), &show_json(&other), other);
        }
    }

    fn text(&mut self, json: &JsonTemplate, template: &Template) {
        for other in vary::templates(self.mutants.contract, template) {
            let other = JsonTemplate::Text(other);
            self.replace(Operator::BodyValue, "", &show_json(json), &show_json(&other), other);
        }
        if template.as_literal().is_some() {
            let other = JsonTemplate::Constant(Value::Null);
            self.replace(Operator::BodyValue, "", &show_json(json), "null", other);
        }
    }

    /// Adds the contract whose body holds `after` at the current place.
    fn replace(
        &mut self,
        operator: Operator,
        place: &str,
        before: &str,
        after: &str,
        json: JsonTemplate,
    ) {
        let path = &self.path;
        let change = |contract: &mut Contract| {
            if let Body::Json(root) = &mut contract.request.body
                && let Some(old) = find(root, path)
            {
                *old = json;
            }
        };
        self.mutants.add(operator, format!("{}{place}", self.fact), before, after, change);
    }
}

/// The value to which indices lead.
fn find<'a>(json: &'a mut JsonTemplate, path: &[usize]) -> Option<&'a mut JsonTemplate> {
    path.iter().try_fold(json, |json, index| match json {
        JsonTemplate::List(items) => items.get_mut(*index),
        JsonTemplate::Object(members) => members.get_mut(*index).map(|(_, value)| value),
        JsonTemplate::Constant(_) | JsonTemplate::Text(_) => None,
    })
}

fn show_json(json: &JsonTemplate) -> String {
    match json {
        JsonTemplate::Constant(constant) => constant.to_string(),
        JsonTemplate::Text(template) => format!("\"{template}\""),
        JsonTemplate::List(items) => {
            format!("[{}]", items.iter().map(show_json).collect::<Vec<_>>().join(","))
        }
        JsonTemplate::Object(members) => {
            let members =
                members.iter().map(|(name, value)| format!("\"{name}\":{}", show_json(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}
