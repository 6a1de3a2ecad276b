//! The refresh itself.

use super::answer::{self, Issued};
use super::behaviour::{self, Replaced};
use super::credential::Traded;
use super::rules::Broken;
use super::state::{Pair, Spending};
use super::{Answered, Provider, Rule, Verdict, lifetime, protect};
use http::Response;
use jiff::Timestamp;
use rekindle_contract::contract::{
    Contract, MintLimit, OldAccessToken, Operation, RefreshWhen, ReplayAnswer, Reuse, Spent,
    Successor,
};
use std::collections::VecDeque;

/// What becomes of the refresh token in a refresh.
struct Change {
    /// A new one is issued.
    new: bool,
    /// The old one is spent.
    spent: bool,
    /// The old one is in the answer.
    echoed: bool,
}

impl Provider {
    /// Trades what a request holds for new tokens.
    pub(super) fn refresh(&mut self, traded: &Traded) -> Result<Answered, Broken> {
        let now = self.clock.now();
        self.check_refreshes(traded.grant, now)?;
        self.check_revoked(traded)?;
        if let Some(answered) = self.replay(traded, now)? {
            return Ok(answered);
        }
        self.check_lives(traded, now)?;
        if !traded.made_up {
            self.check_when(traded, now)?;
        }
        self.check_apart(traded.grant, now)?;
        Ok(Answered { response: self.issue(traded, now), verdict: Verdict::Issued })
    }

    /// Demands that nothing that is traded was revoked.
    fn check_revoked(&self, traded: &Traded) -> Result<(), Broken> {
        if let Some(rule) = self.access_revoked(traded) {
            self.rules.demand(Rule::AccessTokenUnknown, false, || {
                format!("the access token that is sent along is dead: {}", protect::death(rule))
            })?;
        }
        let grant = self.state.grants.get(traded.grant);
        if let Some(rule) = self.rules.first(grant.into_iter().flat_map(|grant| &grant.ended)) {
            let why = match rule {
                Rule::ReuseRevokes => "the grant died when a spent refresh token came back",
                _ => "the grant was revoked",
            };
            return Err(Broken::new(rule, why));
        }
        let refresh = traded.refresh.as_ref();
        let refresh = refresh.and_then(|token| self.state.refresh.get(token));
        if let Some(rule) = self.rules.first(refresh.into_iter().flat_map(|token| &token.ended)) {
            let why = "the refresh token died with the chain in which one was used twice";
            return Err(Broken::new(rule, why));
        }
        Ok(())
    }

    /// The rule by which the access token was revoked. The same request as before is none the worse for what it brought about.
    fn access_revoked(&self, traded: &Traded) -> Option<Rule> {
        let token = traded.access.as_ref()?;
        let refresh = traded.refresh.as_ref();
        let spending = refresh.and_then(|token| self.state.refresh.get(token)?.spent.as_ref());
        if spending.is_some_and(|spending| spending.access.as_ref() == Some(token)) {
            return None;
        }
        self.rules.first(&self.state.access.get(token)?.ended)
    }

    /// What a refresh token that was spent is still good for: `None` where the request goes on as if it were not.
    fn replay(&mut self, traded: &Traded, now: Timestamp) -> Result<Option<Answered>, Broken> {
        let Some(token) = &traded.refresh else {
            return Ok(None);
        };
        let refresh = self.state.refresh.get(token);
        let Some(spending) = refresh.and_then(|refresh| refresh.spent.as_ref()) else {
            return Ok(None);
        };
        let open = self.is_open(spending, now);
        if let Some(answer) = spending.answer.as_ref().filter(|_| open) {
            let answer = answer.clone();
            self.check_apart(traded.grant, now)?;
            return Ok(Some(self.answer_again(answer, traded, token.clone(), now)));
        }
        self.state.reuses += 1;
        let token = token.clone();
        if self.rules.enforce(Rule::RefreshTokenSpent) {
            self.punish(traded.grant, &token);
        }
        self.rules.demand(Rule::RefreshTokenSpent, false, || {
            "the refresh token was used before".to_owned()
        })?;
        Ok(None)
    }

    /// The answer to a refresh token that was spent and may be sent again.
    fn answer_again(
        &mut self,
        earlier: Response<Vec<u8>>,
        traded: &Traded,
        token: String,
        now: Timestamp,
    ) -> Answered {
        let refresh = self.contract.refresh.as_ref();
        let brings = match refresh.map(|refresh| refresh.spent) {
            Some(Spent::Good { answer, .. }) => answer,
            _ => ReplayAnswer::Unknown,
        };
        let same = match brings {
            ReplayAnswer::Same => self.rules.enforce(Rule::ReplayIdentical),
            ReplayAnswer::Another | ReplayAnswer::Supersedes => {
                !self.rules.enforce(Rule::ReplayAnother)
            }
            ReplayAnswer::Unknown => true,
        };
        if same {
            self.state.grants[traded.grant].refreshed = Some(now);
            self.give_out_again(&earlier);
            return Answered { response: earlier, verdict: Verdict::Replayed };
        }
        if brings == ReplayAnswer::Supersedes && self.rules.enforce(Rule::ReplaySupersedes) {
            self.state.end_chain(&token, Rule::ReplaySupersedes);
        }
        Answered { response: self.issue(traded, now), verdict: Verdict::Issued }
    }

