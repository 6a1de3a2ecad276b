//! What every generated client has in common, written once: tokens, client, exchange, and what becomes of what an exchange spends.
//!
//! A generated file holds what its spec alone knows. It declares its types in plain Rust, lets [`token!`](crate::token),
//! [`authorize!`](crate::authorize), [`pair!`](crate::pair), [`tokens!`](crate::tokens), [`client!`](crate::client) and [`mint!`](crate::mint) give them what all of their kind have, and
//! implements two traits: [`Contract`] says who and where the provider is and what it knows an integrator by, [`Operation`] says
//! what one exchange sends and how its answer is read.
//!
//! Architecture invariants: a request is made of a [`Checked`] credential alone, and only this module makes one. No token that may
//! be used once comes out of a value that can be cloned, except through [`Renew`], by which sessions take a grant out of a store
//! under their lease, and where its text is exposed.

mod carrier;
mod client;
mod contract;
mod credential;
mod exchange;
mod explain;
mod fallback;
mod like;
mod local;
mod mint;
pub mod output;
mod place;
#[cfg(feature = "random")]
mod random;
#[cfg(feature = "signing")]
mod signing;
mod taken;
mod token;
mod values;

pub use carrier::{Carrier, cookie};
pub use client::{ServedBy, Started};
#[doc(hidden)]
pub use client::{keep, restore, serve};
pub use contract::{
    Answer, Checked, Contract, Given, NextBaseUrl, Operation, Parts, RefreshOf, Replacement, Setup,
    TokensOf,
};
#[doc(hidden)]
pub use credential::keep_credential;
pub use credential::{Anew, Credential, Nothing};
pub use exchange::{Exchange, Finished, SPENDING};
#[doc(hidden)]
pub use fallback::start_boxed_mint;
pub use fallback::{Fallback, Mint};
pub use like::Like;
pub use local::{Local, Making, NoExchange, Signer};
#[doc(hidden)]
pub use local::{keep_local, no_request, serve_local};
pub use mint::{MintProgress, Minting};
pub use output::Outputs;
pub use place::{Endpoint, Place, Undocumented};
#[cfg(feature = "signing")]
pub use signing::{Algorithm, Jwt, SigningKey, token_url};
pub use taken::Taken;
pub use token::{Held, SentAs, Token, attach, attach_once, copy, ending, issued};
#[cfg(any(feature = "hashes", feature = "signing"))]
pub use values::KeyEncoding;
pub use values::{
    base64, base64url, date, date_time, hex, http_date, joined, later, rfc3339, unix_milliseconds,
    unix_seconds,
};
#[cfg(feature = "hashes")]
pub use values::{hmac_sha256, sha256};

/// What can fail, with an [`Error`] where nothing else is said.
pub type Result<T, E = Error> = std::result::Result<T, E>;

pub use crate::body::{Format, scope, token_type, usual_token_type};
pub use crate::expiry::OwnEnd;
pub use crate::facts::TokenFacts;
pub use crate::json::Literal;
pub use crate::parameter::{one_of, text};
pub use crate::provider::MintStarted;
pub use crate::request::{
    authorize_basic as basic, authorize_basic_as as basic_as, authorize_basic_raw as basic_raw,
    authorize_basic_raw_as as basic_raw_as, check_basic_raw, check_xml, constant, extend_uri,
    form_body, go_to, header, json_body, json_member_if_given, json_separator, json_string, method,
    xml_body, xml_text,
};
#[doc(hidden)]
pub use crate::retry_after::{wait_in_milliseconds, wait_in_seconds};
pub use crate::{
    Authorize, BlockingTransport, Body, Deviation, Error, Expiry, Facts, Form, Provider,
    RefreshError, Renew, Secret, SignIn, SingleUse, Transport, TransportError, Verdict, expiry,
    facts, url,
};
pub use crate::{authorize, client, local, mint, outputs, pair, token, tokens};
pub use http::{HeaderMap, Method, Request};
pub use rekindle_syntax::Head;
pub use std::time::{Duration, SystemTime};
#[doc(hidden)]
pub use std::{convert::Into, default::Default, option::Option, string::String, vec::Vec};
