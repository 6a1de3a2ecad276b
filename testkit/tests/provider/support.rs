//! Contracts to test with, and requests as the reference reading writes them.

use rekindle_contract::contract::{Contract, ExampleBody, ExampleResponse, Part, Slot, Template};
use rekindle_contract::exchange::{Read, read};
use rekindle_contract::{Source, check};
use rekindle_testkit::provider::{Answered, Provider, Rule, Verdict};
use rekindle_testkit::{Clock, Held, header_lines};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

#[path = "../reading/mod.rs"]
mod reading;

pub use reading::{given, request};

#[path = "../contracts/mod.rs"]
mod all;

/// Every contract of the repository of which an exchange is one request.
pub fn contracts() -> Vec<Contract> {
    all::all().into_iter().filter(all::takes_one_request).collect()
}

/// The contract of this text.
pub fn contract(spec: &str) -> Contract {
    let checked = check(&[Source::new("acme.yaml", spec)]);
    let mut contracts = checked.contracts.into_iter();
    contracts.next().unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

/// What the reference reading makes of an answer to the holder of `held`.
pub fn reading(provider: &Provider, held: &Held, answered: &Answered) -> Read {
    let response = ExampleResponse {
        status: answered.response.status().as_u16(),
        headers: header_lines(&answered.response),
        body: ExampleBody::Text(
            String::from_utf8(answered.response.body().clone()).expect("a text"),
        ),
    };
    read(provider.contract(), &given(provider, held), &response)
}

/// What the holder of `held` holds after an answer with tokens.
#[track_caller]
pub fn next(provider: &Provider, held: &Held, answered: &Answered) -> Held {
    match reading(provider, held, answered) {
        Read::Tokens {
            access_token,
            access_expires,
            refresh_token,
            refresh_expires,
            outputs,
            ..
        } => Held {
            access_token,
            access_expires: access_expires.into(),
            refresh_token,
            refresh_expires: refresh_expires.into(),
            base_url: told(provider, &outputs),
        },
        Read::Error { rule, .. } => panic!("no tokens: {rule}; {answered:?}"),
    }
}

/// Refreshes, and gives back what is held afterwards.
#[track_caller]
pub fn refreshed(provider: &mut Provider, held: &Held) -> Held {
    let request = request(provider, held);
    let answered = provider.handle(&request);
    assert!(answered.verdict != Verdict::Accepted, "{answered:?}");
    next(provider, held, &answered)
}

/// The rule by which a request is refused; `None` where it is not.
pub fn refused(answered: &Answered) -> Option<Rule> {
    match answered.verdict {
        Verdict::Refused { rule, .. } => Some(rule),
        Verdict::Issued | Verdict::Prepared | Verdict::Replayed | Verdict::Accepted => None,
    }
}

/// Lets the clock pass to a moment at which the provider accepts a refresh of `held`.
pub fn wait_until_accepted(provider: &Provider, held: &Held) {
    use rekindle_contract::contract::RefreshWhen;
    // However long the last refresh is ago.
    provider.clock().advance(provider.contract().request.at_most_every.unwrap_or_default());
    let end = provider.access_token_ends(&held.access_token);
    let Some(end) = end else { return };
    let begin = match provider.contract().request.when {
        RefreshWhen::AnyTime | RefreshWhen::Unknown | RefreshWhen::BeforeExpiry => return,
        RefreshWhen::NearExpiry(margin) => end - margin,
        RefreshWhen::AfterExpiry => end,
    };
    let left = begin.duration_since(provider.clock().now());
    provider.clock().advance(left.try_into().unwrap_or_default());
}

/// A contract with these facts: those of `refresh`, of the access token, and of the refresh token.
pub fn acme(when: &str, access: &str, refresh: &str) -> Contract {
    contract(&format!(
        r#"
rekindle: 1
provider: {{ id: acme, name: Acme }}
environments: {{ production: https://acme.example }}
client: {{ client_id: {{}}, client_secret: {{ secret: true }} }}
refresh:
  request: POST /token
  auth: body
  when: {when}
  form: {{ grant_type: refresh_token, refresh_token: "${{refresh_token}}" }}
response: {{ access_token: /access, refresh_token: /refresh }}
tokens:
  access: {{ {access} }}
  refresh: {{ {refresh} }}
errors:
  - {{ status: 401, class: reauthenticate }}
  - {{ status: 400, class: client_misconfigured }}
"#
    ))
}

/// A contract whose requests carry both tokens.
pub fn both(when: &str, access: &str, refresh: &str) -> Contract {
    let mut contract = acme(when, access, refresh);
    let token = Template {
        parts: vec![Part::Literal("Bearer ".to_owned()), Part::Slot(Slot::AccessToken)],
    };
    let headers = &mut contract.request.headers;
    headers.push(("authorization".to_owned(), token));
    headers.sort_by(|(one, _), (other, _)| one.cmp(other));
    contract
}

/// A contract whose access token renews itself.
pub fn renewing(when: &str, access: &str) -> Contract {
    contract(&format!(
        r#"
rekindle: 1
provider: {{ id: acme, name: Acme }}
environments: {{ production: https://acme.example }}
refresh:
  request: POST /renew
  operation: access_token
  when: {when}
  headers: {{ x-token: "${{access_token}}" }}
response: {{ access_token: /access }}
tokens: {{ access: {{ {access} }} }}
errors: [{{ status: 401, class: reauthenticate }}]
"#
    ))
}

/// A provider and what its first grant holds.
pub fn signed_in(contract: Contract) -> (Provider, Held) {
    let mut provider = Provider::new(contract);
    let held = provider.sign_in();
    (provider, held)
}

/// Lets so many seconds pass.
pub fn wait(provider: &Provider, seconds: u64) {
    provider.clock().advance(Duration::from_secs(seconds));
}

/// What becomes of a refresh of `held`: the rule by which it is refused, if it is.
pub fn attempt(provider: &mut Provider, held: &Held) -> Option<Rule> {
    let request = request(provider, held);
    refused(&provider.handle(&request))
}

/// A copy of a provider that does not enforce a rule.
pub fn without(provider: &Provider, rule: Rule) -> Provider {
    assert!(rule.applies(provider.contract()), "{rule} does not apply");
    let mut provider = provider.clone();
    // Time passes for each copy by itself.
    let clock = Clock::standing(provider.clock().now());
    provider = provider.with_clock(clock);
    provider.switch_off(rule);
    provider
}

/// The base URL that an answer tells, where the contract says so.
fn told(provider: &Provider, outputs: &BTreeMap<String, Value>) -> Option<String> {
    let name = provider.contract().base.output.as_ref()?;
    Some(outputs.get(name)?.as_str()?.to_owned())
}
