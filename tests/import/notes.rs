//! What the comments at the head of a spec say: what was assumed, what was left out, and what no key holds.

use super::cases;
use super::places::holds as holds_all;
use rekindle::import::{Settings, curl};
use serde_json::Value;

const REFRESH: &str =
    "curl https://oauth.acme.example/t -u i:s -d grant_type=refresh_token -d refresh_token=x";
const CODE: &str = "curl https://a.example/t -u i:s -d grant_type=authorization_code -d code=x \
                    -d redirect_uri=https://b.example";
const TOKENS: &str = "{\"access_token\":\"a\",\"refresh_token\":\"b\",\"expires_in\":60}";

/// The text with its comments on one line.
fn flat(text: &str) -> String {
    text.replace("\n#  ", "")
}

#[test]
fn nothing_is_assumed_or_left_out_without_a_word() {
    let table: &[(&str, &str, &[&str], &[&str])] = &[
        (
            REFRESH,
            "{\"access_token\":\"a\",\"api_domain\":\"https://b.example\",\"owner\":{\"id\":1,\"team\":null},\"data\":{\"gid\":\"1\"},\"all\":[]}",
            &[
                "no key of this spec holds: `/api_domain`, `/owner/id`, `/owner/team`, `/data/gid`, `/all`.",
            ],
            &[],
        ),
        (REFRESH, "{\"access_token\":\"a\",\"expires_in\":60}", &[], &["no key of this spec"]),
        // The answer to a first grant.
        (
            CODE,
            TOKENS,
            &[
                "# The answer is the one to a first grant",
                "With the code these are left out: `redirect_uri`.",
                "expires: { seconds: /expires_in }",
                "examples: TODO",
            ],
            &["perhaps", "https://b.example"],
        ),
        (
            "curl https://a.example/t -H 'Authorization: Bearer abc' -d grant_type=authorization_code -d code=x",
            "",
            &["The token in the header `Authorization` is left out", "auth: TODO"],
            &["headers:", "${access_token}"],
        ),
        (
            "curl https://a.example/t -H 'Authorization: Bearer abc' -d grant_type=authorization_code -d code=x -d client_id=i -d client_secret=s",
            "",
            &["`Authorization` is left out"],
            &["headers:", "auth: TODO", "${access_token}"],
        ),
        (
            "curl https://a.example/t -d client_id=i -d client_secret=s -d grant_type=authorization_code -d code=x\n\
             curl https://sandbox.a.example/t -d client_id=i -d client_secret=s -d grant_type=authorization_code -d code=x",
            "",
            &[
                "shows 2 requests; this spec is of the one that comes first",
                "sandbox: https://sandbox.a.example",
            ],
            &["one that trades a refresh"],
        ),
        // A page that leaves the fields to a table.
        (
            "curl -X POST https://oauth.acme.example/oauth/token",
            "",
            &[
                "# The source shows a request without a body; assumed: a refresh",
                "auth: TODO",
                "profile: rfc6749",
            ],
            &["operation"],
        ),
        (
            "POST /restapi/oauth/token HTTP/1.1\nHost: a.example\nAuthorization: Basic abc\nAccept: application/json",
            "",
            &["assumed: a refresh", "auth: { basic: { encoding: raw } }"],
            &["operation"],
        ),
        (
            "curl -X POST https://a.example/token -H 'Authorization: Bearer $REFRESH_TOKEN'",
            "",
            &["Authorization: \"Bearer ${refresh_token}\""],
            &["assumed"],
        ),
        (
            "curl https://a.example/t -u i:s -d a=b",
            "",
            &["assumed: `operation: client_credentials`"],
            &[],
        ),
        (
            "curl https://a.example/t -u i:s -d grant_type=client_credentials",
            "",
            &["operation: client_credentials"],
            &["assumed"],
        ),
        (
            "curl https://a.example/t -u i:s -d grant_type=refresh_token",
            "",
            &["grant_type=refresh_token and no refresh token; assumed"],
            &[],
        ),
        (
            "curl https://a.example/t -u i:s -d a=b -H 'Cache-Control: no-cache' -H 'User-Agent: x' -H 'Accept-Language: de' -H 'Host: a' -H 'Accept: */*'",
            "",
            &["left out: `Cache-Control`, `User-Agent`, `Accept-Language`."],
            &["`Host`", "`Accept`"],
        ),
        (
            "curl https://account-d.acme.example/t -u i:s -d a=b",
            "",
            &["https://account-d.acme.example is the environment `production` is a guess"],
            &[],
        ),
        ("curl https://api.acme.example/t -u i:s -d a=b", "", &[], &["a guess"]),
        // As pages print them.
        (
            "POST\nhttps://a.example/t?v=2\n--header 'Content-Type: application/x-www-form-urlencoded'\n--data 'grant_type=refresh_token&refresh_token=x'",
            "",
            &["request: POST /t", "v: \"2\"", "profile: rfc6749"],
            &["header"],
        ),
        (
            "POST /t HTTP/1.1\nHost: a.example\n\ngrant_type=refresh_token&refresh_token=x\n\nHTTP/1.1 201 Created\nx: y\n\n{\"access_token\":\"a\"}",
            "",
            &["status: 201", "profile: rfc6749"],
            &[],
        ),
        (
            "POST /t HTTP/1.1\nHost: a.example\n\n{\"refreshToken\":\"x\",\n\"a\":\"b\"}\n\n{\"access_token\":\"a\",\n\"expires_in\":60}",
            "",
            &["refreshToken: \"${refresh_token}\"", "seconds: /expires_in"],
            &[],
        ),
        (
            "```sh\ncurl https://a.example/t -u i:s -d refresh_token=x\n```\n\nAnswer:\n\n```json\n{\"access_token\":\"a\",\"expires_in\":60}\n```\n",
            "",
            &["seconds: /expires_in", "examples:\n"],
            &["Answer"],
        ),
        (
            "curl -X POST https://COMPANY.acme.example/t -u i:s -d a=b",
            "",
            &["https://${client.company}.acme.example", "company: { type: host_label }"],
            &[],
        ),
    ];
    for (line, answer, holds, lacks) in table {
        let answer = Some((*answer).to_owned()).filter(|it| !it.is_empty());
        let text = curl(line, &Settings { answer, ..Settings::default() }).unwrap().text;
        let shown = flat(&text);
        let missing: Vec<_> = holds.iter().filter(|words| !shown.contains(**words)).collect();
        assert!(missing.is_empty(), "{line}: {missing:?}\n{text}");
        let there: Vec<_> = lacks.iter().filter(|words| shown.contains(**words)).collect();
        assert!(there.is_empty(), "{line}: {there:?}\n{text}");
        holds_all(line, &text);
    }
}

