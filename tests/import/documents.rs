//! What documents say that describe an API: which request is the refresh, where it goes, what it holds, and how a client proves who it is.

use super::places::{self, holds as holds_all};
use super::{checked, said};
use rekindle::import::{Settings, discovery, openapi};
use std::collections::BTreeSet;

/// The spec of an endpoint that takes such a body, with its comments on one line.
fn text(kind: &str, required: &str, properties: &str, more: &str) -> String {
    let document = format!(
        "openapi: 3.0.0\nservers: [{{ url: 'https://id.acme.io' }}]\npaths: {{ /oauth/token: {{ post: {{ {more} requestBody: {{ content: {{ application/{kind}: {{ schema: {{ \
         required: [{required}], properties: {{ {properties} }} }} }} }} }} }} }} }}\n\
         components: {{ securitySchemes: {{ plain: {{ type: http, scheme: basic }}, key: {{ type: apiKey, in: header, name: X-Api-Key }}, person: {{ type: oauth2, flows: {{}} }} }} }}\n"
    );
    let text = openapi(&document, None, &Settings::default()).unwrap().text;
    holds_all(&document, &text);
    text.replace("\n#  ", "")
}

const REFRESH: &str = "grant_type: { enum: [refresh_token] }, refresh_token: {}";

/// A scope that need not be there is one that clients may bring; other such fields and parameters are named. What must be there is brought.
#[test]
fn what_need_not_be_there_is_optional_or_named() {
    let parameters = "parameters: [{ name: trace, in: query }, { name: X-Tag, in: header }, { name: must, in: query, required: true }, { name: User-Agent, in: header }],";
    for kind in ["x-www-form-urlencoded", "json"] {
        for name in ["scope", "scopes"] {
            let properties =
                format!("{REFRESH}, {name}: {{ type: string }}, refresh_on: {{}}, code: {{}}");
            let of = |required: &str| text(kind, required, &properties, parameters);
            for (required, is_optional) in [("refresh_token", true), (name, false)] {
                let text = of(required);
                assert!(text.contains(&format!("{name}: \"${{client.{name}}}\"")), "{text}");
                assert_eq!(text.contains("optional: true }"), is_optional, "{text}");
                let told = "need not is left out: `refresh_on`, `trace`, `X-Tag`.";
                assert!(text.contains(told), "{text}");
                assert!(text.contains("must: \"${client.must}\""), "{text}");
            }
            let text = of(&format!("{name}, refresh_on"));
            assert!(text.contains("refresh_on: \"${client.refresh_on}\""), "{text}");
            assert!(!text.contains("optional: true }") && !text.contains("`refresh_on`"), "{text}");
            let list = properties.replace("type: string", "type: array");
            let text = self::text(kind, "", &list, "");
            assert!(text.contains(&format!("left out: `{name}`, `refresh_on`.")), "{text}");
        }
    }
}

/// `security`, the required fields, the properties, what the spec then holds, and what it does not.
type Case<'a> = (&'a str, &'a str, &'a str, &'a [&'a str], &'a [&'a str]);

/// A client proves who it is once, as the first of several ways says; the others are named.
#[test]
fn a_client_proves_itself_once_and_other_ways_are_named() {
    const OTHER: &str = "in another way as well: HTTP Basic, `auth: basic`.";
    const TWICE: &str = "has `client_id` and `client_secret` in the body as well: left out";
    const SECRET: &str = "has `client_secret` in the body as well: left out";
    let both = format!("{REFRESH}, client_id: {{}}, client_secret: {{}}");
    let table: &[Case<'_>] = &[
        ("[{}, { plain: [] }]", "", &both, &[OTHER], &["auth: basic }", "as well: left out"]),
        ("[{ plain: [] }, {}]", "", &both, &["auth: basic", TWICE], &["another way"]),
        ("[{ plain: [] }]", "", &both, &["auth: basic", TWICE], &["another way"]),
        (
            "[{ plain: [] }]",
            "client_id, client_secret",
            &both,
            &["auth: basic", SECRET, "client_id: \"${client.client_id}\""],
            &["another way"],
        ),
        ("[{ plain: [] }, { key: [] }]", "", &both, &["another way as well: `key`."], &[]),
        ("[{}, { plain: [] }]", "", REFRESH, &["auth: basic"], &["another way", "as well"]),
        ("[{}, { key: [] }]", "", REFRESH, &["name: X-Api-Key"], &["another way", "basic"]),
        ("[]", "", &both, &[], &["another way", "as well"]),
    ];
    for (security, required, properties, holds, lacks) in table {
        for kind in ["x-www-form-urlencoded", "json"] {
            let text = text(kind, required, properties, &format!("security: {security},"));
            for words in *holds {
                assert!(text.contains(words), "{security}, {kind}: {words}\n{text}");
            }
            for words in *lacks {
                assert!(!text.contains(words), "{security}, {kind}: {words}\n{text}");
            }
        }
    }
}

