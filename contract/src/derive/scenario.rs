//! What a grant goes through, as far as a contract says.

use crate::contract::{
    AccessUse, Attempt, Contract, Credential, CredentialAfter, Ending, ErrorClass, ErrorRule,
    Expiry, Fault, Generation, OldAccessToken, RefreshUse, RefreshWhen, Rotation, Sequence, SignIn,
    Spent, Step, Trouble,
};
use std::time::Duration;

/// The smallest step of time that tells the two sides of an end apart.
pub(super) const SECOND: Duration = Duration::from_secs(1);

/// Longer sequences show nothing that shorter ones do not, and take their time.
pub(super) const MOST_STEPS: u32 = 100;

/// A sequence that follows from a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The sequence.
    pub sequence: Sequence,
    /// The rules of a refresh client that it is about: `R16`.
    pub rules: &'static [&'static str],
}

impl Derived {
    /// The name of its test: `sequence_two_refreshes`, `fault_reset_after`.
    pub fn name(&self) -> String {
        let id = self.sequence.id.replace('-', "_");
        if id.starts_with("fault_") { id } else { format!("sequence_{id}") }
    }

    pub(super) fn new(
        id: impl Into<String>,
        rules: &'static [&'static str],
        doc: impl Into<String>,
        scenario: Scenario<'_>,
    ) -> Self {
        Self {
            sequence: Sequence { id: id.into(), doc: Some(doc.into()), steps: scenario.steps() },
            rules,
        }
    }
}

/// Steps in the making.
#[derive(Debug, Clone)]
pub(super) struct Scenario<'a> {
    contract: &'a Contract,
    steps: Vec<Step>,
}

impl<'a> Scenario<'a> {
    /// Right after signing in.
    pub(super) fn of(contract: &'a Contract) -> Self {
        Self { contract, steps: Vec::new() }
    }

    /// Waits until the provider accepts a refresh, where it does not at once.
    pub(super) fn ready(self) -> Self {
        let life = match self.steps.iter().any(|step| matches!(step, Step::Refresh(_))) {
            true => self.contract.assumed_lifetime(),
            false => self.contract.assumed_first_lifetime(),
        };
        match self.contract.request.when {
            RefreshWhen::NearExpiry(before) => self.wait(life.saturating_sub(before)),
            RefreshWhen::AfterExpiry => self.wait(life),
            RefreshWhen::AnyTime | RefreshWhen::BeforeExpiry | RefreshWhen::Unknown => self,
        }
    }

    pub(super) fn wait(mut self, by: Duration) -> Self {
        if !by.is_zero() {
            self.steps.push(Step::Wait(by));
        }
        self
    }

    pub(super) fn revoke(mut self) -> Self {
        self.steps.push(Step::Revoke);
        self
    }

    pub(super) fn uses(mut self, token: Generation, accepted: bool) -> Self {
        self.steps.push(Step::Use { token, accepted });
        self
    }

    /// A refresh when the provider accepts one.
    pub(super) fn refresh(self, ending: Ending) -> Self {
        self.ready().send(Generation::Current, ending)
    }

    /// A refresh at once.
    pub(super) fn send(self, token: Generation, ending: Ending) -> Self {
        self.attempt(token, None, ending)
    }

    /// A refresh when the provider accepts one, with something in the way.
    pub(super) fn suffer(self, trouble: Trouble, ending: Ending) -> Self {
        self.ready().troubled(trouble, ending)
    }

    /// A refresh at once, with something in the way.
    pub(super) fn troubled(self, trouble: Trouble, ending: Ending) -> Self {
        self.attempt(Generation::Current, Some(trouble), ending)
    }

    fn attempt(mut self, token: Generation, trouble: Option<Trouble>, ending: Ending) -> Self {
        if let Some(limit) = self.contract.limit()
            && self.sent_of_late() >= limit.at_most as usize
        {
            self = self.wait(limit.per);
        }
        let too_soon = self.too_soon_for();
        self.wait(too_soon).attempt_at_once(token, trouble, ending)
    }

    /// How long a refresh would come too soon after the last one that was processed.
    pub(super) fn too_soon_for(&self) -> Duration {
        let apart = self.contract.request.at_most_every.unwrap_or_default();
        let mut waited = Duration::ZERO;
        for step in self.steps.iter().rev() {
            match step {
                Step::Wait(by) => waited = waited.saturating_add(*by),
                Step::Refresh(attempt) if self.is_processed(attempt) => {
                    return apart.saturating_sub(waited);
                }
                Step::Refresh(_) | Step::Use { .. } | Step::Revoke => {}
            }
        }
        Duration::ZERO
    }

    /// Whether the provider has done what a request asked for, whatever came of the answer.
    fn is_processed(&self, attempt: &Attempt) -> bool {
        match attempt.trouble {
            None => attempt.ending == Ending::Tokens,
            Some(Trouble::Fault(fault)) => fault.is_processed(),
            Some(Trouble::Refusal(index)) => {
                let rule = self.contract.errors.get(index);
                rule.is_some_and(|rule| rule.credential == Some(CredentialAfter::Spent))
            }
        }
    }

    /// A refresh whatever the limit of the provider says.
    pub(super) fn attempt_at_once(
        mut self,
        token: Generation,
        trouble: Option<Trouble>,
        ending: Ending,
    ) -> Self {
        self.steps.push(Step::Refresh(Attempt { token, trouble, ending }));
        self
    }

