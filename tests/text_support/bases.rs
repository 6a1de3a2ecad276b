//! Specs to put texts into.

use serde_json::{Value, json};

/// Specs that hold, between them, every block of the language in which a text may stand.
pub fn bases() -> Vec<Value> {
    let whole = json!({
        "rekindle": 1,
        "provider": {
            "id": "base", "name": "Base", "summary": "s",
            "source": { "title": "t", "url": "https://a.example/", "retrieved": "2026-11-21" },
        },
        "environments": { "production": { "url": "https://a.example", "doc": "d" }, "sandbox": "https://b.example" },
        "client": {
            "client_id": { "doc": "d" },
            "client_secret": { "secret": true, "doc": "d" },
            "flavour": { "one_of": ["sweet", "sour"], "doc": "d" },
            "realm": { "default": "main", "doc": "d" },
        },
        "refresh": {
            "request": "POST /token",
            "auth": { "basic": { "username": "${client.client_id}", "password": "${client.client_secret}" } },
            "query": { "flavour": "${client.flavour}" },
            "headers": { "x-realm": "${client.realm}", "x-fixed": "f" },
            "scope": { "fixed": "read" },
            "form": { "grant_type": "refresh_token", "refresh_token": "${refresh_token}", "note": "n" },
        },
        "response": {
            "success": { "status": 200, "field": "/ok", "equals": ["yes", "no"] },
            "access_token": "/access_token", "refresh_token": "/refresh_token", "scope": "/scope",
            "token_type": { "field": "/token_type", "accepted": ["bearer"] },
        },
        "tokens": {
            "access": { "expires": { "seconds": "/expires_in" }, "usual_lifetime": "1h", "sent_as": { "scheme": "Token" }, "doc": "d" },
            "refresh": { "use": "once", "rotation": "always", "expires": { "constant": "30d" }, "idle_limit": "7d", "spent": { "good_for": "30s" }, "doc": "d" },
        },
        "errors": [
            { "status": 403, "field": "/error", "equals": ["invalid_grant"], "class": "reauthenticate", "sign_in": "otp", "doc": "d" },
            { "status": 429, "class": "rate_limited", "retry_after": { "seconds": "/wait" } },
        ],
        "examples": [],
        "provenance": {
            "documented": { "tokens.refresh.use": "w" }, "inferred": { "tokens.refresh.rotation": "w" },
            "unknown": { "tokens.access.sent_as": "w" }, "contradictions": { "refresh.headers": "w" },
        },
        "allow": {},
    });
    let shown = json!({
        "rekindle": 1,
        "provider": { "id": "base", "name": "Base" },
        "base_url": "integrator",
        "client": { "client_id": {}, "key": { "secret": true } },
        "refresh": {
            "request": "POST /token",
            "auth": { "header": { "name": "x-key", "value": "${client.key}" } },
            "when": { "near_expiry": "10m" },
            "headers": { "authorization": "Bearer ${access_token}" },
            "json": { "refresh_token": "${refresh_token}", "id": "${client.client_id}" },
        },
        "response": { "access_token": "/access_token", "refresh_token": "/refresh_token", "token_type": "/token_type" },
        "tokens": {
            "access": { "expires": { "seconds": "/expires_in" } },
            "refresh": { "use": "once", "rotation": "always" },
        },
        "errors": [{ "status": 401, "class": "reauthenticate" }],
        "samples": { "text": "t", "jwt": { "jwt": { "exp": "2026-11-22T08:00:00Z" } } },
        "examples": [
            {
                "id": "shown", "doc": "d",
                "given": { "base_url": "https://a.example", "client": { "client_id": "i", "key": "k" }, "access_token": "a", "refresh_token": "r" },
                "request": {
                    "method": "POST", "url": "https://a.example/token", "headers": { "x-key": "k" }, "absent_headers": ["x-other"],
                    "json": { "refresh_token": "r", "id": "i" },
                },
                "response": {
                    "status": 200, "headers": { "x-shown": "s" },
                    "json": { "access_token": "b", "refresh_token": "s", "token_type": "bearer", "expires_in": 3600 },
                },
                "expect": { "access_token": "b", "refresh_token": "s" },
            },
            { "id": "refused", "doc": "d", "given": { "base_url": "https://a.example", "client": { "client_id": "i", "key": "k" }, "access_token": "${sample.jwt}", "refresh_token": "${sample.text}" }, "response": { "status": 401, "text": "no" }, "expect": { "error": "reauthenticate" } },
            { "id": "lived", "doc": "d", "steps": [{ "wait": "50m" }, { "refresh": "tokens" }] },
        ],
    });
    let mut pair = shown.clone();
    pair["refresh"]["auth"] = json!({ "body": { "client_id": "id", "client_secret": "key" } });
    pair["refresh"]["headers"] = json!({});
    pair["refresh"]["json"] = json!({ "refresh_token": "${refresh_token}", "note": "n" });
    pair["refresh"]["when"] = json!("any_time");
    pair["client"] = json!({ "client_id": {}, "client_secret": { "secret": true } });
    pair["examples"] = json!([]);
    pair["samples"] = json!({});
    let mut public = pair.clone();
    public["refresh"]["auth"] = json!({ "public": { "client_id": "id" } });
    public["client"] = json!({ "client_id": {} });
    let signed = json!({
        "rekindle": 1,
        "provider": { "id": "base", "name": "Base" },
        "base_url": "integrator",
        "client": { "client_id": {}, "key": { "secret": true, "type": "signing_key" }, "kid": {} },
        "assertion": { "alg": "ES256", "key": "${client.key}", "kid": "${client.kid}", "lives": "5m", "claims": { "iss": "${client.client_id}", "note": "n" } },
        "refresh": {
            "operation": "assertion",
            "request": "POST /token",
            "limit": { "at_most": 10, "per": "10m" },
            "values": { "nonce": "uuid", "sent": { "now": "unix_seconds" }, "digest": { "sha256": "n ${value.nonce}", "as": "hex" } },
            "headers": { "x-digest": "${value.digest}", "x-sent": "${value.sent}" },
            "form": { "assertion": "${assertion}", "note": "n" },
        },
        "response": {
            "access_token": "/access_token",
            "outputs": {
                "region": { "field": "/region", "doc": "d" },
                "shard": { "field": { "header": "X-Shard", "prefix": "shard " } },
                "zone": { "field": { "cookie": "zone" } },
            },
        },
        "tokens": {
            "access": { "expires": { "seconds": "/expires_in" }, "refused_with": [401, { "status": 200, "field": "/error", "equals": "expired" }] },
        },
    });
    let mut proved = signed.clone();
    proved.as_object_mut().expect("a mapping").remove("assertion");
    proved["refresh"]["operation"] = json!("client_credentials");
    proved["refresh"]["auth"] = json!({
        "private_key_jwt": { "alg": "ES256", "key": "${client.key}", "kid": "${client.kid}", "audience": "https://a.example/", "lives": "1m" },
    });
    proved["refresh"]["form"] = json!({ "grant_type": "client_credentials" });
    let mut stepped = whole.clone();
    stepped["steps"] = json!([{
        "id": "asked",
        "request": "POST /ask",
        "headers": { "x-step": "s" },
        "cookies": { "step": "s" },
        "query": { "v": "1" },
        "form": { "kind": "k" },
        "take": { "nonce": { "field": "/nonce", "type": "text" } },
    }]);
    stepped["refresh"]["headers"]["x-nonce"] = json!("${asked.nonce}");
    stepped["examples"] = json!([]);
    let mut behind = pair.clone();
    behind["refresh"]["take"] = json!({ "bearer": "/bearer" });
    behind["refresh"]["then"] = json!([{
        "id": "traded",
        "request": "POST /trade",
        "headers": { "x-step": "s" },
        "query": { "v": "1" },
        "json": { "bearer": "${refresh.bearer}", "kind": "k" },
    }]);
    let mut minting = whole.clone();
    minting["client"]["password"] = json!({ "secret": true, "doc": "d" });
    minting["refresh"]["else"] = json!({
        "operation": "sign_in",
        "request": "POST /login",
        "auth": { "basic": { "username": "${client.client_id}", "password": "${client.client_secret}" } },
        "query": { "flavour": "${client.flavour}" },
        "headers": { "x-realm": "${client.realm}", "x-way": "w" },
        "cookies": { "realm": "${client.realm}", "way": "w" },
        "form": { "password": "${client.password}", "note": "n" },
    });
    minting["examples"] = json!([]);
    let mut marked = minting.clone();
    for (way, xml) in
        [("", "<a b='n'>${refresh_token}</a>"), ("/else", "<a>${client.password}</a>")]
    {
        let request = marked.pointer_mut(&format!("/refresh{way}")).and_then(Value::as_object_mut);
        let request = request.expect("a mapping");
        request.remove("form");
        request.remove("scope");
        request.insert("xml".to_owned(), json!(xml));
    }
    let mut kept = shown.clone();
    kept["response"] = json!({ "success": { "status": 200, "field": "/ok", "equals": "yes" }, "access_token": "unchanged" });
    kept["tokens"] = json!({ "access": { "expires": { "seconds": "/expires_in" }, "doc": "d" } });
    kept["examples"] = json!([]);
    kept["samples"] = json!({});
    vec![whole, shown, pair, public, signed, proved, stepped, behind, minting, kept, marked]
}
