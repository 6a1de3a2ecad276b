//! Readable assertions on a request.

use http::Request;
use http::header::CONTENT_TYPE;
use rekindle_contract::contract::xml_texts;
use serde_json::Value;
use std::borrow::Cow;

/// Headers that transports add of themselves, in lower case.
const TRANSPORT_HEADERS: [&str; 7] = [
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "te",
    "transfer-encoding",
    "user-agent",
];

/// Begins to look at a request. Each check panics when it fails, and says what differs.
pub fn expect(request: &Request<Vec<u8>>) -> Expected<'_> {
    Expected(request)
}

/// The request without the headers that transports add of themselves, such as `host` and `user-agent`.
pub fn without_transport_headers(request: &Request<Vec<u8>>) -> Request<Vec<u8>> {
    let mut request = request.clone();
    for name in TRANSPORT_HEADERS {
        request.headers_mut().remove(name);
    }
    request
}

/// A request that is looked at: see [`expect`].
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a>(&'a Request<Vec<u8>>);

impl Expected<'_> {
    /// The method is this one.
    #[track_caller]
    pub fn method(self, method: &str) -> Self {
        assert_eq!(self.0.method().as_str(), method, "the method");
        self
    }

    /// The URL is this one, byte for byte.
    #[track_caller]
    pub fn url(self, url: &str) -> Self {
        assert_eq!(self.0.uri().to_string(), url, "the URL");
        self
    }

    /// The URL is this one, byte for byte but for the order of the parameters in its query.
    #[track_caller]
    pub fn url_in_any_order(self, url: &str) -> Self {
        let parts = |url: &str| {
            let (address, query) = url.split_once('?').unwrap_or((url, ""));
            let mut parameters: Vec<_> = query.split('&').map(str::to_owned).collect();
            parameters.sort_unstable();
            (address.to_owned(), parameters)
        };
        assert_eq!(parts(&self.0.uri().to_string()), parts(url), "the URL");
        self
    }

    /// The path with its query is this one, byte for byte.
    #[track_caller]
    pub fn target(self, target: &str) -> Self {
        let found = self.0.uri().path_and_query().map(|found| found.as_str());
        assert_eq!(found, Some(target), "the path and the query");
        self
    }

    /// The parameters of the query are these and no others, in any order, none twice.
    #[track_caller]
    pub fn query(self, parameters: &[(&str, &str)]) -> Self {
        same_pairs("the query", self.0.uri().query().unwrap_or_default().as_bytes(), parameters);
        self
    }

    /// This header is there, once, with this value.
    #[track_caller]
    pub fn header(self, name: &str, value: &str) -> Self {
        let found: Vec<_> =
            self.0.headers().get_all(name).iter().map(|found| text(found.as_bytes())).collect();
        assert_eq!(found, [value], "the values of the header {name:?}");
        self
    }

    /// This header is not there, not even empty.
    #[track_caller]
    pub fn no_header(self, name: &str) -> Self {
        assert!(
            !self.0.headers().contains_key(name),
            "the header {name:?} is there and should not be"
        );
        self
    }

    /// The headers are these, with these values, and no others. Names are in lower case.
    #[track_caller]
    pub fn headers(self, headers: &[(&str, &str)]) -> Self {
        let mut found: Vec<_> = self
            .0
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), text(value.as_bytes())))
            .collect();
        found.sort_unstable();
        let mut expected: Vec<_> =
            headers.iter().map(|(name, value)| (*name, Cow::Borrowed(*value))).collect();
        expected.sort_unstable();
        assert_eq!(found, expected, "the headers");
        self
    }

    /// The body is this JSON, by structure: members in any order, none twice.
    #[track_caller]
    pub fn json(self, json: &str) -> Self {
        let expected: Value = serde_json::from_str(json).expect("a test's own JSON");
        let found = text(self.0.body());
        let parsed: Value = serde_json::from_str(&found)
            .unwrap_or_else(|error| panic!("the body is not JSON: {error}"));
        assert_eq!(parsed, expected, "the body");
        // A member that is there twice is lost in the structure; it shows in the length, once both are written the same way.
        let strings = |text: &str| text.matches('"').count() - text.matches("\\\"").count();
        assert_eq!(
            strings(&found),
            strings(&expected.to_string()),
            "the number of quotes: is a member there twice?"
        );
        self
    }

    /// The body is a form with these fields and no others, in any order, none twice.
    #[track_caller]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded");
        same_pairs("the form", self.0.body(), fields);
        self
    }

    /// The body is this XML, by structure: the texts of elements and attributes, however they are written.
    #[track_caller]
    pub fn xml(self, document: &str) -> Self {
        let texts = |document: &str, what: &str| {
            let texts = xml_texts(document).unwrap_or_else(|| panic!("{what} is not XML"));
            let texts = texts.into_iter().map(|text| (text.path, text.text));
            texts.collect::<std::collections::BTreeMap<_, _>>()
        };
        let found = texts(&text(self.0.body()), "the body");
        assert_eq!(found, texts(document, "a test's own document"), "the body");
        self
    }

    /// The body is this text, byte for byte.
    #[track_caller]
    pub fn text(self, expected: &str) -> Self {
        assert_eq!(text(self.0.body()), expected, "the body");
        self
    }

    /// There is no body, and nothing says what it would be.
    #[track_caller]
    pub fn empty_body(self) -> Self {
        assert_eq!(text(self.0.body()), "", "the body");
        self.no_header(CONTENT_TYPE.as_str())
    }
}

