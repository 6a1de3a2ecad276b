//! Expressions that turn templates of a contract into texts.

use super::is_used;
use crate::emit::{names, sample};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use rekindle_contract::contract::{Contract, Generated, ParameterKind, Part, Slot, Template};

/// The expression of a slot's text, a `&str`: in what the integrator gave, `settings` or `options`, or in what is spent, `spends`.
pub fn slot(contract: &Contract, slot: &Slot) -> TokenStream {
    match slot {
        Slot::AccessToken => token(contract, &contract.access.name),
        Slot::RefreshToken => token(contract, refresh_name(contract)),
        Slot::Client(name) => {
            let field = names::ident(name);
            if contract.is_of_environment(name) {
                return quote!(&#field); // The pattern of the environment binds it.
            }
            let is_option = contract.client.get(name).is_some_and(|given| !given.is_required());
            let given = if is_option { quote!(options) } else { quote!(settings) };
            let kind = contract.client.get(name).map(|parameter| parameter.kind);
            if kind == Some(ParameterKind::SigningKey) {
                quote!(&#given.#field)
            } else if is_secret(contract, slot) {
                quote!(#given.#field.expose())
            } else {
                quote!(&#given.#field)
            }
        }
        Slot::Value(name) => {
            let variable = names::ident(name);
            quote!(#variable.as_str())
        }
        Slot::Taken(name) => quote!(spends.taken(#name)),
        Slot::TokenUrl => quote!(&kit::token_url(request)),
    }
}

/// The expression of an optional parameter's text, an `Option<&str>`.
pub fn given_or_not(contract: &Contract, name: &str) -> TokenStream {
    let field = names::ident(name);
    if is_secret(contract, &Slot::Client(name.to_owned())) {
        quote!(options.#field.as_ref().map(kit::Secret::expose))
    } else {
        quote!(options.#field.as_deref())
    }
}

fn token(contract: &Contract, name: &str) -> TokenStream {
    match names::held(contract, name) {
        Some(field) => quote!(spends.#field.expose()),
        None => quote!(spends.expose()),
    }
}

fn refresh_name(contract: &Contract) -> &str {
    contract.refresh.as_ref().map_or("refresh_token", |token| &token.name)
}

/// Whether a slot holds something that must not be shown.
pub fn is_secret(contract: &Contract, slot: &Slot) -> bool {
    match slot {
        Slot::AccessToken | Slot::RefreshToken | Slot::Taken(_) => true,
        Slot::Client(name) => contract.client.get(name).is_some_and(|parameter| parameter.secret),
        Slot::Value(name) => match contract.request.value(name) {
            Some(Generated::Encoded { of, .. }) => of.slots().any(|slot| is_secret(contract, slot)),
            Some(Generated::Jwt(_)) => true,
            _ => false,
        },
        Slot::TokenUrl => false,
    }
}

/// What sentences call the first value in a template: `refresh token`, `client_secret`.
pub fn what(contract: &Contract, template: &Template) -> String {
    match template.slots().next() {
        Some(Slot::AccessToken) => names::words(&contract.access.name),
        Some(Slot::RefreshToken) => names::words(refresh_name(contract)),
        Some(Slot::Client(name) | Slot::Value(name) | Slot::Taken(name)) => name.clone(),
        Some(Slot::TokenUrl) => "token URL".to_owned(),
        None => "constant".to_owned(),
    }
}

/// The expression of a template's text, a `&str`.
pub fn text(contract: &Contract, template: &Template) -> TokenStream {
    match template.parts.as_slice() {
        [] => quote!(""),
        [Part::Literal(literal)] => quote!(#literal),
        [Part::Slot(only)] => slot(contract, only),
        parts if template.slots().any(|slot| is_secret(contract, slot)) => {
            let parts = parts.iter().map(|part| match part {
                Part::Literal(literal) => quote!(#literal),
                Part::Slot(used) => slot(contract, used),
            });
            quote!(&kit::joined(&[#(#parts),*]))
        }
        _ => {
            let formatted = formatted(contract, template);
            quote!(&#formatted)
        }
    }
}

/// Code that may name `settings` and `options`, with what they are.
pub fn given(code: TokenStream) -> TokenStream {
    let settings = is_used(&code, "settings").then(|| quote!(let settings = &setup.settings;));
    let options = is_used(&code, "options").then(|| quote!(let options = &setup.options;));
    quote!(#settings #options #code)
}

/// `format!(…)` of a template.
pub fn formatted(contract: &Contract, template: &Template) -> TokenStream {
    let mut format = Format::default();
    for part in &template.parts {
        match part {
            Part::Literal(literal) => format.literal(literal),
            Part::Slot(used) => format.value(slot(contract, used)),
        }
    }
    format.finish()
}

/// A `format!(…)` in the making.
#[derive(Default)]
pub struct Format {
    text: String,
    values: Vec<TokenStream>,
}

impl Format {
    /// Braces mean themselves.
    pub fn literal(&mut self, literal: &str) {
        self.text.push_str(&literal.replace('{', "{{").replace('}', "}}"));
    }

    pub fn value(&mut self, value: TokenStream) {
        self.text.push_str("{}");
        self.values.push(value);
    }

    /// The expression of a `String`.
    pub fn finish(self) -> TokenStream {
        match self.constant() {
            Some(text) => quote!(#text.to_owned()),
            None => self.macro_call(),
        }
    }

    /// The expression of a `&str`.
    pub fn borrowed(self) -> TokenStream {
        match self.constant() {
            Some(text) => quote!(#text),
            None => {
                let text = self.macro_call();
                quote!(&#text)
            }
        }
    }

    /// The text where no value is in it.
    fn constant(&self) -> Option<String> {
        self.values.is_empty().then(|| self.text.replace("{{", "{").replace("}}", "}"))
    }

    fn macro_call(self) -> TokenStream {
        let (text, values) = (self.text, self.values);
        quote!(format!(#text #(, #values)*))
    }
}

/// The statement that adds a text, which is always the same, to the end of `body`.
pub fn appended(text: &str) -> TokenStream {
    let bytes = bytes(text);
    quote!(body.extend_from_slice(#bytes);)
}

/// `br#"…"#` where that reads better than escapes.
fn bytes(text: &str) -> TokenStream {
    let raw = format!("br#\"{text}\"#");
    let readable =
        text.is_ascii() && text.contains('"') && !text.contains("\"#") && sample::is_seen(text);
    if readable && let Ok(literal) = raw.parse::<Literal>() {
        return quote!(#literal);
    }
    let literal = Literal::byte_string(text.as_bytes());
    quote!(#literal)
}
