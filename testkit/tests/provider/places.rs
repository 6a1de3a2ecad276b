//! Where a provider is, and who its client is.

use crate::support::{
    acme, attempt, contract, contracts, refused, request, signed_in, wait_until_accepted,
};
use rekindle_contract::contract::{ClientAuth, Slot, Template};
use rekindle_testkit::Clock;
use rekindle_testkit::provider::{Provider, Rule, Verdict};

#[test]
fn a_provider_may_be_below_a_path() {
    // Where the integrator brings the whole address, nothing is below it.
    for contract in contracts().into_iter().filter(|it| !it.request.is_at_whole_url()) {
        let id = contract.provider.id.clone();
        let mut provider = Provider::new(contract).at("http://127.0.0.1:4000/some/path");
        let held = provider.sign_in();
        wait_until_accepted(&provider, &held);
        let mut request = request(&provider, &held);
        assert!(request.uri().path().starts_with("/some/path/"), "{id}");
        let right = request.clone();
        *request.uri_mut() = request.uri().to_string().replace("/some", "").parse().unwrap();
        let answered = provider.handle(&request);
        assert_eq!(refused(&answered), Some(Rule::Path), "{id}");
        assert_eq!(provider.handle(&right).verdict, Verdict::Issued, "{id}");
    }
}

#[test]
fn a_request_that_is_nowhere_is_refused() {
    let contract = acme("any_time", "expires: undeclared", "use: many, rotation: echo");
    let (mut provider, held) = signed_in(contract);
    let mut request = request(&provider, &held);
    *request.uri_mut() = "/token".parse().unwrap();
    assert_eq!(refused(&provider.handle(&request)), Some(Rule::Origin));
}

#[test]
fn the_registered_client_has_values_that_its_contract_allows() {
    for contract in contracts() {
        let provider = Provider::new(contract);
        let contract = provider.contract();
        assert_eq!(provider.client().len(), contract.client.len());
        for (name, parameter) in &contract.client {
            let value = &provider.client()[name];
            assert!(parameter.allows(value), "{}: {name}", contract.provider.id);
            let default = parameter.default.as_ref();
            assert!(default.is_none_or(|default| default == value));
        }
    }
}

#[test]
fn values_are_read_as_they_were_encoded() {
    for contract in contracts() {
        let id = contract.provider.id.clone();
        // Where nothing is encoded, a colon ends the user part of HTTP Basic.
        let raw = matches!(contract.request.auth, ClientAuth::Basic { form_encoded: false, .. });
        let difficult = if raw { "1PpG/Q 1+\u{e4}%41&=\"\\" } else { "1PpG/Q 1+\u{e4}%41&=:\"\\" };
        let mut provider = Provider::new(contract.clone());
        for (name, parameter) in &contract.client {
            let is_lifetime = contract.chosen_lifetimes().any(|it| it.parameter == *name);
            let slot = Slot::Client(name.clone());
            // A cookie takes none of these signs.
            let in_cookie = |(header, value): &(String, Template)| {
                header == "cookie" && value.slots().any(|used| *used == slot)
            };
            let is_sent = contract.request.sends(&slot)
                && !is_lifetime
                && !contract.request.headers.iter().any(in_cookie);
            if is_sent && parameter.allows(difficult) {
                provider = provider.with_client(name, difficult);
            }
        }
        let held = provider.sign_in();
        wait_until_accepted(&provider, &held);
        assert_eq!(attempt(&mut provider, &held), None, "{id}");
    }
}

#[test]
fn a_missing_encoding_is_noticed() {
    let spec = "
rekindle: 1
provider: { id: acme, name: Acme }
environments: { production: https://acme.example }
client: { client_id: {}, client_secret: { secret: true } }
refresh:
  request: POST /token
  auth: basic
  form: { refresh_token: \"${refresh_token}\" }
response: { access_token: /access }
tokens: { refresh: { use: many, rotation: never } }
errors: [{ status: 401, class: reauthenticate }]
";
    let mut provider = Provider::new(contract(spec)).with_client("client_secret", "a+b%2Fc");
    let held = provider.sign_in();
    let mut request = request(&provider, &held);
    assert_eq!(provider.handle(&request).verdict, Verdict::Issued);
    let raw = rekindle_testkit::basic("synthetic-client-id-1:a+b%2Fc");
    request.headers_mut().insert("authorization", raw.parse().unwrap());
    let answered = provider.handle(&request);
    assert_eq!(refused(&answered), Some(Rule::ClientUnknown));
}

#[test]
fn a_provider_goes_by_the_clock_that_it_is_given() {
    let contract = acme("any_time", "expires: { constant: 1h }", "use: many, rotation: echo");
    let clock = Clock::standing("2030-01-01T00:00:00Z".parse().unwrap());
    let mut provider = Provider::new(contract).with_clock(clock);
    let held = provider.sign_in();
    let end = provider.access_token_ends(&held.access_token).unwrap();
    assert_eq!(end.to_string(), "2030-01-01T01:00:00Z");
}
