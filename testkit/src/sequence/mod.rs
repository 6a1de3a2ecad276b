//! Sequences: steps that a client takes at a provider, one after the other.

mod run;
mod steps;
mod world;

pub use rekindle_contract::contract::{
    ErrorClass, Fate, Fault, Generation, Sequence, SignIn, Step,
};
#[cfg(feature = "sockets")]
pub(crate) use run::taken_over_sockets;
pub use run::{Stop, Violation, assert_taken, assert_taken_over_sockets, run};
pub use steps::{Refresh, Token, refresh, revoke, token, wait};
pub use world::{Unable, World};
