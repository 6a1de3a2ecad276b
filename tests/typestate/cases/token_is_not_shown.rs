//! A token has no `Display`: it does not end in a log by way of `{}`.

use rekindle_clients::wetix::{AccessToken, Tokens};

fn log(access_token: AccessToken, tokens: Tokens) {
    println!("{access_token}");
    println!("{}", tokens.refresh_token);
}

fn main() {}
