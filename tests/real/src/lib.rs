//! Clients of token servers that other people wrote, one spec for each.

include!(concat!(env!("OUT_DIR"), "/rekindle.rs"));
