//! What stands in the heads of answers, beside the fields of their bodies.

use http::{HeaderName, HeaderValue, Response};
use rekindle_contract::contract::Contract;
use serde_json::Value;
use std::collections::BTreeMap;

/// The headers of an answer by lower-case name, those with the same name in a line each.
pub fn lines(response: &Response<Vec<u8>>) -> BTreeMap<String, String> {
    let mut lines: BTreeMap<String, String> = BTreeMap::new();
    for name in response.headers().keys() {
        let values = response.headers().get_all(name).iter();
        let values: Vec<_> =
            values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
        lines.insert(name.as_str().to_owned(), values.join("\n"));
    }
    lines
}

/// Puts what of these fields stands in the head of an answer into it, in place of what is there.
pub(crate) fn put(contract: &Contract, fields: &Value, response: &mut Response<Vec<u8>>) {
    let headers = response.headers_mut();
    for head in contract.heads() {
        headers.remove(head.place().header());
    }
    for (name, value) in contract.head_of(fields) {
        let name = HeaderName::try_from(name);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            headers.append(name, value);
        }
    }
}

/// Whether this names a place in the head of an answer.
pub(crate) fn is_place(pointer: &str) -> bool {
    pointer.starts_with("header ") || pointer.starts_with("cookie ")
}

/// What stands before the body of a document with fields in its head.
const MARK: char = '\u{2}';

/// A body, and before it the fields of a head.
pub(crate) fn before(head: &str, body: &str) -> String {
    format!("{MARK}{}\n{body}", head.replace('\n', " "))
}

/// The fields of a head that stand before a body, and the body.
#[cfg(feature = "conformance")]
fn parted(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = body.strip_prefix(MARK.encode_utf8(&mut [0; 4]).as_bytes())?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    Some((&rest[..end], &rest[end + 1..]))
}

/// A body without the fields of a head before it.
#[cfg(feature = "conformance")]
pub(crate) fn body(body: &[u8]) -> &[u8] {
    parted(body).map_or(body, |(_, body)| body)
}

/// An answer whose fields of the head are in its head, and no longer before its body.
#[cfg(feature = "conformance")]
pub(crate) fn moved(contract: &Contract, mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    let parts = parted(response.body()).map(|(head, body)| (head.to_vec(), body.to_vec()));
    if let Some((head, body)) = parts {
        let fields = rekindle_contract::contract::json_document(&head).unwrap_or_default();
        put(contract, &fields, &mut response);
        *response.body_mut() = body;
    }
    response
}
