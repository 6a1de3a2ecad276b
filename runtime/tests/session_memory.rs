//! How many copies of its tokens a process holds whose session keeps them in files: while the session is open, and when it is dropped.
#![cfg(all(target_os = "linux", feature = "file", feature = "seal"))]

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime};

use rekindle_runtime::http::{Request, Response};
use rekindle_runtime::kit::{self, Contract, Operation};
use rekindle_runtime::session::{Session, Upkeep};
use rekindle_runtime::store::{Codec, FileStore, SealKey, Store};
use rekindle_runtime::{Grant, SignIn, Token, Transport, TransportError};
use support::memory::{copies_of_child, wait_to_be_looked_at};
use tokio::runtime::Builder;
use zeroize::Zeroizing;

#[derive(Debug, Clone)]
struct Client(kit::Endpoint<Refresh>);

kit::client!(Client, Refresh, RefreshToken, Tokens);

#[derive(Debug)]
struct AccessToken(kit::Held);
kit::token!(AccessToken, access, many, "access token");

#[derive(Debug)]
struct RefreshToken(kit::Held);
kit::token!(RefreshToken, refresh, once, "refresh token");

#[derive(Debug)]
struct Tokens {
    access_token: AccessToken,
    refresh_token: RefreshToken,
    deviations: Vec<kit::Deviation>,
}
kit::tokens!(Tokens, Refresh, access_token, refresh_token);

impl Contract for Client {
    const NAME: &'static str = "Acme";
    const ID: &'static str = "acme";
    type Environment = kit::Undocumented;
    type Settings = ();
    type Options = ();

    fn base_url(environment: kit::Undocumented, _: &kit::Setup<Self>) -> String {
        match environment {}
    }

    fn check(_: &kit::Setup<Self>) -> Result<(), kit::Error> {
        Ok(())
    }
}

#[derive(Debug, Clone)]
enum Refresh {}

impl Operation for Refresh {
    type Contract = Client;
    type AccessToken = AccessToken;
    type Credential = RefreshToken;
    type Outputs = ();
    type Tokens = Tokens;
    const FACTS: kit::Facts = kit::Facts {
        access_token_ends: kit::facts::Ends::AfterLifetime,
        rotation: Some(kit::facts::Rotation::Always),
        ..kit::Facts::DEFAULT
    };
    const REFRESH_TOKEN_AT: &'static [&'static [&'static str]] = &[&["refresh_token"]];

    fn request(
        _: &kit::Setup<Client>,
        spends: &kit::Checked<'_, Self>,
        request: &mut kit::Request<Vec<u8>>,
    ) -> Result<(), kit::Error> {
        let mut form = kit::Form::new();
        form.field("grant_type", "refresh_token").field("refresh_token", spends.expose());
        kit::form_body(request, &mut form);
        Ok(())
    }

    fn classify(status: u16, _: &kit::Body<'_>) -> kit::Verdict {
        match status {
            200 => kit::Verdict::SUCCESS,
            401 => kit::Verdict::reauthenticate(SignIn::Otp, "errors[0]: status 401"),
            _ => kit::Verdict::undescribed(status),
        }
    }

    fn read(
        body: &kit::Body<'_>,
        started_at: SystemTime,
        _: &mut Vec<kit::Deviation>,
    ) -> Result<kit::Answer<Self>, kit::Error> {
        let json = body.require_json()?;
        let access = json.at(&["access_token"]).required_token("access token")?;
        let refresh = json.at(&["refresh_token"]).optional_token("refresh token")?;
        let refresh = refresh.map(|text| kit::issued(text, started_at));
        Ok((kit::issued(access, started_at), refresh, ()))
    }
}

/// How many letters stand in a token behind what is between its halves. They stand nowhere in the program.
const LETTERS: usize = 48;

/// Writes a token. Between its halves is what JSON may or must escape: what is read of that is a text of its own.
fn write_token(token: u8, between: &str, text: &mut String) {
    let letter = |index: u8| {
        let mixed = index.wrapping_mul(11) ^ token.wrapping_mul(37);
        char::from(b'a' + mixed % 26)
    };
    text.extend((100..124).map(letter));
    text.push_str(between);
    text.extend((0..).take(LETTERS).map(letter));
}

fn token(token: u8) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(100));
    write_token(token, "\"/", &mut text);
    text
}

/// The token of signing in. The exchanges bring those that follow: an access token and a refresh token each.
const SIGNED_IN: u8 = 0;
const TOKENS: u8 = 5;

