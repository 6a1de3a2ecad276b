//! One reading of each thing that both a contract and a client judge: base URLs, hosts, ports, paths, header values, the two
//! parts of HTTP Basic, cookies and headers of answers; and what of an answer may be shown.
//!
//! `rekindle-contract` uses it to say at check time what a client would refuse, and `rekindle-runtime` uses it to refuse it. A
//! second reading of the same thing in either of them is a bug: it makes contracts that pass `check` and then fail to build.
//!
//! All functions are pure, take text, and answer with what they read or with what is wrong. The words of a problem never quote
//! the text: it may be a secret.

#![forbid(unsafe_code)]

mod answer;
mod base_url;
mod bounded;
mod head;
mod host;
mod path;
mod text;
mod web_address;

pub use answer::{BodyKind, is_json, is_same_name, is_word, media_type, redirect_target};
pub use base_url::{BaseUrl, Scheme, UrlProblem};
pub use bounded::{directory, is_bounded_address, is_bounded_base_url};
pub use head::{Head, InHead};
pub use host::{Authority, HostProblem, host_label, is_loopback};
pub use path::{
    PathProblem, bad_escape, is_path_character, is_query_character, path, percent_encode, segment,
};
pub use text::{
    TextProblem, basic_password, basic_user, cookie_value, credential, header_value,
    is_cookie_character, is_header_character, parameter, xml_text,
};
pub use web_address::is_web_address;
