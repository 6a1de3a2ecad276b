//! The hazards, one after the other, each with a server of its own.

use std::sync::Arc;
use std::time::Duration;

use rekindle_bench_sessions::Error;
use rekindle_bench_sessions::clock::pass;
use rekindle_bench_sessions::peer::Peer;
use rekindle_bench_sessions::server::{Answer, Server};
use tokio::task::JoinSet;

use crate::cell::{Cell, ask, requests};

/// A life so short that each peer takes the token for expired right after its end.
const SHORT: u64 = 1;
/// Longer than that life.
const LONGER_THAN_SHORT: Duration = Duration::from_millis(1500);
/// How many callers come at once.
const CALLERS: usize = 64;

/// Each peer refreshes three times: does each refresh spend what the one before it brought?
pub async fn rotation<P: Peer>() -> Result<Cell, Error> {
    let server = Server::start()?;
    server.grant().live_for(SHORT);
    let peer = P::open(server.start_of_a_peer()).await?;
    for _ in 0..2 {
        // What matters is what becomes of the grant.
        _ = ask(&peer).await;
        pass(LONGER_THAN_SHORT).await;
    }
    let last = ask(&peer).await;
    Ok(Cell::after(&server, &last))
}

/// Time for each of them to ask.
const ALL_HAVE_ASKED: Duration = Duration::from_millis(500);

/// Many callers at once while there is no valid token: all have asked when the first answer is there.
pub async fn stampede<P: Peer>() -> Result<Cell, Error> {
    let server = Server::start()?;
    server.hold(true);
    let peer = Arc::new(P::open(server.start_of_a_peer()).await?);
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let peer = Arc::clone(&peer);
        callers.spawn(async move { ask(&*peer).await });
    }
    pass(ALL_HAVE_ASKED).await;
    server.hold(false);
    let failed = callers.join_all().await.iter().filter(|answer| answer.is_err()).count();
    let count = server.grant().requests();
    let last = ask(&*peer).await;
    let mut cell = Cell::after(&server, &last).and(&requests(count));
    if failed > 0 {
        cell = cell.and(&format!("{failed} callers without a token"));
    }
    Ok(cell.wanting(count == 1 && failed == 0))
}

/// The caller is dropped after the server has done its part and before its answer is there. Then another comes.
pub async fn gives_up<P: Peer>() -> Result<Cell, Error> {
    let server = Server::start()?;
    server.hold(true);
    let peer = P::open(server.start_of_a_peer()).await?;
    tokio::select! {
        _ = ask(&peer) => return Err("there was an answer though it was held".into()),
        arrived = server.arrived(1) => arrived?,
    }
    server.hold(false);
    let last = ask(&peer).await;
    Ok(Cell::after(&server, &last))
}

/// The answer has no refresh token: the old one stays good, and the next refresh needs it.
pub async fn omitted<P: Peer>() -> Result<Cell, Error> {
    let server = Server::start()?;
    server.grant().live_for(SHORT);
    server.grant().answer_with(Answer::ACCESS_ONLY);
    let peer = P::open(server.start_of_a_peer()).await?;
    // What matters is what becomes of the next one.
    _ = ask(&peer).await;
    pass(LONGER_THAN_SHORT).await;
    let last = ask(&peer).await;
    Ok(Cell::after(&server, &last))
}

/// The life of the token in the outage: all refresh ahead of its end.
const OUTAGE_LIFE: u64 = 12;
/// When the calls in the outage begin: the token is good for a little longer.
const OUTAGE_CALLS_BEGIN: Duration = Duration::from_millis(10_300);
/// How many calls fall into the outage.
const OUTAGE_CALLS: usize = 8;
/// How long after each the next one comes: all while the token is good.
const BETWEEN_CALLS: Duration = Duration::from_millis(100);

/// The server is down, the token is good for another second and a half, and the peer would refresh it by now.
pub async fn outage<P: Peer>() -> Result<Cell, Error> {
    let server = Server::start()?;
    server.grant().live_for(OUTAGE_LIFE);
    let peer = P::open(server.start_of_a_peer()).await?;
    let held = ask(&peer).await?;
    // At once, for some refresh in the background at a time of their own.
    server.grant().answer_with(Answer::OUTAGE);
    pass(OUTAGE_CALLS_BEGIN).await;
    let mut served = 0;
    for _ in 0..OUTAGE_CALLS {
        served += usize::from(ask(&peer).await.is_ok_and(|token| token == held));
        // A refresh in the background arrives as well.
        pass(BETWEEN_CALLS).await;
    }
    let first = 1;
    let count = server.grant().requests() - first;
    let word = match served {
        OUTAGE_CALLS => "served".to_owned(),
        0 => "**error**".to_owned(),
        some => format!("**{some} of {OUTAGE_CALLS} served**"),
    };
    let asked = if peer.asked_user() { ", asks the user to sign in" } else { "" };
    let words = format!("{word}, {}{asked}", requests(count));
    Ok(Cell::said(words, served == OUTAGE_CALLS && count <= 1))
}

/// What the first refresh brought cannot be written. The server rotates, so what the store holds is spent.
pub async fn failed_write<P: Peer>() -> Result<Cell, Error> {
    if !P::STORE {
        return Ok(Cell::not_applicable("– (no store)"));
    }
    let server = Server::start()?;
    server.grant().live_for(SHORT);
    let mut start = server.start_of_a_peer();
    start.first_write_fails = true;
    let peer = P::open(start).await?;
    let first = ask(&peer).await;
    let reported = first.is_err() || peer.reported_write();
    pass(LONGER_THAN_SHORT).await;
    let last = ask(&peer).await;
    let note = if reported { "reported" } else { "silent" };
    Ok(Cell::after(&server, &last).and(note).wanting(reported))
}
