//! The generated clients that sessions are tried with.

use rekindle_runtime::session::Renewable;
use std::collections::BTreeMap;

/// A generated client as a test makes it.
pub trait Integrator: Renewable {
    /// The path of its spec in the repository.
    const SPEC: &'static str;

    /// A client with these settings, whose provider is at `url`.
    fn client(url: &str, settings: &BTreeMap<String, String>) -> Self;

    /// The text of an access token.
    fn text(token: &Self::AccessToken) -> &str;
}

macro_rules! integrator {
    ($($module:ident)::+, $token:ident, $spec:literal, |$url:ident, $settings:ident| $builder:expr) => {
        impl Integrator for $($module)::+::Client {
            const SPEC: &'static str = $spec;

            fn client($url: &str, $settings: &BTreeMap<String, String>) -> Self {
                use $($module)::+::*;
                let _ = ($url, $settings);
                $builder
                    .base_url($url)
                    .allow_loopback_http()
                    .build()
                    .expect("the settings are complete")
            }

            fn text(token: &$($module)::+::$token) -> &str {
                token.expose()
            }
        }
    };
}

integrator!(rekindle_clients::xellar, WalletToken, "specs/xellar.yaml", |url, settings| {
    Client::builder(url).client_secret(settings["client_secret"].as_str())
});
integrator!(rekindle_clients::transak, AccessToken, "specs/transak.yaml", |url, settings| {
    Client::builder(Environment::Staging)
});
integrator!(rekindle_clients::seven_g, AccessToken, "specs/seven_g.yaml", |url, settings| {
    Client::builder(url)
});
integrator!(rekindle_clients::wetix, AccessToken, "specs/wetix.yaml", |url, settings| {
    Client::builder(Environment::Sandbox)
        .client_id(settings["client_id"].as_str())
        .client_secret(settings["client_secret"].as_str())
});
integrator!(rekindle_clients::blazex, AccessToken, "specs/blazex.yaml", |url, settings| {
    Client::builder(url)
});
integrator!(
    rekindle_language::atlassian,
    AccessToken,
    "tests/language/specs/atlassian.yaml",
    |url, settings| {
        Client::builder(Environment::Production)
            .client_id(settings["client_id"].as_str())
            .client_secret(settings["client_secret"].as_str())
    }
);
integrator!(
    rekindle_language::replay_window,
    AccessToken,
    "tests/language/specs/replay_window.yaml",
    |url, settings| {
        Client::builder(Environment::Production)
            .client_id(settings["client_id"].as_str())
            .client_secret(settings["client_secret"].as_str())
    }
);
integrator!(
    rekindle_language::first_use,
    AccessToken,
    "tests/language/specs/first_use.yaml",
    |url, settings| { Client::builder(Environment::Production) }
);
integrator!(
    rekindle_language::near_expiry,
    AccessToken,
    "tests/language/specs/near_expiry.yaml",
    |url, settings| {
        Client::builder(Environment::Production).client_id(settings["client_id"].as_str())
    }
);
integrator!(
    rekindle_language::after_expiry,
    AccessToken,
    "tests/language/specs/after_expiry.yaml",
    |url, settings| { Client::builder(url) }
);
