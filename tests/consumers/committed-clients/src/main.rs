//! One refresh with a committed client, without a transport: whoever calls owns the socket.

use rekindle_clients::runtime::{clock, http::Response};
use rekindle_clients::wetix::{self, Client, Environment, RefreshToken};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder(Environment::Sandbox)
        .client_id("an id")
        .client_secret("a secret")
        .build()?;
    let (request, pending) =
        client.refresh_request(RefreshToken::new("the refresh token"), clock::now())?;
    println!("{}: {} {}", wetix::NAME, request.method(), request.uri());

    // Here the request would be sent. This is what might come back.
    let answer = Response::new(
        r#"{"access_token":"new","expires_in":5184000,"refresh_token":"the refresh token","token_type":"Bearer"}"#,
    );
    let tokens = pending.finish(answer)?;
    println!("{tokens:?}");
    Ok(())
}
