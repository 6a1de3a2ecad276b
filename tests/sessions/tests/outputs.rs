//! What answers hold beside the tokens: kept with the grant, served with the token, told when it changes.

use http::{Request, Response};
use rekindle_language::next_base_url;
use rekindle_language::outputs::Client;
use rekindle_runtime::session::{Event, EventKind, Session};
use rekindle_runtime::transport::{Transport, TransportError};
use rekindle_runtime::{Deviation, Grant, Output};
use rekindle_sessions::{Integrator, Wire, World, grant};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Takes members out of every answer.
#[derive(Debug, Clone)]
struct Without(Wire, &'static [&'static str]);

impl Transport for Without {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let answer = self.0.send(request).await?;
        Ok(answer.map(|body| {
            let mut json: Value = serde_json::from_slice(&body).expect("JSON");
            self.1
                .iter()
                .for_each(|name| drop(json.as_object_mut().expect("fields").remove(*name)));
            json.to_string().into_bytes()
        }))
    }
}

fn changed(events: &[Event]) -> Vec<&str> {
    let names = events.iter().filter_map(|event| match &event.kind {
        EventKind::OutputChanged { name } => Some(&**name),
        _ => None,
    });
    names.collect()
}

async fn open(world: &World, without: &'static [&'static str]) -> Session<Client> {
    let client = Client::client(&world.fake.url(), &BTreeMap::new());
    let builder = Session::builder(client, Without(world.wire.clone(), without));
    let builder = builder.store(world.store.clone()).clock(world.clock.clone());
    builder.open().await.expect("a session")
}

/// The grant of a person who has signed in, without the access token: the next question refreshes.
fn signed_in(world: &World) -> Grant {
    grant(&world.fake.provider().sign_in()).without_access_token()
}

