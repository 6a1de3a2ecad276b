//! Hosts: names, addresses, ports, and which of them are this machine.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest host name, in bytes (RFC 1035 section 2.3.4).
const MAX_NAME: usize = 253;
/// The longest label of a host name, in bytes.
const MAX_LABEL: usize = 63;

/// What is wrong with a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostProblem {
    /// There is a user, and perhaps a password, before the host.
    User,
    /// There is no host.
    NoHost,
    /// The port is not a number from 1 to 65535.
    Port,
    /// It is neither a name nor an address.
    Host,
    /// It is not one label of a name.
    Label,
}

impl HostProblem {
    /// What is wrong, without a subject for the first three: `has no host`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::User => "has a user in it",
            Self::NoHost => "has no host",
            Self::Port => "has a port that is not a number from 1 to 65535",
            Self::Host => "the host name is not valid",
            Self::Label => "a part of the host name is not letters, digits and inner hyphens",
        }
    }
}

impl fmt::Display for HostProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// A host, with a port if need be: `auth.example.com`, `127.0.0.1:8080`, `[::1]:8443`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authority<'a> {
    /// The name or the address; one of IPv6 in its brackets.
    pub host: &'a str,
    /// The port, if there is one.
    pub port: Option<u16>,
}

impl<'a> Authority<'a> {
    /// Reads `host`, `host:port`, `[v6]` or `[v6]:port`. A name with other letters than ASCII is written in its `xn--` form.
    pub fn read(text: &'a str) -> Result<Self, HostProblem> {
        if text.contains('@') {
            return Err(HostProblem::User);
        }
        // The colons inside brackets are the address's own.
        let from = text.rfind(']').unwrap_or(0);
        let (host, port) = match text[from..].split_once(':') {
            Some((before, port)) => (&text[..from + before.len()], Some(port)),
            None => (text, None),
        };
        if host.is_empty() {
            return Err(HostProblem::NoHost);
        }
        let port = port.map(|port| read_port(port).ok_or(HostProblem::Port)).transpose()?;
        if is_name(host) || v6(host).is_some() {
            Ok(Self { host, port })
        } else {
            Err(HostProblem::Host)
        }
    }
}

/// Digits alone: a number may have a sign, a port may not.
fn read_port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port > 0)
}

/// Refuses what is not one label of a host name (the `acme` of `acme.example.com`): letters, digits and inner hyphens.
pub fn host_label(text: &str) -> Result<(), HostProblem> {
    if is_label(text) { Ok(()) } else { Err(HostProblem::Label) }
}

fn is_label(text: &str) -> bool {
    (1..=MAX_LABEL).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// A name, or an address of IPv4.
fn is_name(text: &str) -> bool {
    if text.len() > MAX_NAME || !text.split('.').all(is_label) {
        return false;
    }
    // What ends in a number is an IPv4 address, and then a whole one: some resolvers read 127.1 or 2130706433 as one.
    let last = text.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"));
    let numeric = hexadecimal || last.bytes().all(|byte| byte.is_ascii_digit());
    !numeric || text.parse::<Ipv4Addr>().is_ok()
}

/// The address in `[::1]`.
fn v6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Whether a host, as a URL writes it, is this machine: `localhost`, `127.0.0.0/8`, `[::1]`.
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || v6(host).is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        for text in ["a", "acme-1", "A", "1", "xn--bcher-kva", &"a".repeat(63)] {
            assert_eq!(host_label(text), Ok(()), "{text}");
        }
        for text in ["", "-a", "a-", "a.b", "a_b", "ü", "a/b", "a@b", "a:1", &"a".repeat(64)] {
            assert_eq!(host_label(text), Err(HostProblem::Label), "{text}");
        }
    }

    #[test]
    fn hosts_are_names_or_addresses() {
        let longest = format!("{}.a", ["a"; 126].join("."));
        let fine = [
            "acme.example.com",
            "localhost",
            "127.0.0.1",
            "1password.example",
            "[::1]",
            "[2001:DB8::]",
            "[::ffff:1.2.3.4]",
            "xn--bcher-kva.example",
            &longest,
        ];
        for host in fine {
            assert_eq!(Authority::read(host), Ok(Authority { host, port: None }), "{host}");
            let text = format!("{host}:8443");
            assert_eq!(Authority::read(&text), Ok(Authority { host, port: Some(8443) }), "{text}");
        }
        let long_label = format!("{}.example", "a".repeat(64));
        let too_long = format!("{longest}b");
        let refused = [
            ".",
            "a.",
            ".a",
            "a..b",
            "a b",
            "256.1.1.1",
            "999.1.1.1",
            "1.2.3",
            "1.2.3.4.5",
            "127.1",
            "2130706433",
            "0x7f.1",
            "1.2.3.0xf",
            "1.2.3.04",
            "a_b.example",
            "bücher.example",
            "-a.example",
            "a-.example",
            "[::x::]",
            "[::1%25eth0]",
            "[::1%eth0]",
            "[::g]",
            "[]",
            "::1]",
            "[v1.a]",
            "[1.2.3.4]",
            "[::1]x",
            "a[::1]",
            "[[::1]]",
            &long_label,
            &too_long,
        ];
        for text in refused {
            assert_eq!(Authority::read(text), Err(HostProblem::Host), "{text}");
        }
    }

    #[test]
    fn ports_are_numbers() {
        for port in ["", "0", "+80", "-1", "65536", "8o", " 80", "80 ", "1:2", "٣"] {
            let text = format!("a.example:{port}");
            assert_eq!(Authority::read(&text), Err(HostProblem::Port), "{text}");
        }
        assert_eq!(Authority::read("a.example:65535").map(|read| read.port), Ok(Some(65535)));
        assert_eq!(Authority::read("u@a.example"), Err(HostProblem::User));
        assert_eq!(Authority::read("u:p@a.example:1"), Err(HostProblem::User));
        assert_eq!(Authority::read(""), Err(HostProblem::NoHost));
        assert_eq!(Authority::read(":443"), Err(HostProblem::NoHost));
    }

    #[test]
    fn this_machine() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "[::1]", "[0:0::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.example",
            "example.com",
            "10.0.0.1",
            "0.0.0.0",
            "[::]",
            "[::2]",
            "::1",
            "127.1",
            "[::ffff:127.0.0.1]",
            "",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
