//! What is the same in all generated clients of `specs/`.

use rekindle_runtime::Renew;
use rekindle_runtime::kit::Place;
use rekindle_runtime::session::Renewable;

use crate::Error;
use crate::clients::{form, nested, ok_field, plain, soft_error};

/// A client that was generated from `specs/`.
pub trait Contract: Renewable {
    /// A client of the server at this address.
    fn at(url: &str) -> Result<Self, Error>
    where
        Self: Sized;

    /// What a request would carry.
    fn text(token: &<Self as Renew>::AccessToken) -> &str;
}

macro_rules! contracts {
    ($($provider:ident),+) => {$(
        impl Contract for $provider::Client {
            fn at(url: &str) -> Result<Self, Error> {
                let settings = $provider::Settings {
                    client_id: "s6BhdRkqt3".into(),
                    client_secret: "7Fjfp0ZBr1KtDRbnfVdmIw".into(),
                };
                Ok(Self::new(Place::loopback(url), settings)?)
            }

            #[inline]
            fn text(token: &$provider::AccessToken) -> &str {
                token.expose()
            }
        }
    )+};
}

contracts!(form, nested, ok_field, plain, soft_error);
