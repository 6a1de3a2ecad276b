//! Expressions that turn templates of a contract into texts.

use crate::emit::names;
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{Contract, Part, Slot, Template};

/// The expression of a slot's text in a method of the client, a `&str`.
pub fn slot(contract: &Contract, slot: &Slot) -> TokenStream {
    match slot {
        Slot::AccessToken => token(contract, &contract.access.name),
        Slot::RefreshToken => token(contract, refresh_name(contract)),
        Slot::Client(name) => {
            let field = names::ident(name);
            if is_secret(contract, slot) {
                quote!(self.#field.expose())
            } else {
                quote!(&self.#field)
            }
        }
    }
}

/// The expression of the length of a slot's text.
pub fn length(contract: &Contract, used: &Slot) -> TokenStream {
    match used {
        Slot::Client(name) if !is_secret(contract, used) => {
            let field = names::ident(name);
            quote!(self.#field.len())
        }
        _ => {
            let text = slot(contract, used);
            quote!(#text.len())
        }
    }
}

fn token(contract: &Contract, name: &str) -> TokenStream {
    let held = names::held(contract, name);
    quote!(#held.expose())
}

fn refresh_name(contract: &Contract) -> &str {
    contract.refresh.as_ref().map_or("refresh_token", |token| &token.name)
}

/// Whether a slot holds something that must not be shown.
pub fn is_secret(contract: &Contract, slot: &Slot) -> bool {
    match slot {
        Slot::AccessToken | Slot::RefreshToken => true,
        Slot::Client(name) => contract.client.get(name).is_some_and(|parameter| parameter.secret),
    }
}

/// What sentences call the first value in a template: `refresh token`, `client_secret`.
pub fn what(contract: &Contract, template: &Template) -> String {
    match template.slots().next() {
        Some(Slot::AccessToken) => names::words(&contract.access.name),
        Some(Slot::RefreshToken) => names::words(refresh_name(contract)),
        Some(Slot::Client(name)) => name.clone(),
        None => "constant".to_owned(),
    }
}

/// The expression of a template's text in a method of the client, a `&str`.
pub fn text(contract: &Contract, template: &Template) -> TokenStream {
    match template.parts.as_slice() {
        [] => quote!(""),
        [Part::Literal(literal)] => quote!(#literal),
        [Part::Slot(only)] => slot(contract, only),
        _ => {
            let formatted = formatted_with(template, |used| slot(contract, used));
            quote!(&#formatted)
        }
    }
}

/// `format!(…)` of a template.
pub fn formatted_with(template: &Template, slot: impl Fn(&Slot) -> TokenStream) -> TokenStream {
    let mut format = String::new();
    let mut values = Vec::new();
    for part in &template.parts {
        match part {
            Part::Literal(literal) => format.push_str(&escape_format(literal)),
            Part::Slot(used) => {
                format.push_str("{}");
                values.push(slot(used));
            }
        }
    }
    quote!(format!(#format #(, #values)*))
}

/// Braces mean themselves in a format string.
pub fn escape_format(literal: &str) -> String {
    literal.replace('{', "{{").replace('}', "}}")
}
