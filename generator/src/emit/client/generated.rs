//! Values that the client makes anew for each request, as variables.

use super::json::{self, Written};
use super::{facts, values};
use crate::emit::names;
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{
    ASSERTION, Algorithm, Contract, Generated, JsonTemplate, Jwt, Key, KeyEncoding, Slot, Template,
    TextEncoding, TimeFormat, TokenPlace,
};

/// A statement for each value, in an order in which they can be made.
pub fn values(contract: &Contract) -> TokenStream {
    let made = contract.request.values.iter().map(|(name, value)| {
        let (name, value) = (names::ident(name), expression(contract, value));
        quote!(let #name = #value;)
    });
    quote!(#(#made)*)
}

/// The body of what makes an access token, where the client makes it itself.
pub fn token(contract: &Contract) -> Option<TokenStream> {
    let Some(Generated::Jwt(jwt)) = contract.request.value(ASSERTION) else { return None };
    let access = names::type_ident(&contract.access.name);
    let signed = signed(contract, jwt, &quote!(makes));
    let token = quote!(let token = #signed; Ok(#access::new(token.as_str())));
    contract.request.operation.is_local().then(|| values::given(token))
}

fn expression(contract: &Contract, value: &Generated) -> TokenStream {
    match value {
        Generated::Uuid => quote!(spends.uuid()?),
        Generated::Now { format, plus } => {
            let format = names::ident(match format {
                TimeFormat::UnixSeconds => "unix_seconds",
                TimeFormat::UnixMilliseconds => "unix_milliseconds",
                TimeFormat::Rfc3339 => "rfc3339",
                TimeFormat::HttpDate => "http_date",
                TimeFormat::DateTime => "date_time",
                TimeFormat::Date => "date",
            });
            if plus.is_zero() {
                return quote!(kit::#format(spends.started_at()));
            }
            let plus = facts::duration(*plus);
            quote!(kit::#format(kit::later(spends.started_at(), #plus)))
        }
        Generated::Encoded { of, written } => encoded(*written, &values::text(contract, of)),
        Generated::Sha256 { of, written } => {
            let text = values::text(contract, of);
            encoded(*written, &quote!(&kit::sha256(#text)))
        }
        Generated::HmacSha256 { of, key, written } => {
            let (text, key) = (values::text(contract, of), secret(contract, key));
            encoded(*written, &quote!(&kit::hmac_sha256(#text, #key)?))
        }
        Generated::Jwt(jwt) => signed(contract, jwt, &quote!(spends)),
    }
}

fn encoded(written: TextEncoding, bytes: &TokenStream) -> TokenStream {
    let encode = names::ident(match written {
        TextEncoding::Hex => "hex",
        TextEncoding::Base64 => "base64",
        TextEncoding::Base64Url => "base64url",
    });
    quote!(kit::#encode(#bytes))
}

/// The arguments of a symmetric key: its name, its text, its encoding.
fn secret(contract: &Contract, key: &Key) -> TokenStream {
    let (name, text) = (values::what(contract, &key.text), values::text(contract, &key.text));
    let encoding = key_encoding(key.encoding);
    quote!(#name, #text, #encoding)
}

fn key_encoding(encoding: KeyEncoding) -> TokenStream {
    let variant = names::ident(encoding.variant());
    quote!(kit::KeyEncoding::#variant)
}

/// `kit::Algorithm::Rs256`.
pub fn algorithm(algorithm: Algorithm) -> TokenStream {
    let variant = names::ident(algorithm.variant());
    quote!(kit::Algorithm::#variant)
}

/// The expression of a signed token. `of` is what knows when it begins, and chance.
fn signed(contract: &Contract, jwt: &Jwt, of: &TokenStream) -> TokenStream {
    let lives = facts::duration(jwt.lives);
    let header = jwt.header.iter().map(|(name, text)| {
        let text = values::text(contract, text);
        quote!(.header(#name, #text))
    });
    let claims = jwt.claims.iter().map(|(name, claim)| match claim {
        JsonTemplate::Text(text) => match contract.optional_in(text) {
            Some(optional) => {
                let given = values::given_or_not(contract, optional);
                quote!(.claim_if_given(#name, #given))
            }
            None => {
                let text = values::text(contract, text);
                quote!(.claim(#name, #text))
            }
        },
        json => match json::written(contract, json) {
            Written::Always(text) => quote!(.claim_json(#name, #text)),
            Written::By(statements) => quote!(.claim_of(#name, |body| { #(#statements)* })),
        },
    });
    let nbf = jwt.nbf.then(|| quote!(.not_before(#of.started_at())));
    let jti = jwt.jti.then(|| quote!(.claim("jti", &#of.uuid()?)));
    let sign = match jwt.private_key() {
        Some(name) => {
            let (algorithm, key) = (algorithm(jwt.alg), values::text(contract, &jwt.key.text));
            quote!(.sign(#algorithm, #name, #key)?)
        }
        None => {
            let secret = secret(contract, &jwt.key);
            quote!(.sign_with_secret(#secret)?)
        }
    };
    quote!(kit::Jwt::new(#of.started_at(), #lives) #(#header)* #(#claims)* #nbf #jti #sign)
}

/// How the text of a parameter that is a symmetric key holds it, where that is not the text itself.
pub fn encoding(contract: &Contract, slot: &Slot) -> Option<TokenStream> {
    let keys = contract.generated().filter_map(Generated::key);
    let whole = Template::slot(slot.clone());
    let mut keys = keys.filter(|key| key.text == whole && key.encoding != KeyEncoding::Text);
    keys.next().map(|key| key_encoding(key.encoding))
}

/// The features of the runtime that a client needs.
pub fn features(contract: &Contract) -> Vec<&'static str> {
    let any = |test: fn(&Generated) -> bool| contract.generated().any(test);
    let features = [
        ("hashes", any(|it| matches!(it, Generated::Sha256 { .. } | Generated::HmacSha256 { .. }))),
        ("random", any(Generated::is_random)),
        ("signing", any(|it| matches!(it, Generated::Jwt(_)))),
        ("xml", matches!(contract.response.access_token, TokenPlace::Xml(_))),
    ];
    features.into_iter().filter(|(_, needed)| *needed).map(|(name, _)| name).collect()
}
