//! Numbers that look random: SplitMix64 of Steele, Lea and Flood.

/// What the state of the generator grows by with each number.
pub(crate) const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The number that follows a state.
pub(crate) fn mix(state: u64) -> u64 {
    let word = state.wrapping_add(STEP);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
