//! The contract's token semantics as data.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use rekindle_contract::contract::{
    AccessUse, Contract, Expiry, OldAccessToken, RefreshWhen, Reuse, Rotation, Spent, Successor,
};
use std::time::Duration;

/// `Facts { … }`.
pub fn facts(contract: &Contract) -> TokenStream {
    let access_once = contract.access.use_ == AccessUse::Once;
    let old_access_token = match contract.access.after_refresh {
        OldAccessToken::Valid => quote!(Valid),
        OldAccessToken::Revoked => quote!(Revoked),
        OldAccessToken::RevokedOnFirstUse => quote!(RevokedOnFirstUse),
        OldAccessToken::Unknown => quote!(Unknown),
    };
    let refresh = contract.refresh.as_ref();
    let access_token_ends = ends(&contract.access.expires);
    let usual_lifetime = option(contract.access.usual_lifetime.map(duration));
    let refused_with = contract.access.refused_with.iter();
    let refused_with = refused_with.map(|status| Literal::u16_unsuffixed(*status));
    let refresh_token_ends = ends(refresh.map_or(&Expiry::Undeclared, |token| &token.expires));
    let window = window(contract.request.when);
    let single_use = !contract.is_replayable();
    let rotation = option(refresh.map(|token| rotation(token.rotation)));
    let spent = spent(refresh.map_or(Spent::Dead, |token| token.spent));
    let reuse = reuse(refresh.map_or(Reuse::Unknown, |token| token.reuse));
    let idle_limit = option(refresh.and_then(|token| token.idle_limit).map(duration));
    quote! {
        kit::Facts {
            access_token_single_use: #access_once,
            access_token_ends: #access_token_ends,
            usual_lifetime: #usual_lifetime,
            access_token_refused: &[#(#refused_with),*],
            old_access_token: kit::facts::OldAccessToken::#old_access_token,
            window: kit::facts::RefreshWindow::#window,
            single_use: #single_use,
            rotation: #rotation,
            spent: kit::facts::Spent::#spent,
            reuse: kit::facts::Reuse::#reuse,
            refresh_token_ends: #refresh_token_ends,
            idle_limit: #idle_limit,
        }
    }
}

/// `Duration::from_secs(60)`.
pub fn duration(duration: Duration) -> TokenStream {
    if duration.subsec_nanos() == 0 {
        let seconds = grouped(duration.as_secs());
        quote!(kit::Duration::from_secs(#seconds))
    } else {
        let milliseconds = grouped(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        quote!(kit::Duration::from_millis(#milliseconds))
    }
}

/// `604_800`: a number in groups of three digits, as people write long ones.
pub fn grouped(number: u64) -> Literal {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        let left = digits.len() - position;
        if digits.len() > 4 && position > 0 && left.is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text.parse().unwrap_or_else(|_| Literal::u64_unsuffixed(number))
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

fn ends(expires: &Expiry) -> TokenStream {
    let name = match expires {
        Expiry::Seconds(_) | Expiry::Milliseconds(_) | Expiry::Constant(_) => quote!(AfterLifetime),
        Expiry::UnixSeconds(_) | Expiry::UnixMilliseconds(_) | Expiry::Rfc3339(_) | Expiry::Jwt => {
            quote!(AtInstant)
        }
        Expiry::Never => quote!(Never),
        Expiry::Undeclared => quote!(Untold),
    };
    quote!(kit::facts::Ends::#name)
}

fn window(when: RefreshWhen) -> TokenStream {
    match when {
        RefreshWhen::AnyTime => quote!(AnyTime),
        RefreshWhen::NearExpiry(lead) => {
            let lead = duration(lead);
            quote!(NearExpiry(#lead))
        }
        RefreshWhen::BeforeExpiry => quote!(BeforeExpiry),
        RefreshWhen::AfterExpiry => quote!(AfterExpiry),
        RefreshWhen::Unknown => quote!(Unknown),
    }
}

fn rotation(rotation: Rotation) -> TokenStream {
    let name = match rotation {
        Rotation::Never => quote!(Never),
        Rotation::Echo => quote!(Echo),
        Rotation::Always => quote!(Always),
        Rotation::Sometimes => quote!(Sometimes),
        Rotation::KeepsOld => quote!(KeepsOld),
        Rotation::Unknown => quote!(Unknown),
    };
    quote!(kit::facts::Rotation::#name)
}

fn spent(spent: Spent) -> TokenStream {
    match spent {
        Spent::Dead | Spent::Unknown => quote!(Dead),
        Spent::GoodFor(window) => {
            let window = duration(window);
            quote!(GoodFor(#window))
        }
        Spent::GoodUntil(successor) => {
            let successor = match successor {
                Successor::AccessTokenUsed => quote!(AccessTokenUsed),
                Successor::RefreshTokenUsed => quote!(RefreshTokenUsed),
                Successor::EitherUsed => quote!(EitherUsed),
            };
            quote!(GoodUntil(kit::facts::Successor::#successor))
        }
    }
}

fn reuse(reuse: Reuse) -> TokenStream {
    match reuse {
        Reuse::Refused => quote!(Refused),
        Reuse::ChainRevoked => quote!(ChainRevoked),
        Reuse::GrantRevoked => quote!(GrantRevoked),
        Reuse::Unknown => quote!(Unknown),
    }
}
