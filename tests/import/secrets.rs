//! What is imported tells no secret, and no input makes it panic.

use super::facts;
use proptest::prelude::*;
use rekindle::import::{Imported, Problem, Settings, curl, discovery, new, openapi};
use serde_json::Value;

/// Every place of a request in which a secret may stand; `S` is it.
const PLACES: &[&str] = &[
    "curl https://a.example/t -u 'id:S' -d grant_type=refresh_token -d refresh_token=x",
    "curl https://a.example/t -u 'S:' -d grant_type=client_credentials",
    "curl https://me:S@a.example/t -d grant_type=client_credentials",
    "curl https://a.example/t -d grant_type=refresh_token -d refresh_token=S -d client_id=S -d client_secret=S",
    "curl https://a.example/t -d grant_type=S -d thing=S -d type=S -d some_type=S",
    "curl https://a.example/t -d S",
    "curl https://a.example/t -d S=a -d b=S",
    "curl https://a.example/t --data-urlencode 'a=S&S' --data-urlencode S",
    "curl 'https://a.example/t?key=S&S=b&S' -G -d a=S",
    "curl https://a.example/accounts/S/t -d a=b",
    "curl https://a.example/t/S -d a=b",
    "curl https://S.a.example/t -d a=b",
    "curl https://a.example/t#S -d a=b",
    "curl https://a.example/t -H 'Authorization: S' -d a=b",
    "curl https://a.example/t -H 'Authorization: Bearer S' -d a=b",
    "curl https://a.example/t -H 'Authorization: S S' -d a=b",
    "curl https://a.example/t -H 'X-Api-Key: S' -H 'X-Thing: S' -H 'S: a' -d a=b",
    "curl https://a.example/t -H 'X-Thing: S' -H 'X-Other: word S' -d a=b",
    "curl https://a.example/t -b 'sid=S; S=a; S'",
    "curl https://a.example/t --json '{\"a\":\"S\",\"b\":{\"c\":[\"S\",{\"d\":\"S\"}]}}'",
    "curl https://a.example/t --json '{\"S\":1}'",
    "curl https://a.example/t --json '{\"S\":{\"a\":1}}'",
    "curl https://a.example/t --json '{\"S\":[]}'",
    "curl https://a.example/t --json '{\"sessions\":{\"S\":[{}]}}'",
    "curl https://a.example/t --json '{S}'",
    "curl https://a.example/t --json '\"S\"'",
    "curl https://a.example/t --S -d a=b",
    "curl https://a.example/t -S -d a=b",
    "curl https://a.example/t --oauth2-bearer S --proxy-user S -A S -e S",
    "curl https://a.example/t -X S -d a=b",
    "curl S -d a=b",
    "S curl 'S",
    "curl https://a.example/t -d 'a=$S' -d 'b=<S>' -d 'c={S}' -d 'd=YOUR_S' -d 'e=:S'",
];

