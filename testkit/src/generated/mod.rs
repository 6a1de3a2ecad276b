//! Values that a client makes for each request: made here for the reference client, and judged for the fake provider and for the
//! conformance checks. Neither uses what generated clients stand on.

mod judge;
mod jwt;
mod key;
mod make;

pub(crate) use judge::{Fault, Judged, has_form, is_judged, judge, read_off};
pub(crate) use jwt::{judge_token, make_token};
pub(crate) use make::make;

use jiff::SignedDuration;
use rekindle_contract::contract::{Slot, Template, TextEncoding};
use std::collections::BTreeMap;

/// How far the clocks of a client and a provider may be apart.
const LEEWAY: SignedDuration = SignedDuration::from_mins(5);

/// What fills the places of values.
pub(crate) struct Filling<'a> {
    /// The values of the client, those of its defaults included. One that is optional and not there was not given.
    pub(crate) client: &'a BTreeMap<String, String>,
    /// The URL of the request without its query.
    pub(crate) token_url: String,
    /// The access token, where the request holds one.
    pub(crate) access: Option<String>,
    /// The refresh token, where the request holds one.
    pub(crate) refresh: Option<String>,
    /// The values that are known so far.
    pub(crate) values: BTreeMap<String, String>,
    /// Whether a token may lack a claim that is an optional parameter although there is a value: who judges does not know whether it
    /// was given.
    pub(crate) may_lack: bool,
}

impl Filling<'_> {
    /// The text of a template; `None` where something in it is not known.
    fn text(&self, template: &Template) -> Option<String> {
        let mut unknown = false;
        let text = template.render(|slot| {
            let value = match slot {
                Slot::AccessToken => self.access.as_ref(),
                Slot::RefreshToken => self.refresh.as_ref(),
                Slot::Client(name) => self.client.get(name),
                Slot::Value(name) | Slot::Taken(name) => self.values.get(name),
                Slot::TokenUrl => Some(&self.token_url),
            };
            unknown |= value.is_none();
            value.cloned().unwrap_or_default()
        });
        (!unknown).then_some(text)
    }
}

/// Bytes in an encoding.
fn encode(bytes: &[u8], written: TextEncoding) -> String {
    use base64::Engine;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    match written {
        TextEncoding::Hex => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        TextEncoding::Base64 => BASE64_STANDARD.encode(bytes),
        TextEncoding::Base64Url => BASE64_URL_SAFE_NO_PAD.encode(bytes),
    }
}

/// The bytes that a text in an encoding holds.
fn decode(text: &str, written: TextEncoding) -> Option<Vec<u8>> {
    use base64::Engine;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    match written {
        TextEncoding::Hex => {
            let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
            let byte = |pair: &[u32]| match pair {
                [high, low] => u8::try_from(high << 4 | low).ok(),
                _ => None,
            };
            digits?.chunks(2).map(byte).collect()
        }
        TextEncoding::Base64 => BASE64_STANDARD.decode(text).ok(),
        TextEncoding::Base64Url => BASE64_URL_SAFE_NO_PAD.decode(text).ok(),
    }
}
