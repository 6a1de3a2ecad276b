//! The exchange that everybody makes: RFC 6749 section 6, HTTP Basic, an answer as section 5.1 shows it.

use rekindle_benches::Error;
use serde::Deserialize;

/// The client's identifier.
pub const CLIENT_ID: &str = "s6BhdRkqt3";
/// The client's secret.
pub const CLIENT_SECRET: &str = "7Fjfp0ZBr1KtDRbnfVdmIw";
/// Both, as a header: for those who put it together once.
pub const AUTHORIZATION: &str = "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3";
/// The refresh token of the first exchange; each answer brings the next.
pub const HELD: &str = "tGzv3JOkF0XG5Qx2TlKWIA";

/// The answers, in turn.
pub const ANSWERS: [&str; 2] = [
    r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600,"refresh_token":"8xLOxBtZp8uG5Qx2TlKWIA"}"#,
    r#"{"access_token":"2YotnFZFEjr1zCsicMWpBB","token_type":"Bearer","expires_in":3600,"refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA"}"#,
];

/// The answer as people write it down who write their client by hand.
#[derive(Deserialize)]
pub struct Answer {
    /// The new access token.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds.
    pub expires_in: Option<u64>,
    /// The new refresh token.
    pub refresh_token: Option<String>,
    /// What is granted.
    pub scope: Option<String>,
}

impl Answer {
    /// The refresh token of the next exchange, once the answer was looked at.
    pub fn next(self) -> Result<String, Error> {
        let Self { access_token, token_type, expires_in, refresh_token, scope } =
            std::hint::black_box(self);
        drop((access_token, scope));
        if token_type != "Bearer" || expires_in != Some(3600) {
            return Err("another answer was expected".into());
        }
        refresh_token.ok_or_else(|| "no refresh token".into())
    }
}

/// The body of the request.
pub fn form(refresh_token: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", refresh_token)
        .finish()
}

/// Where the request goes on a server.
pub const PATH: &str = "/token";
