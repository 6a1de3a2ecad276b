//! The context of `conformance_sequences.rs.j2`.

use super::super::names;
use super::scenario::{Scenario, lifetime};
use super::tokens::{constant, number, text, value};
use super::{ContractAt, Style, imports};
use crate::template::{Tokens, prose};
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{
    Attempt, Contract, Credential, Ending, ErrorClass, Fate, Generation, Sequence, Step, Trouble,
};
use rekindle_contract::derive::{Derived, sequences};
use std::collections::BTreeSet;

/// The context of the tests that take a sequence each: first those that the spec documents, then those that the contract implies.
pub fn context(scenario: &Scenario<'_>, style: &Style) -> Value {
    let contract = scenario.contract;
    let written = contract.sequences.iter().map(written);
    let implied = sequences(contract);
    let tests: Vec<Test> = written.chain(implied.iter().map(derived)).collect();
    let take = if style.sockets { quote!(everywhere) } else { quote!(in_memory) };
    context! {
        imports => sequence_imports(&tests, style.sockets),
        testkit => testkit_imports(style.sockets, contract.refresh.is_some()),
        contract => value(contract_text(contract, style)),
        settings => settings(contract),
        credential_of => value(credential_of(scenario)),
        refresh => contract.refresh.as_ref().map(|refresh| value(names::ident(&refresh.name))),
        replaced => value(replaced(contract)),
        sockets => style.sockets,
        take => value(take),
        sequences => tests.iter().map(Test::context).collect::<Vec<_>>(),
    }
}

/// One test.
struct Test {
    name: String,
    docs: String,
    steps: Vec<TokenStream>,
}

impl Test {
    fn context(&self) -> Value {
        context! {
            name => value(names::ident(&self.name)),
            docs => Value::from(Tokens::doc(&self.docs)),
            steps => self.steps.iter().map(value).collect::<Vec<_>>(),
        }
    }
}

fn written(sequence: &Sequence) -> Test {
    let shows = match &sequence.doc {
        Some(doc) => prose(doc).to_string(),
        None => "A documented sequence.".to_owned(),
    };
    Test {
        name: format!("example_{}", sequence.id.replace('-', "_")),
        docs: format!("{shows}\n\n`rekindle explain example`"),
        steps: sequence.steps.iter().map(step).collect(),
    }
}

fn derived(derived: &Derived) -> Test {
    let sequence = &derived.sequence;
    let (page, id) = match sequence.id.strip_prefix("fault-") {
        Some(fault) => ("fault", fault),
        None => ("sequence", sequence.id.as_str()),
    };
    let doc = sequence.doc.as_deref().unwrap_or_default();
    Test {
        name: format!("{page}_{}", id.replace('-', "_")),
        docs: format!(
            "{} ({}).\n\n`rekindle explain {page}`",
            doc.trim_end_matches('.'),
            derived.rules.join(", ")
        ),
        steps: sequence.steps.iter().map(step).collect(),
    }
}

