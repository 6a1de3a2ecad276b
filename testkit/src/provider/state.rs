//! What a provider remembers.

use super::{Rule, TokenState};
use http::Response;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Grants and tokens. It has no `Debug`, which would show them.
#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) grants: Vec<Grant>,
    pub(super) refresh: BTreeMap<String, Refresh>,
    pub(super) access: BTreeMap<String, Access>,
    /// How often a spent refresh token came back.
    pub(super) reuses: usize,
    /// What clients made by chance and sent: no value comes twice.
    pub(super) made: BTreeSet<String>,
    /// What steps gave out that may still be sent, by the names of the step and the value.
    pub(super) taken: Vec<(String, String)>,
    /// What the exchanges bring whose refresh token is spent, at their last request.
    pub(super) later: Vec<Later>,
    /// How many values steps gave out.
    pub(super) steps: u64,
    /// When requests arrived that count against the limit of the client, as far as they still do.
    pub(super) counted: VecDeque<Timestamp>,
    /// The tokens of the newest answer.
    pub(super) newest: Vec<String>,
    /// Tokens of which the client may not know where they are heard.
    pub(super) homeless: BTreeSet<String>,
}

/// What an exchange brings at its last request.
#[derive(Clone)]
pub(super) struct Later {
    /// What was given out to it since its refresh token was spent, by name.
    pub(super) given: Vec<(String, String)>,
    /// The body of the answer to the request that spent it.
    pub(super) told: Vec<u8>,
    /// The last answer.
    pub(super) answer: Response<Vec<u8>>,
}

/// What a person consented to.
#[derive(Clone, Default)]
pub(super) struct Grant {
    /// When they gave it.
    pub(super) since: Timestamp,
    /// How many refreshes were processed.
    pub(super) refreshes: u64,
    /// When the last one was.
    pub(super) refreshed: Option<Timestamp>,
    /// When requests arrived with a token of it that count against its limit, as far as they still do.
    pub(super) counted: VecDeque<Timestamp>,
    /// How many access tokens were issued.
    pub(super) accesses: u64,
    /// How many refresh tokens were issued.
    pub(super) generations: u64,
    /// Its access tokens, in the order of their numbers.
    pub(super) access_tokens: Vec<String>,
    /// Its refresh tokens, the oldest first.
    pub(super) refresh_tokens: Vec<String>,
    /// The access tokens up to this number were ended as old ones.
    pub(super) ended_up_to: u64,
    /// The spent refresh tokens whose answers are kept.
    pub(super) answered: Vec<String>,
    /// The newest access token.
    pub(super) newest_access: String,
    /// The newest refresh token, if there are any.
    pub(super) newest_refresh: Option<String>,
    /// The rules that ended it.
    pub(super) ended: BTreeSet<Rule>,
}

/// A refresh token.
#[derive(Clone)]
pub(super) struct Refresh {
    pub(super) grant: usize,
    pub(super) end: Option<Timestamp>,
    /// When it was issued or last used.
    pub(super) stirred: Timestamp,
    pub(super) used: bool,
    pub(super) spent: Option<Spending>,
    /// The refresh token that it was issued for.
    pub(super) parent: Option<String>,
    /// The rules that ended it.
    pub(super) ended: BTreeSet<Rule>,
}

/// How a refresh token was spent.
#[derive(Clone)]
pub(super) struct Spending {
    pub(super) at: Timestamp,
    /// Kept for as long as it may be asked for again.
    pub(super) answer: Option<Response<Vec<u8>>>,
    /// The access token that came along.
    pub(super) access: Option<String>,
    /// What it has brought, the first pair first: it may have been sent again.
    pub(super) brought: Vec<Pair>,
}

/// The tokens of one answer.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
}

/// An access token.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) grant: usize,
    /// Which of its grant it is, from 1.
    pub(super) number: u64,
    pub(super) end: Option<Timestamp>,
    pub(super) used: bool,
    /// The refresh token that it was issued for.
    pub(super) parent: Option<String>,
    /// The rules that ended it.
    pub(super) ended: BTreeSet<Rule>,
}

impl State {
    /// Another grant, without tokens.
    pub(super) fn begin_grant(&mut self, now: Timestamp) -> usize {
        self.grants.push(Grant { since: now, ..Grant::default() });
        self.grants.len() - 1
    }

    /// Revokes a grant. Where `mints`, its tokens alone: there is nothing else that a person consented to.
    pub(super) fn revoke(&mut self, grant: usize, mints: bool) {
        let Some(grant) = self.grants.get_mut(grant) else {
            return;
        };
        if !mints {
            grant.ended.insert(Rule::GrantRevoked);
            return;
        }
        for token in &grant.access_tokens {
            if let Some(access) = self.access.get_mut(token) {
                access.ended.insert(Rule::GrantRevoked);
            }
        }
    }

    /// The grant that a token of either kind belongs to.
    pub(super) fn grant_of(&self, token: &str) -> Option<usize> {
        let refresh = self.refresh.get(token).map(|refresh| refresh.grant);
        refresh.or_else(|| self.access.get(token).map(|access| access.grant))
    }

    /// Ends the access tokens of a grant that were issued before the one with this number.
    pub(super) fn end_older_access(&mut self, grant: usize, number: u64) {
        let Some(grant) = self.grants.get_mut(grant) else {
            return;
        };
        let older = number.saturating_sub(1);
        let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        // Each is ended once, so that a grant that is refreshed for days is no slower for it.
        let tokens = grant.access_tokens.get(place(grant.ended_up_to)..place(older));
        for token in tokens.unwrap_or_default() {
            if let Some(access) = self.access.get_mut(token) {
                access.ended.insert(Rule::OldAccessTokenRevoked);
            }
        }
        grant.ended_up_to = grant.ended_up_to.max(older);
    }

    /// Ends, by a rule, every token that was issued for `token`, and what was issued for those.
    pub(super) fn end_chain(&mut self, token: &str, rule: Rule) {
        let grant = self.grant_of(token);
        let Some(grant) = grant.and_then(|grant| self.grants.get(grant)) else {
            return;
        };
        let is_child = |of: &Option<String>, parents: &BTreeSet<&str>| {
            of.as_deref().is_some_and(|of| parents.contains(of))
        };
        // What was issued for a token is younger than it.
        let mut parents = BTreeSet::from([token]);
        for text in &grant.refresh_tokens {
            if let Some(refresh) = self.refresh.get_mut(text)
                && is_child(&refresh.parent, &parents)
            {
                refresh.ended.insert(rule);
                parents.insert(text);
            }
        }
        for text in &grant.access_tokens {
            if let Some(access) = self.access.get_mut(text)
                && is_child(&access.parent, &parents)
            {
                access.ended.insert(rule);
            }
        }
    }
}

/// What a token is worth, the worst first.
pub(super) fn worth(revoked: bool, spent: bool, expired: bool) -> TokenState {
    match (revoked, spent, expired) {
        (true, _, _) => TokenState::Revoked,
        (_, true, _) => TokenState::Spent,
        (_, _, true) => TokenState::Expired,
        (false, false, false) => TokenState::Live,
    }
}
