//! One refresh with the generated client, without a transport: whoever calls owns the socket.

use build_script::spotify::{Client, Environment, RefreshToken, Settings};
use rekindle_runtime::{Provider, clock, http::Response};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings { client_id: "an id".into(), client_secret: "a secret".into() };
    let client = Client::new(Environment::Production, settings)?;
    let (request, pending) =
        client.refresh_request(RefreshToken::new("the refresh token"), clock::now())?;
    println!("{}: {} {}", Client::NAME, request.method(), request.uri());

    // Here the request would be sent. This is what might come back.
    let answer = Response::new(r#"{"access_token":"new","token_type":"Bearer","expires_in":3600}"#);
    let tokens = pending.finish(answer)?;
    println!("{tokens:?}");
    Ok(())
}
