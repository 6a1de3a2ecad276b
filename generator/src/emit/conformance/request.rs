//! The context of `conformance_request.rs.j2`.

use super::super::names;
use super::scenario::{Scenario, environment_url, lifetime};
use super::tokens::{constant, number, sign_in, text, value};
use super::values::Values;
use super::wire::Wire;
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{
    Credential, ErrorClass, ParameterKind, RefreshWhen, SignIn, Slot,
};

/// The context of the tests about the request.
pub fn context(scenario: &Scenario<'_>) -> Value {
    let contract = scenario.contract;
    let wire = Wire::new(contract, &scenario.values);
    let url = |base: &str| value(text(&format!("{base}{}", wire.target())));
    context! {
        request => context! {
            url => url(&scenario.base_url),
            loopback_url => url("http://127.0.0.1:8080"),
            prefixed_url => url("https://provider.example/behind"),
        },
        special => special(scenario),
        places => places(scenario, &wire),
        spoiled => spoiled(scenario, &quote!(text)),
        empty => spoiled(scenario, &quote!("")),
        too_long => too_long(scenario),
        any_length => any_length(scenario),
        missing => missing(scenario),
        defaults => defaults(scenario),
        one_of => one_of(scenario),
        hosts => hosts(scenario),
        segments => segments(scenario),
        environments => environments(scenario),
        window => window(scenario),
    }
}