/// Every place that is a secret's by what stands around it, be the secret words that anybody might say.
const PLACES_OF_WORDS: &[&str] = &[
    "curl https://a.example/t -u 'id:S' -d a=b",
    "curl https://me:S@a.example/t -d a=b",
    "https://me:S@a.example/t",
    "curl https://a.example/t -d user=bob -d pass=S -d userPass=S -d pw=S -d password=S -d passphrase=S",
    "curl https://a.example/t -d sid=S -d account_sid=S -d ticket=S -d csrf=S -d bearer=S -d pin=S",
    "curl https://a.example/t --json '{\"login\":{\"pass\":\"S\",\"keys\":[\"S\"]}}'",
    "curl https://a.example/t -d refresh_token=S -d client_secret=S -d api_key=:S",
    "curl https://a.example/t -d S",
    "curl https://a.example/t --data-urlencode S",
    "curl https://a.example/t -d grant_type=refresh_token -d S",
    "curl https://a.example/t -d 'a=b&S&c=d'",
    "curl https://a.example/t -d a=b --data-urlencode S",
    "curl https://a.example/t -G -d a=b -d S",
    "curl https://a.example/t --url-query S -d a=b",
    "curl 'https://a.example/t?S' -d a=b",
    "curl https://a.example/t -b 'theme=S; lang=S'",
    "curl https://a.example/t -b 'S'",
    "curl https://a.example/t -H 'Authorization: S' -d a=b",
    "curl https://a.example/t -H 'Authorization: :S' -d a=b",
    "curl https://a.example/t -H 'Authorization: Bearer S' -d a=b",
    "curl https://a.example/t -H 'Authorization: Token S' -d a=b",
    "curl https://a.example/t -H 'Authorization: apikey:S v1' -d a=b",
    "curl https://a.example/t -H 'X-Api-Key: S' -H 'x-session: S' -d a=b",
    "curl https://a.example/t --oauth2-bearer S --proxy-user a:S -d a=b",
    "curl https://a.example/t -d security_answer=S -d api_key=S -d assertion=S -d passwd=S -d passPhrase=S",
    // Where another name stands around a secret, or before it.
    "curl https://a.example/t --json '{\"password\":{\"value\":\"S\"},\"a\":{\"client_secret\":{\"plain\":[\"S\"]}}}'",
    "curl https://a.example/t --json '{\"fields\":[{\"name\":\"api_key\",\"value\":\"S\"},{\"data\":\"S\",\"field\":\"pwd\"}]}'",
    "curl https://a.example/t -d data=password=S -d mode=password:S -d 'x=a;api_key=S'",
    "curl https://a.example/t -H 'X-Params: api_key=S' -H 'X-Login: Basic S' -H 'X-User: bearer S' -d a=b",
    "POST /t HTTP/1.1\nHost: a.example\nAuthorization: Basic S\nX-Login: Basic S\n\nclient_secret=S&password=S&assertion=S&data=key=S",
];

/// Documents of OpenAPI with a secret in an example, a default or a constant; `S` is it.
const DOCUMENTS: &[&str] = &[
    "{ security: [{ k: [] }], schema: { required: [password, api_key, mode, nested], properties: { refresh_token: { example: S }, password: { const: S }, api_key: { enum: [S] }, mode: { default: S, example: S }, nested: { default: { value: S } } } } }",
    "{ example: { client_secret: S, assertion: S }, examples: { a: { value: { password: S } } }, schema: { required: [assertion], properties: { grant_type: { example: refresh_token }, refresh_token: { default: S }, client_secret: { const: S }, assertion: { const: S } } } }",
];

#[test]
fn no_word_of_a_document_that_stands_for_a_secret_is_told() {
    let secrets = ["opensesame", "summer2024", "hunter2"];
    for (content, secret) in DOCUMENTS.iter().flat_map(|it| secrets.map(|secret| (it, secret))) {
        for kind in ["application/json", "application/x-www-form-urlencoded"] {
            let document = format!(
                "openapi: 3.0.0\nservers: [{{ url: 'https://me:S@a.example' }}]\npaths: {{ /t: {{ post: {{ parameters: [{{ name: X-Api-Key, in: header, required: true, example: S, schema: {{ const: S }} }}], \
                 requestBody: {{ content: {{ {kind}: {content} }} }}, responses: {{ '200': {{ content: {{ application/json: {{ example: {{ access_token: S, client_secret: S, note: S, pin: {{ value: S }} }} }} }} }} }} }} }} }}"
            );
            let told = told(&openapi(&document.replace('S', secret), None, &Settings::default()));
            assert!(told.contains("access_token") && !told.contains(secret), "{content}\n{told}");
        }
    }
}

