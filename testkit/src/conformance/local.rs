//! Access tokens that the client makes itself.

use super::bench::{Bench, started_at};
use super::harness::Given;
use super::subject::{Minted, Tokens};
use super::values::Values;
use crate::generated::judge_token;
use crate::provider::{Provider, Rule};
use crate::{Clock, assert_error_silent, canary};
use jiff::Timestamp;
use rekindle_contract::contract::{AccessUse, Generated, Jwt, ParameterKind};
use rekindle_runtime::Expiry;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

/// A token is signed with the key, says what is declared and nothing else, whatever the integrator gave and left out, and ends when its
/// `exp` says, the declared life after it begins. No request brings one.
pub fn local_token(bench: &Bench<'_>) {
    let contract = &bench.contract;
    let canaries = bench.values.clone();
    let special = Values::special(contract);
    let mut all: Vec<BTreeMap<String, String>> = vec![canaries.client.clone(), special.client];
    for (name, parameter) in &contract.client {
        let mut absent = canaries.client.clone();
        match (&parameter.default, parameter.optional) {
            (None, false) => continue,
            (None, true) => drop(absent.remove(name)),
            (Some(default), _) => drop(absent.insert(name.clone(), default.clone())),
        }
        all.push(absent);
    }
    // What has its default is not given.
    for client in all {
        let mut given = client.clone();
        given
            .retain(|name, value| contract.client[name].default.as_deref() != Some(value.as_str()));
        let at = started_at() + Duration::from_millis(987);
        let token = minted(bench, &Given::new(given), at);
        assert_as_declared(bench, &client, &token, at);
    }
    let begun = bench.client().start(&bench.held(), started_at());
    assert!(begun.is_err(), "no request brings a token");
    let refused = bench.spoilt_keys().next();
    if let Some((given, _)) = refused {
        let error = bench.built(&given).err().expect("the key cannot be read");
        assert_eq!(error.provider(), Some(contract.provider.name.as_str()));
    }
}

fn assert_as_declared(
    bench: &Bench<'_>,
    client: &BTreeMap<String, String>,
    token: &Tokens,
    at: SystemTime,
) {
    let contract = &bench.contract;
    let now = Timestamp::try_from(at).expect("an instant");
    let verdict = judge_token(contract, client, false, token.access.expose(), now);
    verdict.unwrap_or_else(|why| panic!("the token is not as declared: {why:?}"));
    // `exp` is in whole seconds, and so is the end.
    let begins = SystemTime::UNIX_EPOCH + Duration::from_secs(now.as_second().unsigned_abs());
    let ends = begins + bench.jwt().lives;
    assert_eq!(token.access.expiry(), Expiry::At(ends));
    assert!(token.refresh.is_none() && token.deviations.is_empty());

    let resource = |at: SystemTime| {
        let clock = Clock::standing(Timestamp::try_from(at).expect("an instant"));
        let provider = Provider::new(contract.clone()).with_clock(clock);
        let client = client.iter();
        client.fold(provider, |it, (name, value)| it.with_client(name, value))
    };
    let second = Duration::from_secs(1);
    assert_eq!(resource(ends - second).use_access_token(token.access.expose()), Ok(()));
    let late = resource(ends).use_access_token(token.access.expose());
    assert_eq!(late, Err(Rule::AccessTokenExpired));
}

/// What is minted is kept and served as it is, each token is another one where it has an id of its own, and nothing shows one.
pub fn local_token_kept(bench: &Bench<'_>) {
    let mut texts = BTreeSet::new();
    for _ in 0..3 {
        let Minted { direct, kept } = bench.mint(&bench.given(), started_at());
        assert!(kept.refresh_token().is_none() && kept.outputs().next().is_none());
        let token = kept.access_token().expect("there is one");
        assert_eq!(token.expiry(), direct.access.expiry());
        let served = bench.subject.serve(token);
        assert_eq!((served.expose(), served.expiry()), (token.expose(), token.expiry()));
        assert!(bench.subject.restore(&kept).is_some(), "nothing is spent, and nothing lacks");
        texts.extend([direct.access.expose().to_owned(), token.expose().to_owned()]);
        let secrets = bench.secrets();
        let secrets: Vec<&str> =
            secrets.iter().map(String::as_str).chain([direct.access.expose()]).collect();
        let mut shown = bench.subject.shown(&bench.given(), &bench.held());
        shown.extend(bench.client().shown());
        shown.extend(direct.shown.iter().cloned());
        shown.iter().for_each(|text| canary::assert_text_silent(&secrets, text, "what is printed"));
    }
    if bench.jwt().jti {
        assert_eq!(texts.len(), 6, "each token has an id of its own");
    }
    for (given, text) in bench.spoilt_keys() {
        let error = bench.built(&given).err().expect("the key cannot be read");
        assert_error_silent(&[text.as_str()], &error);
    }
    let once = bench.contract.access.use_ == AccessUse::Once;
    assert_eq!(bench.subject.clonable()[0], !once);
}

fn minted(bench: &Bench<'_>, given: &Given, at: SystemTime) -> Tokens {
    bench.mint(given, at).direct
}

impl Bench<'_> {
    /// What the client makes of the access token.
    fn jwt(&self) -> &Jwt {
        let values = &self.contract.request.values;
        let mut tokens = values.iter().filter_map(|(_, value)| match value {
            Generated::Jwt(jwt) => Some(jwt),
            _ => None,
        });
        tokens.next().expect("the client signs a token")
    }

    /// A token of a client that was given this.
    fn mint(&self, given: &Given, at: SystemTime) -> Minted {
        let client = self.built(given).expect("the settings can be used");
        let minted = client.mint(at).expect("the client makes its tokens itself");
        minted.expect("it can be signed")
    }

    /// What is given with a key that cannot be read, and that key.
    fn spoilt_keys(&self) -> impl Iterator<Item = (Given, String)> {
        let keys = self.contract.client.iter().filter(|(name, parameter)| {
            parameter.kind == ParameterKind::SigningKey
                || self.contract.synthetic_key(name).is_some()
        });
        keys.map(|(name, _)| (self.given().with(name, "canary-no-key"), "canary-no-key".to_owned()))
    }

    /// What must not be seen.
    fn secrets(&self) -> Vec<String> {
        let secret = self.contract.client.iter().filter(|(_, it)| it.secret);
        secret.map(|(name, _)| self.values.client[name].clone()).collect()
    }
}
