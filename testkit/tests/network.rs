//! Every fault, at every provider of the repository: what it does to the answer, to the provider, and to nobody else.

mod support;

use http::Request;
use rekindle_contract::contract::{
    Contract, CredentialAfter, Ending, ExampleBody, ExampleResponse, Fault, Outcome, Template,
    Trouble,
};
use rekindle_contract::derive::Derive;
use rekindle_contract::exchange::{Read, read};
use rekindle_testkit::network::{Delivered, Delivery, Weather, carry};
use rekindle_testkit::provider::{Provider, Verdict};
use rekindle_testkit::{Fake, Held, Lost, header_lines};
use support::{contracts, given, refresh, sign_in};

/// A provider to which somebody has signed in, and who asks for the first refresh.
struct Scene {
    fake: Fake,
    held: Held,
    request: Request<Vec<u8>>,
}

impl Scene {
    fn of(contract: &Contract) -> Self {
        let fake = Fake::new(Provider::new(contract.clone()));
        let held = sign_in(&fake);
        let request = refresh(&fake, &held);
        Self { fake, held, request }
    }

    fn under(&self, fault: Fault) -> Delivered {
        self.fake.plan([Some(Trouble::Fault(fault))]);
        self.fake.deliver(&self.request)
    }
}

/// Every contract with every fault, those that can occur and those that cannot.
fn everywhere(mut look: impl FnMut(&Contract, Fault, Option<Ending>)) {
    for contract in contracts() {
        for fault in Fault::ALL {
            look(&contract, fault, contract.ending_under(fault));
        }
    }
}

fn issued(delivered: &Delivered) -> bool {
    let verdict = delivered.answered.as_ref().map(|answered| &answered.verdict);
    verdict == Some(&Verdict::Issued)
}

#[test]
fn what_cannot_occur_does_not() {
    everywhere(|contract, fault, ending| {
        if ending.is_none() {
            let delivered = Scene::of(contract).under(fault);
            assert_eq!(delivered.trouble, None, "{} {fault:?}", contract.provider.id);
            assert!(issued(&delivered), "{} {fault:?}", contract.provider.id);
            assert!(matches!(delivered.delivery, Delivery::Answer(_)));
        }
    });
}

#[test]
fn a_fault_is_before_or_behind_the_provider() {
    everywhere(|contract, fault, ending| {
        if ending.is_none() {
            return;
        }
        let id = &contract.provider.id;
        let scene = Scene::of(contract);
        let delivered = scene.under(fault);
        assert_eq!(delivered.trouble, Some(Trouble::Fault(fault)), "{id}");
        if fault.is_processed() {
            assert!(issued(&delivered), "{id} {fault:?} {delivered:?}");
        } else {
            assert!(delivered.answered.is_none(), "{id} {fault:?}");
            // Nothing was spent: the same request is good.
            let again = scene.fake.deliver(&scene.request);
            assert_eq!(again.trouble, None);
            assert!(issued(&again), "{id} {fault:?} {again:?}");
        }
    });
}

#[test]
fn each_fault_has_its_delivery() {
    everywhere(|contract, fault, ending| {
        if ending.is_none() {
            return;
        }
        let delivered = Scene::of(contract).under(fault);
        let lost = carry(delivered).err();
        let expected = match fault {
            Fault::Unreachable => Some(Lost::NotSent),
            Fault::ResetBefore | Fault::ResetAfter | Fault::PartialAnswer => Some(Lost::Broken),
            Fault::NoAnswer | Fault::LateAnswer | Fault::SlowHead => Some(Lost::TimedOut),
            Fault::EndlessBody => Some(Lost::TooLarge { part: Vec::new() }),
            _ => None,
        };
        assert_eq!(lost, expected, "{} {fault:?}", contract.provider.id);
    });
}

/// What the contract derives from a fault is what its reading makes of the answer that suffered it.
#[test]
fn a_changed_answer_means_what_the_contract_derives() {
    everywhere(|contract, fault, ending| {
        let scene = Scene::of(contract);
        let Some(ending) = ending else {
            return;
        };
        let given = given(&scene.fake, &scene.held);
        let Ok(response) = carry(scene.under(fault)) else {
            return;
        };
        let response = ExampleResponse {
            status: response.status().as_u16(),
            headers: header_lines(&response),
            body: ExampleBody::Text(String::from_utf8(response.into_body()).expect("a text")),
        };
        let meaning = read(contract, &given, &response);
        let agrees = match (&meaning, ending) {
            (Read::Tokens { .. }, Ending::Tokens) => true,
            (Read::Error { class, .. }, Ending::Refused { class: expected, .. }) => {
                *class == expected
            }
            _ => false,
        };
        let id = &contract.provider.id;
        assert!(agrees, "{id} {fault:?}: {meaning:?} of {response:?} is not {ending:?}");
    });
}

