//! Sessions of generated clients at fake providers, behind a hostile network, in virtual time.

mod clients;
pub mod minting;
mod wire;
mod world;

pub use clients::Integrator;
pub use wire::Wire;
pub use world::{World, ask, contract, grant, settle};
