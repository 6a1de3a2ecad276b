//! One refresh with the generated client, without a transport: whoever calls owns the socket.

use build_script::spotify::{self, Client, Environment, RefreshToken};
use rekindle_runtime::{clock, http::Response};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder(Environment::Production)
        .client_id("an id")
        .client_secret("a secret")
        .build()?;
    let (request, pending) =
        client.refresh_request(RefreshToken::new("the refresh token"), clock::now())?;
    println!("{}: {} {}", spotify::NAME, request.method(), request.uri());

    // Here the request would be sent. This is what might come back.
    let answer = Response::new(r#"{"access_token":"new","token_type":"Bearer","expires_in":3600}"#);
    let tokens = pending.finish(answer)?;
    println!("{tokens:?}");
    Ok(())
}
