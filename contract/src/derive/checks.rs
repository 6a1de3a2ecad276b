//! The checks that a client of a contract must pass.

use crate::contract::{
    BodyCondition, Contract, ErrorClass, Expiry, Head, Outcome, ParameterKind, Pointer,
    RefreshToken, Rotation, Slot, TakenKind, TokenPlace,
};

/// A check of a client: its test is called as its id, with underscores.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// `request-as-declared`.
    pub id: &'static str,
    /// The rules of a refresh client that it holds: `R16`.
    pub rules: &'static [&'static str],
    /// Whether it is one over sockets of this machine.
    pub sockets: bool,
    applies: fn(&Contract) -> bool,
}

impl Check {
    /// The name of its test: `request_as_declared`.
    pub fn test(&self) -> String {
        self.id.replace('-', "_")
    }
}

/// The checks that `contract` gives something to do, in the order of [`CHECKS`].
pub fn checks(contract: &Contract) -> impl Iterator<Item = &'static Check> + '_ {
    let is_local = contract.request.operation.is_local();
    let has_sense = move |check: &&Check| !is_local || OF_LOCAL.contains(&check.id);
    CHECKS.iter().filter(has_sense).filter(|check| (check.applies)(contract))
}

/// The checks of a client that makes its tokens itself: those that need no exchange.
const OF_LOCAL: &[&str] = &[
    "local-token",
    "local-token-kept",
    "signing-key",
    "parameter-one-of",
    "held-expiry",
    "errors-name-the-setting",
    "token-uses",
    "token-facts",
    "token-kept",
    "access-token-sent-as",
    "access-token-refused",
];

const fn check(
    id: &'static str,
    rules: &'static [&'static str],
    applies: fn(&Contract) -> bool,
) -> Check {
    Check { id, rules, sockets: false, applies }
}

const fn socket(id: &'static str) -> Check {
    Check { id, rules: &["R1", "R11", "R24"], sockets: true, applies: always }
}

