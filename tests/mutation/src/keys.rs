//! Which operators change what each key of the language says.
//!
//! Invariant: a key of the schema that is not named here, or is named and not there, makes the report fail: nobody adds a key
//! without deciding how mutants show that it is obeyed.

use crate::operator::Operator::{self, *};
use serde_json::Value;
use std::collections::BTreeSet;

/// How a key is mutated.
#[derive(Debug, Clone, Copy)]
pub enum Covered {
    /// By these operators.
    By(&'static [Operator]),
    /// Not at all, and why.
    Not(&'static str),
}

use Covered::{By, Not};

const PAGE: &str = "It is for people: the client's documentation alone shows it.";
const NAMES: &str = "It names types and modules: what is called otherwise does not compile.";
const TEST: &str = "It says what the tests expect; the client does not see it.";
const REFUSED: &str = "It is refused by name, as not supported yet.";

/// Each key of each definition of the schema, the spec itself first.
pub const KEYS: &[(&str, &str, Covered)] = &[
    ("Spec", "rekindle", Not("It is the version of the language.")),
    ("Spec", "provider", By(&[ProviderName])),
    ("Spec", "profile", By(&[BodySet, BodyValue, AccessPlace, RuleSet])),
    ("Spec", "environments", By(&[BaseUrl])),
    ("Spec", "base_url", By(&[Integrator])),
    ("Spec", "client", By(&[ParameterSecret, ParameterKind])),
    ("Spec", "refresh", By(&[Method, Path])),
    ("Spec", "response", By(&[SuccessStatus, AccessPlace])),
    ("Spec", "tokens", By(&[AccessUse, RefreshUse])),
    ("Spec", "errors", By(&[RuleSet, RuleOrder])),
    ("Spec", "samples", Not(TEST)),
    ("Spec", "examples", Not(TEST)),
    ("Spec", "provenance", Not(PAGE)),
    ("Spec", "allow", Not("It silences lints of the spec.")),
    ("Provider", "id", Not(NAMES)),
    ("Provider", "name", By(&[ProviderName])),
    ("Provider", "summary", Not(PAGE)),
    ("Provider", "source", Not(PAGE)),
    ("Source", "title", Not(PAGE)),
    ("Source", "url", Not(PAGE)),
    ("Source", "retrieved", Not(PAGE)),
    ("DescribedEnvironment", "url", By(&[BaseUrl])),
    ("DescribedEnvironment", "doc", Not(PAGE)),
    ("ParameterSpec", "secret", By(&[ParameterSecret])),
    ("ParameterSpec", "type", By(&[ParameterKind])),
    ("ParameterSpec", "one_of", By(&[ParameterOneOf])),
    ("ParameterSpec", "default", By(&[ParameterDefault])),
    ("ParameterSpec", "doc", Not(PAGE)),
    ("RefreshSpec", "request", By(&[Method, Path])),
    ("RefreshSpec", "operation", By(&[Placement])),
    ("RefreshSpec", "auth", By(&[AuthMethod, AuthEncoding, AuthName, AuthValue])),
    ("RefreshSpec", "when", By(&[Window])),
    ("RefreshSpec", "query", By(&[QuerySet, QueryName, QueryValue])),
    ("RefreshSpec", "headers", By(&[HeaderSet, HeaderName, HeaderValue])),
    ("RefreshSpec", "form", By(&[BodyEncoding, BodySet, BodyName, BodyValue])),
    ("RefreshSpec", "json", By(&[BodyEncoding, BodySet, BodyName, BodyValue, BodyDepth])),
    ("RefreshSpec", "xml", Not(REFUSED)),
    ("RefreshSpec", "cookies", Not(REFUSED)),
    ("RefreshSpec", "scope", By(&[BodySet, BodyValue])),
    ("AuthDetail", "basic", By(&[AuthMethod])),
    ("AuthDetail", "body", By(&[AuthMethod])),
    ("AuthDetail", "public", By(&[AuthMethod])),
    ("AuthDetail", "header", By(&[AuthMethod])),
    ("AuthDetail", "query", By(&[AuthMethod])),
    ("BasicAuth", "username", By(&[AuthValue])),
    ("BasicAuth", "password", By(&[AuthValue])),
    ("BasicAuth", "encoding", By(&[AuthEncoding])),
    ("PairNames", "client_id", By(&[AuthName])),
    ("PairNames", "client_secret", By(&[AuthName])),
    ("IdName", "client_id", By(&[AuthName])),
    ("HeaderAuth", "name", By(&[AuthName])),
    ("HeaderAuth", "value", By(&[AuthValue])),
    ("WhenDetail", "near_expiry", By(&[Window])),
    ("FixedScope", "fixed", By(&[BodyValue])),
    ("ResponseSpec", "success", By(&[SuccessStatus, SuccessField])),
    ("ResponseSpec", "body", By(&[AccessPlace])),
    ("ResponseSpec", "access_token", By(&[AccessPlace])),
    ("ResponseSpec", "refresh_token", By(&[RefreshPlace])),
    ("ResponseSpec", "token_type", By(&[TokenTypePlace, TokenTypeValues])),
    ("ResponseSpec", "scope", By(&[ScopePlace])),
    ("SuccessDetail", "status", By(&[SuccessStatus])),
    ("SuccessDetail", "field", By(&[SuccessField])),
    ("SuccessDetail", "equals", By(&[SuccessField])),
    ("TokenTypeDetail", "field", By(&[TokenTypePlace])),
    ("TokenTypeDetail", "accepted", By(&[TokenTypeValues])),
    ("TokensSpec", "access", By(&[AccessUse])),
    ("TokensSpec", "refresh", By(&[RefreshUse])),
    ("AccessTokenSpec", "name", Not(NAMES)),
    ("AccessTokenSpec", "use", By(&[AccessUse])),
    ("AccessTokenSpec", "expires", By(&[ExpiryKind, ExpiryPlace, ExpiryConstant])),
    ("AccessTokenSpec", "usual_lifetime", By(&[UsualLifetime])),
    ("AccessTokenSpec", "after_refresh", By(&[OldAccessToken])),
    ("AccessTokenSpec", "sent_as", By(&[SentAs])),
    ("AccessTokenSpec", "refused_with", By(&[RefusedWith])),
    ("AccessTokenSpec", "doc", Not(PAGE)),
    ("ExpiryDetail", "seconds", By(&[ExpiryKind, ExpiryPlace])),
    ("ExpiryDetail", "milliseconds", By(&[ExpiryKind, ExpiryPlace])),
    ("ExpiryDetail", "unix_seconds", By(&[ExpiryKind, ExpiryPlace])),
    ("ExpiryDetail", "unix_milliseconds", By(&[ExpiryKind, ExpiryPlace])),
    ("ExpiryDetail", "rfc3339", By(&[ExpiryKind, ExpiryPlace])),
    ("ExpiryDetail", "duration", Not(REFUSED)),
    ("ExpiryDetail", "constant", By(&[ExpiryKind, ExpiryConstant])),
    ("SentAsDetail", "scheme", By(&[SentAs])),
    ("SentAsDetail", "header", By(&[SentAs])),
    ("SentAsDetail", "cookie", Not(REFUSED)),
    ("SentAsDetail", "query", Not(REFUSED)),
    ("RefreshTokenSpec", "name", Not(NAMES)),
    ("RefreshTokenSpec", "use", By(&[RefreshUse])),
    ("RefreshTokenSpec", "rotation", By(&[Rotation])),
    ("RefreshTokenSpec", "expires", By(&[ExpiryKind, ExpiryPlace, ExpiryConstant])),
    ("RefreshTokenSpec", "idle_limit", By(&[IdleLimit])),
    ("RefreshTokenSpec", "max_length", By(&[MaxLength])),
    ("RefreshTokenSpec", "spent", By(&[Spent])),
    ("RefreshTokenSpec", "reuse", By(&[Reuse])),
    ("RefreshTokenSpec", "doc", Not(PAGE)),
    ("SpentDetail", "good_for", By(&[Spent])),
    ("SpentDetail", "good_until", By(&[Spent])),
    ("ErrorRuleSpec", "status", By(&[RuleStatus])),
    ("ErrorRuleSpec", "field", By(&[RuleBody])),
    ("ErrorRuleSpec", "equals", By(&[RuleBody])),
    ("ErrorRuleSpec", "body", By(&[RuleBody])),
    ("ErrorRuleSpec", "class", By(&[RuleClass])),
    ("ErrorRuleSpec", "sign_in", By(&[RuleSignIn])),
    ("ErrorRuleSpec", "doc", Not(PAGE)),
    ("JwtSample", "*", Not(TEST)),
    ("ExampleSpec", "*", Not(TEST)),
    ("GivenSpec", "*", Not(TEST)),
    ("ExampleRequestSpec", "*", Not(TEST)),
    ("ExampleResponseSpec", "*", Not(TEST)),
    ("ExpectSpec", "*", Not(TEST)),
    ("StepSpec", "*", Not(TEST)),
    ("ProvenanceSpec", "*", Not(PAGE)),
];

/// What the table and the schema of the language disagree about, in words; empty where they agree.
pub fn problems() -> Vec<String> {
    let schema: Value = serde_json::from_str(rekindle_contract::schema()).unwrap_or_default();
    let definitions = schema["$defs"].as_object().into_iter().flatten();
    let definitions = definitions.map(|(name, definition)| (name.as_str(), definition));
    let keys: BTreeSet<(&str, &str)> = std::iter::once(("Spec", &schema))
        .chain(definitions)
        .flat_map(|(name, definition)| {
            let keys = definition["properties"].as_object().into_iter().flatten();
            keys.map(move |(key, _)| (name, key.as_str()))
        })
        .collect();
    let names = |(of, key): &(&str, &str), row: &(&str, &str, Covered)| {
        row.0 == *of && (row.1 == *key || row.1 == "*")
    };
    let unnamed = keys
        .iter()
        .filter(|key| !KEYS.iter().any(|row| names(key, row)))
        .map(|(of, key)| format!("the key `{key}` of {of} has no operator, and no reason why not"));
    let gone = KEYS
        .iter()
        .filter(|row| !keys.iter().any(|key| names(key, row)))
        .map(|(of, key, _)| format!("there is no key `{key}` of {of}"));
    unnamed.chain(gone).collect()
}
