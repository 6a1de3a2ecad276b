use std::time::Duration;

use http::Response;
use http::header::RETRY_AFTER;

use crate::transport::TransportErrorKind;

use super::*;
use crate::error::SignIn;
use crate::verdict::Verdict;

const START: SystemTime = SystemTime::UNIX_EPOCH;
const WINDOW: Duration = Duration::from_secs(30);

fn pending(replay: Replay) -> Pending<&'static str> {
    Pending::new("Example", "old", START, replay)
}

fn parts(status: u16, retry_after: Option<&str>) -> Parts {
    let mut response = Response::builder().status(status);
    if let Some(text) = retry_after {
        response = response.header(RETRY_AFTER, text);
    }
    response.body(()).unwrap().into_parts().0
}

fn refuse(verdict: Verdict, replay: Replay, parts: &Parts) -> RefreshError<&'static str> {
    match verdict {
        Verdict::Failure(failure) => pending(replay).refused(failure, parts),
        Verdict::Success => panic!("not a failure"),
    }
}

/// The fate as one word, for tables.
fn fate<C>(error: &RefreshError<C>) -> &'static str {
    match &error.fate {
        Fate::Unspent(_) => "unspent",
        Fate::Spent { replacement: None } => "spent",
        Fate::Spent { replacement: Some(_) } => "replaced",
        Fate::InDoubt(_) => "in doubt",
    }
}

/// What the contract says of the credential is what counts, whatever the class implies.
#[test]
fn a_rule_may_say_what_became_of_the_credential() {
    let transient = Verdict::transient("r");
    let limited = Verdict::rate_limited("r");
    let misconfigured = Verdict::client_misconfigured("r");
    let table = [
        (transient.unspent(), ["unspent", "unspent"]),
        (transient.spent(), ["spent", "spent"]),
        (transient.unknown(), ["in doubt", "unspent"]),
        (limited.unknown(), ["in doubt", "unspent"]),
        (misconfigured.spent(), ["spent", "spent"]),
        (misconfigured.or_reauthenticate(SignIn::Otp).unknown(), ["in doubt", "unspent"]),
    ];
    for (verdict, expected) in table {
        let parts = parts(500, None);
        let found =
            [Replay::NEVER, Replay::REUSABLE].map(|replay| fate(&refuse(verdict, replay, &parts)));
        assert_eq!(found, expected, "{verdict:?}");
    }
    assert_eq!(Verdict::SUCCESS.unspent().or_reauthenticate(SignIn::Otp), Verdict::SUCCESS);
}

/// Where nobody can tell whether settings are wrong or the grant is gone, the error says both, and the grant is kept.
#[test]
fn a_refusal_may_mean_either_of_two_things() {
    let verdict = Verdict::client_misconfigured("r").or_reauthenticate(SignIn::Password);
    let error = refuse(verdict, Replay::NEVER, &parts(400, None));
    assert_eq!((fate(&error), error.class()), ("unspent", Class::ClientMisconfigured));
    assert!(!error.class().may_drop_grant());
    assert_eq!(error.error.perhaps_gone(), Some(SignIn::Password));
    assert_eq!(
        error.error.to_string(),
        "Example: the provider refused the exchange (status 400), by the rule `r`; the client's settings are wrong or the grant \
         is gone, and the answer does not say which: check the settings first, then sign in again with a password"
    );
    let plain = refuse(Verdict::client_misconfigured("r"), Replay::NEVER, &parts(400, None));
    assert_eq!(plain.error.perhaps_gone(), None);
}

#[test]
fn each_class_of_refusal_has_its_fate() {
    let otp = SignIn::Otp;
    let table = [
        (Verdict::reauthenticate(otp, "r"), 401, "spent", "spent", Class::Reauthenticate(otp)),
        (Verdict::client_misconfigured("r"), 401, "unspent", "unspent", Class::ClientMisconfigured),
        (Verdict::rate_limited("r"), 429, "unspent", "unspent", Class::RateLimited { after: None }),
        (Verdict::transient("r"), 503, "in doubt", "unspent", Class::Transient),
        (Verdict::contract_violation("r"), 418, "in doubt", "unspent", Class::ContractViolation),
        (Verdict::in_doubt("r"), 500, "in doubt", "unspent", Class::InDoubt),
    ];
    for (verdict, status, single_use, reusable, class) in table {
        let parts = parts(status, None);
        let error = refuse(verdict, Replay::NEVER, &parts);
        assert_eq!((fate(&error), error.class()), (single_use, class));
        assert_eq!(error.error.status().map(|status| status.as_u16()), Some(status));
        assert_eq!((error.error.rule(), error.error.provider()), (Some("r"), Some("Example")));
        assert_eq!(fate(&refuse(verdict, Replay::REUSABLE, &parts)), reusable);
    }
}