    /// Whether a spent refresh token may be sent again.
    fn is_open(&self, spending: &Spending, now: Timestamp) -> bool {
        let Some(refresh) = &self.contract.refresh else {
            return false;
        };
        let ends = self.rules.enforce(Rule::ReplayEnds);
        let Some(until) = refresh.spent.until() else {
            return false;
        };
        let in_time = until
            .window()
            .is_none_or(|window| spending.at.checked_add(window).is_ok_and(|end| now < end));
        let unused =
            until.successor().is_none_or(|successor| !self.is_used(successor, &spending.brought));
        let recent = match refresh.spent.generations() {
            Some(most) if self.rules.enforce(Rule::ReplayGenerations) => {
                self.is_of_the_last(most, spending)
            }
            _ => true,
        };
        (!ends || (in_time && unused)) && recent
    }

    /// Whether a spent refresh token is one of the last so many: fewer than so many in a row were spent since, each in place of the one
    /// before it.
    fn is_of_the_last(&self, most: u32, spending: &Spending) -> bool {
        let mut later = vec![spending];
        for _ in 0..most {
            let brought = later.iter().flat_map(|spending| &spending.brought);
            let brought = brought.filter_map(|pair| pair.refresh.as_ref());
            let tokens = brought.filter_map(|token| self.state.refresh.get(token));
            later = tokens.filter_map(|token| token.spent.as_ref()).collect();
        }
        later.is_empty()
    }

    /// Whether one of the pairs that a refresh token has brought was used.
    fn is_used(&self, successor: Successor, brought: &[Pair]) -> bool {
        let access =
            |pair: &Pair| self.state.access.get(&pair.access).is_some_and(|access| access.used);
        let refresh = |pair: &Pair| {
            let token = pair.refresh.as_ref().and_then(|token| self.state.refresh.get(token));
            token.is_some_and(|refresh| refresh.used)
        };
        brought.iter().any(|pair| match successor {
            Successor::AccessTokenUsed => access(pair),
            Successor::RefreshTokenUsed => refresh(pair),
            Successor::EitherUsed => access(pair) || refresh(pair),
        })
    }

    /// Does what the contract says where a spent refresh token comes back.
    fn punish(&mut self, grant: usize, token: &str) {
        let reuse = self.contract.refresh.as_ref().map(|refresh| refresh.reuse);
        match reuse {
            Some(Reuse::ChainRevoked) => self.state.end_chain(token, Rule::ReuseRevokes),
            Some(Reuse::GrantRevoked) => {
                if let Some(grant) = self.state.grants.get_mut(grant) {
                    grant.ended.insert(Rule::ReuseRevokes);
                }
            }
            Some(Reuse::Refused | Reuse::Unknown) | None => {}
        }
    }

    /// Demands that what is traded still lives.
    fn check_lives(&self, traded: &Traded, now: Timestamp) -> Result<(), Broken> {
        let token = traded.refresh.as_ref();
        if let Some(token) = token.and_then(|token| self.state.refresh.get(token)) {
            let lives = token.end.is_none_or(|end| now < end);
            self.rules.demand(Rule::RefreshTokenExpired, lives, || {
                format!("the refresh token's life was over{}", ago(token.end, now))
            })?;
            let end = lifetime::disuse(&self.contract, token.stirred);
            let lives = end.is_none_or(|end| now < end);
            self.rules.demand(Rule::RefreshTokenIdle, lives, || {
                format!("the refresh token was idle for too long{}", ago(end, now))
            })?;
        }
        let request = &self.contract.request;
        let any_time = matches!(request.when, RefreshWhen::AnyTime | RefreshWhen::Unknown);
        if request.operation == Operation::AccessToken && any_time {
            let end = self.access_end(traded);
            let lives = end.is_none_or(|end| now < end);
            self.rules.demand(Rule::AccessTokenExpired, lives, || {
                format!("the access token's life was over{}", ago(end, now))
            })?;
        }
        Ok(())
    }

