//! How to read the answer.

use super::{condition, output, pointer, profile};
use crate::contract::{
    BodyCondition, Contract, Literal, Operation, Pointer, Response, StatusRange, Success,
    TokenPlace, TokenType,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    ANSWER_FORMAT_MISMATCH, BAD_STATUS, BAD_TEXT, EMPTY_LIST, MISSING_FACT,
};
use crate::path::Path;
use crate::spec::{
    BodyFormat, OneOrMany, PlaceSpec, ResponseSpec, StatusClass, StatusSpec, SuccessDetail,
    SuccessSpec, TokenTypeDetail, TokenTypeSpec,
};
use std::collections::BTreeMap;

/// What begins and ends success unless said.
const SUCCESS: StatusRange = StatusRange { first: 200, last: 299 };

/// The answer that `written` describes, with what RFC 6749 says where its `profile` is named.
pub(super) fn resolve(
    written: Option<&ResponseSpec>,
    profile: bool,
    operation: Operation,
    found: &mut Vec<Finding>,
) -> Response {
    let ResponseSpec { success, body, access_token, refresh_token, token_type, scope, outputs } =
        written.unwrap_or(&EMPTY);
    let says_nothing = written.is_none_or(|written| *written == EMPTY);
    let path = Path::of("response");
    let body = body.unwrap_or(BodyFormat::Json);
    let profile = profile && profile::reads(body);
    let member = |key| profile.then(|| profile::member(key));
    let (of, refresh_place) = (pointer::Of::Value, path.key("refresh_token"));
    let scope_place = |written: &OneOrMany<String>| match written {
        OneOrMany::One(text) => OneOrMany::One(PlaceSpec::Field(text.clone())),
        OneOrMany::Many(texts) => {
            OneOrMany::Many(texts.iter().cloned().map(PlaceSpec::Field).collect())
        }
    };
    // What spends no token has no use for one (RFC 6749 section 4.4.3 has none).
    let access_token =
        self::access_token(access_token.as_ref(), body, profile, says_nothing, found);
    let brings_none = operation.mints() || access_token.is_unchanged();
    Response {
        success: self::success(success.as_ref(), &path.key("success"), found),
        refresh_token: match refresh_token {
            Some(written) => pointer::first_of(written, of, refresh_place, found),
            None => member("refresh_token"),
        }
        .filter(|_| refresh_token.is_some() || !brings_none),
        scope: match scope {
            Some(written) => pointer::first_of(&scope_place(written), of, path.key("scope"), found),
            None => member("scope"),
        },
        outputs: output::resolve(outputs, &path.key("outputs"), found),
        token_type: self::token_type(token_type.as_ref(), profile, &path.key("token_type"), found),
        access_token,
    }
}

fn access_token(
    written: Option<&OneOrMany<PlaceSpec>>,
    body: BodyFormat,
    profile: bool,
    says_nothing: bool,
    found: &mut Vec<Finding>,
) -> TokenPlace {
    let path = Path::of("response.access_token");
    let only = match written {
        Some(OneOrMany::One(place)) => place.field(),
        _ => None,
    };
    if only == Some("unchanged") {
        if body != BodyFormat::Json {
            let message = "an answer that brings no token is JSON, or is not read";
            let hint = match body {
                BodyFormat::Xml => {
                    "leave it out where answers may be JSON or empty; a body that begins with `<` counts as a page for people, \
                     and is no success"
                }
                _ => "leave it out: a body of another format may come, and says nothing",
            };
            found.push(
                Finding::value(ANSWER_FORMAT_MISMATCH, Path::of("response.body"), message)
                    .hint(hint),
            );
        }
        return TokenPlace::Unchanged;
    }
    let is_whole = only == Some("whole_body");
    match (written, body) {
        (None, BodyFormat::Text) => TokenPlace::WholeBody,
        (Some(_), BodyFormat::Text) if is_whole => TokenPlace::WholeBody,
        (Some(_), _) if is_whole => {
            let message = "`whole_body` is for answers in plain text, and this one has fields";
            let hint = "write `body: text`, or the field that holds the token: `/access_token`";
            found.push(Finding::value(ANSWER_FORMAT_MISMATCH, path, message).hint(hint));
            TokenPlace::WholeBody
        }
        (Some(written), BodyFormat::Text) => {
            let (message, hint) = match written.as_slice().first() {
                Some(PlaceSpec::Head(_)) => (
                    "an answer in plain text is the token itself, and this token is in its head"
                        .to_owned(),
                    "leave `body: text` out: where the token is in the head, a body that is no JSON is read over",
                ),
                first => {
                    let text = first.and_then(PlaceSpec::field).unwrap_or_default();
                    (
                        format!("an answer in plain text has no field `{text}`"),
                        "write `access_token: whole_body`, or leave `body: text` out",
                    )
                }
            };
            found.push(Finding::value(ANSWER_FORMAT_MISMATCH, path, message).hint(hint));
            TokenPlace::WholeBody
        }
        (Some(_), BodyFormat::Json) if only == Some("") => {
            TokenPlace::Json(Pointer::new(Vec::new()))
        }
        (Some(written), format) => {
            let pointer = pointer::first_of(written, pointer::Of::Value, path, found);
            pointer.map_or_else(|| stand_in(format), |pointer| field(format, pointer))
        }
        (None, format) if profile => field(format, profile::member("access_token")),
        (None, format) => {
            let message = "nothing says where the new access token is in the answer";
            let hint = match format {
                BodyFormat::Xml => {
                    "write `response: { body: xml, access_token: /answer/access-token }`"
                }
                _ => "write `response: { access_token: /access_token }`",
            };
            let root = Path::of(if says_nothing { "refresh" } else { "response" });
            found.push(Finding::key(MISSING_FACT, root, message).hint(hint));
            stand_in(format)
        }
    }
}

