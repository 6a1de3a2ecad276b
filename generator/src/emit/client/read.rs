//! How a success answer is read.

use super::{classify::at, facts, value};
use crate::emit::names;
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{Contract, Expiry, Pointer, RefreshToken, TokenPlace};

/// The fields of `Answer`.
pub fn answer_fields(contract: &Contract) -> Vec<Value> {
    let field = |name: TokenStream, kind: TokenStream| context! { name => value(name), type => value(kind) };
    let (access, access_type) =
        (names::ident(&contract.access.name), names::type_ident(&contract.access.name));
    let mut fields = vec![field(quote!(#access), quote!(#access_type))];
    if let Some((refresh, _)) = replaceable(contract) {
        let (refresh, kind) = (names::ident(&refresh.name), names::type_ident(&refresh.name));
        fields.push(field(quote!(#refresh), quote!(Option<#kind>)));
    }
    if contract.response.scope.is_some() {
        fields.push(field(quote!(scope), quote!(Option<String>)));
    }
    fields.push(field(quote!(deviations), quote!(Vec<Deviation>)));
    fields
}

/// The refresh token, where answers may hold a new one, and its place.
pub fn replaceable(contract: &Contract) -> Option<(&RefreshToken, &Pointer)> {
    Some((contract.refresh.as_ref()?, contract.response.refresh_token.as_ref()?))
}

/// Whether the tokens depend on when the request started: a JWT's own end, none and an undeclared one do not.
pub fn reads_start(contract: &Contract) -> bool {
    is_used(&reads(contract), "started_at")
}

/// The constructor of `Body` that parses answers.
pub fn parse(contract: &Contract) -> TokenStream {
    match contract.response.access_token {
        TokenPlace::Form(_) => quote!(form),
        TokenPlace::Json(_) | TokenPlace::WholeBody => quote!(new),
    }
}

/// The body of `read`.
pub fn read(contract: &Contract) -> TokenStream {
    let mut body = TokenStream::new();
    let json = quote!(let json = body.require_json()?;);
    let reads = reads(contract);
    let deviations = if is_used(&reads, "deviations") {
        quote!(let mut deviations = Vec::new();)
    } else {
        quote!(let deviations = Vec::new();)
    };
    if is_used(&reads, "json") {
        body.extend(json);
    }
    body.extend(deviations);
    body.extend(reads);
    let access = names::ident(&contract.access.name);
    let refresh = replaceable(contract).map(|(refresh, _)| names::ident(&refresh.name)).into_iter();
    let scope = contract.response.scope.as_ref().map(|_| quote!(scope,));
    quote! {
        #body
        Ok(Answer { #access, #(#refresh,)* #scope deviations })
    }
}

fn reads(contract: &Contract) -> TokenStream {
    let response = &contract.response;
    let token_type = response.token_type.as_ref().map(|token_type| {
        let (place, accepted) = (at(&token_type.field), &token_type.accepted);
        quote! {
            if !token_type(json #place, &[#(#accepted),*])? {
                deviations.push(Deviation::TokenTypeMissing);
            }
        }
    });
    let access = access_token(contract);
    let refresh = replaceable(contract).map(|(refresh, place)| refresh_token(refresh, place));
    let scope = response.scope.as_ref().map(|place| {
        let place = at(place);
        quote!(let scope = json #place.optional_text("scope")?.map(str::to_owned);)
    });
    quote!(#token_type #access #refresh #scope)
}

fn access_token(contract: &Contract) -> TokenStream {
    let access = &contract.access;
    let (name, kind, what) =
        (names::ident(&access.name), names::type_ident(&access.name), names::words(&access.name));
    let token = match &contract.response.access_token {
        TokenPlace::Json(place) | TokenPlace::Form(place) => {
            let place = at(place);
            quote!(let token = json #place.required_text(#what)?;)
        }
        TokenPlace::WholeBody => quote!(let token = body.require_text()?;),
    };
    match expiry(&access.expires, &what) {
        Some(expiry) => quote! {
            #token
            #expiry
            let #name = #kind::new(token).with_expiry(expiry);
        },
        None if access.expires == Expiry::Jwt => quote! {
            #token
            let #name = #kind::new(token);
            if #name.expiry() == Expiry::Undeclared {
                deviations.push(Deviation::ExpiryMissing);
            }
        },
        None => quote! {
            #token
            let #name = #kind::new(token);
        },
    }
}

fn refresh_token(refresh: &RefreshToken, place: &Pointer) -> TokenStream {
    let (name, kind, what) = (
        names::ident(&refresh.name),
        names::type_ident(&refresh.name),
        names::words(&refresh.name),
    );
    let place = at(place);
    let token = quote!(json #place.optional_text(#what)?);
    match expiry(&refresh.expires, &what) {
        Some(expiry) if matches!(refresh.expires, Expiry::Constant(_)) => quote! {
            #expiry
            let #name = #token.map(|token| #kind::new(token).with_expiry(expiry));
        },
        Some(expiry) => quote! {
            let #name = match #token {
                None => None,
                Some(token) => {
                    #expiry
                    Some(#kind::new(token).with_expiry(expiry))
                }
            };
        },
        None => quote!(let #name = #token.map(#kind::new);),
    }
}

/// `let expiry = …;`: what the answer or the contract says of a token's end; `None` where the token's own constructor knows it.
fn expiry(expiry: &Expiry, what: &str) -> Option<TokenStream> {
    let function = match expiry {
        Expiry::Seconds(_) => quote!(seconds),
        Expiry::Milliseconds(_) => quote!(milliseconds),
        Expiry::UnixSeconds(_) => quote!(unix_seconds),
        Expiry::UnixMilliseconds(_) => quote!(unix_milliseconds),
        Expiry::Rfc3339(_) => quote!(rfc3339),
        Expiry::Constant(lifetime) => {
            let lifetime = facts::duration(*lifetime);
            return Some(quote!(let expiry = expiry::constant(#lifetime, started_at);));
        }
        Expiry::Jwt | Expiry::Never | Expiry::Undeclared => return None,
    };
    let place = at(expiry.field()?);
    let what = format!("{what} expiry");
    Some(quote! {
        let found = expiry::#function(json #place, started_at);
        let expiry = expiry::declared(#what, found, &mut deviations)?;
    })
}

/// Whether an identifier occurs.
fn is_used(tokens: &TokenStream, name: &str) -> bool {
    use proc_macro2::TokenTree;
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => is_used(&group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
