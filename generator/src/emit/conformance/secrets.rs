//! The context of `conformance_secrets.rs.j2`.

use super::super::client::facts;
use super::super::names;
use super::answer::is_whole_body;
use super::scenario::Scenario;
use super::tokens::{constant, number, text, value};
use super::wire::Wire;
use minijinja::{Value, context};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use rekindle_contract::contract::{AccessUse, Contract, Credential, Outcome, RefreshUse};

/// The context of the tests about secrets and about what tokens are.
pub fn context(scenario: &Scenario<'_>) -> Value {
    let contract = scenario.contract;
    let wire = Wire::new(contract, &scenario.values);
    let broken = quote!(format!("{NEW_ACCESS_TOKEN}\n"));
    let secret = contract.client.iter().filter(|(_, parameter)| parameter.secret);
    let builders = secret.map(|(name, _)| {
        let name = names::ident(name);
        value(quote!(builder().#name(#broken)))
    });
    let credentials = scenario.spoiled_credentials(&broken).into_iter().map(value);
    context! {
        secrets => secrets(contract).into_iter().map(value).collect::<Vec<_>>(),
        statuses => value(statuses(scenario)),
        credentials => credentials.collect::<Vec<_>>(),
        builders => builders.collect::<Vec<_>>(),
        tokens => tokens(scenario),
        facts => value(facts::facts(contract)),
        name => value(text(&contract.provider.name)),
        sent_as => sent_as(scenario),
        spent => value(spent(contract)),
        url => value(text(&(scenario.base_url.clone() + wire.target()))),
        refreshes => contract.refresh.is_some(),
        lacking => lacking(contract).into_iter().map(value).collect::<Vec<_>>(),
    }
}

/// The texts of the credential that is made of the `tokens` of an answer.
fn spent(contract: &Contract) -> TokenStream {
    let access = names::ident(&contract.access.name);
    let refresh = contract.refresh.as_ref().map(|token| names::ident(&token.name));
    match contract.credential() {
        Credential::AccessToken => quote!([tokens.#access.expose()]),
        Credential::RefreshToken => quote!([tokens.#refresh.expose()]),
        Credential::Both => quote!([tokens.#access.expose(), tokens.#refresh.expose()]),
    }
}

/// Grants that bring no credential.
fn lacking(contract: &Contract) -> Vec<TokenStream> {
    let access = quote!(Grant::new().with_access_token(Token::new(NEW_ACCESS_TOKEN)));
    let refresh = quote!(Grant::new().with_refresh_token(Token::new(NEW_REFRESH_TOKEN)));
    match contract.credential() {
        Credential::AccessToken => vec![refresh],
        Credential::RefreshToken => vec![access],
        Credential::Both => vec![access, refresh],
    }
}

/// The constants that must not be seen.
fn secrets(contract: &Contract) -> Vec<Ident> {
    let mut secrets: Vec<_> = contract
        .client
        .iter()
        .filter(|(_, parameter)| parameter.secret && parameter.one_of.is_empty())
        .map(|(name, _)| constant(name))
        .collect();
    let credential = contract.credential();
    if credential != Credential::RefreshToken {
        secrets.push(names::ident("HELD_ACCESS_TOKEN"));
    }
    if credential != Credential::AccessToken {
        secrets.push(names::ident("HELD_REFRESH_TOKEN"));
    }
    secrets.push(names::ident("NEW_ACCESS_TOKEN"));
    if contract.response.refresh_token.is_some() && contract.refresh.is_some() {
        secrets.push(names::ident("NEW_REFRESH_TOKEN"));
    }
    secrets
}

/// Statuses whose answer is an error when its body is nonsense.
fn statuses(scenario: &Scenario<'_>) -> TokenStream {
    let contract = scenario.contract;
    let is_error = |status: &u16| {
        !is_whole_body(contract) || contract.classify(*status, b"-") != Outcome::Success
    };
    let statuses =
        [scenario.status, 307, 400, 401, 429, 500].into_iter().filter(is_error).map(number);
    quote!([#(#statuses),*])
}

fn tokens(scenario: &Scenario<'_>) -> Vec<Value> {
    let (module, contract) = (&scenario.module, scenario.contract);
    let token = |name: &str, clone: bool, kept: &str, text: &str| {
        let kind = names::type_ident(name);
        let not = if clone { quote!() } else { quote!(!) };
        context! {
            check => value(quote!(#not is_clone!(#module::#kind))),
            type => value(quote!(#module::#kind)),
            field => value(names::ident(name)),
            kept => value(names::ident(kept)),
            text => value(names::ident(text)),
        }
    };
    let mut tokens = vec![token(
        &contract.access.name,
        contract.access.use_ == AccessUse::Many,
        "access_token",
        "NEW_ACCESS_TOKEN",
    )];
    tokens.extend(contract.refresh.as_ref().map(|refresh| {
        let many = refresh.use_ == RefreshUse::Many;
        token(&refresh.name, many, "refresh_token", "NEW_REFRESH_TOKEN")
    }));
    tokens
}

fn sent_as(scenario: &Scenario<'_>) -> Option<Value> {
    let (module, contract) = (&scenario.module, scenario.contract);
    let sent_as = contract.access.sent_as.as_ref()?;
    let sent = match &sent_as.scheme {
        Some(scheme) => format!("{scheme} {}", scenario.new_access),
        None => scenario.new_access.clone(),
    };
    let kind = names::type_ident(&contract.access.name);
    Some(context! {
        field => value(names::ident(&contract.access.name)),
        type => value(quote!(#module::#kind)),
        header => value(text(&sent_as.header)),
        value => value(text(&sent)),
    })
}
