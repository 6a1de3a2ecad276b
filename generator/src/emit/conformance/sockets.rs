//! The context of `conformance_sockets.rs.j2`.

use super::scenario::Scenario;
use super::tokens::{class, number, text, value};
use super::wire::Wire;
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{Contract, Credential, Expiry, Outcome, RefreshWhen, TokenPlace};

/// The context of the tests over sockets. They run at the machine's own time.
pub fn context(scenario: &Scenario<'_>) -> Value {
    let contract = scenario.contract;
    let wire = Wire::new(contract, &scenario.values);
    let typed = match contract.response.access_token {
        TokenPlace::Json(_) => quote!(json),
        TokenPlace::Form(_) => quote!(form),
        TokenPlace::WholeBody => quote!(text),
    };
    context! {
        lasting_credential => value(lasting_credential(scenario)),
        lasting_success => value(lasting_success(contract)),
        typed => value(typed),
        target => value(text(wire.target())),
        refused => refused(contract),
    }
}

/// The credential at whatever time it is.
fn lasting_credential(scenario: &Scenario<'_>) -> TokenStream {
    let any_time =
        matches!(scenario.contract.request.when, RefreshWhen::AnyTime | RefreshWhen::Unknown);
    if any_time || scenario.contract.credential() == Credential::RefreshToken {
        quote!(credential())
    } else {
        scenario.credential_ending(&quote!(Expiry::Undeclared))
    }
}

/// A success that names no instant: it would be in the past one day.
fn lasting_success(contract: &Contract) -> TokenStream {
    let ends =
        [Some(&contract.access.expires), contract.refresh.as_ref().map(|refresh| &refresh.expires)];
    let instants = ends.into_iter().flatten().filter_map(|expires| match expires {
        Expiry::UnixSeconds(field) | Expiry::UnixMilliseconds(field) | Expiry::Rfc3339(field) => {
            let field = text(&field.to_string());
            Some(quote!(.without(#field)))
        }
        _ => None,
    });
    quote!(success()#(#instants)*)
}

/// An answer that is an error: by a rule that the contract names, if it names one.
pub fn refused(contract: &Contract) -> Option<Value> {
    let named = contract.errors.iter().filter(|rule| !rule.is_default());
    let statuses =
        named.flat_map(|rule| rule.status.iter().map(|range| range.first)).chain([503, 400]);
    let mut refusals = statuses.filter_map(|status| match contract.classify(status, b"{}") {
        Outcome::Refused(rule) if status >= 300 => Some((status, rule)),
        _ => None,
    });
    let (status, rule) = refusals.next()?;
    Some(context! {
        status => value(number(status)),
        class => value(class(rule.class, rule.sign_in)),
        fate => value(contract.fate(rule.class).label()),
    })
}
