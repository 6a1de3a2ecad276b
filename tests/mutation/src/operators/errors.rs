//! What refusals mean.

use super::{response, vary};
use crate::mutation::Mutants;
use crate::operator::Operator;
use rekindle_contract::contract::{
    BodyCondition, Contract, ErrorClass, ErrorRule, FieldMatch, Literal, Pointer, SignIn,
    StatusRange,
};

const CLASSES: [ErrorClass; 6] = [
    ErrorClass::Reauthenticate,
    ErrorClass::ClientMisconfigured,
    ErrorClass::ContractViolation,
    ErrorClass::RateLimited,
    ErrorClass::Transient,
    ErrorClass::InDoubt,
];
const SIGN_INS: [SignIn; 7] = [
    SignIn::Password,
    SignIn::Otp,
    SignIn::AuthorizationCode,
    SignIn::DeviceCode,
    SignIn::Sso,
    SignIn::ClientCredentials,
    SignIn::Unspecified,
];

/// Every mutation of every rule, the language's own included, and a rule too many.
pub fn errors(mutants: &mut Mutants<'_>, rules: &[ErrorRule]) {
    let teapot = ErrorRule {
        status: vec![StatusRange::one(418)],
        body: BodyCondition::Any,
        class: ErrorClass::Reauthenticate,
        sign_in: SignIn::Unspecified,
        doc: None,
        name: "errors[99]: status 418".to_owned(),
    };
    let change = |contract: &mut Contract| contract.errors.insert(0, teapot);
    mutants.add(Operator::RuleSet, "error rule for 418", "(absent)", "reauthenticate", change);
    for (index, rule) in rules.iter().enumerate() {
        one(mutants, index, rule);
        // The last rule makes the map total: without it, or with less than everything in it, there is no client.
        if index + 1 < rules.len() {
            let fact = fact(rule, "");
            status(mutants, index, rule);
            body(mutants, index, rule);
            mutants.add(Operator::RuleSet, &fact, "there", "(absent)", |contract| {
                contract.errors.remove(index);
            });
            order(mutants, index, rules);
        }
    }
}

/// The path of a fact of a rule.
fn fact(rule: &ErrorRule, part: &str) -> String {
    format!("error rule {:?}{part}", rule.name)
}

fn one(mutants: &mut Mutants<'_>, index: usize, rule: &ErrorRule) {
    let ErrorRule {
        status: _,
        body: _,
        class,
        sign_in,
        doc: _,
        // What the other facts of the rule are called.
        name: _,
    } = rule;
    for other in CLASSES {
        let (before, after) = (show_class(*class), show_class(other));
        mutants.add(Operator::RuleClass, fact(rule, ".class"), before, after, |contract| {
            contract.errors[index].class = other
        });
    }
    if *class == ErrorClass::Reauthenticate {
        for other in SIGN_INS {
            let (before, after) = (format!("{sign_in:?}"), format!("{other:?}"));
            let change = |contract: &mut Contract| contract.errors[index].sign_in = other;
            mutants.add(
                Operator::RuleSignIn,
                fact(rule, ".sign_in"),
                before.to_lowercase(),
                after.to_lowercase(),
                change,
            );
        }
    }
}

fn show_class(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Reauthenticate => "reauthenticate",
        ErrorClass::ClientMisconfigured => "client misconfigured",
        ErrorClass::ContractViolation => "contract violation",
        ErrorClass::RateLimited => "rate limited",
        ErrorClass::Transient => "transient",
        ErrorClass::InDoubt => "in doubt",
    }
}

fn status(mutants: &mut Mutants<'_>, index: usize, rule: &ErrorRule) {
    for other in vary::statuses(&rule.status) {
        let (before, after) = (vary::show_statuses(&rule.status), vary::show_statuses(&other));
        mutants.add(Operator::RuleStatus, fact(rule, ".status"), before, after, |contract| {
            contract.errors[index].status = other
        });
    }
}

fn body(mutants: &mut Mutants<'_>, index: usize, rule: &ErrorRule) {
    let mut add = |part: &str, before: String, after: String, to: BodyCondition| {
        mutants.add(Operator::RuleBody, fact(rule, part), before, after, |contract| {
            contract.errors[index].body = to
        });
    };
    let before = show_body(&rule.body);
    let code = FieldMatch {
        field: Pointer { tokens: vec!["error".to_owned()] },
        equals: vec![Literal::Text("x".to_owned())],
    };
    for other in [BodyCondition::Any, BodyCondition::Empty, BodyCondition::Field(code)] {
        // One condition on a field becomes another below.
        let field = |body: &BodyCondition| matches!(body, BodyCondition::Field(_));
        if !(field(&rule.body) && field(&other)) {
            add(".body", before.clone(), show_body(&other), other);
        }
    }
    if let BodyCondition::Field(field) = &rule.body {
        for (part, before, after, other) in response::field_matches(field) {
            add(part, before, after, BodyCondition::Field(other));
        }
    }
}

fn show_body(body: &BodyCondition) -> String {
    match body {
        BodyCondition::Any => "any body".to_owned(),
        BodyCondition::Empty => "an empty body".to_owned(),
        BodyCondition::Field(field) => field.to_string(),
    }
}

/// The rule behind each later one that the same answer can match, and behind success.
fn order(mutants: &mut Mutants<'_>, index: usize, rules: &[ErrorRule]) {
    let rule = &rules[index];
    // The last rule takes everything: whatever stands behind it is never asked, which is another rule's removal.
    let later = rules.iter().enumerate().skip(index + 1);
    let later = later.filter(|(at, next)| at + 1 < rules.len() && meet(rule, next));
    for (at, next) in later.filter(|(_, next)| rule.is_default() == next.is_default()) {
        let (before, after) = (format!("before {:?}", next.name), format!("after {:?}", next.name));
        let fact = fact(rule, ".order");
        mutants.add(Operator::RuleOrder, fact, before, after, |contract| {
            let rule = contract.errors.remove(index);
            contract.errors.insert(at, rule);
        });
    }
    // Whether a rule is asked before success is part of its name.
    if !rule.is_default() && overlap(&rule.status, &mutants.contract.response.success.status) {
        mutants.add(
            Operator::RuleOrder,
            fact(rule, ".order"),
            "before success",
            "after success",
            |contract| {
                let mut rule = contract.errors.remove(index);
                rule.name.insert_str(0, ErrorRule::DEFAULT);
                let first = contract.errors.iter().position(ErrorRule::is_default).unwrap_or(0);
                contract.errors.insert(first, rule);
            },
        );
    }
}

/// Whether one answer can match both.
fn meet(one: &ErrorRule, other: &ErrorRule) -> bool {
    let bodies = match (&one.body, &other.body) {
        (BodyCondition::Field(a), BodyCondition::Field(b)) if a.field == b.field => {
            let open = a.equals.is_empty() || b.equals.is_empty();
            open || a.equals.iter().any(|value| b.equals.contains(value))
        }
        (BodyCondition::Field(_), BodyCondition::Empty)
        | (BodyCondition::Empty, BodyCondition::Field(_)) => false,
        _ => true,
    };
    bodies && overlap(&one.status, &other.status)
}

fn overlap(one: &[StatusRange], other: &[StatusRange]) -> bool {
    one.iter().any(|a| other.iter().any(|b| a.first <= b.last && b.first <= a.last))
}
