//! The kit, with a provider written by hand: an exchange of three requests, a mint beside it, and what is refused.

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

/// Three requests: one that says where the others go, a ticket, and the exchange that spends the refresh token.
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
    const STEPS: &'static [&'static str] = &["place", "ticket"];

    fn step(
        name: &str,
        setup: &kit::Setup<Client>,
        spends: &kit::Checked<'_, impl Operation>,
        request: &mut kit::Request<Vec<u8>>,
    ) -> Result<(), kit::Error> {
        if name == "place" {
            *request.method_mut() = kit::Method::GET;
            return kit::extend_uri(request, "/place");
        }
        kit::go_to(request, spends.taken("place.url"))?;
        kit::form_body(request, kit::Form::new().field("app", &setup.settings));
        Ok(())
    }

    fn take(name: &str, body: &kit::Body<'_>, taken: &mut kit::Taken) -> Result<(), kit::Error> {
        let json = body.require_json()?;
        match name {
            "place" => taken.url("place.url", json.at(&["url"]), &["*.acme.example"]),
            _ => {
                taken.text("ticket.text", json.at(&["ticket"]))?;
                taken.integer("ticket.number", json.at(&["number"]))
            }
        }
    }

    fn path(_: &kit::Setup<Client>) -> String {
        "/exchange".to_owned()
    }

    fn request(
        _: &kit::Setup<Client>,
        spends: &kit::Checked<'_, Self>,
        request: &mut kit::Request<Vec<u8>>,
    ) -> Result<(), kit::Error> {
        let mut form = kit::Form::new();
        form.field("ticket", spends.taken("ticket.text"));
        form.field("number", spends.taken("ticket.number"));
        form.field("refresh_token", spends.expose());
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

const PLACE: &str = r#"{"url":"https://eu.acme.example/t?v=1"}"#;
const TICKET: &str = r#"{"ticket":"t&1","number":7}"#;

/// An exchange of which so many steps have been answered, and the request that is out.
fn answered(answers: usize) -> (PendingRefresh, String) {
    let (request, mut pending) =
        client().refresh_request(RefreshToken::new("old"), START).expect("a request");
    let shown = |request: &kit::Request<Vec<u8>>| {
        let body = String::from_utf8_lossy(request.body());
        format!("{} {} {body}", request.method(), request.uri())
    };
    let mut target = shown(&request);
    for body in [PLACE, TICKET].into_iter().take(answers) {
        match pending.proceed(answer(200, body)) {
            Progress::Next(request, next) => (target, pending) = (shown(&request), next),
            Progress::Done(result) => panic!("another request follows: {result:?}"),
        }
    }
    (pending, target)
}

/// What the answer to the step with this number ends in.
fn ended(answers: usize, status: u16, body: &str) -> RefreshError<RefreshToken> {
    match answered(answers).0.proceed(answer(status, body)) {
        Progress::Done(Err(error)) => error,
        Progress::Done(Ok(_)) | Progress::Next(..) => panic!("it is refused"),
    }
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
    assert_eq!(answered(0).1, "GET https://acme.example/base/place ");
    assert_eq!(answered(1).1, "POST https://eu.acme.example/t?v=1 app=an+app");
    let (pending, target) = answered(2);
    let last = "ticket=t%261&number=7&refresh_token=old";
    assert_eq!(target, format!("POST https://acme.example/base/exchange {last}"));
    assert!(!format!("{pending:?}").contains("t&1"), "what was taken is never shown");
    let tokens = pending
        .finish(answer(200, r#"{"access_token":"a","refresh_token":"new"}"#))
        .expect("the last answer brings tokens");
    assert_eq!((tokens.access_token.expose(), tokens.refresh_token.expose()), ("a", "new"));
}

/// Before the request that spends the credential it is unspent, whatever the answer, and nothing is in doubt.
#[test]
fn the_fate_of_a_credential_depends_on_the_request_that_spends_it() {
    let lost = || TransportError::maybe_sent(TransportErrorKind::Timeout, "no answer");
    let unsent = || TransportError::not_sent(TransportErrorKind::Connect, "refused");
    for (answers, step) in [(0, Some("place")), (1, Some("ticket")), (2, None)] {
        let before = step.is_some();
        let or = |other| if before { "unspent" } else { other };
        let failed = answered(answers).0.fail(lost());
        let class = if before { Class::Transient } else { Class::InDoubt };
        assert_eq!((failed.error.class(), failed.error.step()), (class, step));
        assert_eq!(fate(failed), or("in doubt"), "{answers}");
        assert_eq!(fate(answered(answers).0.fail(unsent())), "unspent", "{answers}");
        assert_eq!(fate(ended(answers, 503, "")), or("in doubt"), "{answers}");
        assert_eq!(fate(ended(answers, 429, "")), "unspent", "{answers}");
        assert_eq!(fate(ended(answers, 200, "<html>")), or("in doubt"), "{answers}");
        let refused = ended(answers, 401, "");
        let class =
            if before { Class::ContractViolation } else { Class::Reauthenticate(SignIn::Otp) };
        assert_eq!((refused.error.class(), refused.error.step()), (class, step), "{answers}");
        assert_eq!(fate(refused), or("spent"), "{answers}");
    }
    // A transport that knows of one request alone ends the exchange where it is.
    let stopped = answered(0).0.finish(answer(200, PLACE));
    assert_eq!(fate(stopped.expect_err("another request was to follow")), "unspent");
    let broken = answered(2).0.finish(answer(200, r#"{"refresh_token":"new"}"#));
    assert_eq!(fate(broken.expect_err("there is no access token")), "replaced");
}

/// What a step lacks is said, with its name, and no byte of what it brought.
#[test]
fn a_step_that_does_not_bring_what_is_needed_breaks_the_contract() {
    let elsewhere =
        "the answer sends the next request to an address that the contract does not allow";
    for (answers, body, problem) in [
        (0, "{}", "the answer has no url"),
        (0, r#"{"url":7}"#, "the answer's url is a number"),
        (0, r#"{"url":"https://evil.example/s3cret"}"#, elsewhere),
        (0, r#"{"url":"http://eu.acme.example/s3cret"}"#, elsewhere),
        (0, "s3cret", "the answer is not JSON"),
        (1, r#"{"ticket":"","number":7}"#, "the answer has no text"),
        (1, r#"{"ticket":"s3cret"}"#, "the answer has no number"),
        (1, r#"{"ticket":"s3cret","number":"7"}"#, "the answer's number is a text"),
        (
            1,
            r#"{"ticket":"s3\ncret","number":7}"#,
            "the answer's text is a text that no header can carry",
        ),
    ] {
        let failed = ended(answers, 200, body);
        assert_eq!(failed.error.class(), Class::ContractViolation, "{body}");
        let step = ["place", "ticket"][answers];
        let text = format!("Acme: the step `{step}` of the exchange failed: {problem} (status 200");
        assert!(failed.error.to_string().starts_with(&text), "{failed:?}");
        assert!(!failed.error.to_string().contains("s3"), "{failed:?}");
        assert!(!format!("{failed:?}").contains("s3"), "{failed:?}");
        assert_eq!(fate(failed), "unspent", "{body}");
    }
}

/// The same provider, where another request follows the one that spends the refresh token.
#[derive(Debug, Clone)]
enum Trade {}

kit::tokens!(Tokens, Trade, access_token, refresh_token);

impl Operation for Trade {
    type Contract = Client;
    type AccessToken = AccessToken;
    type Credential = RefreshToken;
    type Outputs = ();
    type Tokens = Tokens;
    const FACTS: kit::Facts = FACTS;
    const REFRESH_TOKEN_AT: &'static [&'static [&'static str]] = &[&["next"]];
    const THEN: &'static [&'static str] = &["trade"];

    fn step(
        _: &str,
        _: &kit::Setup<Client>,
        spends: &kit::Checked<'_, impl Operation>,
        request: &mut kit::Request<Vec<u8>>,
    ) -> Result<(), kit::Error> {
        kit::extend_uri(request, "/trade")?;
        let bearer = spends.taken("refresh.bearer");
        kit::form_body(request, kit::Form::new().field("bearer", bearer));
        Ok(())
    }

    fn take(_: &str, body: &kit::Body<'_>, taken: &mut kit::Taken) -> Result<(), kit::Error> {
        taken.text("refresh.bearer", body.require_json()?.at(&["bearer"]))
    }

    fn request(
        _: &kit::Setup<Client>,
        spends: &kit::Checked<'_, Self>,
        request: &mut kit::Request<Vec<u8>>,
    ) -> Result<(), kit::Error> {
        kit::form_body(request, kit::Form::new().field("token", spends.expose()));
        Ok(())
    }

    fn classify(status: u16, _: &kit::Body<'_>) -> kit::Verdict {
        classify(status)
    }

    fn replacement(
        body: &kit::Body<'_>,
        started_at: SystemTime,
        _: &mut Vec<kit::Deviation>,
    ) -> Result<kit::Replacement<Self>, kit::Error> {
        let next = body.require_json()?.at(&["next"]).optional_token("refresh token")?;
        Ok(next.map(|text| kit::issued(text, started_at)))
    }

    fn read(
        body: &kit::Body<'_>,
        started_at: SystemTime,
        _: &mut Vec<kit::Deviation>,
    ) -> Result<kit::Answer<Self>, kit::Error> {
        let access = body.require_json()?.at(&["access_token"]).required_token("access token")?;
        Ok((kit::issued(access, started_at), None, ()))
    }
}

/// An exchange of which this was the answer to the request that spends the refresh token, and the request that follows.
fn traded(body: &str) -> (String, kit::Exchange<Trade>) {
    let endpoint = kit::Endpoint::<Trade>::new("https://acme.example", "an app".to_owned(), ());
    let started = endpoint.expect("an endpoint").start(RefreshToken::new("old"), START);
    let (_, pending) = started.expect("a request");
    assert!(pending.replacement().is_none());
    match pending.proceed(answer(200, body)) {
        Progress::Next(request, next) => {
            let body = String::from_utf8_lossy(request.body()).into_owned();
            (format!("{} {body}", request.uri()), next)
        }
        Progress::Done(result) => panic!("another request follows: {result:?}"),
    }
}

/// What replaced the refresh token is there before the next request is sent, and in the error of whatever comes of that; without it the
/// token that was sent may be spent. A new one that is too long for the next exchange is no reason to stop this one.
#[test]
fn what_replaced_a_token_is_not_lost_with_what_follows() {
    let lost = || TransportError::maybe_sent(TransportErrorKind::Timeout, "no answer");
    let unsent = || TransportError::not_sent(TransportErrorKind::Connect, "refused");
    for (body, next, fate_behind) in [
        (r#"{"bearer":"b","next":"new"}"#, Some("new"), "replaced"),
        (r#"{"bearer":"b","next":"much-too-long"}"#, Some("much-too-long"), "replaced"),
        (r#"{"bearer":"b","next":"old"}"#, None, "in doubt"),
        (r#"{"bearer":"b"}"#, None, "in doubt"),
    ] {
        let (request, pending) = traded(body);
        assert_eq!(request, "https://acme.example/trade bearer=b");
        let kept = pending.replacement();
        let kept =
            kept.as_ref().and_then(Grant::refresh_token).map(rekindle_runtime::Token::expose);
        assert_eq!(kept, next, "{body}");
        for failed in [pending.fail(lost()), traded(body).1.fail(unsent())] {
            let found = (failed.error.class(), failed.error.step());
            assert_eq!(found, (Class::Transient, Some("trade")), "{body}");
            assert_eq!(fate(failed), fate_behind, "{body}");
        }
        for (status, text) in [(401, ""), (429, ""), (503, ""), (200, "{}"), (200, "<html>")] {
            let Progress::Done(Err(failed)) = traded(body).1.proceed(answer(status, text)) else {
                panic!("{status} {text} is a failure")
            };
            assert!(!matches!(failed.error.class(), Class::Reauthenticate(_)), "{status}");
            assert_eq!(fate(failed), fate_behind, "{body}, {status}");
        }
        let tokens = traded(body).1.finish(answer(200, r#"{"access_token":"a"}"#));
        let tokens = tokens.expect("the last answer brings the access token");
        assert_eq!(tokens.refresh_token.expose(), next.unwrap_or("old"), "{body}");
        let usual = next == Some("new");
        assert_eq!(tokens.deviations.is_empty(), usual, "{body}: {:?}", tokens.deviations);
    }
    // One that lacks what the next request needs has brought the token all the same.
    for (body, became) in [(r#"{"next":"new"}"#, "replaced"), ("{}", "in doubt"), ("<", "in doubt")]
    {
        let endpoint = kit::Endpoint::<Trade>::new("https://acme.example", "an app".to_owned(), ());
        let started = endpoint.expect("an endpoint").start(RefreshToken::new("old"), START);
        let failed = started.expect("a request").1.finish(answer(200, body)).expect_err("it lacks");
        assert_eq!((failed.error.class(), failed.error.step()), (Class::ContractViolation, None));
        assert_eq!(fate(failed), became, "{body}");
    }
    // A transport that knows of one request alone ends the exchange where it is.
    let endpoint = kit::Endpoint::<Trade>::new("https://acme.example", "an app".to_owned(), ());
    let started = endpoint.expect("an endpoint").start(RefreshToken::new("old"), START);
    let stopped =
        started.expect("a request").1.finish(answer(200, r#"{"bearer":"b","next":"new"}"#));
    assert_eq!(fate(stopped.expect_err("another request was to follow")), "replaced");
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
