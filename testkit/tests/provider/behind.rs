//! Requests behind the one that spends the refresh token: what they hold was given out, and what the last one holds is good once.

use super::support::contract;
use http::{HeaderValue, Request};
use rekindle_testkit::provider::{Provider, Rule, Verdict};
use rekindle_testkit::{Ask, Fake, Outcome, Reference};

const SPEC: &str = include_str!("../../../tests/language/specs/steps_spending.yaml");

/// The requests of one exchange, which goes well.
fn exchange(fake: &Fake) -> Vec<Request<Vec<u8>>> {
    let client = Reference::of(fake);
    let held = fake.provider().sign_in();
    let ask = Ask { held: &held, now: fake.clock().now(), trouble: None };
    let mut sent = Vec::new();
    let outcome = client.refresh(ask, |request| {
        sent.push(request.clone());
        fake.carry(&request)
    });
    let Outcome::Tokens(new) = outcome else { panic!("{outcome:?}") };
    assert!(fake.provider().use_access_token(&new.access_token).is_ok());
    assert_ne!(new.refresh_token, held.refresh_token);
    sent
}

fn refused_by(fake: &Fake, request: &Request<Vec<u8>>) -> Option<Rule> {
    match fake.provider().handle(request).verdict {
        Verdict::Refused { rule, .. } => Some(rule),
        _ => None,
    }
}

#[test]
fn what_was_given_out_is_demanded() {
    let fake = Fake::new(Provider::new(contract(SPEC)));
    let sent = exchange(&fake);
    let [spending, device, last] = sent.as_slice() else { panic!("{} requests", sent.len()) };
    assert_eq!(refused_by(&fake, last), Some(Rule::StepValue), "it was sent before");
    let mut other = device.clone();
    let body = String::from_utf8(device.body().clone()).expect("a text");
    *other.body_mut() = body.replace("given-refresh-bearer", "made-up").into_bytes();
    assert_eq!(refused_by(&fake, &other), Some(Rule::StepValue), "nobody gave it out");
    let again = exchange(&fake);
    let mut other = again[2].clone();
    other.headers_mut().insert("authorization", HeaderValue::from_static("Bearer made-up"));
    assert_eq!(refused_by(&fake, &other), Some(Rule::StepValue), "nobody gave it out");
    // The refresh token is spent in the first of them.
    assert_eq!(refused_by(&fake, spending), Some(Rule::RefreshTokenSpent));
}
