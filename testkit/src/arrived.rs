//! What arrived at a fake provider.

use crate::network::Delivered;
use crate::provider::Verdict;
use http::Request;
use rekindle_contract::contract::Trouble;
use std::collections::VecDeque;
use std::fmt;

/// A request that arrived, and what was made of it. `Debug` shows neither headers nor body: look at them with
/// [`expect`](crate::expect).
///
/// ```no_run
/// use rekindle_testkit::{Fake, expect};
///
/// let fake = Fake::of("the JSON of a contract");
/// // … the client under test refreshes …
/// let arrived = fake.arrived();
/// assert_eq!(arrived.len(), 1);
/// expect(&arrived[0].request).method("POST").header("x-client-secret", "synthetic");
/// assert_eq!(arrived[0].refused_by(), None);
/// ```
#[derive(Clone)]
pub struct Arrived {
    /// The request. Its URI is absolute. A body of more than 64 KiB is left out.
    pub request: Request<Vec<u8>>,
    /// What the provider made of it; `None` where something in the way kept it from the provider.
    pub verdict: Option<Verdict>,
    /// What was in the way.
    pub trouble: Option<Trouble>,
}

impl Arrived {
    /// The name of the rule by which the request was refused; `None` where it was not.
    pub fn refused_by(&self) -> Option<&'static str> {
        match &self.verdict {
            Some(Verdict::Refused { rule, .. }) => Some(rule.name()),
            _ => None,
        }
    }
}

impl fmt::Debug for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrived")
            .field("method", self.request.method())
            .field("verdict", &self.verdict)
            .field("trouble", &self.trouble)
            .finish_non_exhaustive()
    }
}

/// The last requests: as many as a test looks at, and not so many that a provider that runs for days grows.
#[derive(Debug, Default)]
pub(crate) struct Record(VecDeque<Arrived>);

impl Record {
    const MOST: usize = 256;

    /// The longest body that is kept: no refresh is longer.
    const LONGEST_BODY: usize = 64 * 1024;

    /// Keeps a request, and forgets the oldest where there are too many.
    pub(crate) fn keep(&mut self, request: &Request<Vec<u8>>, delivered: &Delivered) {
        if self.0.len() == Self::MOST {
            self.0.pop_front();
        }
        self.0.push_back(Arrived {
            request: without_long_body(request),
            verdict: delivered.answered.as_ref().map(|answered| answered.verdict.clone()),
            trouble: delivered.trouble,
        });
    }

    /// All of them, the oldest first.
    pub(crate) fn all(&self) -> Vec<Arrived> {
        self.0.iter().cloned().collect()
    }
}

/// A copy of a request, with no body where it is too long to be kept.
fn without_long_body(request: &Request<Vec<u8>>) -> Request<Vec<u8>> {
    if request.body().len() <= Record::LONGEST_BODY {
        return request.clone();
    }
    let mut copy = Request::new(Vec::new());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    copy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_beyond_reason_is_not_kept() {
        let request = |length: usize| {
            let request = Request::post("https://acme.example/token").header("x-one", "1");
            request.body(vec![b'a'; length]).unwrap()
        };
        let kept = without_long_body(&request(64 * 1024));
        assert_eq!(kept.body().len(), 64 * 1024);
        let kept = without_long_body(&request(64 * 1024 + 1));
        assert!(kept.body().is_empty());
        assert_eq!((kept.method().as_str(), kept.uri().path()), ("POST", "/token"));
        assert_eq!(kept.headers()["x-one"], "1");
    }
}
