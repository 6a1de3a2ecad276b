//! What follows from a contract without being written in it: how faults end, and the sequences that its tokens imply.
//!
//! Architecture invariant: these are expectations, read off the contract alone. The fake provider does not look at them, nor does a
//! client: tests put the three against each other.

mod faults;
mod lifetimes;
mod reuse;
mod scenario;
mod sequences;

pub use faults::{BAD_GATEWAY_PAGE, ERROR_IN_SUCCESS};
pub use scenario::Derived;
pub use sequences::sequences;
