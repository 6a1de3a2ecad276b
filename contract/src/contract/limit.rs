//! How many requests a provider takes.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many requests a provider takes in a time: mints of a client, or refreshes of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MintLimit {
    /// So many requests, refused ones included; at least one mint, or two refreshes.
    pub at_most: u32,
    /// In any stretch of time of this length.
    pub per: Duration,
}
