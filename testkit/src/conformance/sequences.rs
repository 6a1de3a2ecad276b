//! What happens over time and under fault, at a fake provider that keeps the contract.

use super::bench::Bench;
use super::subject::{At, Client, Failed, Piece, Proceeded, Spends};
use super::words::{end, expiry, failure, lost};
use crate::provider::Provider;
use crate::sequence::assert_taken;
use crate::{Ask, End, Fake, Held, Outcome};
use http::{Request, Response};
use rekindle_contract::contract::Step;
use rekindle_contract::derive;
use rekindle_runtime::{Grant, Output, Token, TransportError};
#[cfg(feature = "sockets")]
use {
    super::carrier::{Carrier, Through},
    crate::sequence::{assert_taken_over_sockets, taken_over_sockets},
    rekindle_runtime::Limits,
    std::cell::Cell,
    std::time::Duration,
};

/// Takes the steps of the sequence with this name without sockets: `example_…` is one that the contract documents, `sequence_…` and
/// `fault_…` one that it implies.
pub(super) fn in_memory(bench: &Bench<'_>, name: &str) {
    taken_in_memory(bench, &steps(bench, name));
}

/// Takes the steps without sockets, and through each transport over sockets, all at once.
#[cfg(feature = "sockets")]
pub(super) fn everywhere(bench: &Bench<'_>, name: &str) {
    let steps = steps(bench, name);
    taken_in_memory(bench, &steps);
    let (steps, subject) = (&steps, bench.subject);
    std::thread::scope(|scope| {
        let each = Through::ALL
            .map(|through| scope.spawn(move || over_sockets(&Bench::new(subject), through, steps)));
        for transport in each {
            if let Err(panic) = transport.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

/// The steps of a sequence.
fn steps(bench: &Bench<'_>, name: &str) -> Vec<Step> {
    let documented = bench.contract.sequences.iter().cloned();
    let documented = documented.map(|sequence| (derive::documented_name(&sequence), sequence));
    let implied = derive::sequences(&bench.contract);
    let implied = implied.into_iter().map(|derived| (derived.name(), derived.sequence));
    let (_, sequence) = documented
        .chain(implied)
        .find(|(known, _)| known == name)
        .unwrap_or_else(|| panic!("the contract has no sequence {name}"));
    sequence.steps
}

/// A provider that keeps the contract and knows the integrator's settings.
pub(super) fn provider(bench: &Bench<'_>) -> Fake {
    let fake = Fake::new(Provider::new(bench.contract.clone()));
    let values = bench.values.client.iter();
    values.fold(fake, |fake, (name, value)| fake.with_client(name, value))
}

fn taken_in_memory(bench: &Bench<'_>, steps: &[Step]) {
    let provider = provider(bench);
    let url = provider.url();
    let client = bench.subject.client(At::Url(&url), &bench.given());
    let client = client.expect("the settings can be used");
    assert_taken("without sockets", &provider, steps, |ask| {
        refreshed(&*client, output(bench), &ask, |request| provider.carry(&request).map_err(lost))
    });
}

/// How long a client waits for an answer of which a sequence says that it does not come in time: first so short that a test does
/// not take long, and where the sequence does not end as it says, so long that a busy machine is no reason for that.
#[cfg(feature = "sockets")]
const IN_VAIN: [Duration; 2] = [Duration::from_millis(150), Duration::from_secs(2)];

/// Takes the steps over sockets of this machine.
#[cfg(feature = "sockets")]
fn over_sockets(bench: &Bench<'_>, through: Through, steps: &[Step]) {
    let place = format!("through {through:?}");
    let [short, long] = IN_VAIN;
    let waits = Cell::new(false);
    let client = |url: &str, ask: Ask<'_>, timeout| {
        let client = bench.subject.client(At::Loopback(url), &bench.given());
        let client = client.expect("the settings can be used");
        waits.set(waits.get() || ask.is_in_vain());
        let limit = if ask.is_in_vain() { timeout } else { Limits::default().timeout };
        refreshed(&*client, output(bench), &ask, |request| {
            Carrier::patient(through, limit).carry(request)
        })
    };
    let taken = taken_over_sockets(&provider(bench), steps, |url, ask| client(url, ask, short));
    if taken.is_err() && waits.get() {
        assert_taken_over_sockets(&place, &provider(bench), steps, |url, ask| {
            client(url, ask, long)
        });
    } else if let Err(stop) = taken {
        panic!("{place}: {stop}\n\nthe steps: {steps:#?}");
    }
}

/// The output that is the next base URL.
fn output<'a>(bench: &'a Bench<'_>) -> Option<&'a str> {
    bench.contract.base.output.as_deref()
}

/// What the client makes of one refresh, where `send` carries its request. `output` is the one that is the next base URL.
fn refreshed(
    client: &dyn Client,
    output: Option<&str>,
    ask: &Ask<'_>,
    mut send: impl FnMut(Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError>,
) -> Outcome {
    let piece = |text: &str, end: End| Piece { text: text.to_owned(), expiry: Some(expiry(end)) };
    let spends = Spends {
        access: piece(&ask.held.access_token, ask.held.access_expires),
        refresh: piece(ask.held.refresh_text(), ask.held.refresh_expires),
    };
    let told = ask.held.base_url.as_deref().unwrap_or_default();
    let held = Grant::new().with_output(output.unwrap_or_default(), Output::new(told));
    let moved = client.for_grant(&held).ok().flatten();
    let client = moved.as_deref().unwrap_or(client);
    let (mut request, mut pending) = match client.begin(&spends, ask.started_at()) {
        Ok(begun) => begun,
        Err(error) => return failed(error, false),
    };
    let result = loop {
        match send(request) {
            Ok(answer) => match pending.proceed_kept(answer) {
                Proceeded::Done(result) => break result,
                Proceeded::Next(next, waiting) => (request, pending) = (next, waiting),
            },
            Err(lost) => break Err(pending.fail(lost)),
        }
    };
    match result {
        Ok(grant) => {
            let text = |token: &Token| token.expose().to_owned();
            let told = output.and_then(|name| grant.output(name));
            Outcome::Tokens(Held {
                access_token: grant.access_token().map(text).unwrap_or_default(),
                access_expires: end(grant.access_token_ends()),
                refresh_token: grant.refresh_token().map(text),
                refresh_expires: end(grant.refresh_token_ends()),
                base_url: told.map_or(ask.held.base_url.clone(), |it| Some(it.expose().to_owned())),
            })
        }
        Err(error) => failed(error, true),
    }
}

fn failed(error: Failed, sent: bool) -> Outcome {
    let text =
        |new: rekindle_runtime::Grant| new.refresh_token().map_or("", Token::expose).to_owned();
    Outcome::Failed(failure(error, sent, text))
}