/// Where nothing says how the client proves who it is, `auth` is still to be filled in; where anything does, it is not.
#[test]
fn how_a_client_proves_itself_is_never_made_up() {
    let form = "x-www-form-urlencoded";
    let id = format!("{REFRESH}, client_id: {{}}");
    let tag = "parameters: [{ name: X-Tag, in: header, required: true }],";
    let key = "parameters: [{ name: X-Api-Key, in: header, required: true }],";
    for (properties, more, is_open) in [
        (REFRESH, "", true),
        (REFRESH, "security: [],", true),
        (REFRESH, "security: [{}],", true),
        (REFRESH, "security: [{ person: [] }],", true),
        (REFRESH, tag, true),
        (REFRESH, key, false),
        (REFRESH, "security: [{ plain: [] }],", false),
        (REFRESH, "security: [{ key: [] }],", false),
        (&id, "", false),
        (&id, "security: [],", false),
    ] {
        for kind in [form, "json"] {
            let text = text(kind, "", properties, more);
            assert_eq!(
                text.contains("auth: TODO"),
                is_open,
                "{kind}, {properties}, {more}\n{text}"
            );
            let has_basic = text.contains("auth: basic");
            assert_eq!(has_basic, more.contains("plain"), "{kind}, {properties}, {more}\n{text}");
        }
    }
    // JSON without a grant is a way of the provider's own: its body is all that there is.
    assert!(!text("json", "", "refresh_token: {}", "").contains("auth: TODO"));
    assert!(text(form, "", "refresh_token: {}", "").contains("auth: TODO"));
    for url in ["refreshUrl: 'https://a.example/t'", "tokenUrl: 'https://a.example/t'"] {
        for flow in ["authorizationCode", "clientCredentials"] {
            let document = format!(
                "openapi: 3.0.0\npaths: {{}}\ncomponents: {{ securitySchemes: {{ o: {{ type: oauth2, flows: {{ {flow}: {{ {url} }} }} }} }} }}\n"
            );
            let text = openapi(&document, None, &Settings::default()).unwrap().text;
            assert!(text.contains("auth: TODO"), "{document}\n{text}");
            holds_all(&document, &text);
        }
    }
}

/// A document that describes an answer says of a member what a pasted answer shows, and of a variable of a server its only values.
#[test]
fn formats_and_enumerations_are_read() {
    let document = |member: &str, schema: &str, values: &str| {
        format!(
            "openapi: 3.0.0\nservers: [{{ url: 'https://{{region}}.acme.io/{{version}}', variables: {{ region: {{ default: eu, enum: {values} }}, version: {{ default: v1 }} }} }}]\n\
             paths: {{ /oauth/token: {{ post: {{ security: [{{ plain: [] }}], requestBody: {{ content: {{ application/x-www-form-urlencoded: {{ schema: {{ properties: {{ {REFRESH} }} }} }} }} }},\n\
             responses: {{ '200': {{ content: {{ application/json: {{ schema: {{ properties: {{ access_token: {{ type: string }}, {member}: {{ type: string, {schema} }} }} }} }} }} }} }} }} }} }}\n\
             components: {{ securitySchemes: {{ plain: {{ type: http, scheme: basic }} }} }}\n"
        )
    };
    let text = |document: &str| {
        let text = openapi(document, None, &Settings::default()).unwrap().text;
        holds_all(document, &text);
        text
    };
    for member in ["expires_at", "expiresAt", "expiry", "expires", "validUntil"] {
        let text = text(&document(member, "format: date-time", "[eu, us]"));
        assert!(text.contains(&format!("expires: {{ rfc3339: /{member} }}")), "{text}");
        assert!(text.contains("region: { type: host_label, one_of: [eu, us] }"), "{text}");
        assert!(text.contains("region: eu") && text.contains("version: synthetic"), "{text}");
    }
    let text = text(&document("expires_in", "format: duration", "['', '.eu', 'a/b']"));
    assert!(text.contains("expires: { duration: /expires_in }"), "{text}");
    assert!(!text.contains("one_of"), "{text}");
}

/// Who shows a certificate goes to the endpoint for that, where the server names one (RFC 8705 section 5).
#[test]
fn a_certificate_is_shown_at_the_endpoint_for_it() {
    for (method, is_alias) in [
        ("tls_client_auth", true),
        ("self_signed_tls_client_auth", true),
        ("client_secret_basic", false),
        ("none", false),
    ] {
        let metadata = format!(
            "{{\"token_endpoint\":\"https://id.acme.io/t\",\"token_endpoint_auth_methods_supported\":[\"{method}\"],\
             \"mtls_endpoint_aliases\":{{\"token_endpoint\":\"https://mtls.acme.io/m\"}}}}"
        );
        let text = discovery(&metadata, &Settings::default()).unwrap().text;
        holds_all(&metadata, &text);
        assert_eq!(text.contains("https://mtls.acme.io"), is_alias, "{method}\n{text}");
        assert_eq!(text.contains("POST /m"), is_alias, "{method}\n{text}");
        assert_eq!(text.contains("`mtls_endpoint_aliases`"), is_alias, "{method}\n{text}");
    }
}

