//! Requests to the provider's API: how the access token gets into them, and what their answers mean for the token.
//!
//! No I/O: the layers for HTTP clients ([`crate::fit`]) are built on this, and yours can be.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_auth::parser::ChallengeParser;

use super::error::SessionError;
use super::provider::Renewable;
use super::session::Session;
use crate::facts::Facts;
use crate::grant::Authorize;

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
    /// Adds a valid access token to a request's headers, as the contract says: in its header, with its scheme or raw. Returns
    /// the token's generation, for [`Session::invalidate_generation`].
    ///
    /// What stood in that header is replaced.
    ///
    /// # Errors
    /// As [`Session::access_token`]; also when the token holds a control character and cannot be sent.
    pub async fn authorize(&self, headers: &mut HeaderMap) -> Result<u64, SessionError> {
        let access = match self.try_access_token() {
            Some(access) => access,
            None => self.access_token().await?,
        };
        let sent = access.authorize(headers);
        sent.map_err(SessionError::exchange_failed)?;
        Ok(access.generation())
    }

    /// Learns from the answer of a request that carried the token of this generation. `true` when the answer
    /// [refuses](refuses_access_token) it: the session stops serving it, and the request may be sent once more with a new one.
    pub fn note_answer(&self, generation: u64, status: StatusCode, headers: &HeaderMap) -> bool {
        let refused = refuses_access_token(&P::FACTS, status, headers);
        if refused {
            self.invalidate_generation(generation);
        }
        refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Ends, OldAccessToken, RefreshWindow, Reuse, Spent};
    use proptest::prelude::*;

    const FACTS: Facts = Facts {
        access_token_single_use: false,
        access_token_ends: Ends::AfterLifetime,
        usual_lifetime: None,
        access_token_refused: &[401, 403],
        old_access_token: OldAccessToken::Unknown,
        window: RefreshWindow::AnyTime,
        single_use: true,
        rotation: None,
        spent: Spent::Dead,
        reuse: Reuse::Unknown,
        refresh_token_ends: Ends::Untold,
        idle_limit: None,
        mint: None,
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