/// The members of an answer that hold no others.
fn leaves(value: &Value, at: &str, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{name}"), into));
        }
        _ => into.push(at.to_owned()),
    }
}

/// Each member of each answer is one of the profile's, in a key of the spec, or named in a comment.
#[test]
fn every_member_of_an_answer_is_held_or_named() {
    let more = "{\"access_token\":\"a\",\"expires_in\":60,\"expires_at\":\"2026-11-28T08:00:00Z\",\"refresh_expires_in\":70}";
    let mut answers = cases(".json");
    answers.push(("more".to_owned(), more.to_owned()));
    let of_profile = ["/access_token", "/refresh_token", "/token_type", "/scope"];
    for (name, line) in cases(".curl") {
        for (of, answer) in &answers {
            let mut all = Vec::new();
            leaves(&json5::from_str(answer).unwrap(), "", &mut all);
            let settings = Settings { answer: Some(answer.clone()), ..Settings::default() };
            let text = curl(&line, &settings).unwrap().text;
            let is_implied =
                |it: &String| text.contains("profile:") && of_profile.contains(&it.as_str());
            let missing: Vec<_> =
                all.iter().filter(|it| !is_implied(it) && !text.contains(*it)).collect();
            assert!(missing.is_empty(), "{name}, {of}: {missing:?}\n{text}");
        }
    }
}

#[test]
fn a_url_of_the_answer_keeps_whose_it_is_and_not_who() {
    for (shown, kept) in [
        ("https://our-team.worksection.com", "https://synthetic.worksection.com"),
        ("https://COMPANYDOMAIN.pipedrive.com", "https://synthetic.pipedrive.com"),
        ("https://{company}.acme.co.uk/x?y=z", "https://synthetic.acme.co.uk"),
        ("https://api.acme.io:8443/v1", "https://synthetic.acme.io"),
        ("https://acme.io/v1", "https://acme.io"),
        ("https://team.example.com", "https://synthetic.example"),
        ("https://localhost", "https://synthetic.example"),
        ("https://127.0.0.1/x", "https://synthetic.example"),
        ("https://me:opensesame@team.acme.io", "https://synthetic.example"),
    ] {
        let answer = Some(format!("{{\"access_token\":\"a\",\"url\":\"{shown}\"}}"));
        let text = curl(REFRESH, &Settings { answer, ..Settings::default() }).unwrap().text;
        assert!(text.contains(&format!("url: {kept} ")), "{shown}\n{text}");
    }
}

#[test]
fn a_stray_quote_is_named_by_its_place() {
    let stray = "curl https://a.example/t \\\n  --header 'Authorization: Basic 'NWYxYg==' \\\n  --data 'a=b'";
    for (line, place) in [(stray, "line 2, column 43"), ("curl -d 'a=b", "line 1, column 9")] {
        let problem = curl(line, &Settings::default()).unwrap_err();
        assert!(problem.message.contains(place), "{problem:?}");
        assert!(problem.hint.contains("a quote too many"), "{problem:?}");
    }
    let settings = Settings { answer: Some(TOKENS.to_owned()), ..Settings::default() };
    let problem = curl(&format!("{REFRESH}\n{TOKENS}"), &settings).unwrap_err();
    assert!(problem.message.contains("given twice"), "{problem:?}");
}

#[test]
fn page_day_and_name_stand_where_they_belong() {
    let settings = Settings {
        page: Some("https://docs.acme.example".to_owned()),
        retrieved: Some("2026-11-28".to_owned()),
        name: Some("Acme Bank".to_owned()),
        ..Settings::default()
    };
    let text = curl(REFRESH, &settings).unwrap().text;
    assert!(text.contains("name: Acme Bank"), "{text}");
    assert!(
        text.contains("retrieved: 2026-11-28") || text.contains("retrieved: \"2026-11-28\""),
        "{text}"
    );
}
