//! What comes of each request.

use super::exchange::{Exchange, status};
use super::route::{Refused, Route, problem};
use super::site::Site;
use super::{control, mask};
use crate::clock::http_date;
use crate::network::{Delivered, Delivery};
use http::header::{DATE, HeaderValue};
use http::{Request, Response};
use std::time::Duration;

impl Site {
    /// What comes of a request that arrived at the listener with this place in the list.
    pub(super) fn answer(&self, place: usize, request: Request<Vec<u8>>) -> Delivery {
        let route = self.route(place, request);
        let (mut delivery, exchange) = match route {
            Ok(Route::Provider { place, request }) => self.ask(place, &request),
            Ok(Route::Control(request)) => {
                let (response, said) = control::answer_to(self, &request);
                self.outside(&request, response, said)
            }
            Err(refused) => {
                let Refused { request, response, said } = *refused;
                self.outside(&request, response, said)
            }
        };
        self.date(&mut delivery, &exchange);
        self.observe(&exchange);
        delivery
    }

    fn ask(&self, place: usize, request: &Request<Vec<u8>>) -> (Delivery, Exchange) {
        let Some((id, fake)) = self.fakes.get(place) else {
            let words = "there is no such provider";
            return self.outside(request, problem(404, words, ""), format!("404: {words}"));
        };
        let at = fake.clock().now();
        let Delivered { answered, trouble, delivery } = fake.deliver(request);
        let exchange = Exchange {
            at,
            provider: Some(id.clone()),
            method: mask::method(request, [fake]),
            path: mask::path(&fake.provider(), request.uri()),
            status: status(&delivery),
            verdict: answered.map(|answered| answered.verdict),
            trouble,
            said: None,
        };
        (delivery, exchange)
    }

    /// An exchange that was for no provider.
    fn outside(
        &self,
        request: &Request<Vec<u8>>,
        response: Response<Vec<u8>>,
        said: String,
    ) -> (Delivery, Exchange) {
        let exchange = Exchange {
            at: self.now(),
            provider: None,
            method: mask::method(request, self.fakes.iter().map(|(_, fake)| fake)),
            path: mask::path_of_nobody(&self.fakes, request.uri()),
            status: Some(response.status().as_u16()),
            verdict: None,
            trouble: None,
            said: Some(said),
        };
        (Delivery::Answer(response), exchange)
    }

    /// Tells of a request whose body was not read, and dates its answer.
    pub(super) fn unread(
        &self,
        request: &Request<Vec<u8>>,
        status: u16,
        words: &str,
        hint: &str,
    ) -> Response<Vec<u8>> {
        let response = problem(status, words, hint);
        let (mut delivery, exchange) =
            self.outside(request, response.clone(), format!("{status}: {words}"));
        self.date(&mut delivery, &exchange);
        self.observe(&exchange);
        match delivery {
            Delivery::Answer(response) => response,
            _ => response,
        }
    }

    fn observe(&self, exchange: &Exchange) {
        if let Some(observer) = &self.options.observer {
            observer(exchange);
        }
    }

    /// Dates an answer as the provider's clock does, not that of the machine.
    fn date(&self, delivery: &mut Delivery, exchange: &Exchange) {
        let Some(response) = answer_mut(delivery) else {
            return;
        };
        if let Ok(date) = HeaderValue::from_str(&http_date(exchange.at, Duration::ZERO)) {
            response.headers_mut().entry(DATE).or_insert(date);
        }
    }
}

fn answer_mut(delivery: &mut Delivery) -> Option<&mut Response<Vec<u8>>> {
    match delivery {
        Delivery::Answer(response)
        | Delivery::Late(response)
        | Delivery::SlowHead(response)
        | Delivery::Partial(response)
        | Delivery::Endless(response)
        | Delivery::Twice(response) => Some(response),
        Delivery::Unreachable | Delivery::Reset | Delivery::Silence => None,
    }
}
