//! The context of `conformance_secrets.rs.j2`.

use super::super::names;
use super::answer::is_whole_body;
use super::scenario::{Scenario, lifetime};
use super::tokens::{constant, number, text, value};
use super::wire::Wire;
use minijinja::{Value, context};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use rekindle_contract::contract::{
    AccessUse, Contract, Credential, Expiry, OldAccessToken, Outcome, RefreshUse, RefreshWhen,
    Reuse, Spent,
};
use std::fmt::Debug;

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
        facts => value(facts(contract)),
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

/// What the contract says about its tokens, as the runtime writes it.
fn facts(contract: &Contract) -> TokenStream {
    let refresh = contract.refresh.as_ref();
    let access_once = contract.access.use_ == AccessUse::Once;
    let access_ends = ends(Some(&contract.access.expires));
    let refresh_ends = ends(refresh.map(|token| &token.expires));
    let refused = contract.access.refused_with.iter().copied().map(number);
    let usual_lifetime = option(contract.access.usual_lifetime.map(duration));
    let old = variant("OldAccessToken", &contract.access.after_refresh);
    let window = match contract.request.when {
        RefreshWhen::NearExpiry(lead) => {
            let lead = duration(lead);
            quote!(facts::RefreshWindow::NearExpiry(#lead))
        }
        other => variant("RefreshWindow", &other),
    };
    let half = contract.credential() == Credential::Both
        && contract.access.after_refresh == OldAccessToken::Revoked;
    let single_use = half || refresh.is_none_or(|token| token.use_ != RefreshUse::Many);
    let rotation = option(refresh.map(|token| variant("Rotation", &token.rotation)));
    let spent = match refresh.map_or(Spent::Dead, |token| token.spent) {
        Spent::Dead | Spent::Unknown => quote!(facts::Spent::Dead),
        Spent::GoodFor(window) => {
            let window = duration(window);
            quote!(facts::Spent::GoodFor(#window))
        }
        Spent::GoodUntil(successor) => {
            let successor = variant("Successor", &successor);
            quote!(facts::Spent::GoodUntil(#successor))
        }
    };
    let reuse = variant("Reuse", &refresh.map_or(Reuse::Unknown, |token| token.reuse));
    let idle_limit = option(refresh.and_then(|token| token.idle_limit).map(duration));
    quote! {
        Facts {
            access_token_single_use: #access_once,
            access_token_ends: #access_ends,
            usual_lifetime: #usual_lifetime,
            access_token_refused: &[#(#refused),*],
            old_access_token: #old,
            window: #window,
            single_use: #single_use,
            rotation: #rotation,
            spent: #spent,
            reuse: #reuse,
            refresh_token_ends: #refresh_ends,
            idle_limit: #idle_limit,
        }
    }
}

/// How an end is told: as a lifetime, as an instant, not at all.
fn ends(expires: Option<&Expiry>) -> TokenStream {
    match expires {
        Some(Expiry::Never) => quote!(facts::Ends::Never),
        None | Some(Expiry::Undeclared) => quote!(facts::Ends::Untold),
        Some(Expiry::Constant(_) | Expiry::Seconds(_) | Expiry::Milliseconds(_)) => {
            quote!(facts::Ends::AfterLifetime)
        }
        Some(_) => quote!(facts::Ends::AtInstant),
    }
}

/// A variant without fields: the contract and the runtime use the same names.
fn variant(kind: &str, variant: &impl Debug) -> TokenStream {
    let (kind, variant) = (names::ident(kind), names::ident(&format!("{variant:?}")));
    quote!(facts::#kind::#variant)
}

fn duration(duration: std::time::Duration) -> TokenStream {
    lifetime(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}
