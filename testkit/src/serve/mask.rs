//! Paths without secrets: only what is known to be harmless is shown.

use crate::fake::Fake;
use crate::provider::Provider;
use http::{Request, Uri};
use rekindle_contract::contract::{self, ClientAuth, Template};

/// What stands where something is not shown.
const MASK: &str = "***";

/// What shows nothing, wherever it stands.
const CONTROL_WORDS: [&str; 8] =
    ["-", "control", "advance", "sign-in", "plan", "calm", "revoke", "protected"];

/// The methods of RFC 9110 and RFC 5789.
const METHODS: [&str; 9] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];

/// A method that is known, or that one of these providers declares: a client may have made one up.
pub(super) fn method<'a>(
    request: &Request<Vec<u8>>,
    fakes: impl IntoIterator<Item = &'a Fake>,
) -> String {
    let method = request.method().as_str();
    let declares =
        |fake: &Fake| fake.provider().contract().requests().any(|request| request.method == method);
    if METHODS.contains(&method) || fakes.into_iter().any(declares) {
        method.to_owned()
    } else {
        MASK.to_owned()
    }
}

/// The path and the query of a request to a provider: what is declared, and nothing else.
pub(super) fn path(provider: &Provider, uri: &Uri) -> String {
    let base = base_path(provider);
    let path = uri.path();
    let (prefix, rest) = match path.strip_prefix(base.as_str()) {
        Some(rest) => (base.as_str(), rest),
        None => ("", path),
    };
    let known = declared(provider);
    let shown = shown(rest, |segment| known.iter().any(|known| known == segment));
    format!("{prefix}{shown}{}", query(provider, uri))
}

/// The path of a request that is for no provider: what one of them declares, and nothing else.
pub(super) fn path_of_nobody(fakes: &[(String, Fake)], uri: &Uri) -> String {
    let mut known: Vec<String> = fakes.iter().map(|(id, _)| id.clone()).collect();
    for (_, fake) in fakes {
        known.extend(declared(&fake.provider()));
    }
    let shown = shown(uri.path(), |segment| known.iter().any(|known| known == segment));
    let query = uri.query().map_or("", |_| "?***");
    format!("{shown}{query}")
}

/// A path with its known segments, and a mask for the others.
fn shown(path: &str, is_known: impl Fn(&str) -> bool) -> String {
    let segments = path.split('/').map(|segment| {
        let harmless = segment.is_empty() || CONTROL_WORDS.contains(&segment);
        if harmless || is_known(segment) { segment } else { MASK }
    });
    segments.collect::<Vec<_>>().join("/")
}

fn base_path(provider: &Provider) -> String {
    let uri: Option<Uri> = provider.base_url().parse().ok();
    let path = uri.map(|uri| uri.path().trim_end_matches('/').to_owned());
    path.unwrap_or_default()
}

/// The segments of all paths that a provider declares.
fn declared(provider: &Provider) -> Vec<String> {
    provider.contract().requests().flat_map(|request| segments(&request.path)).collect()
}

/// The segments of a declared path, but for those with a place in them.
fn segments(path: &Template) -> Vec<String> {
    // No path can hold this character itself.
    let text = path.render(|_| "\0".to_owned());
    let literal = text.split('/').filter(|segment| !segment.contains('\0'));
    literal.map(str::to_owned).collect()
}

/// The query: names and constants that are declared are shown, and nothing else.
fn query(provider: &Provider, uri: &Uri) -> String {
    let Some(query) = uri.query() else {
        return String::new();
    };
    let own = |request: &contract::Request| match &request.auth {
        ClientAuth::Query(fields) => [request.query.clone(), fields.clone()].concat(),
        _ => request.query.clone(),
    };
    let known: Vec<(String, Template)> = provider.contract().requests().flat_map(own).collect();
    let pairs = query.split('&').map(|pair| {
        let (name, value) = match pair.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (pair, None),
        };
        let declared = known.iter().find(|(known, _)| known == name);
        let constant = declared.and_then(|(_, constant)| constant.as_literal());
        let name = declared.map_or(MASK, |(name, _)| name);
        match value {
            None => name.to_owned(),
            Some(value) if constant == Some(value) => format!("{name}={value}"),
            Some(_) => format!("{name}={MASK}"),
        }
    });
    format!("?{}", pairs.collect::<Vec<_>>().join("&"))
}
