//! The request that refreshes.

use super::auth::Proof;
use super::template::Scope;
use super::{body, duration, headers, line, mint};
use crate::contract::{
    Body, CLIENT_ASSERTION, COOKIE, ClientAuth, FORM, Generated, JSON, Operation, RefreshWhen,
    Request, Template, TokenPlace, XML,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::LOCAL_TOKEN;
use crate::diagnostics::shape::MISSING_KEY;
use crate::path::Path;
use crate::spec::{OperationSpec, RefreshSpec, WhenDetail, WhenName, WhenSpec};
use std::collections::BTreeMap;

/// The request, but for the client authentication, which is already known, with the request line `line`, which holds no host.
pub(super) fn resolve(
    written: &RefreshSpec,
    line: &str,
    profile: bool,
    proof: Proof,
    scope: &Scope,
    found: &mut Vec<Finding>,
) -> Request {
    let RefreshSpec {
        request: _, // It comes without its host.
        operation,
        token: _,  // That of a local operation alone.
        auth: _,   // It comes resolved: with a profile it declares parameters.
        values: _, // They are resolved behind it.
        when,
        // What is on the wire.
        query: _,
        headers: _,
        cookies: _,
        form: _,
        json: _,
        xml: _,
        scope: _,
        at_most_every,
        limit,
        take: _, // They are resolved with the steps.
        then: _,
        else_: _, // A request of its own.
    } = written;
    let path = Path::of("refresh");
    let fields = match profile {
        true => super::profile::fields((*operation).into(), scope.assertion),
        false => Vec::new(),
    };
    let mut wire = self::wire(written, line, fields, scope, &path, found);
    // A form without fields of its own is a body as soon as the client proves itself in it.
    if let (Body::Empty, Some(_), ClientAuth::Body(_)) = (&wire.body, &written.form, &proof.auth) {
        wire.body = Body::Form(Vec::new());
    }
    Request {
        operation: (*operation).into(),
        method: wire.method,
        path: wire.path,
        query: wire.query,
        valueless: wire.valueless,
        headers: wire.headers.into_iter().collect(),
        body: wire.body,
        auth: proof.auth,
        values: proof
            .signed
            .map(|jwt| (CLIENT_ASSERTION.to_owned(), Generated::Jwt(jwt)))
            .into_iter()
            .collect(),
        certificate: proof.certificate,
        when: self::when(when.as_ref(), &path, found),
        at_most_every: at_most_every
            .as_deref()
            .map(|text| duration::resolve(text, path.key("at_most_every"), found)),
        limit: limit.as_ref().and_then(|limit| mint::of_grant(limit, written, found)),
        take: Vec::new(),
        then: Vec::new(),
    }
}

/// What any request of an exchange puts on the wire, but for client authentication.
pub(super) struct Wire {
    pub(super) method: String,
    pub(super) path: Template,
    pub(super) query: Vec<(String, Template)>,
    pub(super) valueless: Vec<String>,
    pub(super) headers: BTreeMap<String, Template>,
    pub(super) body: Body,
}

/// The request with the request line `line` that is written below `path`, `fields` of its profile in the body.
pub(super) fn wire(
    written: &RefreshSpec,
    line: &str,
    fields: Vec<(String, Template)>,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Wire {
    let line = line::resolve(line, scope, &path.key("request"), found);
    let mut query = line.query;
    query.extend(body::named(&written.query, scope, &path.key("query"), found));
    let mut headers = headers::resolve(&written.headers, scope, &path.key("headers"), found);
    if let Some(cookies) = &written.cookies
        && let Some(value) = headers::cookies(cookies, scope, &path.key("cookies"), found)
    {
        headers.insert(COOKIE.to_owned(), value);
    }
    Wire {
        method: line.method,
        path: line.path,
        query,
        valueless: line.valueless,
        headers,
        body: body::resolve(written, fields, scope, path, found),
    }
}

/// The value of `accept` for JSON.
pub(super) fn accepts_json() -> Template {
    Template::literal(JSON)
}

/// Adds `content-type` where nothing is said of it.
pub(super) fn content_type(headers: &mut BTreeMap<String, Template>, body: &Body) {
    if let Some(media_type) = media_type(body) {
        headers.entry("content-type".to_owned()).or_insert_with(|| Template::literal(media_type));
    }
}

/// The request line as it is written; where there is none, a harmless one in its place.
pub(super) fn line<'a>(
    written: &'a RefreshSpec,
    has_host: bool,
    found: &mut Vec<Finding>,
) -> &'a str {
    let path = Path::of("refresh");
    if written.token.is_some() {
        let message = "`token` says what a client makes itself, and this one sends a request";
        let hint = "leave it out, or write `operation: local`";
        found.push(Finding::key(LOCAL_TOKEN, path.key("token"), message).hint(hint));
    }
    written.request.as_deref().unwrap_or_else(|| {
        let message = "`refresh` needs a key `request`";
        let hint = "`request`: Method and path, as on the page: `POST /oauth/token`.";
        found.push(Finding::key(MISSING_KEY, path.key("request"), message).hint(hint));
        // What else is missing is not for this to say.
        if has_host { "POST /" } else { "POST https://auth.example.com/" }
    })
}

/// Adds `accept` and `content-type` where the spec says nothing of them.
pub(super) fn complete_headers(request: &mut Request, answer: &TokenPlace) {
    let mut headers: BTreeMap<String, Template> =
        std::mem::take(&mut request.headers).into_iter().collect();
    let accept = match answer {
        TokenPlace::Json(_) | TokenPlace::Unchanged => JSON,
        TokenPlace::Form(_) => FORM,
        TokenPlace::Xml(_) => XML,
        TokenPlace::WholeBody => "text/plain",
    };
    headers.entry("accept".to_owned()).or_insert_with(|| Template::literal(accept));
    if !matches!(&request.auth, ClientAuth::Header { name, .. } if name == "content-type") {
        content_type(&mut headers, &request.body);
    }
    request.headers = headers.into_iter().collect();
}

/// The media type of a body.
pub(crate) fn media_type(body: &Body) -> Option<&'static str> {
    match body {
        Body::Empty => None,
        Body::Form(_) => Some(FORM),
        Body::Json(_) => Some(JSON),
        Body::Xml(_) => Some(XML),
    }
}

impl From<OperationSpec> for Operation {
    fn from(written: OperationSpec) -> Self {
        match written {
            OperationSpec::RefreshToken => Self::RefreshToken,
            OperationSpec::AccessToken => Self::AccessToken,
            OperationSpec::ClientCredentials => Self::ClientCredentials,
            OperationSpec::SignIn => Self::SignIn,
            OperationSpec::Assertion => Self::Assertion,
            OperationSpec::Local => Self::Local,
        }
    }
}

fn when(written: Option<&WhenSpec>, path: &Path, found: &mut Vec<Finding>) -> RefreshWhen {
    match written {
        None | Some(WhenSpec::Named(WhenName::AnyTime)) => RefreshWhen::AnyTime,
        Some(WhenSpec::Named(WhenName::BeforeExpiry)) => RefreshWhen::BeforeExpiry,
        Some(WhenSpec::Named(WhenName::AfterExpiry)) => RefreshWhen::AfterExpiry,
        Some(WhenSpec::Named(WhenName::Unknown)) => RefreshWhen::Unknown,
        Some(WhenSpec::Detailed(WhenDetail { near_expiry })) => {
            let path = path.key("when").key("near_expiry");
            RefreshWhen::NearExpiry(duration::resolve(near_expiry, path, found))
        }
    }
}
