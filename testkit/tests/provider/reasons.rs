//! Reasons say what happened.

use crate::support::{acme, both, refreshed, request, signed_in, wait};
use http::Request;
use rekindle_contract::contract::{AccessUse, SentAs};
use rekindle_testkit::provider::{Provider, Rule, Verdict};

/// Why a request is refused.
#[track_caller]
fn reason(provider: &mut Provider, request: &Request<Vec<u8>>) -> (Rule, String) {
    match provider.handle(request).verdict {
        Verdict::Refused { rule, why } => (rule, why),
        other => panic!("{other:?}"),
    }
}

/// Why the protected page is refused to this header.
#[track_caller]
fn unprotected(provider: &mut Provider, name: &str, value: &str) -> (Rule, String) {
    let page = format!("{}/-/protected", provider.base_url());
    let request = Request::get(page).header(name, value).body(Vec::new());
    reason(provider, &request.expect("a request"))
}

#[test]
fn a_dead_access_token_is_said_to_have_died() {
    let expires = "expires: { constant: 1h }, after_refresh: revoked";
    let mut contract = acme("any_time", expires, "use: many, rotation: echo");
    contract.access.use_ = AccessUse::Once;
    let (mut provider, held) = signed_in(contract);
    let why = |provider: &mut Provider, token: &str| {
        unprotected(provider, "authorization", &format!("Bearer {token}")).1
    };
    assert_eq!(why(&mut provider, "nobody's"), "the access token was never issued here");
    let dead = |death: &str| format!("the access token is dead: {death}");
    let new = refreshed(&mut provider, &held);
    assert_eq!(why(&mut provider, &held.access_token), dead("a refresh brought a newer one"));
    assert_eq!(provider.use_access_token(&new.access_token), Ok(()));
    assert_eq!(
        why(&mut provider, &new.access_token),
        dead("it may be used once, and was used before")
    );
    wait(&provider, 3600);
    assert_eq!(why(&mut provider, &new.access_token), dead("its life is over"));
    provider.revoke_all();
    assert_eq!(why(&mut provider, &new.access_token), dead("its grant was revoked"));
}

#[test]
fn a_token_in_another_place_is_said_to_be_there() {
    let expires = "expires: { constant: 1h }";
    let mut contract = acme("any_time", expires, "use: many, rotation: echo");
    let so = "the token is not sent as the contract says: ";
    let cases = [
        ("x-token", None, "authorization", "is missing"),
        ("x-token", None, "x-token", "holds more than the token"),
        ("authorization", Some("SSWS"), "authorization", "is not `SSWS` and the token"),
    ];
    for (header, scheme, sent, words) in cases {
        contract.access.sent_as =
            Some(SentAs::Header { name: header.to_owned(), scheme: scheme.map(str::to_owned) });
        let (mut provider, held) = signed_in(contract.clone());
        let value = format!("Bearer {}", held.access_token);
        let (_, why) = unprotected(&mut provider, sent, &value);
        assert_eq!(why, format!("{so}the header `{header}` {words}"));
    }
    let cookie = SentAs::Cookie("session".to_owned());
    let query = SentAs::Query("access_token".to_owned());
    let cases = [
        (&cookie, "", "", "the cookie `session` is missing"),
        (&cookie, "", "sessions=t", "the cookie `session` is missing"),
        (&cookie, "", "session=t; session=t", "the cookie `session` is there twice"),
        (&query, "", "session=t", "the parameter `access_token` of the query is missing"),
        (
            &query,
            "?access_token=t&access_token=t",
            "",
            "the parameter `access_token` of the query is there twice",
        ),
    ];
    for (sent_as, query, cookies, words) in cases {
        contract.access.sent_as = Some(sent_as.clone());
        let (mut provider, held) = signed_in(contract.clone());
        let page = format!("{}/-/protected{query}", provider.base_url());
        let request = Request::get(page).header("cookie", cookies).body(Vec::new());
        let (_, why) = reason(&mut provider, &request.expect("a request"));
        assert_eq!(why, format!("{so}{words}"));
        let token = &held.access_token;
        let page = sent_as.url(&format!("{}/-/protected", provider.base_url()), token);
        let cookies = format!("other=1; session={token}");
        let request = Request::get(page).header("cookie", cookies).body(Vec::new());
        let answered = provider.handle(&request.expect("a request"));
        assert_eq!(answered.verdict, Verdict::Accepted);
    }
}

#[test]
fn a_refresh_with_a_dead_access_token_is_told_what_ended_it() {
    let expires = "expires: { constant: 1h }, after_refresh: revoked";
    let contract = both("any_time", expires, "use: many, rotation: echo");
    let (mut provider, held) = signed_in(contract);
    refreshed(&mut provider, &held);
    let old = request(&provider, &held);
    let (rule, why) = reason(&mut provider, &old);
    assert_eq!(rule, Rule::AccessTokenUnknown);
    assert_eq!(why, "the access token that is sent along is dead: a refresh brought a newer one");
}
