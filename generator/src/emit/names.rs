//! Rust names for the things of a contract.

use proc_macro2::{Ident, Span};
use rekindle_contract::contract::{Contract, Credential};

/// An identifier. Contracts hold only checked names; a keyword that slips through becomes a raw identifier.
pub fn ident(name: &str) -> Ident {
    syn::parse_str::<Ident>(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

/// `wallet_token` → `WalletToken`.
pub fn pascal(name: &str) -> String {
    name.split('_')
        .filter(|word| !word.is_empty())
        .map(|word| {
            let (head, tail) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
            head.to_uppercase() + tail
        })
        .collect()
}

/// `wallet_token` → `wallet token`: how sentences name it.
pub fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// The type of a token or of an environment.
pub fn type_ident(name: &str) -> Ident {
    ident(&pascal(name))
}

/// The type of what an exchange spends; `None` where that is nothing.
pub fn credential(contract: &Contract) -> Option<Ident> {
    match (contract.credential(), &contract.refresh) {
        (Credential::Nothing, _) => None,
        (Credential::RefreshToken, Some(refresh)) => Some(type_ident(&refresh.name)),
        (Credential::Both, Some(_)) => Some(ident("Credential")),
        _ => Some(type_ident(&contract.access.name)),
    }
}

/// The field of a token in what an exchange spends; `None` where that is the token itself.
pub fn held(contract: &Contract, token: &str) -> Option<Ident> {
    (contract.credential() == Credential::Both).then(|| ident(token))
}
