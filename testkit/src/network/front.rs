//! Faults in front of the provider: it never sees the request.

use super::Delivery;
use crate::answer::answer;
use crate::clock::http_date;
use crate::provider::Provider;
use http::Response;
use rekindle_contract::contract::Fault;
use rekindle_contract::derive::{BAD_GATEWAY_PAGE, Derive, ERROR_IN_SUCCESS};
use std::time::Duration;

/// After how many seconds a client that is rate limited may come back.
const WAIT: Duration = Duration::from_secs(7);

/// What comes instead of the provider's answer; `None` for a fault behind the provider.
pub(super) fn deliver(provider: &Provider, fault: Fault) -> Option<Delivery> {
    let answered = |response: Response<Vec<u8>>| Some(Delivery::Answer(response));
    match fault {
        Fault::Unreachable => Some(Delivery::Unreachable),
        Fault::ResetBefore => Some(Delivery::Reset),
        Fault::RateLimited => {
            answered(answer(429).header("retry-after", &WAIT.as_secs().to_string()).empty())
        }
        Fault::RateLimitedUntil => {
            let until = http_date(provider.clock().now(), WAIT);
            answered(answer(429).header("retry-after", &until).empty())
        }
        Fault::BadGateway => answered(answer(502).html(BAD_GATEWAY_PAGE)),
        Fault::Redirect => {
            answered(answer(307).header("location", "https://elsewhere.example/").empty())
        }
        Fault::ErrorInSuccess => {
            answered(answer(provider.contract().success_status()).json(ERROR_IN_SUCCESS))
        }
        _ => None,
    }
}
