//! The client that Rekindle generates from `specs/plain.yaml`, through each transport and through none.

use std::hint::black_box;

use rekindle_benches::Error;
use rekindle_benches::clients::plain::{Client, RefreshToken, Settings, Tokens};
use rekindle_benches::rounds::Contender;
use rekindle_runtime::http::Response;
use rekindle_runtime::kit::Place;
use rekindle_runtime::{HyperTransport, ReqwestTransport, UreqTransport, clock};

use super::{OURS_HYPER, OURS_REQWEST, OURS_UREQ, SANS_IO, blocking, runtime, waiting};
use crate::exchange::{ANSWERS, CLIENT_ID, CLIENT_SECRET, HELD};

/// The request built and the answer read.
pub fn sans_io() -> Result<Contender<'static>, Error> {
    let client = client("http://127.0.0.1:80")?;
    let mut answers = ANSWERS.iter().cycle();
    Ok(blocking(SANS_IO, first(), move |held| {
        let (request, pending) = client.refresh_request(held, clock::now())?;
        black_box(request);
        let answer = answers.next().copied().unwrap_or_default();
        next(pending.finish(Response::new(black_box(answer)))?)
    }))
}

/// Over hyper's pooled client.
pub fn hyper(server: &str) -> Result<Contender<'static>, Error> {
    let (client, transport) = (client(server)?, HyperTransport::http());
    Ok(waiting(OURS_HYPER, runtime()?, first(), async move |held| {
        next(client.refresh(&transport, held).await?)
    }))
}

/// Over ureq, which blocks.
pub fn ureq(server: &str) -> Result<Contender<'static>, Error> {
    let (client, transport) = (client(server)?, UreqTransport::new());
    Ok(blocking(OURS_UREQ, first(), move |held| next(client.refresh_blocking(&transport, held)?)))
}

/// Over reqwest.
pub fn reqwest(server: &str) -> Result<Contender<'static>, Error> {
    let (client, transport) = (client(server)?, ReqwestTransport::new()?);
    Ok(waiting(OURS_REQWEST, runtime()?, first(), async move |held| {
        next(client.refresh(&transport, held).await?)
    }))
}

fn client(server: &str) -> Result<Client, Error> {
    let settings = Settings { client_id: CLIENT_ID.into(), client_secret: CLIENT_SECRET.into() };
    Ok(Client::new(Place::loopback(server), settings)?)
}

fn first() -> RefreshToken {
    RefreshToken::new(HELD)
}

/// The refresh token of the next exchange, once the answer was looked at.
fn next(tokens: Tokens) -> Result<RefreshToken, Error> {
    let Tokens { access_token, refresh_token, deviations, .. } = black_box(tokens);
    drop(access_token);
    if deviations.is_empty() { Ok(refresh_token) } else { Err(format!("{deviations:?}").into()) }
}