#[test]
fn retry_after_reaches_the_class_and_the_error() {
    let error = refuse(Verdict::rate_limited("r"), Replay::NEVER, &parts(429, Some("7")));
    assert_eq!(error.class(), Class::RateLimited { after: Some(Duration::from_secs(7)) });
    let error = refuse(
        Verdict::transient("r"),
        Replay::NEVER,
        &parts(503, Some("Thu, 01 Jan 1970 00:00:09 GMT")),
    );
    assert_eq!(error.error.retry_after(), Some(Duration::from_secs(9)));
    // A body may say it as well: the longer of two counts.
    for (header, body, longer) in
        [(None, Some(3), Some(3)), (Some("7"), Some(3), Some(7)), (Some("2"), Some(3), Some(3))]
    {
        let [body, longer] = [body, longer].map(|it| it.map(Duration::from_secs));
        let verdict = Verdict::rate_limited("r").retry_after(body);
        let error = refuse(verdict, Replay::NEVER, &parts(429, header));
        assert_eq!(error.class(), Class::RateLimited { after: longer });
        assert_eq!(error.error.retry_after(), longer);
    }
}

#[test]
fn the_kind_tells_redirects_and_unknown_statuses_apart() {
    let kind = |verdict, status| *refuse(verdict, Replay::NEVER, &parts(status, None)).error.kind();
    assert_eq!(kind(Verdict::contract_violation("r"), 307), ErrorKind::Redirect);
    assert_eq!(kind(Verdict::contract_violation("r"), 418), ErrorKind::UnexpectedStatus);
    assert_eq!(kind(Verdict::contract_violation("r"), 200), ErrorKind::Refused);
    assert_eq!(kind(Verdict::transient("r"), 503), ErrorKind::Refused);
}

#[test]
fn an_unusable_answer_keeps_the_replacement_that_it_brought() {
    let unusable = |replay, replacement| {
        pending(replay).unusable(Error::missing("access token"), StatusCode::OK, replacement)
    };
    let error = unusable(Replay::NEVER, Some("new"));
    assert_eq!((fate(&error), error.into_credential()), ("replaced", Some("new")));
    let error = unusable(Replay::REUSABLE, Some("new"));
    assert_eq!((fate(&error), error.into_credential()), ("replaced", Some("new")));
    let error = unusable(Replay::REUSABLE, None);
    assert_eq!((fate(&error), error.into_credential()), ("unspent", Some("old")));
    let error = unusable(Replay::NEVER, None);
    assert_eq!((fate(&error), error.into_credential()), ("in doubt", None));
}

#[test]
fn a_window_bounds_the_doubt() {
    let error = pending(Replay::within(WINDOW)).unusable(Error::not_json(), StatusCode::OK, None);
    match error.fate {
        Fate::InDoubt(doubtful) => assert_eq!(doubtful.replay_until(), Some(START + WINDOW)),
        _ => panic!("must be in doubt"),
    }
}

#[test]
fn a_transport_failure_is_in_doubt_only_if_it_may_have_been_sent() {
    let fail = |sent, replay| {
        let error =
            pending(replay).transport(TransportError::bare(TransportErrorKind::Timeout, sent));
        (fate(&error), error.class())
    };
    assert_eq!(fail(Sent::No, Replay::NEVER), ("unspent", Class::Transient));
    assert_eq!(fail(Sent::No, Replay::REUSABLE), ("unspent", Class::Transient));
    assert_eq!(fail(Sent::Maybe, Replay::NEVER), ("in doubt", Class::InDoubt));
    assert_eq!(fail(Sent::Maybe, Replay::within(WINDOW)), ("in doubt", Class::InDoubt));
    assert_eq!(fail(Sent::Maybe, Replay::REUSABLE), ("unspent", Class::Transient));
}

#[test]
fn what_the_set_up_forbids_is_mended_by_no_retry() {
    use TransportErrorKind::{Certificate, Misconfigured, PlainHttp};
    for kind in [Certificate, Misconfigured, PlainHttp] {
        let error = pending(Replay::NEVER).transport(TransportError::bare(kind, Sent::No));
        assert_eq!((fate(&error), error.class()), ("unspent", Class::ClientMisconfigured));
    }
}

#[test]
fn an_exchange_tells_what_it_is_about_and_hides_the_credential() {
    let pending = pending(Replay::within(WINDOW));
    assert_eq!(
        (pending.provider(), pending.started_at(), *pending.credential()),
        ("Example", START, "old")
    );
    let shown = format!("{pending:?}");
    assert!(shown.contains("provider: \"Example\""), "{shown}");
    assert!(shown.contains("window: Some(30s)"), "{shown}");
    assert!(!shown.contains("old"), "{shown}");
}
