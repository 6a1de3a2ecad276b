//! Requests to the provider's API: how the access token gets into them, and what their answers mean for the token.
//!
//! No I/O: the layers for HTTP clients ([`crate::fit`]) are built on this, and yours can be.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_auth::parser::ChallengeParser;

use super::cached_token::Access;
use super::error::SessionError;
use super::provider::Renewable;
use super::session::Session;
use crate::body::Body;
use crate::facts::{BodyRefusal, Facts};
use crate::grant::Authorize;

/// The largest body in which a refusal is looked for, in bytes. A larger one is none.
pub const LARGEST_REFUSAL: usize = 16 * 1024;

/// The error code of a token that is good and is not allowed this (RFC 6750 section 3.1).
const INSUFFICIENT_SCOPE: &str = "insufficient_scope";

/// Whether an answer of the provider's API refuses the access token as expired or revoked, by the contract: its status is one
/// of [`Facts::access_token_refused`].
///
/// One that says `insufficient_scope` in a `WWW-Authenticate` challenge (RFC 6750 section 3.1) never does, whatever its status:
/// the token is valid, and a new one would be allowed no more.
pub fn refuses_access_token(facts: &Facts, status: StatusCode, headers: &HeaderMap) -> bool {
    facts.access_token_refused.contains(&status.as_u16())
        && !headers.get_all(WWW_AUTHENTICATE).iter().any(lacks_scope)
}

/// Whether the body of an answer may refuse the access token as expired or revoked, by the contract
/// ([`Renew::REFUSED_IN_BODY`](crate::Renew::REFUSED_IN_BODY)): some rule is about its status, its `Content-Type` is JSON, it is not
/// compressed, no longer than [`LARGEST_REFUSAL`] where it says how long it is, and says nothing of `insufficient_scope`.
pub fn may_refuse_in_body(rules: &[BodyRefusal], status: StatusCode, headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    rules.iter().any(|rule| rule.may_have(status.as_u16()))
        && headers.get(CONTENT_TYPE).is_some_and(is_json)
        && headers.get(CONTENT_ENCODING).is_none_or(|coding| coding == "identity")
        && length.is_none_or(|length: usize| length <= LARGEST_REFUSAL)
        && !headers.get_all(WWW_AUTHENTICATE).iter().any(lacks_scope)
}

