//! progenitor: an OpenAPI document becomes a client.

use std::fmt::Write as _;

use progenitor_impl::{GenerationSettings, Generator};
use rekindle_benches::Error;

/// A document with so many operations of a refresh, each with types of its own.
pub fn open_api(operations: u32) -> String {
    let mut paths = String::new();
    let mut schemas = String::new();
    for number in 0..operations {
        let comma = if number == 0 { "" } else { "," };
        _ = write!(paths, "{comma}{}", path(number));
        _ = write!(schemas, "{comma}{}", types(number));
    }
    format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": "Refresh", "version": "1"}},
            "servers": [{{"url": "https://id.example.com"}}],
            "paths": {{{paths}}}, "components": {{"schemas": {{{schemas}}}}}}}"#
    )
}

fn path(number: u32) -> String {
    let answer = |status: &str, kind: &str| {
        format!(
            r##""{status}": {{"description": "{kind}", "content": {{"application/json":
                {{"schema": {{"$ref": "#/components/schemas/{kind}{number}"}}}}}}}}"##
        )
    };
    format!(
        r##""/token{number}": {{"post": {{
            "operationId": "refresh{number}",
            "description": "Trades a refresh token for new tokens.",
            "requestBody": {{"required": true, "content": {{"application/json":
                {{"schema": {{"$ref": "#/components/schemas/Refresh{number}"}}}}}}}},
            "responses": {{{}, {}}}}}}}"##,
        answer("200", "Tokens"),
        answer("4XX", "Refusal"),
    )
}

fn types(number: u32) -> String {
    let text = |doc: &str| format!(r#"{{"type": "string", "description": "{doc}"}}"#);
    format!(
        r#""Refresh{number}": {{"type": "object", "required": ["grant_type", "refresh_token"], "properties": {{
            "grant_type": {}, "refresh_token": {}}}}},
        "Tokens{number}": {{"type": "object", "required": ["access_token", "token_type", "refresh_token"], "properties": {{
            "access_token": {}, "token_type": {}, "expires_in": {{"type": "integer", "format": "int64"}},
            "refresh_token": {}, "scope": {}}}}},
        "Refusal{number}": {{"type": "object", "required": ["error"], "properties": {{
            "error": {}, "error_description": {}}}}}"#,
        text("What is traded."),
        text("The token that is spent."),
        text("The new access token."),
        text("How it is sent."),
        text("The new refresh token."),
        text("What it is good for."),
        text("What went wrong."),
        text("The same for people."),
    )
}

/// Bytes of the client that progenitor makes of a document.
pub fn progenitor(document: &str) -> Result<usize, Error> {
    let document: openapiv3::OpenAPI = serde_json::from_str(document)?;
    let tokens = Generator::new(&GenerationSettings::default()).generate_tokens(&document)?;
    Ok(prettyplease::unparse(&syn::parse2(tokens)?).len())
}
