//! Requests as lines for a shell.

#[cfg(feature = "serve")]
use rekindle_contract::contract::Contract;
use rekindle_contract::exchange::WireRequest;

/// A line that sends a request and shows the whole answer.
pub(super) fn line(request: &WireRequest) -> String {
    let mut line = "curl -i".to_owned();
    let implied = if request.body.is_empty() { "GET" } else { "POST" };
    if request.method != implied {
        line.push_str(&format!(" -X {}", quoted(&request.method)));
    }
    // Brackets and braces would stand for several addresses.
    if request.url.contains(['[', ']', '{', '}']) {
        line.push_str(" --globoff");
    }
    line.push_str(&format!(" {}", quoted(&request.url)));
    for (name, value) in &request.headers {
        line.push_str(&format!(" -H {}", quoted(&header(name, value))));
    }
    if !request.body.is_empty() {
        let body = String::from_utf8_lossy(&request.body);
        line.push_str(&format!(" --data-raw {}", quoted(&body)));
    }
    line
}

/// A line that posts JSON, or nothing, to the control endpoint.
#[cfg(feature = "serve")]
pub(super) fn post(url: &str, json: &str) -> String {
    line(&WireRequest {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: json.as_bytes().to_vec(),
    })
}

/// A line that shows an access token to the provider.
#[cfg(feature = "serve")]
pub(super) fn protected(contract: &Contract, base_url: &str, token: &str) -> String {
    let carrier = contract.access.carrier();
    line(&WireRequest {
        method: "GET".to_owned(),
        url: carrier.url(&format!("{base_url}/-/protected"), token),
        headers: carrier
            .header(token)
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect(),
        body: Vec::new(),
    })
}

/// A header as curl takes it: one without a value ends in a semicolon.
fn header(name: &str, value: &str) -> String {
    if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") }
}

/// A text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, headers: &[(&str, &str)], body: &str) -> WireRequest {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        WireRequest {
            method: method.to_owned(),
            url: "http://127.0.0.1:4747/acme/token?v=2".to_owned(),
            headers: headers.iter().map(owned).collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn lines_can_be_pasted() {
        assert_eq!(
            line(&request("POST", &[("content-type", "application/json")], r#"{"it's":"$HOME"}"#)),
            r#"curl -i 'http://127.0.0.1:4747/acme/token?v=2' -H 'content-type: application/json' --data-raw '{"it'\''s":"$HOME"}'"#
        );
        assert_eq!(
            line(&request("POST", &[("x-empty", "")], "")),
            "curl -i -X POST 'http://127.0.0.1:4747/acme/token?v=2' -H 'x-empty;'"
        );
        assert!(line(&request("GET", &[], "")).starts_with("curl -i 'http"));
        assert!(line(&request("GET", &[], "a=1")).starts_with("curl -i -X GET 'http"));
    }

    #[test]
    fn words_of_a_shell() {
        assert_eq!(quoted("http://127.0.0.1:1/a"), "http://127.0.0.1:1/a");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("`rm`;\n"), "'`rm`;\n'");
    }
}
