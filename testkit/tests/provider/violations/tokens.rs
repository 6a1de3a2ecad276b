//! Tokens that are not good.

use super::client::rendered;
use super::{Violation, Wire};
use crate::support;
use rekindle_contract::contract::{Credential, Given};
use rekindle_testkit::Held;
use rekindle_testkit::provider::{Provider, Rule};

pub fn add(provider: &Provider, held: &Held, other: &Held, all: &mut Vec<Violation>) {
    let credential = provider.contract().credential();
    let given = support::given(provider, held);
    let mut add = |rule: Rule, given: Given| {
        // What is made of a token is made of the one that is sent.
        let sent = Held {
            access_token: given.access_token.clone().unwrap_or_default(),
            refresh_token: given.refresh_token.clone(),
            ..held.clone()
        };
        let given = Given { values: support::given(provider, &sent).values, ..given };
        let request = rendered(provider, &given);
        all.push(Wire::of(&request).breaks(rule, rule.doc()));
    };
    if credential.holds_access_token() {
        let access_token = Some("synthetic-unknown".to_owned());
        let unknown = Given { access_token, ..given.clone() };
        add(Rule::AccessTokenUnknown, unknown);
    }
    if credential.holds_refresh_token() {
        let refresh_token = Some("synthetic-unknown".to_owned());
        let unknown = Given { refresh_token, ..given.clone() };
        add(Rule::RefreshTokenUnknown, unknown);
    }
    if credential == Credential::Both {
        let access_token = Some(other.access_token.clone());
        let apart = Given { access_token, ..given };
        add(Rule::TokensApart, apart);
    }
}
