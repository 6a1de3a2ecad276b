//! What the client makes anew for each request, and the keys that it signs with.

use super::bench::Bench;
use super::made::now;
use crate::generated::{Filling, make};
use rekindle_contract::contract::{Generated, ParameterKind, Slot};
use std::collections::BTreeMap;

/// What is made by chance is another in each request; what is not is what it must be at that moment, wherever it stands.
pub fn generated_values(bench: &Bench<'_>) {
    let made = |bench: &Bench<'_>| {
        let (request, _) = bench.exchange();
        (bench.made_for(&request), bench.token_url())
    };
    let ((first, token_url), (second, _)) = (made(bench), made(bench));
    let request = &bench.contract.request;
    let random = |value: &Generated| value.is_random() || matches!(value, Generated::Jwt(_));
    let held = bench.held();
    let mut filling = Filling {
        client: &bench.values.client,
        token_url,
        access: Some(held.access.text.clone()),
        refresh: Some(held.refresh.text.clone()),
        values: first.iter().map(|(name, text)| (name.clone(), text.clone())).collect(),
        may_lack: false,
    };
    filling.values.retain(|name, _| request.value(name).is_some_and(random));
    filling.values.extend(super::behind_steps::samples(&bench.contract, &bench.base_url));
    make(&bench.contract, &mut filling, now());
    for (name, value) in &request.values {
        if !request.sends(&Slot::Value(name.clone())) {
            continue;
        }
        let (first, second) = (&first[name], &second[name]);
        if value.is_random() {
            assert_ne!(first, second, "`{name}` is made by chance");
        } else if !random(value) {
            assert_eq!(*first, filling.values[name], "`{name}`");
        }
    }
}

/// A text that is no private key of the declared kind is refused when the client is made, by the name of its setting, and not shown
/// (R32).
pub fn signing_key(bench: &Bench<'_>) {
    use rekindle_contract::contract::Algorithm;
    let keys = Algorithm::ALL.into_iter().filter_map(Algorithm::synthetic_key);
    let keys: Vec<&str> = keys.collect();
    for (name, parameter) in &bench.contract.client {
        if parameter.kind != ParameterKind::SigningKey {
            continue;
        }
        let right = bench.contract.signs_with(name).and_then(Algorithm::synthetic_key);
        let others = keys.iter().copied().filter(|key| Some(*key) != right);
        for text in others.chain(["canary-signing-key", "-----BEGIN PRIVATE KEY-----\ncanary"]) {
            let Err(error) = bench.built_with(name, text) else {
                panic!("`{name}` is no key of its kind, and was taken");
            };
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(name.as_str()), "the setting is named: {shown}");
            assert!(!shown.contains("canary") && !shown.contains("BEGIN"), "it is not shown");
        }
        // One that only its passphrase opens is told from one that is none.
        let Some(right) = right else { continue };
        let locked = right.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let error = bench.built(&bench.given().with(name, &locked)).err();
        let shown = error.expect("nobody has said the passphrase").to_string();
        assert!(shown.contains("passphrase") && shown.contains("openssl pkcs8"), "{shown}");
    }
}

impl Bench<'_> {
    /// The URL of a request to the base URL, without its query.
    fn token_url(&self) -> String {
        let (request, _) = self.exchange();
        let url = request.uri().to_string();
        url.split('?').next().unwrap_or_default().to_owned()
    }

    /// What the client made for a request to the base URL.
    fn made_for(&self, request: &http::Request<Vec<u8>>) -> BTreeMap<String, String> {
        self.wire_values(request, &self.base_url, &self.values, crate::Clock::standing(now()))
    }
}
