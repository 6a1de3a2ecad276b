//! The requests besides the one that spends the credential: what was given out in answer to them, and what comes back.

use super::answer::{Issued, dated};
use super::request::{self, Reading};
use super::rules::Broken;
use super::state::Later;
use super::{Answered, Provider, Rule, Verdict, answer};
use http::{Method, Response};
use rekindle_contract::contract::{
    Contract, Part, Request, SPENDING, Slot, StepRequest, TakenKind, Template,
};
use serde_json::Value;
use std::borrow::Cow;

impl Provider {
    /// The step that a request is for, if it is for one.
    pub(super) fn step_of(&self, method: &Method, path: &str) -> Option<&StepRequest> {
        let at = |step: &&StepRequest| {
            request::is_declared(&self.at_home(&self.contract.of_step(step).request), path)
        };
        let of_path: Vec<_> = self.contract.all_steps().filter(at).collect();
        let mut requests = self.contract.requests();
        let is_last = requests.any(|last| request::is_declared(&self.at_home(last), path));
        let of_method = of_path.iter().find(|step| step.method == method.as_str());
        // A wrong method at the place of a step alone is a wrong request for that step.
        of_method.or(of_path.first().filter(|_| !is_last)).copied()
    }

    /// Whether a request is for a step.
    pub(crate) fn is_step(&self, request: &http::Request<Vec<u8>>) -> bool {
        let target = self.target(request.uri());
        target.path.is_some_and(|path| self.step_of(request.method(), path).is_some())
    }

