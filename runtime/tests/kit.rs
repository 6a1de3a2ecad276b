//! The kit, with a provider written by hand: an exchange of two requests, a mint beside it, and what is refused.

use rekindle_runtime::kit::{self, Contract, Operation};
use rekindle_runtime::{
    Class, Fate, Grant, PendingRefresh as _, Progress, Provider, RefreshError, Renew, SignIn,
    TransportError, TransportErrorKind, http::Response,
};
use std::time::{Duration, SystemTime};

/// A client of Acme: it spends a [`RefreshToken`] and brings [`Tokens`].
#[derive(Debug, Clone)]
struct Client(kit::Endpoint<Refresh>);

kit::client!(Client, Refresh, RefreshToken, Tokens);

/// An exchange under way.
type PendingRefresh = kit::Exchange<Refresh>;

#[derive(Debug)]
struct AccessToken(kit::Held);
kit::token!(AccessToken, access, once, "access token", lives(Duration::from_secs(60)));
kit::authorize!(AccessToken, once, "authorization", "Bearer");

/// A token that requests carry in their URL.
#[derive(Debug)]
struct Ticket(kit::Held);
kit::token!(Ticket, access, once, "ticket");
kit::authorize!(Ticket, once, query("ticket"));

#[derive(Debug)]
struct RefreshToken(kit::Held);
kit::token!(RefreshToken, refresh, once, "refresh token", max_length(8));

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
    type Settings = String;
    type Options = ();

    fn base_url(environment: kit::Undocumented, _: &kit::Setup<Self>) -> String {
        match environment {}
    }

    fn check(setup: &kit::Setup<Self>) -> Result<(), kit::Error> {
        kit::text("app", &setup.settings)
    }
}

const FACTS: kit::Facts = kit::Facts {
    access_token_single_use: true,
    access_token_ends: kit::facts::Ends::AfterLifetime,
    rotation: Some(kit::facts::Rotation::Always),
    ..kit::Facts::DEFAULT
};

fn classify(status: u16) -> kit::Verdict {
    match status {
        200 => kit::Verdict::SUCCESS,
        401 => kit::Verdict::reauthenticate(SignIn::Otp, "errors[0]: status 401"),
        _ => kit::Verdict::undescribed(status),
    }
}

/// Three requests: a ticket, the exchange that spends the refresh token, and the token itself.
#[derive(Debug, Clone)]
enum Refresh {}

