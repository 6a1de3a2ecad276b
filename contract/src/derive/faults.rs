//! How a refresh ends under each fault.

use crate::contract::{
    BodyCondition, Contract, Credential, Ending, ErrorClass, Expiry, Fate, Fault, MAX_LIFETIME,
    Outcome, Rotation, SignIn,
};

/// Every fault, in the order in which the language names them.
pub const FAULTS: [Fault; 25] = [
    Fault::Unreachable,
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::NoAnswer,
    Fault::LateAnswer,
    Fault::SlowHead,
    Fault::PartialAnswer,
    Fault::EndlessBody,
    Fault::AnsweredTwice,
    Fault::RateLimited,
    Fault::RateLimitedUntil,
    Fault::BadGateway,
    Fault::Redirect,
    Fault::WrongContentType,
    Fault::ErrorInSuccess,
    Fault::ExpiryNull,
    Fault::ExpiryEmpty,
    Fault::ExpiryText,
    Fault::ExpiryFloat,
    Fault::ExpiryInOtherUnit,
    Fault::ExpiryInOtherKind,
    Fault::ExpiryAbsurd,
    Fault::DateSkew,
    Fault::SecondPair,
    Fault::UnexpectedRotation,
];

/// The page that a gateway answers with where the provider cannot be reached.
pub const BAD_GATEWAY_PAGE: &str = "<html><body><h1>502 Bad Gateway</h1></body></html>";

/// The error that stands where a success should be.
pub const ERROR_IN_SUCCESS: &str = r#"{"error":"server_error"}"#;

impl Fault {
    /// Its name in specs: `reset_after`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::ResetBefore => "reset_before",
            Self::ResetAfter => "reset_after",
            Self::NoAnswer => "no_answer",
            Self::LateAnswer => "late_answer",
            Self::SlowHead => "slow_head",
            Self::PartialAnswer => "partial_answer",
            Self::EndlessBody => "endless_body",
            Self::AnsweredTwice => "answered_twice",
            Self::RateLimited => "rate_limited",
            Self::RateLimitedUntil => "rate_limited_until",
            Self::BadGateway => "bad_gateway",
            Self::Redirect => "redirect",
            Self::WrongContentType => "wrong_content_type",
            Self::ErrorInSuccess => "error_in_success",
            Self::ExpiryNull => "expiry_null",
            Self::ExpiryEmpty => "expiry_empty",
            Self::ExpiryText => "expiry_text",
            Self::ExpiryFloat => "expiry_float",
            Self::ExpiryInOtherUnit => "expiry_in_other_unit",
            Self::ExpiryInOtherKind => "expiry_in_other_kind",
            Self::ExpiryAbsurd => "expiry_absurd",
            Self::DateSkew => "date_skew",
            Self::SecondPair => "second_pair",
            Self::UnexpectedRotation => "unexpected_rotation",
        }
    }

    /// The fault with this name.
    pub fn named(name: &str) -> Option<Self> {
        FAULTS.into_iter().find(|fault| fault.name() == name)
    }

    /// What goes wrong, in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unreachable => "no connection can be made",
            Self::ResetBefore => "the connection is reset before the request is processed",
            Self::ResetAfter => "the request is processed, and the answer is lost to a reset",
            Self::NoAnswer => "the request is processed, and no answer comes",
            Self::LateAnswer => "the answer comes too late",
            Self::SlowHead => "the answer's head comes byte by byte",
            Self::PartialAnswer => "the answer ends in the middle",
            Self::EndlessBody => "the answer does not end",
            Self::AnsweredTwice => "the answer comes twice",
            Self::RateLimited => "there are too many requests, for some seconds",
            Self::RateLimitedUntil => "there are too many requests, until a date",
            Self::BadGateway => "a gateway answers for the provider, with a page",
            Self::Redirect => "a redirect leads to another origin",
            Self::WrongContentType => "the answer says that it is HTML",
            Self::ErrorInSuccess => "an error has a status of success",
            Self::ExpiryNull => "the expiry is null",
            Self::ExpiryEmpty => "the expiry is empty",
            Self::ExpiryText => "the expiry is a text",
            Self::ExpiryFloat => "the expiry has a fraction",
            Self::ExpiryInOtherUnit => "the expiry is in another unit",
            Self::ExpiryInOtherKind => "the expiry is of another kind",
            Self::ExpiryAbsurd => "the expiry is beyond belief",
            Self::DateSkew => "the answer's date is a day off",
            Self::SecondPair => "the answer holds a second pair of tokens",
            Self::UnexpectedRotation => "the answer replaces a refresh token that should stay",
        }
    }

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
            Fault::ExpiryInOtherUnit => self.is_number().then(|| self.in_other_unit()),
            Fault::ExpiryEmpty | Fault::ExpiryInOtherKind | Fault::ExpiryAbsurd => {
                self.access.expires.field().map(|_| self.unusable())
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
            Outcome::Refused(rule) => self.refused(rule.class, rule.sign_in),
            Outcome::Success => self.refused(ErrorClass::ContractViolation, SignIn::Unspecified),
        })
    }

    /// An answer with tokens that cannot be used as a whole.
    fn unusable(&self) -> Ending {
        let fate =
            if self.first_refresh_rotates() { Fate::Replaced } else { self.fate_after_sending() };
        Ending::Refused { class: ErrorClass::ContractViolation, sign_in: SignIn::Unspecified, fate }
    }

    fn unexpected_rotation(&self) -> Option<Ending> {
        let refresh = self.refresh.as_ref()?;
        let stays = matches!(refresh.rotation, Rotation::Never | Rotation::Echo);
        let told = self.response.refresh_token.is_some();
        let spends = self.credential() != Credential::AccessToken;
        (stays && told && spends).then_some(Ending::Tokens)
    }

    fn is_number(&self) -> bool {
        match self.access.expires {
            Expiry::Seconds(_)
            | Expiry::Milliseconds(_)
            | Expiry::UnixSeconds(_)
            | Expiry::UnixMilliseconds(_) => true,
            Expiry::Rfc3339(_)
            | Expiry::Constant(_)
            | Expiry::Jwt
            | Expiry::Never
            | Expiry::Undeclared => false,
        }
    }

    /// A thousand times the right number: it can be told only where that is beyond belief.
    fn in_other_unit(&self) -> Ending {
        let longer = self.assumed_lifetime().saturating_mul(1000);
        let relative = matches!(self.access.expires, Expiry::Seconds(_) | Expiry::Milliseconds(_));
        if relative && longer <= MAX_LIFETIME { Ending::Tokens } else { self.unusable() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_specs() {
        for fault in FAULTS {
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.name());
            assert_eq!(Fault::named(fault.name()), Some(fault));
        }
    }
}
