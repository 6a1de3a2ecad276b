//! What `profile: rfc6749` fills in: RFC 6749 sections 5 and 6, in one place.

use crate::contract::{
    Body, BodyCondition, ErrorClass, ErrorRule, FieldMatch, Literal, Operation, Parameter,
    ParameterKind, Pointer, Request, SignIn, Slot, StatusRange, Template,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::PROFILE_CONFLICT;
use crate::path::Path;
use crate::spec::{BodyFormat, ResponseSpec};
use std::collections::BTreeMap;

/// The statuses that can say that a grant is gone: 4xx without 429.
pub(super) const VERDICTS: [StatusRange; 2] =
    [StatusRange { first: 400, last: 428 }, StatusRange { first: 430, last: 499 }];

/// The body of a refresh (section 6).
pub(super) fn body() -> Body {
    Body::Form(vec![
        ("grant_type".to_owned(), Template::literal("refresh_token")),
        ("refresh_token".to_owned(), Template::slot(Slot::RefreshToken)),
    ])
}

/// A member of the answer (section 5.1): each is called like the key of the spec that names it.
pub(super) fn member(name: &str) -> Pointer {
    Pointer::new(vec![name.to_owned()])
}

/// Declares the client's id and secret where the request holds them and `client` does not say more about them.
pub(super) fn declare(request: &Request, client: &mut BTreeMap<String, Parameter>) {
    let standard = [
        (
            super::auth::ID,
            false,
            "The client's identifier, from its registration with the provider.",
        ),
        (
            super::auth::SECRET,
            true,
            "The client's secret, from its registration with the provider.",
        ),
    ];
    for (name, secret, doc) in standard {
        let slot = Slot::Client(name.to_owned());
        if !client.contains_key(name)
            && request.templates().any(|template| template.slots().any(|used| *used == slot))
        {
            let doc = Some(doc.to_owned());
            let parameter = Parameter {
                secret,
                kind: ParameterKind::Text,
                one_of: Vec::new(),
                default: None,
                doc,
            };
            client.insert(name.to_owned(), parameter);
        }
    }
}

/// The error codes of section 5.2, and 401 for a client that could not prove itself.
pub(super) fn errors() -> Vec<ErrorRule> {
    let refusals = [
        ("invalid_grant", ErrorClass::Reauthenticate),
        ("invalid_client", ErrorClass::ClientMisconfigured),
        ("unauthorized_client", ErrorClass::ClientMisconfigured),
        ("unsupported_grant_type", ErrorClass::ClientMisconfigured),
        ("invalid_request", ErrorClass::ClientMisconfigured),
        ("invalid_scope", ErrorClass::ClientMisconfigured),
    ];
    let mut rules: Vec<ErrorRule> =
        refusals.into_iter().map(|(code, class)| refusal(code, class)).collect();
    rules.push(ErrorRule {
        status: vec![StatusRange::one(401)],
        body: BodyCondition::Any,
        class: ErrorClass::ClientMisconfigured,
        sign_in: SignIn::Unspecified,
        doc: Some("The client could not prove who it is (RFC 6749 section 5.2).".to_owned()),
        name: "rfc6749: status 401".to_owned(),
    });
    rules
}

fn refusal(code: &str, class: ErrorClass) -> ErrorRule {
    let gone = class == ErrorClass::Reauthenticate;
    ErrorRule {
        status: if gone { VERDICTS.to_vec() } else { vec![StatusRange { first: 400, last: 499 }] },
        body: BodyCondition::Field(FieldMatch {
            field: member("error"),
            equals: vec![Literal::Text(code.to_owned())],
        }),
        class,
        sign_in: if gone { SignIn::AuthorizationCode } else { SignIn::Unspecified },
        doc: Some(format!("`{code}` of RFC 6749 section 5.2.")),
        name: format!("rfc6749: {code}"),
    }
}

/// What the profile cannot be combined with.
pub(super) fn check(
    response: Option<&ResponseSpec>,
    operation: Operation,
    found: &mut Vec<Finding>,
) {
    if operation == Operation::AccessToken {
        let message = "the profile `rfc6749` trades a refresh token, not the access token";
        let hint = "leave `profile` out and declare the request and the answer";
        found.push(Finding::value(PROFILE_CONFLICT, Path::of("profile"), message).hint(hint));
    }
    if response.is_some_and(|response| response.body == Some(BodyFormat::Text)) {
        let message = "the profile `rfc6749` reads fields, not plain text";
        let hint = "leave `profile` out and declare the request and the answer";
        found.push(Finding::value(PROFILE_CONFLICT, Path::of("response.body"), message).hint(hint));
    }
}
