//! The contract's own errors.

use crate::support::{contracts, signed_in};
use rekindle_contract::contract::{BodyCondition, ErrorClass, Example, Outcome};

#[test]
fn every_rule_that_can_answer_does() {
    let mut answered = 0;
    for contract in contracts() {
        let id = contract.provider.id.clone();
        let (provider, _) = signed_in(contract);
        let contract = provider.contract();
        for (index, rule) in contract.errors.iter().enumerate() {
            let response = provider.refusal(index);
            let status = response.status().as_u16();
            let Outcome::Refused(found) = contract.classify(status, response.body()) else {
                panic!("{id}: {}: a success", rule.name);
            };
            if !std::ptr::eq(found, rule) {
                // An earlier rule takes everything that this one would.
                let taken = (200..600).all(|status| {
                    let empty = contract.classify(status, b"");
                    !matches!(empty, Outcome::Refused(found) if std::ptr::eq(found, rule))
                });
                assert!(taken, "{id}: {} is not answered", rule.name);
                continue;
            }
            answered += 1;
            let limited = rule.class == ErrorClass::RateLimited;
            let after = response.headers().get("retry-after").is_some();
            let told = rule.retry_after.as_ref().map(|wait| (wait.field(), 7000 / wait.unit()));
            assert_eq!(after, limited && told.is_none(), "{id}: {}", rule.name);
            if let Some((field, wait)) = told {
                let fields = contract.document(response.body());
                let found = fields.as_ref().and_then(|fields| field.find(fields)?.as_u64());
                assert_eq!(found, Some(wait), "{id}: {}", rule.name);
            }
        }
        let beyond = provider.refusal(contract.errors.len());
        assert!(!beyond.status().is_success(), "{id}");
    }
    assert!(answered > 70, "only {answered}");
}

/// A refusal that the page shows is answered as the page shows it, and says by which rule.
#[test]
fn refusals_are_the_documented_ones() {
    let mut documented = 0;
    for contract in contracts() {
        let id = contract.provider.id.clone();
        let (provider, _) = signed_in(contract);
        let contract = provider.contract();
        for (index, rule) in contract.errors.iter().enumerate() {
            let response = provider.refusal(index);
            let said = response.headers().get("rekindle-refused-by");
            assert_eq!(said.and_then(|said| said.to_str().ok()), Some(rule.name.as_str()), "{id}");
            let of_rule = |example: &&Example| {
                let Some(body) = contract.fields_of(example) else { return false };
                let answer =
                    contract.classify(example.response.status, body.to_string().as_bytes());
                matches!(answer, Outcome::Refused(found) if std::ptr::eq(found, rule))
            };
            // One value of several, where a rule takes more: those of one alone can be compared.
            let is_single = match &rule.body {
                BodyCondition::Field(field) => field.equals.len() == 1 && !field.negated,
                _ => false,
            };
            let Some(example) = contract.examples.iter().find(of_rule).filter(|_| is_single) else {
                continue;
            };
            if example.response.status != response.status().as_u16() {
                continue;
            }
            documented += 1;
            let shown = contract.fields_of(example).unwrap();
            assert_eq!(contract.document(response.body()), Some(shown), "{id}: {}", rule.name);
        }
    }
    assert!(documented > 10, "only {documented}");
}

#[test]
fn answers_tell_the_providers_time() {
    for contract in contracts() {
        let (provider, _) = signed_in(contract);
        let response = provider.refusal(0);
        assert_eq!(response.headers()["date"], "Sat, 21 Nov 2026 08:00:00 GMT");
    }
}
