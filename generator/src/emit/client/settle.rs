//! What to hold after a success: the new tokens, and the old refresh token where the answer brought none (R16).

use super::{classify::at, read::replaceable, value};
use crate::emit::{docs, names};
use minijinja::{Value, context};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use rekindle_contract::contract::{Contract, Credential, Expiry, RefreshToken, Rotation};

/// The parts of `PendingRefresh` that depend on the refresh token.
pub fn settle(contract: &Contract) -> Value {
    context! {
        docs => value(docs::outer(&settle_docs(contract))),
        body => value(body(contract)),
        failure => value(failure(contract)),
        replacement => replaceable(contract).map(|_| context! { body => value(replacement(contract)) }),
    }
}

/// Everything that this module emits, for the imports.
pub fn all_tokens(contract: &Contract) -> TokenStream {
    let parts = [body(contract), failure(contract), replacement(contract)];
    quote!(#(#parts)*)
}

fn settle_docs(contract: &Contract) -> String {
    match &contract.refresh {
        Some(refresh) => format!("What to hold from now on. {}", refresh.rotation.sentence()),
        None => "What to hold from now on.".to_owned(),
    }
}

/// What becomes of a success answer that cannot be read.
fn failure(contract: &Contract) -> TokenStream {
    if replaceable(contract).is_none() {
        return quote!(Err(self.0.unusable(error, parts.status, None)));
    }
    quote! {
        let replacement = self.replacement(&body);
        Err(self.0.unusable(error, parts.status, replacement))
    }
}

/// The new refresh token of an answer that is otherwise of no use.
fn replacement(contract: &Contract) -> TokenStream {
    let Some((refresh, place)) = replaceable(contract) else {
        return TokenStream::new();
    };
    let (kind, what, place) =
        (names::type_ident(&refresh.name), names::words(&refresh.name), at(place));
    let refresh_field = names::ident(&refresh.name);
    let old = match contract.credential() {
        Credential::Both => quote!(self.0.credential().#refresh_field),
        Credential::RefreshToken | Credential::AccessToken => quote!(self.0.credential()),
    };
    let found = quote! {
        let found = body.json()#place.optional_text(#what).ok().flatten()?;
        if #old.secret.matches(found) {
            return None;
        }
    };
    if contract.credential() == Credential::Both {
        let (access, access_kind) =
            (names::ident(&contract.access.name), names::type_ident(&contract.access.name));
        quote! {
            #found
            let #access = &self.0.credential().#access;
            Some(Credential {
                #access: #access_kind::new(#access.expose()).with_expiry(#access.expiry()),
                #refresh_field: #kind::new(found),
            })
        }
    } else {
        quote!(#found Some(#kind::new(found)))
    }
}

/// The body of `settle`.
fn body(contract: &Contract) -> TokenStream {
    let access = names::ident(&contract.access.name);
    let scope = contract.response.scope.as_ref().map(|_| quote!(scope: answer.scope,));
    let Some(refresh) = &contract.refresh else {
        return quote!(Tokens { #access: answer.#access, #scope deviations: answer.deviations });
    };
    let field = names::ident(&refresh.name);
    let held = match contract.credential() {
        Credential::Both => quote!(self.0.into_credential().#field),
        Credential::RefreshToken | Credential::AccessToken => quote!(self.0.into_credential()),
    };
    if replaceable(contract).is_none() {
        return quote!(Tokens { #access: answer.#access, #field: #held, #scope deviations: answer.deviations });
    }
    let arms = arms(refresh);
    let deviates = arms.to_string().contains("deviations");
    let mutable = deviates.then(|| quote!(mut));
    let chosen = if matches!(refresh.rotation, Rotation::Sometimes | Rotation::Unknown)
        && !deviates
        && !runs_from_issue(refresh)
    {
        quote!(answer.#field.unwrap_or(held))
    } else {
        quote!(match answer.#field { #arms })
    };
    quote! {
        let held = #held;
        let #mutable deviations = answer.deviations;
        let #field = #chosen;
        Tokens { #access: answer.#access, #field, #scope deviations }
    }
}

/// Whether the token's documented lifetime runs from its issue: an echoed token does not live longer for being echoed.
fn runs_from_issue(refresh: &RefreshToken) -> bool {
    matches!(refresh.expires, Expiry::Constant(_))
}

/// What to hold for each kind of answer: the same token, another one, none.
fn arms(refresh: &RefreshToken) -> TokenStream {
    let too_long = refresh.max_length.map(|bytes| {
        let bytes = Literal::u32_unsuffixed(bytes);
        quote! {
            if new.expose().len() > #bytes {
                deviations.push(Deviation::RefreshTokenTooLong);
            }
        }
    });
    let (same, other, none) = match refresh.rotation {
        Rotation::Never => (None, Some(quote!(RefreshTokenUnexpected)), None),
        Rotation::Echo => {
            (None, Some(quote!(RefreshTokenUnexpected)), Some(quote!(RefreshTokenMissing)))
        }
        Rotation::Always | Rotation::KeepsOld => {
            (Some(quote!(RefreshTokenUnchanged)), None, Some(quote!(RefreshTokenMissing)))
        }
        Rotation::Sometimes | Rotation::Unknown => (None, None, None),
    };
    let report =
        |name: Option<TokenStream>| name.map(|name| quote!(deviations.push(Deviation::#name);));
    let kept = if runs_from_issue(refresh) { quote!(held) } else { quote!(new) };
    let differs = same.is_some() || other.is_some() || runs_from_issue(refresh);
    let (same, other, none) = (report(same), report(other), report(none));
    let same =
        differs.then(|| quote!(Some(new) if new.secret.matches(held.expose()) => { #same #kept }));
    quote! {
        #same
        Some(new) => { #other #too_long new }
        None => { #none held }
    }
}
