//! Sessions in other stacks: layers that attach the access token to the requests of an HTTP client.
//!
//! | feature | for | |
//! |---|---|---|
//! | `tower` | any `tower` service of HTTP requests: `hyper-util`'s client, `tonic`'s channel | `AuthorizeLayer` |
//! | `reqwest-middleware` | `reqwest` | `AuthorizeMiddleware` |
//!
//! Both do the same:
//!
//! * The token goes where the contract says (its header, with its scheme or raw; a cookie; the query), in place of what stands
//!   there. They need a contract that says it: an access token that is [`Authorize`](crate::Authorize).
//! * Where the answer refuses the token as expired or revoked, by the contract's statuses, the session is told (it
//!   [invalidates](crate::session::Session::invalidate) the token), and the request is sent **once** more, with a new token. The
//!   second answer is returned, whatever it is.
//! * Where the contract says that a body refuses it, the bodies of answers are read that may do so: of that status, JSON by their
//!   `Content-Type`, not compressed, of at most [16 KiB](crate::session::LARGEST_REFUSAL). Such an answer is handed on once its body has
//!   ended, or is clearly something else: longer, no JSON object, a first JSON value of a stream. It is handed on as it came, frame for
//!   frame, with its trailers. No other body is read, and none where the contract says no such thing.
//! * A lack of scope is no such refusal: see [`refuses_access_token`](crate::session::refuses_access_token).
//! * A request whose body cannot be copied is sent once; the next request has a new token.
//! * Where there is no token, before the request or after a refusal, that is the error, and nothing more is sent.
//!
//! They add the token to each request, whatever its host: use them in a client that speaks to the provider's API alone, and mind
//! redirects. `reqwest` follows them below its middleware, and when one leads to another host it removes an `authorization`
//! header and cookies, but no header of another name. A token in the query ends in the logs of whoever sees the URL.

mod answer;
#[cfg(feature = "reqwest-middleware")]
mod reqwest;
#[cfg(feature = "tower")]
mod tower;

pub use self::answer::AnswerBody;
#[cfg(feature = "reqwest-middleware")]
pub use self::reqwest::AuthorizeMiddleware;
#[cfg(feature = "tower")]
pub use self::tower::{AuthorizeLayer, Authorized, BodyCopy, ByClone, Once};
