//! The token types.

use super::value;
use crate::emit::{docs, names};
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{AccessUse, Contract, Expiry, RefreshUse, SentAs};

/// The token types, the access token first.
pub fn tokens(contract: &Contract) -> Vec<Value> {
    let access = &contract.access;
    let mut tokens = vec![token(&Token {
        name: &access.name,
        docs: docs::access_token(contract),
        clone: access.use_ == AccessUse::Many,
        expires: &access.expires,
        field_docs: format!("The current {}.", names::words(&access.name)),
        tokens_docs: format!("The new {}.", names::words(&access.name)),
        authorize: authorize(contract),
    })];
    tokens.extend(contract.refresh.as_ref().map(|refresh| {
        let name = names::words(&refresh.name);
        token(&Token {
            name: &refresh.name,
            docs: docs::refresh_token(contract, refresh),
            clone: refresh.use_ == RefreshUse::Many,
            expires: &refresh.expires,
            field_docs: format!("The {name}."),
            tokens_docs: format!(
                "The {name} to use next: the new one, or the old one where the answer brought none."
            ),
            authorize: Value::from(()),
        })
    }));
    tokens
}

struct Token<'a> {
    name: &'a str,
    docs: String,
    clone: bool,
    expires: &'a Expiry,
    field_docs: String,
    tokens_docs: String,
    authorize: Value,
}

fn token(token: &Token<'_>) -> Value {
    context! {
        docs => value(docs::outer(&token.docs)),
        type => value(names::type_ident(token.name)),
        field => value(names::ident(token.name)),
        clone => token.clone,
        says_expiry => matches!(token.expires, Expiry::Jwt | Expiry::Never),
        new_docs => value(docs::outer(new_docs(token.expires))),
        new_body => value(new_body(token.expires)),
        field_docs => value(docs::outer(&token.field_docs)),
        tokens_docs => value(docs::outer(&token.tokens_docs)),
        authorize => token.authorize.clone(),
    }
}

fn new_docs(expires: &Expiry) -> &'static str {
    match expires {
        Expiry::Jwt => "A token as the provider issued it. Its expiry is the JWT's own.",
        Expiry::Never => "A token as the provider issued it. It never expires.",
        _ => {
            "A token as the provider issued it. Its expiry is not known from the token itself: see [`Self::with_expiry`]."
        }
    }
}

fn new_body(expires: &Expiry) -> TokenStream {
    match expires {
        Expiry::Jwt => quote! {
            let secret = Secret::new(token);
            let expiry = expiry::jwt(secret.expose()).unwrap_or_default();
            Self { secret, expiry }
        },
        Expiry::Never => quote!(Self { secret: Secret::new(token), expiry: Expiry::Never }),
        _ => quote!(Self { secret: Secret::new(token), expiry: Expiry::Undeclared }),
    }
}

/// How requests carry the access token; none where that is not known.
fn authorize(contract: &Contract) -> Value {
    let Some(sent_as) = &contract.access.sent_as else {
        return Value::from(());
    };
    let once = contract.access.use_ == AccessUse::Once;
    let header = &sent_as.header;
    let text = authorize_docs(sent_as, once);
    context! {
        docs => value(docs::outer(&text)),
        receiver => value(if once { quote!(self) } else { quote!(&self) }),
        borrowed => value(if once { quote!(&self) } else { quote!(self) }),
        header => value(quote!(#header)),
        value => value(authorize_value(contract, sent_as)),
    }
}

fn authorize_docs(sent_as: &SentAs, once: bool) -> String {
    let scheme = sent_as.scheme.as_ref().map(|scheme| format!("{scheme} ")).unwrap_or_default();
    let spends = if once { " The request spends the token." } else { "" };
    format!(
        "Adds the token to a request as the provider wants it: {}.{spends}\n\n# Errors\nThe token holds a \
         line break or another control character.",
        docs::code(&format!("{}: {scheme}…", sent_as.header))
    )
}

fn authorize_value(contract: &Contract, sent_as: &SentAs) -> TokenStream {
    let what = names::words(&contract.access.name);
    match &sent_as.scheme {
        Some(scheme) => {
            let format = format!("{} {{}}", super::values::escape_format(scheme));
            quote!(header_value(#what, &format!(#format, self.expose()))?)
        }
        None => quote!(header_value(#what, self.expose())?),
    }
}

/// Everything that this module emits, for the imports.
pub fn all_tokens(contract: &Contract) -> TokenStream {
    let bodies =
        [Some(&contract.access.expires), contract.refresh.as_ref().map(|refresh| &refresh.expires)];
    let bodies = bodies.into_iter().flatten().map(new_body);
    let authorize = contract.access.sent_as.as_ref().map(|sent_as| {
        let value = authorize_value(contract, sent_as);
        quote!(Authorize #value)
    });
    quote!(#(#bodies)* #authorize)
}
