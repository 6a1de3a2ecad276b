//! Answers as real servers write them: which are to be accepted, which are to be refused, and what a peer does.

use std::fmt;
use std::time::Duration;

use rekindle_bench_sessions::Error;
use rekindle_bench_sessions::clients::{form, nested, ok_field, plain, soft_error};
use rekindle_bench_sessions::clock::pass;
use rekindle_bench_sessions::ours::Ours;
use rekindle_bench_sessions::peer::Peer;
use rekindle_bench_sessions::server::{Answer, Server, access_token};
use tokio::task::JoinHandle;

use crate::cell::{Cell, ask};

/// One answer.
pub struct Real {
    /// What is particular about it.
    pub name: &'static str,
    answer: Answer,
    wanted: Wanted,
    contract: Described,
}

/// The contract in `specs/` that describes an answer, for who has one.
#[derive(Clone, Copy, Debug)]
enum Described {
    /// RFC 6749 as it is written.
    Plain,
    /// The answer is a form.
    Form,
    /// The members are in `data`.
    Nested,
    /// Errors come with status 200.
    SoftError,
    /// A member says whether it is a success.
    OkField,
}

/// What is right.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wanted {
    /// The token is served, and the next call needs no other.
    Accepted,
    /// The token is served, and the next refresh sends the refresh token that was held before.
    AcceptedKeeping,
    /// It is an error, whatever its status says.
    Refused,
}

/// What a peer did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// It reads no answers.
    None,
    /// What is right.
    Right,
    /// It refused what can be used.
    Refused,
    /// It served what is no token.
    Served,
    /// All went well, it says, but there is no token.
    Empty,
    /// It served a token, and asked for another one in the next call.
    AskedAgain,
    /// It served a token, but did not keep the old refresh token.
    Forgot,
}

impl Real {
    /// All of them: twelve that can be used and five that cannot.
    pub const ALL: [Self; 17] = [
        Self::accepted(
            "as in RFC 6749",
            r#"{"access_token":"{access}","token_type":"Bearer","expires_in":3600,"refresh_token":"{refresh}","scope":"read"}"#,
        ),
        Self::accepted(
            "`expires_in` is a string",
            r#"{"access_token":"{access}","token_type":"Bearer","expires_in":"3600","refresh_token":"{refresh}"}"#,
        ),
        Self::accepted(
            "`expires_in` is a float",
            r#"{"access_token":"{access}","token_type":"Bearer","expires_in":3600.0,"refresh_token":"{refresh}"}"#,
        ),
        Self::accepted(
            "`expires_in` is null",
            r#"{"access_token":"{access}","token_type":"Bearer","expires_in":null,"refresh_token":"{refresh}"}"#,
        ),
        Self::accepted(
            "no `expires_in`",
            r#"{"access_token":"{access}","token_type":"Bearer","refresh_token":"{refresh}"}"#,
        ),
        Self::keeping(
            "`refresh_token` is null",
            r#"{"access_token":"{access}","token_type":"Bearer","expires_in":1,"refresh_token":null}"#,
        ),
        Self::keeping(
            "`refresh_token` is empty",
            r#"{"access_token":"{access}","token_type":"Bearer","expires_in":1,"refresh_token":""}"#,
        ),
        Self::accepted(
            "nested in `data`",
            r#"{"data":{"access_token":"{access}","token_type":"Bearer","expires_in":3600,"refresh_token":"{refresh}"}}"#,
        )
        .by(Described::Nested),
        Self {
            name: "a form",
            answer: Answer {
                status: 200,
                content_type: "application/x-www-form-urlencoded",
                body: "access_token={access}&token_type=bearer&expires_in=3600&refresh_token={refresh}",
            },
            wanted: Wanted::Accepted,
            contract: Described::Form,
        },
        Self::accepted(
            "no `token_type`",
            r#"{"access_token":"{access}","expires_in":3600,"refresh_token":"{refresh}"}"#,
        ),
        Self::accepted(
            "`token_type` is `bearer`",
            r#"{"access_token":"{access}","token_type":"bearer","expires_in":3600,"refresh_token":"{refresh}"}"#,
        ),
        Self::accepted(
            "unknown members",
            r#"{"access_token":"{access}","token_type":"Bearer","expires_in":3600,"refresh_token":"{refresh}","issued_at":1790000000.5,"account":{"ids":[1,null]},"scopes":["read"]}"#,
        ),
        Self::refused(
            "200 with an `error`",
            r#"{"error":"invalid_grant","error_description":"revoked"}"#,
        )
        .by(Described::SoftError),
        Self::refused(
            "200 with `ok: false`",
            r#"{"ok":false,"message":"token_revoked"}"#,
        )
        .by(Described::OkField),
        Self::refused(
            "`access_token` is empty",
            r#"{"access_token":"","token_type":"Bearer","expires_in":3600}"#,
        ),
        Self::refused(
            "`access_token` is null",
            r#"{"access_token":null,"token_type":"Bearer","expires_in":3600}"#,
        ),
        Self {
            name: "200 with a page",
            answer: Answer {
                status: 200,
                content_type: "text/html",
                body: "<!DOCTYPE html><title>Sign in to this network</title>",
            },
            wanted: Wanted::Refused,
            contract: Described::Plain,
        },
    ];

