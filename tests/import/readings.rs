//! What the pages of providers show in their own order and words, and what was once read of it as something else.

use super::places::holds as holds_all;
use rekindle::import::{Settings, curl};

const CURL: &str =
    "curl https://id.acme.io/token -u i:s -d grant_type=refresh_token -d refresh_token=x";
const GOOD: &str = "{\"access_token\":\"a\",\"token_type\":\"bearer\",\"expires_in\":3600}";

/// The spec of a source, a comment of it on one line each.
fn text(source: &str) -> String {
    let text = curl(source, &Settings::default())
        .unwrap_or_else(|problem| panic!("{source}\n{problem:?}"))
        .text;
    holds_all(source, &text);
    text.replace("\n#  ", "")
}

/// A header is named that a contract need not say, however the command gives it.
#[test]
fn headers_that_are_left_out_are_named() {
    for (option, name) in [
        ("-A my-agent/1.0", "User-Agent"),
        ("--user-agent my-agent/1.0", "User-Agent"),
        ("-H 'User-Agent: my-agent/1.0'", "User-Agent"),
        ("-e https://acme.io", "Referer"),
        ("--referer https://acme.io", "Referer"),
    ] {
        let text = text(&format!("{CURL} {option}"));
        assert!(text.contains(&format!("that are left out: `{name}`")), "{option}\n{text}");
    }
}

/// The number beside the instant at which the same token ends is a lifetime in seconds where it cannot be one in milliseconds.
#[test]
fn a_long_lifetime_beside_its_end_is_one_in_seconds() {
    let at = |name: &str, seconds: &str, end: &str| {
        text(&format!(
            "{CURL}\n\n{{\"access_token\":\"a\",\"expires_in\":60,\"refresh_token\":\"b\",\"{name}expires_in\":{seconds},\"{name}expires_at\":{end}}}"
        ))
    };
    for end in ["\"2040-09-09T10:08:18Z\"", "2230625298", "2230625298000"] {
        let text = at("refresh_token_", "628639555", end);
        assert!(text.contains("expires: { seconds: /refresh_token_expires_in }"), "{end}\n{text}");
        assert!(text.contains("refresh_expires: 2046-10-30"), "{end}\n{text}");
    }
    // Both could be meant: 19 years ago, and a week before.
    let open = at("refresh_token_", "604800000", "\"2026-01-08T00:00:00Z\"");
    assert!(!open.contains("seconds: /refresh_token_expires_in"), "{open}");
    for (years, is_read) in [(5, true), (10, true), (11, false)] {
        let seconds = years * 365 * 86_400;
        let text = text(&format!("{CURL}\n\n{{\"access_token\":\"a\",\"expires_in\":{seconds}}}"));
        assert_eq!(text.contains("expires: { seconds: /expires_in }"), is_read, "{years}\n{text}");
        assert_eq!(text.contains("perhaps: /expires_in"), !is_read, "{years}\n{text}");
    }
}

/// An answer belongs to the one request, whether it stands below it or above.
#[test]
fn an_answer_above_the_request_is_read() {
    let said = |text: &str| {
        text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
    };
    let below = text(&format!("{CURL}\n\n{GOOD}"));
    for above in [
        format!("{GOOD}\n\nExample:\n\n{CURL}"),
        format!("Response:\n\n```json\n{GOOD}\n```\n\n```sh\n{CURL}\n```"),
        format!("HTTP/1.1 200 OK\nContent-Type: application/json\n\n{GOOD}\n\n{CURL}"),
    ] {
        let text = text(&above);
        assert_eq!(said(&text), said(&below), "{above}");
        assert!(text.contains("The answer stands above the request"), "{text}");
    }
    // What stands below is the answer, and of two requests nobody knows whose it is.
    let other = GOOD.replace("3600", "60");
    let both = text(&format!("{other}\n\n{CURL}\n\n{GOOD}"));
    assert_eq!(said(&both), said(&below));
    assert!(both.contains("nor an answer in JSON is not read"), "{both}");
    let two = text(&format!("{GOOD}\n\n{CURL}\n\ncurl https://id.acme.io/revoke -d token=x"));
    assert!(two.contains("expires: TODO") && two.contains("is not read"), "{two}");
}

