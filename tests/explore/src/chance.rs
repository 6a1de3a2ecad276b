//! Chance that is the same each time: numbers that follow from a seed.

use std::time::Duration;

/// Numbers by SplitMix64.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// What follows from this seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The numbers of one of several who draw, each by itself: what one of them draws changes nothing for the others.
    pub fn of(seed: u64, who: u64) -> Self {
        let mut chance = Self(seed ^ who.wrapping_mul(0xd6e8_feb8_6659_fd93));
        Self(chance.draw())
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of so many, from 0 on.
    pub fn below(&mut self, below: usize) -> usize {
        usize::try_from(self.draw() >> 33).unwrap_or_default() % below.max(1)
    }

    /// One of these.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A time between these. Short ones are as likely as long ones ten times as long.
    pub fn time(&mut self, shortest: Duration, longest: Duration) -> Duration {
        let part = self.part();
        let (shortest, longest) = (shortest.as_secs_f64().max(1e-6), longest.as_secs_f64());
        Duration::from_secs_f64(shortest * (longest / shortest).powf(part))
    }

    /// A part of a whole.
    pub fn part(&mut self) -> f64 {
        f64::from(u32::try_from(self.draw() >> 32).unwrap_or_default()) / f64::from(u32::MAX)
    }
}