/// Every check: the request, its answers, the ends of tokens, errors, secrets, sockets.
pub const CHECKS: &[Check] = &[
    check("request-as-declared", &["R1", "R2", "R3", "R8", "R9", "R10"], always),
    check("request-special-characters", &["R2", "R5", "R19"], always),
    check("request-secrets-in-place", &["R4", "R6"], always),
    check("request-splitting", &["R19"], always),
    check("request-empty", &["R3"], always),
    check("refresh-token-too-long", &[], |it| sent(it).is_some_and(|t| t.max_length.is_some())),
    check("refresh-token-any-length", &["R18"], |it| {
        sent(it).is_some_and(|token| token.max_length.is_none())
    }),
    check("parameter-default", &[], |it| it.client.values().any(|given| given.default.is_some())),
    check("parameter-optional", &[], |it| it.client.values().any(|given| given.optional)),
    check("parameter-one-of", &[], |it| it.client.values().any(|given| !given.one_of.is_empty())),
    check("parameter-host", &[], |it| {
        let is_host = |kind| matches!(kind, ParameterKind::Host | ParameterKind::HostLabel);
        it.client.values().any(|given| is_host(given.kind))
    }),
    check("parameter-path", &[], |it| {
        it.client.iter().any(|(name, given)| {
            given.one_of.is_empty()
                && it.request.path.slots().any(|slot| *slot == Slot::Client(name.clone()))
        })
    }),
    check("generated-values", &[], |it| !it.request.values.is_empty()),
    check("signing-key", &["R32"], |it| {
        it.client.values().any(|given| given.kind == ParameterKind::SigningKey)
    }),
    check("steps-as-declared", &["R1", "R2", "R3"], has_steps),
    check("step-answers", &["R20", "R24"], has_steps),
    check("step-values", &["R19"], has_steps),
    check("step-addresses", &["R11"], |it| {
        it.all_taken().any(|(_, taken)| taken.kind == TakenKind::Url)
    }),
    check("steps-at-a-provider", &[], has_steps),
    check("local-token", &[], |it| it.request.operation.is_local()),
    check("local-token-kept", &[], |it| it.request.operation.is_local()),
    check("environment-urls", &[], |it| !it.base.environments.is_empty()),
    check("base-url", &["R7"], always),
    check("refresh-window", &["R29"], |it| it.credential().holds_access_token()),
    check("success-as-declared", &[], always),
    check("success-status", &["R20"], always),
    check("success-field", &["R22"], |it| has_fields(it) && it.response.success.field.is_some()),
    check("access-token-missing", &["R12", "R19"], brings_in_fields),
    check("access-token-kept", &["R12", "R16", "R18"], |it| {
        it.response.access_token.is_unchanged()
    }),
    check("answer-head", &["R12", "R16", "R18", "R32"], |it| {
        let end = it.access.expires.field();
        let fields = it.response.access_token.field().into_iter().chain(end);
        fields.flat_map(Pointer::all).any(|place| place.head.is_some())
    }),
    check("members-unknown", &["R18"], in_body),
    check("form-decoded", &["R18"], |it| {
        in_body(it) && matches!(it.response.access_token, TokenPlace::Form(_))
    }),
    check("xml-decoded", &["R18", "R22"], |it| {
        in_body(it) && matches!(it.response.access_token, TokenPlace::Xml(_))
    }),
    check("body-unreadable", &["R18", "R24"], in_body),
    check("body-is-the-token", &["R12", "R19"], |it| !has_fields(it)),
    check("body-too-large", &["R18"], |it| {
        !it.is_in_head() && !it.response.access_token.is_unchanged()
    }),
    check("refresh-token-kept", &["R16"], |it| it.refresh.is_some() && spends_a_token(it)),
    check("refresh-token-replaced", &["R16"], |it| replaceable(it).is_some() && spends_a_token(it)),
    check("refresh-token-wrong-type", &[], |it| replaceable(it).is_some() && spends_a_token(it)),
    check("refresh-token-salvaged", &["R16", "R25"], |it| {
        replaceable(it).is_some() && spends_a_token(it)
    }),
    check("minted-refresh-token", &["R16"], |it| replaceable(it).is_some() && !spends_a_token(it)),
    check("token-type", &["R13"], |it| it.response.token_type.is_some()),
    check("scope", &["R17"], |it| it.response.scope.is_some()),
    check("alternative-places", &["R18"], has_alternatives),
    check("outputs", &[], |it| !it.response.outputs.is_empty()),
    check("next-base-url", &["R7"], |it| it.base.output.is_some()),
    check("optional-facts", &["R14", "R17"], |it| {
        let expected = it.response.token_type.as_ref().is_some_and(|expected| !expected.demanded);
        is_told(it, Some(&it.access.expires))
            || is_told(it, replaceable(it).map(|token| &token.expires))
            || it.response.scope.is_some()
            || expected
    }),
    check("access-expiry", &["R14"], |it| {
        it.access.expires == Expiry::Jwt || is_told(it, Some(&it.access.expires))
    }),
    check("access-expiry-absent", &["R14"], |it| is_told(it, Some(&it.access.expires))),
    check("access-expiry-implausible", &["R14"], |it| is_told(it, Some(&it.access.expires))),
    check("refresh-expiry", &["R14"], |it| {
        replaceable(it).is_some_and(|token| token.expires == Expiry::Jwt)
            || is_told(it, replaceable(it).map(|token| &token.expires))
    }),
    check("refresh-expiry-absent", &["R14"], |it| {
        is_told(it, replaceable(it).map(|token| &token.expires))
    }),
    check("refresh-expiry-implausible", &["R14"], |it| {
        is_told(it, replaceable(it).map(|token| &token.expires))
    }),
    check("held-expiry", &[], always),
    check("expiry-from-start", &["R15"], counts_from_start),
    check("error-map", &["R20", "R21", "R22"], |it| {
        it.errors.iter().any(|rule| !rule.is_default())
    }),
    check("error-defaults", &["R20", "R21"], always),
    check("error-map-total", &["R20"], always),
    check("error-code-in-5xx", &["R21"], |it| {
        it.errors.iter().any(|rule| {
            matches!(rule.body, BodyCondition::Field(_))
                && matches!(
                    rule.class,
                    ErrorClass::Reauthenticate | ErrorClass::ClientMisconfigured
                )
        })
    }),
    check("retry-after", &[], |it| it.limiting_status().is_some()),
    check("retry-after-in-body", &[], |it| it.errors.iter().any(|rule| rule.retry_after.is_some())),
    check("redirect", &["R11"], |it| !it.undescribed_redirects().is_empty()),
    check("transport-failure", &["R24", "R25"], always),
    check("replay-window", &["R25"], |it| !it.is_replayable()),
    check("errors-name-the-provider", &[], always),
    check("errors-name-the-setting", &[], |it| !it.client.is_empty()),
    check("errors-name-the-value", &[], always),
    check("secrets-not-printed", &["R32"], always),
    check("token-uses", &[], always),
    check("token-facts", &[], always),
    check("grant-kept", &["R16"], always),
    check("grant-incomplete", &[], spends_a_token),
    check("token-kept", &[], always),
    check("access-token-sent-as", &["R19"], |it| it.access.sent_as.is_some()),
    check("access-token-refused", &["R22", "R23"], |it| {
        it.access.refusing_fields().next().is_some()
    }),
    socket("socket-reqwest"),
    socket("socket-hyper"),
    socket("socket-ureq"),
];

