//! Instants as people read them.

use std::fmt;
use std::time::SystemTime;

use jiff::Timestamp;

/// Shows an instant by RFC 3339, to the second: `2026-11-28T03:12:45Z`.
pub(crate) struct Readable(pub SystemTime);

impl fmt::Display for Readable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = Timestamp::try_from(self.0).map(Timestamp::as_second);
        match seconds.and_then(Timestamp::from_second) {
            Ok(instant) => instant.fmt(f),
            Err(_) => f.write_str("an instant beyond any calendar"),
        }
    }
}

impl fmt::Debug for Readable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn instants_are_dates() {
        let instant = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_820_818_500);
        assert_eq!(
            format!("{0} {0:?}", Readable(instant)),
            "2026-11-27T23:06:58Z 2026-11-27T23:06:58Z"
        );
        let expiry = crate::Expiry::At(instant);
        assert_eq!(format!("{expiry:?}"), "At(2026-11-27T23:06:58Z)");
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::MAX / 4);
        assert!(Readable(far).to_string().contains("beyond"));
    }

    #[cfg(feature = "session")]
    #[test]
    fn errors_and_the_journal_hold_dates() {
        use crate::session::SessionErrorKind;
        use crate::store::{EntryId, Fence, InFlight};
        let started_at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_820_818_500);
        let kind = SessionErrorKind::InDoubt(started_at);
        assert_eq!(format!("{kind:?}"), "InDoubt(2026-11-27T23:06:58Z)");
        let (id, fence) = (EntryId::from_bits(0, 7), Fence(1));
        let entry =
            InFlight { id, generation: 3, fence, owner: "a".into(), started_at, attempt: 1 };
        assert!(format!("{entry:?}").contains("started_at: 2026-11-27T23:06:58Z, attempt: 1"));
    }
}