/// A step as a test writes it.
fn step(step: &Step) -> TokenStream {
    match step {
        Step::Wait(by) => {
            let by = lifetime(u64::try_from(by.as_millis()).unwrap_or(u64::MAX));
            quote!(wait(#by))
        }
        Step::Revoke => quote!(revoke()),
        Step::Use { token, accepted } => {
            let token = generation(*token);
            let becomes = names::ident(if *accepted { "is_accepted" } else { "is_refused" });
            quote!(token(#token).#becomes())
        }
        Step::Refresh(attempt) => refresh(attempt),
    }
}

fn refresh(attempt: &Attempt) -> TokenStream {
    let token = match attempt.token {
        Generation::Current => None,
        other => {
            let other = generation(other);
            Some(quote!(.with(#other)))
        }
    };
    let trouble = attempt.trouble.map(|trouble| match trouble {
        Trouble::Fault(fault) => {
            let fault = names::ident(fault.variant());
            quote!(.under(Fault::#fault))
        }
        Trouble::Refusal(rule) => {
            let rule = number(rule as u64);
            quote!(.refused_by(#rule))
        }
    });
    let ending = ending(attempt.ending);
    quote!(refresh()#token #trouble #ending)
}

fn ending(ending: Ending) -> TokenStream {
    match ending {
        Ending::Tokens => quote!(.brings_tokens()),
        Ending::Unsent => quote!(.is_not_sent()),
        Ending::Refused { class: ErrorClass::Reauthenticate, sign_in, fate } => {
            let sign_in = names::ident(sign_in.variant());
            if fate == Fate::Spent {
                return quote!(.asks_to_sign_in(SignIn::#sign_in));
            }
            let fate = names::ident(fate.variant());
            quote!(.asks_although(SignIn::#sign_in, Fate::#fate))
        }
        Ending::Refused { class, fate, .. } => {
            let (class, fate) = (names::ident(class.variant()), names::ident(fate.variant()));
            quote!(.fails(ErrorClass::#class, Fate::#fate))
        }
    }
}

fn generation(generation: Generation) -> TokenStream {
    let name = names::ident(generation.variant());
    quote!(Generation::#name)
}

/// What a client sends of what is held.
fn credential_of(scenario: &Scenario<'_>) -> TokenStream {
    let access = scenario.access_token(&quote!(ask.held.access_token.as_str()));
    let refresh = scenario.refresh_token(&quote!(ask.held.refresh_text()));
    scenario.assembled(
        quote!(#access.with_expiry(expiry(ask.held.access_expires))),
        quote!(#refresh.with_expiry(expiry(ask.held.refresh_expires))),
    )
}

/// The refresh token of a replacement.
fn replaced(contract: &Contract) -> Option<TokenStream> {
    let refresh = contract.refresh.as_ref()?;
    let field = names::ident(&refresh.name);
    (contract.credential() == Credential::Both).then(|| quote!(.#field))
}

/// What the fake provider is told about the integrator.
fn settings(contract: &Contract) -> Vec<Value> {
    let names = contract.client.keys();
    names
        .map(|name| context! { name => value(text(name)), value => value(constant(name)) })
        .collect()
}

/// The expression of the contract as JSON.
fn contract_text(contract: &Contract, style: &Style) -> TokenStream {
    match style.contract {
        ContractAt::File => {
            let path = text(&format!("../contracts/{}.json", contract.provider.id));
            quote!(include_str!(#path))
        }
        ContractAt::Inline => {
            let json = text(&serde_json::to_string(contract).unwrap_or_default());
            quote!(#json)
        }
    }
}

/// What the tests name of the steps.
fn sequence_imports(tests: &[Test], sockets: bool) -> Vec<Value> {
    let steps = tests.iter().flat_map(|test| &test.steps);
    let used: BTreeSet<String> = steps.flat_map(|step| imports::names(&step.to_string())).collect();
    let always = ["Step", "assert_taken"];
    let sometimes = [
        "ErrorClass",
        "Fate",
        "Fault",
        "Generation",
        "SignIn",
        "refresh",
        "revoke",
        "token",
        "wait",
    ];
    let mut all: Vec<&str> = sometimes
        .into_iter()
        .filter(|name| used.contains(*name))
        .chain(always)
        .chain(sockets.then_some("assert_taken_over_sockets"))
        .collect();
    all.sort_unstable();
    all.into_iter().map(|name| value(names::ident(name))).collect()
}

fn testkit_imports(sockets: bool, refreshes: bool) -> Vec<Value> {
    let always = ["Ask", "Fake", "Held", "Outcome"];
    let refresh = (!refreshes).then_some("End");
    let mut all: Vec<&str> = always.into_iter().chain(refresh).collect();
    all.extend(sockets.then_some("Executor"));
    all.sort_unstable();
    all.into_iter().map(|name| value(names::ident(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_contract::contract::{Fault, SignIn};

    #[test]
    fn steps_read_like_sentences() {
        let attempt = Attempt {
            token: Generation::First,
            trouble: Some(Trouble::Fault(Fault::ResetAfter)),
            ending: Ending::Refused {
                class: ErrorClass::Reauthenticate,
                sign_in: SignIn::Otp,
                fate: Fate::Spent,
            },
        };
        let said = step(&Step::Refresh(attempt)).to_string().replace(' ', "");
        assert_eq!(
            said,
            "refresh().with(Generation::First).under(Fault::ResetAfter).asks_to_sign_in(SignIn::Otp)"
        );
    }
}
