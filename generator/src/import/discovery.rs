//! Metadata of an authorization server (RFC 8414, OpenID Connect Discovery 1.0) → the request to its token endpoint.

use super::Problem;
use super::wire::{Address, Body, Wire, split_url};
use serde_json::Value;

/// Ways for clients to prove who they are, the one that a spec begins with first.
const METHODS: &[&str] = &[
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "client_secret_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
    "none",
];

/// Algorithms, the commonest first.
const ALGORITHMS: &[&str] =
    &["RS256", "ES256", "PS256", "EdDSA", "RS384", "RS512", "ES384", "HS256"];

/// The request, and what else the document allows.
pub(super) fn request(document: &Value) -> Result<(Wire, Vec<String>), Problem> {
    let endpoint = document.get("token_endpoint").and_then(Value::as_str);
    let Some(endpoint) = endpoint.filter(|url| url.contains("://")) else {
        return Err(Problem::new(
            "the document names no `token_endpoint`, or one that is no URL",
            "give the metadata itself: it is at /.well-known/openid-configuration or /.well-known/oauth-authorization-server",
        ));
    };
    let listed = |key: &str| -> Option<Vec<&str>> {
        Some(document.get(key)?.as_array()?.iter().filter_map(Value::as_str).collect())
    };
    // RFC 8414 section 2: without the member it is HTTP Basic.
    let methods = listed("token_endpoint_auth_methods_supported")
        .unwrap_or_else(|| vec!["client_secret_basic"]);
    let known: Vec<&str> =
        METHODS.iter().copied().filter(|method| methods.contains(method)).collect();
    let method = known.first().copied().unwrap_or_default();
    let algorithms = listed("token_endpoint_auth_signing_alg_values_supported").unwrap_or_default();
    let fits = |alg: &&&str| {
        algorithms.contains(*alg) && alg.starts_with("HS") == (method == "client_secret_jwt")
    };
    let alg = ALGORITHMS.iter().find(fits).map(|alg| (*alg).to_owned());
    let grants = listed("grant_types_supported");
    let grant = match &grants {
        Some(grants) if !grants.contains(&"refresh_token") => {
            if !grants.contains(&"client_credentials") {
                return Err(Problem::new(
                    "the server lists neither `refresh_token` nor `client_credentials` among its grants",
                    "write the spec from the provider's page, or begin with a curl line that it shows",
                ));
            }
            "client_credentials"
        }
        _ => "refresh_token",
    };
    let mut fields = vec![("grant_type", grant)];
    if grant == "refresh_token" {
        fields.push(("refresh_token", "<refresh_token>"));
    }
    if ["client_secret_post", "none", "tls_client_auth", "self_signed_tls_client_auth"]
        .contains(&method)
    {
        fields.push(("client_id", "<client_id>"));
    }
    if method == "client_secret_post" {
        fields.push(("client_secret", "<client_secret>"));
    }
    let certificate = method.contains("tls");
    // RFC 8705 section 5: who shows a certificate goes there, where the server says so.
    let alias = document.pointer("/mtls_endpoint_aliases/token_endpoint").and_then(Value::as_str);
    let alias = alias.filter(|url| certificate && url.contains("://"));
    let Address { url, query, keys } = split_url(alias.unwrap_or(endpoint))?;
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let wire = Wire {
        method: "POST".to_owned(),
        url,
        query,
        keys,
        body: Body::Form(fields.into_iter().map(owned).collect()),
        basic: method == "client_secret_basic",
        form_encoded: true,
        unproven: method.is_empty(),
        certificate,
        signed: match method {
            "private_key_jwt" => Some(("private_key_jwt", alg)),
            "client_secret_jwt" => Some(("client_secret_jwt", alg)),
            _ => None,
        },
        ..Wire::default()
    };
    let others: Vec<&str> = known.iter().skip(1).copied().collect();
    let mut notes = Vec::new();
    if known.is_empty() {
        notes.push("None of the ways that the metadata lists for the client to prove who it is has a word in the language.".to_owned());
    }
    if !others.is_empty() {
        notes.push(format!(
            "Other ways for the client to prove who it is, by the metadata: {}.",
            others.join(", ")
        ));
    }
    if alias.is_some() {
        notes.push("The endpoint is that of `mtls_endpoint_aliases`, where the client shows its certificate.".to_owned());
    }
    if grant == "refresh_token" && grants.is_none() {
        notes.push("The metadata does not say whether the server takes refresh tokens.".to_owned());
    }
    Ok((wire, notes))
}
