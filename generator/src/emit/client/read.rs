//! How a success answer is read.

use super::classify::{at, places};
use super::{facts::duration, is_used, outputs, value};
use crate::emit::names;
use minijinja::{Value, context};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use rekindle_contract::contract::{
    Contract, Expiry, Otherwise, Pointer, RefreshToken, RefreshUse, TokenPlace, ZeroExpiry,
};
use rekindle_syntax::Head;

/// The body of `read`, what it looks at, and where answers hold a new refresh token.
pub fn read(contract: &Contract) -> Value {
    let reads = reads(contract);
    let json = is_used(&reads, "json").then(|| match contract.reads_over_body() {
        true => quote!(let json = body.json();),
        false => quote!(let json = body.require_json()?;),
    });
    let refresh_token_at = replaceable(contract).map(|(_, place)| value(places(place)));
    context! {
        format => format(contract).map(value),
        head => head(contract).map(value),
        keeps => contract.response.access_token.is_unchanged(),
        refresh_token_at => refresh_token_at,
        uses_start => is_used(&reads, "started_at"),
        uses_deviations => is_used(&reads, "deviations"),
        body => value(quote!(#json #reads)),
    }
}

/// How answers are read that are not JSON.
fn format(contract: &Contract) -> Option<TokenStream> {
    match contract.response.access_token {
        TokenPlace::Json(_) | TokenPlace::WholeBody | TokenPlace::Unchanged => None,
        TokenPlace::Form(_) => Some(quote!(kit::Format::Form)),
        TokenPlace::Xml(_) => Some(quote!(kit::Format::Xml)),
    }
}

/// What is read of the heads of answers.
fn head(contract: &Contract) -> Option<TokenStream> {
    let places: Vec<TokenStream> = contract
        .heads()
        .into_iter()
        .map(|head| match head.place() {
            Head::Header(name, prefix) => quote!(kit::Head::Header(#name, #prefix)),
            Head::Cookie(name) => quote!(kit::Head::Cookie(#name)),
            Head::MaxAge(name) => quote!(kit::Head::MaxAge(#name)),
            Head::Expires(name) => quote!(kit::Head::Expires(#name)),
        })
        .collect();
    (!places.is_empty()).then(|| quote!(&[#(#places),*]))
}

/// The refresh token, where answers may hold a new one, and its place.
fn replaceable(contract: &Contract) -> Option<(&RefreshToken, &Pointer)> {
    Some((contract.refresh.as_ref()?, contract.response.refresh_token.as_ref()?))
}

fn reads(contract: &Contract) -> TokenStream {
    let response = &contract.response;
    let token_type = response.token_type.as_ref().map(|token_type| {
        let (place, accepted) = (at(&token_type.field), &token_type.accepted);
        if token_type.demanded {
            quote!(kit::token_type(json #place, &[#(#accepted),*], deviations)?;)
        } else {
            quote!(kit::usual_token_type(json #place, &[#(#accepted),*], deviations);)
        }
    });
    let access = access_token(contract);
    let (refresh, refresh_field) = match replaceable(contract) {
        // It is in an earlier answer.
        Some(_) if !contract.request.then.is_empty() => (TokenStream::new(), quote!(None)),
        Some((refresh, place)) => (refresh_token(refresh, place), quote!(refresh_token)),
        None => (TokenStream::new(), quote!(None)),
    };
    let scope = response.scope.as_ref().map(|place| {
        let place = at(place);
        quote!(kit::scope(json #place, deviations))
    });
    let outputs = (!response.outputs.is_empty()).then(|| outputs::read(contract));
    let (scope, outputs) = match (scope, outputs) {
        (None, None) => (TokenStream::new(), quote!(())),
        (Some(scope), None) => (quote!(let outputs = #scope;), quote!(outputs)),
        (None, Some(outputs)) => (quote!(let outputs = #outputs;), quote!(outputs)),
        (Some(scope), Some(outputs)) => {
            (quote!(let scope = #scope; let outputs = #outputs;), quote!((scope, outputs)))
        }
    };
    quote! {
        #token_type
        #access
        #refresh
        #scope
        Ok((access_token, #refresh_field, #outputs))
    }
}

/// How the new refresh token is read where other requests follow its answer; `None` where there is none.
pub fn replacement(contract: &Contract) -> Option<Value> {
    let (refresh, place) = replaceable(contract)?;
    let (reads, token) = new_refresh_token(refresh, place);
    let body = quote!(let json = body.require_json()?; #reads Ok(#token));
    Some(context! {
        uses_start => is_used(&body, "started_at"),
        uses_deviations => is_used(&body, "deviations"),
        body => value(body),
    })
}

fn access_token(contract: &Contract) -> TokenStream {
    let access = &contract.access;
    let what = names::words(&access.name);
    let text = match &contract.response.access_token {
        TokenPlace::Json(place) | TokenPlace::Form(place) | TokenPlace::Xml(place) => {
            let place = at(place);
            quote!(json #place.required_token(#what)?)
        }
        TokenPlace::WholeBody => quote!(body.require_token(#what)?),
        TokenPlace::Unchanged => quote!(body.sent_token(#what)?),
    };
    let ends = match &access.expires {
        Expiry::Jwt => Some(quote!(kit::expiry::own(text))),
        expires => ends(expires),
    };
    match ends {
        Some(ends) => quote! {
            let text = #text;
            let ends = #ends;
            let access_token = kit::ending(text, ends, deviations);
        },
        None => quote! {
            let text = #text;
            let access_token = kit::issued(text, started_at);
        },
    }
}

fn refresh_token(refresh: &RefreshToken, place: &Pointer) -> TokenStream {
    let (reads, token) = new_refresh_token(refresh, place);
    quote!(#reads let refresh_token = #token;)
}

/// The statements that read a new refresh token, and the expression of it.
fn new_refresh_token(refresh: &RefreshToken, place: &Pointer) -> (TokenStream, TokenStream) {
    let (what, place) = (names::words(&refresh.name), at(place));
    let text = match refresh.use_ {
        RefreshUse::Many => quote!(let text = json #place.usual_token(#what, deviations);),
        _ => quote!(let text = json #place.optional_token(#what)?;),
    };
    match ends(&refresh.expires) {
        Some(ends) => (
            quote!(#text let ends = #ends;),
            quote!(text.map(|text| kit::ending(text, ends, deviations))),
        ),
        None => (text, quote!(text.map(|text| kit::issued(text, started_at)))),
    }
}

/// What the answer says of a token's end; `None` where the contract or the token itself says it.
fn ends(expiry: &Expiry) -> Option<TokenStream> {
    let (function, zone) = match expiry {
        Expiry::Seconds(_) => (quote!(seconds), None),
        Expiry::Milliseconds(_) => (quote!(milliseconds), None),
        Expiry::Duration(_) => (quote!(duration), None),
        Expiry::UnixSeconds(_) => (quote!(unix_seconds), None),
        Expiry::UnixMilliseconds(_) => (quote!(unix_milliseconds), None),
        Expiry::Rfc3339(_) => (quote!(rfc3339), None),
        Expiry::DateTime { told: _, zone } => {
            let zone = Literal::i32_unsuffixed(*zone);
            (quote!(date_time), Some(quote!(#zone,)))
        }
        Expiry::HttpDate(_) => (quote!(http_date), None),
        Expiry::Constant(_)
        | Expiry::SinceSignIn(_)
        | Expiry::Jwt
        | Expiry::Never
        | Expiry::Undeclared => return None,
    };
    let told = expiry.told()?;
    let place = at(&told.field);
    let zero = told.zero.map(|zero| {
        let end = match zero {
            ZeroExpiry::Never => quote!(Never),
            ZeroExpiry::Undeclared => quote!(Undeclared),
        };
        quote!(.zero_is(kit::Expiry::#end))
    });
    let otherwise = told.otherwise.map(|otherwise| match otherwise {
        Otherwise::Never => quote!(.or(kit::Expiry::Never)),
        Otherwise::After(lifetime) => {
            let lifetime = duration(lifetime);
            quote!(.or(kit::expiry::constant(#lifetime, started_at)))
        }
    });
    Some(quote!(kit::expiry::#function(json #place, #zone started_at) #zero #otherwise))
}
