//! A layer for `tower`.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::answer::{AnswerBody, note};
use crate::grant::Authorize;
use crate::session::{Renewable, Session};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How the body of a request is copied, in case the request is refused and sent again.
pub trait BodyCopy<B>: Clone {
    /// A copy of the body; `None` where there can be none, and the request is sent once.
    fn copy(&self, body: &B) -> Option<B>;
}

/// Bodies that are [`Clone`], such as `Full` and `Empty`, which are in memory.
#[derive(Debug, Clone, Copy, Default)]
pub struct ByClone;

impl<B: Clone> BodyCopy<B> for ByClone {
    fn copy(&self, body: &B) -> Option<B> {
        Some(body.clone())
    }
}

/// Any body: no request is repeated.
#[derive(Debug, Clone, Copy, Default)]
pub struct Once;

impl<B> BodyCopy<B> for Once {
    fn copy(&self, _body: &B) -> Option<B> {
        None
    }
}

impl<B, F: Fn(&B) -> Option<B> + Clone> BodyCopy<B> for F {
    fn copy(&self, body: &B) -> Option<B> {
        self(body)
    }
}

/// Attaches a session's access token to each request, and repeats a refused request once: see [the module](super).
///
/// A body must be [`Clone`] to be sent twice, and the compiler asks for it. For bodies that are not, say
/// [`AuthorizeLayer::once`], or how they are copied with [`AuthorizeLayer::copying`].
///
/// The body of an answer is wrapped, as one that may refuse the token is read before it is handed on: [`AnswerBody`].
///
/// The service's error is boxed, as in `tower`'s own layers: a [`SessionError`](crate::session::SessionError), or the inner
/// service's own.
///
/// ```no_run
/// # fn example<P, S>(session: rekindle_runtime::session::Session<P>, client: S)
/// # where P: rekindle_runtime::session::Renewable<AccessToken: rekindle_runtime::Authorize> {
/// use rekindle_runtime::fit::AuthorizeLayer;
/// use tower_layer::Layer;
///
/// let client = AuthorizeLayer::new(session).layer(client);
/// # }
/// ```
pub struct AuthorizeLayer<P: Renewable, C = ByClone> {
    session: Session<P>,
    copy: C,
}

impl<P: Renewable> AuthorizeLayer<P> {
    /// With the tokens of this session, for requests whose body is [`Clone`].
    pub fn new(session: Session<P>) -> Self {
        let copy = ByClone;
        Self { session, copy }
    }

    /// With the tokens of this session, for any body: no request is repeated. A refused one has the token replaced for the next
    /// one.
    pub fn once(session: Session<P>) -> AuthorizeLayer<P, Once> {
        let copy = Once;
        AuthorizeLayer { session, copy }
    }

    /// With the tokens of this session, for bodies that `copy` copies. Where it returns `None`, the request is sent once.
    pub fn copying<B, F: Fn(&B) -> Option<B> + Clone>(
        session: Session<P>,
        copy: F,
    ) -> AuthorizeLayer<P, F> {
        AuthorizeLayer { session, copy }
    }
}

impl<P: Renewable, C: Clone, S> Layer<S> for AuthorizeLayer<P, C> {
    type Service = Authorized<S, P, C>;

    fn layer(&self, inner: S) -> Self::Service {
        Authorized { inner, session: self.session.clone(), copy: self.copy.clone() }
    }
}

impl<P: Renewable, C: Clone> Clone for AuthorizeLayer<P, C> {
    fn clone(&self) -> Self {
        Self { session: self.session.clone(), copy: self.copy.clone() }
    }
}

impl<P: Renewable, C> fmt::Debug for AuthorizeLayer<P, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizeLayer").field("session", &self.session).finish_non_exhaustive()
    }
}

/// A service whose requests carry a session's access token. Made by [`AuthorizeLayer`].
pub struct Authorized<S, P: Renewable, C = ByClone> {
    inner: S,
    session: Session<P>,
    copy: C,
}

impl<S: Clone, P: Renewable, C: Clone> Clone for Authorized<S, P, C> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), session: self.session.clone(), copy: self.copy.clone() }
    }
}

impl<S, P: Renewable, C> fmt::Debug for Authorized<S, P, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorized").field("session", &self.session).finish_non_exhaustive()
    }
}

impl<S, P, C, B, R> Service<Request<B>> for Authorized<S, P, C>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    P: Renewable<AccessToken: Authorize>,
    C: BodyCopy<B>,
    B: Send + 'static,
    R: Body<Data: Send, Error: Send> + Send + 'static,
{
    type Response = Response<AnswerBody<R>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<AnswerBody<R>>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (head, body) = request.into_parts();
        let spare = self.copy.copy(&body).map(|body| (head.clone(), body));
        let spare = spare.map(|(head, body)| Request::from_parts(head, body));
        let request = Request::from_parts(head, body);
        // Only the service that was polled is ready: it is called, and a copy takes its place.
        let fresh = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, fresh);
        Box::pin(carry(ready, self.session.clone(), request, spare))
    }
}

/// Sends `request`, and `spare` if it is refused.
async fn carry<S, P, B, R>(
    mut inner: S,
    session: Session<P>,
    mut request: Request<B>,
    spare: Option<Request<B>>,
) -> Result<Response<AnswerBody<R>>, BoxError>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    P: Renewable<AccessToken: Authorize>,
    R: Body,
{
    let generation = session.authorize_request(&mut request).await?;
    let answer = inner.call(request).await.map_err(Into::into)?;
    let (refused, answer) = note(&session, generation, answer).await;
    let Some(mut request) = spare.filter(|_| refused) else {
        return Ok(answer);
    };
    if session.authorize_request(&mut request).await? <= generation {
        return Ok(answer);
    }
    // Frees the connection for the second request.
    drop(answer);
    let ready = poll_fn(|context| inner.poll_ready(context)).await;
    ready.map_err(Into::into)?;
    let second = inner.call(request).await.map_err(Into::into)?;
    Ok(second.map(AnswerBody::whole))
}
