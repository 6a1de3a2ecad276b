//! The requests before the one that spends the credential, and those behind it.

use super::{
    Body, ClientAuth, Contract, ErrorClass, Part, Pointer, RefreshWhen, Request, SPENDING, Slot,
    StatusRange, Success, Template, TokenPlace,
};
pub use crate::spec::TakenKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How many requests an exchange may have besides the one that spends the credential.
pub const MOST_STEPS: usize = 2;

/// A request before the one that spends the credential, or behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRequest {
    /// What others call it.
    pub id: String,
    /// As [`Request::method`].
    pub method: String,
    /// As [`Request::path`].
    pub path: Template,
    /// As [`Request::query`].
    pub query: Vec<(String, Template)>,
    /// As [`Request::valueless`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub valueless: Vec<String>,
    /// As [`Request::headers`].
    pub headers: Vec<(String, Template)>,
    /// Its body.
    pub body: Body,
    /// How the client proves who it is, where it is by HTTP Basic.
    #[serde(default, skip_serializing_if = "ClientAuth::is_none")]
    pub auth: ClientAuth,
    /// What later requests need of its answer, by name.
    pub take: Vec<(String, Taken)>,
}

/// What is taken from an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Where it is.
    pub field: Pointer,
    /// What it is.
    pub kind: TakenKind,
    /// At which hosts an address may be besides that of the base URL, sorted: `auth.example.com`, `*.example.org`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

impl Taken {
    /// A made-up value, of a provider at `base_url`; the text by which later requests know it is the same for all kinds.
    pub fn sample(&self, name: &str, base_url: &str) -> String {
        let words = name.replace(['_', '.'], "-");
        match self.kind {
            TakenKind::Text => format!("synthetic-{words}"),
            TakenKind::Integer => "7".to_owned(),
            TakenKind::Url => format!("{base_url}/synthetic-{words}"),
        }
    }

    /// The text of it in an answer, of a provider whose base URL is at `base_url`; `None` where no client could take it.
    pub fn read(&self, answer: &Value, base_url: &str) -> Option<String> {
        let value = self.field.find(answer)?;
        let text = value.as_str().filter(|text| !text.is_empty());
        match self.kind {
            TakenKind::Integer => value.as_i64().map(|number| number.to_string()),
            TakenKind::Text => text
                .filter(|text| text.trim() == *text && !text.contains(char::is_control))
                .map(str::to_owned),
            TakenKind::Url => text
                .filter(|text| rekindle_syntax::is_bounded_address(text, base_url, &self.hosts))
                .map(str::to_owned),
        }
    }

    /// A text as the answer holds it.
    fn written(&self, text: &str) -> Value {
        match self.kind {
            TakenKind::Integer => text.parse().map_or_else(|_| text.into(), |it: i64| it.into()),
            TakenKind::Text | TakenKind::Url => text.into(),
        }
    }
}

impl StepRequest {
    /// Its name for one of the values that it takes: `challenge.nonce`.
    pub fn name_of(&self, taken: &str) -> String {
        format!("{}.{taken}", self.id)
    }

    /// Its templates.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let pairs = self.query.iter().chain(&self.headers).map(|(_, value)| value);
        std::iter::once(&self.path)
            .chain(pairs)
            .chain(self.body.templates())
            .chain(self.auth.templates())
    }
}

impl Contract {
    /// The contract of a request besides the one that spends the credential: its request, and how its answer is read. It holds nothing that
    /// is spent.
    pub fn of_step(&self, step: &StepRequest) -> Self {
        let StepRequest { id: _, method, path, query, valueless, headers, body, auth, take: _ } =
            step;
        let mut own = self.clone();
        own.request = Request {
            operation: self.request.operation,
            method: method.clone(),
            path: path.clone(),
            query: query.clone(),
            valueless: valueless.clone(),
            headers: headers.clone(),
            body: body.clone(),
            auth: auth.clone(),
            values: Vec::new(),
            certificate: self.request.certificate,
            when: RefreshWhen::AnyTime,
            at_most_every: None,
            limit: None,
            take: Vec::new(),
            then: Vec::new(),
        };
        own.response.success =
            Success { status: vec![StatusRange { first: 200, last: 299 }], field: None };
        own.response.access_token = TokenPlace::Json(Pointer::new(Vec::new()));
        // Nothing that is spent was sent.
        own.errors
            .retain(|rule| !matches!(rule.class, ErrorClass::Reauthenticate | ErrorClass::InDoubt));
        for rule in &mut own.errors {
            rule.credential = None;
            rule.perhaps_gone = false;
        }
        own
    }

