//! A whole URL in the request line: `POST https://auth.example.com/oauth/token`.

use crate::diagnostics::Finding;
use crate::diagnostics::meaning::BAD_REQUEST_LINE;
use crate::path::Path;
use std::borrow::Cow;

/// The name of the environment that a whole URL stands for.
pub(super) const ENVIRONMENT: &str = "production";

/// A request line without its host.
pub(crate) struct Target<'a> {
    /// The base URL, where there is one: `https://auth.example.com`.
    pub(crate) host: Option<&'a str>,
    /// Method and path.
    pub(crate) line: Cow<'a, str>,
}

/// Takes the host out of the request line that stands `at` a path.
pub(crate) fn split<'a>(text: &'a str, at: Path, found: &mut Vec<Finding>) -> Target<'a> {
    let text = text.trim();
    let ends = ['/', '?', '#', '\\'];
    let (method, target) = match text.split_once(char::is_whitespace) {
        Some((method, target)) => (method, target.trim()),
        None if text.contains("://") => {
            let message = format!("`{text}` has no method");
            let finding = Finding::value(BAD_REQUEST_LINE, at.clone(), message);
            found.push(finding.hint(format!("write `POST {text}`")));
            ("POST", text)
        }
        None => return Target { host: None, line: Cow::Borrowed(text) },
    };
    let Some(scheme) = target.find("://").filter(|scheme| !target[..*scheme].contains(ends)) else {
        return Target { host: None, line: Cow::Borrowed(text) };
    };
    let authority = scheme + "://".len();
    let end = target[authority..].find(ends).map_or(target.len(), |length| authority + length);
    let (host, rest) = target.split_at(end);
    let path = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    if path != rest {
        let message = format!("the URL `{host}` has no path");
        let hint = format!("write `{method} {host}{path}` if that is the whole address");
        let finding = Finding::value(BAD_REQUEST_LINE, at, message);
        found.push(finding.hint(hint));
    }
    Target { host: Some(host), line: Cow::Owned(format!("{method} {path}")) }
}
