//! The requests before the one that spends what is held, and those behind it.

use super::answer::{tokens, unusable};
use super::request::request;
use super::{Reference, unsent};
use crate::held::{Held, Lost, Outcome};
use http::{Request, Response};
use jiff::Timestamp;
use rekindle_contract::contract::{ErrorClass, Fate, Outcome as Answered, SignIn, StepRequest};
use rekindle_contract::exchange::{render, replacement};

impl Reference {
    /// The same after the steps of an exchange, with what they brought: `carry` brings each request to the provider and its answer back.
    ///
    /// # Errors
    /// A step failed. What is held is unspent.
    pub fn prepared(
        &self,
        held: &Held,
        now: Timestamp,
        carry: &mut dyn FnMut(Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Lost>,
    ) -> Result<Self, Outcome> {
        let mut client = self.clone();
        if client.contract.steps.is_empty() {
            return Ok(client);
        }
        client.unsendable(held)?;
        let mut base_url = None;
        for step in &self.contract.steps {
            let own = client.contract.of_step(step);
            let wire = render(&own, &client.given(held, now)).ok();
            let url = wire.as_ref().map(|wire| wire.url.clone()).unwrap_or_default();
            let base_url = base_url.get_or_insert(url);
            let request = wire.and_then(request);
            let request =
                request.ok_or_else(|| unsent(ErrorClass::ClientMisconfigured, Fate::Unspent))?;
            let failed = |class| {
                let unspent = Fate::Unspent;
                Outcome::Failed(self.failure(now, class, SignIn::Unspecified, unspent))
            };
            let answer = carry(request).map_err(|_| failed(ErrorClass::Transient))?;
            match own.classify(answer.status().as_u16(), answer.body()) {
                Answered::Refused(rule) => return Err(failed(rule.class)),
                Answered::Success => {}
            }
            let taken = client.take(step, answer.body(), base_url);
            taken.ok_or_else(|| failed(ErrorClass::ContractViolation))?;
        }
        Ok(client)
    }

    /// What comes of an exchange whose request that spends what is held was answered so: `carry` brings those behind it to the provider.
    /// The client is one that has [taken](Self::prepared) the steps before it.
    pub fn ended(
        &self,
        held: &Held,
        now: Timestamp,
        answered: &Response<Vec<u8>>,
        carry: &mut dyn FnMut(Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Lost>,
    ) -> Outcome {
        let contract = &self.contract;
        let Some(spending) = contract.spending() else { return self.finish(held, now, answered) };
        if contract.classify(answered.status().as_u16(), answered.body()) != Answered::Success {
            return self.finish(held, now, answered);
        }
        let told = contract.document(answered.body()).unwrap_or_default();
        let Ok(new) = replacement(contract, &told) else {
            return unusable(self, held, now, None);
        };
        let failed = |class| {
            let replaced = new.clone().filter(|new| held.refresh_token.as_ref() != Some(new));
            let fate = match replaced {
                Some(_) => Fate::Replaced,
                None => contract.fate_after_sending(),
            };
            let mut failure = self.failure(now, class, SignIn::Unspecified, fate);
            failure.replacement = replaced;
            Outcome::Failed(failure)
        };
        let base_url = render(contract, &self.given(held, now)).map(|wire| wire.url);
        let base_url = base_url.unwrap_or_default();
        let mut client = self.clone();
        let (mut step, mut body) = (&spending, answered.body().clone());
        for next in &contract.request.then {
            if client.take(step, &body, &base_url).is_none() {
                return failed(ErrorClass::ContractViolation);
            }
            let own = client.contract.of_step(next);
            let wire = render(&own, &client.given(held, now)).ok().and_then(request);
            let Some(request) = wire else { return failed(ErrorClass::ContractViolation) };
            let Ok(answer) = carry(request) else { return failed(ErrorClass::Transient) };
            if let Answered::Refused(rule) = own.classify(answer.status().as_u16(), answer.body()) {
                return failed(rule.class);
            }
            if contract.request.then.last().is_some_and(|last| last.id == next.id) {
                let ended = tokens(self, held, now, (Some(&told), &answer), new.as_deref());
                let ended = ended.map(Outcome::Tokens);
                return ended.unwrap_or_else(|| failed(ErrorClass::ContractViolation));
            }
            (step, body) = (next, answer.into_body());
        }
        failed(ErrorClass::ContractViolation)
    }

    /// Takes what the answer to a step holds for later requests; `None` where it lacks something.
    fn take(&mut self, step: &StepRequest, body: &[u8], base_url: &str) -> Option<()> {
        let answer = serde_json::from_slice(body).ok()?;
        for (name, taken) in &step.take {
            let text = taken.read(&answer, base_url)?;
            self.values.insert(step.name_of(name), text);
        }
        Some(())
    }
}
