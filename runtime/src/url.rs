//! Parts of URLs: where a provider is, and what a client may put into a path, a query or a host name.

use std::fmt;

use http::Uri;
pub use rekindle_syntax::directory;
use rekindle_syntax::{Authority, HostProblem, PathProblem, Scheme, UrlProblem};

use crate::error::Error;
use crate::request::uri;

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
        let url = rekindle_syntax::BaseUrl::read(text).map_err(UrlProblem::words);
        let url = url.map_err(Error::invalid_url)?;
        if url.scheme == Scheme::HttpToLoopback && !loopback {
            let problem = "the base URL is plain http, and loopback was not asked for";
            return Err(Error::invalid_url(problem));
        }
        Ok(Self(url.to_string()))
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

/// The URL of a request that an integrator brings whole: `https`, or plain `http` to this machine where `loopback` says so; without a
/// user and a fragment. What it ends with, a slash or a query, is kept; beside it stands what is before its query.
pub(crate) fn whole(text: &str, loopback: bool) -> Result<(Uri, BaseUrl), Error> {
    if text.contains('#') {
        return Err(Error::invalid_url("the URL has a fragment"));
    }
    let before_query = text.split('?').next().unwrap_or_default();
    let base = BaseUrl::read(before_query, loopback)?;
    Ok((uri(text.to_owned())?, base))
}

/// A text as one segment of a path: everything that RFC 3986 does not call unreserved is percent-encoded, so that it can
/// neither end the segment nor begin a query.
///
/// Check it with [`check_segment`] first.
pub fn path_segment(text: &str) -> String {
    rekindle_syntax::percent_encode(text)
}

/// Refuses what would not stay one segment of a path: nothing at all, `.` and `..`, which URL parsers resolve away even
/// when they are percent-encoded.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl).
pub fn check_segment(text: &str) -> Result<(), Error> {
    rekindle_syntax::segment(text).map_err(|problem| {
        Error::invalid_url(match problem {
            PathProblem::Dots => "a segment of the path is made of dots",
            _ => "a segment of the path is empty",
        })
    })
}

/// A text as a name or a value in a query, percent-encoded as in [`path_segment`].
pub fn query_value(text: &str) -> String {
    rekindle_syntax::percent_encode(text)
}

/// Adds a parameter to the query of a path where there is a value for it.
pub fn add_parameter(path: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        add_key(path, name);
        path.push('=');
        path.push_str(&query_value(value));
    }
}

/// Adds a parameter to the query of a path that stands there without a `=`.
pub fn add_key(path: &mut String, name: &str) {
    path.push(if path.contains('?') { '&' } else { '?' });
    path.push_str(&query_value(name));
}

/// One label of a host name (the `acme` of `acme.example.com`): letters, digits and inner hyphens.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl).
pub fn host_label(text: &str) -> Result<&str, Error> {
    match rekindle_syntax::host_label(text) {
        Ok(()) => Ok(text),
        Err(problem) => Err(Error::invalid_url(problem.words())),
    }
}

/// A whole host, a name or an address, with a port if need be; without scheme or path. A name with other letters than ASCII is
/// written in its `xn--` form.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl).
pub fn hostname(text: &str) -> Result<&str, Error> {
    match Authority::read(text) {
        Ok(_) => Ok(text),
        Err(HostProblem::Port) => {
            Err(Error::invalid_url("the port is not a number from 1 to 65535"))
        }
        Err(_) => Err(Error::invalid_url("the host name is not valid")),
    }
}

#[cfg(test)]
#[path = "url_tests.rs"]
mod tests;
