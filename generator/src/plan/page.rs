//! What pages see: the README's table and the page of a provider. Documented in `templates/README.md`.

use crate::describe;
use crate::emit::docs;
use crate::template::{Code, Context, Markdown};
use minijinja::context;
use rekindle_contract::contract::{
    Body, BodyCondition, ClientAuth, Contract, Environment, ErrorClass, ErrorRule, Example,
    FieldMatch, JsonTemplate, Parameter, Part, Provider, RefreshToken, SignIn, Slot, Template,
    TokenPlace,
};
use std::collections::BTreeMap;

/// One line on a provider: what its refresh sends and spends.
pub(super) fn line(contract: &Contract) -> String {
    format!(
        "{}, {}",
        docs::inline(&contract.provider.name),
        docs::code(&describe::request(contract))
    )
}

/// What the README's template sees.
pub(super) fn readme(contracts: &[&Contract]) -> Context {
    let providers: Vec<Context> = contracts
        .iter()
        .map(|contract| {
            context! {
                id => code(&contract.provider.id),
                file => markdown(format!("docs/{}.md", contract.provider.id)),
                name => contract.provider.name.as_str(),
                request => code(&describe::request(contract)),
                spends => contract.credential().label(),
                access => contract.access.label(),
                refresh => contract.refresh.as_ref().map_or_else(|| "none".to_owned(), RefreshToken::label),
            }
        })
        .collect();
    context! { providers }
}

/// What the page of a provider sees.
pub(super) fn provider(contract: &Contract) -> Context {
    let Provider { id, name, summary, source } = &contract.provider;
    context! {
        spec => code(&contract.origin.file),
        id => code(id),
        name => name.as_str(),
        summary => summary.as_deref().map(docs::prose).filter(|summary| !summary.is_empty()).map_or(Context::from(()), markdown),
        source => source.as_ref().map_or(Context::from(()), |source| context! {
            title => source.title.as_str(),
            url => source.url.as_ref().map_or(Context::from(()), |url| Context::from(url.as_str())),
            retrieved => optional(source.retrieved.as_deref()),
        }),
        environments => contract.base.environments.iter().map(environment).collect::<Vec<_>>(),
        integrator => contract.base.integrator,
        request => code(&describe::request(contract)),
        takes => describe::takes(contract),
        when => describe::accepted(contract).map_or(Context::from(()), markdown),
        parts => parts(contract),
        client => contract.client.iter().map(parameter).collect::<Vec<_>>(),
        answer => answer(contract),
        access => markdown(docs::access_token(contract)),
        refused_with => describe::refused_with(contract),
        mints => contract.request.operation.mints(),
        refresh => contract.refresh.as_ref().map_or(Context::from(()), |refresh| markdown(docs::refresh_token(contract, refresh))),
        errors => contract.errors.iter().map(error).collect::<Vec<_>>(),
        examples => contract.examples.iter().map(example).collect::<Vec<_>>(),
        documented => facts(&contract.provenance.documented),
        inferred => facts(&contract.provenance.inferred),
        unknown => facts(&contract.provenance.unknown),
        contradictions => facts(&contract.provenance.contradictions),
    }
}

fn code(text: &str) -> Context {
    Code(text.to_owned()).into()
}

fn markdown(text: String) -> Context {
    Markdown(text).into()
}

/// Text, or the absence of it; never empty.
fn optional(text: Option<&str>) -> Context {
    text.filter(|text| !text.trim().is_empty()).map_or(Context::from(()), Context::from)
}

fn environment(environment: &Environment) -> Context {
    context! {
        name => code(&environment.name),
        url => code(&environment.url.to_string()),
        doc => optional(environment.doc.as_deref()),
    }
}

fn parameter((name, parameter): (&String, &Parameter)) -> Context {
    context! {
        name => code(name),
        secret => parameter.secret,
        optional => parameter.optional,
        default => parameter.default.as_deref().map_or(Context::from(()), code),
        one_of => parameter.one_of.iter().map(|value| code(value)).collect::<Vec<_>>(),
        doc => optional(parameter.doc.as_deref()),
    }
}

