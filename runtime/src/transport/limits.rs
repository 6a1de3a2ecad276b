//! How much a transport waits and reads.

use std::time::Duration;

/// The most that is read of an answer, in bytes: 1 MiB.
pub const MAX_BODY: usize = 1024 * 1024;

/// How long a transport waits and how much it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The whole exchange, from the look-up of the name to the last byte of the body. 30 seconds unless told otherwise.
    pub timeout: Duration,
    /// The size of the answer's body in bytes. [`MAX_BODY`] unless told otherwise, and never more: parsers stop there too.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), body: MAX_BODY }
    }
}

#[cfg(any(feature = "reqwest", feature = "hyper", feature = "ureq"))]
impl Limits {
    /// The part of the time that connecting may take: half.
    ///
    /// A host that cannot be reached is so reported before the whole time is over, as what it is: nothing was sent.
    pub(crate) fn connect_timeout(&self) -> Duration {
        self.timeout / 2
    }

    /// The cap on the body, lowered to what parsers accept.
    pub(crate) fn body_cap(&self) -> usize {
        self.body.min(MAX_BODY)
    }
}

#[cfg(all(test, any(feature = "reqwest", feature = "hyper", feature = "ureq")))]
mod tests {
    use super::*;

    #[test]
    fn connecting_may_take_half_of_the_time() {
        let limits = Limits::default();
        assert_eq!(limits.timeout, Duration::from_secs(30));
        assert_eq!(limits.connect_timeout(), Duration::from_secs(15));
    }

    #[test]
    fn the_cap_on_the_body_can_be_lowered_and_not_raised() {
        let cap = |body| {
            let limits = Limits { body, ..Limits::default() };
            limits.body_cap()
        };
        assert_eq!((MAX_BODY, Limits::default().body), (1_048_576, MAX_BODY));
        assert_eq!([cap(10), cap(usize::MAX)], [10, MAX_BODY]);
    }
}