    /// An answer to a step that holds these values, by their whole names, and made-up ones where there is none. What else is in it is what
    /// the first example shows that documents one.
    pub fn answer_to(
        &self,
        step: &StepRequest,
        values: &BTreeMap<String, String>,
        base_url: &str,
    ) -> Value {
        let mut answer = self.documented_answer(step);
        for (name, taken) in &step.take {
            let name = step.name_of(name);
            let text = values.get(&name).cloned();
            let text = text.unwrap_or_else(|| taken.sample(&name, base_url));
            taken.field.put(&mut answer, taken.written(&text));
        }
        answer
    }

    /// The answer to a step in the first example that documents one; else one that holds nothing.
    pub fn documented_answer(&self, step: &StepRequest) -> Value {
        let mut answers = self.examples.iter().filter_map(|example| example.answers.get(&step.id));
        answers.next().cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()))
    }

    /// What is taken by this name: `challenge.nonce`.
    pub fn taken(&self, name: &str) -> Option<&Taken> {
        let (step, taken) = name.split_once('.')?;
        let take = match step {
            step if step == SPENDING => &self.request.take,
            step => &self.all_steps().find(|found| found.id == step)?.take,
        };
        take.iter().find(|(found, _)| found == taken).map(|(_, taken)| taken)
    }

    /// Everything that is taken, by its whole name, in order.
    pub fn all_taken(&self) -> impl Iterator<Item = (String, &Taken)> {
        let spending = self.request.take.iter();
        let spending = spending.map(|(name, taken)| (format!("{SPENDING}.{name}"), taken));
        self.all_steps()
            .flat_map(|step| step.take.iter().map(|(name, taken)| (step.name_of(name), taken)))
            .chain(spending)
    }

    /// Whether a request of the exchange holds this value, or a value in one is made of it.
    pub fn uses_anywhere(&self, slot: &Slot) -> bool {
        let requests = self.requests().flat_map(Request::templates);
        let steps = self.all_steps().flat_map(StepRequest::templates);
        requests.chain(steps).any(|text| text.slots().any(|used| used == slot))
    }

    /// Its steps, those that only what brings tokens where a refresh cannot takes, and the requests behind the one that spends the
    /// credential.
    pub fn all_steps(&self) -> impl DoubleEndedIterator<Item = &StepRequest> {
        let of_fallback = self.fallback.iter().flat_map(|fallback| &fallback.steps);
        self.steps.iter().chain(of_fallback).chain(&self.request.then)
    }

    /// The request that spends the credential as one that others follow: what they need of its answer. `None` where it is the last.
    pub fn spending(&self) -> Option<StepRequest> {
        let Request { method, path, query, valueless, headers, body, auth, take, then, .. } =
            &self.request;
        (!then.is_empty()).then(|| StepRequest {
            id: SPENDING.to_owned(),
            method: method.clone(),
            path: path.clone(),
            query: query.clone(),
            valueless: valueless.clone(),
            headers: headers.clone(),
            body: body.clone(),
            auth: auth.clone(),
            take: take.clone(),
        })
    }
}

/// Those of the steps that a request needs, in their order: it holds something that they took, or a later one of them does.
pub(crate) fn needed<'a>(
    steps: impl DoubleEndedIterator<Item = &'a StepRequest>,
    request: &Request,
) -> Vec<&'a StepRequest> {
    let mut needed: Vec<&StepRequest> = Vec::new();
    for step in steps.rev() {
        let is_needed = step.take.iter().any(|(name, _)| {
            let slot = Slot::Taken(step.name_of(name));
            let later = needed.iter().flat_map(|step| step.templates());
            request.templates().chain(later).any(|text| text.slots().any(|used| *used == slot))
        });
        if is_needed {
            needed.push(step);
        }
    }
    needed.reverse();
    needed
}

impl Request {
    /// The name of the address that this request goes to, where an earlier answer tells it: `discovery.token_endpoint`.
    pub fn taken_url(&self) -> Option<&str> {
        taken_url(&self.path)
    }
}

/// The name of the taken address that a path consists of, or begins with: any other path begins with a slash.
pub fn taken_url(path: &Template) -> Option<&str> {
    match path.parts.as_slice() {
        [Part::Slot(Slot::Taken(name))] => Some(name),
        [Part::Slot(Slot::Taken(name)), Part::Literal(rest), ..] => {
            rest.starts_with('/').then_some(name)
        }
        _ => None,
    }
}

/// What a path has behind the taken address that it begins with.
pub fn behind_taken_url(path: &Template) -> Option<Template> {
    let rest = path.parts.get(1..).filter(|rest| !rest.is_empty())?;
    taken_url(path).map(|_| Template { parts: rest.to_vec() })
}
