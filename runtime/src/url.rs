//! Parts of URLs: where a provider is, and what a client may put into a path, a query or a host name.

use std::fmt;

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Error;
use crate::host;
use crate::request::uri;

/// Everything but what RFC 3986 §2.3 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a provider is: `https`, a host, perhaps a port and a path that all requests begin with.
///
/// There is no user, no query and no fragment in it, so it holds no secret and may be shown. It does not end with a slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Reads a base URL, which must be `https`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl).
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text, false)
    }

    /// Reads a base URL, which may be plain `http` if its host is this machine (`127.0.0.0/8`, `[::1]`, `localhost`): for
    /// tests and local mocks.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl).
    pub fn parse_allowing_loopback(text: &str) -> Result<Self, Error> {
        Self::read(text, true)
    }

    fn read(text: &str, loopback: bool) -> Result<Self, Error> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| Error::invalid_url("the base URL does not begin with https://"))?;
        let at = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(at);
        check_path(path)?;
        let host = host::of_authority(authority)?;
        let scheme = check_scheme(scheme, host, loopback)?;
        let authority = authority.to_ascii_lowercase();
        Ok(Self(format!("{scheme}://{authority}{}", path.trim_end_matches('/'))))
    }

    /// The URL of a request: the base and what follows it, a path that begins with a slash and perhaps a query.
    ///
    /// As `request::uri(format!("{base}{rest}"))`, without the allocations that `format!` spends on guessing the length.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl), which never quotes it.
    pub fn join(&self, rest: &str) -> Result<Uri, Error> {
        let mut text = String::with_capacity(self.0.len() + rest.len());
        text.push_str(&self.0);
        text.push_str(rest);
        uri(text)
    }

    /// The URL as text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check_scheme(scheme: &str, host: &str, loopback: bool) -> Result<&'static str, Error> {
    if scheme.eq_ignore_ascii_case("https") {
        return Ok("https");
    }
    if !scheme.eq_ignore_ascii_case("http") {
        return Err(Error::invalid_url("the base URL does not begin with https://"));
    }
    match (host::is_loopback(host), loopback) {
        (true, true) => Ok("http"),
        (true, false) => {
            Err(Error::invalid_url("the base URL is plain http, and loopback was not asked for"))
        }
        (false, _) => Err(Error::invalid_url("the base URL is plain http")),
    }
}

fn check_path(path: &str) -> Result<(), Error> {
    let problem = if path.contains('?') {
        "the base URL has a query"
    } else if path.contains('#') {
        "the base URL has a fragment"
    } else if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        "the base URL has a path with dots for segments"
    } else if path.bytes().all(is_path_byte) {
        return Ok(());
    } else {
        "the base URL has a path with characters that must be percent-encoded"
    };
    Err(Error::invalid_url(problem))
}

/// What may stand in a path (RFC 3986 §3.3).
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/".contains(&byte)
}

/// A text as one segment of a path: everything that RFC 3986 does not call unreserved is percent-encoded, so that it can
/// neither end the segment nor begin a query.
///
/// Check it with [`check_segment`] first.
pub fn path_segment(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Refuses what would not stay one segment of a path: nothing at all, `.` and `..`, which URL parsers resolve away even
/// when they are percent-encoded.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl).
pub fn check_segment(text: &str) -> Result<(), Error> {
    match text {
        "" => Err(Error::invalid_url("a segment of the path is empty")),
        "." | ".." => Err(Error::invalid_url("a segment of the path is made of dots")),
        _ => Ok(()),
    }
}

/// A text as a name or a value in a query, percent-encoded as in [`path_segment`].
pub fn query_value(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

pub use crate::host::{host_label, hostname};

#[cfg(test)]
#[path = "url_tests.rs"]
mod tests;
