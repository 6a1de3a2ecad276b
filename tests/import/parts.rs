//! Pages that show several requests, and answers below them: each part is read as what it is, or named.

use super::places::holds as holds_all;
use rekindle::import::{Settings, curl};

const RAW: &str = "POST /t HTTP/1.1\nHost: api.acme.io\n\ngrant_type=refresh_token&refresh_token=x&client_type=web";
const OTHER: &str = "POST /t HTTP/1.1\nHost: eu.acme.io\n\ngrant_type=refresh_token&refresh_token=x&client_type=web";
const JSON: &str = "POST /t HTTP/1.1\nHost: api.acme.io\n\n{\"grant_type\":\"refresh_token\",\n\n\"refresh_token\":\"x\",\"client_type\":\"web\"}";
const CURL: &str =
    "curl https://api.acme.io/t -d grant_type=refresh_token -d refresh_token=x -d client_type=web";
const GOOD: &str = "{\"access_token\":\"a\",\"expires_in\":60}";
const HEAD: &str = "HTTP/1.1 200 OK\nContent-Type: application/json";
const BAD: &str = "{\"error\":\"invalid_grant\",\"error_description\":\"of opensesame\"}";

/// Every request, in every company, is read like the request alone.
#[test]
fn nothing_is_glued_to_a_request() {
    let revoke = "POST /revoke HTTP/1.1\nHost: api.acme.io\n\ntoken=x";
    let good_head = format!("{HEAD}\n\n{GOOD}");
    let bad_head = format!("HTTP/1.1 400 Bad Request\nContent-Type: application/json\n\n{BAD}");
    let tails: &[(&[&str], &[&str], &[&str])] = &[
        (&[GOOD], &["seconds: /expires_in"], &["not read"]),
        (&[&good_head], &["seconds: /expires_in"], &["not read"]),
        (&["Response:", &good_head], &["seconds: /expires_in"], &["not read"]),
        (
            &["It answers so.", GOOD],
            &["seconds: /expires_in", "nor an answer in JSON is not read"],
            &[],
        ),
        (
            &[GOOD, BAD],
            &["seconds: /expires_in", "are errors: `/error` is `invalid_grant`"],
            &["/error_desc"],
        ),
        (
            &[&good_head, &bad_head],
            &["seconds: /expires_in", "status 400, `/error` is `invalid_grant`"],
            &[],
        ),
        (&[&bad_head, &good_head], &["seconds: /expires_in", "status 400"], &[]),
        (&[&bad_head], &["status 400", "expires: TODO"], &["response:", "outputs"]),
        (
            &["HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer"],
            &["are errors: status 401."],
            &[],
        ),
        (&["HTTP/1.1 204 No Content"], &["not read: one without a body"], &[]),
        (&["HTTP/1.1 100 Continue", &good_head], &["seconds: /expires_in"], &["not read", "100"]),
        (
            &[HEAD, "{ \"access_token\": <token>, ... }"],
            &["is no JSON: line ", " of the source"],
            &["response:"],
        ),
        (&[GOOD, "{\"access_token\":\"b\"}"], &["not read: one more that is a success"], &[]),
        (&[revoke], &["shows 2 requests"], &[]),
        (&[GOOD, revoke, BAD], &["shows 2 requests", "seconds: /expires_in"], &["are errors"]),
        (&[OTHER, BAD], &["eu: https://eu.acme.io", "`/error` is `invalid_grant`"], &[]),
        (
            &[GOOD, "```", OTHER, "```", &bad_head],
            &["seconds: /expires_in", "status 400", "eu: "],
            &[],
        ),
    ];
    for request in [RAW, JSON, CURL] {
        for (tail, holds, lacks) in tails {
            let source = format!("{request}\n\n{}\n", tail.join("\n\n"));
            let text = curl(&source, &Settings::default()).unwrap().text;
            let flat = text.replace("\n#  ", "");
            let own = ["POST /t", "{ client_type: web }", "production: https://api.acme.io"];
            let missing: Vec<_> =
                own.iter().chain(*holds).filter(|it| !flat.contains(**it)).collect();
            assert!(missing.is_empty(), "{source}\n{missing:?}\n{text}");
            let there: Vec<_> =
                ["opensesame"].iter().chain(*lacks).filter(|it| flat.contains(**it)).collect();
            assert!(there.is_empty(), "{source}\n{there:?}\n{text}");
            holds_all(&source, &text);
        }
    }
}

/// An error that is given as the answer is told like one that is pasted; beside it, a success may stand below the request.
#[test]
fn an_error_is_no_answer_to_read_tokens_from() {
    let settings = Settings { answer: Some(BAD.to_owned()), ..Settings::default() };
    let alone = curl(RAW, &settings).unwrap().text;
    assert!(alone.contains("`/error` is `invalid_grant`"), "{alone}");
    assert!(!alone.contains("response:"), "{alone}");
    let both = curl(&format!("{RAW}\n\n{GOOD}"), &settings).unwrap().text;
    assert!(both.contains("seconds: /expires_in"), "{both}");
}

