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

/// `Client::builder(…).client_id("…").build()?`, without the last part.
pub fn builder(contract: &Contract, given: &Given) -> TokenStream {
    let start = match (&given.environment, contract.base.environments.first()) {
        (Some(name), _) => environment(name),
        (None, Some(first)) => environment(&first.name),
        (None, None) => {
            let url = given.base_url.as_deref().unwrap_or("https://provider.example");
            quote!(#url)
        }
    };
    let other_base = match (&given.base_url, contract.base.environments.is_empty()) {
        (Some(url), false) => Some(quote!(.base_url(#url))),
        _ => None,
    };
    let values = given.client.iter().map(|(name, value)| {
        let method = names::ident(name);
        quote!(.#method(#value))
    });
    quote!(Client::builder(#start) #other_base #(#values)*)
}

fn environment(name: &str) -> TokenStream {
    let variant = names::type_ident(name);
    quote!(Environment::#variant)
}

/// What the exchange spends.
pub fn credential(contract: &Contract, given: &Given) -> TokenStream {
    let token = |name: &str, text: &Option<String>| {
        let (kind, text) = (names::type_ident(name), text.as_deref().unwrap_or_default());
        quote!(#kind::new(#text))
    };
    let access = token(&contract.access.name, &given.access_token);
    let Some(refresh) = &contract.refresh else {
        return access;
    };
    let refresh_token = token(&refresh.name, &given.refresh_token);
    match contract.credential() {
        Credential::AccessToken => access,
        Credential::RefreshToken => refresh_token,
        Credential::Both => {
            let (access_field, refresh_field) =
                (names::ident(&contract.access.name), names::ident(&refresh.name));
            quote!(Credential { #access_field: #access, #refresh_field: #refresh_token })
        }
    }
}

/// The names that [`builder`] and [`credential`] use, sorted.
pub fn imports(contract: &Contract) -> Vec<proc_macro2::Ident> {
    let mut names = vec!["Client".to_owned()];
    if !contract.base.environments.is_empty() {
        names.push("Environment".to_owned());
    }
    if contract.credential() != Credential::RefreshToken {
        names.push(names::pascal(&contract.access.name));
    }
    if let (Some(refresh), Credential::RefreshToken | Credential::Both) =
        (&contract.refresh, contract.credential())
    {
        names.push(names::pascal(&refresh.name));
    }
    if contract.credential() == Credential::Both {
        names.push("Credential".to_owned());
    }
    names.sort();
    names.iter().map(|name| names::ident(name)).collect()
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
