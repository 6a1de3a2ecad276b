//! Reads a request as the contract declares it: everything that must be there, and nothing else.
//!
//! Architecture invariant: this is a reading of its own. What clients are made with to write requests is not used here.

mod accept;
mod body;
mod headers;
mod json;
mod pairs;
mod path;
mod template;

pub(super) use accept::negotiated;
pub(super) use body::json_template;
pub(super) use headers::{content_type, declared, declares_authorization};
pub(super) use path::{Target, is_declared, own_page, target};
pub(super) use template::{Bound, Known, bind};

use super::Rule;
use super::rules::{Broken, Rules};
use http::Request;
use percent_encoding::percent_decode_str;
use rekindle_contract::contract::{ClientAuth, Contract, Part, Slot, Template};

/// What a request says.
#[derive(Default)]
pub(super) struct Reading {
    /// What stands in the places of the contract, in the order in which it was read.
    pub(super) bound: Bound,
    /// Everything in it that is a text.
    pub(super) places: Vec<Place>,
    /// The names of fields and parameters that are not declared.
    pub(super) extra: Vec<String>,
    /// Whether it authenticates in the header for that, though the contract does not.
    pub(super) authorization: bool,
    /// Whether something in it is not as declared, by a rule that is not enforced.
    pub(super) let_through: bool,
}

/// A text of a request.
pub(super) struct Place {
    /// Where it is: "the header `x-key`".
    pub(super) name: String,
    /// The text, decoded.
    pub(super) text: String,
    /// What may be in it.
    pub(super) slots: Vec<Slot>,
}

impl Reading {
    /// Every text that stands for `slot`.
    pub(super) fn all(&self, slot: &Slot) -> Vec<&str> {
        let bound = self.bound.iter().filter(|(bound, _)| bound == slot);
        bound.map(|(_, text)| text.as_str()).collect()
    }
}

/// Reads a request whose path, without that of the base URL, is `path`.
pub(super) fn read(
    contract: &Contract,
    rules: &Rules,
    known: &dyn Known,
    path: &str,
    request: &Request<Vec<u8>>,
) -> Result<Reading, Broken> {
    let mut reader = Reader { contract, rules, known, reading: Reading::default() };
    reader.method(request.method().as_str())?;
    reader.path(path)?;
    reader.query(request.uri().query().unwrap_or_default())?;
    reader.headers(request.headers())?;
    reader.content_type(request.headers())?;
    reader.body(request.body())?;
    Ok(reader.reading)
}

struct Reader<'a> {
    contract: &'a Contract,
    rules: &'a Rules,
    known: &'a dyn Known,
    reading: Reading,
}

impl Reader<'_> {
    /// Gives `holds` back; an error where it does not hold and the rule is enforced.
    fn demand(
        &mut self,
        rule: Rule,
        holds: bool,
        why: impl FnOnce() -> String,
    ) -> Result<bool, Broken> {
        self.reading.let_through |= !holds;
        self.rules.demand(rule, holds, why)
    }

    fn method(&mut self, method: &str) -> Result<(), Broken> {
        let expected = &self.contract.request.method;
        self.demand(Rule::Method, method == expected, || {
            // Anything can stand for a method.
            let usual = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
            match usual.iter().find(|usual| **usual == method) {
                Some(method) => format!("the method is {method}, not {expected}"),
                None => format!("the method is not {expected}"),
            }
        })?;
        Ok(())
    }

    fn query(&mut self, query: &str) -> Result<(), Broken> {
        let request = &self.contract.request;
        let mut declared: Vec<(&str, &Template)> = pairs::borrowed(&request.query).collect();
        if let ClientAuth::Query(fields) = &request.auth {
            declared.extend(pairs::borrowed(fields));
        }
        self.pairs(&pairs::QUERY, &declared, query)?;
        let valued = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.any(|(sent, _)| percent_decode_str(sent).eq(name.bytes()))
        };
        for name in &request.valueless {
            self.demand(Rule::QueryValue, !valued(name), || {
                format!("the parameter `{name}` of the query stands there with a `=`")
            })?;
        }
        Ok(())
    }

    /// Whether a client that has no value for it sends nothing under the name of this template: not even an empty text.
    fn may_be_absent(&self, template: &Template) -> bool {
        may_be_absent(self.contract, template)
    }

    /// Takes in a text that a template was declared for.
    fn text(
        &mut self,
        rule: Rule,
        name: String,
        template: &Template,
        text: &str,
    ) -> Result<(), Broken> {
        let bound = template::bind(template, text, self.known);
        self.demand(rule, bound.is_some(), || match template.as_literal() {
            Some("") => format!("{name} is not empty"),
            _ => format!("{name} is not `{template}`"),
        })?;
        let bound = bound.unwrap_or_else(|| template::search(template, text, self.known));
        self.reading.bound.extend(bound);
        self.allow(name, template, text);
        Ok(())
    }

    /// Notes a text in which the values of `template` may be.
    fn allow(&mut self, name: String, template: &Template, text: &str) {
        self.reading.places.push(Place {
            name,
            text: text.to_owned(),
            slots: template.slots().cloned().collect(),
        });
    }

    /// Notes a text that nobody declared.
    fn note(&mut self, name: String, text: &str) {
        self.allow(name, &Template::default(), text);
    }
}

/// Whether a request is right without this value: it is an optional parameter and nothing else.
pub(super) fn may_be_absent(contract: &Contract, template: &Template) -> bool {
    let [Part::Slot(Slot::Client(name))] = template.parts.as_slice() else {
        return false;
    };
    contract.client.get(name).is_some_and(|parameter| parameter.optional)
}

/// A name that somebody sent, in backquotes; not where it could be a credential in the wrong place.
fn shown(name: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '.');
    if (1..=32).contains(&name.len()) && name.chars().all(harmless) {
        format!("`{name}`")
    } else {
        "(not shown)".to_owned()
    }
}
