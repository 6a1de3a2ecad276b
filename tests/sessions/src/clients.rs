//! The generated clients that sessions are tried with.

use rekindle_runtime::Place;
use rekindle_runtime::session::Renewable;
use std::collections::BTreeMap;

/// A generated client as a test makes it.
pub trait Integrator: Renewable {
    /// The path of its spec in the repository.
    const SPEC: &'static str;

    /// A client with these settings, whose provider is at `url`.
    fn client(url: &str, settings: &BTreeMap<String, String>) -> Self;

    /// The text of an access token; one that may be used once is taken by that.
    fn text(token: &Self::AccessToken) -> String;
}

macro_rules! integrator {
    ($($module:ident)::+, $served:ident, $spec:literal, [$($setting:ident),*]) => {
        impl Integrator for $($module)::+::Client {
            const SPEC: &'static str = $spec;

            fn client(url: &str, settings: &BTreeMap<String, String>) -> Self {
                use $($module)::+::*;
                let text = |name: &str| settings[name].as_str();
                let _ = text;
                integrator!(@new Place::loopback(url), [$($setting: text(stringify!($setting)).into()),*])
                    .expect("the settings are complete")
            }

            fn text(token: &Self::AccessToken) -> String {
                integrator!(@$served token)
            }
        }
    };
    (@new $place:expr, []) => { Client::new($place) };
    (@new $place:expr, [$($settings:tt)+]) => { Client::new($place, Settings { $($settings)+ }) };
    (@many $token:ident) => { $token.expose().to_owned() };
    (@once $token:ident) => { $token.take().expect("it was not taken").expose().to_owned() };
}

integrator!(rekindle_clients::xellar, once, "specs/xellar.yaml", [client_secret]);
integrator!(rekindle_clients::transak, many, "specs/transak.yaml", []);
integrator!(rekindle_clients::seven_g, many, "specs/seven_g.yaml", []);
integrator!(rekindle_clients::wetix, many, "specs/wetix.yaml", [client_id, client_secret]);
integrator!(rekindle_clients::blazex, many, "specs/blazex.yaml", []);
integrator!(
    rekindle_language::atlassian,
    many,
    "tests/language/specs/atlassian.yaml",
    [client_id, client_secret]
);
integrator!(
    rekindle_language::replay_window,
    many,
    "tests/language/specs/replay_window.yaml",
    [client_id, client_secret]
);
integrator!(
    rekindle_language::error_words,
    many,
    "tests/language/specs/error_words.yaml",
    [app_id, app_secret]
);
integrator!(
    rekindle_language::either_or,
    many,
    "tests/language/specs/either_or.yaml",
    [client_id, client_secret]
);
integrator!(rekindle_language::first_use, many, "tests/language/specs/first_use.yaml", []);
integrator!(
    rekindle_language::near_expiry,
    many,
    "tests/language/specs/near_expiry.yaml",
    [client_id]
);
integrator!(
    rekindle_language::paced,
    many,
    "tests/language/specs/paced.yaml",
    [client_id, client_secret]
);
integrator!(
    rekindle_language::limited,
    many,
    "tests/language/specs/limited.yaml",
    [client_id, client_secret]
);
integrator!(rekindle_language::keep_alive, many, "tests/language/specs/keep_alive.yaml", []);
integrator!(rekindle_language::prolonged, many, "tests/language/specs/prolonged.yaml", []);
integrator!(rekindle_language::outputs, many, "tests/language/specs/outputs.yaml", []);
integrator!(
    rekindle_language::next_base_url,
    many,
    "tests/language/specs/next_base_url.yaml",
    [client_id]
);
integrator!(rekindle_language::steps, many, "tests/language/specs/steps.yaml", [app, key]);
integrator!(
    rekindle_language::steps_spending,
    many,
    "tests/language/specs/steps_spending.yaml",
    [app, key]
);
integrator!(rekindle_language::steps_behind, many, "tests/language/specs/steps_behind.yaml", [app]);
integrator!(
    rekindle_language::since_sign_in,
    many,
    "tests/language/specs/since_sign_in.yaml",
    [client_id, client_secret]
);
integrator!(rekindle_language::after_expiry, once, "tests/language/specs/after_expiry.yaml", []);
integrator!(
    rekindle_language::machine,
    many,
    "tests/language/specs/machine.yaml",
    [client_id, client_secret]
);
integrator!(
    rekindle_language::stored_login,
    many,
    "tests/language/specs/stored_login.yaml",
    [username, password]
);
integrator!(
    rekindle_language::fallback,
    many,
    "tests/language/specs/fallback.yaml",
    [app, account, password]
);
integrator!(
    rekindle_language::fallback_steps,
    many,
    "tests/language/specs/fallback_steps.yaml",
    [device, login, password]
);
integrator!(
    rekindle_language::fallback_renewing,
    many,
    "tests/language/specs/fallback_renewing.yaml",
    [email, secret]
);
integrator!(
    rekindle_language::bearer_assertion,
    many,
    "tests/language/specs/bearer_assertion.yaml",
    [signed]
);
