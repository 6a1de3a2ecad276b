//! What `profile: rfc6749` fills in: RFC 6749 sections 5 and 6, in one place.

use super::standard::{self, ASSERTION, PASSWORD};
use crate::contract::{
    BodyCondition, ErrorClass, ErrorRule, FieldMatch, Literal, Operation, Parameter, ParameterKind,
    Pointer, Request, SignIn, Slot, StatusRange, Template,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::PROFILE_CONFLICT;
use crate::path::Path;
use crate::spec::{BodyFormat, ResponseSpec};
use std::collections::BTreeMap;

/// The statuses that can say that a grant is gone: 4xx without 429.
pub(super) const VERDICTS: [StatusRange; 2] =
    [StatusRange { first: 400, last: 428 }, StatusRange { first: 430, last: 499 }];

/// The fields of the body of a refresh (section 6), or of a grant that spends no token (sections 4.3.2 and 4.4.2, RFC 7523 section 2.1). The
/// fields are in the order of their names. `signs`: the client signs the assertion itself.
pub(super) fn fields(operation: Operation, signs: bool) -> Vec<(String, Template)> {
    const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let client = |name: &str| (name.to_owned(), Template::slot(Slot::Client(name.to_owned())));
    let grant = |grant: &str| ("grant_type".to_owned(), Template::literal(grant));
    match operation {
        Operation::RefreshToken | Operation::AccessToken => {
            let token = Template::slot(Slot::RefreshToken);
            vec![grant("refresh_token"), ("refresh_token".to_owned(), token)]
        }
        Operation::ClientCredentials => vec![grant("client_credentials")],
        Operation::SignIn => vec![grant("password"), client(PASSWORD), client(USERNAME)],
        Operation::Assertion if signs => {
            let token = Template::slot(Slot::Value(ASSERTION.to_owned()));
            vec![(ASSERTION.to_owned(), token), grant(JWT_BEARER)]
        }
        Operation::Assertion => vec![client(ASSERTION), grant(JWT_BEARER)],
        Operation::Local => Vec::new(),
    }
}

/// A member of the answer (section 5.1): each is called like the key of the spec that names it.
pub(super) fn member(name: &str) -> Pointer {
    Pointer::new(vec![name.to_owned()])
}

/// The account that the integrator signs in with (section 4.3.2).
const USERNAME: &str = "username";

/// The parameters that need no declaration in a request of this operation.
pub(super) fn parameters(operation: Operation) -> impl Iterator<Item = &'static str> {
    let own: &[&str] = match operation {
        Operation::SignIn => &[USERNAME, PASSWORD],
        Operation::Assertion => &[ASSERTION],
        Operation::RefreshToken
        | Operation::AccessToken
        | Operation::ClientCredentials
        | Operation::Local => &[],
    };
    [standard::ID, standard::SECRET, standard::KEY].into_iter().chain(own.iter().copied())
}

/// Declares the standard parameters that the request holds and of which `client` does not say more.
pub(super) fn declare(request: &Request, client: &mut BTreeMap<String, Parameter>) {
    let standard = [
        (
            standard::ID,
            false,
            ParameterKind::Text,
            "The client's identifier, from its registration with the provider.",
        ),
        (
            standard::SECRET,
            true,
            ParameterKind::Text,
            "The client's secret, from its registration with the provider.",
        ),
        (
            standard::KEY,
            true,
            ParameterKind::SigningKey,
            "The client's private key: its public key is registered with the provider.",
        ),
        (
            USERNAME,
            false,
            ParameterKind::Text,
            "The name of the account that the client signs in with.",
        ),
        (PASSWORD, true, ParameterKind::Text, "The password of that account."),
        (
            ASSERTION,
            true,
            ParameterKind::Text,
            "An assertion that the provider takes now: a signed JWT.",
        ),
    ];
    for (name, secret, kind, doc) in standard {
        let slot = Slot::Client(name.to_owned());
        if !client.contains_key(name) && request.uses(&slot) {
            let doc = Some(doc.to_owned());
            let parameter =
                Parameter { secret, kind, one_of: Vec::new(), default: None, optional: false, doc };
            client.insert(name.to_owned(), parameter);
        }
    }
}

/// The error codes of section 5.2, and 401 for a client that could not prove itself. Where no token is spent, `invalid_grant` refuses
/// what the client was set up with.
pub(super) fn errors(operation: Operation) -> Vec<ErrorRule> {
    let gone = match operation.mints() {
        true => ErrorClass::ClientMisconfigured,
        false => ErrorClass::Reauthenticate,
    };
    let refusals = [
        ("invalid_grant", gone),
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
        perhaps_gone: false,
        credential: None,
        retry_after: None,
        sign_in: SignIn::Unspecified,
        doc: Some("The client could not prove who it is (RFC 6749 section 5.2).".to_owned()),
        name: format!("{}status 401", ErrorRule::PROFILE),
    });
    rules
}

fn refusal(code: &str, class: ErrorClass) -> ErrorRule {
    let gone = class == ErrorClass::Reauthenticate;
    ErrorRule {
        status: if gone { VERDICTS.to_vec() } else { vec![StatusRange { first: 400, last: 499 }] },
        body: BodyCondition::Field(FieldMatch::equals(
            member("error"),
            vec![Literal::Text(code.to_owned())],
        )),
        class,
        perhaps_gone: false,
        credential: None,
        retry_after: None,
        sign_in: if gone { SignIn::AuthorizationCode } else { SignIn::Unspecified },
        doc: Some(format!("`{code}` of RFC 6749 section 5.2.")),
        name: format!("{}{code}", ErrorRule::PROFILE),
    }
}

/// Whether answers in this format may hold the standard members.
pub(super) fn reads(body: BodyFormat) -> bool {
    matches!(body, BodyFormat::Json | BodyFormat::Form)
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
    let body = response.and_then(|response| response.body).filter(|body| !reads(*body));
    if let Some(body) = body {
        let what = if body == BodyFormat::Xml { "XML" } else { "plain text" };
        let message = format!("the profile `rfc6749` reads fields, not {what}");
        let hint = "leave `profile` out and declare the request and the answer";
        found.push(Finding::value(PROFILE_CONFLICT, Path::of("response.body"), message).hint(hint));
    }
}
