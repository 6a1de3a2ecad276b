//! What a person reads first when a provider differs from its contract: by the client, by a session, and by `rekindle test`.
//!
//! The lines are in `at_night.txt`; `REKINDLE_UPDATE=1` writes them anew. Read the difference: each has to say what is the matter.
#![cfg(feature = "test")]

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rekindle_clients::{github, ringcentral};
use rekindle_runtime::http::{Request, Response};
use rekindle_runtime::kit;
use rekindle_runtime::session::{EventKind, Renewable, Session};
use rekindle_runtime::{Grant, PendingRefresh, Renew, Token, Transport, TransportError};
use rekindle_testkit::{Server, answer};
use support::Place;

type Answer = Response<Vec<u8>>;

/// What must not be shown.
const HELD: &str = "held-refresh-4f3c2a1b9d8e7f60";
const SECRET: &str = "client-secret-9d8e7f604f3c2a1b";
const ISSUED: &str = "issued-4f3c2a1b";

/// Nothing is sent there.
const NOWHERE: &str = "http://127.0.0.1:1";

/// A usable answer, the `n`th, with `more` members.
fn tokens(n: usize, more: &str) -> String {
    format!(
        r#"{{"access_token":"{ISSUED}-access-{n}","refresh_token":"{ISSUED}-refresh-{n}","token_type":"bearer","expires_in":28800,"refresh_token_expires_in":604800,"scope":"a"{more}}}"#
    )
}

/// How a server answers: to its `n`th request.
type Planted = fn(usize) -> Answer;

