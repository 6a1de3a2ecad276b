//! What follows from a contract without being written in it: the checks of its clients, how faults end, and the sequences that its
//! tokens imply.
//!
//! Architecture invariant: these are expectations, read off the contract alone. The fake provider does not look at them, nor does a
//! client: tests put the three against each other. So none of them is a method of [`Contract`] itself: whoever wants to know what is
//! expected brings [`Derive`] into scope.

mod checks;
mod faults;
mod lifetimes;
mod mint;
mod reuse;
mod scenario;
mod sequences;

pub use checks::{CHECKS, Check, checks};
pub use faults::{BAD_GATEWAY_PAGE, ERROR_IN_SUCCESS};
pub use scenario::Derived;
pub use sequences::{documented_name, sequences};

use crate::contract::{Contract, Ending, Fault};

/// What follows from a contract.
pub trait Derive {
    /// How the first refresh of a grant ends under `fault`; `None` where the fault cannot occur: an expiry is not `null` where
    /// answers have none.
    fn ending_under(&self, fault: Fault) -> Option<Ending>;

    /// The first status of success that no rule of the error map takes for itself.
    fn success_status(&self) -> u16;

    /// The first refresh of a grant replaces the refresh token, at a provider that does so at least sometimes.
    fn first_refresh_rotates(&self) -> bool;

    /// A status and a body that the rule with this index in [`Contract::errors`] is the reading of; `None` where there is none.
    fn answer_of(&self, index: usize) -> Option<(u16, String)>;

    /// A status that says "too many requests" whatever its body.
    fn limiting_status(&self) -> Option<u16>;

    /// The redirects that the contract does not name.
    fn undescribed_redirects(&self) -> Vec<u16>;
}

// What these call is private to this module: elsewhere there is no such method without the trait.
impl Derive for Contract {
    fn ending_under(&self, fault: Fault) -> Option<Ending> {
        Contract::ending_under(self, fault)
    }

    fn success_status(&self) -> u16 {
        Contract::success_status(self)
    }

    fn first_refresh_rotates(&self) -> bool {
        Contract::first_refresh_rotates(self)
    }

    fn answer_of(&self, index: usize) -> Option<(u16, String)> {
        Contract::answer_of(self, index)
    }

    fn limiting_status(&self) -> Option<u16> {
        Contract::limiting_status(self)
    }

    fn undescribed_redirects(&self) -> Vec<u16> {
        Contract::undescribed_redirects(self)
    }
}
