//! Requests as the reference reading writes them.

use http::Request;
use rekindle_contract::contract::Given;
use rekindle_contract::exchange::render;
use rekindle_testkit::provider::Provider;
use rekindle_testkit::{Held, Reference};

/// What the registered client knows that holds `held`.
pub fn given(provider: &Provider, held: &Held) -> Given {
    let reference = Reference::new(provider.contract().clone()).at(provider.base_url());
    let client = provider.client().iter();
    let reference = client.fold(reference, |it, (name, value)| it.with_client(name, value));
    let now = provider.clock().now();
    Given {
        environment: None,
        base_url: Some(held.base_url.clone().unwrap_or_else(|| provider.base_url().to_owned())),
        client: provider.client().clone(),
        access_token: Some(held.access_token.clone()),
        refresh_token: held.refresh_token.clone(),
        values: reference.values(held, now),
        at: now,
    }
}

/// The request of the registered client that holds `held`.
pub fn request(provider: &Provider, held: &Held) -> Request<Vec<u8>> {
    let wire = render(provider.contract(), &given(provider, held)).expect("a request");
    let mut request = Request::builder().method(wire.method.as_str()).uri(&wire.url);
    for (name, value) in &wire.headers {
        request = request.header(name, value);
    }
    request.body(wire.body).expect("a request")
}
