//! Only a client makes a request: what it spends cannot be borrowed for another one.

use rekindle_clients::runtime::http::Request;
use rekindle_clients::runtime::kit::{Checked, Operation, Setup};
use rekindle_clients::xellar::{Client, Refresh, RefreshToken};

fn again(setup: &Setup<Client>, token: &RefreshToken, request: &mut Request<Vec<u8>>) {
    drop(Refresh::request(setup, token, request));
    drop(Refresh::request(setup, &Checked(token), request));
}

fn main() {}
