//! The network without sockets.

use super::{Delivered, Delivery};
use crate::held::Lost;
use http::Response;

/// What a client with a time-out sees of a delivery.
///
/// # Errors
/// There is no answer.
pub fn carry(delivered: Delivered) -> Result<Response<Vec<u8>>, Lost> {
    match delivered.delivery {
        Delivery::Answer(response) | Delivery::Twice(response) => Ok(response),
        Delivery::Unreachable => Err(Lost::NotSent),
        Delivery::Reset | Delivery::Partial(_) => Err(Lost::Broken),
        Delivery::Silence | Delivery::Late(_) | Delivery::SlowHead(_) => Err(Lost::TimedOut),
        Delivery::Endless(_) => Err(Lost::TooLarge { part: Vec::new() }),
    }
}