#[tokio::test]
async fn what_an_answer_holds_is_served_with_its_token() {
    let world = World::of::<Client>();
    let session = open(&world, &[]).await;
    let mut events = session.events();
    session.sign_in(signed_in(&world)).await.expect("a stored grant");
    let token = session.access_token().await.expect("a token");
    let outputs = token.outputs();
    assert_eq!(outputs.instance_url.as_deref(), Some("https://eu7.outputs.example"));
    assert_eq!((outputs.account, outputs.sandbox), (Some(42), Some(false)));
    assert_eq!(outputs.limits.as_deref(), Some(r#"{"calls":[10,2.5],"burst":null}"#));
    assert!(
        format!("{outputs:?}").contains("eu7") && !format!("{outputs:?}").contains("synthetic")
    );
    let seen: Vec<Event> = std::iter::from_fn(|| events.try_next()).collect();
    let all = ["account", "id_token", "instance_url", "limits", "plan", "region", "sandbox"];
    assert_eq!(changed(&seen), all, "each has its first value");

    // Another process reads them from the store.
    let other = open(&world, &[]).await;
    let token = other.access_token().await.expect("the stored token");
    assert_eq!(token.outputs().account, Some(42));
    assert_eq!(world.wire.sent(), 1);

    // The same values again are no news.
    session.refresh_now().await.expect("new tokens");
    let seen: Vec<Event> = std::iter::from_fn(|| events.try_next()).collect();
    assert_eq!(changed(&seen), Vec::<&str>::new());
}

#[tokio::test]
async fn an_answer_without_an_output_keeps_the_earlier_one() {
    let world = World::of::<Client>();
    let session = open(&world, &["instance_url", "id_token"]).await;
    let mut events = session.events();
    let held = signed_in(&world)
        .with_output("instance_url", Output::new("https://eu1.outputs.example"))
        .with_output("id_token", Output::secret("held"))
        .with_output("account", Output::new("41"));
    session.sign_in(held).await.expect("a stored grant");
    let token = session.access_token().await.expect("a token");
    let outputs = token.outputs();
    assert_eq!(outputs.instance_url.as_deref(), Some("https://eu1.outputs.example"));
    assert_eq!(outputs.id_token.as_ref().map(|id| id.expose()), Some("held"));
    assert_eq!(outputs.account, Some(42), "the new one counts");
    let seen: Vec<Event> = std::iter::from_fn(|| events.try_next()).collect();
    assert_eq!(changed(&seen), ["account", "limits", "plan", "region", "sandbox"]);
    let missing = |event: &&Event| {
        matches!(event.kind, EventKind::Deviation(Deviation::OutputMissing("instance_url")))
    };
    assert_eq!(seen.iter().filter(missing).count(), 1, "{seen:?}");
    let deviations =
        seen.iter().filter(|event| matches!(event.kind, EventKind::Deviation(_))).count();
    assert_eq!(deviations, 1, "an answer may be without the other");
}

#[tokio::test]
async fn a_grant_of_tokens_alone_has_no_outputs() {
    let world = World::of::<Client>();
    let session = open(&world, &[]).await;
    let held = world.fake.provider().sign_in();
    session.sign_in(grant(&held)).await.expect("a stored grant");
    let token = session.access_token().await.expect("the token of the sign-in");
    assert!(token.outputs().account.is_none());
    assert_eq!(token.expose(), held.access_token);
}

/// Tells another base URL in every answer, where one is set.
#[derive(Debug, Clone)]
struct Telling(Wire, Arc<Mutex<Option<&'static str>>>);

impl Transport for Telling {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let answer = self.0.send(request).await?;
        let Some(told) = *self.1.lock().expect("a value") else { return Ok(answer) };
        Ok(answer.map(|body| {
            let mut json: Value = serde_json::from_slice(&body).expect("JSON");
            json["instance_url"] = told.into();
            json.to_string().into_bytes()
        }))
    }
}

/// A session whose provider tells where the next refresh is heard, and hears it nowhere else.
struct Moving {
    world: World,
    told: Arc<Mutex<Option<&'static str>>>,
}

impl Moving {
    fn new() -> Self {
        Self { world: World::of::<next_base_url::Client>(), told: Arc::default() }
    }

    async fn open(&self) -> Session<next_base_url::Client> {
        let client = self.world.fake.provider().client().clone();
        let client = next_base_url::Client::client(&self.world.fake.url(), &client);
        let transport = Telling(self.world.wire.clone(), Arc::clone(&self.told));
        let builder = Session::builder(client, transport);
        let builder = builder.store(self.world.store.clone()).clock(self.world.clock.clone());
        builder.open().await.expect("a session")
    }

    /// Where the requests went, behind the host.
    fn paths(&self) -> Vec<String> {
        let arrived = self.world.fake.arrived();
        arrived.iter().map(|arrived| arrived.request.uri().path().to_owned()).collect()
    }
}

const HERE: &str = "/oauth/token";
const THERE: &str = "/synthetic-instance-url/oauth/token";

fn elsewhere(events: &[Event]) -> usize {
    let told = |event: &&Event| {
        matches!(event.kind, EventKind::Deviation(Deviation::OutputElsewhere("instance_url")))
    };
    events.iter().filter(told).count()
}

#[tokio::test]
async fn the_next_refresh_goes_where_the_last_answer_told() {
    let moving = Moving::new();
    let session = moving.open().await;
    session.sign_in(signed_in(&moving.world)).await.expect("a stored grant");
    session.access_token().await.expect("a token");
    session.refresh_now().await.expect("new tokens");
    // Another process goes there by what is stored.
    let other = moving.open().await;
    other.refresh_now().await.expect("new tokens");
    assert_eq!(moving.paths(), [HERE, THERE, THERE]);

    // A sign-in may bring where it was; one that does not is where the client is.
    let told = format!("{}/synthetic-instance-url", moving.world.fake.url());
    let held = signed_in(&moving.world).with_output("instance_url", Output::new(told));
    session.sign_in(held).await.expect("a stored grant");
    session.access_token().await.expect("a token");
    session.sign_in(signed_in(&moving.world)).await.expect("a stored grant");
    session.access_token().await.expect("a token");
    assert_eq!(moving.paths()[3..], [THERE, HERE]);
    assert!(moving.world.what_refused().is_empty());
}

#[tokio::test]
async fn an_answer_that_tells_another_host_is_not_followed_and_costs_nothing() {
    let moving = Moving::new();
    let session = moving.open().await;
    let mut events = session.events();
    session.sign_in(signed_in(&moving.world)).await.expect("a stored grant");
    session.access_token().await.expect("a token");
    for hostile in ["https://evil.example", "http://eu7.next-base-url.example", "nowhere"] {
        *moving.told.lock().expect("a value") = Some(hostile);
        let before = session.access_token().await.expect("a token").expose().to_owned();
        session.refresh_now().await.expect("new tokens");
        let token = session.access_token().await.expect("a token");
        assert!(token.expose() != before, "the tokens of that answer count");
        let kept = token.outputs().instance_url.clone().expect("the one from before");
        assert!(kept.ends_with("/synthetic-instance-url"), "{kept}");
    }
    *moving.told.lock().expect("a value") = None;
    session.refresh_now().await.expect("new tokens");
    assert_eq!(moving.paths(), [HERE, THERE, THERE, THERE, THERE]);
    let seen: Vec<Event> = std::iter::from_fn(|| events.try_next()).collect();
    assert_eq!(elsewhere(&seen), 2, "the third is no address: {seen:?}");
    assert!(moving.world.what_refused().is_empty());
}

#[tokio::test]
async fn a_store_does_not_choose_where_a_credential_goes() {
    let moving = Moving::new();
    let session = moving.open().await;
    let mut events = session.events();
    let held =
        signed_in(&moving.world).with_output("instance_url", Output::new("https://evil.example"));
    session.sign_in(held).await.expect("a stored grant");
    session.access_token().await.expect("a token");
    assert_eq!(moving.paths(), [HERE]);
    let seen: Vec<Event> = std::iter::from_fn(|| events.try_next()).collect();
    assert_eq!(elsewhere(&seen), 1, "{seen:?}");
}
