//! A middleware for `reqwest`.

use std::fmt;

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Body, Request, Response, ResponseBuilderExt};
use reqwest_middleware::{Error, Middleware, Next, Result};

use super::answer::note;
use crate::grant::Authorize;
use crate::session::{Renewable, Session};

/// Attaches a session's access token to each request, and repeats a refused request once: see [the module](super).
///
/// A request whose body is a stream cannot be repeated, and is sent once. Errors of the session come as
/// [`Error::Middleware`], from which [`SessionError`](crate::session::SessionError) can be downcast.
///
/// ```no_run
/// # fn example<P>(session: rekindle_runtime::session::Session<P>) -> reqwest_middleware::ClientWithMiddleware
/// # where P: rekindle_runtime::session::Renewable<AccessToken: rekindle_runtime::Authorize> {
/// use rekindle_runtime::fit::AuthorizeMiddleware;
///
/// reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
///     .with(AuthorizeMiddleware::new(session))
///     .build()
/// # }
/// ```
pub struct AuthorizeMiddleware<P: Renewable> {
    session: Session<P>,
}

impl<P: Renewable> AuthorizeMiddleware<P> {
    /// With the tokens of this session.
    pub fn new(session: Session<P>) -> Self {
        Self { session }
    }
}

impl<P: Renewable<AccessToken: Authorize>> AuthorizeMiddleware<P> {
    async fn authorize(&self, request: &mut Request) -> Result<u64> {
        let url = request.url().as_str();
        let mut head = http::Request::new(());
        *head.uri_mut() = url.parse().map_err(Error::middleware)?;
        let before = head.uri().clone();
        // Copies share the values.
        *head.headers_mut() = request.headers().clone();
        let generation = self.session.authorize_request(&mut head).await;
        let generation = generation.map_err(Error::middleware)?;
        if *head.uri() != before {
            *request.url_mut() = head.uri().to_string().parse().map_err(Error::middleware)?;
        }
        *request.headers_mut() = std::mem::take(head.headers_mut());
        Ok(generation)
    }

    /// Learns from an answer: whether it refuses the token, and the answer.
    async fn note(&self, generation: u64, answer: Response) -> (bool, Response) {
        if !self.session.looks_into_body(answer.status(), answer.headers()) {
            let refused = self.session.note_answer(generation, answer.status(), answer.headers());
            return (refused, answer);
        }
        let place = http::Response::builder().url(answer.url().clone()).body(());
        let (refused, answer) = note(&self.session, generation, answer.into()).await;
        let mut answer = answer.map(Body::wrap);
        if let Ok(place) = place {
            answer.extensions_mut().extend(place.into_parts().0.extensions);
        }
        (refused, answer.into())
    }
}

#[async_trait]
impl<P: Renewable<AccessToken: Authorize>> Middleware for AuthorizeMiddleware<P> {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let spare = request.try_clone();
        let generation = self.authorize(&mut request).await?;
        let answer = next.clone().run(request, extensions).await?;
        let (refused, answer) = self.note(generation, answer).await;
        let Some(mut request) = spare.filter(|_| refused) else {
            return Ok(answer);
        };
        if self.authorize(&mut request).await? <= generation {
            return Ok(answer);
        }
        // Frees the connection for the second request.
        drop(answer);
        next.run(request, extensions).await
    }
}

impl<P: Renewable> Clone for AuthorizeMiddleware<P> {
    fn clone(&self) -> Self {
        Self::new(self.session.clone())
    }
}

impl<P: Renewable> fmt::Debug for AuthorizeMiddleware<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizeMiddleware").field("session", &self.session).finish()
    }
}
