//! One exchange that every test starts from: what the integrator gives, what is spent, what comes back.

use super::super::names;
use super::tokens::{constant, text};
use super::values::{self, Values};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use rekindle_contract::contract::{
    Contract, Expect, Expiry, Given, Pointer, RefreshToken, Rotation,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// The moment at which every exchange of the tests begins, and the same in seconds since 1970.
pub const START: (&str, u64) = ("2026-11-21T08:00:00Z", 1_795_248_000);
/// How long the new access token lives, where the answer says so, in seconds.
pub const ACCESS_LIFE: u64 = 3600;
/// How long the new refresh token lives, where the answer says so, in seconds.
pub const REFRESH_LIFE: u64 = 30 * 86_400;

/// One exchange that every test starts from.
#[derive(Debug)]
pub struct Scenario<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// The name of the client's module.
    pub module: Ident,
    /// The environment, where there are some.
    pub environment: Option<String>,
    /// The base URL of the exchange.
    pub base_url: String,
    /// What is sent.
    pub values: Values,
    /// The new access token.
    pub new_access: String,
    /// The new refresh token.
    pub new_refresh: String,
    /// The status of a success.
    pub status: u16,
    /// The body of a success; `None` where it is the token itself.
    pub success: Option<Value>,
}

impl<'a> Scenario<'a> {
    /// The exchange of a contract.
    pub fn new(contract: &'a Contract) -> Self {
        let values = Values::canaries(contract);
        let given = contract.examples.first().map(|example| &example.given);
        let named = given.and_then(|given| given.environment.clone());
        let environment = named.or(contract
            .base
            .environments
            .first()
            .map(|environment| environment.name.clone()));
        let base_url = environment_url(contract, environment.as_deref(), &values.client)
            .or(given.and_then(|given| given.base_url.clone()))
            .unwrap_or_else(|| "https://provider.example".to_owned());
        let mut scenario = Self {
            contract,
            module: names::ident(&contract.provider.id),
            environment,
            base_url: base_url.trim_end_matches('/').to_owned(),
            values,
            new_access: values::new_access_token(contract),
            new_refresh: values::new_refresh_token(contract),
            status: contract.response.success.status.first().map_or(200, |range| range.first),
            success: None,
        };
        scenario.success = scenario.success_body();
        scenario
    }

    /// The refresh token with its place in the answer, where answers may hold one.
    pub fn replaceable(&self) -> Option<(&'a RefreshToken, &'a Pointer)> {
        Some((self.contract.refresh.as_ref()?, self.contract.response.refresh_token.as_ref()?))
    }

    /// The refresh token in the answer of a success; `None` where it holds none.
    pub fn answered_refresh(&self) -> Option<&str> {
        let (refresh, _) = self.replaceable()?;
        match refresh.rotation {
            Rotation::Never => None,
            Rotation::Echo => Some(&self.values.refresh),
            Rotation::Always | Rotation::Sometimes | Rotation::KeepsOld | Rotation::Unknown => {
                Some(&self.new_refresh)
            }
        }
    }