/// A provider in this process that leaves nothing of what passes through it.
struct Wire {
    answers: AtomicU8,
}

impl Transport for Wire {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let answered = self.answers.fetch_add(1, Ordering::Relaxed);
        let body = Zeroizing::new(request.into_body());
        let spent = token(2 * answered);
        assert!(
            body.ends_with(spent[spent.len() - LETTERS..].as_bytes()),
            "another token is spent"
        );
        let mut answer = String::with_capacity(500);
        answer.push_str("{\"access_token\":\"");
        write_token(2 * answered + 1, "\\\"\\/", &mut answer);
        answer.push_str("\",\"refresh_token\":\"");
        write_token(2 * answered + 2, "\\\"\\/", &mut answer);
        answer.push_str("\",\"expires_in\":3600}");
        Ok(Response::new(answer.into_bytes()))
    }
}

const KEPT: &str = "REKINDLE_TEST_MEMORY_KEPT";
const FOLDER: &str = "REKINDLE_TEST_MEMORY_FOLDER";
/// There where the session stays open.
const OPEN: &str = "REKINDLE_TEST_MEMORY_OPEN";

const WAYS: [&str; 4] = ["in files", "in files, sealed", "in one file", "in one file, sealed"];

/// Not a test of its own: a session lives, then this waits to be looked at.
#[test]
fn child() {
    let Ok(kept) = std::env::var(KEPT) else { return };
    let folder = std::env::var_os(FOLDER).expect("a folder");
    // Its threads end with it, and their stacks are given back.
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let session = runtime.block_on(live(&kept, Path::new(&folder)));
    let open = std::env::var_os(OPEN).map(|_| (session, runtime));
    wait_to_be_looked_at();
    drop(open);
}

/// Signs in, refreshes twice and serves a token, all of it as in one process and the last as in the next; then a new key seals it.
async fn live(kept: &str, folder: &Path) -> Session<Client> {
    let store = match kept.starts_with("in one file") {
        true => FileStore::single(folder.join("grants.json")),
        false => FileStore::open(folder.join("grants")),
    };
    let mut store = store.expect("a store");
    let sealed = kept.ends_with("sealed");
    if sealed {
        store = store.with_codec(Codec::sealed(SealKey::from_bytes([7; 32])));
    }
    let open = async |answers: u8| {
        let client = Client(
            kit::Endpoint::new("https://acme.example/token", (), ()).expect("it is complete"),
        );
        let wire = Wire { answers: AtomicU8::new(answers) };
        let session = Session::builder(client, wire).store(store.clone());
        session.upkeep(Upkeep::WhenAsked).open().await.expect("a session")
    };
    let session = open(0).await;
    let mut grant = String::with_capacity(100);
    write_token(SIGNED_IN, "\"/", &mut grant);
    session.sign_in(Grant::new().with_refresh_token(Token::new(grant))).await.expect("it is kept");
    let served = session.access_token().await.expect("a token");
    assert!(served.expose() == token(1).as_str(), "another token is served");
    drop(served);
    session.refresh_now().await.expect("new tokens");
    session.close(Duration::from_secs(10)).await;
    drop(session);
    let session = open(2).await;
    let served = session.access_token().await.expect("a token");
    assert!(served.expose() == token(3).as_str(), "another token is served");
    store.due("acme", SystemTime::UNIX_EPOCH, 0..10).await.expect("what is due");
    let anew = Codec::sealed(SealKey::from_bytes([8; 32])).and_opens(SealKey::from_bytes([7; 32]));
    let resealed = store.with_codec(anew).reseal(session.key()).await;
    assert!(!sealed || resealed.expect("a new seal"));
    session
}

/// R33.
#[test]
fn no_copy_of_a_token_is_left_beside_the_one_that_is_served() {
    let texts: Vec<String> = (SIGNED_IN..TOKENS)
        .map(|index| {
            let token = token(index);
            // The allocator writes over the beginning of memory that is given back.
            token[token.len() - LETTERS + 8..].to_owned()
        })
        .collect();
    let texts: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    for kept in WAYS {
        for open in [true, false] {
            let folder = tempfile::tempdir().expect("a folder");
            let folder = folder.path().to_str().expect("a text");
            let mut variables = vec![(KEPT, kept), (FOLDER, folder)];
            if open {
                variables.push((OPEN, ""));
            }
            let found = copies_of_child(&variables, &texts);
            // The last access token, which the session serves for as long as it is open.
            assert_eq!(found, [0, 0, 0, usize::from(open), 0], "{kept}, open: {open}");
        }
    }
}
