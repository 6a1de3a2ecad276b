//! A command-line tool that signs in once and then always has a fresh token, kept in a file of the person who uses it.
//!
//! ```console
//! cargo run -- serve specs/wetix.yaml                                     # in another terminal; it prints a refresh token
//! cargo run -p rekindle-examples --bin cli -- login                       # paste it
//! cargo run -p rekindle-examples --bin cli -- get
//! ```
//!
//! Any number of these may run at once: they share the file, and one of them refreshes for all.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use rekindle_clients::wetix::Client;
use rekindle_examples::{CLOSING, Wetix, asked_to_end, ends};
use rekindle_runtime::session::{InDoubt, SessionError, Upkeep};
use rekindle_runtime::store::FileStore;
use rekindle_runtime::{Class, Grant, ReqwestTransport, Token};

type Session = rekindle_runtime::session::Session<Client>;

/// Talks to WeTix in your name
///
/// Exit codes: 0 done; 1 it failed; 2 wrong arguments; 3 sign in (again); 4 try again later; 5 an exchange is in doubt, see
/// `refresh --again`; 130 interrupted.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// The folder where the grant is kept [default: wetix-cli in your folder for data]
    #[arg(long, global = true, value_name = "PATH", env = "WETIX_STORE")]
    store: Option<PathBuf>,
    #[command(flatten)]
    wetix: Wetix,
}

#[derive(Subcommand)]
enum Command {
    /// Reads a refresh token from standard input and keeps it
    Login,
    /// Gets the protected page
    Get,
    /// Says how the grant stands
    Status,
    /// Refreshes now, whatever the token's life
    Refresh {
        /// Where an answer was lost: send the credential once more. The provider may take that for theft and end the grant
        #[arg(long)]
        again: bool,
    },
    /// Forgets the grant. It stays good at the provider until it ends there
    Logout,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            exit_code(&error)
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let folder = match arguments.store {
        Some(folder) => folder,
        None => data_folder()?,
    };
    let store = FileStore::open(&folder)?;
    let session = Session::builder(arguments.wetix.client()?, ReqwestTransport::new()?)
        .store(store)
        .upkeep(Upkeep::WhenAsked)
        .open()
        .await?;
    let done = tokio::select! {
        done = act(arguments.command, &session, &arguments.wetix) => done.map(|()| ExitCode::SUCCESS),
        interrupt = asked_to_end() => {
            interrupt?;
            Ok(ExitCode::from(130))
        }
    };
    // A token may be on its way, in the background or because of Ctrl-C: whoever ends now loses it.
    let left = session.close(CLOSING).await;
    if !left.is_nothing() {
        eprintln!("not finished: {left:?}");
    }
    done
}

async fn act(command: Command, session: &Session, wetix: &Wetix) -> anyhow::Result<()> {
    match command {
        Command::Login => login(session).await,
        Command::Get => get(session, wetix).await,
        Command::Status => status(session).await,
        Command::Refresh { again } => refresh(session, again).await,
        Command::Logout => {
            session.sign_out().await?;
            println!("signed out");
            Ok(())
        }
    }
}

/// The token is read, never an argument: those are in the shell's history, and every process of the machine can read them.
async fn login(session: &Session) -> anyhow::Result<()> {
    if io::stdin().is_terminal() {
        eprint!("refresh token: ");
    }
    let line = io::stdin().lines().next().transpose()?.unwrap_or_default();
    let first = line.trim();
    if first.is_empty() {
        bail!("no refresh token on standard input");
    }
    session.sign_in(Grant::new().with_refresh_token(Token::new(first))).await?;
    let token = session.access_token().await?;
    println!("signed in; fresh until {}", ends(token.expiry()));
    Ok(())
}

/// Sends a request with a fresh token; should the provider refuse that, once more with a new one.
async fn get(session: &Session, wetix: &Wetix) -> anyhow::Result<()> {
    let http = reqwest::Client::new();
    let mut repeated = false;
    loop {
        let mut request = http.get(wetix.protected()).build()?;
        let generation = session.authorize(request.headers_mut()).await?;
        let answer = http.execute(request).await.context("no answer")?;
        let refused = session.note_answer(generation, answer.status(), answer.headers());
        if refused && !repeated {
            repeated = true;
            continue;
        }
        let status = answer.status();
        if !status.is_success() {
            bail!("WeTix answers {status}");
        }
        println!("WeTix answers {status} (generation {generation})");
        return Ok(());
    }
}

async fn status(session: &Session) -> anyhow::Result<()> {
    let status = session.status().await?;
    match (status.generation, status.ended) {
        (0, _) => println!("not signed in"),
        (_, Some(how)) => println!("the grant is over: sign in again, with {how}"),
        (generation, None) => println!("signed in, generation {generation}"),
    }
    if status.generation > 0 {
        println!("access token   until {}", ends(status.access_ends));
        println!("refresh token  until {}", ends(status.refresh_ends));
    }
    if let Some(flight) = status.in_flight {
        println!("an exchange was begun by {} and has no outcome yet", flight.owner);
    }
    Ok(())
}

async fn refresh(session: &Session, again: bool) -> anyhow::Result<()> {
    if again {
        session.resolve(InDoubt::Gamble).await?;
    } else {
        session.refresh_now().await?;
    }
    println!("fresh until {}", ends(session.access_token().await?.expiry()));
    Ok(())
}

/// Where programs keep such things: `~/.local/share`, `~/Library/Application Support`, `%APPDATA%`.
fn data_folder() -> anyhow::Result<PathBuf> {
    let strategy = choose_app_strategy(AppStrategyArgs {
        top_level_domain: "example".to_owned(),
        author: "Rekindle".to_owned(),
        app_name: "wetix-cli".to_owned(),
    });
    Ok(strategy.context("no home folder: give one with --store")?.data_dir())
}

fn exit_code(error: &anyhow::Error) -> ExitCode {
    let class = error.downcast_ref().map(SessionError::class);
    ExitCode::from(match class {
        Some(Class::Reauthenticate(_)) => 3,
        Some(Class::Transient | Class::RateLimited { .. }) => 4,
        Some(Class::InDoubt) => 5,
        _ => 1,
    })
}
