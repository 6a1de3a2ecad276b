//! A required setting that is not given is named by the compiler.

use rekindle_clients::wetix::{Client, Environment, Settings};

fn main() {
    let settings = Settings { client_id: "an id".into() };
    drop(Client::new(Environment::Sandbox, settings));
}
