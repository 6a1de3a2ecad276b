//! Chance in requests, from the machine or from a source that a test controls.

use std::fmt;
use std::sync::Arc;

use crate::{Error, clock};

/// Where random numbers come from. `Debug` shows none.
#[derive(Clone, Default)]
pub(super) struct Random(Option<Arc<dyn Fn() -> u64 + Send + Sync>>);

impl Random {
    pub(super) fn of(source: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(source)))
    }

    fn number(&self) -> Result<u64, Error> {
        self.0.as_ref().map_or_else(clock::random, |source| Ok(source()))
    }

    /// A UUID of version 4 (RFC 9562 section 5.4).
    pub(super) fn uuid(&self) -> Result<String, Error> {
        let (high, low) = (self.number()?, self.number()?);
        let (high, low) = (high & !0xf000 | 0x4000, low & !(0b11 << 62) | 0b10 << 62);
        Ok(format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        ))
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Random(injected)" } else { "Random(machine)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_of_version_4_whatever_the_numbers() {
        let made = |number: u64| Random::of(move || number).uuid().unwrap();
        assert_eq!(made(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(made(u64::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(made(0x0123_4567_89ab_cdef), "01234567-89ab-4def-8123-456789abcdef");
    }

    #[test]
    fn the_machine_gives_another_each_time() {
        let random = Random::default();
        assert_ne!(random.uuid().unwrap(), random.uuid().unwrap());
    }
}
