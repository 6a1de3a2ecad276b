//! Workers that share many people's grants in Redis, keep them alive and use them. Start it as often as you like, anywhere.
//!
//! ```console
//! cargo run -- serve specs/wetix.yaml                                     # in another terminal; it prints a refresh token
//! redis-server --appendonly yes --appendfsync always                      # in another terminal
//! cargo run -p rekindle-examples --bin fleet -- sign-in user-1            # paste the token
//! cargo run -p rekindle-examples --bin fleet -- work user-1               # in as many terminals as you like
//! ```
//!
//! When the access tokens die, one worker refreshes and the others adopt what it has got. README.md beside this package says how to
//! let them.

use std::collections::HashMap;
use std::io;
use std::pin::pin;
use std::process;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::{Parser, Subcommand};
use rekindle_clients::wetix::Client;
use rekindle_examples::{CLOSING, Wetix, asked_to_end, ends};
use rekindle_runtime::session::{Event, EventKind, Pool, Sessions, Upkeep};
use rekindle_runtime::store::redis::{RedisStore, redis};
use rekindle_runtime::{Grant, ReqwestTransport, Token};
use tokio::time::{MissedTickBehavior, interval};

/// Keeps grants at WeTix alive, and uses them
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Where the grants are
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "REDIS_URL",
        hide_env_values = true,
        default_value = "redis://127.0.0.1"
    )]
    redis: String,
    #[command(flatten)]
    wetix: Wetix,
}

#[derive(Subcommand)]
enum Command {
    /// Reads a refresh token for each of these people from standard input, one a line
    SignIn {
        #[arg(required = true)]
        people: Vec<String>,
    },
    /// Gets the protected page in their names, in turn, until it is ended
    Work {
        #[arg(required = true)]
        people: Vec<String>,
        /// The milliseconds between two requests
        #[arg(long, default_value_t = 1000)]
        every: u64,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let store = RedisStore::open(redis::Client::open(arguments.redis)?).await?;
    let sessions = Sessions::start()?;
    let pool = sessions
        .provider(arguments.wetix.client()?, ReqwestTransport::new()?)
        .store(store)
        .upkeep(Upkeep::Always)
        .start()?;
    match arguments.command {
        Command::SignIn { people } => sign_in(&pool, &people).await?,
        Command::Work { people, every } => {
            let every = Duration::from_millis(every.max(1));
            work(&pool, &people, every, &arguments.wetix.protected()).await?;
        }
    }
    // Whoever ends while an exchange is out loses its answer.
    let left = pool.close(CLOSING).await;
    ensure!(left.is_nothing(), "not finished in time: {left:?}");
    Ok(())
}

async fn sign_in(pool: &Pool<Client>, people: &[String]) -> anyhow::Result<()> {
    let mut lines = io::stdin().lines();
    for person in people {
        let line = lines.next().transpose()?.unwrap_or_default();
        if line.trim().is_empty() {
            bail!("no refresh token for {person} on standard input");
        }
        let grant = Grant::new().with_refresh_token(Token::new(line.trim()));
        let session = pool.session(person);
        session.sign_in(grant).await?;
        // Whether the token is good shows now, while the person is here.
        session.access_token().await?;
        println!("{person} is signed in");
    }
    Ok(())
}

async fn work(
    pool: &Pool<Client>,
    people: &[String],
    every: Duration,
    page: &str,
) -> anyhow::Result<()> {
    let http = reqwest::Client::new();
    let mut events = pool.events();
    let mut end = pin!(asked_to_end());
    let mut turns = interval(every);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next = people.iter().cycle();
    let mut answered = 0_u64;
    let mut generations = HashMap::new();
    say("at work");
    loop {
        tokio::select! {
            asked = &mut end => break asked?,
            Some(event) = events.next() => tell(&event),
            _ = turns.tick() => if let Some(person) = next.next() {
                match visit(pool, person, &http, page).await {
                    Ok(generation) => {
                        answered += 1;
                        if generations.insert(person, generation) != Some(generation) {
                            say(&format!("{person} answered with generation {generation}"));
                        }
                    }
                    // The next turn may go better: what to do about the rest stands in the events.
                    Err(error) => say(&format!("{person} failed: {error:#}")),
                }
            }
        }
    }
    pool.close(CLOSING).await;
    while let Some(event) = events.try_next() {
        tell(&event);
    }
    say(&format!("ended after {answered} answers"));
    Ok(())
}

/// Gets the page in the name of `person`; should their token be refused, once more with a new one. Says which was taken.
async fn visit(
    pool: &Pool<Client>,
    person: &str,
    http: &reqwest::Client,
    page: &str,
) -> anyhow::Result<u64> {
    let session = pool.session(person);
    for _ in 0..2 {
        let mut request = http.get(page).build()?;
        let generation = session.authorize(request.headers_mut()).await?;
        let answer = http.execute(request).await.context("no answer")?;
        if !session.note_answer(generation, answer.status(), answer.headers()) {
            answer.error_for_status()?;
            return Ok(generation);
        }
    }
    bail!("WeTix refuses fresh tokens");
}

/// A line for people for each thing that happens to a grant.
fn tell(event: &Event) {
    let person = event.key.as_ref().map_or("every grant", |key| key.subject());
    say(&match &event.kind {
        EventKind::Refreshed { generation, expiry } => {
            let until = ends(*expiry);
            format!("{person} refreshed: generation {generation}, until {until}")
        }
        EventKind::Adopted { generation } => format!("{person} adopted generation {generation}"),
        EventKind::Failed(error) => format!("{person} not refreshed: {error}"),
        EventKind::SignInNeeded { how, .. } => format!("{person} must sign in again, with {how}"),
        EventKind::InDoubt { .. } => format!("{person} in doubt: an answer was lost"),
        other => format!("{person} {other:?}"),
    });
}

fn say(words: &str) {
    println!("[{}] {words}", process::id());
}
