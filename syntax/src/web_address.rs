//! Web addresses: URLs that a person or a program may go to.

use crate::Authority;

/// Whether a text is the whole address of a resource on the web: `https` or `http`, a host, and perhaps a path, a query and a fragment,
/// without white space and control characters (RFC 3986).
///
/// ```
/// assert!(rekindle_syntax::is_web_address("https://eu7.example.com/services?v=2"));
/// assert!(!rekindle_syntax::is_web_address("eu7.example.com"));
/// ```
pub fn is_web_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    web && text.bytes().all(|byte| byte.is_ascii_graphic()) && Authority::read(authority).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_web_address;

    #[test]
    fn an_address_has_a_scheme_and_a_host() {
        for good in ["https://a.example", "HTTP://a.example:8080/b?c#d", "https://[::1]/"] {
            assert!(is_web_address(good), "{good}");
        }
        for bad in [
            "",
            "https://",
            "//a.example",
            "ftp://a.example",
            "https://a b",
            "https://a.example/\n",
            "https://u:p@a.example",
        ] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }
}