/// So is a body that holds the status of a refusal beside words about it, whatever it calls them and wherever it stands; one with a token,
/// with a number that is no such status or without such words is an answer.
#[test]
fn a_body_that_holds_the_status_of_a_refusal_is_no_success() {
    for name in ["status", "statusCode", "status_code", "code"] {
        for told in ["title", "detail", "message"] {
            let of = |status: &str, more: &str| {
                format!("{{ \"{name}\": {status}, \"{told}\": \"Something is wrong\"{more} }}")
            };
            for status in ["400", "401", "503", "\"400\"", "40001"] {
                let refusal = of(status, "");
                let shown = format!("`/{name}` is {}", status.trim_matches('"'));
                for source in
                    [format!("{RAW}\n\n{refusal}"), format!("{RAW}\n\n{refusal}\n\n{GOOD}")]
                {
                    let text = curl(&source, &Settings::default()).unwrap().text;
                    let flat = text.replace("\n#  ", "");
                    assert!(
                        flat.contains("are errors: ")
                            && flat.replace("is `4", "is 4").contains(&shown),
                        "{source}\n{text}"
                    );
                    assert!(
                        !text.contains("Something") && !text.contains("outputs"),
                        "{source}\n{text}"
                    );
                    assert_eq!(
                        text.contains("seconds: /expires_in"),
                        source.contains(GOOD),
                        "{text}"
                    );
                    holds_all(&source, &text);
                }
            }
            let token = ", \"access_token\": \"a\"";
            for answer in [
                of("400", token),
                of("200", token),
                of("200", ""),
                format!("{{ \"{name}\": 400 }}"),
            ] {
                let text = curl(&format!("{RAW}\n\n{answer}"), &Settings::default()).unwrap().text;
                assert!(!text.contains("are errors"), "{answer}\n{text}");
            }
        }
    }
}

/// A place in a request keeps the number of its line, whatever stands above it.
#[test]
fn a_place_is_one_of_the_source() {
    let problem =
        curl(&format!("Refresh:\n\n{CURL}\n\n{GOOD}\n\ncurl -d 'a=b"), &Settings::default());
    let text = problem.unwrap().text;
    assert!(
        text.contains(
            "The request in line 7 of the source is not read: the quote in line 7, column 9"
        ),
        "{text}"
    );
}

#[test]
fn each_host_of_a_request_has_a_name_of_its_own() {
    let table: &[&[(&str, &str)]] = &[
        &[
            ("production", "api.acme.io"),
            ("eu", "eu.api.acme.io"),
            ("us", "us.api.acme.io"),
            ("sandbox", "sandbox.acme.io"),
        ],
        &[("eu", "api-eu.acme.io"), ("us2", "api.us2.acme.io")],
        &[("us_east_1", "api.us-east-1.acme.io"), ("eu_west_2", "api.eu-west-2.acme.io")],
        &[("sandbox_eu", "sandbox.eu.acme.io"), ("sandbox", "sandbox.acme.io")],
        &[("production", "id.acme.com"), ("eu", "id.acme.eu"), ("production_in", "id.acme.in")],
        &[("production", "east.acme.io"), ("alpha", "alpha.acme.io"), ("login", "login.acme.io")],
        &[("production", "10.0.0.1"), ("production_2", "10.0.0.2")],
        &[("production", "api.acme.io"), ("demo", "api.acme-demo.io")],
        &[("sandbox_eu", "eu.acme-sandbox.io"), ("sandbox", "acme-sandbox.co.uk")],
        // What a name begins with is the name's.
        &[("production", "demo-acme.io"), ("api", "api.test-acme.io")],
    ];
    for hosts in table {
        let line =
            |(_, host): &(&str, &str)| format!("curl https://{host}/t -u i:s -d refresh_token=x");
        let lines: Vec<String> = hosts.iter().map(line).collect();
        let text = curl(&lines.join("\n"), &Settings::default()).unwrap().text;
        for (name, host) in *hosts {
            assert!(text.contains(&format!("{name}: https://{host}")), "{host}\n{text}");
        }
        holds_all(&lines.join("\n"), &text);
    }
}

/// A word between hyphens names the environment as a label of its own does, in front of the name and behind it, and is no part of the name.
#[test]
fn a_word_of_a_host_names_the_environment() {
    for kind in ["demo", "sandbox", "staging", "test", "dev"] {
        for host in [
            format!("{kind}.acme.io"),
            format!("api.{kind}.acme.io"),
            format!("api-{kind}.acme.io"),
            format!("{kind}-api.acme.io"),
            format!("shop-{kind}-2.acme.io"),
            format!("api.acme-{kind}.io"),
            format!("acme-{kind}.io"),
            format!("acme-{kind}.co.uk"),
        ] {
            let line = format!("curl https://{host}/t -u i:s -d refresh_token=x");
            let imported = curl(&line, &Settings::default()).unwrap();
            let environment =
                format!("environments: {{ {kind}: \"https://{host}\" }}").replace('"', "");
            assert!(
                imported.text.replace('"', "").contains(&environment),
                "{host}\n{}",
                imported.text
            );
            assert_eq!(imported.id, "acme", "{host}");
            holds_all(&line, &imported.text);
        }
    }
}
