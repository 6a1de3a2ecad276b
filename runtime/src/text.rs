//! Tokens as the texts of answers: whole bodies, and what no request could carry.

use crate::MAX_BODY;
use crate::error::Error;

/// The text without the byte order mark that may stand before it.
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

/// The body as the token itself, without the ASCII white space around it: most servers end a text with a line break. `what` names
/// it in errors ("access token").
///
/// # Errors
/// [`ErrorKind::NotText`](crate::ErrorKind::NotText) when the body is not UTF-8, nothing is left of it, or it is a page, JSON or
/// several words; [`ErrorKind::UnusableToken`](crate::ErrorKind::UnusableToken) as [`token`] says, and
/// [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge) beyond [`MAX_BODY`].
pub fn whole_body<'a>(what: &'static str, body: &'a [u8]) -> Result<&'a str, Error> {
    if body.len() > MAX_BODY {
        return Err(Error::body_too_large(MAX_BODY));
    }
    let text =
        std::str::from_utf8(without_mark(body).trim_ascii()).map_err(|_| Error::not_text())?;
    let is_token = !text.is_empty()
        && !text.starts_with(['<', '{', '['])
        && !text.contains(char::is_whitespace);
    if is_token { token(what, text) } else { Err(Error::not_text()) }
}

/// A text that is to be a token: it is not stored, and not served, where no header could carry it.
///
/// # Errors
/// [`ErrorKind::UnusableToken`](crate::ErrorKind::UnusableToken) for one with control characters (line breaks among them), with white
/// space at an end, which RFC 9110 section 5.5 takes off, or with what could not be decoded.
pub fn token<'a>(what: &'static str, text: &'a str) -> Result<&'a str, Error> {
    let unusable =
        |character| char::is_control(character) || character == char::REPLACEMENT_CHARACTER;
    if text.trim().len() < text.len() || text.contains(unusable) {
        return Err(Error::unusable_token(what));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_body_is_one_word_or_no_token() {
        let kind = |body| *whole_body("token", body).unwrap_err().kind();
        for body in [&b" \r\n token \n"[..], b"\xEF\xBB\xBFtoken\r\n", b"token"] {
            assert_eq!(whole_body("token", body).unwrap(), "token");
        }
        let others = [
            &b""[..],
            b" \n",
            b"\xff\xfe",
            b"<html>OK</html>",
            b"\xEF\xBB\xBF <!doctype html>",
            br#"{"error":"invalid_grant"}"#,
            b"[]",
            b"Service unavailable",
            b"two\r\nlines",
        ];
        for body in others {
            assert_eq!(kind(body), ErrorKind::NotText, "{body:?}");
        }
        assert_eq!(kind(b"a\0b"), ErrorKind::UnusableToken { what: "token" });
        let long = vec![b'a'; MAX_BODY + 1];
        assert_eq!(whole_body("token", &long[1..]).unwrap().len(), MAX_BODY);
        assert_eq!(kind(&long), ErrorKind::BodyTooLarge { limit: MAX_BODY });
    }

    #[test]
    fn what_no_header_can_carry_is_no_token() {
        for text in ["a", "a b", "\u{e9}", "a\"b"] {
            assert_eq!(token("token", text).unwrap(), text);
        }
        for text in
            [" ", "   ", " a", "a ", "a\r\nb", "a\n", "a\tb", "\0", "\u{7f}", "\u{85}", "\u{fffd}"]
        {
            let error = token("token", text).unwrap_err();
            assert_eq!(*error.kind(), ErrorKind::UnusableToken { what: "token" }, "{text:?}");
        }
    }
}
