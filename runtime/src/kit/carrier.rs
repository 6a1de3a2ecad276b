//! Where requests carry an access token.

use http::header::COOKIE;
use http::uri::PathAndQuery;
use http::{HeaderMap, Request, Uri};

use crate::Error;
use crate::request::header_value;
use crate::url::add_parameter;

/// How requests carry an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// In this header, behind this scheme, which may be empty.
    Header(&'static str, &'static str),
    /// In the cookie of this name (RFC 6265 section 4.2.1).
    Cookie(&'static str),
    /// In the query's parameter of this name (RFC 6750 section 2.3).
    Query(&'static str),
}

impl Carrier {
    /// Whether the headers of a request suffice. An error, which calls the token `what`, where its URL is needed.
    pub(super) fn fits_headers(self, what: &'static str) -> Result<(), Error> {
        match self {
            Self::Header(..) | Self::Cookie(_) => Ok(()),
            Self::Query(_) => {
                let problem = "is sent in the URL: authorize the whole request, not its headers";
                Err(Error::invalid_credential(what, problem))
            }
        }
    }

    /// Adds a token to headers, in place of what stands there; other cookies stay.
    pub(super) fn put_into_headers(
        self,
        what: &'static str,
        token: &str,
        headers: &mut HeaderMap,
    ) -> Result<(), Error> {
        self.fits_headers(what)?;
        match self {
            Self::Header(name, "") => {
                headers.insert(name, header_value(what, token)?);
            }
            Self::Header(name, scheme) => {
                headers.insert(name, header_value(what, &format!("{scheme} {token}"))?);
            }
            Self::Cookie(name) => put_cookie(name, what, token, headers)?,
            Self::Query(_) => {}
        }
        Ok(())
    }

    /// Adds a token to a request, in place of what stands there; other cookies and parameters stay.
    pub(super) fn put<B>(
        self,
        what: &'static str,
        token: &str,
        request: &mut Request<B>,
    ) -> Result<(), Error> {
        match self {
            Self::Query(name) => put_parameter(name, token, request.uri_mut()),
            Self::Header(..) | Self::Cookie(_) => {
                self.put_into_headers(what, token, request.headers_mut())
            }
        }
    }
}

/// Adds a cookie to a request, beside those that it has. `what` names its value in the error.
///
/// # Errors
/// [`ErrorKind::InvalidCredential`](crate::ErrorKind::InvalidCredential) for a value that no cookie can hold (`cookie-octet` of RFC 6265
/// section 4.1.1).
pub fn cookie<B>(
    request: &mut Request<B>,
    name: &'static str,
    what: &'static str,
    value: &str,
) -> Result<(), Error> {
    put_cookie(name, what, value, request.headers_mut())
}

fn put_cookie(
    name: &'static str,
    what: &'static str,
    token: &str,
    headers: &mut HeaderMap,
) -> Result<(), Error> {
    rekindle_syntax::cookie_value(token)
        .map_err(|problem| Error::invalid_credential(what, problem.words()))?;
    let unreadable = |_| Error::invalid_credential(what, "cannot stand beside the other cookies");
    let mut cookies = String::new();
    for header in headers.get_all(COOKIE) {
        let pairs = header.to_str().map_err(unreadable)?.split(';').map(str::trim);
        for pair in pairs.filter(|pair| !pair.is_empty() && first(pair) != name) {
            cookies.push_str(pair);
            cookies.push_str("; ");
        }
    }
    cookies.push_str(name);
    cookies.push('=');
    cookies.push_str(token);
    headers.insert(COOKIE, header_value(what, &cookies)?);
    Ok(())
}

fn put_parameter(name: &'static str, token: &str, uri: &mut Uri) -> Result<(), Error> {
    let invalid = || Error::invalid_url("the URL of the request is not valid");
    let mut path = uri.path().to_owned();
    let others = uri.query().into_iter().flat_map(|query| query.split('&'));
    for pair in others.filter(|pair| !pair.is_empty() && !is_named(pair, name)) {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(pair);
    }
    add_parameter(&mut path, name, Some(token));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).map_err(|_| invalid())?);
    *uri = Uri::from_parts(parts).map_err(|_| invalid())?;
    Ok(())
}

fn is_named(pair: &str, name: &str) -> bool {
    form_urlencoded::parse(pair.as_bytes()).any(|(found, _)| found == name)
}

/// What stands before the first `=` of a pair.
fn first(pair: &str) -> &str {
    pair.split_once('=').map_or(pair, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_cookie_stands_beside_the_others_and_in_place_of_its_own() {
        let mut headers = HeaderMap::new();
        let cookie = |headers: &mut HeaderMap, token| {
            Carrier::Cookie("session").put_into_headers("token", token, headers)
        };
        cookie(&mut headers, "t1").expect("it can be sent");
        assert_eq!(headers[COOKIE], "session=t1");
        assert!(headers[COOKIE].is_sensitive());
        headers.insert(COOKIE, HeaderValue::from_static("a=1; session=t1;b=2"));
        headers.append(COOKIE, HeaderValue::from_static("sessions=3; session=t0"));
        cookie(&mut headers, "t2=").expect("it can be sent");
        assert_eq!(headers.get_all(COOKIE).iter().count(), 1);
        assert_eq!(headers[COOKIE], "a=1; b=2; sessions=3; session=t2=");
        for token in ["a;b", "a,b", "a b", "a\"", "a\\", "a\n", "é"] {
            cookie(&mut headers, token).expect_err(token);
        }
        assert_eq!(headers[COOKIE], "a=1; b=2; sessions=3; session=t2=");
    }

    #[test]
    fn a_parameter_stands_beside_the_others_and_in_place_of_its_own() {
        let carrier = Carrier::Query("access_token");
        let cases = [
            ("https://a.example", "https://a.example/?access_token=t%26%20%0A"),
            ("https://a.example/b?c=d&e", "https://a.example/b?c=d&e&access_token=t%26%20%0A"),
            ("/b?access%5Ftoken=1&c=access_token", "/b?c=access_token&access_token=t%26%20%0A"),
        ];
        for (before, after) in cases {
            let mut request = Request::get(before).body(()).expect("a request");
            carrier.put("token", "t& \n", &mut request).expect("it can be sent");
            assert_eq!(request.uri().to_string(), after);
            assert!(request.headers().is_empty());
        }
        let mut request = Request::connect("a.example:443").body(()).expect("a request");
        carrier.put("token", "t", &mut request).expect_err("it has no path");
        assert_eq!(request.uri(), "a.example:443");
        let error = carrier.put_into_headers("token", "t", &mut HeaderMap::new());
        assert!(error.expect_err("there is no URL").to_string().contains("the whole request"));
    }
}
