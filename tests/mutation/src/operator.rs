//! The kinds of change.

use std::fmt;

/// A part of a contract, for the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Where the provider lives and what the integrator brings.
    Client,
    /// What goes on the wire.
    Request,
    /// What a success answer holds.
    Response,
    /// What the tokens are.
    Tokens,
    /// What refusals mean.
    Errors,
}

macro_rules! operators {
    ($($area:ident { $($variant:ident $name:literal $doc:literal,)* })*) => {
        /// A kind of change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Operator {
            $($(#[doc = $doc] $variant,)*)*
        }

        impl Operator {
            /// All of them, in the order of the contract.
            pub const ALL: &[Self] = &[$($(Self::$variant,)*)*];

            /// Its name in tables.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)*)* }
            }

            /// What it changes.
            pub const fn describe(self) -> &'static str {
                match self { $($(Self::$variant => $doc,)*)* }
            }

            /// The part of the contract that it changes.
            pub const fn area(self) -> Area {
                match self { $($(Self::$variant => Area::$area,)*)* }
            }
        }
    };
}

operators! {
    Client {
        ProviderName "provider name" "The name that errors show.",
        BaseUrl "base URL" "Scheme, host, path or parameter of an environment's URL.",
        Integrator "integrator's base URL" "Whether the integrator may bring a base URL beside the documented ones.",
        ParameterSecret "parameter secrecy" "Whether a parameter must never be shown.",
        ParameterKind "parameter kind" "What kind of text a parameter is.",
        ParameterOneOf "parameter values" "Which values a parameter may have.",
        ParameterDefault "parameter default" "The value where the integrator gives none.",
    }
    Request {
        Method "method" "The method.",
        Path "path" "A literal or a place in the path.",
        QuerySet "query set" "A parameter of the query too few or too many.",
        QueryName "query name" "The name of a parameter of the query.",
        QueryValue "query value" "The value of a parameter of the query.",
        HeaderSet "header set" "A header too few or too many.",
        HeaderName "header name" "The name of a header.",
        HeaderValue "header value" "The value of a header: scheme, constant, place.",
        BodyEncoding "body encoding" "No body, a form or JSON.",
        BodySet "body set" "A field of the body too few or too many.",
        BodyName "body name" "The name of a field of the body.",
        BodyValue "body value" "A constant or a place in the body, and the type of a constant.",
        BodyDepth "body depth" "How deep a field of the body is.",
        Placement "credential placement" "A credential in another place, or in a second one.",
        AuthMethod "auth method" "How the client proves who it is.",
        AuthEncoding "auth encoding" "Whether the parts of HTTP Basic are form-encoded.",
        AuthName "auth name" "The name of a header, a field or a parameter that authenticates the client.",
        AuthValue "auth value" "What authenticates the client.",
        Window "refresh window" "When the provider accepts a refresh.",
    }
    Response {
        SuccessStatus "success status" "The statuses of success.",
        SuccessField "success field" "The field that tells success, and its values.",
        AccessPlace "access token place" "Where the new access token is.",
        RefreshPlace "refresh token place" "Where the new refresh token is.",
        TokenTypePlace "token type place" "Where the token's type is.",
        TokenTypeValues "token types" "Which types are accepted.",
        ScopePlace "scope place" "Where the granted scope is.",
    }
    Tokens {
        AccessUse "access token use" "How often an access token may be used.",
        ExpiryKind "expiry kind" "Kind and unit of an expiry.",
        ExpiryPlace "expiry place" "The field that holds an expiry.",
        ExpiryConstant "expiry constant" "A lifetime that the page states.",
        OldAccessToken "old access token" "What becomes of the old access token.",
        UsualLifetime "usual lifetime" "How long an access token usually lives.",
        SentAs "sent as" "How requests carry the access token.",
        RefusedWith "refused with" "The statuses that refuse a dead access token.",
        RefreshUse "refresh token use" "How often a refresh token may be used.",
        Rotation "rotation" "Whether a refresh replaces the refresh token.",
        IdleLimit "idle limit" "How long a refresh token lives without being used.",
        MaxLength "greatest length" "The greatest length of a refresh token.",
        Spent "spent window" "What a spent refresh token is still good for.",
        Reuse "reuse" "What follows when a spent refresh token comes back.",
    }
    Errors {
        RuleClass "rule class" "What a refusal means.",
        RuleSignIn "rule sign-in" "How the person signs in again.",
        RuleStatus "rule status" "The statuses that a rule names.",
        RuleBody "rule body" "The field, the values or the emptiness that a rule asks for.",
        RuleSet "rule set" "A rule too few or too many.",
        RuleOrder "rule order" "Which of two rules is asked first, and whether success is asked before.",
    }
}

impl Area {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 5] =
        [Self::Client, Self::Request, Self::Response, Self::Tokens, Self::Errors];
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Request => "request",
            Self::Response => "response",
            Self::Tokens => "tokens",
            Self::Errors => "errors",
        })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
