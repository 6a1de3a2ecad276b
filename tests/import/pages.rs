//! Pages as people paste them: prose, tables and fences above, between and below the requests.

use super::places::holds as holds_all;
use rekindle::import::{Settings, curl};

const CURL: &str = "curl -X POST https://id.acme.io/token \\\n  -u id:secret \\\n  -d 'grant_type=refresh_token' \\\n  -d 'refresh_token=REFRESH' -d client_type=web";
const CODE: &str =
    "curl -X POST https://id.acme.io/token -u id:secret -d grant_type=authorization_code -d code=C";
const RAW: &str = "POST /token HTTP/1.1\nHost: id.acme.io\nAuthorization: Basic x\n\ngrant_type=refresh_token&refresh_token=x&client_type=web";
const GOOD: &str = "{\"access_token\":\"a\",\"expires_in\":3600}";
const BARE: &str = "POST https://oauth.acme.io/oauth/token";
const TABLE: &str = "| Field | Value |\n| --- | --- |\n| grant_type | it's `refresh_token` |\n| `refresh_token` | the app's \"token\" = \u{2026} |";

/// Lines of prose, with each kind of sign that opens a quote for a shell.
const PROSE: &[&str] = &[
    "Here's how:",
    "It's answered with:",
    "Before the token's end, refresh it",
    "Say \"refresh and don't wait",
    "It\u{2019}s your app\u{2019}s App",
    "curl is a tool; it's on most machines",
    "- the 5\" screen's `token`",
];

fn text(source: &str) -> String {
    curl(source, &Settings::default())
        .unwrap_or_else(|problem| panic!("{source}\n{problem:?}"))
        .text
}

/// What a spec says without its comments.
fn said(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
}

#[test]
fn prose_changes_nothing() {
    for request in [CURL, RAW, &format!("    $ {}", CURL.replace("  -", "    -"))] {
        let alone = said(&text(&format!("{request}\n\n{GOOD}")));
        assert!(
            alone.contains("client_type: web") && alone.contains("seconds: /expires_in"),
            "{alone}"
        );
        for prose in PROSE {
            for source in [
                format!("{prose}\n\n{request}\n\n{GOOD}"),
                format!("{prose}\n{request}\n\n{prose}\n{GOOD}\n{prose}"),
                format!("{prose}\n\n{CODE}\n\n{prose}\n\n{request}\n\n{prose}\n\n{GOOD}"),
                format!(
                    "{CODE}\n{prose}\n\n```sh\n{request}\n```\n\n{prose}\n```json\n{GOOD}\n```\n\n{prose}\n"
                ),
            ] {
                let text = text(&source);
                assert_eq!(said(&text), alone, "{source}");
                assert!(!text.contains("of the source is not read"), "{source}\n{text}");
                holds_all(&source, &text);
            }
        }
    }
}

/// Lines of options belong to the command where a page leaves out the sign that a line goes on; a document in a quote may have empty
/// lines.
#[test]
fn a_command_is_whole() {
    for request in [
        CURL.replace(" \\\n", "\n"),
        CURL.replace(" \\\n", " \\\n\n"),
        CURL.replace(" \\\n", " ^\n"),
        "curl https://id.acme.io/token -u id:secret --json '{\n  \"grant_type\": \"refresh_token\",\n\n  \"refresh_token\": \"x\",\n  \"client_type\": \"web\"\n}'".to_owned(),
        "curl https://id.acme.io/token -u id:secret -d @- <<EOF\ngrant_type=refresh_token&refresh_token=x\n&client_type=web\nEOF".to_owned(),
    ] {
        let text = text(&format!("It's so:\n\n{request}\n\nAnd here's what it brings:\n{GOOD}"));
        for words in ["client_type: web", "seconds: /expires_in", "auth: { basic"] {
            assert!(text.contains(words), "{request}\n{words}\n{text}");
        }
    }
}

