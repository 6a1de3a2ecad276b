//! What the server answers: a status, a type, and a body with places for what is issued.

/// An answer. Its body may have `{access}`, `{refresh}` and `{lifetime}` in it; one with `{refresh}` spends the token it is for.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status. One of 400 or more issues nothing and spends nothing.
    pub status: u16,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: &'static str,
}

/// The type of almost every answer.
const JSON: &str = "application/json";

impl Answer {
    /// RFC 6749 section 5.1, with a new refresh token.
    pub const PAIR: Self = Self::json(
        r#"{"access_token":"{access}","token_type":"Bearer","expires_in":{lifetime},"refresh_token":"{refresh}"}"#,
    );

    /// The same without a refresh token: the old one stays good (RFC 6749 section 6).
    pub const ACCESS_ONLY: Self =
        Self::json(r#"{"access_token":"{access}","token_type":"Bearer","expires_in":{lifetime}}"#);

    /// A server that is down for a while.
    pub const OUTAGE: Self =
        Self { status: 503, content_type: "text/plain", body: "Service Unavailable" };

    /// RFC 6749 section 5.2: the refresh token is not good.
    pub const INVALID_GRANT: Self =
        Self { status: 400, content_type: JSON, body: r#"{"error":"invalid_grant"}"# };

    /// A JSON body with status 200.
    pub const fn json(body: &'static str) -> Self {
        Self { status: 200, content_type: JSON, body }
    }

    /// Whether it brings a new refresh token.
    pub(super) fn rotates(&self) -> bool {
        self.body.contains("{refresh}")
    }

    /// Its body, with the number of the access token, the refresh token and the seconds put in.
    pub(super) fn filled(&self, number: u32, refresh: &str, lifetime: u64) -> String {
        self.body
            .replace("{access}", &access_token(number))
            .replace("{refresh}", refresh)
            .replace("{lifetime}", &lifetime.to_string())
    }
}

/// The access token that the exchange of this number brings; the first is 1.
pub fn access_token(number: u32) -> String {
    format!("access-{number}")
}
