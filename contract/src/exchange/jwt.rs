//! The claims of a JWT (RFC 7519). Signatures are not looked at.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

/// base64url, with or without padding.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The claims of `token`; `None` where it is no JWT.
pub(crate) fn claims(token: &str) -> Option<Value> {
    let mut parts = token.trim_ascii().split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = BASE64URL.decode(payload).ok().filter(|_| parts.next().is_none())?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}

/// A token with these claims whose signature is none.
pub(crate) fn unsigned(claims: &Value) -> String {
    let header = BASE64URL.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    format!("{header}.{}.synthetic", BASE64URL.encode(claims.to_string()))
}

/// A token with these claims and a signature that says that it is none. `name` keeps tokens with equal claims apart.
pub(crate) fn synthetic(alg: &str, claims: &Value, name: &str) -> String {
    let header = serde_json::json!({ "alg": alg, "typ": "JWT" });
    let part = |text: String| BASE64URL.encode(text);
    format!(
        "{}.{}.{}",
        part(header.to_string()),
        part(claims.to_string()),
        part(format!("synthetic {name}"))
    )
}
