//! What a refresh spends: the credentials of the tests.

use super::super::names;
use super::scenario::Scenario;
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{Credential, RefreshWhen};

impl Scenario<'_> {
    /// The type of what a refresh spends.
    pub fn credential_type(&self) -> TokenStream {
        let (kind, _) = names::credential(self.contract);
        let module = &self.module;
        quote!(#module::#kind)
    }

    /// A credential with these texts.
    pub fn credential(&self, access: &TokenStream, refresh: &TokenStream) -> TokenStream {
        self.assembled(self.access_token(access), self.refresh_token(refresh))
    }

    /// The credential of the tests, its access token with this end.
    pub fn credential_ending(&self, expiry: &TokenStream) -> TokenStream {
        let access = self.access_token(&quote!(HELD_ACCESS_TOKEN));
        let refresh = self.refresh_token(&quote!(HELD_REFRESH_TOKEN));
        self.assembled(quote!(#access.with_expiry(#expiry)), refresh)
    }

    /// An access token with this text.
    pub fn access_token(&self, text: &TokenStream) -> TokenStream {
        let (module, kind) = (&self.module, names::type_ident(&self.contract.access.name));
        quote!(#module::#kind::new(#text))
    }

    /// A refresh token with this text.
    pub fn refresh_token(&self, text: &TokenStream) -> TokenStream {
        let (module, kind) = (&self.module, names::type_ident(self.refresh_name()));
        quote!(#module::#kind::new(#text))
    }

    /// What a refresh spends of these two tokens.
    pub fn assembled(&self, access: TokenStream, refresh: TokenStream) -> TokenStream {
        let module = &self.module;
        match self.contract.credential() {
            Credential::RefreshToken => refresh,
            Credential::AccessToken => access,
            Credential::Both => {
                let (access_field, refresh_field) =
                    (names::ident(&self.contract.access.name), names::ident(self.refresh_name()));
                quote!(#module::Credential { #access_field: #access, #refresh_field: #refresh })
            }
        }
    }

    fn refresh_name(&self) -> &str {
        let refresh = self.contract.refresh.as_ref();
        refresh.map_or("refresh_token", |refresh| &refresh.name)
    }

    /// The credential of the tests, at a moment at which the provider accepts it.
    pub fn usual_credential(&self) -> TokenStream {
        match self.contract.request.when {
            RefreshWhen::NearExpiry(_) | RefreshWhen::AfterExpiry => self
                .credential_ending(&quote!(Expiry::At(started_at() - Duration::from_secs(86_400)))),
            _ => self.credential(&quote!(HELD_ACCESS_TOKEN), &quote!(HELD_REFRESH_TOKEN)),
        }
    }

    /// The credential of the tests, its refresh token with this end.
    pub fn credential_kept_until(&self, expiry: &TokenStream) -> TokenStream {
        let module = &self.module;
        match (self.contract.credential(), &self.contract.refresh) {
            (Credential::Both, Some(refresh)) => {
                let (kind, field) = (names::type_ident(&refresh.name), names::ident(&refresh.name));
                quote!(#module::Credential {
                    #field: #module::#kind::new(HELD_REFRESH_TOKEN).with_expiry(#expiry),
                    ..credential()
                })
            }
            _ => quote!(credential().with_expiry(#expiry)),
        }
    }

    /// The credential with each of its texts in turn replaced by `text`.
    pub fn spoiled_credentials(&self, text: &TokenStream) -> Vec<TokenStream> {
        let (access, refresh) = (quote!(HELD_ACCESS_TOKEN), quote!(HELD_REFRESH_TOKEN));
        match self.contract.credential() {
            Credential::Both => {
                vec![self.credential(text, &refresh), self.credential(&access, text)]
            }
            Credential::RefreshToken | Credential::AccessToken => vec![self.credential(text, text)],
        }
    }

    /// The texts of a credential in the variable `credential`.
    pub fn held(&self) -> Vec<TokenStream> {
        let contract = self.contract;
        match (contract.credential(), &contract.refresh) {
            (Credential::Both, Some(refresh)) => {
                let (access, refresh) =
                    (names::ident(&contract.access.name), names::ident(&refresh.name));
                vec![quote!(credential.#access.expose()), quote!(credential.#refresh.expose())]
            }
            _ => vec![quote!(credential.expose())],
        }
    }
}
