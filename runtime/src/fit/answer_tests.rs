use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

use super::*;

const REFUSAL: &str = r#"{"ok":false,"error":"dead"}"#;

/// What a scripted body does.
#[derive(Debug, Clone)]
enum Step {
    Data(Vec<u8>),
    Trailers,
    Fails,
    /// It waits once, and is woken.
    Waits,
    /// Nothing more comes, and it does not end.
    Stalls,
}

fn data(text: impl AsRef<[u8]>) -> Step {
    Step::Data(text.as_ref().to_vec())
}

struct Script {
    steps: VecDeque<Step>,
    hint: SizeHint,
}

impl Body for Script {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        let trailers = || HeaderMap::from_iter([(http::header::AGE, HeaderValue::from(7))]);
        match self.steps.pop_front() {
            None => Poll::Ready(None),
            Some(Step::Data(data)) => Poll::Ready(Some(Ok(Frame::data(data.into())))),
            Some(Step::Trailers) => Poll::Ready(Some(Ok(Frame::trailers(trailers())))),
            Some(Step::Fails) => Poll::Ready(Some(Err("reset"))),
            Some(Step::Waits) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Stalls) => {
                self.steps.push_front(Step::Stalls);
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}

fn script(steps: &[Step]) -> Script {
    Script { steps: steps.iter().cloned().collect(), hint: SizeHint::new() }
}

fn is_refusal(bytes: &[u8]) -> bool {
    bytes.len() <= LARGEST_REFUSAL && bytes.trim_ascii() == REFUSAL.as_bytes()
}

/// The frames of a body in words, up to one that does not come.
async fn frames(body: impl Body<Data = Bytes, Error = &'static str>) -> Vec<String> {
    let mut body = Box::pin(body);
    let mut found = Vec::new();
    loop {
        let next = poll_fn(|context| match body.as_mut().poll_frame(context) {
            Poll::Pending => {
                context.waker().wake_by_ref();
                Poll::Ready(None)
            }
            Poll::Ready(frame) => Poll::Ready(Some(frame)),
        });
        found.push(match next.await {
            None => "waits".to_owned(),
            Some(None) => "ends".to_owned(),
            Some(Some(Err(error))) => format!("fails: {error}"),
            Some(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => String::from_utf8_lossy(&data).into_owned(),
                Err(_) => "trailers".to_owned(),
            },
        });
        if matches!(&**found.last().expect("the last"), "waits" | "ends") {
            return found;
        }
    }
}

/// However it comes, a body is handed on as it is, frame for frame; and it refuses where all of it does.
#[tokio::test]
async fn a_body_is_handed_on_as_it_came() {
    let long = "x".repeat(LARGEST_REFUSAL);
    let (start, end) = REFUSAL.split_at(9);
    let row = r#"{"type":"ADDED"}"#;
    let cases: &[(bool, &[Step])] = &[
        (true, &[data(REFUSAL)]),
        (true, &[data(start), Step::Waits, data(""), data(end), data("\n"), Step::Trailers]),
        (false, &[]),
        (false, &[Step::Trailers]),
        (false, &[data(r#"{"ok":true}"#)]),
        (false, &[data(REFUSAL), data(REFUSAL)]),
        (false, &[data(REFUSAL), data(" "), data(&long), data("more")]),
        (false, &[data(format!("{{\"a\":\"{long}\"}}"))]),
        (false, &[data(start), Step::Fails]),
        (false, &[data(start), Step::Fails, data(end)]),
        // What has begun is not held up.
        (false, &[data("<html>"), Step::Stalls]),
        (false, &[data(row), data("\n"), Step::Stalls]),
        (false, &[data(format!("{row}\n{row}")), Step::Stalls]),
        (false, &[data("\n\n"), data("7"), Step::Stalls]),
        (false, &[data(format!("[{row},")), Step::Stalls]),
    ];
    for (expected, steps) in cases {
        let (refused, body) = look(script(steps), false, is_refusal).await;
        assert_eq!(refused, *expected, "{steps:?}");
        let without_waits: Vec<Step> =
            steps.iter().filter(|step| !matches!(step, Step::Waits)).cloned().collect();
        assert_eq!(frames(body).await, frames(script(&without_waits)).await, "{steps:?}");
    }
}

/// A list is waited for where a rule is about one alone.
#[test]
fn a_list_is_something_else_unless_a_rule_is_about_one() {
    for (field, may_be_list) in [
        (&["error", "code"] as &[&str], false),
        (&["0", "error"], true),
        (&["errors", "0"], false),
        (&[], true),
    ] {
        let rule = BodyRefusal { statuses: &[], field, values: &[] };
        assert_eq!(rule.may_be_in_list(), may_be_list, "{field:?}");
        let found = is_something_else(b"[{\"a\": 1},", rule.may_be_in_list(), is_refusal);
        assert_eq!(found, !may_be_list, "{field:?}");
    }
}

/// A body that says that it is too long is not touched.
#[tokio::test]
async fn what_says_that_it_is_too_long_is_not_read() {
    let mut body = script(&[data(REFUSAL)]);
    body.hint.set_lower(LARGEST_REFUSAL as u64 + 1);
    let (refused, body) = look(body, false, is_refusal).await;
    assert!(!refused && body.read.is_empty() && matches!(body.rest, Rest::Whole { .. }));
}

/// What is told of the size stays true while the body is read.
#[tokio::test]
async fn sizes_and_ends_stay_true() {
    let mut body = script(&[data("{\"a\":"), Step::Fails, data("1}")]);
    body.hint.set_lower(2);
    body.hint.set_upper(5);
    let (_, body) = look(body, false, is_refusal).await;
    assert_eq!((body.size_hint().lower(), body.size_hint().upper()), (7, Some(10)));
    assert!(!body.is_end_stream());
    assert!(format!("{body:?}").starts_with("AnswerBody { size: "), "{body:?}");

    let (refused, body) = look(script(&[data(REFUSAL)]), false, is_refusal).await;
    assert!(refused && !body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(REFUSAL.len() as u64));
    let mut body = Box::pin(body);
    let frame = poll_fn(|context| body.as_mut().poll_frame(context)).await;
    assert!(frame.is_some() && body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(0));

    let whole = AnswerBody::whole(script(&[]));
    assert!(whole.is_end_stream() && whole.size_hint().upper().is_none());
}

/// Bytes that do not lie in one piece are seen as well.
#[tokio::test]
async fn data_in_pieces_is_seen() {
    let (start, end) = REFUSAL.split_at(9);
    let pieces = Bytes::from(start).chain(Bytes::from(end));
    let mut seen = Vec::new();
    assert!(copy(&pieces, &mut seen));
    assert_eq!(seen, REFUSAL.as_bytes());
}
