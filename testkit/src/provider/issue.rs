//! Signing in, and the tokens that come of it and of refreshes.

use super::lifetime::{self, Lives};
use super::mint::{self, Mark, Shape};
use super::state::{Access, Refresh};
use super::{Provider, Rule};
use crate::held::{End, Held};
use jiff::Timestamp;
use rekindle_contract::contract::Expiry;
use std::collections::BTreeSet;

impl Provider {
    /// A person signs in: a new grant, with its first tokens. Where no token is spent, somebody else with the settings of the client
    /// mints a token, which counts against no limit.
    pub fn sign_in(&mut self) -> Held {
        if self.contract.request.operation.is_local() {
            return self.made_by_client();
        }
        let now = self.clock.now();
        let mints = self.contract.request.operation.mints();
        let grant = if mints { self.minted_grant(now) } else { self.state.begin_grant(now) };
        let lives = Lives::first(&self.contract);
        let access_token = self.issue_access(grant, None, now, lives);
        if mints {
            self.end_old_access(grant);
        }
        let refreshes = self.contract.refresh.is_some();
        let refresh_token = refreshes.then(|| self.issue_refresh(grant, None, now, lives));
        let access = self.state.access.get(&access_token);
        let access_end = access.and_then(|access| access.end);
        let access_expires =
            lifetime::told(&self.contract.access.expires, &access_token, access_end);
        let refresh_expires = refresh_token.as_ref().and_then(|token| {
            let refresh = self.contract.refresh.as_ref()?;
            Some(lifetime::told(&refresh.expires, token, self.refresh_end(token)))
        });
        Held {
            access_token,
            access_expires,
            refresh_token,
            refresh_expires: refresh_expires.unwrap_or(End::Undeclared),
            base_url: None,
        }
    }

    /// What the tokens belong to that the registered client mints: all of them to one grant. Where a mint brings what refreshes spend,
    /// it is a sign-in, and each begins another.
    pub(super) fn minted_grant(&mut self, now: Timestamp) -> usize {
        let signs_in = self.stands_in || self.contract.refresh.is_some();
        if signs_in || self.state.grants.is_empty() { self.state.begin_grant(now) } else { 0 }
    }

    /// Issues an access token for what was traded with this refresh token.
    pub(super) fn issue_access(
        &mut self,
        grant: usize,
        parent: Option<String>,
        now: Timestamp,
        lives: Lives,
    ) -> String {
        let expiry = &self.contract.access.expires;
        let end = lifetime::end(expiry, lives.access.or(lifetime::of_access(&self.contract)), now);
        let number = self.state.grants[grant].accesses + 1;
        let shape = Shape { expiry, end, now, max_length: None, too_long: false };
        let token = mint::token(self.mark("access", grant, number), shape);
        let access = Access { grant, number, end, used: false, parent, ended: BTreeSet::new() };
        self.state.access.insert(token.clone(), access);
        let grant = &mut self.state.grants[grant];
        grant.accesses = number;
        grant.newest_access.clone_from(&token);
        grant.access_tokens.push(token.clone());
        token
    }

    /// Lets an access token live as long from now as a new one would.
    pub(super) fn prolong(&mut self, token: String, now: Timestamp, lives: Lives) -> String {
        let life = lives.access.or(lifetime::of_access(&self.contract));
        let end = lifetime::end(&self.contract.access.expires, life, now);
        let prolongs = self.rules.enforce(Rule::AccessTokenProlonged);
        if let Some(access) = self.state.access.get_mut(&token).filter(|_| prolongs) {
            access.end = end;
        }
        token
    }

    /// Issues a refresh token in place of another.
    pub(super) fn issue_refresh(
        &mut self,
        grant: usize,
        parent: Option<String>,
        now: Timestamp,
        lives: Lives,
    ) -> String {
        let declared = self.contract.refresh.as_ref();
        let expiry = declared.map_or(&Expiry::Undeclared, |refresh| &refresh.expires);
        let begins = lifetime::begins(expiry, self.state.grants[grant].since, now);
        let end = lifetime::end(
            expiry,
            lives.refresh.or(self.contract.assumed_refresh_lifetime()),
            begins,
        );
        let number = self.state.grants[grant].generations + 1;
        let shape = Shape {
            expiry,
            end,
            now,
            max_length: self.max_length(),
            too_long: !self.rules.enforce(Rule::RefreshTokenTooLong),
        };
        let token = mint::token(self.mark("refresh", grant, number), shape);
        let refresh = Refresh {
            grant,
            end,
            stirred: now,
            used: false,
            spent: None,
            parent,
            ended: BTreeSet::new(),
        };
        self.state.refresh.insert(token.clone(), refresh);
        let grant = &mut self.state.grants[grant];
        grant.generations = number;
        grant.newest_refresh = Some(token.clone());
        grant.refresh_tokens.push(token.clone());
        token
    }

    /// The end of a refresh token that answers tell: its own, or that by disuse.
    pub(super) fn refresh_end(&self, token: &str) -> Option<Timestamp> {
        let refresh = self.state.refresh.get(token)?;
        let expiry = &self.contract.refresh.as_ref()?.expires;
        let idle = || lifetime::end(expiry, self.contract.told_disuse(), refresh.stirred);
        refresh.end.or_else(idle)
    }

    fn mark<'a>(&'a self, kind: &'a str, grant: usize, generation: u64) -> Mark<'a> {
        Mark {
            provider: &self.contract.provider.id,
            kind,
            grant: grant + 1,
            generation,
            seed: self.seed,
        }
    }
}
