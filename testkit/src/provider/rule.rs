//! What a fake provider enforces, rule by rule.

use rekindle_contract::contract::Contract;

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// A rule that the fake provider enforces. Each can be switched off, to see who notices.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Rule {
            /// Every rule, in the order in which they are looked at.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name: `field-missing`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it demands, in a sentence.
            pub fn doc(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc,)+).trim_start(),)+ }
            }
        }
    };
}

rules! {
    /// The request goes to the provider's own origin (R1).
    Origin = "origin",
    /// No more requests come in a time than the contract allows (R20).
    TooMany = "too-many",
    /// The method is the declared one (R1).
    Method = "method",
    /// The path is the declared one.
    Path = "path",
    /// Every declared parameter of the query is there (R2).
    QueryMissing = "query-missing",
    /// The query has no other parameter (R2).
    QueryExtra = "query-extra",
    /// No parameter of the query is there twice (R3).
    QueryTwice = "query-twice",
    /// Declared constants of the query have the declared value (R2).
    QueryValue = "query-value",
    /// Every declared header is there (R2).
    HeaderMissing = "header-missing",
    /// No declared header is there twice (R3).
    HeaderTwice = "header-twice",
    /// Declared headers have the declared constant parts (R2).
    HeaderValue = "header-value",
    /// The `Content-Type` is that of the declared body (R2).
    ContentType = "content-type",
    /// There is no body where none is declared (R2).
    BodyUnexpected = "body-unexpected",
    /// The body can be read in the declared encoding (R2).
    BodyEncoding = "body-encoding",
    /// Every declared field of the body is there (R2).
    FieldMissing = "field-missing",
    /// The body has no other field (R2).
    FieldExtra = "field-extra",
    /// No field of the body is there twice (R3).
    FieldTwice = "field-twice",
    /// Declared constants of the body have the declared value and type (R2).
    FieldValue = "field-value",
    /// No secret, token or id of the client is anywhere but in its declared place (R4, R6).
    CredentialElsewhere = "credential-elsewhere",
    /// The client authenticates in one way only: nothing authenticates beside the declared way (R4).
    AuthenticationTwice = "authentication-twice",
    /// What the client brings, id and secret and the rest, is what was registered (R5, R8).
    ClientUnknown = "client-unknown",
    /// A lifetime that the request chooses is one that is granted, and the tokens live for so long.
    LifetimeChosen = "lifetime-chosen",
    /// What the client makes anew is of its kind, the same wherever it stands, and follows from what it is made of.
    ValueWrong = "value-wrong",
    /// What a step of the exchange gave out comes back as it was, and once.
    StepValue = "step-value",
    /// What the client makes by chance did not come before.
    ValueReused = "value-reused",
    /// Times that the client tells are near the provider's, and signed tokens have not ended.
    ValueStale = "value-stale",
    /// Signed tokens are signed by the declared algorithm with the registered key (RFC 7515 section 5.2).
    SignatureWrong = "signature-wrong",
    /// Signed tokens say what is declared and nothing else (RFC 7523 section 3).
    ClaimsWrong = "claims-wrong",
    /// The refresh token was issued here.
    RefreshTokenUnknown = "refresh-token-unknown",
    /// The refresh token is no longer than the contract allows.
    RefreshTokenTooLong = "refresh-token-too-long",
    /// The access token that is sent along was issued here, and is not revoked.
    AccessTokenUnknown = "access-token-unknown",
    /// The access token and the refresh token of one request belong to one grant.
    TokensApart = "tokens-apart",
    /// The grant was not revoked.
    GrantRevoked = "grant-revoked",
    /// A spent refresh token is good for nothing, except as the contract says (R25).
    RefreshTokenSpent = "refresh-token-spent",
    /// The refresh token's life is not over.
    RefreshTokenExpired = "refresh-token-expired",
    /// The refresh token was used before it was idle for too long (R31).
    RefreshTokenIdle = "refresh-token-idle",
    /// It is not too early for a refresh.
    TooEarly = "too-early",
    /// No refresh of a grant comes sooner after another than the contract allows (R20).
    TooSoon = "too-soon",
    /// It is not too late for a refresh.
    TooLate = "too-late",
    /// A refresh replaces the refresh token as often as the contract says (R16).
    Rotation = "rotation",
    /// A spent refresh token that comes back kills what the contract says (RFC 9700 section 4.14.2).
    ReuseRevokes = "reuse-revokes",
    /// A refresh token that may be sent again gets the answer that it got before (R25).
    ReplayIdentical = "replay-identical",
    /// A refresh token that may be sent again brings other tokens each time, where the contract says so.
    ReplayAnother = "replay-another",
    /// What a replay brings ends what came before it, where the contract says so.
    ReplaySupersedes = "replay-supersedes",
    /// The time in which a spent refresh token may be sent again has an end (R25).
    ReplayEnds = "replay-ends",
    /// No more of the last spent refresh tokens may be sent again than the contract says (R25).
    ReplayGenerations = "replay-generations",
    /// A refresh revokes the old access token, when the contract says so.
    OldAccessTokenRevoked = "old-access-token-revoked",
    /// An access token dies when its life is over (R14, R15).
    AccessTokenExpired = "access-token-expired",
    /// Where a success brings no token, the access token that was sent lives on from then.
    AccessTokenProlonged = "access-token-prolonged",
    /// An access token that may be used once is spent by its first use.
    AccessTokenSpent = "access-token-spent",
}

impl Rule {
    /// The rule with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.name() == name)
    }

    /// What it demands, without the numbers at the end.
    pub(crate) fn title(self) -> &'static str {
        let doc = self.doc();
        doc.rsplit_once(" (R").map_or(doc, |(title, _)| title)
    }

    /// The numbers at the end of what it demands.
    pub(crate) fn numbers(self) -> Vec<&'static str> {
        let Some((_, numbers)) = self.doc().rsplit_once('(') else {
            return Vec::new();
        };
        let numbers = numbers.split([',', ')', ' ']);
        let is_number = |text: &&str| {
            let digits = text.strip_prefix('R').unwrap_or_default();
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        numbers.filter(is_number).collect()
    }

    /// Whether a provider with this contract has anything to enforce by it.
    pub fn applies(self, contract: &Contract) -> bool {
        super::applies::applies(self, contract)
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_titles_and_numbers() {
        assert_eq!(Rule::CredentialElsewhere.numbers(), ["R4", "R6"]);
        assert_eq!(Rule::Path.numbers(), [""; 0]);
        assert!(Rule::Method.title().ends_with("declared one"));
        assert_eq!(Rule::Path.title(), Rule::Path.doc());
    }
}
