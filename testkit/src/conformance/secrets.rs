//! What is printed, and where the access token goes.

use super::bench::{Bench, started_at};
use crate::{SPLITTING, answer, assert_error_silent, assert_silent, canary};
use http::{HeaderMap, Request};
use rekindle_contract::contract::Outcome;
use rekindle_runtime::{TransportError, TransportErrorKind};

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
        let error = bench.built(&bench.given().with(name, &broken)).err();
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

/// The access token goes where the provider wants it, and cannot bring another header with it (R19).
pub fn access_token_sent_as(bench: &Bench<'_>) {
    let declared = bench.contract.access.sent_as.as_ref().expect("the contract says how");
    let token = bench.tokens(bench.success_text()).access;
    let sent = match &declared.scheme {
        Some(scheme) => format!("{scheme} {}", token.expose()),
        None => token.expose().to_owned(),
    };
    let mut headers = HeaderMap::new();
    let attached = bench.subject.attach(token.expose(), &mut headers);
    attached.expect("it says how").expect("the token can be sent");
    let mut request = Request::new(());
    let authorized = bench.subject.authorize(token.expose(), &mut request);
    authorized.expect("it says how").expect("the token can be sent");
    for headers in [&headers, request.headers()] {
        assert_eq!(headers.len(), 1);
        let value = headers.get(&declared.header).expect("it is the declared header");
        assert_eq!(value, sent.as_str());
        assert!(value.is_sensitive());
    }
    for text in SPLITTING {
        let split = bench.subject.authorize(text, &mut request).expect("it says how");
        split.expect_err("the token would split the header");
    }
}
