//! How a client is taken through its steps, where these are not what is looked at.

use super::harness::{self, Given, Harness, contract_of};
use crate::answer;
use http::Request;
use rekindle_contract::contract::{Contract, StepRequest};
use rekindle_runtime::{PendingRefresh, Progress, Provider, RefreshError};
use std::collections::BTreeMap;
use std::time::SystemTime;

/// An exchange under way, of the client of a harness.
pub type Under<H> = (Request<Vec<u8>>, <<H as Harness>::Client as Provider>::Pending);

/// The request of an exchange that spends the credential, behind steps whose answers bring what is given here by its whole name, and
/// made-up values. What is given by the name of a step is all of its answer.
///
/// # Errors
/// What the client says of the steps.
pub fn last_request<H: Harness>(
    client: &H::Client,
    spends: harness::Credential<H>,
    at: SystemTime,
    taken: &[(&str, &str)],
) -> Result<Under<H>, RefreshError<harness::Credential<H>>> {
    let taken = taken.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let begun = client.start(spends, at)?;
    let origin = origin(&begun.0);
    behind_steps::<H>(begun, &taken.collect(), &origin)
}

/// What waits for the last answer of an exchange, behind answers that bring what is given here, as above. The request is the one that
/// spends the credential.
///
/// # Errors
/// What the client says of those answers.
pub fn behind<H: Harness>(
    request: &Request<Vec<u8>>,
    pending: <H::Client as Provider>::Pending,
    taken: &[(&str, &str)],
) -> Result<<H::Client as Provider>::Pending, RefreshError<harness::Credential<H>>> {
    let taken = taken.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let (taken, origin, mut pending) = (taken.collect(), origin(request), pending);
    let contract = contract_of::<H>();
    let then = contract.request.then.iter();
    let answered = contract.spending().into_iter().chain(then.cloned());
    for step in answered.take(contract.request.then.len()) {
        (_, pending) = next::<H>(&contract, &step, pending, &taken, &origin)?;
    }
    Ok(pending)
}

/// The scheme and the host of a request.
fn origin(request: &Request<Vec<u8>>) -> String {
    let uri = request.uri();
    let origin = uri.scheme().zip(uri.authority());
    origin.map(|(scheme, host)| format!("{scheme}://{host}")).unwrap_or_default()
}

/// The request behind the answer to a step.
fn next<H: Harness>(
    contract: &Contract,
    step: &StepRequest,
    pending: <H::Client as Provider>::Pending,
    taken: &BTreeMap<String, String>,
    base_url: &str,
) -> Result<Under<H>, RefreshError<harness::Credential<H>>> {
    let whole = taken.get(&step.id).cloned();
    let body = whole.unwrap_or_else(|| contract.answer_to(step, taken, base_url).to_string());
    match pending.proceed(answer(200).json(body)) {
        Progress::Next(next, waiting) => Ok((next, waiting)),
        Progress::Done(result) => {
            result?;
            panic!("behind the step {:?} another request follows", step.id)
        }
    }
}

/// The same of an exchange that has begun, at a provider with this base URL.
pub(super) fn behind_steps<H: Harness>(
    (mut request, mut pending): Under<H>,
    taken: &BTreeMap<String, String>,
    base_url: &str,
) -> Result<Under<H>, RefreshError<harness::Credential<H>>> {
    if <H::Client as rekindle_runtime::Renew>::STEPS == 0 {
        return Ok((request, pending));
    }
    let contract = contract_of::<H>();
    for step in &contract.steps {
        (request, pending) = next::<H>(&contract, step, pending, taken, base_url)?;
    }
    Ok((request, pending))
}

/// The base URL of an environment.
pub(super) fn environment_url(contract: &Contract, name: &str, given: &Given) -> String {
    let client = contract.client.keys();
    let client = client.map(|name| (name.clone(), given.text(name).to_owned())).collect();
    let url = super::made::environment_url(contract, Some(name), &client);
    url.unwrap_or_default().trim_end_matches('/').to_owned()
}

/// What the steps bring where nothing else is said.
pub(super) fn samples(contract: &Contract, base_url: &str) -> BTreeMap<String, String> {
    let all = contract.all_taken();
    all.map(|(name, taken)| (name.clone(), taken.sample(&name, base_url))).collect()
}
