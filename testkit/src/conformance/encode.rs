//! The encodings of a request, read from their standards: a second reading beside the one of the code under test.

/// `application/x-www-form-urlencoded` (RFC 6749 appendix B).
pub(super) fn form(text: &str) -> String {
    encode(text, |byte| byte.is_ascii_alphanumeric() || b"*-._".contains(&byte)).replace("%20", "+")
}

/// A segment of a path or a part of a query: all but the unreserved characters of RFC 3986 section 2.3.
pub(super) fn percent(text: &str) -> String {
    encode(text, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// A text of an element or an attribute (XML 1.0 section 2.4), each character by its number that could mean something else.
pub(super) fn xml(text: &str) -> String {
    let sign = |c: char| match c {
        '&' | '<' | '>' | '"' | '\'' => format!("&#{};", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(sign).collect()
}

fn encode(text: &str, keep: impl Fn(u8) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if keep(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_encoded() {
        assert_eq!(form("1PpG/Q 1*~"), "1PpG%2FQ+1*%7E");
        assert_eq!(xml("a<'b é"), "a&#60;&#39;b é");
        assert_eq!(percent("a/b c*~é"), "a%2Fb%20c%2A~%C3%A9");
    }
}
