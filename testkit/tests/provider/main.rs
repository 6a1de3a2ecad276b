//! The fake provider against every contract of the repository, and against the reference reading of contracts.

mod arbitrary;
mod behind;
mod lifetimes;
mod lives;
mod places;
mod reasons;
mod refusals;
mod replay;
mod requests;
mod reuse;
mod rotation;
mod secrets;
mod success;
mod support;
mod tokens;
mod uses;
mod violations;
mod when;