/// Marks of Markdown around a command, and the prompts of a shell, are no part of it.
#[test]
fn marks_and_prompts_are_no_part_of_a_command() {
    let one = CURL.replace(" \\\n", "");
    for source in [
        format!("> {}", CURL.replace('\n', "\n> ")),
        format!("$ {}", CURL.replace('\n', "\n> ")),
        format!("`{one}`"),
        format!("Run `{one}` before the token's end; it's easy."),
        format!("1. {one}"),
        format!("- `{one}`"),
        format!("user@host:~$ {one}"),
        format!("TOKEN=$({one} | jq -r .access_token)\necho \"it's $TOKEN\""),
    ] {
        let text = text(&source);
        for words in ["client_type: web", "auth: { basic", "profile: rfc6749"] {
            assert!(text.contains(words), "{source}\n{words}\n{text}");
        }
        holds_all(&source, &text);
    }
}

/// What a stray quote hides is never left out without a word.
#[test]
fn a_quote_that_runs_into_an_option_is_named() {
    let bare = "POST\nhttps://id.acme.io/token?grant_type=refresh_token&refresh_token=x\n--header 'A: b'\n--data-urlencode 'client_id=X\n--data-urlencode 'client_secret=Y'";
    let command = "curl https://id.acme.io/token \\\n  -d 'grant_type=refresh_token' \\\n  --header 'A: b' \\\n  -d 'client_id=X \\\n  -d 'client_secret=Y'";
    for broken in [bare, command] {
        let problem = curl(&format!("Here's how:\n{broken}\n\n{GOOD}"), &Settings::default());
        let problem = problem.expect_err("the quote is open");
        assert!(
            problem.message.starts_with("the request in line 2: the quote in line 5, column"),
            "{problem:?}"
        );
        // Beside a request that can be read.
        let text = text(&format!("{CODE}\n\n{broken}\n\n{GOOD}"));
        assert!(
            text.contains("The request in line 3 of the source is not read: the quote in line 6"),
            "{text}"
        );
        assert!(!text.contains("shows no refresh"), "{text}");
    }
}

/// Fields that a page has in a table are no body, and what a table says is none either.
#[test]
fn tables_and_prose_are_no_body() {
    let head = "Content-Type: application/x-www-form-urlencoded";
    for request in [
        BARE.to_owned(),
        format!("{BARE} HTTP/1.1"),
        format!("{BARE}\n{head}"),
        format!("{BARE}\n\n{head}"),
    ] {
        for between in [
            TABLE,
            "The request's fields are these.",
            "Parameters:\n\n- grant_type: refresh_token",
            "",
        ] {
            let source = format!(
                "Here's how:\n\n```http\n{request}\n```\n\n{between}\n\nResponse:\n\n```json\n{GOOD}\n```\n"
            );
            let text = text(&source);
            for words in [
                "assumed: a refresh",
                "POST /oauth/token",
                "seconds: /expires_in",
                "profile: rfc6749",
            ] {
                assert!(text.contains(words), "{source}\n{words}\n{text}");
            }
            assert!(!text.contains("form:"), "{source}\n{text}");
            holds_all(&source, &text);
        }
        // A body below a table is the one that says the grant type.
        let body = "{\"grant_type\":\"refresh_token\",\"refresh_token\":\"x\"}";
        let text = text(&format!("{BARE}\n\n{TABLE}\n\n{body}\n\n{GOOD}"));
        assert!(text.contains("json: {}") && text.contains("seconds: /expires_in"), "{text}");
    }
    let lines =
        text(&format!("{BARE}\n\ngrant_type=refresh_token\nrefresh_token=x\nmode=web\n\n{TABLE}"));
    assert!(lines.contains("form: { mode: web }"), "{lines}");
}

#[test]
fn an_error_names_the_line_of_its_request() {
    let source = format!("It's so:\n\n{BARE}\n\n{{\"grant_type\": refresh}}\n\n{GOOD}");
    let problem = curl(&source, &Settings::default()).unwrap_err();
    assert!(
        problem.message.starts_with("the request in line 3: the body is no JSON"),
        "{problem:?}"
    );
    let problem = curl("How to refresh: it's easy", &Settings::default()).unwrap_err();
    assert!(problem.hint.contains("as HTTP writes it"), "{problem:?}");
}
