//! What a person reads first when a provider differs from its contract: by the client, by a session, and by `rekindle test`.
//!
//! The lines are in `at_night.txt`; `REKINDLE_UPDATE=1` writes them anew. Read the difference: each has to say what is the matter.
#![cfg(feature = "test")]

mod support;

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rekindle_clients::{github, ringcentral, transak, xellar};
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
/// Where a token should be a text.
const NUMBER: &str = "4815162342";

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

/// Servers that differ from what RFC 6749 and the spec say.
const PLANTED: [(&str, Planted); 40] = [
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
    ("refresh token in camel case", |n| {
        answer(200).json(tokens(n, "").replace("refresh_token\"", "refreshToken\""))
    }),
    ("refresh token nested", |n| {
        let moved = format!(r#","data":{{"refresh_token":"{ISSUED}-refresh-{n}"}}"#);
        answer(200).json(tokens(n, &moved).replacen("refresh_token\"", "other\"", 1))
    }),
    ("expiry in camel case", |n| {
        answer(200).json(tokens(n, "").replacen("expires_in", "expiresIn", 1))
    }),
    ("expiry of nothing", |n| answer(200).json(expiring(n, "0"))),
    ("expiry with a unit", |n| answer(200).json(expiring(n, "\"28800s\""))),
    ("expiry as a date", |n| answer(200).json(expiring(n, "\"2126-11-28T23:00:00Z\""))),
    ("expiry before 1970", |n| answer(200).json(expiring(n, "-1"))),
    ("expiry before 1970 in a text", |n| answer(200).json(expiring(n, "\"-1\""))),
    ("two documents", |n| answer(200).json(tokens(n, "").repeat(2))),
    ("number for an access token", |n| {
        let token = format!("\"{ISSUED}-access-{n}\"");
        answer(200).json(tokens(n, "").replace(&token, NUMBER))
    }),
    ("number for a refresh token", |n| {
        let token = format!("\"{ISSUED}-refresh-{n}\"");
        answer(200).json(tokens(n, "").replace(&token, NUMBER))
    }),
    ("another token type", |n| answer(200).json(tokens(n, "").replace("bearer", "mac"))),
    ("400 with a code elsewhere", |_| answer(400).json(r#"{"errorCode":"invalid_grant"}"#)),
    ("zlib", |_| answer(200).json(b"\x78\x9c\xab\x56\x4a".to_vec())),
    ("UTF-16", |n| {
        let units = tokens(n, "").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        answer(200).json(units)
    }),
    ("callback", |n| answer(200).json(format!("cb({})", tokens(n, "")))),
    ("guard", |n| answer(200).json(format!(")]}}',\n{}", tokens(n, "")))),
    ("JSON in a text", |n| answer(200).json(format!("\"{}\"", tokens(n, "").replace('"', "\\\"")))),
    ("transak: nothing around", |_| {
        answer(200).json(format!(r#"{{"accessToken":"{}"}}"#, jwt(SECONDS)))
    }),
    ("transak: JWT in milliseconds", |_| {
        answer(200).json(format!(r#"{{"data":{{"accessToken":"{}"}}}}"#, jwt(IN_MILLISECONDS)))
    }),
    ("transak: 403 with a page", |_| answer(403).html("<!doctype html><title>Wait</title>")),
    ("xellar: another name", |n| {
        let pair = format!(r#"{{"wallet_token":"{ISSUED}-{n}","refreshToken":"{ISSUED}-r{n}"}}"#);
        answer(200).json(format!(r#"{{"data":{pair}}}"#))
    }),
    ("xellar: no refresh token", |n| {
        answer(200).json(format!(r#"{{"data":{{"walletToken":"{ISSUED}-{n}"}}}}"#))
    }),
];

/// A usable answer that says this of the end of its access token.
fn expiring(n: usize, end: &str) -> String {
    tokens(n, "").replacen("28800", end, 1)
}

/// A JWT whose claims, in base64url, are these.
fn jwt(claims: &str) -> String {
    format!("eyJhbGciOiJIUzI1NiJ9.{claims}.{ISSUED}")
}

/// An `exp` in a hundred years, and the same in milliseconds.
const SECONDS: &str = "eyJzdWIiOiJhIiwiZXhwIjo0OTUxNTgyMDAwfQ";
const IN_MILLISECONDS: &str = "eyJzdWIiOiJhIiwiZXhwIjo0OTUxNTgyMDAwMDAwfQ";

/// Whose life is told in another unit than usual: the contract says what is usual.
const MILLISECONDS: &str = "milliseconds";

struct Canned(Planted);

impl Transport for Canned {
    async fn send(&self, _: Request<Vec<u8>>) -> Result<Answer, TransportError> {
        Ok(self.0(1))
    }
}

fn grant() -> Grant {
    Grant::new().with_refresh_token(Token::new(HELD)).with_access_token(Token::new(HELD))
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
    let _ = session.refresh_now().await;
    loop {
        let event = tokio::time::timeout(Duration::from_secs(10), events.next()).await;
        let Ok(event) = event else { return "nothing".to_owned() };
        let event = event.expect("an event");
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
    // This server takes any token, of which other checks tell.
    let is_lax = id != "github" && planted(1).status() == 200;
    let only = "answer,answer-readable,answer-written,access-token,rotation";
    let only = match id {
        "ringcentral" => format!("{only},token-type,access-expiry"),
        "transak" => "access-token,access-expiry".to_owned(),
        _ => only.to_owned(),
    };
    said_at(id, &server.url(), is_lax.then_some(&only))
}

fn said_at(id: &str, url: &str, only: Option<&str>) -> String {
    let report = report_at(id, url, only);
    report.lines().nth(1).unwrap_or_else(|| panic!("{report}")).trim().to_owned()
}

/// The report of `rekindle test`, in which there is no secret.
fn report_at(id: &str, url: &str, only: Option<&str>) -> String {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("specs/{id}.yaml"));
    let held = match id {
        "transak" => format!(r#""access_token":"{HELD}""#),
        "xellar" => {
            format!(r#""client":{{"client_secret":"{SECRET}"}},"refresh_token":"{HELD}""#)
        }
        _ => format!(
            r#""client":{{"client_id":"id","client_secret":"{SECRET}"}},"refresh_token":"{HELD}""#
        ),
    };
    let credentials = format!(r#"{{"{id}":{{{held}}}}}"#);
    report_by(&spec, &credentials, url, only).0
}

/// The same by a contract, and with which status the command ended.
fn report_by(
    spec: &Path,
    credentials: &str,
    url: &str,
    only: Option<&str>,
) -> (String, Option<i32>) {
    // Two tests use it at the same time, each with a server of its own.
    let (_, port) = url.rsplit_once(':').expect("a port");
    let place = Place::new(&format!("at-night-{port}"));
    place.write("held.json", credentials);
    private(&place.path("held.json"));
    let mut command = place.command();
    command.arg("test").arg(spec).args([
        "--yes",
        "--control",
        "none",
        "--credentials",
        "held.json",
    ]);
    if let Some(only) = only {
        command.args(["--only", only]);
    }
    let output = command.args(["--show", "--base-url", url]).output().expect("a run");
    let stdout = String::from_utf8(output.stdout).expect("text");
    let stderr = String::from_utf8(output.stderr).expect("text");
    silent(&stdout);
    silent(&stderr);
    assert!(stderr.contains("> curl -i "), "{stderr}");
    (stdout, output.status.code())
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
    for secret in [HELD, SECRET, ISSUED, NUMBER] {
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
    let transak = transak::Client::new(kit::Place::loopback(NOWHERE)).expect("a client");
    let settings = xellar::Settings { client_secret: SECRET.into() };
    let xellar = xellar::Client::new(kit::Place::loopback(NOWHERE), settings).expect("a client");
    for (name, planted) in PLANTED {
        let id = match name.split_once(": ") {
            Some((id, _)) => id,
            None if name == MILLISECONDS => "github",
            None => "ringcentral",
        };
        let (client, session) = match id {
            "github" => (said_by_client(&github, planted), said_by_session(&github, planted).await),
            "transak" => {
                (said_by_client(&transak, planted), said_by_session(&transak, planted).await)
            }
            // A session hands out tokens that are used often.
            "xellar" => (said_by_client(&xellar, planted), "-".to_owned()),
            _ => {
                let session = said_by_session(&ringcentral, planted).await;
                (said_by_client(&ringcentral, planted), session)
            }
        };
        let command = said_by_command(id, planted);
        // Writing to a text cannot fail.
        let _ = write!(
            said,
            "{name}\n  client   {client}\n  session  {session}\n  test     {command}\n"
        );
    }
    silent(&said);
    hold("tests/at_night.txt", &said);
}

/// What is said is what the golden file has.
#[track_caller]
fn hold(golden: &str, said: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(golden);
    if std::env::var_os("REKINDLE_UPDATE").is_some() {
        std::fs::write(&path, said).expect("it can be written");
    }
    let expected = std::fs::read_to_string(&path).expect(golden);
    assert_eq!(said, expected, "`REKINDLE_UPDATE=1` writes the lines anew: read them");
}

/// Whose answers say of themselves whether they are a success.
const ENVELOPE: &str = r#"
rekindle: 1
provider: { id: envo, name: Envo }
base_url: integrator
client: { client_id: {}, client_secret: { secret: true } }
refresh: { request: POST /v1/token, auth: body, json: { grant_type: refresh_token, refresh_token: "${refresh_token}" } }
response:
  success: { status: 200, field: /ok, equals: true }
  access_token: /data/access_token
  refresh_token: /data/refresh_token
  token_type: /data/token_type
tokens:
  access: { expires: { seconds: /data/expires_in }, sent_as: bearer }
  refresh: { use: once, rotation: always }
errors:
  - { status: 200, field: /error/code, equals: token_revoked, class: reauthenticate }
  - { status: 200, field: /error/code, equals: bad_client, class: client_misconfigured, or: reauthenticate }
"#;

/// Servers that differ from it.
const OF_ENVELOPE: [(&str, Planted); 25] = [
    ("extra envelope", |n| answer(200).json(format!(r#"{{"data":{}}}"#, enveloped(n)))),
    ("nothing around", |n| answer(200).json(tokens(n, ""))),
    ("no success field", |n| answer(200).json(enveloped(n).replace("\"ok\":true,", ""))),
    ("success in a text", |n| answer(200).json(enveloped(n).replace("true", "\"true\""))),
    ("no success, and tokens", |n| answer(200).json(enveloped(n).replace("true", "false"))),
    ("no success", |_| answer(200).json(r#"{"ok":false}"#)),
    ("unknown code", |_| answer(200).json(r#"{"ok":false,"error":{"code":"quota_exceeded"}}"#)),
    ("unknown code in a text", |_| answer(200).json(r#"{"ok":false,"error":"brand_new_code"}"#)),
    ("error in 200", |_| answer(200).json(r#"{"error":"invalid_grant"}"#)),
    ("dead grant", |_| answer(200).json(r#"{"ok":false,"error":{"code":"token_revoked"}}"#)),
    ("client or grant", |_| answer(200).json(r#"{"ok":false,"error":{"code":"bad_client"}}"#)),
    ("gzip", |_| answer(200).json(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab".to_vec())),
    ("HTML", |_| answer(200).html("<!doctype html><title>Sign in</title>")),
    ("form", |n| answer(200).form(format!("ok=true&access_token={ISSUED}-access-{n}"))),
    ("UTF-16", |n| {
        answer(200)
            .json(enveloped(n).encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
    }),
    ("two documents", |n| answer(200).json(enveloped(n).repeat(2))),
    ("broken JSON", |n| answer(200).json(enveloped(n).replace("}}", ",}}"))),
    ("no body", |_| answer(200).empty()),
    ("deeper tokens", |n| {
        answer(200).json(format!(r#"{{"ok":true,"data":{{"token":{}}}}}"#, tokens(n, "")))
    }),
    ("no refresh token", |n| answer(200).json(enveloped(n).replace("refresh_token\"", "other\""))),
    ("object for a refresh token", |n| {
        let token = format!("\"{ISSUED}-refresh-{n}\"");
        answer(200).json(enveloped(n).replace(&token, &format!("{{\"value\":{token}}}")))
    }),
    ("201", |n| answer(201).json(enveloped(n))),
    ("401 without a body", |_| answer(401).empty()),
    ("429 with a page", |_| answer(429).header("retry-after", "3600").html("<!doctype html>")),
    ("503", |_| answer(503).header("retry-after", "Sat, 06 Nov 2094 08:49:37 GMT").empty()),
];

/// What is held of it.
fn held() -> String {
    let client = format!(r#"{{"client_id":"id","client_secret":"{SECRET}"}}"#);
    format!(r#"{{"envo":{{"client":{client},"refresh_token":"{HELD}"}}}}"#)
}

/// A usable answer in its envelope, the `n`th.
fn enveloped(n: usize) -> String {
    format!(r#"{{"ok":true,"data":{}}}"#, tokens(n, ""))
}

/// Whichever exchange differs, there is one failure, and it says what came, the fact that this goes against, and where to look.
#[test]
fn each_deviation_is_named_at_each_exchange() {
    let place = Place::new("at-night-envelope");
    place.write("envo.yaml", ENVELOPE);
    // The server takes any request, of which other checks tell.
    let only = "answer,redirect,success-status,success-field,answer-readable,answer-written,access-token,token-type,access-expiry,rotation,\
                refresh-again,derived-two-refreshes";
    let mut said = String::new();
    for (name, planted) in OF_ENVELOPE {
        said += &format!("{name}\n");
        for which in 1..=3 {
            let planted = |n| match n == which {
                true => planted(n),
                false => answer(200).json(enveloped(n)),
            };
            let server = Server::start((1..60).map(planted));
            let spec = place.path("envo.yaml");
            let (report, code) = report_by(&spec, &held(), &server.url(), Some(only));
            assert_eq!(code, Some(1), "{name}, {which}: {report}");
            assert_eq!(report.matches("  fail  ").count(), 1, "{name}, {which}: {report}");
            assert_eq!(report.matches("        hint  ").count(), 1, "{name}, {which}: {report}");
            let lines = report.lines().skip(1).map(str::trim);
            let told = lines.filter(|line| {
                ["fail ", "fact ", "hint "].iter().any(|word| line.starts_with(word))
            });
            told.for_each(|line| said += &format!("  {which}  {line}\n"));
        }
    }
    silent(&said);
    hold("tests/at_night_again.txt", &said);
}

/// Clients cannot tell what became of the token that they hold, however often it is replaced.
#[test]
fn a_refresh_token_of_another_type_is_named_whatever_the_rotation() {
    let place = Place::new("at-night-types");
    let types =
        [("{}", "an object"), ("[]", "a list"), ("false", "a boolean"), (NUMBER, "a number")];
    for rotation in ["always", "sometimes", "unknown"] {
        place.write(
            "envo.yaml",
            &ENVELOPE.replace("rotation: always", &format!("rotation: {rotation}")),
        );
        for (value, word) in types {
            let token = format!("\"{ISSUED}-refresh-1\"");
            let server = Server::start([answer(200).json(enveloped(1).replace(&token, value))]);
            let (report, code) = report_by(&place.path("envo.yaml"), &held(), &server.url(), None);
            assert_eq!(code, Some(1), "{rotation}, {value}: {report}");
            let line = format!("  fail  rotation  {word} at `/data/refresh_token`\n");
            assert!(report.contains(&line), "{rotation}, {value}: {report}");
            assert!(
                report.contains("  fact      response.refresh_token\n"),
                "{rotation}: {report}"
            );
        }
    }
}

/// Where a request that is wrong on purpose gets what a dead credential gets, it is not the provider that is said to have ended the grant.
#[test]
fn a_refusal_of_a_wrong_request_is_told_as_that() {
    let place = Place::new("at-night-probe");
    let lines = ENVELOPE.lines().filter(|line| !line.contains("bad_client"));
    place.write("envo.yaml", &lines.collect::<Vec<_>>().join("\n"));
    let planted = |n| match n {
        1..=4 => answer(200).json(enveloped(n)),
        _ => answer(200).json(r#"{"ok":false,"error":{"code":"token_revoked"}}"#),
    };
    let server = Server::start((1..60).map(planted));
    let (report, code) = report_by(&place.path("envo.yaml"), &held(), &server.url(), None);
    assert_eq!((code, report.matches("  fail  ").count()), (Some(1), 1), "{report}");
    assert!(report.contains("  hint      the request was wrong on purpose"), "{report}");
}

/// A run of chosen checks that an exchange ends says why all the same.
#[test]
fn what_ends_a_run_is_told_whichever_checks_are_chosen() {
    for only in ["token-type", "rotation", "refresh-again"] {
        let server = Server::start((1..9).map(|_| answer(200).html("<!doctype html>")));
        let said = said_at("ringcentral", &server.url(), Some(only));
        assert!(said.starts_with("fail  "), "{only}: {said}");
        assert!(said.contains("status 200, text/html: it is an HTML page"), "{only}: {said}");
    }
}

/// An answer that came in part is told as such: it is not the request that differs.
#[test]
fn an_answer_that_is_cut_is_no_answer_that_never_came() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let head =
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n";
            let _ = write!(stream, "{head}\r\n{{\"access_token\":\"{ISSUED}");
        }
    });
    let said = said_at("ringcentral", &url, Some("answer"));
    let bytes = r#"{"access_token":""#.len() + ISSUED.len();
    assert_eq!(
        said,
        format!("fail  answer  status 200 came, and its body was cut after {bytes} bytes")
    );
}

/// Nor is one that breaks before it has begun, or within its head.
#[test]
fn a_connection_that_breaks_is_not_the_request_that_differs() {
    for head in ["", "HTTP/1.1 200 OK\r\ncontent-type: appl"] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(head.as_bytes());
            }
        });
        let report = report_at("ringcentral", &url, Some("answer"));
        assert!(report.contains("fail  answer  the connection broke"), "{report}");
        assert!(
            report.contains("        hint      the connection, or a proxy on the way, broke"),
            "{report}"
        );
    }
}

/// One cause is one failure, and what it left open is no list that nobody reads.
#[test]
fn a_redirect_is_one_failure() {
    let planted = |_| answer(301).header("location", "https://login.example/").empty();
    let server = Server::start((1..60).map(planted));
    let report = report_at("ringcentral", &server.url(), None);
    assert!(report.contains("\nringcentral: 1 failed, "), "{report}");
    assert!(report.contains(" checks, which `--verbose` names\n"), "{report}");
    assert!(report.lines().all(|line| line.len() < 400), "{report}");
}

/// A provider that looks at the credential before it reads the request, under a contract that has no other word for a refusal.
#[test]
fn a_credential_that_is_looked_at_first_is_a_note() {
    let server = Server::start((1..9).map(|_| answer(401).json("{}")));
    let said = said_at("xellar", &server.url(), Some("body-encoding"));
    assert!(said.starts_with("note  body-encoding  status 401"), "{said}");
}

/// A provider that takes no more requests for a moment ends no run.
#[test]
fn a_provider_that_wants_a_moment_gets_it() {
    let planted = |n| match n {
        1 => answer(429).header("retry-after", "0").empty(),
        n => answer(200).json(tokens(n, "")),
    };
    let server = Server::start((1..9).map(planted));
    let said = said_at("ringcentral", &server.url(), Some("success-status"));
    assert_eq!((said.as_str(), server.requests().len()), ("ringcentral: 1 passed", 2));
}
