//! What brings tokens where a refresh cannot: a request that spends none, for an operation that does.

use super::{Facts, Rule};
use super::{authentication, body, credential, mint, parameters, signing, url};
use crate::contract::ASSERTION;
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{FALLBACK_BRINGS_NOTHING, WRONG_FALLBACK};
use crate::path::{Path, Step};
use crate::resolve::{as_refresh, moved};
use crate::spec::Spec;

/// The rules about a request, which hold of this one as well.
const RULES: [Rule; 6] = [
    credential::check,
    parameters::check,
    authentication::check,
    signing::check,
    url::check,
    body::check,
];

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let Facts { contract, spec, checks } = facts;
    let (Some(minting), Some(refresh)) = (contract.minting(), as_refresh(&spec.refresh)) else {
        return;
    };
    let path = Path::of("refresh.else");
    let (operation, own) = (contract.request.operation, minting.request.operation);
    if operation.mints() {
        let message = format!("`operation: {}` spends no token that could die", operation.name());
        let hint = "leave it out: the request itself brings tokens at any time";
        found.push(Finding::key(WRONG_FALLBACK, path, message).hint(hint));
        return;
    }
    if !own.mints() || own.is_local() {
        let message = match own.is_local() {
            true => "a token that the client makes itself needs no refresh".to_owned(),
            false => format!("`{}` spends a token, and here there is none", own.name()),
        };
        let hint = "write `sign_in`, `client_credentials` or `assertion`";
        found.push(Finding::value(WRONG_FALLBACK, path.key("operation"), message).hint(hint));
        return;
    }
    let response = &contract.response;
    let spends_one = contract.credential().holds_refresh_token();
    if spends_one && response.refresh_token.is_none() && !response.access_token.is_unchanged() {
        let message = "its answer holds no refresh token, and the next refresh spends one";
        let hint =
            "write `refresh_token` under `response`; or make it the operation, without a refresh";
        found.push(Finding::key(FALLBACK_BRINGS_NOTHING, path.clone(), message).hint(hint));
    }
    mint::no_misconfiguration(facts, found);
    mint::proves_nothing(&minting, path, found);
    let line_is_shared = spec.refresh.else_.as_ref().is_some_and(|it| it.request.is_none());
    let spec = Spec { refresh, ..spec.clone() };
    let facts = Facts { contract: &minting, spec: &spec, checks };
    let mut about = Vec::new();
    mint::sends_no_token(facts, "leave it out: it has died by then", &mut about);
    RULES.iter().for_each(|rule| rule(facts, &mut about));
    // What is wrong with other blocks, and with a line that both have, is told there.
    let line = Path::of("refresh.request");
    let has_assertion = contract.request.values.iter().any(|(name, _)| name == ASSERTION);
    about.retain(|finding| {
        let is_own = match finding.path.0.first() {
            Some(Step::Key(key)) if key == "assertion" => !has_assertion,
            Some(Step::Key(key)) => key == "refresh",
            _ => false,
        };
        is_own && !(line_is_shared && finding.path == line)
    });
    signing::with_keys_of(&contract.request, facts, &mut about);
    found.extend(about.into_iter().map(moved));
}
