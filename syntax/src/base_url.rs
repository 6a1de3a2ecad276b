//! Base URLs: scheme, host, perhaps a port and a path that all requests begin with.

use crate::host::{Authority, HostProblem, is_loopback};
use crate::path::{PathProblem, path};
use std::fmt;

/// What is wrong with a base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UrlProblem {
    /// It does not begin with a scheme and `://`.
    NoScheme,
    /// The scheme is neither `https` nor `http`.
    OtherScheme,
    /// It is plain `http`, and its host is not this machine.
    PlainHttp,
    /// What stands between the scheme and the path.
    Host(HostProblem),
    /// What stands behind the host.
    Path(PathProblem),
}

/// The scheme of a base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `https`
    Https,
    /// `http`, to this machine.
    HttpToLoopback,
}

/// A base URL, read. There is no user, no query and no fragment in it, so it holds no secret and may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaseUrl<'a> {
    /// Its scheme.
    pub scheme: Scheme,
    /// The host and the port, as written.
    pub authority: &'a str,
    /// The same, read.
    pub host: Authority<'a>,
    /// The path as written, perhaps with slashes at its end; it may be empty.
    pub path: &'a str,
}

impl<'a> BaseUrl<'a> {
    /// Reads a base URL.
    pub fn read(text: &'a str) -> Result<Self, UrlProblem> {
        let (scheme, rest) = text.split_once("://").ok_or(UrlProblem::NoScheme)?;
        let at = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(at);
        let host = Authority::read(authority).map_err(UrlProblem::Host)?;
        path(rest).map_err(UrlProblem::Path)?;
        let scheme = if scheme.eq_ignore_ascii_case("https") {
            Scheme::Https
        } else if !scheme.eq_ignore_ascii_case("http") {
            return Err(UrlProblem::OtherScheme);
        } else if is_loopback(host.host) {
            Scheme::HttpToLoopback
        } else {
            return Err(UrlProblem::PlainHttp);
        };
        Ok(Self { scheme, authority, host, path: rest })
    }
}

/// The normal form: scheme and host in lower case, no slash at the end.
impl fmt::Display for BaseUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.scheme {
            Scheme::Https => "https://",
            Scheme::HttpToLoopback => "http://",
        })?;
        f.write_str(&self.authority.to_ascii_lowercase())?;
        f.write_str(self.path.trim_end_matches('/'))
    }
}

impl UrlProblem {
    /// What is wrong, as a sentence about a base URL that does not quote it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoScheme | Self::OtherScheme => "the base URL does not begin with https://",
            Self::PlainHttp => "the base URL is plain http",
            Self::Host(HostProblem::User) => "the base URL has a user in it",
            Self::Host(HostProblem::NoHost) => "the base URL has no host",
            Self::Host(HostProblem::Port) => {
                "the base URL has a port that is not a number from 1 to 65535"
            }
            Self::Host(problem @ (HostProblem::Host | HostProblem::Label)) => problem.words(),
            Self::Path(PathProblem::Query) => "the base URL has a query",
            Self::Path(PathProblem::Fragment) => "the base URL has a fragment",
            Self::Path(PathProblem::Dots) => "the base URL has a path with dots for segments",
            Self::Path(PathProblem::Character(_) | PathProblem::Escape | PathProblem::Empty) => {
                "the base URL has a path with characters that must be percent-encoded"
            }
        }
    }
}

impl fmt::Display for UrlProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normal(text: &str) -> Result<String, UrlProblem> {
        BaseUrl::read(text).map(|url| url.to_string())
    }

    #[test]
    fn a_base_url_has_a_normal_form() {
        for (text, expected) in [
            ("https://example.com", "https://example.com"),
            ("https://example.com/", "https://example.com"),
            ("HTTPS://Example.COM:8443/Tenant/a%20b//", "https://example.com:8443/Tenant/a%20b"),
            ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(normal(text).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn each_problem_is_told_by_its_name() {
        for (text, problem) in [
            ("example.com", UrlProblem::NoScheme),
            ("", UrlProblem::NoScheme),
            ("ftp://example.com", UrlProblem::OtherScheme),
            ("http://example.com", UrlProblem::PlainHttp),
            ("http://localhost.example", UrlProblem::PlainHttp),
            ("https://", UrlProblem::Host(HostProblem::NoHost)),
            ("https:///a", UrlProblem::Host(HostProblem::NoHost)),
            ("https://a@b", UrlProblem::Host(HostProblem::User)),
            ("https://a.example:0", UrlProblem::Host(HostProblem::Port)),
            ("https://1.2.3", UrlProblem::Host(HostProblem::Host)),
            ("https://a.example/?b", UrlProblem::Path(PathProblem::Query)),
            ("https://a.example\\@b", UrlProblem::Path(PathProblem::Character('\\'))),
        ] {
            assert_eq!(normal(text), Err(problem), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(text in "(https?|HTTPS)://[a-zA-Z0-9.:\\[\\]@/%?#-]{0,30}") {
            if let Ok(first) = normal(&text) {
                prop_assert_eq!(normal(&first), Ok(first.clone()));
            }
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = normal(&text);
            let _ = normal(&format!("https://{text}"));
        }
    }
}
