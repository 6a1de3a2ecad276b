//! The body of an answer while it arrives.

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use zeroize::Zeroizing;

use super::{Came, Limits, Sent, TransportError, TransportErrorKind};

/// What has arrived of a body: never more than the cap. There are tokens in it, so what is not handed on is wiped, and growing leaves no
/// copy behind.
pub(super) struct AnswerBody {
    bytes: Zeroizing<Vec<u8>>,
    cap: usize,
    status: StatusCode,
}

impl AnswerBody {
    /// Nothing yet, with room for what the head announces.
    pub(super) fn new(limits: &Limits, status: StatusCode, headers: &HeaderMap) -> Self {
        let announced =
            headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let cap = limits.body_cap();
        let room = announced.unwrap_or(0).min(cap);
        Self { bytes: Zeroizing::new(Vec::with_capacity(room)), cap, status }
    }

    /// The failure that ended it.
    pub(super) fn cut(&self, error: TransportError) -> TransportError {
        error.after(Came { status: self.status, bytes: self.bytes.len() })
    }

    /// Takes the next part.
    pub(super) fn push(&mut self, part: &[u8]) -> Result<(), TransportError> {
        if part.len() > self.cap - self.bytes.len() {
            let error = TransportError::bare(TransportErrorKind::BodyTooLarge, Sent::Maybe);
            return Err(self.cut(error));
        }
        let needed = self.bytes.len() + part.len();
        if needed > self.bytes.capacity() {
            // A vector that grows by itself may move and leave its old bytes behind.
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(2 * self.bytes.len())));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(part);
        Ok(())
    }

    /// The whole of it. Whoever takes it wipes it.
    pub(super) fn finish(mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_become_a_whole_up_to_the_cap() {
        let limits = Limits { body: 5, ..Limits::default() };
        let mut headers = HeaderMap::new();
        // What is announced is a hint and no promise.
        for announced in ["", "2", "5", "99999999999", "-1"] {
            headers.insert(CONTENT_LENGTH, announced.parse().expect("a value"));
            let mut body = AnswerBody::new(&limits, StatusCode::OK, &headers);
            for part in [&b"ab"[..], b"", b"cde"] {
                body.push(part).expect("below the cap");
            }
            let error = body.push(b"f").expect_err("above the cap");
            assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge);
            assert_eq!(error.came(), Some(Came { status: StatusCode::OK, bytes: 5 }));
            assert_eq!(body.finish(), b"abcde");
        }
    }
}
