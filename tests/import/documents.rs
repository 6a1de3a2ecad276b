//! What an OpenAPI document says of fields that need not be there, and of ways to prove who one is.

use super::places::holds as holds_all;
use rekindle::import::{Settings, openapi};

/// The spec of an endpoint that takes such a body, with its comments on one line.
fn text(kind: &str, required: &str, properties: &str, more: &str) -> String {
    let document = format!(
        "openapi: 3.0.0\nservers: [{{ url: 'https://id.acme.io' }}]\npaths: {{ /oauth/token: {{ post: {{ {more} requestBody: {{ content: {{ application/{kind}: {{ schema: {{ \
         required: [{required}], properties: {{ {properties} }} }} }} }} }} }} }} }}\n\
         components: {{ securitySchemes: {{ plain: {{ type: http, scheme: basic }}, key: {{ type: apiKey, in: header, name: X-Api-Key }} }} }}\n"
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
