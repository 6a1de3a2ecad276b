//! What is printed, and where the access token goes.

use super::bench::{Bench, started_at};
use crate::{SPLITTING, answer, assert_error_silent, assert_silent, canary};
use http::{HeaderMap, Request, Uri};
use rekindle_contract::contract::{Outcome, SentAs};
use rekindle_runtime::{Token, TransportError, TransportErrorKind};

/// No secret shows in anything that can be printed: settings, client, request headers, tokens, errors (R32).
pub fn secrets_not_printed(bench: &Bench<'_>) {
    let secrets = secrets(bench);
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let silent = |shown: &[String], what: &str| {
        shown.iter().for_each(|text| canary::assert_text_silent(&secrets, text, what));
    };
    silent(&bench.subject.shown(&bench.given(), &bench.held()), "settings or credential");
    silent(&bench.client().shown(), "the client");
    let (request, pending) = bench.exchange();
    assert_silent(&secrets, request.headers());
    silent(&pending.shown(), "the exchange under way");
    silent(&bench.tokens(bench.success_text()).shown, "the tokens");

    let body = secrets.join(" ");
    for status in [bench.status, 307, 400, 401, 429, 500] {
        let whole_body = bench.contract.response.access_token.field().is_none();
        if whole_body && bench.contract.classify(status, b"-") == Outcome::Success {
            continue;
        }
        let error = bench.finish(answer(status).body(body.as_str()));
        let error = error.expect_err("the answer is an error");
        assert_error_silent(&secrets, &error);
        assert_silent(&secrets, &error.fate);
    }

    let lost = TransportError::maybe_sent(TransportErrorKind::Io, "reset");
    assert_error_silent(&secrets, &bench.lost(lost));
    let broken = format!("{}\n", bench.new_access);
    for (spends, _) in bench.spoiled(&broken) {
        let error = bench.client().start(&spends, started_at()).err();
        assert_error_silent(&secrets, &error.expect("it holds a line break"));
    }
    for (name, _) in bench.contract.client.iter().filter(|(_, parameter)| parameter.secret) {
        let error = bench.built_with(name, &broken).err();
        assert_error_silent(&secrets, &error.expect("it holds a line break"));
    }
}

/// What must not be seen.
fn secrets(bench: &Bench<'_>) -> Vec<String> {
    let contract = &bench.contract;
    let secret = contract.client.iter().filter(|(_, it)| it.secret && it.one_of.is_empty());
    let mut secrets: Vec<_> = secret.map(|(name, _)| bench.values.client[name].clone()).collect();
    secrets.extend(bench.texts(&bench.held()).into_iter().flatten().map(str::to_owned));
    secrets.push(bench.new_access.clone());
    secrets.extend(bench.replaceable().map(|_| bench.new_refresh.clone()));
    secrets
}

/// The access token goes where the provider wants it, and cannot bring another header, cookie or parameter with it (R19).
pub fn access_token_sent_as(bench: &Bench<'_>) {
    let declared = bench.contract.access.sent_as.as_ref().expect("the contract says how");
    let token = Token::new(bench.new_access.as_str());
    let mut headers = HeaderMap::new();
    let attached = bench.subject.attach(token.expose(), &mut headers).expect("it says how");
    let mut request = Request::new(());
    *request.uri_mut() = Uri::from_static("https://api.example/things?page=2");
    let authorize = |text: &str, request: &mut Request<()>| {
        bench.subject.authorize(text, request).expect("it says how")
    };
    authorize(token.expose(), &mut request).expect("the token can be sent");
    let (name, sent) = match declared {
        SentAs::Header { name, scheme: Some(scheme) } => {
            (name.as_str(), format!("{scheme} {}", token.expose()))
        }
        SentAs::Header { name, scheme: None } => (name.as_str(), token.expose().to_owned()),
        SentAs::Cookie(name) => ("cookie", format!("{name}={}", token.expose())),
        SentAs::Query(name) => {
            attached.expect_err("headers are not where it goes");
            assert!(headers.is_empty() && request.headers().is_empty());
            // A second one takes the place of the first, and stays one parameter.
            for text in [token.expose()].into_iter().chain(SPLITTING) {
                authorize(text, &mut request).expect("any text can be sent in a query");
                let query = request.uri().query().unwrap_or_default();
                let query: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
                let expected = [("page", "2"), (name.as_str(), text)];
                assert_eq!(query, expected.map(|(name, text)| (name.into(), text.into())));
            }
            return;
        }
    };
    attached.expect("the token can be sent");
    assert_eq!(request.uri(), "https://api.example/things?page=2");
    for headers in [&headers, request.headers()] {
        assert_eq!(headers.len(), 1);
        let value = headers.get(name).expect("it is the declared header");
        assert_eq!(value, sent.as_str());
        assert!(value.is_sensitive());
    }
    let in_cookie = matches!(declared, SentAs::Cookie(_));
    for text in SPLITTING.into_iter().chain(["a; b=c"].into_iter().filter(|_| in_cookie)) {
        authorize(text, &mut request).expect_err("the token would split the header");
    }
}
