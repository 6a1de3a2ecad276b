//! That every key of the language is changed by a mutant.
//!
//! A key `k` of a spec is looked for among the changed facts by its own name and place. A row of [`KEYS`] says where it is
//! instead, or why it is not changed; a key that is not there and has no row is a problem.

use crate::pattern::matches;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a contract makes of a key that it does not call so.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    /// These facts, all of which must be changed.
    In(&'static [&'static str]),
    /// Nothing that mutants change, and why.
    Not(&'static str),
}

use Key::{In, Not};

const PAGE: &str = "It is for people: the client's documentation alone shows it.";
const NAMES: &str = "It names types and modules: what is called otherwise does not compile.";
const TEST: &str = "It says what the tests expect; the client does not see it.";
const PROVIDER: &str = "It bounds what a provider grants; the client sends what it is given.";

/// The definition in the schema, the key, and what becomes of it. What is below a key that is not changed needs no rows.
pub const KEYS: &[(&str, &str, Key)] = &[
    ("Spec", "rekindle", Not("It is the version of the language.")),
    ("Spec", "like", Not("It says whose facts these are; they are changed by their own keys.")),
    ("Spec", "profile", In(&["request.body", "response.accesstoken", "errors"])),
    ("Spec", "environments", In(&["base.environments"])),
    ("Spec", "base_url", In(&["base.integrator", "base.output"])),
    ("Spec", "client", In(&["client.*"])),
    ("Spec", "assertion", In(&["request.values.jwt"])),
    ("AssertionSpec", "key_encoding", In(&["request.values.jwt.key.encoding"])),
    ("AssertionSpec", "kid", In(&["request.values.jwt.header"])),
    ("AssertionSpec", "x5t", In(&["request.values.jwt.header"])),
    ("AssertionSpec", "x5t_s256", In(&["request.values.jwt.header"])),
    ("Spec", "variants", Not("Each is a contract of its own, changed by its own keys.")),
    ("StepRequestSpec", "id", Not(NAMES)),
    ("StepRequestSpec", "request", In(&["steps.method", "steps.path"])),
    ("StepAuthDetail", "basic", In(&["steps.auth.basic"])),
    ("StepRequestSpec", "cookies", In(&["steps.headers"])),
    ("StepRequestSpec", "form", In(&["steps.body.form"])),
    ("StepRequestSpec", "json", In(&["steps.body.json"])),
    ("StepRequestSpec", "xml", In(&["steps.body.xml"])),
    ("TakeDetail", "type", In(&["steps.take.kind"])),
    ("AssertionSpec", "nbf", In(&["request.values.jwt.nbf"])),
    ("Spec", "refresh", In(&["request"])),
    ("Spec", "tokens", In(&["access", "refresh"])),
    ("Spec", "samples", Not(TEST)),
    ("Spec", "examples", Not(TEST)),
    ("Spec", "provenance", Not(PAGE)),
    ("Spec", "allow", Not("It silences lints of the spec.")),
    ("ProviderSpec", "id", Not(NAMES)),
    ("ProviderSpec", "summary", Not(PAGE)),
    ("ProviderSpec", "source", Not(PAGE)),
    ("DescribedEnvironment", "doc", Not(PAGE)),
    ("ParameterSpec", "type", In(&["client.*.kind"])),
    ("ParameterSpec", "doc", Not(PAGE)),
    ("RefreshSpec", "request", In(&["request.method", "request.path"])),
    ("RefreshSpec", "operation", In(&["request place of *"])),
    ("RefreshSpec", "token", Not("It is the assertion, or refused.")),
    ("RefreshSpec", "form", In(&["request.body.form"])),
    ("RefreshSpec", "json", In(&["request.body.json"])),
    ("RefreshSpec", "xml", In(&["request.body.xml"])),
    ("RefreshSpec", "cookies", In(&["request.headers"])),
    ("RefreshSpec", "scope", In(&["request.body"])),
    ("AuthDetail", "public", In(&["request.auth"])),
    ("AuthDetail", "mutual_tls", In(&["request.certificate"])),
    ("AuthDetail", "private_key_jwt", In(&["request.values.jwt"])),
    ("AuthDetail", "client_secret_jwt", In(&["request.values.jwt"])),
    ("JwtAuth", "key_encoding", In(&["request.values.jwt.key.encoding"])),
    ("JwtAuth", "kid", In(&["request.values.jwt.header"])),
    ("JwtAuth", "x5t", In(&["request.values.jwt.header"])),
    ("JwtAuth", "x5t_s256", In(&["request.values.jwt.header"])),
    ("JwtAuth", "audience", In(&["request.values.jwt.claims"])),
    ("JwtAuth", "nbf", In(&["request.values.jwt.nbf"])),
    ("JwtAuth", "claims", In(&["request.values.jwt.claims"])),
    ("ValueDetail", "base64", In(&["request.values.encoded"])),
    ("ValueDetail", "base64url", In(&["request.values.encoded"])),
    ("ValueDetail", "hex", In(&["request.values.encoded"])),
    ("ValueDetail", "key", In(&["request.values.hmacsha256.key"])),
    ("ValueDetail", "key_encoding", In(&["request.values.hmacsha256.key.encoding"])),
    ("ValueDetail", "plus", In(&["request.values.now.plus"])),
    ("ValueDetail", "as", In(&["request.values.*.written"])),
    ("BasicAuth", "scheme", In(&["request.auth.basic.scheme"])),
    ("BasicAuth", "encoding", In(&["request.auth.basic.formencoded"])),
    ("PairNames", "client_id", In(&["request.auth.body", "request.auth.query"])),
    ("PairNames", "client_secret", In(&["request.auth.body", "request.auth.query"])),
    ("IdName", "client_id", In(&["request.auth.body"])),
    ("RefreshSpec", "take", In(&["request.take"])),
    ("RefreshSpec", "then", In(&["request.then"])),
    ("RefreshSpec", "limit", In(&["mint.limit"])),
    ("RefreshSpec", "else", In(&["fallback"])),
    ("ElseSpec", "operation", Not("It follows from what the request holds.")),
    ("ElseSpec", "request", In(&["fallback.request.method", "fallback.request.path"])),
    ("ElseSpec", "auth", In(&["fallback.request.auth"])),
    ("ElseSpec", "query", In(&["fallback.request.query"])),
    ("ElseSpec", "headers", In(&["fallback.request.headers"])),
    ("ElseSpec", "cookies", In(&["fallback.request.headers"])),
    ("ElseSpec", "form", In(&["fallback.request.body.form"])),
    ("ElseSpec", "json", In(&["fallback.request.body.json"])),
    ("ElseSpec", "xml", In(&["fallback.request.body.xml"])),
    ("ElseSpec", "limit", In(&["fallback.mint.limit"])),
    ("LimitSpec", "at_most", In(&["mint.limit.atmost"])),
    ("LimitSpec", "per", In(&["mint.limit.per"])),
    ("FixedScope", "fixed", In(&["request.body.form"])),
    ("ResponseSpec", "body", In(&["response.accesstoken"])),
    ("HeadSpec", "header", In(&["*.head.header.name"])),
    ("HeadSpec", "prefix", In(&["*.head.header.prefix"])),
    ("HeadSpec", "cookie", In(&["*.head.cookie.name"])),
    (
        "HeadSpec",
        "attribute",
        Not("It follows from how the end is read: no other one is accepted there."),
    ),
    ("OutputDetail", "type", In(&["response.outputs.*.kind"])),
    ("OutputDetail", "field", In(&["response.outputs.*.field"])),
    ("OutputDetail", "hosts", In(&["response.outputs.*.hosts"])),
    ("OutputDetail", "optional", In(&["response.outputs.*.optional"])),
    ("OutputDetail", "secret", In(&["response.outputs.*.secret"])),
    ("OutputDetail", "doc", Not(PAGE)),
    ("SuccessDetail", "field", In(&["response.success.field.field"])),
    ("SuccessDetail", "equals", In(&["response.success.field.equals"])),
    ("SuccessDetail", "not", In(&["response.success.field.negated"])),
    ("TokensSpec", "access", In(&["access"])),
    ("TokensSpec", "refresh", In(&["refresh"])),
    ("AccessTokenSpec", "name", Not(NAMES)),
    ("AccessTokenSpec", "doc", Not(PAGE)),
    ("AccessRefusalDetail", "status", In(&["access.refusedwith.field.status"])),
    ("AccessRefusalDetail", "field", In(&["access.refusedwith.field.field.field"])),
    ("AccessRefusalDetail", "equals", In(&["access.refusedwith.field.field.equals"])),
    ("ExpiryDetail", "first", In(&["access.firstlifetime", "refresh.firstlifetime"])),
    ("ExpiryDetail", "chosen_by", Not("It names a parameter, which is sent as any other.")),
    ("ExpiryDetail", "at_least", Not(PROVIDER)),
    ("ExpiryDetail", "at_most", Not(PROVIDER)),
    ("ExpiryDetail", "since", In(&["refresh.expires"])),
    ("ExpiryDetail", "zone", In(&["*.expires.datetime.zone"])),
    ("ExpiryDetail", "zero", In(&["*.expires.*.zero"])),
    ("ExpiryDetail", "else", In(&["*.expires.*.otherwise"])),
    ("SentAsDetail", "scheme", In(&["access.sentas.header.scheme"])),
    ("SentAsDetail", "header", In(&["access.sentas.header.name"])),
    ("RefreshTokenSpec", "name", Not(NAMES)),
    ("RefreshTokenSpec", "doc", Not(PAGE)),
    ("SpentDetail", "answer", In(&["refresh.spent.good.answer"])),
    ("SpentDetail", "generations", In(&["refresh.spent.good.generations"])),
    ("SpentDetail", "good_for", In(&["refresh.spent.good.until.after"])),
    ("SpentDetail", "good_until", In(&["refresh.spent.good.until"])),
    ("ErrorRuleSpec", "field", In(&["errors.body.field.field"])),
    ("ErrorRuleSpec", "equals", In(&["errors.body.field.equals"])),
    ("ErrorRuleSpec", "not", In(&["errors.body.field.negated"])),
    ("ErrorRuleSpec", "text", In(&["errors.body.text"])),
    ("ErrorRuleSpec", "or", In(&["errors.perhapsgone"])),
    ("RetryAfterSpec", "seconds", In(&["errors.retryafter.seconds"])),
    ("RetryAfterSpec", "milliseconds", In(&["errors.retryafter.milliseconds"])),
    ("TextMatch", "contains", In(&["errors.body.text"])),
    ("ErrorRuleSpec", "doc", Not(PAGE)),
];

