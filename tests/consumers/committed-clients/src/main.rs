//! One refresh with a committed client, without a transport: whoever calls owns the socket.

use rekindle_clients::runtime::{Provider, clock, http::Response};
use rekindle_clients::wetix::{Client, Environment, RefreshToken, Settings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings { client_id: "an id".into(), client_secret: "a secret".into() };
    let client = Client::new(Environment::Sandbox, settings)?;
    let (request, pending) =
        client.refresh_request(RefreshToken::new("the refresh token"), clock::now())?;
    println!("{}: {} {}", Client::NAME, request.method(), request.uri());

    // Here the request would be sent. This is what might come back.
    let answer = Response::new(
        r#"{"access_token":"new","expires_in":5184000,"refresh_token":"the refresh token","token_type":"Bearer"}"#,
    );
    let tokens = pending.finish(answer)?;
    println!("{tokens:?}");
    Ok(())
}
