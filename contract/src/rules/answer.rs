//! Whether what is read of an answer can be in one of its format.

use super::Facts;
use crate::contract::{
    ATTRIBUTE, BodyCondition, Head, OutputKind, Pointer, TokenPlace, is_name, split,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{ANSWER_FORMAT_MISMATCH, BAD_HEAD_PLACE, READ_TWICE};
use crate::path::Path;
use std::collections::{BTreeMap, HashMap};

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    match &facts.contract.response.access_token {
        TokenPlace::Json(_) if facts.contract.response.access_token.is_whole() => {
            whole_json(facts, found);
        }
        TokenPlace::Json(_) | TokenPlace::Unchanged => beside_head(facts, found),
        TokenPlace::Form(_) => form(facts, found),
        TokenPlace::Xml(_) => xml(facts, found),
        TokenPlace::WholeBody => plain_text(facts, found),
    }
    prefixes(facts, found);
    twice(facts, found);
    // In XML what has a text may have attributes.
    if !matches!(facts.contract.response.access_token, TokenPlace::Xml(_)) {
        below(facts, found);
    }
}

/// What is read of the body of an answer: each field, and the key that names it.
fn fields(facts: Facts<'_>) -> impl Iterator<Item = (&Pointer, Path)> {
    places(facts).filter(|(field, _)| field.head.is_none())
}

/// What is read of an answer, in its body or its head: each place, and the key that names it.
fn places(facts: Facts<'_>) -> impl Iterator<Item = (&Pointer, Path)> {
    let refresh = facts.contract.refresh.as_ref();
    let response = &facts.contract.response;
    let token_type = response.token_type.as_ref().map(|declared| &declared.field);
    let success = response.success.field.as_ref();
    let fields = [
        (response.access_token.field(), "response.access_token"),
        (response.refresh_token.as_ref(), "response.refresh_token"),
        (token_type, "response.token_type"),
        (response.scope.as_ref(), "response.scope"),
        (success.map(|success| &success.field), "response.success"),
        (facts.contract.access.expires.field(), "tokens.access.expires"),
        (refresh.and_then(|refresh| refresh.expires.field()), "tokens.refresh.expires"),
    ];
    let outputs = response
        .outputs
        .iter()
        .map(|(name, output)| (&output.field, Path::of("response.outputs").key(name).key("field")));
    let fields = fields.into_iter().filter_map(|(field, path)| Some((field?, Path::of(path))));
    let fields = fields.chain(outputs);
    fields.flat_map(|(field, path)| field.all().map(move |field| (field, path.clone())))
}

/// A header is read in one way: what one prefix leaves to another is told by nothing.
fn prefixes(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for (place, path) in places(facts) {
        let Some(Head::Header { name, prefix }) = &place.head else { continue };
        if *first.entry(name).or_insert(prefix) != prefix {
            let message = format!("the header `{name}` is read with another prefix already");
            let hint = "write the same `prefix` wherever the header is named";
            found.push(Finding::value(BAD_HEAD_PLACE, path, message).hint(hint));
        }
    }
}

const ENDS: [&str; 2] = ["tokens.access.expires", "tokens.refresh.expires"];

/// What is a text or a number, but for outputs and what a success asks for, and what people call it.
const FACTS: [(&str, &str); 6] = [
    ("response.access_token", "the access token"),
    ("response.refresh_token", "the refresh token"),
    ("response.token_type", "the token's type"),
    ("response.scope", "the scope"),
    (ENDS[0], "the end of the access token"),
    (ENDS[1], "the end of the refresh token"),
];

/// Nothing lies below a text or a number. Where several places stand for one another, another of them may be the one.
fn below(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let mut only: BTreeMap<Path, Option<&Pointer>> = BTreeMap::new();
    for (place, path) in fields(facts) {
        only.entry(path).and_modify(|first| *first = None).or_insert(Some(place));
    }
    let outputs = facts.contract.response.outputs.iter().filter_map(|(name, output)| {
        let path = Path::of("response.outputs").key(name).key("field");
        (output.kind != OutputKind::Json).then(|| (path, format!("the output `{name}`")))
    });
    let named = FACTS.map(|(path, what)| (Path::of(path), what.to_owned()));
    let ends: HashMap<&[String], String> = named
        .into_iter()
        .chain(outputs)
        .filter_map(|(path, what)| Some((only.get(&path).copied()??.tokens.as_slice(), what)))
        .collect();
    for (path, place) in &only {
        let Some(place) = place else { continue };
        // Of the whole answer there are words elsewhere, and what is no place has none.
        let mut above = (1..place.tokens.len()).map(|depth| &place.tokens[..depth]);
        if let Some((way, what)) = above.find_map(|way| Some((way, ends.get(way)?))) {
            let above = Pointer::new(way.to_vec());
            let message = format!("`{place}` lies below `{above}`, which is {what}: nothing does");
            let hint = "write both places as the answer on the page has them";
            found.push(Finding::value(READ_TWICE, path.clone(), message).hint(hint));
        }
    }
}