    /// Demands that the provider accepts a refresh now.
    fn check_when(&self, traded: &Traded, now: Timestamp) -> Result<(), Broken> {
        let Some(end) = self.access_end(traded) else {
            return Ok(());
        };
        let early = |begin: Timestamp| {
            let left = begin.duration_since(now);
            format!("a refresh is accepted from {begin} on, {left:#} from now")
        };
        match self.contract.request.when {
            RefreshWhen::AnyTime | RefreshWhen::Unknown => {}
            RefreshWhen::NearExpiry(margin) => {
                let begin = end.checked_sub(margin).unwrap_or(Timestamp::MIN);
                self.rules.demand(Rule::TooEarly, now >= begin, || early(begin))?;
            }
            RefreshWhen::AfterExpiry => {
                self.rules.demand(Rule::TooEarly, now >= end, || early(end))?;
            }
            RefreshWhen::BeforeExpiry => {
                self.rules.demand(Rule::TooLate, now < end, || {
                    format!("the access token expired{}", ago(Some(end), now))
                })?;
            }
        }
        Ok(())
    }

    /// Demands that the last refresh of the grant is long enough ago.
    fn check_apart(&self, grant: usize, now: Timestamp) -> Result<(), Broken> {
        let (Some(apart), Some(last)) =
            (self.contract.request.at_most_every, self.state.grants[grant].refreshed)
        else {
            return Ok(());
        };
        let begin = last.checked_add(apart).unwrap_or(Timestamp::MAX);
        self.rules.demand(Rule::TooSoon, now >= begin, || {
            let left = begin.duration_since(now);
            format!("another refresh is accepted from {begin} on, {left:#} from now")
        })?;
        Ok(())
    }

    /// When the access token dies that counts for a refresh.
    fn access_end(&self, traded: &Traded) -> Option<Timestamp> {
        let newest = || &self.state.grants[traded.grant].newest_access;
        let token = traded.access.as_ref().unwrap_or_else(newest);
        self.state.access.get(token)?.end
    }

    /// Issues new tokens and writes the answer that tells them.
    fn issue(&mut self, traded: &Traded, now: Timestamp) -> Response<Vec<u8>> {
        self.forget_answers(traded.grant, now);
        let grant = &mut self.state.grants[traded.grant];
        grant.refreshes += 1;
        grant.refreshed = Some(now);
        let change = self.change(self.state.grants[traded.grant].refreshes);
        let access = match traded.access.clone() {
            Some(sent) if self.contract.response.access_token.is_unchanged() => {
                self.prolong(sent, now, traded.lives)
            }
            _ => self.issue_access(traded.grant, traded.refresh.clone(), now, traded.lives),
        };
        self.end_old_access(traded.grant);
        let parent = traded.refresh.clone();
        let new = change.new.then(|| self.issue_refresh(traded.grant, parent, now, traded.lives));
        let told = match &new {
            Some(new) => Some(new),
            None => traded.refresh.as_ref().filter(|_| change.echoed),
        };
        let used = traded.refresh.as_ref();
        if let Some(token) = used.and_then(|token| self.state.refresh.get_mut(token)) {
            token.used = true;
            token.stirred = now;
        }
        let held = new.as_ref().or(used);
        let response = self.tell(&access, told, held, now);
        let kept = self.contract.refresh.as_ref();
        let kept = kept.is_some_and(|refresh| refresh.spent.until().is_some());
        self.state.newest = new.iter().cloned().chain([access.clone()]).collect();
        let pair = Pair { access, refresh: new };
        if let Some(token) = used.and_then(|token| self.state.refresh.get_mut(token)) {
            if let Some(spending) = &mut token.spent {
                spending.brought.push(pair);
            } else if change.spent {
                token.spent = Some(Spending {
                    at: now,
                    answer: kept.then(|| response.clone()),
                    access: traded.access.clone(),
                    brought: vec![pair],
                });
                if kept {
                    let grant = &mut self.state.grants[traded.grant];
                    grant.answered.extend(traded.refresh.clone());
                }
            }
        }
        response
    }

    /// Forgets the answers of a grant that nobody can ask for again.
    fn forget_answers(&mut self, grant: usize, now: Timestamp) {
        let answered = std::mem::take(&mut self.state.grants[grant].answered);
        let (open, closed): (Vec<_>, Vec<_>) = answered.into_iter().partition(|token| {
            let refresh = self.state.refresh.get(token);
            let spending = refresh.and_then(|refresh| refresh.spent.as_ref());
            spending.is_some_and(|spending| self.is_open(spending, now))
        });
        self.state.grants[grant].answered = open;
        for token in closed {
            let refresh = self.state.refresh.get_mut(&token);
            if let Some(spending) = refresh.and_then(|refresh| refresh.spent.as_mut()) {
                spending.answer = None;
            }
        }
    }

