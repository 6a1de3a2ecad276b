//! Addresses that an answer tells, bounded by what a contract allows.

use crate::host::Authority;
use crate::path::{bad_escape, is_query_character, path};

/// Whether a request may go to an address that an answer has told: it is where `base`, the base URL, is, or it is `https` at its usual
/// port, at one of `hosts`: `auth.example.com`, or `*.example.com` for whatever is below that. It is a whole URL without a user and a
/// fragment.
///
/// ```
/// use rekindle_syntax::is_bounded_address;
///
/// let allowed = |address| is_bounded_address(address, "https://acme.example/v1", &["*.acme.example"]);
/// assert!(allowed("https://acme.example/token?v=2") && allowed("https://eu.acme.example/token"));
/// assert!(!allowed("https://acme.example.net/token") && !allowed("https://acme.example@evil.example/"));
/// ```
pub fn is_bounded_address(address: &str, base: &str, hosts: &[impl AsRef<str>]) -> bool {
    let Some((scheme, host, rest)) = split(address) else { return false };
    let (target, query) = rest.split_once('?').unwrap_or((rest, ""));
    let query_is_fine = query.chars().all(is_query_character) && bad_escape(query).is_none();
    let Ok(authority) = Authority::read(host) else { return false };
    if path(target).is_err() || !query_is_fine {
        return false;
    }
    let is_base = split(base).is_some_and(|(base_scheme, base_host, _)| {
        scheme.eq_ignore_ascii_case(base_scheme) && host.eq_ignore_ascii_case(base_host)
    });
    let name = authority.host.to_ascii_lowercase();
    let usual = scheme.eq_ignore_ascii_case("https") && matches!(authority.port, None | Some(443));
    let listed = |host: &str| match host.strip_prefix("*.") {
        Some(end) => {
            name.strip_suffix(end).is_some_and(|below| below.len() > 1 && below.ends_with('.'))
        }
        None => name == host,
    };
    is_base || (usual && hosts.iter().any(|host| listed(host.as_ref())))
}

/// Whether an address that an answer has told is one that [`is_bounded_address`] allows and that a path can follow: it has no query.
///
/// ```
/// use rekindle_syntax::is_bounded_base_url;
///
/// let allowed = |address| is_bounded_base_url(address, "https://acme.example", &["*.acme.example"]);
/// assert!(allowed("https://eu.acme.example/v1") && !allowed("https://eu.acme.example/?v=1"));
/// ```
pub fn is_bounded_base_url(address: &str, base: &str, hosts: &[impl AsRef<str>]) -> bool {
    !address.contains('?') && is_bounded_address(address, base, hosts)
}

/// An address as what a path may follow: without its query, and without slashes at its end.
///
/// ```
/// assert_eq!(rekindle_syntax::directory("https://acme.example/rest/?v=2"), "https://acme.example/rest");
/// ```
pub fn directory(address: &str) -> &str {
    address.split('?').next().unwrap_or_default().trim_end_matches('/')
}

/// Scheme, host with port, and what follows.
fn split(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let at = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at(at);
    Some((scheme, host, rest))
}

#[cfg(test)]
mod tests {
    use super::is_bounded_address;

    #[test]
    fn no_answer_sends_a_request_elsewhere() {
        let hosts = ["tokens.example", "*.acme.example"];
        let cases = [
            ("https://acme.example:8443/token", true),
            ("HTTPS://ACME.example:8443", true),
            ("https://tokens.example/a%20b?c=d%2F", true),
            ("https://tokens.example:443/", true),
            ("https://eu.acme.example/", true),
            ("https://a.eu.ACME.example", true),
            ("https://acme.example/token", false), // The base URL has a port.
            ("http://acme.example:8443/token", false),
            ("http://tokens.example/", false),
            ("https://tokens.example:8443/", false),
            ("https://.acme.example/", false),
            ("https://eacme.example/", false),
            ("https://acme.example.evil.example/", false),
            ("https://tokens.example@evil.example/", false),
            ("https://evil.example\\tokens.example/", false),
            ("https://evil.example#tokens.example/", false),
            ("https://evil.example?.acme.example", false),
            ("https://tokens.example/#f", false),
            ("https://tokens.example/a b", false),
            ("https://tokens.example/../b", false),
            ("https://tokens.example/?%zz", false),
            ("//tokens.example/", false),
            ("/token", false),
            ("", false),
        ];
        for (address, allowed) in cases {
            let found = is_bounded_address(address, "https://acme.example:8443/v1", &hosts);
            assert_eq!(found, allowed, "{address}");
        }
        let none: [&str; 0] = [];
        assert!(is_bounded_address("http://127.0.0.1:4000/t", "http://127.0.0.1:4000", &none));
        assert!(!is_bounded_address("http://127.0.0.1:4001/t", "http://127.0.0.1:4000", &none));
    }
}
