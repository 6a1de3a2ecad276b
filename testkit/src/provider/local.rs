//! Access tokens that clients make themselves: there is no endpoint for them, and each is judged where it is shown.

use super::rules::Broken;
use super::{Provider, Rule, TokenState};
use crate::generated::{Fault, judge_token, make_token};
use crate::held::{End, Held};
use rekindle_contract::contract::AccessUse;

impl Provider {
    /// A token that the registered client makes now.
    pub(super) fn made_by_client(&self) -> Held {
        let made = make_token(&self.contract, &self.client, self.clock.now());
        let (access_token, ends) = made.unwrap_or_default();
        Held {
            access_token,
            access_expires: End::At(ends),
            refresh_token: None,
            refresh_expires: End::Undeclared,
            base_url: None,
        }
    }

    /// Demands that a token is signed, says what it should, and has not ended.
    pub(super) fn check_signed(&mut self, token: &str) -> Result<(), Broken> {
        if let Err(fault) = judge_token(&self.contract, &self.client, true, token, self.clock.now())
        {
            let (rule, why) = match fault {
                Fault::Signature(why) => (Rule::SignatureWrong, why),
                Fault::Wrong(why) | Fault::Claims(why) => (Rule::ClaimsWrong, why),
                Fault::Stale(why) => (Rule::AccessTokenExpired, why),
            };
            self.rules.demand(rule, false, || format!("the access token: {why}"))?;
        }
        if self.contract.access.use_ == AccessUse::Once {
            let is_new = self.state.made.insert(token.to_owned());
            self.rules.demand(Rule::AccessTokenSpent, is_new, || {
                "the access token may be used once, and was used before".to_owned()
            })?;
        }
        Ok(())
    }

    /// What a signed token is worth now.
    pub(super) fn worth_of_signed(&self, token: &str) -> TokenState {
        let mut copy = self.clone();
        match copy.check_signed(token).map_err(|broken| broken.rule) {
            Ok(()) => TokenState::Live,
            Err(Rule::AccessTokenExpired) => TokenState::Expired,
            Err(Rule::AccessTokenSpent) => TokenState::Spent,
            Err(_) => TokenState::Unknown,
        }
    }
}
