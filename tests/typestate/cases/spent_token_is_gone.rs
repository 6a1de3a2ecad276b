//! One exchange spends a Xellar refresh token: a second one has nothing to send.

use rekindle_clients::runtime::clock;
use rekindle_clients::xellar::{Client, RefreshToken};

fn twice(client: &Client, refresh_token: RefreshToken) {
    let first = client.refresh_request(refresh_token, clock::now());
    let second = client.refresh_request(refresh_token, clock::now());
    drop((first, second));
}

fn main() {}
