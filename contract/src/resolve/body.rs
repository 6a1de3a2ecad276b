//! The body of the request.

use super::merge;
use super::template::{self, Scope};
use crate::contract::{Body, JsonTemplate, Template, xml_problem};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    BAD_TEXT, BAD_XML_BODY, BODY_CONFLICT, NOT_SUPPORTED_YET, SCOPE_WITHOUT_BODY, SENT_TWICE,
};
use crate::path::Path;
use crate::spec::{FixedScope, RefreshSpec, ScopeName, ScopeSpec};
use serde_json::Value;

/// The body that `written` declares below `path`, with the fields of its profile.
pub(super) fn resolve(
    written: &RefreshSpec,
    profile: Vec<(String, Template)>,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Body {
    let RefreshSpec {
        form,
        json,
        xml,
        scope: fixed,
        // The request's.
        request: _,
        operation: _,
        token: _,
        limit: _,
        take: _,
        then: _,
        else_: _,
        auth: _,
        values: _,
        when: _,
        query: _,
        headers: _,
        cookies: _,
        at_most_every: _,
    } = written;
    let body = match (form, json, xml) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
            let second = if json.is_some() && form.is_some() { "json" } else { "xml" };
            let message = "a request has one body: `form`, `json` or `xml`";
            found.push(
                Finding::key(BODY_CONFLICT, path.key(second), message)
                    .hint("keep the one that the provider reads"),
            );
            Body::Empty
        }
        (Some(fields), None, None) => {
            let path = path.key("form");
            let said = fields.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
            merge::form(fields, named(said, scope, &path, found), profile, &path, found)
        }
        (None, Some(json), None) => {
            Body::Json(merge::json(value(json, scope, &path.key("json"), found), profile))
        }
        (None, None, Some(written)) => document(written, scope, &path.key("xml"), found),
        (None, None, None) if profile.is_empty() => Body::Empty,
        (None, None, None) => Body::Form(profile),
    };
    with_scope(body, fixed.as_ref(), scope, found)
}

/// A document, without white space around it.
fn document(written: &str, scope: &Scope, path: &Path, found: &mut Vec<Finding>) -> Body {
    let before = found.len();
    let document = template::resolve(written.trim(), scope, path, found);
    // A placeholder that is wrong is told alone.
    if found.len() == before
        && let Some(problem) = xml_problem(&document)
    {
        let message = format!("the body is no XML that can be sent: {problem}");
        let hint = "write one well-formed document in UTF-8 without a document type; placeholders stand in texts and in values of attributes";
        found.push(Finding::value(BAD_XML_BODY, path.clone(), message).hint(hint));
    }
    Body::Xml(document)
}

/// Named values: the fields of a form, the parameters of a query.
pub(super) fn named<'a>(
    fields: impl IntoIterator<Item = (&'a String, &'a String)>,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Vec<(String, Template)> {
    let resolve = |(name, value): (&String, &String)| {
        let path = path.key(name);
        check_name(name, &path, found);
        (name.clone(), template::resolve(value, scope, &path, found))
    };
    fields.into_iter().map(resolve).collect()
}

fn check_name(name: &str, path: &Path, found: &mut Vec<Finding>) {
    if name.is_empty() {
        found.push(
            Finding::key(BAD_TEXT, path.clone(), "a field has an empty name")
                .hint("write the provider's name for it"),
        );
    }
}

pub(super) fn value(
    json: &Value,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> JsonTemplate {
    match json {
        Value::Null | Value::Bool(_) | Value::Number(_) => JsonTemplate::Constant(json.clone()),
        Value::String(text) => JsonTemplate::Text(template::resolve(text, scope, path, found)),
        Value::Array(items) => {
            let items = items
                .iter()
                .enumerate()
                .map(|(index, item)| value(item, scope, &path.index(index), found));
            JsonTemplate::List(items.collect())
        }
        Value::Object(members) => {
            let member = |(name, member): (&String, &Value)| {
                (name.clone(), value(member, scope, &path.key(name), found))
            };
            JsonTemplate::Object(members.iter().map(member).collect())
        }
    }
}

/// `body` with a fixed scope in it.
fn with_scope(
    mut body: Body,
    written: Option<&ScopeSpec>,
    scope: &Scope,
    found: &mut Vec<Finding>,
) -> Body {
    let path = Path::of("refresh.scope");
    let fixed = match written {
        None | Some(ScopeSpec::Named(ScopeName::Omit)) => return body,
        Some(ScopeSpec::Named(ScopeName::Granted)) => {
            let message = "sending the granted scope again is not supported yet";
            found.push(
                Finding::value(NOT_SUPPORTED_YET, path, message)
                    .hint("omit it, or write `scope: { fixed: … }`"),
            );
            return body;
        }
        Some(ScopeSpec::Detailed(FixedScope { fixed })) => {
            template::resolve(fixed, scope, &path.key("fixed"), found)
        }
    };
    let taken = match &body {
        Body::Form(fields) => fields.iter().any(|(name, _)| name == "scope"),
        Body::Json(JsonTemplate::Object(members)) => {
            members.iter().any(|(name, _)| name == "scope")
        }
        Body::Json(_) | Body::Xml(_) | Body::Empty => false,
    };
    if taken {
        found.push(
            Finding::key(SENT_TWICE, path, "the body already holds a field `scope`")
                .hint("keep one of the two"),
        );
        return body;
    }
    match &mut body {
        Body::Form(fields) => {
            let at = fields.partition_point(|(name, _)| name.as_str() < "scope");
            fields.insert(at, ("scope".to_owned(), fixed));
        }
        Body::Json(JsonTemplate::Object(members)) => {
            members.push(("scope".to_owned(), JsonTemplate::Text(fixed)))
        }
        Body::Json(_) | Body::Xml(_) | Body::Empty => {
            let message =
                "a fixed scope is a field of the body, and this request has no fields in its body";
            let hint =
                "declare a `form` or a `json` object, or put the scope under `refresh.query`";
            found.push(Finding::key(SCOPE_WITHOUT_BODY, path, message).hint(hint));
        }
    }
    body
}
