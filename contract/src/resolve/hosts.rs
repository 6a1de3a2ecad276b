//! Hosts that bound the addresses which answers tell.

use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_TAKEN_URL, EMPTY_LIST};
use crate::path::Path;
use std::net::Ipv4Addr;

/// The hosts that are written at `path`, sorted: each is a name, or a star and a name below a public end. `other` is what the value is that
/// they are said of, where it is no address.
pub(super) fn resolve(
    hosts: Option<&[String]>,
    other: Option<&str>,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Vec<String> {
    let Some(hosts) = hosts else { return Vec::new() };
    if let Some(other) = other {
        let message = format!("`hosts` bound an address, and this is {other}");
        let hint = "write `type: url`, or leave `hosts` out";
        found.push(Finding::key(BAD_TAKEN_URL, path.clone(), message).hint(hint));
        return Vec::new();
    }
    if hosts.is_empty() {
        let message = "`hosts` is empty, and says nothing of where the address may be";
        let hint = "list the hosts, `[\"*.example.com\"]`, or leave the key out";
        found.push(Finding::key(EMPTY_LIST, path.clone(), message).hint(hint));
    }
    for (index, host) in hosts.iter().enumerate() {
        let name = host.strip_prefix("*.").unwrap_or(host);
        let lower = !name.contains(|c: char| c.is_ascii_uppercase() || c == ':');
        let is_host = rekindle_syntax::Authority::read(name).is_ok();
        let below = host.starts_with("*.");
        let wide = below && !name.contains('.');
        let is_address = below && name.parse::<Ipv4Addr>().is_ok();
        if !is_host || !lower || wide || is_address {
            let message = match () {
                () if wide && is_host => format!("`{host}` is every host below `{name}`"),
                () if is_address => format!("`{name}` is an address, and no host is below one"),
                () => format!("`{host}` is no host"),
            };
            let hint = "write a name in lower case without a port, or `*.` and a name that has a dot in it: `*.example.com`";
            found.push(Finding::value(BAD_TAKEN_URL, path.index(index), message).hint(hint));
        } else if hosts[..index].contains(host) {
            let message = format!("`{host}` is listed twice");
            found.push(
                Finding::value(BAD_TAKEN_URL, path.index(index), message).hint("list it once"),
            );
        }
    }
    let mut sorted = hosts.to_vec();
    sorted.sort();
    sorted
}
