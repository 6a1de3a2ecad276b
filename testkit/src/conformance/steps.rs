//! The requests before the one that spends the credential, and those behind it.

use super::behind_steps::samples;
use super::bench::{Bench, started_at};
use super::harness::Given;
use super::made::environment_url;
use super::subject::{At, Client, Pending, Proceeded};
use super::values::Values;
use super::wire::Wire;
use crate::{answer, expect};
use http::{Request, Response};
use rekindle_contract::contract::{Contract, Outcome, StepRequest, Taken, TakenKind};
use rekindle_runtime::{Class, Fate, TransportError, TransportErrorKind};
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Statuses at the edges of what they mean.
const OTHERS: [u16; 18] =
    [199, 200, 201, 299, 300, 307, 400, 401, 403, 404, 408, 409, 425, 429, 499, 500, 503, 599];

/// The requests of an exchange in their order, the one that spends the credential among them where others follow it. Where none does, it
/// is the last, and is left out.
fn chain(bench: &Bench<'_>) -> Vec<StepRequest> {
    let Contract { steps, request, .. } = &bench.contract;
    let spending = bench.contract.spending();
    steps.iter().chain(&spending).chain(&request.then).cloned().collect()
}

/// Which request of an exchange it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Spending,
    Behind,
}

fn place(bench: &Bench<'_>, index: usize) -> Place {
    match index.cmp(&bench.contract.steps.len()) {
        Ordering::Less => Place::Before,
        Ordering::Equal => Place::Spending,
        Ordering::Greater => Place::Behind,
    }
}

/// The exchange of which this many requests have been answered: the request that is out, and what waits for its answer.
fn behind(bench: &Bench<'_>, answered: usize) -> (Request<Vec<u8>>, Box<dyn Pending>) {
    begun(bench, bench.client(), answered)
}

/// The same of this client.
fn begun(
    bench: &Bench<'_>,
    client: &dyn Client,
    answered: usize,
) -> (Request<Vec<u8>>, Box<dyn Pending>) {
    let begun = client.begin(&bench.held(), started_at());
    let (mut request, mut pending) = begun.expect("the request can be built");
    for (index, step) in chain(bench)[..answered].iter().enumerate() {
        let body = good(bench, index).to_string();
        match pending.proceed(answer(200).json(body)) {
            Proceeded::Next(next, waiting) => (request, pending) = (next, waiting),
            Proceeded::Done(_) => panic!("behind the step {:?} another request follows", step.id),
        }
    }
    (request, pending)
}

/// The body of a good answer to one of the requests.
fn good(bench: &Bench<'_>, index: usize) -> Value {
    good_at(bench, index, &bench.base_url)
}

/// The same at a provider with this base URL.
pub(super) fn good_at(bench: &Bench<'_>, index: usize, base_url: &str) -> Value {
    let chain = chain(bench);
    if index + 1 == chain.len() && place(bench, index) == Place::Behind {
        return bench.fields.clone().expect("the answer has fields");
    }
    let mut body = bench.contract.answer_to(&chain[index], &BTreeMap::new(), base_url);
    if place(bench, index) == Place::Spending
        && let (Some((_, field)), Some(token)) = (bench.replaceable(), bench.answered_refresh())
    {
        field.put(&mut body, json!(token));
    }
    body
}