/// Where the token may be in an answer with fields, of which nothing says where it is: an answer without them would contradict the rest.
fn stand_in(format: BodyFormat) -> TokenPlace {
    field(format, profile::member("access_token"))
}

/// The token is in a field of an answer in this format.
fn field(format: BodyFormat, pointer: Pointer) -> TokenPlace {
    match format {
        BodyFormat::Form => TokenPlace::Form(pointer),
        BodyFormat::Xml => TokenPlace::Xml(pointer),
        BodyFormat::Json | BodyFormat::Text => TokenPlace::Json(pointer),
    }
}

/// A `response` that says nothing.
static EMPTY: ResponseSpec = ResponseSpec {
    success: None,
    body: None,
    access_token: None,
    refresh_token: None,
    token_type: None,
    scope: None,
    outputs: BTreeMap::new(),
};

fn token_type(
    written: Option<&TokenTypeSpec>,
    profile: bool,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Option<TokenType> {
    let bearer = || vec!["Bearer".to_owned()];
    match written {
        None => profile.then(|| TokenType {
            field: profile::member("token_type"),
            accepted: bearer(),
            demanded: false,
        }),
        Some(TokenTypeSpec::Field(field)) => Some(TokenType {
            field: pointer::resolve(field, path.clone(), found),
            accepted: bearer(),
            demanded: true,
        }),
        Some(TokenTypeSpec::Detailed(TokenTypeDetail { field, accepted: names })) => {
            let field = pointer::resolve(field, path.key("field"), found);
            let accepted = path.key("accepted");
            if names.is_empty() {
                let message = "no token type is accepted";
                found.push(
                    Finding::value(EMPTY_LIST, accepted.clone(), message)
                        .hint("list them: `[Bearer]`"),
                );
            }
            for (index, name) in names.iter().enumerate().filter(|(_, name)| name.trim().is_empty())
            {
                let message = format!("`{name}` is no token type");
                found.push(
                    Finding::value(BAD_TEXT, accepted.index(index), message).hint("leave it out"),
                );
            }
            Some(TokenType { field, accepted: names.clone(), demanded: true })
        }
    }
}

fn success(written: Option<&SuccessSpec>, path: &Path, found: &mut Vec<Finding>) -> Success {
    match written {
        None => Success { status: vec![SUCCESS], field: None },
        Some(SuccessSpec::Status(written)) => {
            Success { status: status(written, path, found), field: None }
        }
        Some(SuccessSpec::Detailed(SuccessDetail { status, field, equals, not })) => {
            let status = match status {
                Some(written) => self::status(written, &path.key("status"), found),
                None => vec![SUCCESS],
            };
            let field = condition::field(field, equals.as_ref(), not.as_ref(), path, found);
            Success { status, field: Some(field) }
        }
    }
}

/// The statuses that `written` lists, sorted, each once.
pub(super) fn status(
    written: &OneOrMany<StatusSpec>,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Vec<StatusRange> {
    if written.as_slice().is_empty() {
        let message = "the list of statuses is empty: nothing would match";
        found.push(
            Finding::value(EMPTY_LIST, path.clone(), message)
                .hint("list them, or leave the key out"),
        );
    }
    let each = written.each(path);
    let mut ranges: Vec<_> = each.filter_map(|(path, one)| range(one, path, found)).collect();
    ranges.sort_unstable();
    ranges.dedup();
    ranges
}

fn range(written: &StatusSpec, path: Path, found: &mut Vec<Finding>) -> Option<StatusRange> {
    let class = |first| Some(StatusRange { first, last: first + 99 });
    match written {
        StatusSpec::Class(StatusClass::Success) => class(200),
        StatusSpec::Class(StatusClass::Redirection) => class(300),
        StatusSpec::Class(StatusClass::ClientError) => class(400),
        StatusSpec::Class(StatusClass::ServerError) => class(500),
        StatusSpec::Code(code) => match u16::try_from(*code) {
            Ok(code @ 200..=599) => Some(StatusRange::one(code)),
            _ => {
                let message = format!("`{code}` is no status that ends an exchange");
                found.push(
                    Finding::value(BAD_STATUS, path, message)
                        .hint("use 200 to 599, or a class: `4xx`"),
                );
                None
            }
        },
    }
}

/// Where answers hold texts alone, a number or a truth value that a field must hold is met by its text, too: there is no other.
pub(super) fn spell_out(contract: &mut Contract) {
    if !contract.response.access_token.holds_texts() {
        return;
    }
    let errors = contract.errors.iter_mut().filter_map(|rule| match &mut rule.body {
        BodyCondition::Field(field) => Some(field),
        BodyCondition::Any | BodyCondition::Empty | BodyCondition::Text(_) => None,
    });
    for field in errors.chain(&mut contract.response.success.field) {
        let both = std::mem::take(&mut field.equals).into_iter().flat_map(|value| {
            let text = Literal::Text(value.to_string());
            // A text once, anything else behind its text.
            let other = (value != text).then_some(value);
            std::iter::once(text).chain(other)
        });
        field.equals = both.collect();
    }
}