    /// The answer that tells an access token and perhaps a refresh token, where `held` is the one to hold from now on.
    fn tell(
        &mut self,
        access: &str,
        told: Option<&String>,
        held: Option<&String>,
        now: Timestamp,
    ) -> Response<Vec<u8>> {
        let end = self.state.access.get(access);
        let refresh_end = held.and_then(|token| self.refresh_end(token));
        let issued = Issued {
            access,
            access_end: end.and_then(|access| access.end),
            refresh: told.map(String::as_str),
            refresh_end,
            base_url: self.told(),
            now,
        };
        let Some(spending) = self.contract.spending() else {
            return answer::success(&self.contract, &issued);
        };
        let mut last = Contract { refresh: None, ..self.contract.clone() };
        last.response.refresh_token = None;
        let answer = answer::success(&last, &issued);
        self.tell_first(&spending, &issued, answer)
    }

    /// What becomes of the refresh token in the refresh of a grant that is the `number`th.
    fn change(&mut self, number: u64) -> Change {
        let contract = &self.contract;
        let forced = std::mem::take(&mut self.rotate_next);
        if contract.mint.is_some() {
            return Change { new: contract.refresh.is_some(), spent: false, echoed: false };
        }
        if !behaviour::carries_refresh(contract) {
            return Change { new: false, spent: false, echoed: false };
        }
        let told = behaviour::is_told(contract);
        let replaced = behaviour::replaced(contract);
        let many = behaviour::is_good_for_many(contract);
        let kept = Change {
            new: false,
            spent: behaviour::is_spent_when_kept(contract),
            echoed: replaced == Replaced::Echoed,
        };
        let new =
            Change { new: true, spent: behaviour::is_spent_when_replaced(contract), echoed: false };
        if forced && told {
            return new;
        }
        match (replaced, self.rules.enforce(Rule::Rotation)) {
            (Replaced::Always, true) => new,
            (Replaced::EveryOther, true) if number % 2 == 1 => new,
            (Replaced::EveryOther | Replaced::Echoed | Replaced::Never, true) => kept,
            (Replaced::Always | Replaced::EveryOther, false) => Change { spent: false, ..kept },
            (Replaced::Echoed | Replaced::Never, false) if told => Change { spent: !many, ..new },
            // It is replaced, and nobody is told.
            (Replaced::Echoed | Replaced::Never, false) => Change { spent: true, ..kept },
        }
    }

    /// Does to the access tokens before the newest what the contract says.
    pub(super) fn end_old_access(&mut self, grant: usize) {
        let most_alive = self.contract.access.most_alive;
        let revoked = self.contract.access.after_refresh == OldAccessToken::Revoked;
        let Some(mut stay) = most_alive.or_else(|| revoked.then_some(1)).map(u64::from) else {
            return;
        };
        // A mint is the client's and no grant's.
        let first = if self.contract.mint.is_some() { 0 } else { grant };
        for grant in (first..=grant).rev() {
            let newest = self.state.grants[grant].accesses;
            self.state.end_older_access(grant, (newest + 1).saturating_sub(stay));
            stay = stay.saturating_sub(newest);
        }
    }

    /// Counts a request of the client, whatever becomes of it, and demands that there were not too many.
    pub(super) fn check_limit(&mut self) -> Result<(), Broken> {
        let limit = self.contract.mint.and_then(|mint| mint.limit);
        let arrived =
            limit.map(|limit| arrived_of_late(&mut self.state.counted, limit, self.clock.now()));
        self.check_many(arrived)
    }

    /// The same of the requests that hold a token of this grant.
    fn check_refreshes(&mut self, grant: usize, now: Timestamp) -> Result<(), Broken> {
        let counted = &mut self.state.grants[grant].counted;
        let arrived = self.contract.request.limit.map(|limit| arrived_of_late(counted, limit, now));
        self.check_many(arrived)
    }

    fn check_many(&self, arrived: Option<(usize, u32)>) -> Result<(), Broken> {
        let Some((before, at_most)) = arrived else {
            return Ok(());
        };
        self.rules.demand(Rule::TooMany, before < at_most as usize, || {
            format!("{before} requests arrived of late; {at_most} are allowed")
        })?;
        Ok(())
    }
}

/// Counts one more request that arrives now; how many came before it that still count, and how many may.
fn arrived_of_late(
    counted: &mut VecDeque<Timestamp>,
    limit: MintLimit,
    now: Timestamp,
) -> (usize, u32) {
    let MintLimit { at_most, per } = limit;
    counted.retain(|at| at.checked_add(per).is_ok_and(|over| now < over));
    let before = counted.len();
    counted.push_back(now);
    (before, at_most)
}

/// How long ago that was, in words.
fn ago(end: Option<Timestamp>, now: Timestamp) -> String {
    end.map_or_else(String::new, |end| format!(" at {end}, {:#} ago", now.duration_since(end)))
}
