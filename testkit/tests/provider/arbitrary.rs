//! Nothing that anybody sends makes the provider panic.

use crate::support::{contracts, request, signed_in, wait_until_accepted};
use crate::violations::Wire;
use http::Request;
use proptest::prelude::*;
use rekindle_testkit::provider::{Provider, Rule, Verdict};
use std::sync::LazyLock;

/// A provider for each contract, ready for a refresh, and the right request.
static READY: LazyLock<Vec<(Provider, Wire)>> = LazyLock::new(|| {
    let ready = |contract| {
        let (provider, held) = signed_in(contract);
        wait_until_accepted(&provider, &held);
        let right = Wire::of(&request(&provider, &held));
        (provider, right)
    };
    contracts().into_iter().map(ready).collect()
});

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,20}",
        "[a-z_/?&=%+#{}\":,\\[\\]\u{e9}]{0,30}",
        Just("%".to_owned()),
        Just("Basic OjpA".to_owned()),
        Just("application/x-www-form-urlencoded;;=".to_owned()),
    ]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..60),
        text().prop_map(String::into_bytes),
        Just(b"[".repeat(5000)),
        Just(b"{\"a\":".repeat(500)),
        Just(b"1e999".to_vec()),
    ]
}

/// One part of the right request is replaced.
#[derive(Debug, Clone)]
enum Change {
    Method(String),
    Path(String),
    Query(Vec<String>),
    Header(usize, Vec<u8>),
    MoreHeader(String, Vec<u8>),
    Body(Vec<u8>),
    /// A byte of the body is another.
    Byte(usize, u8),
    /// The body ends early.
    Cut(usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        "[A-Z!#]{0,7}".prop_map(Change::Method),
        text().prop_map(|text| Change::Path(format!("/{text}"))),
        proptest::collection::vec(text(), 0..4).prop_map(Change::Query),
        (any::<usize>(), bytes()).prop_map(|(at, value)| Change::Header(at, value)),
        (text(), bytes()).prop_map(|(name, value)| Change::MoreHeader(name, value)),
        bytes().prop_map(Change::Body),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        any::<usize>().prop_map(Change::Cut),
    ]
}

/// The changed request, where it is one at all.
fn changed(right: &Wire, changes: &[Change]) -> Option<Request<Vec<u8>>> {
    let mut wire = right.clone();
    let mut raw: Vec<(String, Vec<u8>)> = Vec::new();
    for change in changes {
        match change {
            Change::Method(method) => wire.method.clone_from(method),
            Change::Path(path) => wire.path.clone_from(path),
            Change::Query(query) => wire.query.clone_from(query),
            Change::Header(at, value) if !wire.headers.is_empty() => {
                let (name, _) = wire.headers.remove(at % wire.headers.len());
                raw.push((name, value.clone()));
            }
            Change::Header(..) => {}
            Change::MoreHeader(name, value) => raw.push((name.clone(), value.clone())),
            Change::Body(body) => wire.body.clone_from(body),
            Change::Byte(at, byte) if !wire.body.is_empty() => {
                let at = at % wire.body.len();
                wire.body[at] = *byte;
            }
            Change::Byte(..) => {}
            Change::Cut(at) => wire.body.truncate(at % (wire.body.len() + 1)),
        }
    }
    let query =
        if wire.query.is_empty() { String::new() } else { format!("?{}", wire.query.join("&")) };
    let mut request = Request::builder()
        .method(wire.method.as_str())
        .uri(format!("{}{}{query}", wire.origin, wire.path));
    for (name, value) in &wire.headers {
        request = request.header(name, value.as_bytes());
    }
    for (name, value) in raw {
        request = request.header(name, value);
    }
    request.body(wire.body).ok()
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_request_makes_it_panic(
        changes in proptest::collection::vec(change(), 1..4),
        off in proptest::sample::subsequence(Rule::ALL, 0..8),
    ) {
        for (provider, right) in READY.iter() {
            let Some(request) = changed(right, &changes) else { continue };
            for off in [&[][..], &off] {
                let mut provider = provider.clone();
                off.iter().for_each(|rule| provider.switch_off(*rule));
                let answered = provider.handle(&request);
                if let Verdict::Refused { why, .. } = &answered.verdict {
                    prop_assert!(!why.is_empty());
                    let status = answered.response.status();
                    let is_success = provider.contract().classify(status.as_u16(), answered.response.body())
                        == rekindle_contract::contract::Outcome::Success;
                    prop_assert!(!is_success);
                }
            }
        }
    }

    #[test]
    fn no_url_makes_it_panic(url in "(https?://)?[a-z0-9.:@\\[\\]-]{0,20}/[ -~]{0,20}") {
        for (provider, right) in READY.iter() {
            let Ok(uri) = url.parse::<http::Uri>() else { continue };
            let mut request = right.request();
            *request.uri_mut() = uri;
            provider.clone().handle(&request);
            provider.clone().at(url.clone()).handle(&request);
        }
    }
}