/// What keys and mutants disagree about, in words; empty where every key is changed or has a reason. `facts` are the facts of
/// all mutants at hand.
pub fn problems<'a>(facts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let facts: BTreeSet<String> = facts.into_iter().map(plain).collect();
    let schema: Value = serde_json::from_str(rekindle_contract::schema()).unwrap_or_default();
    let mut keys = Keys { schema: &schema, found: BTreeMap::new() };
    keys.below("Spec", &schema, "");
    let changed = |place: &str| {
        let below = format!("{place}.*");
        facts.iter().any(|fact| matches(place, fact) || matches(&below, fact))
    };
    let row = |of: &str, key: &str| KEYS.iter().find(|row| (row.0, row.1) == (of, key));
    let unchanged = keys.found.iter().filter_map(|((of, key), places)| {
        let fine = match row(of, key) {
            Some((.., In(places))) => places.iter().all(|place| changed(place)),
            Some((.., Not(_))) => !places.iter().any(|place| changed(place)),
            None => places.iter().any(|place| changed(place)),
        };
        (!fine).then(|| {
            format!("`{key}` of {of} is not changed, or is in spite of its reason: {places:?}")
        })
    });
    let known = |of: &str, key: &str| keys.found.contains_key(&(of.to_owned(), key.to_owned()));
    let gone = KEYS.iter().filter(|(of, key, _)| !known(of, key));
    unchanged.chain(gone.map(|(of, key, _)| format!("there is no key `{key}` of {of}"))).collect()
}

