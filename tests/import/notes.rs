//! What the comments at the head of a spec say: what was assumed, what was left out, and what no key holds.

use super::places::holds as holds_all;
use super::{Severity, cases, checked, filled_in, said};
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
                "no key held when this was imported; `outputs` of `response` takes those that a caller needs: \
                 `api_domain: { field: /api_domain, type: url }`, `owner_id: { field: /owner/id, type: integer }`, \
                 `owner_team: { field: /owner/team, optional: true }`, `data_gid: /data/gid`, `all: { field: /all, type: json }`.",
            ],
            &[],
        ),
        (REFRESH, "{\"access_token\":\"a\",\"expires_in\":60}", &[], &["no key held"]),
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
        // What else the trade of a code sends may be of the code.
        (
            &format!("{CODE} -d continuous_refresh=true -d audience=a -d state=s"),
            "",
            &[
                "these are left out: `redirect_uri`, `state`. Taken over from the trade of the code, which a refresh may not take: `continuous_refresh`, `audience`.",
                "continuous_refresh: \"true\"",
            ],
            &[],
        ),
        (CODE, "", &[], &["Taken over"]),
        // A refresh that a page copied from it.
        (
            "curl https://a.example/t -d grant_type=refresh_token -d client_id=i -d client_secret=s -d code=x -d redirect_uri=https://b.example",
            "",
            &[
                "The source sends `code`, `redirect_uri` with grant_type=refresh_token, which belong to the trade of a code: left out.",
                "and no refresh token; assumed",
            ],
            &["client:", "form:", "b.example"],
        ),
        (
            "curl https://a.example/t -u i:s -d grant_type=refresh_token -d refresh_token=x -d redirect_uri=https://b.example",
            "",
            &["form: { redirect_uri: \"${client.redirect_uri}\" }"],
            &["left out"],
        ),
        // What the client signs.
        (
            "curl https://a.example/t -d grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer -d assertion=JWT",
            "",
            &[
                "operation: assertion",
                "a token that the client makes: the block `assertion` says how",
            ],
            &[],
        ),
        (
            "curl https://a.example/t -d grant_type=refresh_token -d refresh_token=x -d client_id=i -d client_assertion=JWT -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "",
            &[
                "`client_assertion` is a token that the client makes",
                "private_key_jwt: { alg: TODO }",
            ],
            &[],
        ),
        // Why a request that looks as if it had a profile has none.
        (
            "curl -X POST 'https://a.example/t?grant_type=refresh_token&refresh_token=x' -d client_id=i -d client_secret=s",
            "",
            &["`profile: rfc6749` is not written, because its fields are in the query"],
            &["profile: rfc6749\n"],
        ),
        (
            "curl https://a.example/t -d grant_type=refresh_token -d refreshToken=x",
            "",
            &["is not written, because the refresh token is not the field `refresh_token`"],
            &[],
        ),
        (
            "curl https://a.example/oauth/token -u i:s -d refresh_token=x",
            "",
            &["is not written, because there is no `grant_type`"],
            &[],
        ),
        ("curl https://a.example/session -d refreshToken=x", "", &[], &["is not written"]),
        // The token that is called the access token of something.
        (
            "POST https://a.example/internal\n\n{\"app_id\":\"a\",\"app_secret\":\"b\"}",
            "{\"code\":0,\"tenant_access_token\":\"t\",\"token\":\"u\",\"expire\":7200}",
            &["access_token: /tenant_access_token"],
            &["access_token: TODO"],
        ),
        (
            "POST https://a.example/internal\n\n{\"app_id\":\"a\",\"app_secret\":\"b\"}",
            "{\"code\":0,\"tenant_access_token\":\"t\",\"app_access_token\":\"u\"}",
            &["access_token: TODO"],
            &[],
        ),
        // An instant beside the lifetime of the same token is its end.
        (
            REFRESH,
            "{\"access_token\":\"a\",\"refresh_token\":\"b\",\"expires_in\":60,\"expires_at\":1730227664,\"refresh_token_expires_in\":120,\"refresh_token_expires_at\":\"2024-10-29T18:47:44Z\"}",
            &[
                "expires_at: 1795852860",
                "refresh_token_expires_at: 2026-11-28T08:02:00Z",
                "refresh_expires: 2026-11-28T08:02:00Z",
            ],
            &[],
        ),
        (
            REFRESH,
            "{\"access_token\":\"a\",\"expires_at\":1730227664}",
            &["expires_at: 1795856400"],
            &[],
        ),
        // Whether it is another refresh token.
        (
            "curl https://a.example/t -u i:s -d grant_type=refresh_token -d refresh_token=8LOIxtP9qXyZ12345",
            "{\"access_token\":\"a\",\"refresh_token\":\"1fcd0ZkQ9sT2uV3w\"}",
            &[],
            &["does not show whether"],
        ),
        (
            "curl https://a.example/t -u i:s -d grant_type=refresh_token -d refresh_token=REFRESH_TOKEN",
            "{\"access_token\":\"a\",\"refresh_token\":\"b\"}",
            &["With `rotation: echo`, write `synthetic-refresh`"],
            &[],
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

/// The members that a comment names as no key's are outputs as they are written there, beside any answer.
#[test]
fn what_no_key_holds_is_written_as_an_output() {
    let mut answers = cases(".json");
    let more = "{\"access_token\":\"a\",\"created_at\":1548689183,\"ok_to_go\":true,\"ratio\":0.5,\"none\":null,\"all\":[1],\"type\":\"x\",\"team\":{\"id\":\"1\"},\"id\":\"2\",\"team_id\":3,\"site\":\"https://acme.io\"}";
    answers.push(("more".to_owned(), more.to_owned()));
    let mut seen = 0;
    for (of, answer) in answers.iter().filter(|(of, _)| !of.ends_with(".discovery")) {
        let settings = Settings { answer: Some(answer.clone()), ..Settings::default() };
        let text = curl(REFRESH, &settings).unwrap().text;
        let shown = flat(&text);
        let Some((_, list)) = shown.split_once("those that a caller needs: ") else { continue };
        let list = list.lines().next().unwrap_or_default();
        let outputs: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
        seen += outputs.len();
        let block = format!("  outputs: {{ {} }}\n", outputs.join(", "));
        let with = match text.lines().find(|line| line.starts_with("response:")) {
            Some("response:") => text.replacen("response:\n", &format!("response:\n{block}"), 1),
            Some(line) => {
                let inner = line.trim_start_matches("response: { ");
                let inner = inner.strip_suffix(" }").unwrap_or(inner);
                text.replacen(line, &format!("response: {{ {inner}, {} }}", block.trim()), 1)
            }
            None => text.replacen("\ntokens:", &format!("\nresponse:\n{block}\ntokens:"), 1),
        };
        let filled = filled_in(&with);
        // What an example expects of an output is for its reader to add.
        let found = checked("a", &filled).diagnostics;
        let others: Vec<_> =
            found.iter().filter(|found| found.severity == Severity::Error).collect();
        assert!(others.is_empty(), "{of}\n{}\n{filled}", said("a", &filled));
    }
    assert!(seen > 20, "{seen}");
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

/// A placeholder of the request, in whatever way a page writes one, shows nothing of whether the token of the answer is another one, be it
/// that the same one stands there. The example has another then, and a comment says so.
#[test]
fn an_example_says_where_it_invents_another_token() {
    let sent = [
        "REFRESH_TOKEN",
        "<refresh_token>",
        "YOUR_REFRESH_TOKEN",
        "{{refresh_token}}",
        "$RT",
        "xxxx",
        "8LOIxtP9qXyZ12345",
    ];
    for token in sent {
        let line = REFRESH.replace("refresh_token=x", &format!("refresh_token={token}"));
        let is_told = token != "8LOIxtP9qXyZ12345";
        for answered in ["1fcd0ZkQ9sT2uV3w", token] {
            let answer =
                Some(format!("{{\"access_token\":\"a\",\"refresh_token\":\"{answered}\"}}"));
            let text = curl(&line, &Settings { answer, ..Settings::default() }).unwrap().text;
            assert_eq!(text.contains("rotation: echo"), is_told, "{token}, {answered}\n{text}");
            let echoes = token == answered && !is_told;
            assert_eq!(text.contains("synthetic-next"), !echoes, "{token}, {answered}\n{text}");
            for rotation in ["always", "keeps_old", "sometimes", "unknown", "echo"] {
                let filled =
                    filled_in(&text.replace("rotation: TODO", &format!("rotation: {rotation}")));
                let filled = if is_told && rotation == "echo" {
                    filled.replace("synthetic-next", "synthetic-refresh")
                } else {
                    filled
                };
                let found = checked("a", &filled).diagnostics;
                let contradicts = found.iter().any(|found| found.code.id == "RK0529");
                let echoes = !filled.contains("refresh_token: synthetic-next");
                let fits = match rotation {
                    "echo" => echoes,
                    "always" | "keeps_old" => !echoes,
                    _ => true,
                };
                assert_eq!(contradicts, !fits, "{token}, {answered}, {rotation}\n{filled}");
            }
        }
    }
}

/// What an example shows is told of where there is one.
#[test]
fn nothing_is_said_of_an_example_that_is_not_written() {
    let answers = [TOKENS, "{\"refresh_token\":\"b\"}", "{\"access_token\":\"a\"}"];
    let bare = "curl -X POST https://oauth.acme.example/oauth/token";
    let mut seen = [0, 0];
    for line in [REFRESH, CODE, bare]
        .map(str::to_owned)
        .into_iter()
        .chain(cases(".curl").into_iter().map(|(_, line)| line))
    {
        for answer in answers {
            let settings = Settings { answer: Some(answer.to_owned()), ..Settings::default() };
            let text = flat(&curl(&line, &settings).unwrap().text);
            let is_open = text.contains("examples: TODO");
            let is_told = text.contains("the example shows another");
            assert!(!(is_open && is_told), "{line}\n{answer}\n{text}");
            seen[usize::from(is_told)] += 1;
        }
    }
    assert!(seen.into_iter().all(|count| count > 5), "{seen:?}");
}

/// The id is made of the name for people, unless it is said.
#[test]
fn a_name_makes_the_id() {
    for (name, id) in [
        ("TikTok", "tiktok"),
        ("Acme Bank", "acme_bank"),
        ("Acme-Bank", "acme_bank"),
        ("Box", "box_api"),
        ("37signals", "acme"),
        ("\u{98de}\u{4e66}", "acme"),
        ("", "acme"),
    ] {
        let settings = Settings { name: Some(name.to_owned()), ..Settings::default() };
        assert_eq!(curl(REFRESH, &settings).unwrap().id, id, "{name}");
        let settings = Settings { id: Some("other".to_owned()), ..settings };
        assert_eq!(curl(REFRESH, &settings).unwrap().id, "other", "{name}");
    }
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
