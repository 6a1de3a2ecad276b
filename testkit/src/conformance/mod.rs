//! Does a client keep its contract? Every check, as a function; a generated test file names those that its contract gives
//! something to do.
//!
//! What is expected comes from the contract and its documented examples, by this crate's own reading. The client is looked at
//! through a [`Harness`], which says how it is made and nothing of what it should do.

mod answer;
mod behind_steps;
mod bench;
#[cfg(feature = "sockets")]
mod carrier;
mod encode;
mod errors;
mod expiry;
mod expiry_rows;
mod generated;
mod harness;
mod head;
mod kept;
mod local;
mod made;
mod naming;
mod optional;
mod outputs;
mod places;
mod request;
mod rotation;
mod secrets;
mod sequences;
#[cfg(feature = "sockets")]
mod sockets;
mod steps;
mod subject;
mod unchanged;
mod values;
mod wire;
pub mod words;

pub use behind_steps::{Under, behind, last_request};
pub use bench::Bench;
pub use harness::{
    Brought, Credential, Environment, Given, Harness, NoRefreshToken, Options, Settings, Tokens,
};

/// The checks, by the names of their tests.
pub mod checks {
    pub use super::answer::{
        access_token_missing, body_is_the_token, body_too_large, body_unreadable, form_decoded,
        members_unknown, scope, success_as_declared, success_field, success_status, token_type,
        xml_decoded,
    };
    pub use super::errors::{
        access_token_refused, error_code_in_5xx, error_defaults, error_map, error_map_total,
        redirect, replay_window, retry_after, retry_after_in_body, transport_failure,
    };
    pub use super::expiry::{
        access_expiry, access_expiry_absent, access_expiry_implausible, expiry_from_start,
        held_expiry, refresh_expiry, refresh_expiry_absent, refresh_expiry_implausible,
    };
    pub use super::generated::{generated_values, signing_key};
    pub use super::head::answer_head;
    pub use super::kept::{grant_incomplete, grant_kept, token_facts, token_kept, token_uses};
    pub use super::local::{local_token, local_token_kept};
    pub use super::naming::{
        errors_name_the_provider, errors_name_the_setting, errors_name_the_value,
    };
    pub use super::optional::optional_facts;
    pub use super::outputs::{next_base_url, outputs};
    pub use super::places::alternative_places;
    pub use super::request::{
        base_url, environment_urls, parameter_default, parameter_host, parameter_one_of,
        parameter_optional, parameter_path, refresh_token_any_length, refresh_token_too_long,
        refresh_window, request_as_declared, request_empty, request_secrets_in_place,
        request_special_characters, request_splitting,
    };
    pub use super::rotation::{
        minted_refresh_token, refresh_token_kept, refresh_token_replaced, refresh_token_salvaged,
        refresh_token_wrong_type,
    };
    pub use super::secrets::{access_token_sent_as, secrets_not_printed};
    #[cfg(feature = "sockets")]
    pub use super::sockets::{socket_hyper, socket_reqwest, socket_ureq};
    pub use super::steps::{
        step_addresses, step_answers, step_values, steps_as_declared, steps_at_a_provider,
    };
    pub use super::unchanged::access_token_kept;
}

/// Makes a test of each check that is named: `checks!(Harness; request_as_declared, error_map)`. `rekindle explain` has a page about
/// each, by its name with hyphens.
#[macro_export]
macro_rules! checks {
    ($harness:ident; $($check:ident),* $(,)?) => {
        $(
            #[test]
            fn $check() {
                $crate::conformance::check::<$harness>($crate::conformance::checks::$check);
            }
        )*
    };
}

/// Makes a test of each sequence that is named, at a fake provider that keeps the contract: `sequences!(Harness, in_memory;
/// sequence_two_refreshes)`, or `everywhere;` for one without sockets and then through each transport.
#[macro_export]
macro_rules! sequences {
    ($harness:ident, $place:ident; $($sequence:ident),* $(,)?) => {
        /// What happens over time and under fault.
        mod sequences {
            $(
                #[test]
                fn $sequence() {
                    $crate::conformance::$place::<super::$harness>(stringify!($sequence));
                }
            )*
        }
    };
}

/// The same as [`checks!`](crate::checks), of what brings tokens where a refresh cannot.
#[macro_export]
macro_rules! mint_checks {
    ($harness:ident; $($check:ident),* $(,)?) => {
        $(
            #[test]
            fn $check() {
                $crate::conformance::check_mint::<$harness>($crate::conformance::checks::$check);
            }
        )*
    };
}

/// Includes the conformance tests that a build script made with `rekindle::Config::conformance`, of the clients that stand in this crate or
/// module:
///
/// ```ignore
/// // tests/conformance.rs: the library `hello` includes the clients
/// rekindle_testkit::include_conformance!(hello);
/// ```
///
/// Beside the clients themselves it is `#[cfg(test)] mod conformance { rekindle_testkit::include_conformance!(crate); }`. Where
/// `Config::out_dir` names a folder, that is said here as well, relative to the package: `include_conformance!(hello, "src/clients")`.
#[macro_export]
macro_rules! include_conformance {
    ($($clients:ident)::+) => {
        use $($clients)::+ as clients_under_test;
        include!(concat!(env!("OUT_DIR"), "/rekindle_conformance.rs"));
    };
    ($($clients:ident)::+, $folder:literal) => {
        use $($clients)::+ as clients_under_test;
        include!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $folder, "/rekindle_conformance.rs"));
    };
}

/// Runs a check on the client of a harness.
///
/// # Panics
/// When the check fails.
pub fn check<H: Harness>(check: fn(&Bench<'_>)) {
    check(&Bench::new(&subject::subject::<H>()));
}

/// Runs a check on what brings the client of a harness tokens where a refresh cannot.
///
/// # Panics
/// When the check fails.
pub fn check_mint<H: Harness>(check: fn(&Bench<'_>)) {
    check(&Bench::new(&subject::minting::<H>()));
}

/// Takes a sequence of the contract with the client of a harness, without sockets.
///
/// # Panics
/// At the first step that does not end as it says.
pub fn in_memory<H: Harness>(name: &str) {
    sequences::in_memory(&Bench::new(&subject::subject::<H>()), name);
}

/// Takes a sequence without sockets, and through each transport of the runtime.
///
/// # Panics
/// At the first step that does not end as it says.
#[cfg(feature = "sockets")]
pub fn everywhere<H: Harness>(name: &str) {
    sequences::everywhere(&Bench::new(&subject::subject::<H>()), name);
}

/// Takes a sequence of what brings tokens where a refresh cannot, without sockets.
///
/// # Panics
/// At the first step that does not end as it says.
pub fn mint_in_memory<H: Harness>(name: &str) {
    sequences::in_memory(&Bench::new(&subject::minting::<H>()), name);
}

/// The same, and through each transport of the runtime.
///
/// # Panics
/// At the first step that does not end as it says.
#[cfg(feature = "sockets")]
pub fn mint_everywhere<H: Harness>(name: &str) {
    sequences::everywhere(&Bench::new(&subject::minting::<H>()), name);
}