    /// A success without a refresh token: what is lost with it is lost.
    pub fn success_without_refresh(&self) -> TokenStream {
        match self.replaceable() {
            Some((_, place))
                if self.answered_refresh().is_some_and(|token| token != self.values.refresh) =>
            {
                let place = text(&place.to_string());
                quote!(success().without(#place))
            }
            _ => quote!(success()),
        }
    }

    /// A success with a refresh token, where answers may hold one.
    pub fn success_with_refresh(&self) -> TokenStream {
        match self.replaceable() {
            Some((_, place)) if self.answered_refresh().is_none() => {
                let held = Value::from(self.values.refresh.as_str()).to_string();
                let (place, held) = (text(&place.to_string()), text(&held));
                quote!(success().with(#place, #held))
            }
            _ => quote!(success()),
        }
    }

    /// A builder with these values, as an integrator would write it. `values`: name → expression.
    pub fn builder<'b>(
        &self,
        environment: Option<&str>,
        base_url: Option<&str>,
        values: impl Iterator<Item = (&'b String, TokenStream)>,
    ) -> TokenStream {
        let module = &self.module;
        let (start, extra) = match (environment, base_url) {
            (Some(environment), url) => {
                let variant = names::type_ident(environment);
                let url = url.map(|url| quote!(.base_url(#url)));
                (quote!(#module::Client::builder(#module::Environment::#variant)), url)
            }
            (None, Some(url)) if self.contract.base.environments.is_empty() => {
                (quote!(#module::Client::builder(#url)), None)
            }
            (None, url) => {
                let first = self
                    .contract
                    .base
                    .environments
                    .first()
                    .map(|environment| names::type_ident(&environment.name));
                let url = url.map(|url| quote!(.base_url(#url)));
                (quote!(#module::Client::builder(#module::Environment::#first)), url)
            }
        };
        let setters = values.map(|(name, value)| {
            let name = names::ident(name);
            quote!(.#name(#value))
        });
        quote!(#start #extra #(#setters)*)
    }

    /// The builder of the tests, with the constants of the test file; without the parameters that `leave_out` names.
    pub fn constant_builder(&self, leave_out: impl Fn(&str) -> bool) -> TokenStream {
        let kept = self.contract.client.keys().filter(|name| !leave_out(name));
        let base_url = self.environment.is_none().then_some(self.base_url.as_str());
        self.builder(
            self.environment.as_deref(),
            base_url,
            kept.map(|name| {
                let value = constant(name);
                (name, quote!(#value))
            }),
        )
    }

    /// The builder of an example.
    pub fn example_builder(&self, given: &Given) -> TokenStream {
        let values = given.client.iter().map(|(name, value)| {
            let value = text(value);
            (name, quote!(#value))
        });
        self.builder(given.environment.as_deref(), given.base_url.as_deref(), values)
    }

    fn success_body(&self) -> Option<Value> {
        let access = self.contract.response.access_token.field()?;
        let response = &self.contract.response;
        let mut body =
            self.documented_body().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        access.put(&mut body, Value::from(self.new_access.as_str()));
        if let Some((refresh, place)) = self.replaceable() {
            match self.answered_refresh() {
                Some(token) => {
                    place.put(&mut body, Value::from(token));
                    put_expiry(&mut body, &refresh.expires, REFRESH_LIFE);
                }
                None => place.remove(&mut body),
            }
        }
        put_expiry(&mut body, &self.contract.access.expires, ACCESS_LIFE);
        if let Some(token_type) = &response.token_type {
            let accepted = token_type.accepted.first().map_or("Bearer", String::as_str);
            token_type.field.put(&mut body, Value::from(accepted));
        }
        if let Some(scope) = &response.scope {
            scope.put(&mut body, Value::from("read write"));
        }
        if let Some(field) = &response.success.field
            && !field.matches(Some(&body))
        {
            let value = field.equals.first().map_or(Value::Bool(true), Value::from);
            field.field.put(&mut body, value);
        }
        Some(self.contract.told(body))
    }

    /// The first documented answer that brings tokens.
    fn documented_body(&self) -> Option<Value> {
        let examples = &self.contract.examples;
        let mut successes =
            examples.iter().filter(|example| matches!(example.expect, Expect::Tokens { .. }));
        successes.find_map(|example| self.contract.fields_of(example))
    }
}

/// The URL of an environment with these parameters.
pub fn environment_url(
    contract: &Contract,
    name: Option<&str>,
    client: &BTreeMap<String, String>,
) -> Option<String> {
    let environment = contract
        .base
        .environments
        .iter()
        .find(|environment| Some(environment.name.as_str()) == name)?;
    Some(environment.url.render(|slot| match slot {
        rekindle_contract::contract::Slot::Client(name) => {
            client.get(name).cloned().unwrap_or_default()
        }
        _ => String::new(),
    }))
}

/// Writes the end of a token that lives `life` seconds where the contract reads it.
fn put_expiry(body: &mut Value, expiry: &Expiry, life: u64) {
    if let (Some(field), Some(value)) = (expiry.field(), expiry.told(START.1, life)) {
        field.put(body, value);
    }
}

/// The expiry of a token that lives `life` seconds where the answer or the token says so.
pub fn expected_expiry(expiry: &Expiry, life: u64) -> TokenStream {
    let milliseconds = match expiry {
        Expiry::Never => return quote!(Expiry::Never),
        Expiry::Undeclared => return quote!(Expiry::Undeclared),
        Expiry::Constant(lifetime) => u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX),
        _ => life * 1000,
    };
    let lifetime = lifetime(milliseconds);
    quote!(Expiry::At(started_at() + #lifetime))
}

/// A `Duration`.
pub fn lifetime(milliseconds: u64) -> TokenStream {
    if milliseconds.is_multiple_of(1000) {
        let seconds = super::tokens::number(milliseconds / 1000);
        quote!(Duration::from_secs(#seconds))
    } else {
        let milliseconds = super::tokens::number(milliseconds);
        quote!(Duration::from_millis(#milliseconds))
    }
}