    const fn accepted(name: &'static str, body: &'static str) -> Self {
        Self::json(name, body, Wanted::Accepted)
    }

    const fn keeping(name: &'static str, body: &'static str) -> Self {
        Self::json(name, body, Wanted::AcceptedKeeping)
    }

    const fn refused(name: &'static str, body: &'static str) -> Self {
        Self::json(name, body, Wanted::Refused)
    }

    const fn json(name: &'static str, body: &'static str, wanted: Wanted) -> Self {
        Self { name, answer: Answer::json(body), wanted, contract: Described::Plain }
    }

    const fn by(mut self, contract: Described) -> Self {
        self.contract = contract;
        self
    }

    /// What is right, in words.
    pub fn right(&self) -> &'static str {
        match self.wanted {
            Wanted::Accepted => "accepted",
            Wanted::AcceptedKeeping => "accepted, the old one kept",
            Wanted::Refused => "refused",
        }
    }
}

/// Gives every answer to a peer of its own.
pub async fn all<P: Peer>() -> Result<Vec<Outcome>, Error> {
    if !P::READS {
        return Ok(vec![Outcome::None; Real::ALL.len()]);
    }
    // All at once: what is waited for is the end of a life.
    let mut running = Vec::new();
    for real in &Real::ALL {
        running.push(tokio::spawn(outcome::<P>(real)));
    }
    ended(running).await
}

/// Gives every answer to a session of the client whose contract describes it.
pub async fn described() -> Result<Vec<Outcome>, Error> {
    let running = Real::ALL.iter().map(|real| match real.contract {
        Described::Plain => tokio::spawn(outcome::<Ours<plain::Client>>(real)),
        Described::Form => tokio::spawn(outcome::<Ours<form::Client>>(real)),
        Described::Nested => tokio::spawn(outcome::<Ours<nested::Client>>(real)),
        Described::SoftError => tokio::spawn(outcome::<Ours<soft_error::Client>>(real)),
        Described::OkField => tokio::spawn(outcome::<Ours<ok_field::Client>>(real)),
    });
    ended(running.collect()).await
}

async fn ended(running: Vec<JoinHandle<Result<Outcome, Error>>>) -> Result<Vec<Outcome>, Error> {
    let mut outcomes = Vec::new();
    for outcome in running {
        outcomes.push(outcome.await??);
    }
    Ok(outcomes)
}

async fn outcome<P: Peer>(real: &'static Real) -> Result<Outcome, Error> {
    let server = Server::start()?;
    server.grant().answer_with(real.answer.clone());
    let peer = P::open(server.start_of_a_peer()).await?;
    let first = peer.token(|token| token.map(str::to_owned)).await;
    Ok(match (real.wanted, first) {
        (Wanted::Refused, Err(_)) => Outcome::Right,
        (Wanted::Refused, Ok(Some(_))) => Outcome::Served,
        (_, Ok(None)) => Outcome::Empty,
        (_, Err(_)) => Outcome::Refused,
        (_, Ok(Some(token))) if token != access_token(1) => Outcome::Served,
        (Wanted::Accepted, _) => again(&peer, &server).await,
        (Wanted::AcceptedKeeping, _) => next(&peer, &server).await,
    })
}

/// The next call, at once: it needs no request.
async fn again<P: Peer>(peer: &P, server: &Server) -> Outcome {
    match ask(peer).await {
        Ok(_) if server.grant().requests() == 1 => Outcome::Right,
        _ => Outcome::AskedAgain,
    }
}

/// The next refresh: it needs the refresh token that was there first.
async fn next<P: Peer>(peer: &P, server: &Server) -> Outcome {
    server.grant().answer_with(Answer::PAIR);
    pass(Duration::from_millis(1500)).await;
    match ask(peer).await {
        Ok(_) => Outcome::Right,
        Err(_) => Outcome::Forgot,
    }
}

/// How many a peer gets right, and whether that is all of them.
pub fn sum(outcomes: &[Outcome]) -> Cell {
    let count = |wanted| outcomes.iter().filter(|&&outcome| outcome == wanted).count();
    if outcomes.contains(&Outcome::None) {
        return Cell::not_applicable("– (read by hand)");
    }
    let right = count(Outcome::Right);
    let mut words = right.to_string();
    for (outcome, what) in [
        (Outcome::Empty, "`Ok` without a token"),
        (Outcome::Served, "served what is no token"),
        (Outcome::Forgot, "lost the refresh token"),
    ] {
        let times = count(outcome);
        if times > 0 {
            words += &format!("; {times} × {what}");
        }
    }
    Cell::said(words, right == Real::ALL.len())
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "–",
            Self::Right => "right",
            Self::Refused => "refused",
            Self::Served => "**served**",
            Self::Empty => "**`Ok`, no token**",
            Self::AskedAgain => "a refresh per call",
            Self::Forgot => "**refresh token lost**",
        })
    }
}
