//! A refresh as the reference reading writes it brings tokens as the reference reading reads them.

use crate::support::{contracts, next, request, wait_until_accepted};
use rekindle_contract::contract::Expiry;
use rekindle_testkit::End;
use rekindle_testkit::provider::{Provider, TokenState, Verdict};

#[test]
fn every_contract_is_kept_twice_in_a_row() {
    for contract in contracts() {
        let id = contract.provider.id.clone();
        let mut provider = Provider::new(contract);
        let mut held = provider.sign_in();
        for round in 1..=2 {
            wait_until_accepted(&provider, &held);
            let request = request(&provider, &held);
            let answered = provider.handle(&request);
            assert_eq!(answered.verdict, Verdict::Issued, "{id}, round {round}");
            let new = next(&provider, &held, &answered);
            let is_kept = provider.contract().response.access_token.is_unchanged();
            assert_eq!(new.access_token == held.access_token, is_kept, "{id}");
            assert_eq!(provider.access_token(&new.access_token), TokenState::Live, "{id}");
            assert_eq!(provider.use_access_token(&new.access_token), Ok(()), "{id}");
            let real = provider.access_token_ends(&new.access_token);
            let told = match provider.contract().access.expires {
                Expiry::Never => End::Never,
                Expiry::Undeclared => End::Undeclared,
                _ => real.map_or(End::Undeclared, End::At),
            };
            assert_eq!(new.access_expires, told, "{id}");
            held = new;
        }
    }
}
