//! URLs as `reqwest` wants them, without parsing the same host over and over.

use std::sync::{Arc, Mutex};

use http::Uri;
use reqwest::Url;

/// The origin of the last request, parsed: scheme, host and port, nothing that follows. There is no secret in it.
#[derive(Debug, Clone, Default)]
pub(super) struct LastOrigin(Arc<Mutex<Option<Origin>>>);

#[derive(Debug)]
struct Origin {
    scheme: String,
    authority: String,
    url: Url,
}

impl LastOrigin {
    /// The same as parsing the whole text, in a fourth of the time where the origin is the last one's.
    ///
    /// `None` where it is no URL.
    pub(super) fn url(&self, uri: &Uri) -> Option<Url> {
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
        if authority.contains('@') {
            // A user and a password: not kept.
            return Url::parse(&uri.to_string()).ok();
        }
        let mut url = self.origin(scheme, authority)?;
        url.set_path(uri.path());
        url.set_query(uri.query());
        Some(url)
    }

    fn origin(&self, scheme: &str, authority: &str) -> Option<Url> {
        // Whoever panicked while holding it left a whole value or none.
        let mut last = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(origin) = last.as_ref()
            && (origin.scheme.as_str(), origin.authority.as_str()) == (scheme, authority)
        {
            return Some(origin.url.clone());
        }
        let url = Url::parse(&format!("{scheme}://{authority}")).ok()?;
        *last = Some(Origin {
            scheme: scheme.to_owned(),
            authority: authority.to_owned(),
            url: url.clone(),
        });
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_those_that_parsing_makes() {
        let origin = LastOrigin::default();
        let texts = [
            "http://127.0.0.1:8080/token",
            "http://127.0.0.1:8080/token?",
            "http://127.0.0.1:8080/a/../b/./c%2Fd/%2e%2e/e?f=g%20h&i='j'\"",
            "http://127.0.0.1:8080",
            "http://127.0.0.1:8080/?a=b?c",
            "https://127.0.0.1:8080/",
            "https://EXAMPLE.com:443//double//slash",
            "https://example.com/a;b=c,d/(e)!*~|^`{}",
            "https://user:word@example.com/x",
            "https://example.com/x",
            "https://[::1]:1/x?y",
        ];
        for text in texts.into_iter().chain(texts) {
            let Ok(uri) = text.parse::<Uri>() else {
                continue;
            };
            let parsed = Url::parse(&uri.to_string()).ok();
            assert_eq!(origin.url(&uri), parsed, "{text}");
        }
        assert_eq!(origin.url(&Uri::from_static("/path")), None);
        assert_eq!(origin.url(&Uri::from_static("https://999.999.999.999/")), None);
    }
}
