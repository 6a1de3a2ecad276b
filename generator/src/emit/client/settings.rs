//! What an integrator gives: a struct of what it must give, and one of what it may leave out.

use super::{generated, value, values};
use crate::emit::{docs, names};
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{
    Body, Contract, Environment, Parameter, ParameterKind, Slot, Template,
};
use std::collections::BTreeSet;

/// What must be given.
pub fn settings(contract: &Contract) -> Vec<Value> {
    fields(contract, |name, parameter| parameter.is_required() && !contract.is_of_environment(name))
}

/// What may be left out.
pub fn options(contract: &Contract) -> Vec<Value> {
    fields(contract, |_, parameter| !parameter.is_required())
}

/// What an environment alone needs.
pub fn of_environment(contract: &Contract, environment: &Environment) -> Vec<Value> {
    let names: BTreeSet<_> = contract.parameters_of(environment).map(|(name, _)| name).collect();
    fields(contract, |name, _| names.contains(name))
}

fn fields(contract: &Contract, wanted: impl Fn(&String, &Parameter) -> bool) -> Vec<Value> {
    let parameters = contract.client.iter().filter(|(name, parameter)| wanted(name, parameter));
    parameters
        .map(|(name, parameter)| {
            let default = parameter.default.as_ref().map(|text| quote!(#text.into()));
            let default = default.or(parameter.optional.then(|| quote!(None)));
            context! {
                name => value(names::ident(name)),
                type => value(match parameter.kind {
                    ParameterKind::SigningKey => quote!(kit::SigningKey),
                    _ if parameter.secret => quote!(kit::Secret),
                    _ => quote!(String),
                }),
                docs => value(docs::outer(&parameter_docs(name, parameter))),
                default => default.map(value),
                optional => parameter.optional,
            }
        })
        .collect()
}

fn parameter_docs(name: &str, parameter: &Parameter) -> String {
    let mut lines = vec![match &parameter.doc {
        Some(doc) => docs::sentence(doc),
        None => format!("The {}.", names::words(name)),
    }];
    if parameter.secret {
        lines.push("Never shown, and wiped from memory on drop.".to_owned());
    }
    match parameter.kind {
        ParameterKind::Text => {}
        ParameterKind::HostLabel => lines.push("One label of a host name.".to_owned()),
        ParameterKind::Host => lines.push("A host name.".to_owned()),
        ParameterKind::SigningKey => {
            lines.push("A private key as PEM or JWK, or one of these in base64.".to_owned());
        }
    }
    if !parameter.one_of.is_empty() {
        let values: Vec<_> = parameter.one_of.iter().map(|value| docs::code(value)).collect();
        lines.push(format!("One of {}.", values.join(", ")));
    }
    if let Some(default) = &parameter.default {
        lines.push(format!("{} unless said.", docs::code(default)));
    }
    if parameter.optional {
        lines.push("Not sent unless said; an empty one is refused.".to_owned());
    }
    lines.join("\n")
}

/// The statements of `check`; none where there is nothing to check.
pub fn check(contract: &Contract) -> Option<Value> {
    let names = contract.client.keys().filter(|name| !contract.is_of_environment(name));
    let checks: Vec<_> = names.flat_map(|name| checks(contract, name)).collect();
    (!checks.is_empty()).then(|| value(values::given(quote!(#(#checks)*))))
}

/// The match of `check_environment`; none where no environment holds a value.
pub fn check_environment(contract: &Contract) -> Option<Value> {
    let held = |environment: &Environment| -> Vec<String> {
        contract.parameters_of(environment).map(|(name, _)| name.clone()).collect()
    };
    let environments = &contract.base.environments;
    environments.iter().any(|environment| !held(environment).is_empty()).then(|| {
        let arms = environments.iter().map(|environment| {
            let pattern = pattern(contract, environment);
            let checks = held(environment).into_iter().flat_map(|name| checks(contract, &name));
            let checks: Vec<_> = checks.collect();
            match checks.is_empty() {
                true => quote!(#pattern => Ok(()),),
                false => quote!(#pattern => { #(#checks)* Ok(()) }),
            }
        });
        value(quote!(match environment { #(#arms)* }))
    })
}

/// The pattern of an environment, which binds what it holds.
pub fn pattern(contract: &Contract, environment: &Environment) -> TokenStream {
    let variant = names::type_ident(&environment.name);
    let fields: Vec<_> =
        contract.parameters_of(environment).map(|(name, _)| names::ident(name)).collect();
    let fields = (!fields.is_empty()).then(|| quote!({ #(#fields),* }));
    quote!(Environment::#variant #fields)
}

fn checks(contract: &Contract, name: &str) -> Vec<TokenStream> {
    let slot = Slot::Client(name.to_owned());
    let Some(parameter) = contract.client.get(name) else {
        return Vec::new();
    };
    let field = names::ident(name);
    if let Some(algorithm) = contract.signs_with(name) {
        let algorithm = generated::algorithm(algorithm);
        return vec![quote!(settings.#field.check(#name, #algorithm)?;)];
    }
    let text = match () {
        () if parameter.optional => quote!(given),
        // What a pattern of a borrowed environment binds is a reference.
        () if contract.is_of_environment(name) => quote!(#field),
        () => values::slot(contract, &slot),
    };
    let mut checks = vec![quote!(kit::text(#name, #text)?;)];
    if !parameter.one_of.is_empty() {
        let allowed = &parameter.one_of;
        checks.push(quote!(kit::one_of(#name, #text, &[#(#allowed),*])?;));
    }
    match parameter.kind {
        ParameterKind::Text | ParameterKind::SigningKey => {}
        ParameterKind::HostLabel => checks.push(quote!(kit::url::host_label(#text)?;)),
        ParameterKind::Host => checks.push(quote!(kit::url::hostname(#text)?;)),
    }
    if let Some(encoding) = generated::encoding(contract, &slot) {
        checks.push(quote!(#encoding.decode(#name, #text)?;));
    }
    let of_requests = contract.requests().map(|request| &request.path);
    let paths = contract.all_steps().map(|step| &step.path).chain(of_requests);
    if paths.flat_map(Template::slots).any(|used| *used == slot) {
        checks.push(quote!(kit::url::check_segment(#text)?;));
    }
    let bodies = contract.all_steps().map(|step| &step.body);
    let mut bodies = bodies.chain(contract.requests().map(|request| &request.body));
    if bodies.any(|body| matches!(body, Body::Xml(it) if it.slots().any(|used| *used == slot))) {
        checks.push(quote!(kit::check_xml(#name, #text)?;));
    }
    if parameter.optional {
        let given = values::given_or_not(contract, name);
        return vec![quote!(if let Some(given) = #given { #(#checks)* })];
    }
    checks
}