    /// What follows a refresh that the provider has processed and whose answer is lost, when the same is sent once more.
    pub(super) fn once_more(self) -> Self {
        let contract = self.contract;
        match Afterwards::of(contract) {
            Afterwards::Good => self.refresh(Ending::Tokens),
            Afterwards::Replayable => self.send(Generation::Current, Ending::Tokens),
            Afterwards::Dead => self.send(Generation::Current, contract.gone()),
        }
    }

    /// How many refreshes have been sent that count against the provider's limit.
    fn sent_of_late(&self) -> usize {
        let per = self.contract.limit().map(|limit| limit.per);
        let mut waited = Duration::ZERO;
        let mut sent = 0;
        for step in self.steps.iter().rev() {
            match step {
                Step::Wait(by) => waited = waited.saturating_add(*by),
                Step::Refresh(_) if per.is_some_and(|per| waited < per) => sent += 1,
                Step::Refresh(_) | Step::Use { .. } | Step::Revoke => {}
            }
        }
        sent
    }

    /// How long the steps take.
    pub(super) fn takes(&self) -> Duration {
        let waits = self.steps.iter().filter_map(|step| match step {
            Step::Wait(by) => Some(*by),
            Step::Refresh(_) | Step::Use { .. } | Step::Revoke => None,
        });
        waits.fold(Duration::ZERO, Duration::saturating_add)
    }

    pub(super) fn steps(self) -> Vec<Step> {
        self.steps
    }
}

/// What the credential of a refresh is worth once the provider has processed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Afterwards {
    /// As much as before.
    Good,
    /// An answer again, for a while.
    Replayable,
    /// Nothing.
    Dead,
}

impl Afterwards {
    pub(super) fn of(contract: &Contract) -> Self {
        let revoked = contract.access.after_refresh == OldAccessToken::Revoked;
        match (&contract.refresh, contract.credential()) {
            (_, Credential::Nothing) => Self::Good,
            (None, _) | (_, Credential::AccessToken) if revoked => Self::Dead,
            (None, _) | (_, Credential::AccessToken) => Self::Good,
            (Some(refresh), credential) => {
                let stays = contract.refresh_token_stays();
                match (stays, refresh.spent) {
                    (true, _) if credential == Credential::Both && revoked => Self::Dead,
                    (true, _) => Self::Good,
                    (false, Spent::Good { .. }) => Self::Replayable,
                    (false, Spent::Dead | Spent::Unknown) => Self::Dead,
                }
            }
        }
    }
}

impl Contract {
    /// The answer to a credential that is dead, as the first rule that can say so has it.
    pub(super) fn gone(&self) -> Ending {
        self.verdict().map_or_else(
            || self.refused(ErrorClass::Reauthenticate, SignIn::Unspecified),
            |rule| self.refused_by(rule),
        )
    }

    /// Whether its error map can say that the grant is gone.
    pub(super) fn can_say_gone(&self) -> bool {
        self.verdict().is_some()
    }

    /// The first rule that ends a grant, of those that some answer meets; else the first that may end one.
    fn verdict(&self) -> Option<&ErrorRule> {
        let rules = || self.errors.iter().enumerate();
        let is_met = |(index, _): &(usize, &ErrorRule)| self.answer_of(*index).is_some();
        let ends = rules().filter(|(_, rule)| rule.class == ErrorClass::Reauthenticate);
        let may_end = rules().filter(|(_, rule)| rule.perhaps_gone);
        ends.chain(may_end).find(is_met).map(|(_, rule)| rule)
    }

    /// Whether the refresh token itself is as good after a refresh as before.
    pub(super) fn refresh_token_stays(&self) -> bool {
        self.refresh.as_ref().is_some_and(|refresh| match refresh.use_ {
            RefreshUse::Many => true,
            RefreshUse::Once => refresh.rotation == Rotation::KeepsOld,
            RefreshUse::Unknown => {
                refresh.rotation == Rotation::KeepsOld || !self.first_refresh_rotates()
            }
        })
    }

    /// Whether a refresh works after one that has succeeded.
    pub(super) fn lasts(&self) -> bool {
        match &self.refresh {
            None => true,
            Some(refresh) => refresh.use_ != RefreshUse::Once || self.first_refresh_rotates(),
        }
    }

    /// Whether a client is told when the access token dies.
    pub(super) fn tells_access_expiry(&self) -> bool {
        !matches!(self.access.expires, Expiry::Undeclared | Expiry::Never)
    }

    /// Whether a refresh is accepted so long after signing in, as far as the access token matters.
    pub(super) fn accepts_after(&self, waited: Duration) -> bool {
        let life = self.assumed_first_lifetime();
        match self.request.when {
            RefreshWhen::AnyTime | RefreshWhen::Unknown => true,
            RefreshWhen::BeforeExpiry => waited < life || self.access.expires == Expiry::Never,
            RefreshWhen::AfterExpiry => waited >= life,
            RefreshWhen::NearExpiry(before) => waited >= life.saturating_sub(before),
        }
    }

    /// The life of the first refresh token, where it ends by itself, as the provider has it.
    pub(super) fn refresh_lifetime(&self) -> Option<Duration> {
        let refresh = self.refresh.as_ref()?;
        refresh.first_lifetime.or_else(|| self.assumed_refresh_lifetime())
    }

    pub(super) fn access_is_used_once(&self) -> bool {
        self.access.use_ == AccessUse::Once
    }
}

/// What a fault is planned as.
pub(super) fn fault(fault: Fault) -> Trouble {
    Trouble::Fault(fault)
}