fn special(scenario: &Scenario<'_>) -> Value {
    let values = Values::special(scenario.contract);
    let wire = Wire::new(scenario.contract, &values);
    let settings = values.client.iter().map(|(name, given)| {
        let given = text(given);
        (name, quote!(#given))
    });
    let base_url = scenario.environment.is_none().then_some(scenario.base_url.as_str());
    let (access, refresh) = (text(&values.access), text(&values.refresh));
    let host = environment_url(scenario.contract, scenario.environment.as_deref(), &values.client);
    let url = host.unwrap_or_else(|| scenario.base_url.clone()) + wire.target();
    context! {
        builder => value(scenario.builder(scenario.environment.as_deref(), base_url, settings)),
        credential => value(scenario.credential(&quote!(#access), &quote!(#refresh))),
        url => value(text(&url)),
        checks => value(wire.checks()),
    }
}

/// Each canary with the places where it is.
fn places(scenario: &Scenario<'_>, wire: &Wire) -> Vec<Value> {
    let contract = scenario.contract;
    let free = contract.client.iter().filter(|(_, parameter)| parameter.one_of.is_empty());
    let mut secrets: Vec<_> = free
        .map(|(name, _)| (constant(name), scenario.values.get(&Slot::Client(name.clone()))))
        .collect();
    let credential = contract.credential();
    if credential != Credential::RefreshToken {
        secrets.push((names::ident("HELD_ACCESS_TOKEN"), scenario.values.access.clone()));
    }
    if credential != Credential::AccessToken {
        secrets.push((names::ident("HELD_REFRESH_TOKEN"), scenario.values.refresh.clone()));
    }
    let place = |(name, secret): (proc_macro2::Ident, String)| {
        let places = wire.places(&scenario.base_url, &secret);
        let places = if places.is_empty() { quote!([""; 0]) } else { quote!([#(#places),*]) };
        context! { constant => value(name), places => value(places) }
    };
    secrets.into_iter().map(place).collect()
}

/// The settings and the credentials with each text in turn replaced.
fn spoiled(scenario: &Scenario<'_>, given: &TokenStream) -> Value {
    let builders = scenario.contract.client.keys().map(|name| {
        let name = names::ident(name);
        value(quote!(builder().#name(#given)))
    });
    let credentials = scenario.spoiled_credentials(given).into_iter().map(value);
    context! { builders => builders.collect::<Vec<_>>(), credentials => credentials.collect::<Vec<_>>() }
}

fn too_long(scenario: &Scenario<'_>) -> Option<Value> {
    let contract = scenario.contract;
    let length = contract.refresh.as_ref()?.max_length?;
    if contract.credential() == Credential::AccessToken {
        return None;
    }
    let held = quote!(HELD_ACCESS_TOKEN);
    Some(context! {
        length => value(number(length)),
        fits => value(scenario.credential(&held, &quote!(longest.as_str()))),
        exceeds => value(scenario.credential(&held, &quote!(longest))),
    })
}

fn any_length(scenario: &Scenario<'_>) -> Option<Value> {
    let contract = scenario.contract;
    let refresh = contract.refresh.as_ref()?;
    if refresh.max_length.is_some() || contract.credential() == Credential::AccessToken {
        return None;
    }
    let held = quote!(HELD_ACCESS_TOKEN);
    let place = contract.response.refresh_token.as_ref().map(ToString::to_string);
    Some(context! {
        credential => value(scenario.credential(&held, &quote!(long.as_str()))),
        place => place.map(|place| value(text(&place))),
        field => value(names::ident(&refresh.name)),
    })
}

fn missing(scenario: &Scenario<'_>) -> Vec<Value> {
    let required =
        scenario.contract.client.iter().filter(|(_, parameter)| parameter.default.is_none());
    required.map(|(name, _)| value(scenario.constant_builder(|other| other == name))).collect()
}

fn defaults(scenario: &Scenario<'_>) -> Option<Value> {
    let contract = scenario.contract;
    let has_default =
        |name: &str| contract.client.get(name).is_some_and(|parameter| parameter.default.is_some());
    contract.client.keys().find(|name| has_default(name))?;
    let values = scenario.values.clone().with_defaults(contract);
    let wire = Wire::new(contract, &values);
    let host = environment_url(contract, scenario.environment.as_deref(), &values.client);
    let url = host.unwrap_or_else(|| scenario.base_url.clone()) + wire.target();
    Some(context! {
        builder => value(scenario.constant_builder(has_default)),
        url => value(text(&url)),
        checks => value(wire.checks()),
    })
}

fn one_of(scenario: &Scenario<'_>) -> Vec<Value> {
    let listed =
        scenario.contract.client.iter().filter(|(_, parameter)| !parameter.one_of.is_empty());
    let check = listed.map(|(name, parameter)| {
        let values = parameter.one_of.iter().map(|allowed| value(text(allowed)));
        context! { name => value(names::ident(name)), values => values.collect::<Vec<_>>() }
    });
    check.collect()
}

fn hosts(scenario: &Scenario<'_>) -> Vec<Value> {
    let check = scenario.contract.client.iter().filter_map(|(name, parameter)| {
        let values = match parameter.kind {
            ParameterKind::Text => return None,
            ParameterKind::HostLabel => {
                quote!(["a.b", "-a", "a-", "a_b", "a/b", "a?b", "a#b", "a@b", "a:1", "a b", "é"])
            }
            ParameterKind::Host => {
                quote!(["a..b", "-a.b", "a_b", "a/b", "a?b", "a#b", "a@b", "a b", "é.example"])
            }
        };
        Some(context! { name => value(names::ident(name)), values => value(values) })
    });
    check.collect()
}

fn segments(scenario: &Scenario<'_>) -> Vec<Value> {
    let contract = scenario.contract;
    let in_path = |name: &str| {
        contract.request.path.slots().any(|slot| *slot == Slot::Client(name.to_owned()))
    };
    let free = contract
        .client
        .iter()
        .filter(|(name, parameter)| in_path(name) && parameter.one_of.is_empty());
    free.map(|(name, _)| value(names::ident(name))).collect()
}

fn environments(scenario: &Scenario<'_>) -> Vec<Value> {
    let contract = scenario.contract;
    let target = Wire::new(contract, &scenario.values).target().to_owned();
    let check = contract.base.environments.iter().map(|environment| {
        let settings = contract.client.keys().map(|name| {
            let given = constant(name);
            (name, quote!(#given))
        });
        let name = Some(environment.name.as_str());
        let url = environment_url(contract, name, &scenario.values.client).unwrap_or_default() + &target;
        context! { builder => value(scenario.builder(name, None, settings)), url => value(text(&url)) }
    });
    check.collect()
}

/// When a refresh is accepted: where the credential says when the access token ends.
fn window(scenario: &Scenario<'_>) -> Option<Value> {
    let contract = scenario.contract;
    if contract.credential() == Credential::RefreshToken {
        return None;
    }
    let accepted = |moment: TokenStream| quote!(assert!(start(#moment).is_ok(), "it is time"););
    let early = |moment: TokenStream| {
        quote! {
            let error = start(#moment).expect_err("it is too early");
            assert_eq!(error.class(), Class::ClientMisconfigured);
            assert_eq!(fate(error), "unspent");
        }
    };
    let steps = match contract.request.when {
        RefreshWhen::AnyTime | RefreshWhen::Unknown => {
            vec![accepted(quote!(started_at() - second)), accepted(quote!(started_at() + second))]
        }
        RefreshWhen::BeforeExpiry => {
            let first =
                contract.errors.iter().find(|rule| rule.class == ErrorClass::Reauthenticate);
            let how = sign_in(first.map_or(SignIn::Unspecified, |rule| rule.sign_in));
            let late = quote! {
                for late in [started_at(), started_at() + second] {
                    let error = start(late).expect_err("it is too late");
                    assert_eq!(error.class(), Class::Reauthenticate(#how));
                    assert_eq!(fate(error), "spent");
                }
            };
            vec![accepted(quote!(started_at() - second)), late]
        }
        RefreshWhen::NearExpiry(lead) => {
            let lead = lifetime(u64::try_from(lead.as_millis()).unwrap_or(u64::MAX));
            vec![
                quote!(let lead = #lead;),
                early(quote!(started_at() - lead - second)),
                accepted(quote!(started_at() - lead)),
                accepted(quote!(started_at() + second)),
            ]
        }
        RefreshWhen::AfterExpiry => vec![
            early(quote!(started_at() - second)),
            accepted(quote!(started_at())),
            accepted(quote!(started_at() + second)),
        ],
    };
    let steps: Vec<_> = steps.into_iter().map(value).collect();
    Some(
        context! { credential => value(scenario.credential_ending(&quote!(expiry))), steps => steps },
    )
}