/// Whether an exchange needs a token that a grant could lack.
fn spends_a_token(contract: &Contract) -> bool {
    !contract.request.operation.mints()
}

fn always(_: &Contract) -> bool {
    true
}

/// The refresh token that requests hold.
fn sent(contract: &Contract) -> Option<&RefreshToken> {
    contract.refresh.as_ref().filter(|_| contract.credential().holds_refresh_token())
}

/// The refresh token that answers may replace.
fn replaceable(contract: &Contract) -> Option<&RefreshToken> {
    contract.refresh.as_ref().filter(|_| contract.response.refresh_token.is_some())
}

/// Whether answers have fields.
fn has_fields(contract: &Contract) -> bool {
    !contract.response.access_token.is_whole()
}

/// Whether answers have fields, or a head, with the access token among them.
fn brings_in_fields(contract: &Contract) -> bool {
    has_fields(contract) && !contract.response.access_token.is_unchanged()
}

/// Whether answers have fields, the access token among them.
fn in_body(contract: &Contract) -> bool {
    brings_in_fields(contract) && !contract.is_in_head()
}

/// Whether a fact of the answer may be in one of several places.
fn has_alternatives(contract: &Contract) -> bool {
    let response = &contract.response;
    let refresh = replaceable(contract);
    let places = [
        response.access_token.field(),
        refresh.and(response.refresh_token.as_ref()),
        response.scope.as_ref(),
        contract.access.expires.field(),
        refresh.and_then(|refresh| refresh.expires.field()),
    ];
    places.into_iter().flatten().any(|place| !place.or.is_empty())
}

/// Whether a field of the answer tells the end.
fn is_told(contract: &Contract, expires: Option<&Expiry>) -> bool {
    let in_cookie = |field: &Pointer| matches!(field.head, Some(Head::Cookie { .. }));
    let field = expires.and_then(Expiry::field);
    has_fields(contract) && field.is_some_and(|field| !in_cookie(field))
}

/// Whether the end of a token that an answer brings counts from the start of the exchange.
fn counts_from_start(contract: &Contract) -> bool {
    let relative =
        |expires: &Expiry| expires.is_told_lifetime() || matches!(expires, Expiry::Constant(_));
    relative(&contract.access.expires)
        || replaceable(contract).is_some_and(|refresh| match refresh.rotation {
            Rotation::Never => false,
            // A lifetime that is documented counts from the issue of the token that is repeated.
            Rotation::Echo if matches!(refresh.expires, Expiry::Constant(_)) => false,
            _ => relative(&refresh.expires),
        })
}

impl Contract {
    /// A status that says "too many requests" whatever its body.
    pub(super) fn limiting_status(&self) -> Option<u16> {
        let named = self.errors.iter().flat_map(|rule| rule.status.iter().map(|range| range.first));
        let limits = |status: &u16| match self.classify(*status, b"") {
            Outcome::Success => false,
            Outcome::Refused(rule) => rule.class == ErrorClass::RateLimited,
        };
        std::iter::once(429).chain(named).find(limits)
    }

    /// The redirects that the contract does not name.
    pub(super) fn undescribed_redirects(&self) -> Vec<u16> {
        let is_violation = |status: &u16| match self.classify(*status, b"") {
            Outcome::Success => false,
            Outcome::Refused(rule) => rule.class == ErrorClass::ContractViolation,
        };
        [301, 302, 303, 307, 308].into_iter().filter(is_violation).collect()
    }
}

fn has_steps(contract: &Contract) -> bool {
    !contract.steps.is_empty() || !contract.request.then.is_empty()
}
