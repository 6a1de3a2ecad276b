//! The control endpoint: time, people and the network, for tests in any language.

use super::asked::{self, MOST, Refused, refused};
use super::route::{CONTROL, problem};
use super::site::Site;
use crate::answer::answer;
use crate::fake::Fake;
use crate::provider::TokenState;
use http::{Method, Request, Response};
use jiff::SignedDuration;
use rekindle_contract::contract::Trouble;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What was done: what the caller is told, and what a line about it says.
struct Done {
    json: Value,
    line: String,
}

fn done(json: Value, line: impl Into<String>) -> Done {
    Done { json, line: line.into() }
}

/// Answers a request below [`CONTROL`], and says what was done, or why not.
pub(super) fn answer_to(site: &Site, request: &Request<Vec<u8>>) -> (Response<Vec<u8>>, String) {
    match dispatch(site, request) {
        Ok(Done { json, line }) => (answer(200).json(format!("{json}\n")), line),
        Err(Refused { status, words, hint }) => {
            (problem(status, &words, &hint), format!("{status}: {words}"))
        }
    }
}

fn dispatch(site: &Site, request: &Request<Vec<u8>>) -> Result<Done, Refused> {
    if request.uri().query().is_some() {
        let words = "a query says nothing here";
        let hint = "write what you ask for into the body, as JSON";
        return Err(refused(400, words, hint));
    }
    let path = request.uri().path();
    let rest = path.strip_prefix(CONTROL).unwrap_or_default();
    let segments: Vec<&str> = rest.split('/').filter(|segment| !segment.is_empty()).collect();
    match segments.as_slice() {
        [] => {
            must_be(request, &Method::GET)?;
            Ok(done(overview(site), "overview"))
        }
        ["advance"] => {
            must_be(request, &Method::POST)?;
            advance(site, request)
        }
        [id, what] => {
            let act = action(what)?;
            must_be(request, &Method::POST)?;
            act(find(site, id)?, request)
        }
        _ => Err(nothing_there()),
    }
}

type Action = fn(&Fake, &Request<Vec<u8>>) -> Result<Done, Refused>;

fn action(name: &str) -> Result<Action, Refused> {
    match name {
        "sign-in" => Ok(sign_in),
        "plan" => Ok(plan),
        "calm" => Ok(calm),
        "revoke" => Ok(revoke),
        _ => Err(nothing_there()),
    }
}

fn nothing_there() -> Refused {
    let hint = "GET /-/control, POST /-/control/advance, and POST /-/control/ID/ with sign-in, plan, calm or revoke";
    refused(404, "there is nothing at this path", hint)
}

fn must_be(request: &Request<Vec<u8>>, method: &Method) -> Result<(), Refused> {
    if request.method() == method {
        return Ok(());
    }
    let words = "this is not the method for this path";
    Err(refused(405, words, format!("use {method}")))
}

fn find<'a>(site: &'a Site, id: &str) -> Result<&'a Fake, Refused> {
    let mut fakes = site.fakes.iter();
    match fakes.find(|(known, _)| known == id) {
        Some((_, fake)) => Ok(fake),
        None => {
            let ids: Vec<&str> = site.fakes.iter().map(|(id, _)| id.as_str()).collect();
            let hint = format!("there are: {}", ids.join(", "));
            Err(refused(404, "there is no such provider", hint))
        }
    }
}

fn overview(site: &Site) -> Value {
    let provider = |(id, fake): &(String, Fake)| {
        let planned = fake.planned();
        let provider = fake.provider();
        let shown = json!({
            "base_url": provider.base_url(),
            "client": provider.client(),
            "planned": planned,
        });
        (id.clone(), shown)
    };
    let providers: BTreeMap<String, Value> = site.fakes.iter().map(provider).collect();
    json!({ "now": site.now(), "seed": site.options.seed, "providers": providers })
}

fn advance(site: &Site, request: &Request<Vec<u8>>) -> Result<Done, Refused> {
    let by = asked::advance(&asked::fields(request, &["by"])?)?;
    for clock in site.clocks() {
        clock.advance(by);
    }
    let shown = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    let line = format!("advance by {shown:#}");
    Ok(done(json!({ "now": site.now() }), line))
}

fn sign_in(fake: &Fake, request: &Request<Vec<u8>>) -> Result<Done, Refused> {
    asked::fields(request, &[])?;
    let held = fake.provider().sign_in();
    let json = serde_json::to_value(held).unwrap_or_default();
    Ok(done(json, "signed in"))
}

fn calm(fake: &Fake, request: &Request<Vec<u8>>) -> Result<Done, Refused> {
    asked::fields(request, &[])?;
    fake.calm();
    Ok(done(planned(fake), "calm"))
}

fn planned(fake: &Fake) -> Value {
    json!({ "planned": fake.planned() })
}

fn revoke(fake: &Fake, request: &Request<Vec<u8>>) -> Result<Done, Refused> {
    let fields = asked::fields(request, &["token"])?;
    let mut provider = fake.provider();
    let Some(token) = asked::text(&fields, "token")? else {
        provider.revoke_all();
        let json = json!({ "revoked": "every grant" });
        return Ok(done(json, "revoke every grant"));
    };
    let known = [provider.refresh_token(token), provider.access_token(token)];
    if known == [TokenState::Unknown; 2] {
        let hint = "leave `token` out to revoke every grant";
        return Err(refused(404, "the token was not issued here", hint));
    }
    provider.revoke(token);
    let json = json!({ "revoked": "the grant of the token" });
    Ok(done(json, "revoke the grant of a token"))
}

fn plan(fake: &Fake, request: &Request<Vec<u8>>) -> Result<Done, Refused> {
    let fields = asked::fields(request, &["troubles", "fault", "times"])?;
    let contract = fake.provider().contract().clone();
    let troubles = asked::troubles(&fields, &contract)?;
    let before = fake.planned().len();
    if before + troubles.len() > MOST {
        let words = format!("no more than {MOST} refreshes can be planned for");
        let hint = format!("{before} are: POST /-/control/ID/calm forgets them");
        return Err(refused(400, words, hint));
    }
    let line = format!("plan {}", summary(&troubles));
    fake.plan(troubles);
    Ok(done(planned(fake), line))
}

/// The greatest number of different troubles that one line shows.
const SHOWN: usize = 8;

/// Troubles in a line: `reset_after x2, none x1`.
fn summary(troubles: &[Option<Trouble>]) -> String {
    let runs = troubles.chunk_by(|one, other| one == other);
    let words = |run: &[Option<Trouble>]| {
        let name = match run.first().copied().flatten() {
            None => "none".to_owned(),
            Some(Trouble::Fault(fault)) => fault.name().to_owned(),
            Some(Trouble::Refusal(index)) => format!("errors[{index}]"),
        };
        format!("{name} x{}", run.len())
    };
    let mut shown: Vec<String> = runs.clone().take(SHOWN).map(words).collect();
    if runs.count() > SHOWN {
        shown.push("and more".to_owned());
    }
    if shown.is_empty() {
        shown.push("nothing".to_owned());
    }
    shown.join(", ")
}
