//! A single-use access token is given by value: it is attached to one request, and not by reference.

use rekindle_clients::runtime::Authorize;
use rekindle_clients::runtime::http::{HeaderMap, Request};
use rekindle_clients::runtime::kit;
use rekindle_language::self_renewing::SessionKey;

fn twice(session_key: SessionKey, first: &mut Request<()>, second: &mut Request<()>) {
    drop(session_key.authorize(first));
    drop(session_key.authorize(second));
}

fn by_reference(session_key: &SessionKey, headers: &mut HeaderMap, request: &mut Request<()>) {
    drop(Authorize::authorize(session_key, headers));
    drop(kit::attach(session_key, request));
}

fn main() {}
