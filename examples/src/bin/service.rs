//! A web service that acts at WeTix in the name of many people. Their grants are in PostgreSQL; start it as often as you like.
//!
//! ```console
//! cargo run -- serve specs/wetix.yaml                                     # in another terminal; it prints a refresh token
//! DATABASE_URL=postgres://app@127.0.0.1/app cargo run -p rekindle-examples --bin service
//! curl -X PUT http://127.0.0.1:3000/users/ada/grant --data-raw 'wetix-refresh-1-…'
//! curl http://127.0.0.1:3000/users/ada/wetix
//! ```
//!
//! Who may ask in whose name is for your own sign-in to say, and left out here: it listens on the loopback alone.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use clap::Parser;
use rekindle_clients::wetix::Client;
use rekindle_examples::{CLOSING, Wetix, asked_to_end, ends};
use rekindle_runtime::fit::AuthorizeMiddleware;
use rekindle_runtime::session::{Pool, SessionError, SessionErrorKind, Sessions};
use rekindle_runtime::store::postgres::{PostgresStore, tokio_postgres};
use rekindle_runtime::{Class, Grant, ReqwestTransport, Token};
use reqwest_middleware::ClientBuilder;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Acts at WeTix in the name of many people
#[derive(Parser)]
struct Arguments {
    /// Where the grants are: postgres://user@host/database
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    database: tokio_postgres::Config,
    /// The port of this machine to listen on; 0 for any that is free
    #[arg(long, default_value_t = 3000)]
    port: u16,
    #[command(flatten)]
    wetix: Wetix,
}

/// What each request needs.
struct App {
    pool: Pool<Client>,
    http: reqwest::Client,
    protected: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let store = PostgresStore::without_tls(arguments.database)?;
    store.migrate().await.context("the database")?;
    let sessions = Sessions::start()?;
    let pool = sessions
        .provider(arguments.wetix.client()?, ReqwestTransport::new()?)
        .store(store)
        .start()?;
    tell(&pool);

    let app = Router::new()
        .route("/health", get(health))
        .route("/users/{user}", get(status))
        .route("/users/{user}/grant", put(sign_in))
        .route("/users/{user}/wetix", get(visit))
        .with_state(Arc::new(App {
            pool: pool.clone(),
            http: reqwest::Client::new(),
            protected: arguments.wetix.protected(),
        }));
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(async { drop(asked_to_end().await) }).await?;
    // Requests are answered; exchanges in the background may still be out. Whoever ends now loses their answers.
    let left = pool.close(CLOSING).await;
    anyhow::ensure!(left.is_nothing(), "not finished in time: {left:?}");
    println!("ended, no exchange is out");
    Ok(())
}

/// Puts what happens to grants on standard error.
fn tell(pool: &Pool<Client>) {
    let mut events = pool.events();
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            match &event.key {
                Some(key) => eprintln!("{key}: {:?}", event.kind),
                None => eprintln!("all grants: {:?}", event.kind),
            }
        }
    });
}

type Shared = State<Arc<App>>;

/// Gets the provider's page in the name of `user`. The middleware attaches the token, and repeats what is refused.
async fn visit(State(app): Shared, Path(user): Path<String>) -> Result<Json<Value>, Failure> {
    let http = ClientBuilder::new(app.http.clone())
        .with(AuthorizeMiddleware::new(app.pool.session(&user)))
        .build();
    let answer = http.get(&app.protected).send().await?;
    Ok(Json(json!({ "user": user, "wetix": answer.status().as_u16() })))
}

/// Takes over what signing in has brought: the body is the first refresh token.
async fn sign_in(
    State(app): Shared,
    Path(user): Path<String>,
    refresh_token: String,
) -> Result<StatusCode, Failure> {
    let grant = Grant::new().with_refresh_token(Token::new(refresh_token.trim()));
    app.pool.session(&user).sign_in(grant).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How the grant of `user` stands.
async fn status(State(app): Shared, Path(user): Path<String>) -> Result<Json<Value>, Failure> {
    let status = app.pool.session(&user).status().await?;
    Ok(Json(json!({
        "generation": status.generation,
        "needs_sign_in": status.needs_sign_in(),
        "access_token_ends": ends(status.access_ends),
        "in_doubt": status.in_flight.is_some(),
        "trouble": status.trouble.map(|trouble| trouble.to_string()),
    })))
}

async fn health(State(app): Shared) -> Json<Value> {
    Json(json!({ "status": "up", "sessions": app.pool.len() }))
}

/// Why there is no answer from WeTix.
enum Failure {
    Session(SessionError),
    Http,
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl From<reqwest_middleware::Error> for Failure {
    fn from(error: reqwest_middleware::Error) -> Self {
        match error {
            reqwest_middleware::Error::Middleware(error) => {
                error.downcast().map_or(Self::Http, Self::Session)
            }
            reqwest_middleware::Error::Reqwest(_) => Self::Http,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self::Session(error) = self else {
            return problem(StatusCode::BAD_GATEWAY, "WeTix does not answer");
        };
        let words = error.to_string();
        match (error.kind(), error.class()) {
            (SessionErrorKind::NoGrant, _) => problem(StatusCode::NOT_FOUND, &words),
            (_, Class::Reauthenticate(_)) => problem(StatusCode::FORBIDDEN, &words),
            (_, Class::InDoubt) => problem(StatusCode::CONFLICT, &words),
            (_, Class::RateLimited { after: Some(after) }) => {
                let wait = [(header::RETRY_AFTER, after.as_secs().max(1).to_string())];
                (wait, problem(StatusCode::SERVICE_UNAVAILABLE, &words)).into_response()
            }
            (_, Class::Transient | Class::RateLimited { .. }) => {
                problem(StatusCode::SERVICE_UNAVAILABLE, &words)
            }
            _ => problem(StatusCode::BAD_GATEWAY, &words),
        }
    }
}

fn problem(status: StatusCode, words: &str) -> Response {
    (status, Json(json!({ "error": words }))).into_response()
}