#[test]
fn answers_that_are_not_the_providers_say_so() {
    let contract = support::plain("acme");
    let answer = |fault| carry(Scene::of(&contract).under(fault)).expect("an answer");
    let limited = answer(Fault::RateLimited);
    assert_eq!(
        (limited.status().as_u16(), &limited.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    assert!(limited.body().is_empty());
    let until = answer(Fault::RateLimitedUntil);
    assert_eq!(until.headers()["retry-after"], "Sat, 21 Nov 2026 08:00:07 GMT");
    let gateway = answer(Fault::BadGateway);
    assert_eq!(
        (gateway.status().as_u16(), &gateway.headers()["content-type"]),
        (502, &"text/html".parse().unwrap())
    );
    let redirect = answer(Fault::Redirect);
    assert_eq!(
        (redirect.status().as_u16(), &redirect.headers()["location"]),
        (307, &"https://elsewhere.example/".parse().unwrap())
    );
    assert_eq!(answer(Fault::WrongContentType).headers()["content-type"], "text/html");
    assert_eq!(answer(Fault::DateSkew).headers()["date"], "Sun, 22 Nov 2026 08:00:00 GMT");
    assert_eq!(answer(Fault::ErrorInSuccess).status(), 200);
    let pair = answer(Fault::SecondPair);
    let json: serde_json::Value = serde_json::from_slice(pair.body()).expect("JSON");
    assert!(json["also"]["refresh_token"].is_string() && json["access_token"].is_string());
}

#[test]
fn a_planned_refusal_is_answered_and_nothing_processed() {
    for contract in contracts() {
        let id = &contract.provider.id;
        for index in 0..contract.errors.len() {
            let scene = Scene::of(&contract);
            scene.fake.plan([Some(Trouble::Refusal(index))]);
            let delivered = scene.fake.deliver(&scene.request);
            assert!(delivered.answered.is_none(), "{id} {index}");
            let response = carry(delivered).expect("an answer");
            let outcome = contract.classify(response.status().as_u16(), response.body());
            assert!(matches!(outcome, Outcome::Refused(_)), "{id} {index}");
            let spends = contract.errors[index].credential == Some(CredentialAfter::Spent);
            assert_eq!(issued(&scene.fake.deliver(&scene.request)), !spends, "{id} {index}");
        }
        let scene = Scene::of(&contract);
        scene.fake.plan([Some(Trouble::Refusal(contract.errors.len()))]);
        assert!(issued(&scene.fake.deliver(&scene.request)), "{id}: there is no such rule");
    }
}

#[test]
fn troubles_come_in_the_order_planned_and_only_to_refreshes() {
    let contract = support::plain("acme");
    let scene = Scene::of(&contract);
    let reset = Some(Trouble::Fault(Fault::ResetBefore));
    scene.fake.plan([None, reset]);
    let show = Request::get(format!("{}/-/protected", scene.fake.url()))
        .header("authorization", format!("Bearer {}", scene.held.access_token))
        .body(Vec::new())
        .expect("a request");
    assert_eq!(scene.fake.carry(&show).expect("an answer").status(), 200);
    assert_eq!(scene.fake.planned(), [None, reset]);
    assert!(issued(&scene.fake.deliver(&scene.request)));
    assert_eq!(scene.fake.deliver(&scene.request).trouble, reset);
    assert!(scene.fake.planned().is_empty());
    scene.fake.plan([reset]);
    scene.fake.suffer(Weather::of([Fault::NoAnswer]));
    scene.fake.calm();
    assert_eq!(scene.fake.deliver(&scene.request).trouble, None);
}

#[test]
fn the_weather_is_behind_what_was_planned() {
    let contract = support::plain("acme");
    let scene = Scene::of(&contract);
    scene.fake.suffer(Weather::of([Fault::RateLimited, Fault::BadGateway]));
    scene.fake.plan([Some(Trouble::Fault(Fault::ResetBefore)), None]);
    let trouble = || scene.fake.deliver(&scene.request).trouble;
    let fault = |fault| Some(Trouble::Fault(fault));
    let seen: Vec<_> = (0..5).map(|_| trouble()).collect();
    let expected = [
        fault(Fault::ResetBefore),
        None,
        fault(Fault::RateLimited),
        fault(Fault::BadGateway),
        fault(Fault::RateLimited),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_refresh_is_troubled_wherever_it_goes() {
    for path in ["/o/-/token", "/-/token", "/-/control"] {
        let mut contract = support::plain("acme");
        contract.request.path = Template::literal(path);
        let scene = Scene::of(&contract);
        let delivered = scene.under(Fault::NoAnswer);
        assert!(matches!(delivered.delivery, Delivery::Silence), "{path}");
        let delivered = scene.fake.deliver(&scene.request);
        assert!(delivered.answered.is_some(), "{path}");
        // The provider's own page is below its own base URL, and is never troubled.
        scene.fake.plan([Some(Trouble::Fault(Fault::NoAnswer))]);
        let page = format!("{}/-/protected", scene.fake.url());
        let page = Request::get(page).body(Vec::new()).expect("a request");
        assert!(scene.fake.carry(&page).is_ok(), "{path}");
        assert_eq!(scene.fake.planned().len(), 1, "{path}");
    }
}
