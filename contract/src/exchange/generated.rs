//! Values that the client makes, where they follow from what is given.

use crate::contract::{TextEncoding, TimeFormat};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use std::time::Duration;

/// An instant in a format, so long after `at`.
pub(super) fn time(format: TimeFormat, plus: Duration, at: Timestamp) -> String {
    let at = at.saturating_add(plus).unwrap_or(at);
    match format {
        TimeFormat::UnixSeconds => at.as_second().to_string(),
        TimeFormat::UnixMilliseconds => at.as_millisecond().to_string(),
        TimeFormat::Rfc3339 => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        TimeFormat::HttpDate => at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        TimeFormat::DateTime => at.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        TimeFormat::Date => at.strftime("%Y-%m-%d").to_string(),
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
