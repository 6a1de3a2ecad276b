//! What access tokens open, and what a refresh does to the old one.

use crate::support::{acme, attempt, both, contracts, refreshed, renewing, signed_in, without};
use http::Request;
use rekindle_contract::contract::{AccessRefusal, Contract};
use rekindle_testkit::provider::{Answered, Provider, Rule, TokenState, Verdict};

fn after_refresh(after: &str) -> Contract {
    let access = format!("expires: {{ constant: 1h }}, after_refresh: {after}");
    acme("any_time", &access, "use: once, rotation: always")
}

#[test]
fn the_old_access_token_may_stay() {
    for after in ["valid", "unknown"] {
        let (mut provider, held) = signed_in(after_refresh(after));
        assert!(!Rule::OldAccessTokenRevoked.applies(provider.contract()));
        let new = refreshed(&mut provider, &held);
        for token in [&new.access_token, &held.access_token] {
            assert_eq!(provider.use_access_token(token), Ok(()), "{after}");
        }
    }
}

#[test]
fn a_refresh_may_revoke_it() {
    let (mut provider, held) = signed_in(after_refresh("revoked"));
    let new = refreshed(&mut provider, &held);
    let revoked = Err(Rule::OldAccessTokenRevoked);
    assert_eq!(provider.use_access_token(&held.access_token), revoked);
    assert_eq!(provider.access_token(&held.access_token), TokenState::Revoked);
    assert_eq!(provider.use_access_token(&new.access_token), Ok(()));
    let mut lax = without(&provider, Rule::OldAccessTokenRevoked);
    assert_eq!(lax.use_access_token(&held.access_token), Ok(()));
}

#[test]
fn the_first_use_of_the_new_one_may_revoke_it() {
    let (mut provider, held) = signed_in(after_refresh("revoked_on_first_use"));
    let new = refreshed(&mut provider, &held);
    assert_eq!(provider.use_access_token(&held.access_token), Ok(()));
    assert_eq!(provider.use_access_token(&new.access_token), Ok(()));
    let revoked = Err(Rule::OldAccessTokenRevoked);
    assert_eq!(provider.use_access_token(&held.access_token), revoked);
    assert_eq!(provider.use_access_token(&new.access_token), Ok(()));
    let mut lax = without(&provider, Rule::OldAccessTokenRevoked);
    assert_eq!(lax.use_access_token(&held.access_token), Ok(()));
}

#[test]
fn nobody_sees_that_an_expired_one_is_revoked() {
    let access = "expires: { constant: 1h }, after_refresh: revoked";
    let refresh = "use: many, rotation: echo";
    let applies = |contract: Contract| Rule::OldAccessTokenRevoked.applies(&contract);
    assert!(!applies(acme("after_expiry", access, refresh)));
    assert!(applies(both("after_expiry", access, refresh)));
    assert!(applies(renewing("after_expiry", access)));
    assert!(applies(acme("{ near_expiry: 5m }", access, refresh)));
}

#[test]
fn a_revoked_access_token_is_good_for_no_refresh() {
    let access = "expires: { constant: 1h }, after_refresh: revoked";
    let both = both("any_time", access, "use: many, rotation: echo");
    for contract in [both, renewing("any_time", access)] {
        let (mut provider, held) = signed_in(contract);
        let new = refreshed(&mut provider, &held);
        assert_eq!(attempt(&mut provider.clone(), &new), None);
        let lax = without(&provider, Rule::AccessTokenUnknown);
        assert_eq!(attempt(&mut lax.clone(), &held), None);
        assert_eq!(attempt(&mut provider, &held), Some(Rule::AccessTokenUnknown));
    }
}

#[test]
fn the_first_use_may_spend_it() {
    let access = "use: once, expires: { constant: 1h }";
    let (mut provider, held) = signed_in(acme("any_time", access, "use: many, rotation: echo"));
    assert_eq!(provider.use_access_token(&held.access_token), Ok(()));
    assert_eq!(provider.access_token(&held.access_token), TokenState::Spent);
    let mut lax = without(&provider, Rule::AccessTokenSpent);
    assert_eq!(lax.use_access_token(&held.access_token), Ok(()));
    let spent = Err(Rule::AccessTokenSpent);
    assert_eq!(provider.use_access_token(&held.access_token), spent);
    assert_eq!(attempt(&mut provider, &held), None);
}

#[test]
fn a_spent_access_token_is_renewed() {
    let access = "use: once, expires: { constant: 1h }";
    let (mut provider, held) = signed_in(renewing("any_time", access));
    provider.use_access_token(&held.access_token).unwrap();
    assert_eq!(attempt(&mut provider, &held), None);
}

fn show(provider: &mut Provider, method: &str, page: &str, headers: &[(&str, &str)]) -> Answered {
    let mut request =
        Request::builder().method(method).uri(format!("{}/-/{page}", provider.base_url()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    provider.handle(&request.body(Vec::new()).unwrap())
}

#[test]
fn a_protected_page_is_there_for_every_contract() {
    for contract in contracts() {
        let id = contract.provider.id.clone();
        let sent = contract.access.carrier();
        let refused_with = contract.access.refused_with[0].clone();
        let (mut provider, held) = signed_in(contract);
        let mut show_token = |token: &str| {
            let (page, header) = (sent.url("protected", token), sent.header(token));
            let headers: Vec<_> =
                header.iter().map(|(name, value)| (*name, value.as_str())).collect();
            show(&mut provider, "GET", &page, &headers)
        };
        let answered = show_token(&held.access_token);
        assert_eq!(answered.verdict, Verdict::Accepted, "{id}");
        assert_eq!(answered.response.status(), 200, "{id}");
        assert_eq!(answered.response.body(), br#"{"ok":true}"#, "{id}");
        let answered = show_token("synthetic-unknown");
        let (status, body) = (answered.response.status().as_u16(), answered.response.body());
        let media_type = answered.response.headers()["content-type"].to_str().ok();
        let access = &provider.contract().access;
        assert!(access.is_refused_by(status, media_type, body), "{id}");
        assert!(!access.is_refused_by(200, media_type, br#"{"ok":true}"#), "{id}");
        let challenge = answered.response.headers().get("www-authenticate");
        let challenge = challenge.and_then(|challenge| challenge.to_str().ok());
        let bearer = Some("Bearer error=\"invalid_token\"");
        assert_eq!(challenge, bearer.filter(|_| status >= 400), "{id}");
        let body: serde_json::Value = serde_json::from_slice(body).unwrap();
        assert_eq!(body["refused"], "access-token-unknown", "{id}");
        match refused_with {
            AccessRefusal::Status(refusing) => assert_eq!(status, refusing, "{id}"),
            AccessRefusal::Field(refusal) => assert!(refusal.field.matches(Some(&body)), "{id}"),
        }
        assert_eq!(show(&mut provider, "GET", "protected", &[]).response.status(), 401);
        assert_eq!(show(&mut provider, "POST", "protected", &[]).response.status(), 405);
        assert_eq!(show(&mut provider, "GET", "other", &[]).response.status(), 404);
    }
}
