//! What a request trades: which grant and which tokens it names.

use super::behaviour::{carries_access, carries_refresh};
use super::lifetime::Lives;
use super::request::Reading;
use super::rules::Broken;
use super::state::Grant;
use super::{Provider, Rule};
use rekindle_contract::contract::{Chosen, Slot};
use std::time::Duration;

/// What a request trades. Every token in it was issued here.
pub(super) struct Traded {
    pub(super) grant: usize,
    pub(super) refresh: Option<String>,
    pub(super) access: Option<String>,
    /// Whether the grant was made up for a request with unknown tokens, as nobody looks. No time is too early for that.
    pub(super) made_up: bool,
    /// How long the request wants tokens to live.
    pub(super) lives: Lives,
}

impl Provider {
    /// Demands that the client is the registered one.
    pub(super) fn check_client(&self, reading: &Reading) -> Result<(), Broken> {
        for (slot, text) in &reading.bound {
            let Slot::Client(name) = slot else { continue };
            if self.contract.chosen_lifetimes().any(|chosen| chosen.parameter == *name) {
                // Each request may choose anew.
                continue;
            }
            let right = self.client.get(name) == Some(text);
            self.rules.demand(Rule::ClientUnknown, right, || {
                format!("`{name}` is not what was registered")
            })?;
        }
        Ok(())
    }

    /// How long the tokens shall live that a request asks for, where it says so.
    fn chosen_lives(&self, reading: &Reading) -> Result<Lives, Broken> {
        let refresh = self.contract.refresh.as_ref();
        Ok(Lives {
            access: self.chosen(self.contract.access.expires.chosen(), reading)?,
            refresh: self.chosen(refresh.and_then(|refresh| refresh.expires.chosen()), reading)?,
        })
    }

    fn chosen(
        &self,
        chosen: Option<&Chosen>,
        reading: &Reading,
    ) -> Result<Option<Duration>, Broken> {
        let Some(chosen) = chosen else {
            return Ok(None);
        };
        let texts = reading.all(&Slot::Client(chosen.parameter.clone()));
        let Some(text) = texts.first() else {
            return Ok(None);
        };
        let lifetime = text.parse().ok().map(Duration::from_secs);
        let lifetime = lifetime.filter(|lifetime| chosen.takes(*lifetime) && !lifetime.is_zero());
        self.rules.demand(Rule::LifetimeChosen, lifetime.is_some(), || {
            format!("`{}` is no lifetime in seconds that is granted here", chosen.parameter)
        })?;
        Ok(lifetime.filter(|_| self.rules.enforce(Rule::LifetimeChosen)))
    }

    /// Finds what is traded.
    pub(super) fn find(&mut self, reading: &Reading) -> Result<Traded, Broken> {
        let lives = self.chosen_lives(reading)?;
        if self.contract.request.operation.mints() {
            let grant = self.client_grant(self.clock.now());
            return Ok(Traded { grant, refresh: None, access: None, made_up: false, lives });
        }
        let refresh = self.find_refresh(reading)?;
        let access = self.find_access(reading)?;
        let grant = |token: &Option<String>| token.as_ref().and_then(|t| self.state.grant_of(t));
        let (of_refresh, of_access) = (grant(&refresh), grant(&access));
        if let (Some(refresh), Some(access)) = (of_refresh, of_access) {
            self.rules.demand(Rule::TokensApart, refresh == access, || {
                "the access token and the refresh token belong to different grants".to_owned()
            })?;
        }
        if let Some(grant) = of_refresh.or(of_access) {
            return Ok(Traded { grant, refresh, access, made_up: false, lives });
        }
        let held = self.sign_in();
        let refresh = held.refresh_token;
        let access = Some(held.access_token);
        Ok(Traded {
            grant: self.state.grants.len() - 1,
            refresh: refresh.filter(|_| carries_refresh(&self.contract)),
            access: access.filter(|_| carries_access(&self.contract)),
            made_up: true,
            lives,
        })
    }

    fn find_refresh(&self, reading: &Reading) -> Result<Option<String>, Broken> {
        if !carries_refresh(&self.contract) {
            return Ok(None);
        }
        let last = |grant: &Grant| grant.newest_refresh.clone();
        let Some(token) =
            self.one(reading, &Slot::RefreshToken, Rule::RefreshTokenUnknown, last)?
        else {
            return Ok(None);
        };
        let known = self.state.refresh.contains_key(&token);
        if let Some(max) = self.max_length() {
            // Where no token is short enough to be told from the others, the provider's own are longer.
            let fits = token.len() <= max || known;
            self.rules.demand(Rule::RefreshTokenTooLong, fits, || {
                let length = token.len();
                format!("the refresh token has {length} bytes; {max} are allowed")
            })?;
        }
        self.rules.demand(Rule::RefreshTokenUnknown, known, || {
            "the refresh token was never issued here".to_owned()
        })?;
        Ok(Some(token).filter(|_| known))
    }

    fn find_access(&self, reading: &Reading) -> Result<Option<String>, Broken> {
        if !carries_access(&self.contract) {
            return Ok(None);
        }
        let last = |grant: &Grant| Some(grant.newest_access.clone());
        let Some(token) = self.one(reading, &Slot::AccessToken, Rule::AccessTokenUnknown, last)?
        else {
            return Ok(None);
        };
        let known = self.state.access.contains_key(&token);
        self.rules.demand(Rule::AccessTokenUnknown, known, || {
            "the access token was never issued here".to_owned()
        })?;
        Ok(Some(token).filter(|_| known))
    }

    /// The one token that a request names. Where it names none since a rule is not enforced, the newest of the grant that it
    /// names otherwise, or of the last one.
    fn one(
        &self,
        reading: &Reading,
        slot: &Slot,
        unknown: Rule,
        last: impl FnOnce(&Grant) -> Option<String>,
    ) -> Result<Option<String>, Broken> {
        let all = reading.all(slot);
        let Some(first) = all.first() else {
            let grant = reading.bound.iter().find_map(|(_, text)| self.state.grant_of(text));
            let grant = match grant {
                Some(grant) => self.state.grants.get(grant),
                None => self.state.grants.last(),
            };
            let last = grant.and_then(last).filter(|_| reading.let_through);
            self.rules
                .demand(unknown, last.is_some(), || format!("the request has no `{slot}`"))?;
            return Ok(last);
        };
        let same = all.iter().all(|token| token == first);
        self.rules.demand(unknown, same, || {
            format!("the request has two different texts for `{slot}`")
        })?;
        Ok(Some((*first).to_owned()))
    }

    /// The greatest length of a refresh token.
    pub(super) fn max_length(&self) -> Option<usize> {
        let max = self.contract.refresh.as_ref()?.max_length?;
        usize::try_from(max).ok()
    }
}