    /// A request with a path of this provider where an address of its own is to be taken.
    pub(super) fn at_home<'a>(&self, request: &'a Request) -> Cow<'a, Request> {
        let Some(name) = request.taken_url() else { return Cow::Borrowed(request) };
        let mut parts = request.path.parts.clone();
        parts[0] = Part::Literal(path_of(name));
        if let Some(Part::Literal(rest)) = parts.get(1) {
            parts[0] = Part::Literal(path_of(name) + rest);
            parts.remove(1);
        }
        Cow::Owned(Request { path: Template { parts }, ..request.clone() })
    }

    /// The same of a contract.
    pub(super) fn with_request_at_home<'a>(&self, contract: &'a Contract) -> Cow<'a, Contract> {
        match self.at_home(&contract.request) {
            Cow::Borrowed(_) => Cow::Borrowed(contract),
            Cow::Owned(request) => Cow::Owned(Contract { request, ..contract.clone() }),
        }
    }

    /// Answers a step with something that it did not give out before.
    pub(super) fn answer_step(
        &mut self,
        step: &StepRequest,
        path: &str,
        request: &http::Request<Vec<u8>>,
    ) -> Result<Answered, Broken> {
        let own = self.contract.of_step(step);
        let at_home = self.with_request_at_home(&own);
        let reading = request::read(&at_home, &self.rules, self, path, request)?;
        self.check_places(&reading)?;
        self.check_client(&reading)?;
        self.check_taken(&own, &reading)?;
        let now = self.clock.now();
        let then = self.contract.request.then.clone();
        let is_behind = then.iter().any(|behind| behind.id == step.id);
        let later = is_behind.then(|| self.later_of(&reading)).flatten();
        let is_last = then.last().is_some_and(|last| last.id == step.id);
        if let Some(answer) = later.filter(|_| is_last).map(|later| later.answer.clone()) {
            self.use_up(&reading);
            return Ok(Answered { response: dated(answer, now), verdict: Verdict::Prepared });
        }
        let before = self.state.taken.len();
        let body = self.give_out(step);
        let given = self.state.taken[before..].to_vec();
        if let Some(later) = self.later_of(&reading).filter(|_| is_behind) {
            later.given.extend(given);
        }
        let response = answer::plain(200, "application/json", body.to_string(), now);
        Ok(Answered { response, verdict: Verdict::Prepared })
    }

    /// The exchange that a request behind the one that spends the refresh token belongs to: what it holds was given out to it.
    fn later_of(&mut self, reading: &Reading) -> Option<&mut Later> {
        let sent = |later: &Later| {
            later.given.iter().any(|(given, value)| {
                let is_url = self.contract.taken(given).map(|it| it.kind) == Some(TakenKind::Url);
                !is_url && reading.bound.iter().any(|bound| is_of(bound, given, value))
            })
        };
        let at = self.state.later.iter().rposition(sent);
        // Where nobody looks, it is the newest.
        let at = at.or(self.state.later.len().checked_sub(1))?;
        self.state.later.get_mut(at)
    }

    /// The answer to the request that spends the refresh token, where others follow: it tells the new one and gives out what they need.
    /// What they bring is `answer`.
    pub(super) fn tell_first(
        &mut self,
        spending: &StepRequest,
        issued: &Issued<'_>,
        answer: Response<Vec<u8>>,
    ) -> Response<Vec<u8>> {
        let before = self.state.taken.len();
        let mut body = self.give_out(spending);
        answer::set_refresh_token(&self.contract, issued, &mut body);
        let body = body.to_string();
        let given = self.state.taken[before..].to_vec();
        if self.state.later.len() >= MOST_LATER {
            self.state.later.remove(0);
        }
        self.state.later.push(Later { given, told: body.clone().into_bytes(), answer });
        answer::plain(200, "application/json", body, issued.now)
    }

    /// The same answer is given again: what it gives out may be sent again as well.
    pub(super) fn give_out_again(&mut self, answer: &Response<Vec<u8>>) {
        let told = |later: &&Later| later.told == *answer.body();
        let Some(later) = self.state.later.iter().rev().find(told) else { return };
        self.state.taken.extend(later.given.iter().cloned());
    }

    /// An answer to a step with something that was not given out before.
    fn give_out(&mut self, step: &StepRequest) -> Value {
        // What else a documented answer holds is what clients must cope with.
        let mut body = self.contract.documented_answer(step);
        for (name, taken) in &step.take {
            let name = step.name_of(name);
            self.state.steps += 1;
            let number = self.seed.wrapping_add(self.state.steps) % 1_000_000;
            let (text, value) = match taken.kind {
                TakenKind::Url => {
                    let url = format!("{}{}", self.here(), path_of(&name));
                    (url.clone(), Value::from(url))
                }
                TakenKind::Integer => (number.to_string(), Value::from(number)),
                TakenKind::Text => {
                    let text = format!("given-{}-{number}", name.replace(['.', '_'], "-"));
                    (text.clone(), Value::from(text))
                }
            };
            taken.field.put(&mut body, value);
            self.state.taken.push((name, text));
        }
        body
    }

    /// Demands that everything of a step in a request was given out, and was not in a last request before.
    pub(super) fn check_taken(&self, contract: &Contract, reading: &Reading) -> Result<(), Broken> {
        let sent = reading.bound.iter().filter(|(slot, _)| matches!(slot, Slot::Taken(_)));
        for (slot, text) in sent {
            let Slot::Taken(name) = slot else { continue };
            self.rules.demand(Rule::StepValue, self.gave_out(name, text), || {
                format!("`{slot}` is not what a step gave out, or was sent before")
            })?;
        }
        let told = |name: &str| self.state.taken.iter().any(|(given, _)| given == name);
        if let Some(name) = contract.request.taken_url() {
            self.rules.demand(Rule::StepValue, told(name), || {
                format!("the request goes to `${{{name}}}`, and nobody has asked for it")
            })?;
        }
        Ok(())
    }

    /// Whether this is taken from an answer to the request that spends the refresh token, or to one behind it.
    fn is_behind(&self, name: &str) -> bool {
        let step = name.split_once('.').map_or(name, |(step, _)| step);
        step == SPENDING || self.contract.request.then.iter().any(|behind| behind.id == step)
    }

    /// Whether a step has given this out under this name, and it may still be sent.
    pub(super) fn gave_out(&self, name: &str, text: &str) -> bool {
        self.state.taken.iter().any(|(given, value)| given == name && value == text)
    }

    /// Takes what a request held out of what may be sent, unless it is for one behind it as well; an address stays.
    pub(super) fn use_up(&mut self, reading: &Reading) {
        let last = self.contract.request.then.last();
        let of_last = |given: &str| {
            let slot = Slot::Taken(given.to_owned());
            last.is_some_and(|last| last.templates().any(|text| text.slots().any(|it| *it == slot)))
        };
        let is_last = reading.bound.iter().any(|(slot, _)| match slot {
            Slot::Taken(name) => of_last(name) && self.is_behind(name),
            _ => false,
        });
        let is_sent = |given: &str, value: &str| {
            let kind = self.contract.taken(given).map(|taken| taken.kind);
            let is_over = is_last || !of_last(given);
            let mut bound = reading.bound.iter();
            kind != Some(TakenKind::Url) && is_over && bound.any(|bound| is_of(bound, given, value))
        };
        let left = self.state.taken.iter().filter(|(given, value)| !is_sent(given, value));
        self.state.taken = left.cloned().collect();
    }

    /// The same as if steps had given these out, by name.
    #[cfg(feature = "conformance")]
    pub(crate) fn having_given<'a>(
        mut self,
        taken: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) -> Self {
        self.state.taken.extend(taken.into_iter().map(|(name, text)| (name.clone(), text.clone())));
        self
    }
}

/// How many exchanges whose refresh token is spent are remembered.
const MOST_LATER: usize = 64;

/// Whether a request held this for what was given out under this name.
fn is_of((slot, text): &(Slot, String), given: &str, value: &str) -> bool {
    matches!(slot, Slot::Taken(name) if name == given) && text == value
}

/// Where an address leads that is given out under this name.
fn path_of(name: &str) -> String {
    format!("/synthetic-{}", name.replace(['.', '_'], "-"))
}

/// Whether a provider with this contract has anything to enforce about what steps gave out.
pub(super) fn applies(contract: &Contract) -> bool {
    let mut names = contract.all_taken();
    names.any(|(name, _)| contract.uses_anywhere(&Slot::Taken(name)))
}
