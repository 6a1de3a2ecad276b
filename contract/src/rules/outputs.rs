//! Outputs are fields of an answer that nothing else reads, and of types that the answer can hold; one may be the next base URL.

use super::Facts;
use crate::contract::{OutputKind, Pointer, TokenPlace};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{ANSWER_FORMAT_MISMATCH, BAD_NEXT_BASE_URL, BAD_OUTPUT};
use crate::path::{Path, Step};
use crate::spec::OutputSpec;
use crate::suggest::nearest;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let response = &facts.contract.response;
    let token_type = response.token_type.as_ref().map(|declared| &declared.field);
    let known = [
        (response.access_token.field(), "the access token"),
        (response.refresh_token.as_ref(), "the refresh token"),
        (token_type, "the token's type"),
        (response.scope.as_ref(), "the scope"),
    ];
    let known = known.into_iter().filter_map(|(field, what)| Some((field?, what.to_owned())));
    let mut read: Vec<(&Pointer, String)> = known.collect();
    let tokens = [response.access_token.field(), response.refresh_token.as_ref()];
    let tokens = tokens.into_iter().flatten().map(|field| (field, "a token".to_owned()));
    let secrets = response.outputs.iter().filter(|(_, output)| output.secret);
    let secrets = secrets.map(|(name, output)| (&output.field, format!("the secret `{name}`")));
    let hidden: Vec<(&Pointer, String)> = tokens.chain(secrets).collect();
    for (name, output) in &response.outputs {
        let path = Path::of("response.outputs").key(name);
        if output.secret && matches!(output.kind, OutputKind::Integer | OutputKind::Boolean) {
            let message = format!("`{name}` is secret and {}", output.kind.label());
            let hint = "a number or a truth hides nothing: leave `secret` or `type` out";
            found.push(Finding::value(BAD_OUTPUT, path.key("secret"), message).hint(hint));
        }
        let text = matches!(output.kind, OutputKind::Text | OutputKind::Url);
        let in_head = output.field.all().any(|place| place.head.is_some());
        if in_head && !text {
            let kind = output.kind.label();
            let message = format!("`{name}` is {kind}, and headers and cookies hold texts alone");
            let hint = "leave `type` out: it is then the text that stands there";
            found
                .push(Finding::value(ANSWER_FORMAT_MISMATCH, path.key("type"), message).hint(hint));
        } else if response.access_token.holds_texts() && !text {
            let form = matches!(response.access_token, TokenPlace::Form(_));
            let (what, it) = if form { ("a form holds", "form") } else { ("XML holds", "element") };
            let message = format!("`{name}` is {}, and {what} texts alone", output.kind.label());
            let hint = format!("leave `type` out: it is then the text that the {it} holds");
            found
                .push(Finding::value(ANSWER_FORMAT_MISMATCH, path.key("type"), message).hint(hint));
        }
        if let Some((field, first)) = find(&read, &output.field, |one, other| one == other) {
            let message = format!("`{field}` is {first} already");
            let hint = "name a field of its own, or leave the output out";
            found.push(Finding::value(BAD_OUTPUT, path.key("field"), message).hint(hint));
        } else if !output.secret
            && let Some((field, what)) = find(&hidden, &output.field, overlap)
        {
            let message = format!("`{field}` may hold {what}, and the output is not secret");
            let hint = "name a field beside it, or write `secret: true`";
            found.push(Finding::value(BAD_OUTPUT, path.key("field"), message).hint(hint));
        }
        read.push((&output.field, format!("the output `{name}`")));
    }
    next_base_url(facts, found);
}

/// The output that is the next base URL is an address, bounded and shown.
fn next_base_url(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let Some(name) = &facts.contract.base.output else { return };
    let outputs = &facts.contract.response.outputs;
    let at = Path::of("response.outputs").key(name);
    let (path, message, hint) = match outputs.get(name) {
        None => {
            let known = outputs.keys().map(String::as_str);
            let hint = match nearest(name, known) {
                Some(known) => format!("did you mean `output.{known}`?"),
                None => format!(
                    "declare it: `outputs: {{ {name}: {{ field: /{name}, type: url, hosts: [\"*.example.com\"] }} }}`"
                ),
            };
            (Path::of("base_url"), format!("there is no output `{name}`"), hint)
        }
        Some(output) if output.kind != OutputKind::Url => (
            Path::of("base_url"),
            format!("`{name}` is the base URL, and {}", output.kind.label()),
            format!("write `type: url` under `response.outputs.{name}`"),
        ),
        Some(output) if output.secret => (
            at.key("secret"),
            format!("`{name}` is the base URL, and secret"),
            "requests and messages show where they go: leave `secret` out".to_owned(),
        ),
        // One that is no host is told already.
        Some(output) if output.hosts.is_empty() && hosts_of(facts, name).is_none_or(<[_]>::is_empty) => (
            at,
            format!("`{name}` is the base URL, and nothing bounds where it leads"),
            "say at which hosts it may be, so that no answer can send a token elsewhere: `hosts: [\"*.example.com\"]`"
                .to_owned(),
        ),
        Some(_) => return,
    };
    let finding = match path.0.last() == Some(&Step::Key(name.clone())) {
        true => Finding::key(BAD_NEXT_BASE_URL, path, message),
        false => Finding::value(BAD_NEXT_BASE_URL, path, message),
    };
    found.push(finding.hint(hint));
}

/// The hosts of an output, as written.
fn hosts_of<'a>(facts: Facts<'a>, name: &str) -> Option<&'a [String]> {
    match facts.spec.response.as_ref()?.outputs.get(name)? {
        OutputSpec::Detailed(detail) => Some(detail.hosts.as_deref().unwrap_or_default()),
        OutputSpec::At(_) => None,
    }
}

/// The place of `field` that is so to one of these fields, and what that is.
fn find<'a>(
    fields: &'a [(&Pointer, String)],
    field: &'a Pointer,
    is_so: impl Fn(&[String], &[String]) -> bool,
) -> Option<(&'a Pointer, &'a str)> {
    let is_so = &is_so;
    field.all().find_map(|place| {
        let mut so = fields
            .iter()
            .filter(|(other, _)| other.all().any(|other| is_so(&place.way(), &other.way())));
        so.next().map(|(_, what)| (place, what.as_str()))
    })
}

/// Whether one place holds the other.
fn overlap(one: &[String], other: &[String]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}