/// A path without positions, and with names as both specs and types have them.
fn plain(path: &str) -> String {
    let mut depth = 0_usize;
    let kept = path.chars().filter(|sign| {
        depth += usize::from(*sign == '[');
        let inside = depth > 0;
        depth -= usize::from(*sign == ']').min(depth);
        !inside && *sign != '_'
    });
    kept.collect::<String>().to_lowercase()
}

/// The keys of the language, by definition and name, each with the places of a contract where it would be by its name.
struct Keys<'a> {
    schema: &'a Value,
    found: BTreeMap<(String, String), BTreeSet<String>>,
}

impl<'a> Keys<'a> {
    /// Everything that a part of the schema allows, at a place of the contract.
    fn below(&mut self, definition: &str, part: &'a Value, place: &str) {
        if !part.is_object() {
            return;
        }
        if let Some(name) = part["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            self.below(name, &self.schema["$defs"][name], place);
        }
        let choices = ["anyOf", "oneOf", "allOf"].iter().filter_map(|word| part[*word].as_array());
        choices.flatten().for_each(|choice| self.below(definition, choice, place));
        for word in ["items", "additionalProperties"] {
            self.below(definition, &part[word], place);
        }
        for (key, value) in part["properties"].as_object().into_iter().flatten() {
            let own = format!("{place}.{}", plain(key)).trim_start_matches('.').to_owned();
            let row = KEYS.iter().find(|row| (row.0, row.1) == (definition, key));
            let places = self.found.entry((definition.to_owned(), key.clone())).or_default();
            if !places.insert(own.clone()) {
                continue;
            }
            match row {
                Some((.., Not(_))) => {}
                Some((.., In(places))) => {
                    places.iter().for_each(|place| self.below(definition, value, place));
                }
                None => self.below(definition, value, &own),
            }
        }
    }
}
