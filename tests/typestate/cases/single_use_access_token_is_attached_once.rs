//! A single-use access token is given by value: it cannot be attached to two requests, and not by reference.

use rekindle_clients::runtime::Authorize;
use rekindle_clients::runtime::http::HeaderMap;
use rekindle_clients::xellar::WalletToken;
use rekindle_language::after_expiry::AccessToken;
use rekindle_language::runtime::http::Request;

fn twice(token: AccessToken, first: &mut Request<()>, second: &mut Request<()>) {
    drop(token.authorize(first));
    drop(token.authorize(second));
}

fn by_reference(token: &AccessToken, wallet: &WalletToken, headers: &mut HeaderMap) {
    drop(Authorize::authorize(token, headers));
    drop(Authorize::authorize(wallet, headers));
}

fn main() {}