/// Sixteen servers that differ from what RFC 6749 and the spec say, and one more.
const PLANTED: [(&str, Planted); 17] = [
    ("content type", |n| answer(200).html(tokens(n, ""))),
    ("nesting", |n| answer(200).json(format!(r#"{{"data":{}}}"#, tokens(n, "")))),
    ("extra envelope", |n| {
        answer(200).json(format!(r#"{{"status":"ok","result":[{{"auth":{}}}]}}"#, tokens(n, "")))
    }),
    ("in a header", |n| {
        let token = format!("{ISSUED}-access-{n}");
        answer(200).header("x-access-token", &token).json(r#"{"token_type":"bearer"}"#)
    }),
    ("201", |n| answer(201).json(tokens(n, ""))),
    ("no refresh token", |n| answer(200).json(tokens(n, "").replace("refresh_token\"", "other\""))),
    ("milliseconds", |n| answer(200).json(tokens(n, "").replace("28800", "28800000"))),
    ("gzip", |_| {
        let body = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\x4a".to_vec();
        answer(200).header("content-encoding", "gzip").json(body)
    }),
    ("HTML", |_| answer(200).html("<!doctype html><title>Sign in</title>")),
    ("301", |_| {
        let location = format!("https://login.example/oauth?token={HELD}");
        answer(301).header("location", &location).empty()
    }),
    ("204", |_| answer(204).empty()),
    ("form", |n| answer(200).form(format!("access_token={ISSUED}-access-{n}&expires_in=28800"))),
    ("byte order mark", |n| answer(200).json(format!("\u{feff}{}", tokens(n, "")))),
    ("error in 200", |_| answer(200).json(r#"{"error":"invalid_grant"}"#)),
    ("error beside tokens", |n| answer(200).json(tokens(n, r#","error":"slow_down""#))),
    ("401 with a body", |_| answer(401).json(r#"{"error":"invalid_client"}"#)),
    ("401 without a body", |_| answer(401).empty()),
];

/// Whose life is told in another unit than usual: the contract says what is usual.
const MILLISECONDS: &str = "milliseconds";

struct Canned(Planted);

impl Transport for Canned {
    async fn send(&self, _: Request<Vec<u8>>) -> Result<Answer, TransportError> {
        Ok(self.0(1))
    }
}

fn grant() -> Grant {
    Grant::new().with_refresh_token(Token::new(HELD))
}

/// What a client says: its error, or else where the answer differs.
fn said_by_client<P: Renew>(client: &P, planted: Planted) -> String
where
    P::Pending: PendingRefresh<Credential = P::Credential, Tokens = P::Tokens>,
{
    let started_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_820_818);
    let credential = P::credential(&grant()).expect("a credential");
    let Ok((_, pending)) = client.start(credential, started_at) else { panic!("a request") };
    match pending.finish(planted(1)) {
        Ok(tokens) => {
            let (_, deviations) = P::grant(tokens);
            deviations.first().map_or("nothing".to_owned(), ToString::to_string)
        }
        Err(failed) => failed.to_string(),
    }
}

/// What a session tells first, as the message of its log line.
async fn said_by_session<P: Renewable + Clone>(client: &P, planted: Planted) -> String {
    let session = Session::builder(client.clone(), Canned(planted));
    let session = session.open().await.expect("a session");
    session.sign_in(grant()).await.expect("a grant");
    let mut events = session.events();
    let _ = session.access_token().await;
    loop {
        let event = events.next().await.expect("an event");
        if !matches!(event.kind, EventKind::Refreshed { .. }) {
            return undated(&event.kind.to_string());
        }
    }
}

/// The text with the time of day left out.
fn undated(text: &str) -> String {
    let Some((before, after)) = text.split_once("(begun ") else {
        return text.to_owned();
    };
    let (when, after) = after.split_once(')').expect("the end of a time");
    assert!(when.len() == 20 && when.ends_with('Z'), "{when} is no time of day");
    format!("{before}(begun …){after}")
}

/// The first finding of the report of `rekindle test`.
fn said_by_command(id: &str, planted: Planted) -> String {
    let server = Server::start((1..60).map(planted));
    let place = Place::new("at-night");
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("specs/{id}.yaml"));
    let credentials = format!(
        r#"{{"{id}":{{"client":{{"client_id":"id","client_secret":"{SECRET}"}},"refresh_token":"{HELD}"}}}}"#
    );
    place.write("held.json", &credentials);
    private(&place.path("held.json"));
    let url = format!("http://{}", server.address());
    let mut command = place.command();
    command.arg("test").arg(spec).args([
        "--yes",
        "--control",
        "none",
        "--credentials",
        "held.json",
    ]);
    if id == "ringcentral" && planted(1).status() == 200 {
        // This server takes any token, of which other checks tell.
        command.args(["--only", "answer,answer-readable,answer-written,access-token,rotation"]);
    }
    let output = command.args(["--show", "--base-url", &url]).output().expect("a run");
    let stdout = String::from_utf8(output.stdout).expect("text");
    let stderr = String::from_utf8(output.stderr).expect("text");
    silent(&stdout);
    silent(&stderr);
    assert!(stderr.contains("> curl -i "), "{stderr}");
    let first = stdout.lines().nth(1).unwrap_or_else(|| panic!("{stdout}{stderr}"));
    first.trim().to_owned()
}

#[cfg(unix)]
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(path, mode).expect("a mode");
}

#[cfg(not(unix))]
fn private(_: &Path) {}

fn silent(text: &str) {
    for secret in [HELD, SECRET, ISSUED] {
        assert!(!text.contains(secret), "a secret is shown in {text}");
    }
}

#[tokio::test]
async fn each_deviation_is_named_in_the_first_line() {
    let settings = github::Settings { client_id: "id".into(), client_secret: SECRET.into() };
    let github = github::Client::new(kit::Place::loopback(NOWHERE), settings).expect("a client");
    let settings = ringcentral::Settings { client_id: "id".into(), client_secret: SECRET.into() };
    let ringcentral =
        ringcentral::Client::new(kit::Place::loopback(NOWHERE), settings).expect("a client");
    let mut said = String::new();
    for (name, planted) in PLANTED {
        let (id, client, session) = if name == MILLISECONDS {
            ("github", said_by_client(&github, planted), said_by_session(&github, planted).await)
        } else {
            let session = said_by_session(&ringcentral, planted).await;
            ("ringcentral", said_by_client(&ringcentral, planted), session)
        };
        let command = said_by_command(id, planted);
        // Writing to a text cannot fail.
        let _ = write!(
            said,
            "{name}\n  client   {client}\n  session  {session}\n  test     {command}\n"
        );
    }
    silent(&said);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/at_night.txt");
    if std::env::var_os("REKINDLE_UPDATE").is_some() {
        std::fs::write(&golden, &said).expect("it can be written");
    }
    let expected = std::fs::read_to_string(&golden).expect("tests/at_night.txt");
    assert_eq!(said, expected, "`REKINDLE_UPDATE=1` writes the lines anew: read them");
}
