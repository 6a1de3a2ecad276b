//! The same over real sockets of this machine.

use super::bench::Bench;
use super::carrier::{Carrier, Through};
use super::made::class;
use super::subject::{At, Spends};
use crate::{Clock, Script, Server, answer, expect, head, without_transport_headers};
use http::uri::PathAndQuery;
use http::{Response, Uri};
use rekindle_contract::contract::{Expiry as Declared, RefreshWhen, TokenPlace};
use rekindle_runtime::Expiry;
use std::collections::BTreeMap;

/// Through reqwest: the request that leaves is the declared one, and only one leaves (R1, R11, R24).
pub fn socket_reqwest(bench: &Bench<'_>) {
    through(bench, Through::Reqwest);
}

/// Through hyper: the request that leaves is the declared one, and only one leaves (R1, R11, R24).
pub fn socket_hyper(bench: &Bench<'_>) {
    through(bench, Through::Hyper);
}

/// Through ureq: the request that leaves is the declared one, and only one leaves (R1, R11, R24).
pub fn socket_ureq(bench: &Bench<'_>) {
    through(bench, Through::Ureq);
}

/// The exchange as declared, an error, a redirect and a lost answer, through one transport, at the machine's own time.
fn through(bench: &Bench<'_>, through: Through) {
    let carrier = Carrier::new(through);
    let spends = lasting_credential(bench);
    let refresh = |server: &Server| {
        let client = bench.subject.client(At::Loopback(&server.url()), &bench.given());
        client.expect("the settings can be used").refresh(&carrier, &spends)
    };

    let steps = &bench.contract.steps;
    let then = &bench.contract.request.then;
    // The steps before the request all go well, and their addresses lead back here.
    let scripted = |last: Vec<Script>| {
        let server = Server::start([] as [Script; 0]);
        let url = server.url();
        steps.iter().for_each(|step| {
            let body = bench.contract.answer_to(step, &BTreeMap::new(), &url);
            server.then(answer(200).json(body.to_string()));
        });
        last.into_iter().for_each(|script| server.then(script));
        server
    };
    let server = scripted(Vec::new());
    // What the last request needs leads back here as well.
    let before_last = (0..then.len()).map(|behind| steps.len() + behind);
    before_last.for_each(|index| {
        let body = super::steps::good_at(bench, index, &server.url());
        server.then(answer(200).json(body.to_string()));
    });
    server.then(lasting_success(bench));
    let tokens = refresh(&server).expect("the answer brings tokens");
    assert_eq!(tokens.access.expose(), bench.new_access);
    let requests = server.requests();
    assert_eq!(requests.len(), steps.len() + 1 + then.len());
    let request = without_transport_headers(&requests[steps.len()]);
    let wire = bench.wire_at(&request, &server.url(), &bench.values, Clock::running(1.0));
    // Where nothing is behind the base URL, HTTP asks for `/`.
    let asked: Uri = (server.url() + wire.target()).parse().expect("a URL");
    expect(&request).target(asked.path_and_query().map_or("", PathAndQuery::as_str));
    wire.assert(&request);

    let (status, rule) = super::errors::refusal(&bench.contract).expect("there is a refusal");
    let server = scripted(vec![answer(status).json("{}").into()]);
    let error = refresh(&server).expect_err("the answer is an error");
    assert_eq!(error.class(), class(rule));
    assert_eq!(bench.fate(error), bench.fate_by(rule));

    let elsewhere = answer(307).header("location", "/elsewhere").empty();
    let server = scripted(vec![elsewhere.into(), answer(200).json("{}").into()]);
    refresh(&server).expect_err("a redirect is not followed");
    assert_eq!(server.requests().len(), steps.len() + 1);

    let server = scripted(vec![Script::ResetAfterReading]);
    let error = refresh(&server).expect_err("there is no answer");
    assert_eq!(error.class(), bench.class_after_sending());
    assert_eq!(bench.fate(error), bench.fate_after_sending());
    assert_eq!(server.requests().len(), steps.len() + 1);
}

/// What is spent at whatever time it is.
fn lasting_credential(bench: &Bench<'_>) -> Spends {
    let any_time =
        matches!(bench.contract.request.when, RefreshWhen::AnyTime | RefreshWhen::Unknown);
    if any_time || !bench.contract.credential().holds_access_token() {
        bench.held()
    } else {
        bench.ending(Expiry::Undeclared)
    }
}

/// A success that names no instant: it would be in the past one day.
fn lasting_success(bench: &Bench<'_>) -> Response<Vec<u8>> {
    let answer = answer(bench.status);
    if bench.fields.is_none() {
        return answer.text(bench.success_text());
    }
    let refresh = bench.contract.refresh.as_ref().map(|refresh| &refresh.expires);
    let ends = [Some(&bench.contract.access.expires), refresh];
    let body = ends.into_iter().flatten().fold(bench.success(), |body, expires| match expires {
        Declared::UnixSeconds(told)
        | Declared::UnixMilliseconds(told)
        | Declared::Rfc3339(told)
        | Declared::DateTime { told, zone: _ }
        | Declared::HttpDate(told) => body.without(&told.field.to_string()),
        _ => body,
    });
    let answer = match bench.contract.response.access_token {
        // Nothing is told, and a 204 has no body.
        TokenPlace::Unchanged if bench.fields == Some(serde_json::json!({})) => answer.empty(),
        TokenPlace::Form(_) => answer.form(body),
        TokenPlace::Xml(_) => answer.xml(body),
        _ => answer.json(body),
    };
    head::moved(&bench.contract, answer)
}
