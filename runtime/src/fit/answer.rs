//! Answers that may refuse the token in their bodies: how much of a body is read before it is handed on, and how the rest follows.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use serde::de::IgnoredAny;

use crate::facts::BodyRefusal;
use crate::grant::Authorize;
use crate::session::{LARGEST_REFUSAL, Renewable, Session, refuses_in_body};

/// In how many pieces the data of one frame may lie to be looked at.
const PIECES: usize = 64;

pin_project! {
    /// The body of an answer as it came: its data, its trailers, its failures, and what it says of its size. Where it may have refused
    /// the token, its beginning was read before it was handed on, and comes first.
    pub struct AnswerBody<B: Body> {
        read: VecDeque<Result<Frame<B::Data>, B::Error>>,
        // The bytes of data among what was read.
        left: u64,
        has_ended: bool,
        #[pin]
        rest: Rest<B>,
    }
}

pin_project! {
    #[project = RestProjection]
    enum Rest<B> {
        Whole { #[pin] body: B },
        Begun { body: Pin<Box<B>> },
    }
}

impl<B: Body> AnswerBody<B> {
    /// A body of which nothing was read.
    pub(super) fn whole(body: B) -> Self {
        Self { read: VecDeque::new(), left: 0, has_ended: false, rest: Rest::Whole { body } }
    }
}

impl<B: Body> Rest<B> {
    fn get(&self) -> &B {
        match self {
            Self::Whole { body } => body,
            Self::Begun { body } => body,
        }
    }
}

impl<B: Body> Body for AnswerBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        if let Some(read) = this.read.pop_front() {
            let data = read.as_ref().ok().and_then(Frame::data_ref);
            *this.left -= data.map_or(0, |data| data.remaining() as u64);
            return Poll::Ready(Some(read));
        }
        if *this.has_ended {
            return Poll::Ready(None);
        }
        match this.rest.project() {
            RestProjection::Whole { body } => body.poll_frame(context),
            RestProjection::Begun { body } => body.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty() && (self.has_ended || self.rest.get().is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let rest =
            if self.has_ended { SizeHint::with_exact(0) } else { self.rest.get().size_hint() };
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(self.left));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(self.left)) {
            hint.set_upper(upper);
        }
        hint
    }
}

impl<B: Body> fmt::Debug for AnswerBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerBody").field("size", &self.size_hint()).finish_non_exhaustive()
    }
}

/// Learns from an answer, reading its body where that may refuse the token: whether it does, and the answer.
pub(super) async fn note<P, B>(
    session: &Session<P>,
    generation: u64,
    answer: Response<B>,
) -> (bool, Response<AnswerBody<B>>)
where
    P: Renewable<AccessToken: Authorize>,
    B: Body,
{
    let (head, body) = answer.into_parts();
    let refused = session.note_answer(generation, head.status, &head.headers);
    if refused || !session.looks_into_body(head.status, &head.headers) {
        return (refused, Response::from_parts(head, AnswerBody::whole(body)));
    }
    let (status, rules) = (head.status, P::REFUSED_IN_BODY);
    let mut may_have = rules.iter().filter(|rule| rule.may_have(status.as_u16()));
    let may_be_list = may_have.any(BodyRefusal::may_be_in_list);
    let is_refusal = |bytes: &[u8]| refuses_in_body(rules, status, &head.headers, bytes);
    let (refused, body) = look(body, may_be_list, is_refusal).await;
    if refused {
        session.invalidate_generation(generation);
    }
    (refused, Response::from_parts(head, body))
}

/// Reads a body to its end, or until it is clear that it is no refusal, which may be a list only where a rule is about one.
async fn look<B: Body>(
    body: B,
    may_be_list: bool,
    is_refusal: impl Fn(&[u8]) -> bool,
) -> (bool, AnswerBody<B>) {
    if body.size_hint().lower() > LARGEST_REFUSAL as u64 {
        return (false, AnswerBody::whole(body));
    }
    let mut body = Box::pin(body);
    let mut read = VecDeque::new();
    let (mut seen, mut left) = (Vec::new(), 0);
    let (refused, has_ended) = loop {
        match poll_fn(|context| body.as_mut().poll_frame(context)).await {
            None => break (is_refusal(&seen), true),
            Some(Err(error)) => {
                read.push_back(Err(error));
                break (false, false);
            }
            Some(Ok(frame)) => {
                let is_seen = frame.data_ref().is_none_or(|data| {
                    left += data.remaining() as u64;
                    left <= LARGEST_REFUSAL as u64 && copy(data, &mut seen)
                });
                read.push_back(Ok(frame));
                if !is_seen || is_something_else(&seen, may_be_list, &is_refusal) {
                    break (false, false);
                }
            }
        }
    };
    (refused, AnswerBody { read, left, has_ended, rest: Rest::Begun { body } })
}

/// Copies what is in a frame; `false` where it cannot be seen as a whole.
fn copy(data: &impl Buf, seen: &mut Vec<u8>) -> bool {
    let mut pieces = [IoSlice::new(&[]); PIECES];
    let count = data.chunks_vectored(&mut pieces);
    let before = seen.len();
    pieces.iter().take(count).for_each(|piece| seen.extend_from_slice(piece));
    seen.len() - before == data.remaining()
}

/// Whether a body that begins so is no refusal, whatever follows: it is no object, nor a list where a rule is about one, or it is a row of
/// JSON values. A stream of events is such a list or row, and is not to be held up until it ends.
fn is_something_else(seen: &[u8], may_be_list: bool, is_refusal: impl Fn(&[u8]) -> bool) -> bool {
    let seen = seen.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(seen).trim_ascii();
    let (Some(first), Some(last)) = (seen.first(), seen.last()) else {
        return false;
    };
    if !b"{[\xEF".contains(first) || (*first == b'[' && !may_be_list) {
        return true;
    }
    if !b"}]".contains(last) {
        return false;
    }
    let mut values = serde_json::Deserializer::from_slice(seen).into_iter::<IgnoredAny>();
    let is_value = matches!(values.next(), Some(Ok(_)));
    is_value && !is_refusal(&seen[..values.byte_offset()])
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
