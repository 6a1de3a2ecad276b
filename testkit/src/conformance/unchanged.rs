//! A success that brings no token: the access token that was sent lives on.

use super::bench::Bench;
use super::made::ACCESS_LIFE;
use crate::{answer, nested};
use rekindle_contract::contract::Outcome;
use rekindle_runtime::{Class, Expiry};

/// Whatever the body of a success is, the access token is the one that was sent, and a token in the body is none. Only a page for people
/// is no success: nothing is spent by it (R12, R16, R18).
pub fn access_token_kept(bench: &Bench<'_>) {
    let declared = &bench.contract.access.expires;
    let ends = [bench.expected_end(declared, ACCESS_LIFE), Expiry::Undeclared];
    let deep = nested(100_000);
    let others = [
        "",
        " \r\n",
        "null",
        "7",
        "[]",
        "{}",
        "OK",
        "{\"a\":",
        r#"{"access_token":"another-access-token","data":{"token":"another-access-token"}}"#,
        deep.as_str(),
    ];
    let usual = bench.success_text();
    let more = bench.success().with("/access_token", r#""another-access-token""#).text();
    let bodies = others.into_iter().chain([usual.as_str(), more.as_str()]);
    let is_success = |body: &&str| bench.outcome(bench.status, body.as_bytes()) == Outcome::Success;
    for body in bodies.filter(is_success) {
        let tokens = bench.tokens(body);
        let shown = &body[..body.len().min(80)];
        assert_eq!(tokens.access.expose(), bench.values.access, "{shown}");
        assert!(ends.contains(&tokens.access.expiry()), "{shown}: {:?}", tokens.access.expiry());
        if let Some(refresh) = &tokens.refresh {
            assert_eq!(refresh.expose(), bench.values.refresh, "{shown}");
        }
    }
    let marked = "\u{feff}<!doctype html><p>Sign in</p>";
    for page in ["<html>Sign in to the network</html>", " \n<ok/>", marked] {
        let refused = bench.finish(answer(bench.status).body(page));
        let refused = refused.expect_err("a page is no success");
        assert_eq!(refused.class(), Class::ContractViolation, "{page}");
        assert_eq!(bench.fate(refused), "unspent", "{page}");
    }
}
