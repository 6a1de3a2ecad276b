//! Where a page is that access tokens open.

use super::super::Stop;
use super::super::args::Test;
use rekindle_contract::contract::{Contract, SentAs};
use rekindle_runtime::BaseUrl;
use rekindle_runtime::http::Uri;

/// The page, where one is given: that of one contract, which says how an access token is sent.
pub(super) fn find(arguments: &Test, contracts: &[Contract]) -> Result<Option<Uri>, Stop> {
    let Some(url) = &arguments.resource else {
        return Ok(None);
    };
    let wrong =
        |why: &str, hint: &str| Stop::Usage(format!("--resource: {why}"), Some(hint.to_owned()));
    let [contract] = contracts else {
        return Err(wrong("several contracts, and one page", "name one with `--provider ID`"));
    };
    let id = &contract.provider.id;
    let Some(sent_as) = &contract.access.sent_as else {
        let why = format!("the contract of `{id}` does not say how an access token is sent");
        return Err(wrong(&why, "say it in `tokens.access.sent_as`, as the page has it"));
    };
    let hint = "`https://…`, or `http://127.0.0.1:4747/…` for `rekindle serve`";
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    BaseUrl::parse_allowing_loopback(address).map_err(|error| wrong(&error.to_string(), hint))?;
    let uri: Option<Uri> = url.parse().ok();
    let uri = uri.filter(|_| !url.contains('#')).ok_or_else(|| wrong("it is no URL", hint))?;
    let is_token =
        |name: &String| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    match sent_as {
        SentAs::Query(name) if is_token(name) => {
            let why = format!("`{name}` is in its query, which is where the access token is sent");
            Err(wrong(&why, "leave it out"))
        }
        _ => Ok(Some(uri)),
    }
}
