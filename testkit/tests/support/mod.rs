//! Contracts to play, requests to send to who plays them, and a client that knows no more of HTTP than it must.
#![allow(dead_code, reason = "each test file uses its own part")]

#[path = "../contracts/mod.rs"]
mod all;
#[path = "../reading/mod.rs"]
mod reading;
pub mod wire;

use http::Request;
use rekindle_contract::contract::{Contract, Given, RefreshWhen};
use rekindle_contract::{Source, check, load};
use rekindle_testkit::provider::Provider;
use rekindle_testkit::{Fake, Held};
use std::path::Path;
use std::time::Duration;

/// Every contract of providers and of the language of which an exchange is one request.
pub fn contracts() -> Vec<Contract> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = ["specs", "tests/language/specs"].map(|folder| root.join(folder));
    let sources = load(&folders).expect("the specs of the repository");
    let checked = check(&sources);
    assert!(!checked.has_errors(), "{:#?}", checked.diagnostics);
    assert!(checked.contracts.len() >= 15);
    checked.contracts.into_iter().filter(all::takes_one_request).collect()
}

/// A plain contract with this id.
pub fn plain(id: &str) -> Contract {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generator/acme.yaml");
    let text = std::fs::read_to_string(path).expect("a plain spec");
    let text = text.replace("acme", id);
    let mut checked = check(&[Source::new(format!("specs/{id}.yaml"), text)]);
    assert!(!checked.has_errors(), "{:#?}", checked.diagnostics);
    checked.contracts.remove(0)
}

/// A fake provider of the plain contract.
pub fn acme() -> Fake {
    Fake::new(Provider::new(plain("acme")))
}

/// A person signs in, and time passes until the provider takes a refresh.
pub fn sign_in(fake: &Fake) -> Held {
    let held = fake.provider().sign_in();
    let ends = fake.provider().access_token_ends(&held.access_token);
    let left = || {
        let left = ends.expect("an end").duration_since(fake.clock().now());
        Duration::try_from(left).expect("an end to come")
    };
    let when = fake.provider().contract().request.when;
    match when {
        RefreshWhen::NearExpiry(before) => fake.clock().advance(left() - before),
        RefreshWhen::AfterExpiry => fake.clock().advance(left()),
        RefreshWhen::AnyTime | RefreshWhen::BeforeExpiry | RefreshWhen::Unknown => {}
    }
    held
}

/// What a client of `fake` knows when it refreshes.
pub fn given(fake: &Fake, held: &Held) -> Given {
    reading::given(&fake.provider(), held)
}

/// The request of a refresh.
pub fn refresh(fake: &Fake, held: &Held) -> Request<Vec<u8>> {
    reading::request(&fake.provider(), held)
}
