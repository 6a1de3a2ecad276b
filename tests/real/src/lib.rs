//! Clients of token servers that other people wrote, one spec for each.

rekindle_runtime::include_clients!();
