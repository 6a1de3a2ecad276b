//! Values that the client makes, where they follow from what is given.

use crate::contract::{TextEncoding, TimeFormat};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;

/// An instant in a format.
pub(super) fn time(format: TimeFormat, at: Timestamp) -> String {
    match format {
        TimeFormat::UnixSeconds => at.as_second().to_string(),
        TimeFormat::UnixMilliseconds => at.as_millisecond().to_string(),
        TimeFormat::Rfc3339 => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        TimeFormat::HttpDate => at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
    }
}

/// Bytes as text.
pub(super) fn encode(bytes: &[u8], written: TextEncoding) -> String {
    match written {
        TextEncoding::Hex => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        TextEncoding::Base64 => STANDARD.encode(bytes),
        TextEncoding::Base64Url => URL_SAFE_NO_PAD.encode(bytes),
    }
}