/// Whether the body of an answer [that may](may_refuse_in_body) refuses the access token as expired or revoked, by the contract.
pub fn refuses_in_body(
    rules: &[BodyRefusal],
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> bool {
    if body.len() > LARGEST_REFUSAL || !may_refuse_in_body(rules, status, headers) {
        return false;
    }
    let body = Body::new(body);
    rules.iter().any(|rule| rule.matches(status.as_u16(), &body))
}

/// Whether a media type is that of JSON (RFC 6839 section 3.1), whatever its parameters.
fn is_json(media_type: &HeaderValue) -> bool {
    let text = media_type.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim_ascii().as_bytes();
    let suffix = essence.get(essence.len().saturating_sub(5)..).unwrap_or_default();
    essence.eq_ignore_ascii_case(b"application/json") || suffix.eq_ignore_ascii_case(b"+json")
}

/// Whether one of the header's challenges says that the token's scope does not suffice.
fn lacks_scope(header: &HeaderValue) -> bool {
    let Ok(text) = header.to_str() else {
        return mentions_scope(header);
    };
    for challenge in ChallengeParser::new(text) {
        match challenge {
            Ok(challenge) => {
                let mut codes = challenge.params.iter().filter(|(name, _)| is(name, "error"));
                if codes.any(|(_, code)| is(&code.to_unescaped(), INSUFFICIENT_SCOPE)) {
                    return true;
                }
            }
            // A challenge that cannot be parsed may hold it: not to repeat one request costs less than to repeat it for ever.
            Err(_) => return mentions_scope(header),
        }
    }
    false
}

fn is(text: &str, word: &str) -> bool {
    text.eq_ignore_ascii_case(word)
}

fn mentions_scope(header: &HeaderValue) -> bool {
    let mut places = header.as_bytes().windows(INSUFFICIENT_SCOPE.len());
    places.any(|place| place.eq_ignore_ascii_case(INSUFFICIENT_SCOPE.as_bytes()))
}

impl<P: Renewable<AccessToken: Authorize>> Session<P> {
    /// Adds a valid access token to a request's headers, as the contract says: in its header, with its scheme or raw, or in its
    /// cookie. Returns the token's generation, for [`Session::invalidate_generation`].
    ///
    /// What stood in that place is replaced.
    ///
    /// # Errors
    /// As [`Session::access_token`]; also when the token holds a control character and cannot be sent, and when the contract
    /// puts it into the URL: then say [`Session::authorize_request`].
    pub async fn authorize(&self, headers: &mut HeaderMap) -> Result<u64, SessionError> {
        let access = self.access_token_at_hand().await?;
        let sent = access.authorize(headers);
        sent.map_err(SessionError::exchange_failed)?;
        Ok(access.generation())
    }

    /// As [`Session::authorize`], wherever the contract puts the token: into the headers, or into the query of the URL.
    ///
    /// # Errors
    /// As [`Session::access_token`]; also when the token cannot be sent there, and when the URL is not valid.
    pub async fn authorize_request<B>(
        &self,
        request: &mut Request<B>,
    ) -> Result<u64, SessionError> {
        let access = self.access_token_at_hand().await?;
        let sent = access.authorize_request(request);
        sent.map_err(SessionError::exchange_failed)?;
        Ok(access.generation())
    }

    async fn access_token_at_hand(&self) -> Result<Access<P>, SessionError> {
        match self.try_access_token() {
            Some(access) => Ok(access),
            None => self.access_token().await,
        }
    }

    /// Learns from the answer of a request that carried the token of this generation. `true` when the answer
    /// [refuses](refuses_access_token) it: the session stops serving it, and the request may be sent once more with a new one.
    ///
    /// Some providers refuse it in a body, beside a status that other answers have as well. Where
    /// [`looks_into_body`](Self::looks_into_body) says so, read the body and say
    /// [`note_answer_with_body`](Self::note_answer_with_body).
    pub fn note_answer(&self, generation: u64, status: StatusCode, headers: &HeaderMap) -> bool {
        let refused = refuses_access_token(&P::FACTS, status, headers);
        if refused {
            self.invalidate_generation(generation);
        }
        refused
    }

    /// Whether the answer with this head may refuse the token [in its body](may_refuse_in_body). No other body need be read, and
    /// none of more than [`LARGEST_REFUSAL`] bytes.
    pub fn looks_into_body(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        may_refuse_in_body(P::REFUSED_IN_BODY, status, headers)
    }

    /// As [`note_answer`](Self::note_answer), of an answer whose body is here: `true` also when the
    /// [body refuses](refuses_in_body) the token.
    pub fn note_answer_with_body(
        &self,
        generation: u64,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> bool {
        let refused = refuses_in_body(P::REFUSED_IN_BODY, status, headers, body);
        if refused {
            self.invalidate_generation(generation);
        }
        refused || self.note_answer(generation, status, headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Ends;
    use crate::json::Literal;
    use proptest::prelude::*;

    const FACTS: Facts = Facts {
        access_token_ends: Ends::AfterLifetime,
        access_token_refused: &[401, 403],
        ..Facts::DEFAULT
    };

    fn refused(status: u16, challenges: &[&[u8]]) -> bool {
        let mut headers = HeaderMap::new();
        for challenge in challenges {
            let value = HeaderValue::from_bytes(challenge).expect("a header value");
            headers.append(WWW_AUTHENTICATE, value);
        }
        let status = StatusCode::from_u16(status).expect("a status");
        refuses_access_token(&FACTS, status, &headers)
    }

    #[test]
    fn the_contract_names_the_statuses() {
        assert!(refused(401, &[]));
        assert!(refused(403, &[]));
        for status in [200, 400, 402, 404, 419, 500, 503] {
            assert!(!refused(status, &[]), "{status}");
            assert!(!refused(status, &[b"Bearer error=\"invalid_token\""]));
        }
    }

    const RULES: [BodyRefusal; 2] = [
        BodyRefusal {
            statuses: &[200..=200],
            field: &["error"],
            values: &[Literal::Text("invalid_auth"), Literal::Integer(14)],
        },
        BodyRefusal {
            statuses: &[400..=403],
            field: &["e", "c"],
            values: &[Literal::Text("Dead")],
        },
    ];

    fn head(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let fields = fields.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), HeaderValue::from_static(value))
        });
        fields.collect()
    }

    #[test]
    fn a_body_refuses_where_its_status_its_type_and_a_field_say_so() {
        let json = ("content-type", "application/json");
        for (expected, status, fields, body) in [
            (true, 200, &[json][..], r#"{"ok":false,"error":"invalid_auth"}"#),
            (true, 200, &[("content-type", "Application/Problem+JSON; a=b")], r#"{"error":14}"#),
            (true, 401, &[json, ("content-encoding", "identity")], r#"{"e":{"c":"Dead"}}"#),
            (true, 400, &[json, ("www-authenticate", "Bearer")], r#"{"e":{"c":"Dead"}}"#),
            (false, 200, &[json], r#"{"ok":false,"error":"ratelimited"}"#),
            (false, 200, &[json], r#"{"error":"14"}"#),
            (false, 200, &[json], r#"{"error":"invalid_auth""#),
            (false, 201, &[json], r#"{"error":"invalid_auth"}"#),
            (false, 404, &[json], r#"{"e":{"c":"Dead"}}"#),
            (false, 200, &[], r#"{"error":"invalid_auth"}"#),
            (false, 200, &[("content-type", "text/json5")], r#"{"error":"invalid_auth"}"#),
            (false, 200, &[json, ("content-encoding", "gzip")], r#"{"error":"invalid_auth"}"#),
            (false, 200, &[json, ("content-length", "16385")], r#"{"error":"invalid_auth"}"#),
            (
                false,
                403,
                &[json, ("www-authenticate", "Bearer error=\"insufficient_scope\"")],
                r#"{"e":{"c":"Dead"}}"#,
            ),
        ] {
            let status = StatusCode::from_u16(status).expect("a status");
            let headers = head(fields);
            let found = refuses_in_body(&RULES, status, &headers, body.as_bytes());
            assert_eq!(found, expected, "{status} {fields:?} {body}");
            assert!(may_refuse_in_body(&RULES, status, &headers) || !found);
            assert!(!refuses_in_body(&[], status, &headers, body.as_bytes()));
        }
        let padded = |length: usize| {
            let body = r#"{"error":"invalid_auth"}"#;
            format!("{body}{}", " ".repeat(length - body.len()))
        };
        for (expected, length) in [(true, LARGEST_REFUSAL), (false, LARGEST_REFUSAL + 1)] {
            let body = padded(length);
            let found = refuses_in_body(&RULES, StatusCode::OK, &head(&[json]), body.as_bytes());
            assert_eq!(found, expected, "{length}");
        }
    }

    /// R23: no refresh mends it.
    #[test]
    fn a_lack_of_scope_is_no_refusal_however_it_is_written() {
        for challenge in [
            &b"Bearer error=\"insufficient_scope\""[..],
            b"Bearer realm=\"a, b\", error=\"insufficient_scope\", scope=\"x\"",
            b"bearer error=insufficient_scope",
            b"BEARER ERROR = \"insufficient_scope\"",
            b"DPoP algs=\"ES256\", error=\"insufficient_scope\"",
            b"Bearer error=\"insufficient\\_scope\"",
            b"Basic realm=\"api\", Bearer realm=\"x\", error=\"insufficient_scope\"",
            b"Bearer error=\"insufficient_scope\", Basic realm=\"api\"",
            // Broken: the quote is never closed, a value is missing, a byte is no ASCII.
            b"Bearer error=\"insufficient_scope",
            b"Bearer realm=, error=\"insufficient_scope\"",
            b"Bearer realm=\"\xff\", error=\"insufficient_scope\"",
        ] {
            for status in [401, 403] {
                let shown = String::from_utf8_lossy(challenge);
                assert!(!refused(status, &[challenge]), "{status}: {shown}");
                let second: [&[u8]; 2] = [b"Basic realm=\"api\"", challenge];
                assert!(!refused(status, &second), "{status}: second: {shown}");
            }
        }
    }

    #[test]
    fn other_challenges_leave_it_a_refusal() {
        for challenge in [
            &b"Bearer"[..],
            b"Bearer error=\"invalid_token\"",
            b"Bearer error=\"invalid_token\", error_description=\"not insufficient_scope\"",
            b"Bearer realm=\"error=insufficient_scope\"",
            b"Basic realm=\"insufficient_scope\"",
            b"Bearer scope=\"insufficient_scope\"",
            b"Negotiate abc==",
            b",,",
            b"",
        ] {
            let shown = String::from_utf8_lossy(challenge);
            assert!(refused(401, &[challenge]), "{shown}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                lacks_scope(&value);
            }
        }

        #[test]
        fn no_text_of_challenges_makes_it_panic(text in "[Ber ,=\"\\\\a-z_;/]{0,64}") {
            if let Ok(value) = HeaderValue::from_str(&text) {
                lacks_scope(&value);
            }
        }
    }
}
