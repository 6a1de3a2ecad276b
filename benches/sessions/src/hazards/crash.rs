//! A process is killed after the server has answered and before the answer is stored: a real process, and a real `SIGKILL`.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rekindle_bench_sessions::Error;
use rekindle_bench_sessions::ours::Ours;
use rekindle_bench_sessions::peer::{Peer, Start};
use rekindle_bench_sessions::peers::{Aws, Google, Huskarl, Rspotify, Yup};
use rekindle_bench_sessions::server::Server;

use crate::cell::{Cell, ask, requests};

/// The first argument of the process that will be killed.
pub const VICTIM: &str = "victim";

/// Kills a process that has sent its request, and opens the peer anew with what is stored.
pub async fn crash<P: Peer>() -> Result<Cell, Error> {
    if !P::STORE {
        return Ok(Cell::not_applicable("– (no store)"));
    }
    let server = Server::start()?;
    server.hold(true);
    let folder = tempfile::tempdir()?;
    let mut start = server.start_of_a_peer();
    start.folder = Some(folder.path().join("grants"));
    let mut child = start_victim::<P>(&start)?;
    let arrived = server.arrived(1).await;
    // SIGKILL: the server has spent the token and its answer is under way.
    child.kill()?;
    child.wait()?;
    arrived?;
    server.hold(false);
    let peer = P::open(start).await?;
    let last = ask(&peer).await;
    let count = server.grant().requests();
    if peer.is_in_doubt().await {
        let words = format!("known: in doubt, {} in all", requests(count));
        return Ok(Cell::said(words, count == 1));
    }
    Ok(Cell::after(&server, &last))
}

fn start_victim<P: Peer>(start: &Start) -> Result<Child, Error> {
    let folder = start.folder.clone().unwrap_or_default();
    let child = Command::new(std::env::current_exe()?)
        .args([VICTIM, P::NAME, &start.url, &start.refresh_token])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    Ok(child)
}

/// What that process does: it asks for a token and never gets one.
pub async fn run_victim(arguments: &[String]) -> Result<(), Error> {
    let [name, url, refresh_token, folder] = arguments else {
        return Err("usage: victim PEER URL REFRESH_TOKEN FOLDER".into());
    };
    let start = Start {
        url: url.clone(),
        refresh_token: refresh_token.clone(),
        first_write_fails: false,
        folder: Some(PathBuf::from(folder)),
    };
    match name.as_str() {
        <Ours>::NAME => ask_once::<Ours>(start).await,
        Yup::NAME => ask_once::<Yup>(start).await,
        Huskarl::NAME => ask_once::<Huskarl>(start).await,
        Rspotify::NAME => ask_once::<Rspotify>(start).await,
        Aws::NAME => ask_once::<Aws>(start).await,
        Google::NAME => ask_once::<Google>(start).await,
        _ => Err("no such peer".into()),
    }
}

async fn ask_once<P: Peer>(start: Start) -> Result<(), Error> {
    let peer = P::open(start).await?;
    ask(&peer).await.map(drop)
}
