use hello::acme::{Client, Environment, Settings};
use rekindle_runtime::{Grant, Place, ReqwestTransport, Token, session::Session, store::FileStore};
use std::{env::var, io::stdin, time::Duration};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings { client_id: var("ACME_ID")?, client_secret: var("ACME_SECRET")?.into() };
    let acme = Client::new(var("ACME_URL").map_or(Environment::Production.into(), Place::loopback), settings)?;
    let store = FileStore::open(var("HOME")? + "/.acme")?;
    let session = Session::builder(acme, ReqwestTransport::new()?).store(store).open().await?;
    if session.status().await?.needs_sign_in() {
        eprintln!("paste the first refresh token:");
        let first = stdin().lines().next().ok_or("there is none")??;
        session.sign_in(Grant::new().with_refresh_token(Token::new(first))).await?;
    }
    let token = session.access_token().await?; // Ask whenever you need one: it is fresh.
    println!("the access token ends: {:?}", token.expiry());
    session.close(Duration::from_secs(30)).await; // A process that ends in the middle of an exchange loses its answer.
    Ok(())
}
