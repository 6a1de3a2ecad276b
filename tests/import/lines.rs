//! What is made of the parts of a curl line.

use super::places::holds as holds_all;
use super::{checked, said};
use rekindle::import::{Settings, curl};

/// What differs between how curl lines are written, and what the spec then holds and does not.
#[test]
fn lines_say_what_they_say() {
    let table: &[(&str, &[&str], &[&str])] = &[
        ("curl https://a.example/@me/t -d client_id=x", &["auth: public"], &["basic"]),
        (
            "curl https://k@a.example/t -d grant_type=client_credentials",
            &["auth: { basic: { password: \"\", encoding: raw } }"],
            &["client_secret"],
        ),
        // What a refresh asks for is its reader's choice; without one, the page's own word.
        (
            "curl https://a.example/t -u i:s -d grant_type=client_credentials -d scope=https://a.example/.default",
            &["scope: https://a.example/.default"],
            &["client:"],
        ),
        // Of several lines the one that refreshes, wherever else it goes.
        (
            "$ curl https://a.example/t -d code=x -d client_secret=y\n# then\n$ curl https://a.example/t -d refresh_token=x\n\
             $ curl https://sandbox.a.example/t -d refresh_token=x",
            &["shows 3 requests", "trades a refresh token", "sandbox: https://sandbox.a.example"],
            &["code"],
        ),
        // Each host has a name of its own.
        (
            "curl https://eu.api.a.example/t -d refresh_token=x\ncurl https://us.api.a.example/t -d refresh_token=x\n\
             curl https://api-eu.a.example/t -d refresh_token=x\ncurl https://sandbox.a.example/t -d refresh_token=x\n\
             curl https://api.a.example/t -d refresh_token=x",
            &[
                "eu: https://eu.api.a.example",
                "us: https://us.api.a.example",
                "api_eu: https://api-eu.a.example",
                "sandbox: https://sandbox.a.example",
                "production: https://api.a.example",
            ],
            &[],
        ),
        // Quotes inside of those of the shell are the page's.
        (
            "curl https://a.example/t -d \"grant_type='refresh_token'\" -d \"refresh_token='x'\" -d 'client_id=\"i\"' -d 'mode=\"web\"'",
            &["profile: rfc6749", "auth: public", "form: { mode: web }", "Quotes around"],
            &["'", "grant_type"],
        ),
        (
            "curl https://a.example/t -d \"{\\\"a\\\": \\\"b\\\"}\"",
            &["json: { a: b }"],
            &["Quotes around"],
        ),
        // What a media type says beyond the body.
        (
            "curl https://a.example/t -H 'content-type: application/json; charset=utf-8' -d '{\"refreshToken\":\"x\"}'",
            &["headers: { content-type: application/json; charset=utf-8 }"],
            &["left out"],
        ),
        (
            "curl https://a.example/t -H 'Content-Type: application/vnd.a+json; version=2' -d '{\"refreshToken\":\"x\"}'",
            &["Content-Type: application/vnd.a+json; version=2"],
            &["left out"],
        ),
        (
            "curl https://a.example/t -H 'Content-Type: application/x-www-form-urlencoded; charset=ISO-8859-1' -d refresh_token=x",
            &["`charset=ISO-8859-1` of `Content-Type` is left out"],
            &["headers:"],
        ),
        (
            "curl https://a.example/t -H 'Content-Type: text/plain' -d refresh_token=x",
            &[
                "`Content-Type` of the source is left out: it is `text/plain`, and the body is a form.",
            ],
            &["headers:"],
        ),
        // A request as HTTP writes it, with and without the empty line before its body.
        (
            "POST /t?v=2 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\nX-Id: web\r\n\r\ngrant_type=refresh_token\r\n&refresh_token=x",
            &["https://a.example", "v: \"2\"", "X-Id: web", "profile: rfc6749"],
            &["Content-Length"],
        ),
        (
            "POST https://a.example/t\nContent-Type: application/json\n{\"refreshToken\": \"x\"}",
            &["request: POST /t", "refreshToken: \"${refresh_token}\""],
            &["form:"],
        ),
        (
            "POST /t\n\n{\n  \"grant_type\": \"refresh_token\",\n  \"refresh_token\": $TOKEN,\n  \"device\": <device id>\n}",
            &["profile: rfc6749", "device: \"${client.device}\""],
            &["$TOKEN"],
        ),
        ("curl https://i:s@a.example/t -d a=b", &["auth: { basic: { encoding: raw } }"], &[]),
        (
            "curl -u i:s 'https://a.example/t?client_id' -d 'a=b&'",
            &["request: \"POST /t?client_id\"", "form: { a: b }"],
            &["${client.client_id}"],
        ),
        (
            "curl 'https://a.example/auth?refresh' -d 'token=b'",
            &["\"POST /auth?refresh\"", "form: { token: \"${refresh_token}\" }"],
            &["query:", "client:"],
        ),
        (
            "curl --request=PUT --url=https://a.example/t --header='X-Id: 1' --data='refresh_token=x=='",
            &["request: PUT /t", "X-Id: \"1\"", "\"${refresh_token}\""],
            &["x=="],
        ),
        (
            "curl https://a.example/t -d @- <<EOF\ngrant_type=refresh_token\n&refresh_token=x\nEOF",
            &["profile: rfc6749"],
            &["EOF"],
        ),
        (
            "curl -n --no-silent --unix-socket /run/s https://a.example/t --data-urlencode refresh_token@t.txt -H 'DPoP: eyJhbGciOiJIUzI1NiJ9.e30.c2ln'",
            &["basic", "refresh_token: \"${refresh_token}\"", "DPoP: \"${client."],
            &["netrc"],
        ),
        (
            "curl -u i:s https://a.example/t --json '{\"scopes\":[\"read\",\"write\"],\"kinds\":[\"a\",\"a\"]}'",
            &["scopes: [read, write]", "kinds: [a, a]"],
            &[],
        ),
        ("curl 'https://[::1]:8443/t' -d key=b", &["\"https://[::1]:8443\""], &["tenant"]),
        (
            "curl https://a.example/graphql --json '{\"device\":{\"id\":\"d-1234\"}}'",
            &["POST /graphql", "id: \"${client.id}\""],
            &["d-1234"],
        ),
        ("curl --proto-default https a.example/t -u i:s -d a=b", &["https://a.example"], &[]),
        (
            "curl https://a.example/t -u i:s -d a=b --next https://b.example/u -d c=d",
            &["form: { a: b }"],
            &["c: d"],
        ),
        (
            "curl https://a.example/t -b 'sid=abc;'",
            &["sid: { secret: true }", "cookies: { sid: \"${client.sid}\" }"],
            &["theme"],
        ),
        (
            "curl https://a.example/t -d clientID=x -d userID=a -d clientSecretKey=y -d currentAccessToken=z -H 'X-ClientID: a'",
            &[
                "body: { client_id: clientID, client_secret: clientSecretKey }",
                "userID: \"${client.user_id}\"",
                "currentAccessToken: \"${access_token}\"",
                "X-ClientID: \"${client.client_id}\"",
            ],
            &[],
        ),
        (
            "curl https://a.example/t -H 'Authorization: Token my-winter-coat' -d a=b",
            &["value: \"Token ${client.api_key}\""],
            &[],
        ),
        (
            "curl -u id:s https://a.example/t -H 'Authorization: SSWS <api_key>' -d a=b",
            &["value: \"SSWS ${client.api_key}\""],
            &["basic", "client_id"],
        ),
        // Words of a path, and what stands for somebody's own.
        (
            "curl https://a.example/v1.0/oauth2/userAccessToken -u i:s -d a=b",
            &["POST /v1.0/oauth2/userAccessToken"],
            &["client."],
        ),
        (
            "curl https://a.example/api/tokens/refreshAccessToken -d token=b",
            &["POST /api/tokens/refreshAccessToken", "token: \"${refresh_token}\""],
            &["client."],
        ),
        (
            "curl https://a.example/t/MYTENANT/TENANT_ID/token -u i:s -d a=b",
            &["POST /t/${client.tenant}/${client.tenant_id}/token"],
            &[],
        ),
        (
            "curl https://a.example/getOAuth2Token/getV2Token -u i:s -d a=b",
            &["POST /getOAuth2Token/getV2Token", "# `getV2Token` in the path is taken for a word"],
            &["client."],
        ),
        (
            "curl https://a.example/accounts/1234567890/t -u i:s -d a=b",
            &[
                "POST /accounts/${client.account_id}/t",
                "# ${client.account_id} in the path stands for",
            ],
            &["1234567890"],
        ),
        // A code is traded once: what is written is the refresh.
        (
            "curl https://a.example/t -d grant_type=authorization_code -d code=x -d code_verifier=y -d redirect_uri=z -d client_id=i",
            &[
                "# The source trades a code (grant_type=authorization_code)",
                "profile: rfc6749",
                "auth: public",
                "rotation: TODO",
                "expires: TODO",
            ],
            &["operation", "client.", "code:", "form:"],
        ),
        (
            "curl https://a.example/t -u i:s --json '{\"grantType\":\"authorization_code\",\"code\":\"x\"}'",
            &[
                "json: { grantType: refresh_token, refreshToken: \"${refresh_token}\" }",
                "# The source trades a code",
            ],
            &["operation", "code:"],
        ),
        (
            "curl https://a.example/t -d client_id=i -d client_secret=s -d code=x -d redirect_uri=y",
            &["# The source trades a code (no grant_type)", "profile: rfc6749"],
            &["operation", "redirect_uri:", "client."],
        ),
        (
            "curl https://a.example/t -d client_id=i -d device_code=x -d grant_type=urn:ietf:params:oauth:grant-type:device_code",
            &["# The source trades a code (grant_type=device_code)", "auth: public"],
            &["operation", "urn:"],
        ),
        (
            "curl https://a.example/t -d grant_type=password -d code=x -d client_id=i -d client_secret=s",
            &["# The source trades a code (grant_type=password with a code)"],
            &["operation"],
        ),
        (
            "curl https://a.example/t -d grant_type=password -d username=x -d password=y -d code=z -u i:s",
            &["operation: sign_in", "code: \"${client.code}\""],
            &["trades a code"],
        ),
        (
            "curl https://a.example/t \\ -u i:s \\ -d a=b \\ -d c=d",
            &["POST /t", "form: { a: b, c: d }"],
            &[],
        ),
        // Whose host it is.
        (
            "curl https://test.acme.example/t -u i:s -d a=b",
            &["environments: { test: https://test.acme.example }"],
            &["production"],
        ),
        (
            "curl https://api-sandbox.acme.example/t -u i:s -d a=b",
            &["environments: { sandbox: https://api-sandbox.acme.example }"],
            &["production"],
        ),
        (
            "curl https://sandbox.example/t -u i:s -d a=b",
            &["production: https://sandbox.example"],
            &[],
        ),
        (
            "curl https://api.example.com/t -u i:s -d a=b",
            &["base_url: integrator", "POST /t"],
            &["example.com"],
        ),
        (
            "curl http://THINGSBOARD_URL:8080/api/auth/token -u i:s -d a=b",
            &["base_url: integrator", "POST /api/auth/token"],
            &["environments", "server", "THINGS"],
        ),
        (
            "curl '<BASE_URL>/t' -u i:s -d a=b",
            &["base_url: integrator", "POST /t"],
            &["environments", "BASE"],
        ),
        // The profile stays, and with it its rules for errors.
        (
            "curl -X POST 'https://a.example/t?grant_type=refresh_token&refresh_token=x&client_id=i&client_secret=s'",
            &[
                "profile: rfc6749",
                "auth: query",
                "query: { grant_type: refresh_token, refresh_token: \"${refresh_token}\" }",
                "form: { refresh_token: null, grant_type: null }",
            ],
            &["client: {"],
        ),
        (
            "curl -X POST 'https://a.example/t?grant_type=refresh_token' -u i:s -d refresh_token=x",
            &[
                "profile: rfc6749",
                "query: { grant_type: refresh_token }",
                "form: { grant_type: null }",
            ],
            &[],
        ),
        (
            "curl -u i:s -X POST 'https://a.example/t?grant_type=account_credentials&account_id=a'",
            &[
                "profile: rfc6749",
                "form: { grant_type: null }",
                "account_id: \"${client.account_id}\"",
            ],
            &[],
        ),
        (
            "curl https://a.example/t -u i:s -d grant_type=refresh_token -d refresh_token=x -d scope=read",
            &["scope: { optional: true }", "form: { scope: \"${client.scope}\" }"],
            &[],
        ),
    ];
    for (line, holds, lacks) in table {
        let text = curl(line, &Settings::default()).unwrap().text;
        assert!(holds.iter().all(|words| text.contains(words)), "{line}\n{text}");
        assert!(!lacks.iter().any(|words| text.contains(words)), "{line}\n{text}");
        holds_all(line, &text);
    }
    // Nobody mints without a proof of who they are: the line lacks it.
    let text = curl("curl https://a.example/t -d a=b", &Settings::default()).unwrap().text;
    let found = checked("a", &text).diagnostics;
    assert!(text.contains("auth: TODO"), "{text}");
    assert!(found.iter().all(|found| found.code.id == "RK0216"), "{}", said("a", &text));
    let answer = "{\"newAccessToken\":\"a\",\"accessToken\":\"b\",\"accessTokenExpiresIn\":60,\"newRefreshToken\":\"c\"}";
    let settings = Settings { answer: Some(answer.to_owned()), ..Settings::default() };
    let text = curl("curl https://a.example/t -d refreshToken=x", &settings).unwrap().text;
    for words in
        ["/newRefreshToken", "seconds: /accessTokenExpiresIn", "access_token: /accessToken"]
    {
        assert!(text.contains(words), "{text}");
    }
}
