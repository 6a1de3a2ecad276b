//! Answers whose whole body is the token.

use crate::MAX_BODY;
use crate::error::Error;

/// The body as the token itself: UTF-8, without the ASCII white space around it.
///
/// # Errors
/// [`ErrorKind::NotText`](crate::ErrorKind::NotText) when the body is not UTF-8 or nothing is left of it, and
/// [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge) beyond [`MAX_BODY`].
pub fn whole_body(body: &[u8]) -> Result<&str, Error> {
    if body.len() > MAX_BODY {
        return Err(Error::body_too_large(MAX_BODY));
    }
    match std::str::from_utf8(body.trim_ascii()) {
        Ok(text) if !text.is_empty() => Ok(text),
        _ => Err(Error::not_text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn trims_and_refuses() {
        assert_eq!(whole_body(b" \r\n token \n").unwrap(), "token");
        for body in [&b""[..], b" \n", b"\xff\xfe"] {
            assert_eq!(*whole_body(body).unwrap_err().kind(), ErrorKind::NotText);
        }
        let long = vec![b'a'; MAX_BODY + 1];
        assert_eq!(whole_body(&long[1..]).unwrap().len(), MAX_BODY);
        assert_eq!(
            *whole_body(&long).unwrap_err().kind(),
            ErrorKind::BodyTooLarge { limit: MAX_BODY }
        );
    }
}
