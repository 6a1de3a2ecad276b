//! What answers hold beside the tokens: kept with the grant, served with the token, told when it changes.

use http::{Request, Response};
use rekindle_language::outputs::Client;
use rekindle_runtime::session::{Event, EventKind, Session};
use rekindle_runtime::transport::{Transport, TransportError};
use rekindle_runtime::{Deviation, Grant, Output};
use rekindle_sessions::{Integrator, Wire, World, grant};
use serde_json::Value;
use std::collections::BTreeMap;

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
    let all = ["account", "id_token", "instance_url", "limits", "plan", "sandbox"];
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
    assert_eq!(changed(&seen), ["account", "limits", "plan", "sandbox"]);
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
