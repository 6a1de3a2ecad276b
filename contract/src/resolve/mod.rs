//! From a spec as written to a contract as meant.
//!
//! Each part of the language has its module, which looks at its own facts alone and always answers with a value: where a fact
//! cannot be understood there is a finding and a harmless stand-in, so that one pass reports everything. What must hold
//! between the parts is for [`rules`](crate::rules).

mod auth;
mod base;
mod body;
mod case;
mod client;
mod condition;
mod duration;
mod errors;
mod example;
mod expiry;
mod fallback;
mod headers;
mod hosts;
mod jwt;
mod line;
mod local;
mod merge;
mod mint;
mod names;
mod output;
mod pointer;
mod profile;
mod provider;
mod request;
mod response;
mod sample;
mod sequence;
mod standard;
mod step;
mod synthetic;
mod template;
mod tokens;
mod unchanged;
mod values;
pub(crate) mod whole_url;

pub(crate) use case::{snake_case, title_case};
pub(crate) use duration::{hint as duration_hint, written as written_lifetime};
pub(crate) use fallback::{as_refresh, moved};
pub(crate) use names::id_problems;
pub(crate) use pointer::{meant as meant_pointer, stated_lifetime};
pub(crate) use provider::{file_id, file_stem, id as provider_id};
pub(crate) use request::media_type;

use crate::contract::{Contract, Operation, Origin};
use crate::diagnostics::Finding;
use crate::path::Path;
use crate::spec::{OperationSpec, Profile, Spec, TokensSpec};
use template::Scope;

/// The contract that `spec` means, with everything that is wrong with its facts one by one. `file` is the spec's name as
/// people write it. Where one of the findings is an error the contract is partial: it serves to find further problems, and
/// nothing is made of it.
pub(crate) fn resolve(spec: &Spec, file: &str) -> (Contract, Vec<Finding>) {
    let mut found = Vec::new();
    names::check(spec, file, &mut found);
    let contract = contract(spec, file, &mut found);
    template::declare_together(&mut found);
    (contract, found)
}

/// A new key of the language does not compile until it is named here and in the parts below: each takes its block apart without `..`.
fn contract(spec: &Spec, file: &str, found: &mut Vec<Finding>) -> Contract {
    let Spec {
        rekindle: _, // The reader refuses other versions.
        like,        // The reader has put the other's facts here.
        variants: _, // Each is a spec of its own by now.
        provider,
        profile,
        environments,
        base_url,
        client,
        assertion,
        steps: _, // They are resolved with those under `refresh.then`.
        refresh,
        response,
        tokens,
        errors,
        samples,
        examples,
        provenance,
        allow: _, // About findings, not about the contract.
    } = spec;
    if refresh.operation == OperationSpec::Local {
        return local::contract(spec, file, found);
    }
    let rfc6749 = *profile == Some(Profile::Rfc6749);
    let mut client = client::resolve(client, found);
    let mut scope = Scope {
        values: refresh.values.keys().cloned().collect(),
        assertion: assertion.is_some(),
        ..Scope::of(&client)
    };
    let mut steps = step::resolve(spec, &mut scope, found);
    let has_host = !environments.is_empty() || base_url.is_some();
    let line = request::line(refresh, has_host, found);
    let target = whole_url::split(line, Path::of("refresh.request"), found);
    let base =
        base::resolve(environments, base_url.as_deref(), target.host, &client, &scope, found);
    let operation = Operation::from(refresh.operation);
    if rfc6749 {
        // They need no declaration.
        scope.client.extend(profile::parameters(operation).map(str::to_owned));
    }
    // An assertion says by itself who asks (RFC 7521 section 4.1).
    let unless_said = rfc6749 && operation != Operation::Assertion;
    let proof = auth::resolve(refresh.auth.as_ref(), unless_said, &scope, found);
    let mut request = request::resolve(refresh, &target.line, rfc6749, proof, &scope, found);
    let values = values::resolve(&refresh.values, assertion.as_ref(), &scope, found);
    request.values.splice(0..0, values);
    line::check_whole(&target.line, &request, &base, found);
    step::then(spec, &mut request, &steps, &scope, found);
    let mut fallback = fallback::resolve(spec, &target, &client, &scope, found);
    if let Some(fallback) = &mut fallback {
        fallback::divide(&mut request, &mut steps, fallback);
        fallback::check_whole(&request, fallback, &base, found);
    }
    if rfc6749 {
        profile::declare(&request, &mut client);
        if let Some(fallback) = &fallback {
            profile::declare(&fallback.request, &mut client);
        }
        profile::check(response.as_ref(), operation, found);
    }
    let said = response.as_ref().is_some_and(|response| response.success.is_some());
    let mut assumed = if said { Vec::new() } else { vec!["response.success"] };
    let response = response::resolve(response.as_ref(), rfc6749, operation, found);
    request::complete_headers(&mut request, &response.access_token);
    let fallback = fallback.map(|mut fallback| {
        request::complete_headers(&mut fallback.request, &response.access_token);
        Box::new(fallback)
    });
    let tokens = tokens.clone().unwrap_or_default();
    let TokensSpec { access, refresh: refresh_token } = &tokens;
    let mint = mint::resolve(operation, refresh.limit.as_ref(), found);
    assumed.extend(tokens::assumed(access));
    let access = tokens::access(access, rfc6749, found);
    let refresh = tokens::refresh(refresh_token.as_ref(), operation, rfc6749, found);
    let is_whole = request.is_at_whole_url();
    let mut contract = Contract {
        provider: provider::resolve(provider, file, found),
        client,
        steps,
        request,
        response,
        access,
        refresh,
        mint,
        fallback,
        errors: errors::resolve(errors, rfc6749, operation, found),
        examples: example::resolve(examples, samples, &base, is_whole, found),
        base,
        sequences: Vec::new(),
        provenance: provider::provenance(provenance.as_ref(), found),
        origin: Origin { file: file.to_owned(), like: like.clone(), variant: None, assumed },
    };
    response::spell_out(&mut contract);
    unchanged::settle(&tokens, &mut contract);
    example::give_keys(&mut contract);
    example::take(&mut contract);
    contract.sequences = sequence::resolve(examples, &contract, found);
    if rfc6749 && contract.examples.is_empty() {
        contract.examples = synthetic::examples(&contract);
    }
    contract
}
