//! The requests before the one that spends what is held.

use super::request::request;
use super::{Reference, unsent};
use crate::held::{Held, Lost, Outcome};
use http::{Request, Response};
use jiff::Timestamp;
use rekindle_contract::contract::{ErrorClass, Fate, Outcome as Answered, SignIn, StepRequest};
use rekindle_contract::exchange::render;

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
