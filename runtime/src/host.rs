//! Host names: which are valid, and which are this machine.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::Error;

/// The longest host name, in bytes (RFC 1035 §2.3.4).
const MAX_HOSTNAME: usize = 253;
/// The longest label of a host name, in bytes.
const MAX_LABEL: usize = 63;

/// One label of a host name (the `acme` of `acme.example.com`): letters, digits and inner hyphens.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl).
pub fn host_label(text: &str) -> Result<&str, Error> {
    if is_label(text) {
        Ok(text)
    } else {
        Err(Error::invalid_url("a part of the host name is not letters, digits and inner hyphens"))
    }
}

/// A whole host name, without scheme, port or path. One with other letters than ASCII is written in its `xn--` form.
///
/// # Errors
/// [`ErrorKind::InvalidUrl`](crate::ErrorKind::InvalidUrl).
pub fn hostname(text: &str) -> Result<&str, Error> {
    if is_hostname(text) { Ok(text) } else { Err(Error::invalid_url("the host name is not valid")) }
}

fn is_label(text: &str) -> bool {
    (1..=MAX_LABEL).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_hostname(text: &str) -> bool {
    if text.len() > MAX_HOSTNAME || !text.split('.').all(is_label) {
        return false;
    }
    // What ends in a number is an IPv4 address, and then a whole one: some resolvers read 127.1 or 2130706433 as one.
    let last = text.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"));
    let numeric = hexadecimal || last.bytes().all(|byte| byte.is_ascii_digit());
    !numeric || text.parse::<Ipv4Addr>().is_ok()
}

/// The host in `host`, `host:port`, `[v6]` or `[v6]:port`, checked.
pub(crate) fn of_authority(authority: &str) -> Result<&str, Error> {
    if authority.contains('@') {
        return Err(Error::invalid_url("the base URL has a user in it"));
    }
    // The colons inside brackets are the address's own.
    let from = authority.rfind(']').unwrap_or(0);
    let (host, port) = match authority.get(from..).and_then(|rest| rest.find(':')) {
        Some(at) => (&authority[..from + at], Some(&authority[from + at + 1..])),
        None => (authority, None),
    };
    if host.is_empty() {
        return Err(Error::invalid_url("the base URL has no host"));
    }
    if port.is_some_and(|port| !is_port(port)) {
        return Err(Error::invalid_url(
            "the base URL has a port that is not a number from 1 to 65535",
        ));
    }
    if is_hostname(host) || v6(host).is_some() {
        Ok(host)
    } else {
        Err(Error::invalid_url("the host name is not valid"))
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// The address in `[::1]`.
fn v6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Whether a host, as a URL writes it, is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || v6(host).is_some_and(|address| address.is_loopback())
}
