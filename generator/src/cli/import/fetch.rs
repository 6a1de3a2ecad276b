//! Fetches a document.

use super::super::Stop;
use rekindle_runtime::UreqTransport;
use rekindle_runtime::http::Request;
use rekindle_runtime::transport::BlockingTransport;

/// What is at a URL: https, or plain http on this machine; no redirects, no more than 30 seconds, no more than a mebibyte.
pub(super) fn fetch(url: &str) -> Result<String, Stop> {
    let hint = || Some("download the document, and give the file in place of the URL".to_owned());
    let failed = |why: String| Stop::Usage(format!("cannot fetch the document: {why}"), hint());
    let request = Request::get(url).header("accept", "application/json, application/yaml, */*");
    let request = request.body(Vec::new()).map_err(|_| failed("the URL is none".to_owned()))?;
    let answer =
        UreqTransport::new().send(request).map_err(|error| failed(error.kind().to_string()))?;
    let status = answer.status();
    if !status.is_success() {
        let redirected = if status.is_redirection() { ": redirects are not followed" } else { "" };
        return Err(failed(format!("the answer has status {}{redirected}", status.as_u16())));
    }
    super::text(answer.into_body()).map_err(|(what, _)| failed(format!("it {what}")))
}
