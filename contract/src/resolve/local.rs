//! A token that the client makes and signs itself: no request is sent for it, so nothing that is said of one has a meaning.

use super::template::Scope;
use super::{client, errors, jwt, provider, tokens};
use crate::contract::{
    ASSERTION, AccessToken, Base, Body, ClientAuth, Contract, Expiry, Generated, Jwt, Mint,
    OldAccessToken, Operation, Origin, RefreshWhen, Request, Response, Slot, StatusRange, Success,
    Template, TokenPlace,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{LOCAL_SENDS_NOTHING, LOCAL_TOKEN, LOCAL_TOKEN_HOLDS};
use crate::path::Path;
use crate::spec::{AccessTokenSpec, RefreshSpec, Spec, TokensSpec};
use std::collections::BTreeMap;

/// What the access token is.
const TOKEN: &str = "${assertion}";

/// The contract of a token that the client makes itself.
pub(super) fn contract(spec: &Spec, file: &str, found: &mut Vec<Finding>) -> Contract {
    sends_nothing(spec, found);
    let client = client::resolve(&spec.client, found);
    let jwt = self::jwt(spec, &Scope::of(&client), found);
    let TokensSpec { access, refresh: _ } = &spec.tokens.clone().unwrap_or_default();
    Contract {
        provider: provider::resolve(&spec.provider, file, found),
        base: Base { environments: Vec::new(), integrator: false, output: None },
        client,
        access: AccessToken {
            expires: Expiry::Jwt,
            usual_lifetime: jwt.as_ref().map(|jwt| jwt.lives),
            // A signature does not become wrong by another.
            after_refresh: OldAccessToken::Valid,
            ..tokens::access(access, false, found)
        },
        steps: Vec::new(),
        request: request(jwt),
        response: response(),
        refresh: None,
        mint: Some(Mint::default()),
        fallback: None,
        errors: errors::resolve(&[], false, Operation::Local, found),
        examples: Vec::new(),
        sequences: Vec::new(),
        provenance: provider::provenance(spec.provenance.as_ref(), found),
        origin: Origin {
            file: file.to_owned(),
            like: spec.like.clone(),
            variant: None,
            assumed: tokens::assumed(access).into_iter().collect(),
        },
    }
}

/// Refuses what is about a request, its answer, or a token that another one ends.
fn sends_nothing(spec: &Spec, found: &mut Vec<Finding>) {
    let Spec {
        rekindle: _,
        like: _,
        variants: _, // Each is a spec of its own by now.
        provider: _,
        profile,
        environments,
        base_url,
        client: _,
        assertion: _,
        steps,
        refresh,
        response,
        tokens,
        errors,
        samples,
        examples,
        provenance: _,
        allow: _,
    } = spec;
    let RefreshSpec {
        operation: _,
        token: _,
        request,
        auth,
        values,
        when,
        query,
        headers,
        form,
        json,
        xml,
        cookies,
        scope,
        at_most_every,
        limit,
        take,
        then,
        else_,
    } = refresh;
    let tokens = tokens.clone().unwrap_or_default();
    let TokensSpec { access, refresh: refresh_token } = &tokens;
    let AccessTokenSpec {
        name: _,
        r#use: _,
        expires,
        usual_lifetime,
        after_refresh,
        most_alive,
        sent_as: _,
        refused_with: _,
        doc: _,
    } = access;
    const ENDS: &str = "`assertion.lives` says when it ends";
    const NOTHING: &str = "there is no request, and so none of its parts";
    const NO_ANSWER: &str = "there is no answer";
    const NO_HOST: &str = "nothing is sent; requests that carry the token go where the API is, which is not said here";
    const NEVER: &str = "a token that is signed ends no other";
    let keys = [
        ("profile", profile.is_some(), NOTHING),
        ("environments", !environments.is_empty(), NO_HOST),
        ("base_url", base_url.is_some(), NO_HOST),
        ("steps", !steps.is_empty(), NOTHING),
        ("refresh.request", request.is_some(), NOTHING),
        ("refresh.auth", auth.is_some(), "the signature proves who the client is"),
        ("refresh.values", !values.is_empty(), "`assertion.jti: true` is a random id"),
        ("refresh.when", when.is_some(), "a token can be made at any time"),
        ("refresh.query", !query.is_empty(), NOTHING),
        ("refresh.headers", !headers.is_empty(), NOTHING),
        ("refresh.form", form.is_some(), NOTHING),
        ("refresh.json", json.is_some(), NOTHING),
        ("refresh.xml", xml.is_some(), NOTHING),
        ("refresh.cookies", cookies.is_some(), NOTHING),
        ("refresh.scope", scope.is_some(), "write it as a claim: `assertion.claims.scope`"),
        ("refresh.at_most_every", at_most_every.is_some(), "nobody counts what is not sent"),
        ("refresh.take", !take.is_empty(), NO_ANSWER),
        ("refresh.then", !then.is_empty(), NOTHING),
        ("refresh.else", else_.is_some(), "a token that the client makes needs no other way"),
        ("refresh.limit", limit.is_some(), "nobody counts what is not sent"),
        ("response", response.is_some(), NO_ANSWER),
        (
            "errors",
            !errors.is_empty(),
            "what refuses the token later is `tokens.access.refused_with`",
        ),
        ("samples", !samples.is_empty(), NO_ANSWER),
        ("examples", !examples.is_empty(), "there is no exchange to show"),
        (
            "tokens.refresh",
            refresh_token.is_some(),
            "nothing is refreshed: the next token is made anew",
        ),
        ("tokens.access.expires", expires.is_some(), ENDS),
        ("tokens.access.usual_lifetime", usual_lifetime.is_some(), ENDS),
        ("tokens.access.after_refresh", after_refresh.is_some(), NEVER),
        ("tokens.access.most_alive", most_alive.is_some(), NEVER),
    ];
    for (key, _, why) in keys.into_iter().filter(|(_, written, _)| *written) {
        let message = "`operation: local` makes the token without a request, and this is about one";
        let hint = format!("leave it out: {why}");
        found.push(Finding::key(LOCAL_SENDS_NOTHING, Path::of(key), message).hint(hint));
    }
}

/// The token; `None` where the spec does not say what it is.
fn jwt(spec: &Spec, scope: &Scope, found: &mut Vec<Finding>) -> Option<Jwt> {
    if let Some(token) = spec.refresh.token.as_deref().filter(|token| *token != TOKEN) {
        let message = format!("the token is `{TOKEN}`, and nothing else: this is `{token}`");
        let hint = format!(
            "write `token: \"{TOKEN}\"`, or leave it out: a token that is no signed JWT is not supported"
        );
        found.push(Finding::value(LOCAL_TOKEN, Path::of("refresh.token"), message).hint(hint));
    }
    let Some(written) = &spec.assertion else {
        let message = "nothing says which token the client makes";
        let hint = "say what it signs: `assertion: { alg: ES256, key: \"${client.key}\", lives: 20m, claims: { … } }`";
        let path = Path::of("refresh.operation");
        found.push(Finding::value(LOCAL_TOKEN, path, message).hint(hint));
        return None;
    };
    let before = found.len();
    let jwt = jwt::assertion(written, scope, found);
    let strange = {
        let mut slots = jwt.templates().into_iter().flat_map(Template::slots);
        slots.find(|slot| !matches!(slot, Slot::Client(_))).cloned()
    };
    if let Some(slot) = &strange
        && found.len() == before
    {
        let message = format!("the token holds `{slot}`, and there is none when it is made");
        let hint = "write a text, or a parameter: `${client.NAME}`";
        found.push(Finding::value(LOCAL_TOKEN_HOLDS, holder(spec, slot), message).hint(hint));
    }
    Some(jwt)
}

/// The fact that holds a place.
fn holder(spec: &Spec, slot: &Slot) -> Path {
    let path = Path::of("assertion");
    let Some(assertion) = &spec.assertion else { return path };
    let place = slot.to_string();
    let holds = |text: &str| text.contains(&place);
    let claims = path.key("claims");
    let claim = assertion.claims.iter().find(|(_, value)| holds(&value.to_string()));
    let header = [
        ("key", Some(&assertion.key)),
        ("kid", assertion.kid.as_ref()),
        ("x5t", assertion.x5t.as_ref()),
        ("x5t_s256", assertion.x5t_s256.as_ref()),
    ];
    let header = header.into_iter().find(|(_, text)| text.is_some_and(|text| holds(text)));
    match (claim, header) {
        (Some((name, _)), _) => claims.key(name),
        (None, Some((name, _))) => path.key(name),
        (None, None) => path,
    }
}

/// No request: what the client signs is all that it holds.
fn request(jwt: Option<Jwt>) -> Request {
    Request {
        operation: Operation::Local,
        method: String::new(),
        path: Template { parts: Vec::new() },
        query: Vec::new(),
        valueless: Vec::new(),
        headers: Vec::new(),
        body: Body::Empty,
        auth: ClientAuth::None,
        values: jwt.map(|jwt| (ASSERTION.to_owned(), Generated::Jwt(jwt))).into_iter().collect(),
        certificate: false,
        when: RefreshWhen::AnyTime,
        at_most_every: None,
        limit: None,
        take: Vec::new(),
        then: Vec::new(),
    }
}

/// No answer.
fn response() -> Response {
    Response {
        success: Success { status: vec![StatusRange { first: 200, last: 299 }], field: None },
        access_token: TokenPlace::WholeBody,
        refresh_token: None,
        token_type: None,
        scope: None,
        outputs: BTreeMap::new(),
    }
}
