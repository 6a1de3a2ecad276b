//! Explores the session engine as it ships: real sessions of several processes over one store and one provider, every order of
//! their calls, and every fault within a budget. See [`world`] for what may happen, [`properties`] for what must hold, [`search`]
//! for how executions are enumerated, [`simulation`] for whole fleets over days.

pub mod bugs;
pub mod chance;
mod client;
pub mod configuration;
mod executor;
mod handles;
mod machine;
mod process;
pub mod properties;
mod provider;
pub mod search;
pub mod simulation;
pub mod world;
pub mod writes;