/// Where each value of the request goes, in the order of the wire.
fn parts(contract: &Contract) -> Vec<Context> {
    let request = &contract.request;
    let mut parts = Vec::new();
    let mut part = |place: &str, name: &str, value: Context| {
        parts.push(context! { place, name => code(name), value })
    };
    request.query.iter().for_each(|(name, value)| part("query", name, template(value)));
    match &request.auth {
        ClientAuth::None => {}
        ClientAuth::Basic { username, password, .. } => {
            let mut both = username.clone();
            both.parts.push(Part::Literal(":".to_owned()));
            both.parts.extend(password.parts.iter().cloned());
            part("header, as HTTP Basic", "authorization", template(&both));
        }
        ClientAuth::Header { name, value } => part("header", name, template(value)),
        ClientAuth::Query(fields) => {
            fields.iter().for_each(|(name, value)| part("query", name, template(value)))
        }
        ClientAuth::Body(fields) => {
            fields.iter().for_each(|(name, value)| part("body", name, template(value)))
        }
    }
    request.headers.iter().for_each(|(name, value)| part("header", name, template(value)));
    match &request.body {
        Body::Empty => {}
        Body::Form(fields) => {
            fields.iter().for_each(|(name, value)| part("form field", name, template(value)))
        }
        Body::Json(json) => {
            json_parts("", json, &mut |pointer, value| part("JSON member", pointer, value))
        }
    }
    parts
}

/// Each leaf of a JSON body with its pointer.
fn json_parts(pointer: &str, json: &JsonTemplate, part: &mut impl FnMut(&str, Context)) {
    match json {
        JsonTemplate::Constant(value) => part(pointer, code(&value.to_string())),
        JsonTemplate::Text(text) => part(pointer, template(text)),
        JsonTemplate::List(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| json_parts(&format!("{pointer}/{index}"), item, part));
        }
        JsonTemplate::Object(members) => members.iter().for_each(|(name, value)| {
            json_parts(
                &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")),
                value,
                part,
            );
        }),
    }
}

/// A text with its places in words where it is nothing but one place.
fn template(template: &Template) -> Context {
    match template.parts.as_slice() {
        [Part::Slot(Slot::AccessToken)] => "the access token".into(),
        [Part::Slot(Slot::RefreshToken)] => "the refresh token".into(),
        [Part::Slot(Slot::Client(name))] => markdown(format!("the client's {}", docs::code(name))),
        _ => code(&template.to_string()),
    }
}

/// Where the answer holds what.
fn answer(contract: &Contract) -> Context {
    let response = &contract.response;
    let access = match &response.access_token {
        TokenPlace::Json(pointer) | TokenPlace::Form(pointer) => code(&pointer.to_string()),
        TokenPlace::WholeBody => "the whole body".into(),
    };
    let pointer =
        |pointer: Option<String>| pointer.map_or(Context::from(()), |pointer| code(&pointer));
    context! {
        status => describe::statuses(&response.success.status),
        field => response.success.field.as_ref().map_or(Context::from(()), field),
        form => matches!(response.access_token, TokenPlace::Form(_)),
        access_token => access,
        refresh_token => pointer(response.refresh_token.as_ref().map(ToString::to_string)),
        token_type => pointer(response.token_type.as_ref().map(|kind| kind.field.to_string())),
        scope => pointer(response.scope.as_ref().map(ToString::to_string)),
    }
}

fn field(condition: &FieldMatch) -> Context {
    markdown(describe::field(condition))
}

fn error(rule: &ErrorRule) -> Context {
    let body = match &rule.body {
        BodyCondition::Any => Context::from("any"),
        BodyCondition::Empty => Context::from("empty"),
        BodyCondition::Field(condition) => field(condition),
    };
    let sign_in = match rule.class {
        ErrorClass::Reauthenticate if rule.sign_in != SignIn::Unspecified => {
            Context::from(rule.sign_in.label())
        }
        _ => Context::from(()),
    };
    context! {
        status => describe::statuses(&rule.status),
        body,
        class => code(rule.class.name()),
        sign_in,
        doc => optional(rule.doc.as_deref()),
    }
}

fn example(example: &Example) -> Context {
    context! { id => code(&example.id), doc => optional(example.doc.as_deref()) }
}

fn facts(facts: &BTreeMap<String, String>) -> Vec<Context> {
    facts.iter().map(|(fact, why)| context! { fact => code(fact), why => why.as_str() }).collect()
}