/// What a document does not say is still to be filled in, and never made up.
#[test]
fn documents_say_what_they_say() {
    let of = |server: &str, operation: &str| {
        format!(
            "openapi: 3.0.0\nservers: [{{ url: \"{server}\" }}]\npaths: {{ /oauth/token: {{ post: {operation} }} }}\n"
        )
    };
    let form = "{ requestBody: { content: { application/x-www-form-urlencoded: { schema: { properties: { refresh_token: {} } } } } } }";
    let elsewhere = "{ requestBody: { content: { application/json: { schema: { $ref: \"common.yaml#/Body\" } } } } }";
    let hidden = "{ requestBody: { $ref: \"common.yaml#/Body\" } }";
    let keyed = "{ parameters: [{ name: X-Refresh-Token, in: header, required: true }, { name: sid, in: cookie, required: true }], requestBody: { content: { application/json: {} } } }";
    let table: &[(String, &[&str], &[&str])] = &[
        (of("//a.example/v1/", form), &["https://a.example", "POST /v1/oauth/token"], &[]),
        (of("/v1", form), &["base_url: integrator", "POST /v1/oauth/token"], &[]),
        (of("/", form), &["base_url: integrator", "POST /oauth/token"], &[]),
        (
            of("https://a.example", elsewhere),
            &["operation: TODO", "auth: TODO", "json: TODO", "rotation: TODO"],
            &["client_credentials"],
        ),
        (of("https://a.example", hidden), &["operation: TODO", "form: TODO"], &[]),
        (
            of("https://a.example", keyed),
            &["X-Refresh-Token: \"${refresh_token}\"", "sid: \"${client.sid}\"", "json: TODO"],
            &["operation:", "auth:"],
        ),
    ];
    for (document, holds, lacks) in table {
        let text = openapi(document, None, &Settings::default()).unwrap().text;
        assert!(holds.iter().all(|words| text.contains(words)), "{document}\n{text}");
        assert!(!lacks.iter().any(|words| text.contains(words)), "{document}\n{text}");
        let found = checked("a", &text).diagnostics;
        let codes: BTreeSet<&str> = found.iter().map(|found| found.code.id).collect();
        assert_eq!(codes, BTreeSet::from(["RK0216"]), "{}\n{text}", said("a", &text));
    }
    let parts = "{ operationId: a, requestBody: { content: { multipart/form-data: {} } } }";
    let document = of("https://a.example", parts);
    let problem = openapi(&document, Some("a"), &Settings::default()).unwrap_err();
    assert!(problem.message.contains("but `multipart/form-data`"), "{problem:?}");

    let metadata = |url: &str, methods: &str| {
        let text = format!(
            "{{\"token_endpoint\":\"{url}\",\"token_endpoint_auth_methods_supported\":[{methods}]}}"
        );
        discovery(&text, &Settings::default())
    };
    let text = metadata("https://a.example/t", "\"attest_jwt_client_auth\"").unwrap().text;
    assert!(text.contains("auth: TODO") && text.contains("# None of the ways"), "{text}");
    assert!(metadata("not a url", "").unwrap_err().message.contains("no URL"));
}

