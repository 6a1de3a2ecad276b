//! Which provider a request is for.

use super::site::Site;
use crate::answer::answer;
use http::header::{HOST, ORIGIN};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Response, Uri};
use serde_json::json;

/// Where the control endpoint is.
pub(super) const CONTROL: &str = "/-/control";

/// Whom a request is for.
pub(super) enum Route {
    /// The provider with this place in the list. The request's URI is absolute.
    Provider { place: usize, request: Request<Vec<u8>> },
    /// The control endpoint.
    Control(Request<Vec<u8>>),
}

/// A request that is for nobody, and what it is told.
pub(super) struct Refused {
    pub(super) request: Request<Vec<u8>>,
    pub(super) response: Response<Vec<u8>>,
    /// Why, for a line about it.
    pub(super) said: String,
}

impl Refused {
    fn new(request: Request<Vec<u8>>, status: u16, words: &str, hint: &str) -> Box<Self> {
        Box::new(Self {
            request,
            response: problem(status, words, hint),
            said: format!("{status}: {words}"),
        })
    }
}

impl Site {
    /// Whom a request is for that arrived at the listener with this place in the list.
    pub(super) fn route(
        &self,
        listener: usize,
        mut request: Request<Vec<u8>>,
    ) -> Result<Route, Box<Refused>> {
        let Some(uri) = self.absolute(listener, &request) else {
            let words = "the request does not say for which host it is";
            let hint = "send one `Host` header, and a path";
            return Err(Refused::new(request, 400, words, hint));
        };
        let own = uri.authority().map(Authority::as_str) == self.authority(listener).as_deref();
        let path = uri.path().to_owned();
        *request.uri_mut() = uri;
        if self.options.control && below(&path, CONTROL) {
            let (status, words, hint) = if !own {
                // A page in a browser may have got hold of this address under a name of its own.
                let words = "the control endpoint answers on the loopback alone";
                (421, words, "call it by its address")
            } else if !self.is_from_here(listener, &request) {
                let words = "the control endpoint answers no page of another origin";
                (403, words, "call it without `Origin`")
            } else {
                return Ok(Route::Control(request));
            };
            return Err(Refused::new(request, status, words, hint));
        }
        match self.place(listener, &path) {
            Some(place) => Ok(Route::Provider { place, request }),
            None => {
                let ids = self.fakes.iter().map(|(id, _)| format!("/{id}"));
                let ids = ids.collect::<Vec<_>>().join(", ");
                let words = "there is no provider at this path";
                let hint = format!("the providers are at {ids}");
                Err(Refused::new(request, 404, words, &hint))
            }
        }
    }

    /// Whether a request is from no page of a browser, or from one of this very server.
    fn is_from_here(&self, listener: usize, request: &Request<Vec<u8>>) -> bool {
        let Some(address) = self.addresses.get(listener) else {
            return false;
        };
        let own = [format!("http://{address}"), format!("http://localhost:{}", address.port())];
        let mut origins = request.headers().get_all(ORIGIN).iter();
        origins.all(|origin| own.iter().any(|own| origin.as_bytes() == own.as_bytes()))
    }

    fn place(&self, listener: usize, path: &str) -> Option<usize> {
        if self.options.separate_ports {
            return Some(listener);
        }
        let mut fakes = self.fakes.iter();
        fakes.position(|(id, _)| below(path, &format!("/{id}")))
    }

    /// The URI that the client meant. `localhost` is another name of the loopback.
    fn absolute(&self, listener: usize, request: &Request<Vec<u8>>) -> Option<Uri> {
        let named: Authority = match request.uri().authority() {
            Some(authority) => authority.clone(),
            None => {
                let mut hosts = request.headers().get_all(HOST).iter();
                let host = hosts.next()?;
                if hosts.next().is_some() {
                    return None;
                }
                host.to_str().ok()?.parse().ok()?
            }
        };
        let own = self.authority(listener)?;
        let local = named.host().eq_ignore_ascii_case("localhost")
            && named.port_u16() == self.addresses.get(listener).map(|address| address.port());
        let authority = if local { own.parse().ok()? } else { named };
        let path = request.uri().path_and_query().cloned();
        Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(authority)
            .path_and_query(path.unwrap_or_else(|| PathAndQuery::from_static("/")))
            .build()
            .ok()
    }

    fn authority(&self, listener: usize) -> Option<String> {
        self.addresses.get(listener).map(ToString::to_string)
    }
}

/// Whether a path is this one or below it.
fn below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// An answer that says what is wrong and what to do about it.
pub(super) fn problem(status: u16, words: &str, hint: &str) -> Response<Vec<u8>> {
    let mut body = json!({ "error": words });
    if !hint.is_empty() {
        body["hint"] = json!(hint);
    }
    answer(status).json(format!("{body}\n"))
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn a_path_is_below_its_root() {
        assert!(below("/acme", "/acme") && below("/acme/token", "/acme"));
        assert!(!below("/acmes", "/acme") && !below("/", "/acme"));
    }
}