impl Operation for Refresh {
    type Contract = Client;
    type AccessToken = AccessToken;
    type Credential = RefreshToken;
    type Outputs = ();
    type Tokens = Tokens;
    const FACTS: kit::Facts = FACTS;
    const REFRESH_TOKEN_AT: &'static [&'static [&'static str]] = &[&["refresh_token"]];
    const REQUESTS: usize = 3;
    const SPENT_IN: usize = 1;

    fn path(_: &kit::Setup<Client>) -> String {
        "/token".to_owned()
    }

    fn request(
        setup: &kit::Setup<Client>,
        _: &kit::Checked<'_, Self>,
        request: &mut kit::Request<Vec<u8>>,
    ) -> Result<(), kit::Error> {
        kit::form_body(request, kit::Form::new().field("app", &setup.settings));
        Ok(())
    }

    fn next(
        _: &kit::Setup<Client>,
        spends: &kit::Checked<'_, Self>,
        answered: usize,
        body: &kit::Body<'_>,
        request: &mut kit::Request<Vec<u8>>,
    ) -> Result<(), kit::Error> {
        let ticket = body.json().at(&["ticket"]).required_token("ticket")?;
        kit::extend_uri(request, if answered == 0 { "/exchange" } else { "/collect" })?;
        let mut form = kit::Form::new();
        form.field("ticket", ticket);
        if answered == 0 {
            form.field("refresh_token", spends.expose());
        }
        kit::form_body(request, &mut form);
        Ok(())
    }

    fn classify(status: u16, _: &kit::Body<'_>) -> kit::Verdict {
        classify(status)
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

/// The same provider, of which the settings alone bring a token.
#[derive(Debug, Clone)]
struct Minter(kit::Endpoint<Mint>);

kit::mint!(Minter, Mint, Minted);

type PendingMint = kit::Minting<Mint>;

impl Contract for Minter {
    const NAME: &'static str = "Acme";
    const ID: &'static str = "acme";
    type Environment = kit::Undocumented;
    type Settings = String;
    type Options = ();

    fn base_url(environment: kit::Undocumented, _: &kit::Setup<Self>) -> String {
        match environment {}
    }

    fn check(setup: &kit::Setup<Self>) -> Result<(), kit::Error> {
        kit::text("app", &setup.settings)
    }
}

/// A mint: the settings alone bring a token.
#[derive(Debug, Clone)]
enum Mint {}

#[derive(Debug)]
struct Minted {
    access_token: AccessToken,
    deviations: Vec<kit::Deviation>,
}
kit::tokens!(Minted, Mint, access_token);

impl Operation for Mint {
    type Contract = Minter;
    type AccessToken = AccessToken;
    type Credential = ();
    type Outputs = ();
    type Tokens = Minted;
    const FACTS: kit::Facts = kit::Facts { single_use: false, rotation: None, ..FACTS };

    fn request(
        setup: &kit::Setup<Minter>,
        _: &kit::Checked<'_, Self>,
        request: &mut kit::Request<Vec<u8>>,
    ) -> Result<(), kit::Error> {
        kit::form_body(request, kit::Form::new().field("app", &setup.settings));
        Ok(())
    }

    fn classify(status: u16, _: &kit::Body<'_>) -> kit::Verdict {
        classify(status)
    }

    fn read(
        body: &kit::Body<'_>,
        started_at: SystemTime,
        _: &mut Vec<kit::Deviation>,
    ) -> Result<kit::Answer<Self>, kit::Error> {
        let access = body.json().at(&["access_token"]).required_token("access token")?;
        Ok((kit::issued(access, started_at), None, ()))
    }
}

const START: SystemTime = SystemTime::UNIX_EPOCH;

fn client() -> Client {
    Client::new("https://acme.example/base")
}

impl Client {
    fn new(at: &str) -> Self {
        Self(kit::Endpoint::new(at, "an app".to_owned(), ()).expect("it is complete"))
    }
}

fn answer(status: u16, body: &str) -> Response<String> {
    Response::builder().status(status).body(body.to_owned()).expect("an answer")
}

/// An exchange of which so many requests have been answered, and the target of the request that is out.
fn answered(answers: usize) -> (PendingRefresh, String) {
    let (request, mut pending) =
        client().refresh_request(RefreshToken::new("old"), START).expect("a request");
    let mut target = format!("{} {}", request.uri(), String::from_utf8_lossy(request.body()));
    for _ in 0..answers {
        match pending.proceed(answer(200, r#"{"ticket":"t&1"}"#)) {
            Progress::Next(request, next) => {
                let body = String::from_utf8_lossy(request.body()).into_owned();
                (target, pending) = (format!("{} {body}", request.uri()), next);
            }
            Progress::Done(result) => panic!("another request follows: {result:?}"),
        }
    }
    (pending, target)
}

fn fate(error: RefreshError<RefreshToken>) -> &'static str {
    match error.fate {
        Fate::Unspent(token) if token.expose() == "old" => "unspent",
        Fate::Unspent(_) => "another token",
        Fate::Spent { replacement: None } => "spent",
        Fate::Spent { replacement: Some(_) } => "replaced",
        Fate::InDoubt(_) => "in doubt",
    }
}

#[test]
fn one_exchange_takes_the_requests_that_its_contract_says() {
    assert_eq!(answered(0).1, "https://acme.example/base/token app=an+app");
    assert_eq!(
        answered(1).1,
        "https://acme.example/base/token/exchange ticket=t%261&refresh_token=old"
    );
    let (pending, target) = answered(2);
    assert_eq!(target, "https://acme.example/base/token/collect ticket=t%261");
    let tokens = pending
        .finish(answer(200, r#"{"access_token":"a","refresh_token":"new"}"#))
        .expect("the last answer brings tokens");
    assert_eq!((tokens.access_token.expose(), tokens.refresh_token.expose()), ("a", "new"));
}

/// Before the request that spends the credential it is unspent, unless a refusal ends the grant; behind it, it is spent.
#[test]
fn the_fate_of_a_credential_depends_on_the_request_that_spends_it() {
    let lost = || TransportError::maybe_sent(TransportErrorKind::Timeout, "no answer");
    let unsent = || TransportError::not_sent(TransportErrorKind::Connect, "refused");
    for (answers, lost_fate, unsent_fate, busy, limited, page) in [
        (0, "unspent", "unspent", "unspent", "unspent", "unspent"),
        (1, "in doubt", "unspent", "in doubt", "unspent", "in doubt"),
        (2, "spent", "spent", "spent", "spent", "spent"),
    ] {
        let pending = || answered(answers).0;
        assert_eq!(fate(pending().fail(lost())), lost_fate, "{answers}");
        assert_eq!(fate(pending().fail(unsent())), unsent_fate, "{answers}");
        let refused = |status, body: &str| match pending().proceed(answer(status, body)) {
            Progress::Done(Err(error)) => fate(error),
            Progress::Done(Ok(_)) | Progress::Next(..) => panic!("it is refused"),
        };
        assert_eq!(refused(503, ""), busy, "{answers}");
        assert_eq!(refused(429, ""), limited, "{answers}");
        assert_eq!(refused(200, "<html>"), page, "{answers}");
        assert_eq!(refused(401, ""), "spent", "{answers}: sign in again");
    }
    // A transport that knows of one request alone ends the exchange where it is.
    let stopped = answered(0).0.finish(answer(200, r#"{"ticket":"t"}"#));
    assert_eq!(fate(stopped.expect_err("another request was to follow")), "unspent");
    let broken = answered(2).0.finish(answer(200, r#"{"refresh_token":"new"}"#));
    assert_eq!(fate(broken.expect_err("there is no access token")), "replaced");
}

#[test]
fn a_mint_spends_nothing() {
    let endpoint = kit::Endpoint::new("https://acme.example", "an app".to_owned(), ());
    let minter = Minter(endpoint.expect("it is complete"));
    let started = || -> PendingMint { minter.mint_request(START).expect("a request").1 };
    let pending = started();
    let minted = pending.finish(answer(200, r#"{"access_token":"new"}"#)).expect("a token");
    assert_eq!(minted.access_token.expose(), "new");
    assert_eq!(minted.access_token.expiry().at(), START.checked_add(Duration::from_secs(60)));
    let error = started().finish(answer(503, "")).expect_err("it is busy");
    assert_eq!(error.class(), Class::Transient);
    let lost = TransportError::maybe_sent(TransportErrorKind::Timeout, "no answer");
    let error = started().fail(lost);
    assert_eq!(error.class(), Class::Transient, "nothing is in doubt");
    assert!(!error.to_string().contains("credential"), "{error}");

    // Sessions and transports see a credential that is nothing, and comes back.
    let (_, pending) = Provider::start(&minter, (), START).expect("a request");
    let error = pending.finish(answer(503, "")).expect_err("it is busy");
    assert!(matches!(error.fate, Fate::Unspent(())));
    assert_eq!(<Minter as Renew>::credential(&Grant::new()), Some(()));
}

#[test]
fn what_cannot_be_sent_comes_back() {
    for text in ["", "a\nb", "longer than 8 bytes"] {
        let refused = client().refresh_request(RefreshToken::new(text), START);
        let error = refused.expect_err("it is not sent");
        assert_eq!(error.class(), Class::ClientMisconfigured);
        assert_eq!(
            error.into_credential().map(|token| token.expose().to_owned()),
            Some(text.into())
        );
    }
    let empty = kit::Endpoint::<Mint>::new("https://acme.example", String::new(), ());
    assert_eq!(empty.expect_err("a setting is empty").provider(), Some("Acme"));
    assert_eq!(<Client as Contract>::NAME, <Client as Provider>::NAME);
}

/// Where headers cannot carry a single-use token, asking them to does not spend it.
#[test]
fn a_ticket_is_not_lost_to_headers() {
    let served = kit::SingleUse::from(Ticket::new("t"));
    let refused = kit::Authorize::authorize(&served, &mut kit::HeaderMap::new());
    let error = refused.expect_err("it goes into the URL").to_string();
    assert!(error.contains("the whole request"), "{error}");
    let mut request = kit::Request::new(());
    kit::Authorize::authorize_request(&served, &mut request).expect("it was not taken");
    assert_eq!(request.uri(), "/?ticket=t");
    kit::Authorize::authorize_request(&served, &mut request).expect_err("it was taken");
}

/// A single-use access token is served once: the second caller gets none.
#[test]
fn a_single_use_token_is_handed_out_once() {
    let kept = rekindle_runtime::Token::new("a");
    let served = <Client as Renew>::access_token(&kept);
    let mut headers = kit::HeaderMap::new();
    kit::Authorize::authorize(&served, &mut headers).expect("it was not taken");
    assert_eq!(headers["authorization"], "Bearer a");
    let again = kit::Authorize::authorize(&served, &mut headers);
    let error = again.expect_err("it was taken").to_string();
    assert!(error.contains("handed out already"), "{error}");
    assert!(served.take().is_none());
    let one = <Client as Renew>::access_token(&kept).take().expect("it was not taken");
    let mut request = kit::Request::new(());
    one.authorize(&mut request).expect("it can be sent");
    assert!(<Client as Renew>::credential(&Grant::new().with_access_token(kept)).is_none());
}
