//! Diagnostics for people and for programs.

mod human;
mod json;
mod summary;

pub use human::human;
pub use json::json;
