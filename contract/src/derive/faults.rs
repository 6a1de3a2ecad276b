//! How a refresh ends under each fault.

use crate::contract::{
    BodyCondition, Contract, Ending, ErrorClass, Expiry, Fate, Fault, Outcome, Rotation, SignIn,
};

/// The page that a gateway answers with where the provider cannot be reached.
pub const BAD_GATEWAY_PAGE: &str = "<html><body><h1>502 Bad Gateway</h1></body></html>";

/// The error that stands where a success should be.
pub const ERROR_IN_SUCCESS: &str = r#"{"error":"server_error"}"#;

impl Fault {
    /// Whether the provider has processed the request.
    pub fn is_processed(self) -> bool {
        !matches!(
            self,
            Self::Unreachable
                | Self::ResetBefore
                | Self::RateLimited
                | Self::RateLimitedUntil
                | Self::BadGateway
                | Self::Redirect
                | Self::ErrorInSuccess
        )
    }
}

/// Whether an answer has no body that could break off or go on (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5).
fn ends_with_head(status: u16) -> bool {
    matches!(status, 204 | 205 | 304)
}

impl Contract {
    /// How the first refresh of a grant ends under `fault`; `None` where the fault cannot occur: an expiry is not `null` where
    /// answers have none.
    pub(super) fn ending_under(&self, fault: Fault) -> Option<Ending> {
        match fault {
            Fault::Unreachable => Some(Ending::Refused {
                class: ErrorClass::Transient,
                sign_in: SignIn::Unspecified,
                fate: Fate::Unspent,
            }),
            Fault::PartialAnswer | Fault::EndlessBody if ends_with_head(self.success_status()) => {
                None
            }
            Fault::ResetBefore
            | Fault::ResetAfter
            | Fault::NoAnswer
            | Fault::LateAnswer
            | Fault::SlowHead
            | Fault::PartialAnswer
            | Fault::EndlessBody => Some(self.lost()),
            Fault::AnsweredTwice | Fault::WrongContentType | Fault::DateSkew => {
                Some(Ending::Tokens)
            }
            Fault::RateLimited | Fault::RateLimitedUntil => self.answered(429, ""),
            Fault::BadGateway => self.answered(502, BAD_GATEWAY_PAGE),
            Fault::Redirect => self.answered(307, ""),
            Fault::ErrorInSuccess => {
                self.response.access_token.field()?;
                self.answered(self.success_status(), ERROR_IN_SUCCESS)
            }
            Fault::SecondPair => self.response.access_token.field().map(|_| Ending::Tokens),
            Fault::UnexpectedRotation => self.unexpected_rotation(),
            Fault::ExpiryNull => self.access.expires.field().map(|_| Ending::Tokens),
            Fault::ExpiryText | Fault::ExpiryFloat => self.is_number().then_some(Ending::Tokens),
            Fault::ExpiryInOtherUnit => self.is_number().then_some(Ending::Tokens),
            Fault::ExpiryEmpty | Fault::ExpiryInOtherKind | Fault::ExpiryAbsurd => {
                self.access.expires.field().map(|_| Ending::Tokens)
            }
        }
    }

    /// The first status of success that no rule of the error map takes for itself.
    pub(super) fn success_status(&self) -> u16 {
        let taken = |status: u16| {
            let mut rules = self.errors.iter().filter(|rule| !rule.is_default());
            rules.any(|rule| {
                rule.body == BodyCondition::Any
                    && rule.status.iter().any(|range| range.contains(status))
            })
        };
        let statuses = &self.response.success.status;
        let mut all = statuses.iter().flat_map(|range| range.first..=range.last);
        let first = statuses.first().map_or(200, |range| range.first);
        all.find(|status| !taken(*status)).unwrap_or(first)
    }

    /// The first refresh of a grant replaces the refresh token, at a provider that does so at least sometimes.
    pub(super) fn first_refresh_rotates(&self) -> bool {
        let Some(refresh) = &self.refresh else {
            return false;
        };
        let rotates = match refresh.rotation {
            Rotation::Always | Rotation::Sometimes | Rotation::KeepsOld | Rotation::Unknown => true,
            Rotation::Never | Rotation::Echo => false,
        };
        rotates && self.response.refresh_token.is_some()
    }

    /// The request may have left and there is no answer.
    fn lost(&self) -> Ending {
        let class = if self.is_replayable() { ErrorClass::Transient } else { ErrorClass::InDoubt };
        self.refused(class, SignIn::Unspecified)
    }

    /// An answer that holds no tokens.
    fn answered(&self, status: u16, body: &str) -> Option<Ending> {
        Some(match self.classify(status, body.as_bytes()) {
            Outcome::Refused(rule) => self.refused_by(rule),
            Outcome::Success => self.refused(ErrorClass::ContractViolation, SignIn::Unspecified),
        })
    }

    fn unexpected_rotation(&self) -> Option<Ending> {
        let refresh = self.refresh.as_ref()?;
        let stays = matches!(refresh.rotation, Rotation::Never | Rotation::Echo);
        let told = self.response.refresh_token.is_some();
        let spends = self.credential().holds_refresh_token();
        (stays && told && spends).then_some(Ending::Tokens)
    }

    fn is_number(&self) -> bool {
        matches!(
            self.access.expires,
            Expiry::Seconds(_)
                | Expiry::Milliseconds(_)
                | Expiry::UnixSeconds(_)
                | Expiry::UnixMilliseconds(_)
        )
    }
}
