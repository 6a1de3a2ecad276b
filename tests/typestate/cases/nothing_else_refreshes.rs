//! Transak has no refresh token: its access token renews itself. A Xellar wallet token renews nothing.

use rekindle_clients::runtime::clock;
use rekindle_clients::xellar::{Client, WalletToken};

fn refresh(client: &Client, wallet_token: WalletToken) {
    drop(client.refresh_request(wallet_token, clock::now()));
    drop(rekindle_clients::transak::RefreshToken::new("a token"));
}

fn main() {}
