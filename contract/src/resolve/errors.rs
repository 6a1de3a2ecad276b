//! What each refusal means.

use super::{condition, pointer, profile, response};
use crate::contract::{
    BodyCondition, ErrorClass, ErrorRule, Operation, RetryAfter, SignIn, StatusRange,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::INCOMPLETE_RULE;
use crate::path::Path;
use crate::spec::{BodyMatch, ErrorRuleSpec, OneOrMany, RetryAfterSpec, StatusClass, StatusSpec};

/// The rules that are `written`, then those of the `profile`, then the language's own, which make the map total.
pub(super) fn resolve(
    written: &[ErrorRuleSpec],
    profile: bool,
    operation: Operation,
    found: &mut Vec<Finding>,
) -> Vec<ErrorRule> {
    let path = Path::of("errors");
    let mut rules: Vec<ErrorRule> = written
        .iter()
        .enumerate()
        .map(|(index, rule)| one(index, rule, &path.index(index), found))
        .collect();
    if profile {
        rules.extend(profile::errors(operation));
    }
    rules.extend(ErrorRule::defaults());
    rules
}

fn one(index: usize, written: &ErrorRuleSpec, path: &Path, found: &mut Vec<Finding>) -> ErrorRule {
    let ErrorRuleSpec {
        status,
        // What they ask of the body, together.
        field: _,
        equals: _,
        not: _,
        text: _,
        body: _,
        class,
        or,
        credential,
        retry_after,
        sign_in,
        doc,
    } = written;
    let class = *class;
    incomplete(written, path, found);
    let status = match status {
        Some(status) => response::status(status, &path.key("status"), found),
        None => response::status(
            &OneOrMany::One(StatusSpec::Class(StatusClass::ClientError)),
            path,
            found,
        ),
    };
    let perhaps_gone = or.is_some();
    let is_verdict = class == ErrorClass::Reauthenticate || perhaps_gone;
    let status = if is_verdict { verdicts(status) } else { status };
    let body = body(written, path, found);
    let name = format!("errors[{index}]: {}", tail(&status, &body));
    let sign_in = sign_in.unwrap_or(SignIn::Unspecified);
    ErrorRule {
        status,
        body,
        class,
        perhaps_gone,
        credential: *credential,
        retry_after: retry_after
            .as_ref()
            .and_then(|written| self::retry_after(written, path, found)),
        sign_in,
        doc: doc.clone(),
        name,
    }
}

/// Where the body says how long to wait. That there is one key is for the schema to say.
fn retry_after(
    written: &RetryAfterSpec,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Option<RetryAfter> {
    let RetryAfterSpec { seconds, milliseconds } = written;
    let mut field =
        |text: &str, key| pointer::resolve(text, path.key("retry_after").key(key), found);
    match (seconds, milliseconds) {
        (Some(seconds), _) => Some(RetryAfter::Seconds(field(seconds, "seconds"))),
        (None, Some(written)) => Some(RetryAfter::Milliseconds(field(written, "milliseconds"))),
        (None, None) => None,
    }
}

/// `4xx` without 429: a rate limit never says that the grant is gone.
fn verdicts(status: Vec<StatusRange>) -> Vec<StatusRange> {
    let split = |range: StatusRange| match range {
        StatusRange { first: 400, last: 499 } => profile::VERDICTS.to_vec(),
        other => vec![other],
    };
    status.into_iter().flat_map(split).collect()
}

fn body(written: &ErrorRuleSpec, path: &Path, found: &mut Vec<Finding>) -> BodyCondition {
    if let Some(field) = &written.field {
        let (equals, not) = (written.equals.as_ref(), written.not.as_ref());
        return BodyCondition::Field(condition::field(field, equals, not, path, found));
    }
    if let Some(text) = &written.text {
        return BodyCondition::Text(condition::texts(text, &path.key("text"), found));
    }
    match written.body {
        Some(BodyMatch::Empty) => BodyCondition::Empty,
        None => BodyCondition::Any,
    }
}

fn incomplete(written: &ErrorRuleSpec, path: &Path, found: &mut Vec<Finding>) {
    let mut refuse = |key: &str, message: &str, hint: &str| {
        found.push(Finding::key(INCOMPLETE_RULE, path.key(key), message).hint(hint));
    };
    for (key, there) in [("equals", written.equals.is_some()), ("not", written.not.is_some())] {
        if there && written.field.is_none() {
            let message = format!("`{key}` without a `field`: nothing is compared");
            refuse(key, &message, "say which field: `field: /error`");
        }
    }
    if written.text.is_some() && written.field.is_some() {
        let message = "a body that is no JSON object has no field: this rule never matches";
        refuse("text", message, "make two rules of it");
    }
    if written.text.is_some() && written.body.is_some() {
        refuse("text", "an empty body holds no text: this rule never matches", "leave one out");
    }
    if written.body.is_some() && written.field.is_some() {
        refuse(
            "body",
            "an empty body has no field: this rule never matches",
            "make two rules of it",
        );
    }
    if written.or.is_some() && written.class != ErrorClass::ClientMisconfigured {
        refuse(
            "or",
            "`or` without `class: client_misconfigured`: what else the class says would not be done",
            "leave it out, or write `class: client_misconfigured, or: reauthenticate`",
        );
    }
    if written.retry_after.is_some() {
        let never = [ErrorClass::Reauthenticate, ErrorClass::ClientMisconfigured];
        if never.contains(&written.class) {
            let message = format!(
                "`retry_after` with `class: {}`: waiting mends nothing, and nobody asks again",
                written.class.name()
            );
            refuse("retry_after", &message, "leave it out, or write `class: rate_limited`");
        } else if written.text.is_some() || written.body.is_some() {
            let message = "`retry_after` is a field, and the body that this rule takes has none";
            refuse("retry_after", message, "leave it out, or make two rules of it");
        }
    }
    if written.sign_in.is_some()
        && written.class != ErrorClass::Reauthenticate
        && written.or.is_none()
    {
        let hint = "leave it out, or write `class: reauthenticate`";
        refuse(
            "sign_in",
            "`sign_in` without `class: reauthenticate`: nobody is asked to sign in",
            hint,
        );
    }
}

/// A few words on when a rule matches: `status 400, /error = invalid_grant`.
fn tail(status: &[StatusRange], body: &BodyCondition) -> String {
    let mut words =
        if status == profile::VERDICTS { "status 4xx".to_owned() } else { statuses(status) };
    match body {
        BodyCondition::Any => {}
        BodyCondition::Empty => words.push_str(", empty body"),
        BodyCondition::Field(field) => words.push_str(&format!(", {field}")),
        BodyCondition::Text(texts) => {
            let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
            words.push_str(&format!(", text {}", texts.join(" or ")));
        }
    }
    words
}

fn statuses(status: &[StatusRange]) -> String {
    format!("status {}", status.iter().map(StatusRange::to_string).collect::<Vec<_>>().join(", "))
}