/// A request without a body to an endpoint that issues tokens is a refresh, whatever the endpoint is called.
#[test]
fn an_endpoint_for_tokens_is_one_by_its_name() {
    for path in ["token", "oauth/access_token", "v1/tokens", "oauth/accessToken", "token/"] {
        let text =
            text(&format!("POST https://id.acme.io/{path}\n\n| grant_type | refresh_token |"));
        assert!(text.contains("profile: rfc6749"), "{path}\n{text}");
        assert!(text.contains("The source shows a request without a body"), "{path}\n{text}");
    }
    let other = text("POST https://id.acme.io/sessions");
    assert!(other.contains("operation: client_credentials"), "{other}");
}

/// A label that speaks of curl is no command.
#[test]
fn a_label_is_no_command() {
    let alone = text(CURL);
    for label in ["curl example:", "curl request:", "Example with curl:", "curl is a tool."] {
        let text = text(&format!("{label}\n\n{CURL}"));
        assert!(!text.contains("requests"), "{label}\n{text}");
        assert!(text.ends_with(alone.split_once("\nrekindle").unwrap().1), "{label}\n{text}");
    }
}

/// A URL that holds the whole request is asked for with GET.
#[test]
fn a_url_alone_is_a_request() {
    let url = "https://id.acme.io/oauth2.0/token?grant_type=refresh_token&client_id=CLIENT_ID&refresh_token=TOKEN";
    for source in [
        url.to_owned(),
        format!("Refresh:\n\n{url}\n\n{GOOD}"),
        format!("curl example:\n\n```\n{url}\n```"),
    ] {
        let text = text(&source);
        assert!(text.contains("request: GET /oauth2.0/token"), "{source}\n{text}");
        assert!(text.contains("shows a URL alone; assumed"), "{source}\n{text}");
        assert_eq!(text.contains("seconds: /expires_in"), source.contains(GOOD), "{text}");
    }
    // Any other URL says nothing of a request; beside one that does, it is prose.
    let problem = curl("https://docs.acme.io/?page=refresh", &Settings::default()).unwrap_err();
    assert!(problem.hint.contains("`GET ` and the whole URL"), "{problem:?}");
    let beside = text(&format!("{url}\n\n{CURL}"));
    assert!(!beside.contains("GET") && !beside.contains("2 requests"), "{beside}");
}

/// A value that names the refresh token is one, whatever its field is called; a kind of thing is called so as well.
#[test]
fn a_value_names_what_it_stands_for() {
    for name in ["code", "token", "rt", "value"] {
        let text = text(&format!(
            "POST https://id.acme.io/token?grant_type=refresh_token&{name}=REFRESH_TOKEN&client_id=APP_KEY"
        ));
        assert!(text.contains(&format!("{name}: \"${{refresh_token}}\"")), "{name}\n{text}");
        assert!(!text.contains("no refresh token") && !text.contains("left out"), "{name}\n{text}");
    }
    let kind =
        text("curl https://id.acme.io/t -d flow_kind=REFRESH_TOKEN -d refresh_token=x -d a=b");
    assert!(kind.contains("flow_kind: REFRESH_TOKEN"), "{kind}");
}

/// A sample of what a client makes for one request is no constant.
#[test]
fn what_is_made_for_one_request_does_not_stay() {
    for (name, value) in [
        ("state", "abcdefg123"),
        ("request_id", "req-20240101"),
        ("timestamp", "20240101"),
        ("nonce", "abc123"),
    ] {
        let text = text(&format!("{CURL} -d {name}={value}"));
        assert!(text.contains(&format!("{name}: \"${{client.{name}}}\"")), "{name}\n{text}");
        assert!(!text.contains(value), "{name}\n{text}");
        assert!(
            text.contains(&format!("`{name}` is perhaps another one in each request")),
            "{text}"
        );
    }
}

/// An answer that is no JSON is told with its place in the source; when a token ends is no secret.
#[test]
fn what_is_said_of_an_answer_holds() {
    let text_of = format!("{CURL}\n\n{{\n  \"access_token\": <token>,\n  \"expires_in\": ...\n}}");
    let broken = text(&text_of);
    assert!(broken.contains("is no JSON: line 4, column 19 of the source"), "{broken}");
    let end = text(&format!(
        "{CURL}\n\n{{\"access_token\":\"a\",\"expires_in\":60,\"refresh_token\":\"b\",\"refresh_token_expires_in\":600,\"refresh_token_expires_at\":\"2026-01-08T00:00:00Z\"}}"
    ));
    assert!(end.contains("`refresh_token_expires_at: /refresh_token_expires_at`"), "{end}");
}
