//! One refresh with a committed client, without a transport: whoever calls owns the socket.

use rekindle_clients::runtime::{Provider, clock, http::Response};
use rekindle_clients::wetix::{Client, Environment, RefreshToken, Settings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings { client_id: "an id".into(), client_secret: "a secret".into() };
    let client = Client::new(Environment::Sandbox, settings)?;
    let started_at = clock::now();
    let (request, pending) =
        client.refresh_request(RefreshToken::new("the refresh token"), started_at)?;
    println!("{}: {} {}", Client::NAME, request.method(), request.uri());

    // Here the request would be sent. This is what might come back.
    let answer = Response::new(
        r#"{"access_token":"new","expires_in":5183999.5,"refresh_token":"the refresh token","refresh_token_expires_in":31536000,"token_type":"Bearer"}"#,
    );
    let tokens = pending.finish(answer)?;
    println!("{tokens:?}");
    // As `serde_json` reads numbers here, and a client does not.
    assert!(serde_json::from_str::<serde_json::Value>("1e400").is_ok());
    let life = tokens.access_token.expiry().remaining(started_at).unwrap_or_default();
    assert_eq!(life.as_millis(), 5_183_999_500);
    assert_eq!(tokens.deviations, []);
    Ok(())
}