/// Words and numbers that are shown elsewhere are not where an answer calls them a secret.
#[test]
fn nothing_that_an_answer_calls_a_secret_is_shown() {
    let answer = "{\"access_token\":\"a\",\"pin\":{\"value\":4321},\"api_key\":\"success\",\"password\":\"Approved\"}";
    let settings = Settings { answer: Some(answer.to_owned()), ..Settings::default() };
    let told = told(&curl("curl https://a.example/t -d refresh_token=a", &settings));
    assert!(!["4321", "success", "Approved"].iter().any(|it| told.contains(it)), "{told}");
}

#[test]
fn no_word_that_stands_for_a_secret_is_told() {
    for secret in
        ["opensesame", "summer2024", "my-winter-coat", "your_dog", "hunter2", "the-word", "yourdog"]
    {
        for place in PLACES_OF_WORDS {
            let told = told(&curl(&place.replace('S', secret), &Settings::default()));
            let parts = [secret, "winter", "your_dog", "opensesame"];
            assert!(!parts.iter().any(|part| told.contains(part)), "{place}: {secret}\n{told}");
        }
    }
}

/// Everything that is said of an import.
fn told(imported: &Result<Imported, Problem>) -> String {
    match imported {
        Ok(Imported { id, text }) => format!("{id}\n{text}"),
        Err(problem) => format!("{problem:?}"),
    }
}

/// What looks like a token: long, and mixed.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9_]{24,60}",
        "[A-Za-z0-9+/]{24,48}={0,2}",
        "[0-9a-f]{32}",
        "sk_live_[A-Za-z0-9]{24}",
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{12}"
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_of_a_request_is_told(secret in secret()) {
        let lower = secret.to_ascii_lowercase();
        let hides = |text: &str| !text.contains(&secret) && !text.contains(&lower);
        for place in PLACES {
            let told = told(&curl(&place.replace('S', &secret), &Settings::default()));
            prop_assert!(hides(&told), "{place}\n{told}");
        }
        let answers = [
            "{\"access_token\":\"S\",\"refresh_token\":\"S\",\"scope\":\"a S\",\"token_type\":\"S\",\"expires_in\":\"S\"}",
            "{\"a\":{\"S\":\"S\",\"token\":\"S\",\"S\":{\"b\":1}},\"list\":[\"S\"],\"other\":\"S\",\"ok\":true}",
            "HTTP/1.1 200 S\nx: S\n\n{\"access_token\":\"S\"}",
            "{\"access_token\":S}",
            "{\"access_token\":\"a\",\"url\":\"https://S.acme.io/S?S=S\",\"other\":\"https://S@acme.io\"}",
        ];
        for answer in answers {
            let answer = Some(answer.replace('S', &secret));
            let line = "curl https://a.example/t -d grant_type=refresh_token -d refresh_token=a";
            let told = told(&curl(line, &Settings { answer, ..Settings::default() }));
            prop_assert!(hides(&told), "{told}");
        }
    }

    #[test]
    fn no_input_panics(text in ".{0,200}", words in "[-a-zA-Z0-9 '\"$\\\\{}<>=&:/@.^`\n]{0,120}") {
        for line in [text.clone(), format!("curl {words}"), format!("curl https://a.example/{words} {text}"), format!("curl https://{words}")] {
            let _ = told(&curl(&line, &Settings { answer: Some(text.clone()), ..Settings::default() }));
        }
        for document in [text.clone(), format!("{{\"token_endpoint\":{}}}", Value::from(words.as_str()))] {
            let _ = told(&discovery(&document, &Settings::default()));
            let _ = told(&openapi(&document, Some(&words), &Settings::default()));
        }
        let described = serde_json::json!({ "openapi": "3.0", "servers": [{ "url": words }], "paths": { text.as_str(): { "post": { "parameters": [{ "name": words, "in": "header", "required": true }], "requestBody": { "content": { "json": { "schema": { "properties": { words.as_str(): {} }, "required": [words] } } } } } } } });
        let _ = told(&openapi(&described.to_string(), Some(&format!("POST {text}")), &Settings::default()));
        let _ = new(&text, &facts(&[("request", &words), ("expires", &text)]));
    }
}