#[track_caller]
fn same_pairs(what: &str, encoded: &[u8], expected: &[(&str, &str)]) {
    let mut found: Vec<_> = form_urlencoded::parse(encoded).collect();
    found.sort_unstable();
    let mut expected: Vec<_> = expected
        .iter()
        .map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value)))
        .collect();
    expected.sort_unstable();
    assert_eq!(found, expected, "{what}");
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str) -> Request<Vec<u8>> {
        Request::post("https://a.example/token?v=2&b=x%20y")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-key", "k")
            .body(body.as_bytes().to_vec())
            .unwrap()
    }

    #[test]
    fn what_is_there_is_accepted() {
        expect(&request("b=2&a=1%2B1"))
            .method("POST")
            .url("https://a.example/token?v=2&b=x%20y")
            .url_in_any_order("https://a.example/token?b=x%20y&v=2")
            .target("/token?v=2&b=x%20y")
            .query(&[("b", "x y"), ("v", "2")])
            .header("x-key", "k")
            .no_header("authorization")
            .headers(&[("x-key", "k"), ("content-type", "application/x-www-form-urlencoded")])
            .form(&[("a", "1+1"), ("b", "2")])
            .text("b=2&a=1%2B1");
        expect(&request(r#"{"b": {"c": "\"x"}, "a": 1}"#)).json(r#"{"a":1,"b":{"c":"\"x"}}"#);
        expect(&request("<a b='1'>x<!-- y --></a>")).xml("<a b=\"1\">\n  x\n</a>");
        expect(&Request::new(Vec::new())).empty_body().headers(&[]);
    }

    #[test]
    #[should_panic = "the URL"]
    fn a_parameter_that_is_written_otherwise_is_refused() {
        expect(&request("")).url_in_any_order("https://a.example/token?b=x+y&v=2");
    }

    #[test]
    #[should_panic = "the form"]
    fn a_field_too_many_is_refused() {
        expect(&request("a=1&b=2")).form(&[("a", "1")]);
    }

    #[test]
    #[should_panic = "the form"]
    fn a_field_twice_is_refused() {
        expect(&request("a=1&a=1")).form(&[("a", "1")]);
    }

    #[test]
    #[should_panic = "is a member there twice?"]
    fn a_member_twice_is_refused() {
        expect(&request(r#"{"a":1,"a":1}"#)).json(r#"{"a":1}"#);
    }

    #[test]
    #[should_panic = "the body"]
    fn another_attribute_is_refused() {
        expect(&request("<a b='1'/>")).xml("<a c='1'/>");
    }

    #[test]
    #[should_panic = "the headers"]
    fn a_header_too_many_is_refused() {
        expect(&request("")).headers(&[("x-key", "k")]);
    }

    #[test]
    #[should_panic = "should not be"]
    fn a_header_that_should_not_be_is_refused() {
        expect(&request("")).no_header("X-Key");
    }

    #[test]
    fn what_transports_add_is_left_out() {
        let request = Request::get("/")
            .header("host", "a")
            .header("user-agent", "b")
            .header("accept", "c")
            .body(Vec::new());
        expect(&without_transport_headers(&request.unwrap())).headers(&[("accept", "c")]);
    }
}
