//! Neither of Xellar's tokens can be copied: each may be used once.

use rekindle_clients::xellar::{RefreshToken, WalletToken};

fn copies(refresh_token: RefreshToken, wallet_token: WalletToken) {
    drop(RefreshToken::clone(&refresh_token));
    drop(WalletToken::clone(&wallet_token));
}

fn main() {}