/// What becomes of the credential where this request brings the exchange to an end.
fn fate(bench: &Bench<'_>, index: usize) -> &'static str {
    match place(bench, index) {
        Place::Before => "unspent",
        Place::Spending | Place::Behind => {
            let new = bench.answered_refresh().filter(|new| *new != bench.values.refresh);
            new.map_or(bench.fate_after_sending(), |_| "replaced")
        }
    }
}

/// Each step is answered so, and that ends the exchange in an error of this class: it names the step, and of the credential becomes what
/// an earlier answer has said. Nothing of any answer is shown.
#[track_caller]
fn assert_ends(bench: &Bench<'_>, index: usize, answered: Response<Vec<u8>>, class: Class) {
    let shown = format!("{answered:?}");
    let Proceeded::Done(Err(error)) = behind(bench, index).1.proceed(answered) else {
        panic!("the exchange should have ended: {shown}")
    };
    assert_failed(bench, index, error, class, &shown);
}

#[track_caller]
fn assert_failed(
    bench: &Bench<'_>,
    index: usize,
    failed: super::subject::Failed,
    class: Class,
    shown: &str,
) {
    assert_eq!(failed.class(), class, "{shown}");
    let name = (place(bench, index) != Place::Spending).then(|| chain(bench)[index].id.clone());
    assert_eq!(failed.error.step(), name.as_deref(), "{shown}");
    let text = format!("{:?} {}", failed.error, failed.error);
    for (_, sample) in samples(&bench.contract, &bench.base_url) {
        assert!(sample.len() < 3 || !text.contains(&sample), "{text} shows what a step brought");
    }
    if let Fate::Spent { replacement: Some(kept) } = &failed.fate {
        let kept = kept.refresh_token().map(rekindle_runtime::Token::expose);
        assert_eq!(kept, Some(&*bench.new_refresh), "{shown}: the new refresh token");
    }
    assert_eq!(bench.fate(failed), fate(bench, index), "{shown}");
}

/// Each step is sent in its order as the contract says, and holds what earlier ones brought; what must be encoded is encoded in the way
/// of its place (R1, R2, R3, R5).
pub fn steps_as_declared(bench: &Bench<'_>) {
    for values in [bench.values.clone(), Values::special(&bench.contract)] {
        let given = Given::new(values.client.clone());
        let client = bench.built(&given).expect("the settings can be used");
        let host = environment_url(&bench.contract, bench.environment.as_deref(), &values.client);
        let host = host.unwrap_or_else(|| bench.base_url.clone());
        let values = values.taking(&bench.contract, &host);
        for (index, step) in chain(bench).iter().enumerate() {
            let (request, pending) = begun(bench, &*client, index);
            assert_left(bench, index, &*pending);
            if place(bench, index) == Place::Spending {
                continue;
            }
            let own = bench.contract.of_step(step);
            let wire = Wire::new(&own, &values);
            expect(&request).url(&format!("{}{}", values.base_url, wire.target()));
            wire.assert(&request);
        }
    }
    let (request, _) = behind(bench, bench.contract.steps.len());
    bench.assert_request(&request);
}

/// What is to be stored before the answer to this request: what replaced the refresh token that was spent before it.
fn assert_left(bench: &Bench<'_>, index: usize, pending: &dyn Pending) {
    let replaced = fate(bench, index) == "replaced" && place(bench, index) == Place::Behind;
    let replacement = pending.replacement();
    let token = replacement.as_ref().and_then(rekindle_runtime::Grant::refresh_token);
    let token = token.map(rekindle_runtime::Token::expose);
    assert_eq!(token, replaced.then_some(&*bench.new_refresh), "what is to be stored");
}

/// What a step answers is what its contract says: a success, or a refusal of a class that ends no grant; without an
/// answer nothing is in doubt (R20, R24).
pub fn step_answers(bench: &Bench<'_>) {
    let chain = chain(bench);
    let others = chain.iter().enumerate().filter(|(at, _)| place(bench, *at) != Place::Spending);
    for (index, step) in others {
        let own = bench.contract.of_step(step);
        let pages = OTHERS.into_iter().map(|status| (status, "<html>".to_owned()));
        for (status, body) in super::errors::named(&own).into_iter().chain(pages) {
            let whole = answer(status).body(body.as_str());
            let class = match own.classify(status, body.as_bytes()) {
                Outcome::Refused(rule) => super::made::class(rule),
                // Such a success lacks what is to be taken.
                Outcome::Success => Class::ContractViolation,
            };
            assert_ends(bench, index, whole, class);
        }
        for status in OTHERS {
            let body = good(bench, index);
            let success = own.classify(status, body.to_string().as_bytes()) == Outcome::Success;
            let proceeded = behind(bench, index).1.proceed(answer(status).json(body.to_string()));
            let is_last = index + 1 == chain.len() && place(bench, index) == Place::Behind;
            let goes_on = match proceeded {
                Proceeded::Next(..) => !is_last,
                Proceeded::Done(ended) => is_last && ended.is_ok(),
            };
            assert_eq!(goes_on, success, "the step {:?} answers {status}", step.id);
        }
        for lost in [
            TransportError::maybe_sent(TransportErrorKind::Timeout, "no answer"),
            TransportError::not_sent(TransportErrorKind::Connect, "refused"),
        ] {
            let failed = behind(bench, index).1.fail(lost);
            assert_failed(bench, index, failed, Class::Transient, "no answer");
        }
    }
}

/// A step that lacks what a later request needs, or brings it as something else, breaks the contract (R19).
pub fn step_values(bench: &Bench<'_>) {
    for (index, step) in chain(bench).iter().enumerate() {
        for (name, taken) in &step.take {
            let whole = good(bench, index);
            let mut wrong = vec![Value::Null, json!(""), json!([]), json!({}), json!(true)];
            match taken.kind {
                TakenKind::Text => wrong.extend([json!(7), json!("a\u{7}b"), json!(" a")]),
                TakenKind::Integer => wrong.extend([json!("7"), json!(7.5)]),
                TakenKind::Url => wrong.extend([json!(7), json!("/token")]),
            }
            for value in wrong {
                let mut body = whole.clone();
                taken.field.put(&mut body, value.clone());
                assert_taken(bench, index, taken, body, &format!("{name}: {value}"));
            }
            let mut body = whole;
            super::made::remove(&mut body, &taken.field);
            assert_taken(bench, index, taken, body, name);
        }
    }
}

/// An answer without a value that it should hold ends the exchange; where others stand around it, it may be read all the same.
#[track_caller]
fn assert_taken(bench: &Bench<'_>, index: usize, taken: &Taken, body: Value, shown: &str) {
    assert_eq!(taken.read(&body, &bench.base_url), None, "{shown}");
    assert_ends(bench, index, answer(200).json(body.to_string()), Class::ContractViolation);
}

/// A request goes to the addresses that the contract allows, and to no other (R11).
pub fn step_addresses(bench: &Bench<'_>) {
    for (index, step) in chain(bench).iter().enumerate() {
        for (_, taken) in step.take.iter().filter(|(_, taken)| taken.kind == TakenKind::Url) {
            let mut addresses = vec![
                format!("{}/elsewhere", bench.base_url),
                bench.base_url.replacen("https", "http", 1) + "/plain",
                "https://evil.example/token".to_owned(),
                "https://user@evil.example/token".to_owned(),
                format!("{}.evil.example/token", bench.base_url),
            ];
            for host in &taken.hosts {
                let below = host.replacen('*', "eu", 1);
                addresses.push(format!("https://{below}/token?a=b"));
                addresses.push(format!("http://{below}/token"));
                addresses.push(format!("https://{below}:8443/token"));
                addresses.push(format!("https://a{below}/token"));
                addresses.push(format!("https://{below}x/token"));
                addresses.push(format!("https://{below}.evil.example/token"));
                addresses.push(format!("https://{}/token", host.trim_start_matches("*.")));
            }
            for address in addresses {
                let mut body = good(bench, index);
                taken.field.put(&mut body, json!(address));
                if taken.read(&body, &bench.base_url).is_none() {
                    let class = Class::ContractViolation;
                    assert_ends(bench, index, answer(200).json(body.to_string()), class);
                    continue;
                }
                let proceeded = behind(bench, index).1.proceed(answer(200).json(body.to_string()));
                assert!(matches!(proceeded, Proceeded::Next(..)), "{address} is allowed");
            }
        }
    }
}

/// At the fake provider, each request of an exchange is accepted, and what the first ones brought is good once.
pub fn steps_at_a_provider(bench: &Bench<'_>) {
    let fake = super::sequences::provider(bench);
    let url = fake.url();
    let client = bench.subject.client(At::Url(&url), &bench.given());
    let client = client.expect("the settings can be used");
    let held = fake.provider().sign_in();
    let spends = bench.spends(&held.access_token, held.refresh_text());
    let begun = client.begin(&spends, fake.clock().now().into());
    let (mut request, mut pending) = begun.expect("the request can be built");
    let chain = chain(bench);
    let last = if bench.contract.request.then.is_empty() { chain.len() } else { chain.len() - 1 };
    for step in &chain[..last] {
        let answered = fake.carry(&request).expect("an answer");
        let Proceeded::Next(next, waiting) = pending.proceed(answered) else {
            panic!("the step {:?} is refused: {:?}", step.id, fake.arrived().last())
        };
        (request, pending) = (next, waiting);
    }
    let answered = fake.carry(&request).expect("an answer");
    assert!(matches!(pending.proceed(answered), Proceeded::Done(Ok(_))));
}

impl Values {
    /// The same with what the steps bring at a provider with this base URL.
    pub(super) fn taking(mut self, contract: &Contract, base_url: &str) -> Self {
        base_url.trim_end_matches('/').clone_into(&mut self.base_url);
        self.taken = samples(contract, &self.base_url);
        self
    }
}
