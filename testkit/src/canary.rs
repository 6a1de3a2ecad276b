//! Canaries: texts that must not show where they were not declared.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use http::Request;
use std::error::Error;
use std::fmt::Debug;

/// Checks that no canary shows in the `Debug` output of `value`, in either of its forms.
///
/// # Panics
/// When one does. The message names the canary by its place in the list.
#[track_caller]
pub fn assert_silent(canaries: &[&str], value: &(impl Debug + ?Sized)) {
    assert_text_silent(canaries, &format!("{value:?}"), "its `Debug` output");
    assert_text_silent(canaries, &format!("{value:#?}"), "its `Debug` output");
}

/// Checks that no canary shows in `error`, nor in any of its sources, by `Display` or by `Debug`.
///
/// # Panics
/// When one does. The message names the canary by its place in the list.
#[track_caller]
pub fn assert_error_silent(canaries: &[&str], error: &dyn Error) {
    let mut next = Some(error);
    while let Some(error) = next {
        assert_text_silent(canaries, &error.to_string(), "its `Display` output");
        assert_silent(canaries, error);
        next = error.source();
    }
}

/// Where `text` is on the wire, once for each time: `url`, `header <name>`, `body`. Inside HTTP Basic it is found too.
///
/// Give texts that no encoding changes: letters and digits.
///
/// ```
/// let request = http::Request::get("https://a.example/?key=k1").header("authorization", "Bearer k1").body(Vec::new()).unwrap();
/// assert_eq!(rekindle_testkit::where_is(&request, "k1"), ["url", "header authorization"]);
/// ```
pub fn where_is(request: &Request<Vec<u8>>, text: &str) -> Vec<String> {
    let mut places = Vec::new();
    let mut look =
        |place: String, hay: &str| places.extend(hay.matches(text).map(|_| place.clone()));
    look("url".to_owned(), &request.uri().to_string());
    let mut headers: Vec<_> = request.headers().iter().collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        look(format!("header {name}"), &value);
        if let Some(decoded) = behind_scheme(&value) {
            look(format!("header {name}"), &decoded);
        }
    }
    look("body".to_owned(), &String::from_utf8_lossy(request.body()));
    places
}

/// What stands in base64 behind the first word of a header, as in HTTP Basic.
pub(crate) fn behind_scheme(value: &str) -> Option<String> {
    value.split_once(' ').and_then(|(_, pair)| decode(pair))
}

fn decode(base64: &str) -> Option<String> {
    let bytes = BASE64_STANDARD_NO_PAD.decode(base64.trim_end_matches('=')).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[track_caller]
pub(crate) fn assert_text_silent(canaries: &[&str], printed: &str, place: &str) {
    for (position, canary) in canaries.iter().enumerate() {
        let shown = printed.contains(canary)
            || in_base64(canary).iter().any(|encoded| printed.contains(encoded));
        assert!(!shown, "the secret number {position} shows in {place}");
    }
}

/// What is sure to be in the base64 of any text that holds `canary`: one for each way in which it can be aligned.
fn in_base64(canary: &str) -> [String; 3] {
    [0, 1, 2].map(|before| {
        let encoded = BASE64_STANDARD_NO_PAD.encode("-".repeat(before) + canary);
        let first = (before * 8).div_ceil(6);
        let last = ((before + canary.len()) * 8) / 6;
        encoded.get(first..last).unwrap_or_default().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_is() {
        let basic = format!("Basic {}", base64::prelude::BASE64_STANDARD.encode("id1:key9"));
        let request = Request::post("https://a.example/key9?k=key9")
            .header("authorization", basic)
            .header("x-k", "key9");
        let request = request.body(b"{\"a\":\"key9\"}".to_vec()).unwrap();
        assert_eq!(
            where_is(&request, "key9"),
            ["url", "url", "header authorization", "header x-k", "body"]
        );
        assert_eq!(where_is(&request, "id1"), ["header authorization"]);
        assert!(where_is(&request, "nothing").is_empty());
    }

    #[test]
    fn silence_is_accepted() {
        assert_silent(&["canary-one"], &"nothing to see");
        assert_error_silent(&["canary-one"], &std::io::Error::other("closed"));
    }

    #[test]
    #[should_panic = "the secret number 1 shows in its `Debug` output"]
    fn a_canary_is_heard() {
        assert_silent(&["canary-one", "canary-two"], &vec!["x canary-two y"]);
    }

    #[test]
    #[should_panic = "the secret number 0 shows"]
    fn a_canary_in_base64_is_heard() {
        assert_silent(&["canary-one"], &base64::prelude::BASE64_STANDARD.encode("ab:canary-one:"));
    }

    #[test]
    #[should_panic = "the secret number 0 shows in its `Display` output"]
    fn a_canary_in_a_source_is_heard() {
        #[derive(Debug)]
        struct Outer(std::io::Error);
        impl std::fmt::Display for Outer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("outer")
            }
        }
        impl Error for Outer {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(&self.0)
            }
        }
        // `Debug` of the outer error shows it as well; its `Display` comes first and is silent.
        let quiet = Outer(std::io::Error::other("closed"));
        assert_error_silent(&["canary-one"], &quiet);
        assert_error_silent(&["canary-one"], &std::io::Error::other("sent canary-one"));
    }
}