/// The form of the request and of the answer that a discriminator calls the one of a refresh is read, however the mapping writes it; the
/// others are named.
#[test]
fn a_discriminator_leads_to_the_refresh() {
    let document = |refresh: &str, code: &str| {
        format!(
            r##"{{ "openapi": "3.0.3", "servers": [{{ "url": "https://a.example/v5" }}], "paths": {{ "/oauth/token": {{ "post": {{ "security": [{{ "basic": [] }}],
            "requestBody": {{ "content": {{ "application/x-www-form-urlencoded": {{ "schema": {{ "$ref": "#/components/schemas/Request" }} }} }} }},
            "responses": {{ "200": {{ "content": {{ "application/json": {{ "schema": {{ "$ref": "#/components/schemas/Answer" }} }} }} }} }} }} }} }},
            "components": {{ "securitySchemes": {{ "basic": {{ "type": "http", "scheme": "basic" }} }}, "schemas": {{
            "Request": {{ "discriminator": {{ "propertyName": "grant_type", "mapping": {{ "authorization_code": "{code}", "refresh_token": "{refresh}" }} }},
            "properties": {{ "grant_type": {{ "enum": ["authorization_code", "refresh_token"] }} }}, "required": ["grant_type"] }},
            "Code": {{ "allOf": [{{ "$ref": "#/components/schemas/Request" }}, {{ "properties": {{ "code": {{}} }}, "required": ["code"] }}] }},
            "Refresh": {{ "allOf": [{{ "$ref": "#/components/schemas/Request" }}, {{ "properties": {{ "refresh_token": {{}}, "device": {{}}, "window": {{}} }}, "required": ["refresh_token", "device"] }}] }},
            "Answer": {{ "discriminator": {{ "propertyName": "kind", "mapping": {{ "first": "#/components/schemas/First", "refresh_token": "#/components/schemas/Next" }} }},
            "properties": {{ "access_token": {{ "type": "string" }} }} }},
            "First": {{ "allOf": [{{ "$ref": "#/components/schemas/Answer" }}, {{ "properties": {{ "user": {{ "type": "string" }} }} }}] }},
            "Next": {{ "allOf": [{{ "$ref": "#/components/schemas/Answer" }}, {{ "properties": {{ "expires_in": {{ "type": "integer" }} }} }}] }} }} }} }}"##
        )
    };
    let flat = |text: &str| text.replace("\n#  ", "");
    for refresh in ["#/components/schemas/Refresh", "Refresh"] {
        let document = document(refresh, "#/components/schemas/Code");
        let text = openapi(&document, None, &Settings::default()).unwrap().text;
        let shown = flat(&text);
        for words in [
            "profile: rfc6749",
            "form: { device: \"${client.device}\" }",
            "seconds: /expires_in",
            "Other forms of the request that the document tells apart are not read: `authorization_code`.",
            "What the request may hold and need not is left out: `window`.",
            "Other forms of the answer that the document tells apart are not read: `first`.",
        ] {
            assert!(shown.contains(words), "{words}\n{text}");
        }
        assert!(!text.contains("user") && !text.contains("client.window"), "{text}");
        places::holds(refresh, &text);
    }
    let text =
        openapi(&document("other.yaml#/Refresh", "Code"), None, &Settings::default()).unwrap().text;
    assert!(flat(&text).contains("none is called a refresh or can be found; they are not read: `authorization_code`, `refresh_token`."), "{text}");
}

/// Each server at another host is an environment of its own; what is none is counted.
#[test]
fn servers_are_environments() {
    let form = "{ requestBody: { content: { application/x-www-form-urlencoded: { schema: { properties: { refresh_token: {} } } } } } }";
    let of = |servers: &[&str], operation: &str| {
        let urls: Vec<String> = servers.iter().map(|url| format!("{{ url: '{url}' }}")).collect();
        let document = format!(
            "openapi: 3.0.0\nservers: [{}]\npaths: {{ /oauth/token: {{ post: {operation} }} }}\ncomponents: {{ securitySchemes: {{ s: {{ type: apiKey, in: cookie, name: sid }} }} }}\n",
            urls.join(", ")
        );
        let text = openapi(&document, None, &Settings::default()).unwrap().text;
        places::holds(&document, &text);
        text
    };
    let text = of(
        &[
            "https://api.acme.io/v1",
            "https://sandbox.acme.io/v1/",
            "//eu.acme.io/v1",
            "https://api.acme.io/v1",
        ],
        form,
    );
    for words in [
        "production: https://api.acme.io",
        "sandbox: https://sandbox.acme.io",
        "eu: https://eu.acme.io",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains("Servers of the document"), "{text}");
    let text = of(
        &["https://api.acme.io/v1", "https://old.acme.io/v0", "http://localhost:80/v1", "/v1"],
        form,
    );
    assert!(text.contains("environments: { production: https://api.acme.io }"), "{text}");
    assert!(
        text.contains("Servers of the document that are not read") && text.contains(" 3."),
        "{text}"
    );
    let keyed = format!("{{ security: [{{ s: [] }}], {}", form.trim_start_matches("{ "));
    let text = of(&["https://api.acme.io"], &keyed);
    assert!(
        text.contains("by the cookie `sid`") && text.contains("sid: \"${client.sid}\""),
        "{text}"
    );
}

#[test]
fn references_in_a_circle_end() {
    let document = r##"{ "openapi": "3.1.0", "servers": [{ "url": "https://a.example" }],
        "paths": { "/token": { "post": { "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/A" } } } },
        "responses": { "200": { "$ref": "#/components/responses/R" } } } } },
        "components": { "responses": { "R": { "$ref": "#/components/responses/R" } },
        "schemas": { "A": { "allOf": [{ "$ref": "#/components/schemas/A" }, { "$ref": "#/components/schemas/B" }] },
        "B": { "oneOf": [{ "$ref": "#/components/schemas/A" }], "properties": { "refresh_token": { "$ref": "#/components/schemas/B" } } } } } }"##;
    assert!(openapi(document, None, &Settings::default()).unwrap().text.contains("refresh_token"));
}
