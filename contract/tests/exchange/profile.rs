//! The examples of the profile.

use super::{PLAIN, contract};
use rekindle_contract::contract::{Contract, Example, Expect};
use rekindle_contract::exchange::{Read, read, render};

#[test]
fn the_examples_of_the_profile_hold_whatever_the_spec_changes() {
    let auths = [
        "body",
        "basic",
        "public",
        "query",
        "none",
        "{ header: { name: x-key } }",
        "{ body: { client_id: k } }",
    ];
    let responses = [
        "{}",
        "{ success: 201, access_token: /data/token }",
        "{ success: { field: /ok, equals: true } }",
    ];
    let rotations = ["never", "echo", "always", "sometimes", "keeps_old", "unknown"];
    let expiries = [
        "jwt",
        "never",
        "{ rfc3339: /data/until }",
        "{ unix_milliseconds: /until }",
        "{ constant: 1d }",
    ];
    for (index, auth) in auths.iter().enumerate() {
        for (response, rotation) in
            responses.iter().flat_map(|response| rotations.map(|rotation| (response, rotation)))
        {
            let (access, refresh) = (expiries[index % 5], expiries[(index + 1) % 5]);
            let contract = contract(&format!(
                "{PLAIN}refresh: {{ request: POST /token, auth: {auth} }}\nresponse: {response}\ntokens:\n  \
                 access: {{ expires: {access} }}\n  refresh: {{ rotation: {rotation}, expires: {refresh} }}\n"
            ));
            assert_eq!(contract.examples.len(), 2);
            contract.examples.iter().for_each(|example| holds(&contract, example));
        }
    }
}

fn holds(contract: &Contract, example: &Example) {
    if example.id == "rfc6749-refresh" {
        let request = example.request.as_ref().unwrap();
        assert_eq!(render(contract, &example.given).unwrap().url, request.url);
    }
    match (&example.expect, read(contract, &example.given, &example.response)) {
        (
            Expect::Tokens { access_token, access_expires, refresh_token, .. },
            made @ Read::Tokens { .. },
        ) => {
            let Read::Tokens { access_token: a, access_expires: e, refresh_token: r, .. } = made
            else {
                unreachable!()
            };
            assert_eq!((access_token, access_expires, refresh_token), (&a, &Some(e), &r));
        }
        (Expect::Error { class, sign_in }, Read::Error { class: c, sign_in: s, .. }) => {
            assert_eq!((*class, *sign_in), (c, s));
        }
        (expected, made) => panic!("{expected:?} {made:?}"),
    }
}
