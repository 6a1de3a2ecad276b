//! Expressions that rebuild what a documented exchange starts from: a client, a credential, an answer.

use super::names;
use crate::markdown::visible;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use rekindle_contract::contract::{Contract, Credential, Example, ExampleResponse, Expect, Given};

/// The documented exchange that shows the provider best: the first success, else the first of all.
pub fn best(contract: &Contract) -> Option<&Example> {
    let success =
        contract.examples.iter().find(|example| matches!(example.expect, Expect::Tokens { .. }));
    success.or(contract.examples.first())
}

/// `Client::new(…)`, without the `?`. `path` stands before each name of the client's module.
pub fn client(contract: &Contract, given: &Given, path: &TokenStream) -> TokenStream {
    let value = |name: &String| given.client.get(name);
    let environment = |name: &str| {
        let variant = names::type_ident(name);
        let mut environments = contract.base.environments.iter();
        let chosen = environments.find(|environment| environment.name == name);
        let held = chosen.into_iter().flat_map(|chosen| contract.parameters_of(chosen));
        let held: Vec<_> = held
            .map(|(name, _)| {
                let (field, text) = (names::ident(name), value(name).map_or("", String::as_str));
                quote!(#field: #text.into())
            })
            .collect();
        let held = (!held.is_empty()).then(|| quote!({ #(#held),* }));
        quote!(#path Environment::#variant #held)
    };
    let place = match (&given.base_url, &given.environment, contract.base.environments.first()) {
        (Some(url), _, _) => quote!(#url),
        (None, Some(name), _) => environment(name),
        (None, None, Some(first)) => environment(&first.name),
        (None, None, None) => quote!("https://provider.example"),
    };
    let required = contract
        .client
        .iter()
        .filter(|(name, parameter)| parameter.is_required() && !contract.is_of_environment(name));
    let settings = required.map(|(name, _)| {
        let (field, text) = (names::ident(name), value(name).map_or("", String::as_str));
        match published_key(contract, name, text) {
            Some(key) => quote!(#field: #key.into()),
            None => quote!(#field: #text.into()),
        }
    });
    let settings: Vec<_> = settings.collect();
    let settings = (!settings.is_empty()).then(|| quote!(, #path Settings { #(#settings),* }));
    let optional = contract.client.iter().filter(|(_, parameter)| !parameter.is_required());
    let mut optional = optional.peekable();
    let options = optional.peek().is_some().then(|| {
        let given = optional.filter_map(|(name, _)| {
            let (setter, text) = (names::ident(name), value(name)?);
            Some(quote!(.#setter(#text)))
        });
        quote!(, #path Options::default()#(#given)*)
    });
    quote!(#path Client::new(#place #settings #options))
}

/// The name of a private key that an example has because its page shows none.
fn published_key(contract: &Contract, parameter: &str, text: &str) -> Option<TokenStream> {
    let algorithm = contract.signs_with(parameter)?;
    let name = names::ident(&algorithm.name().to_uppercase());
    (algorithm.synthetic_key() == Some(text)).then(|| quote!(rekindle_testkit::keys::#name))
}

/// What the exchange spends, by names behind `path`; `None` where that is nothing.
pub fn credential(contract: &Contract, given: &Given, path: &TokenStream) -> Option<TokenStream> {
    let token = |name: &str, text: &Option<String>| {
        let (kind, text) = (names::type_ident(name), text.as_deref().unwrap_or_default());
        quote!(#path #kind::new(#text))
    };
    let access = token(&contract.access.name, &given.access_token);
    let Some(refresh) = &contract.refresh else {
        return names::credential(contract).map(|_| access);
    };
    let refresh_token = token(&refresh.name, &given.refresh_token);
    Some(match contract.credential() {
        Credential::Nothing => return None,
        Credential::AccessToken => access,
        Credential::RefreshToken => refresh_token,
        Credential::Both => {
            let (access_field, refresh_field) =
                (names::ident(&contract.access.name), names::ident(&refresh.name));
            quote!(#path Credential { #access_field: #access, #refresh_field: #refresh_token })
        }
    })
}

/// The body of an answer as a literal.
pub fn answer_body(response: &ExampleResponse) -> TokenStream {
    raw(&response.body.wire()).into_token_stream()
}

/// A literal of a text: `r#"…"#` where that reads better than escapes.
pub fn raw(text: &str) -> Literal {
    let readable = text.contains(['"', '\\']) && !text.contains("\"#") && is_seen(text);
    let raw = if readable { format!("r#\"{text}\"#").parse().ok() } else { None };
    raw.unwrap_or_else(|| Literal::string(text))
}

/// Whether a text holds nothing that a literal must escape: the compiler refuses changes of text direction, and a reader sees no
/// control character.
pub fn is_seen(text: &str) -> bool {
    !text.contains(char::is_control) && visible(text) == text
}
