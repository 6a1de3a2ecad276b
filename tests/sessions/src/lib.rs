//! Sessions of generated clients at fake providers, behind a hostile network, in virtual time.

mod clients;
mod store;
mod wire;
mod world;

pub use clients::Integrator;
pub use store::{Failing, Operation};
pub use wire::Wire;
pub use world::{World, contract, grant, settle};