/// A place of an answer says one thing. Two ends may be the same instant, and outputs have a rule of their own.
fn twice(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let is_end = |fact: &str| ENDS.contains(&fact);
    let mut read: Vec<(&Pointer, (&str, &str))> = Vec::new();
    for (place, path) in places(facts) {
        let Some(fact) = FACTS.into_iter().find(|(fact, _)| Path::of(fact) == path) else {
            continue;
        };
        let is_same = |(other, (first, _)): &&(&Pointer, (&str, &str))| {
            *first != fact.0 && !(is_end(first) && is_end(fact.0)) && other.way() == place.way()
        };
        if let Some((_, (_, what))) = read.iter().find(is_same) {
            let message = format!("`{place}` is {what} already");
            let hint =
                "name the place where the answer holds it; where it holds none, leave it out";
            found.push(Finding::value(READ_TWICE, path, message).hint(hint));
        }
        read.push((place, fact));
    }
}

/// Where something is in the head, the body beside it is an object, or nothing.
fn beside_head(facts: Facts<'_>, found: &mut Vec<Finding>) {
    if facts.contract.heads().is_empty() {
        return;
    }
    let is_index = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
    for (field, path) in fields(facts).filter(|(it, _)| it.tokens.first().is_some_and(is_index)) {
        let message = format!("`{field}` is in a list, and the head of the answer is read too");
        let hint = "name a field of an object: beside a header or a cookie a list is not read";
        found.push(Finding::value(ANSWER_FORMAT_MISMATCH, path, message).hint(hint));
    }
}

/// An answer in plain text is a token and nothing else.
fn plain_text(facts: Facts<'_>, found: &mut Vec<Finding>) {
    for (_, path) in places(facts) {
        let message = "an answer in plain text is the access token alone and has no fields";
        let hint = "leave it out, or write `body: json`";
        found.push(Finding::value(ANSWER_FORMAT_MISMATCH, path, message).hint(hint));
    }
}

/// A text of JSON has no fields.
fn whole_json(facts: Facts<'_>, found: &mut Vec<Finding>) {
    for (_, path) in places(facts).filter(|(field, _)| !field.is_whole()) {
        let message = "an answer that is the access token itself has no fields";
        let hint = "leave it out, or name the field of the token: `access_token: /access_token`";
        found.push(Finding::value(ANSWER_FORMAT_MISMATCH, path, message).hint(hint));
    }
}

/// A form has no depth.
fn form(facts: Facts<'_>, found: &mut Vec<Finding>) {
    for (field, path) in fields(facts).filter(|(field, _)| field.tokens.len() != 1) {
        let message = format!("a form has no field `{field}`: its fields are all at the top");
        let name = field.tokens.last().map_or("", String::as_str);
        let hint = format!("name the field alone, perhaps `/{name}`, or leave `body: form` out");
        found.push(Finding::value(ANSWER_FORMAT_MISMATCH, path, message).hint(hint));
    }
}

/// A document is elements by their names, below one root.
fn xml(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let rules = facts.contract.errors.iter().enumerate().flat_map(|(index, rule)| {
        let path = Path::of("errors").index(index);
        let matched = match &rule.body {
            BodyCondition::Field(matched) => Some((&matched.field, path.key("field"))),
            _ => None,
        };
        let wait = rule.retry_after.as_ref();
        let wait = wait.map(|it| (it.field(), path.key("retry_after").key(it.name())));
        matched.into_iter().chain(wait)
    });
    let errors =
        rules.flat_map(|(field, path)| field.all().map(move |field| (field, path.clone())));
    for (field, path) in fields(facts).chain(errors) {
        if let Some((message, hint)) = no_element(field) {
            found.push(Finding::value(ANSWER_FORMAT_MISMATCH, path, message).hint(hint));
        }
    }
    let root = |field: &Pointer| field.tokens.first().map(|root| split(root).0.to_owned());
    let mut fields = fields(facts);
    let Some((first, expected)) = fields.next().and_then(|(it, _)| Some((it, root(it)?))) else {
        return;
    };
    for (field, path) in fields {
        if root(field).is_some_and(|root| root != expected) {
            let message = format!("`{field}` lies below another root than `{first}`");
            let hint = format!("an XML document has one root: begin with `/{expected}`");
            found.push(Finding::value(ANSWER_FORMAT_MISMATCH, path, message).hint(hint));
        }
    }
}

/// Why no document has this field, and what would be one.
fn no_element(field: &Pointer) -> Option<(String, String)> {
    let last = field.tokens.len().checked_sub(1);
    let names = "write the names of the elements on the way to it: `/credentials/access-token`";
    if last.is_none() {
        let message =
            "the empty pointer is the whole document, and what is read is an element of it";
        return Some((message.to_owned(), names.to_owned()));
    }
    for (index, token) in field.tokens.iter().enumerate() {
        let (element, attribute) = split(token);
        let alone = index > 0 && element.is_empty() && attribute.is_some_and(is_name);
        if alone && Some(index) == last {
            let of = Pointer::new(field.tokens[..index].to_vec());
            let message =
                format!("`{token}` stands for no element: an attribute stands behind its own");
            return Some((message, format!("write `{of}{token}`")));
        }
        if token.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("`{token}` is no element: XML has no lists");
            let hint = "leave it out: of elements with the same name the first one counts";
            return Some((message, hint.to_owned()));
        }
        if !is_name(element) || !attribute.is_none_or(is_name) {
            let message = format!("`{token}` is the name of no element");
            let hint = format!("{names}, without prefixes");
            return Some((message, hint));
        }
        if attribute.is_some() && Some(index) != last {
            let message = format!("`{token}` is an attribute, and nothing stands below one");
            return Some((
                message,
                format!("end with it, or leave `{ATTRIBUTE}` and what follows out"),
            ));
        }
    }
    None
}
