//! What pages see: the README's table and the page of a provider. Documented in `templates/README.md`.

use super::model::Package;
use crate::describe;
use crate::emit::{curl, docs, usage};
use crate::template::{Code, Context, Markdown};
use minijinja::context;
use rekindle_contract::contract::{
    ASSERTION, Body, BodyCondition, CLIENT_ASSERTION, ClientAuth, Contract, Environment,
    ErrorClass, ErrorRule, Example, ExampleBody, ExampleRequest, ExampleResponse, FieldMatch,
    Generated, JsonTemplate, Jwt, Key, KeyEncoding, Output, Parameter, Part, Pointer, Provider,
    RefreshToken, SignIn, Slot, StepRequest, TakenKind, Template, TokenPlace, duration_words,
    xml_fields,
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
pub(super) fn readme(contracts: &[&Contract], package: &Package) -> Context {
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
    context! { package => package.name.as_str(), providers }
}

/// What the page of a provider sees.
pub(super) fn provider(contract: &Contract, crate_name: &str) -> Context {
    let Provider { id, name, summary, source } = &contract.provider;
    context! {
        spec => code(&contract.origin.file),
        like => contract.origin.like.as_ref().map_or(Context::from(()), |like| code(like)),
        variant => contract.origin.variant.as_ref().map_or(Context::from(()), |name| code(name)),
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
        next_base_url => contract.base.output.as_ref().map_or(Context::from(()), |name| code(name)),
        whole_url => contract.request.is_at_whole_url(),
        request => code(&describe::request(contract)),
        takes => describe::takes(contract),
        when => describe::accepted(contract).map_or(Context::from(()), markdown),
        fallback => contract.minting().as_ref().map_or(Context::from(()), fallback),
        steps => contract.all_steps().filter(|it| !is_behind(contract, it)).map(|it| step(contract, it)).collect::<Vec<_>>(),
        take => contract.spending().iter().flat_map(take).collect::<Vec<_>>(),
        then => contract.request.then.iter().map(|it| step(contract, it)).collect::<Vec<_>>(),
        parts => parts(contract),
        made => made(contract),
        certificate => contract.shows_certificate(),
        curl => markdown(docs::block("sh", &curl::line(contract))),
        rust => usage::rust(contract, crate_name).map_or(Context::from(()), |rust| markdown(docs::block("rust", &rust))),
        client => contract.client.iter().map(parameter).collect::<Vec<_>>(),
        answer => answer(contract),
        access => markdown(docs::access_token(contract)),
        refused_with => markdown(describe::refused_with(contract)),
        assumed => context! {
            success => contract.origin.assumes("response.success"),
            refused_with => contract.origin.assumes("tokens.access.refused_with"),
        },
        mints => contract.request.operation.mints(),
        local => contract.request.operation.is_local(),
        refresh => contract.refresh.as_ref().map_or(Context::from(()), |refresh| markdown(docs::refresh_token(contract, refresh))),
        errors => contract.errors.iter().enumerate().map(|(index, rule)| error(rule, is_inferred(contract, index))).collect::<Vec<_>>(),
        examples => contract.examples.iter().map(example).collect::<Vec<_>>(),
        documented => facts(&contract.provenance.documented),
        inferred => facts(&contract.provenance.inferred),
        unknown => facts(&contract.provenance.unknown),
        contradictions => facts(&contract.provenance.contradictions),
    }
}

/// What brings tokens where a refresh cannot.
fn fallback(minting: &Contract) -> Context {
    context! {
        request => code(&describe::request(minting)),
        takes => describe::takes(minting),
        when => describe::accepted(minting).map_or(Context::from(()), markdown),
        parts => parts(minting),
        made => made(minting),
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

/// Whether a request comes behind the one that spends the credential.
fn is_behind(contract: &Contract, step: &StepRequest) -> bool {
    contract.request.then.iter().any(|behind| behind.id == step.id)
}

/// What later requests need of an answer.
fn take(step: &StepRequest) -> Vec<Context> {
    let take = step.take.iter().map(|(name, taken)| {
        let hosts: Vec<_> = taken.hosts.iter().map(|host| docs::code(host)).collect();
        let where_to = match (taken.kind, hosts.is_empty()) {
            (TakenKind::Url, true) => " at the host of the base URL".to_owned(),
            (TakenKind::Url, false) => {
                format!(" at the host of the base URL or at {}", hosts.join(" or "))
            }
            _ => String::new(),
        };
        context! {
            name => code(&step.name_of(name)),
            field => places(&taken.field),
            what => markdown(format!("{}{where_to}", taken.kind.label())),
        }
    });
    take.collect()
}

/// A request before the one that spends the credential, or behind it.
fn step(contract: &Contract, step: &StepRequest) -> Context {
    let own = contract.of_step(step);
    context! {
        name => code(&step.id),
        before => before(contract, step),
        request => code(&describe::request(&own)),
        parts => parts(&own),
        take => take(step),
    }
}

/// Which request a step comes before.
fn before(contract: &Contract, step: &StepRequest) -> &'static str {
    let is_of = |contract: &Contract| contract.steps.iter().any(|own| own.id == step.id);
    match (is_of(contract), contract.minting().is_some_and(|minting| is_of(&minting))) {
        (true, true) => "both requests",
        (false, true) => "the request that brings tokens where a refresh cannot",
        (_, false) => "the request",
    }
}

/// Where each value of the request goes, in the order of the wire.
fn parts(contract: &Contract) -> Vec<Context> {
    let request = &contract.request;
    let mut parts = Vec::new();
    let mut part = |place: &str, name: &str, value: Context| {
        parts.push(context! { place, name => code(name), value })
    };
    for (name, value) in &request.query {
        let value = match request.is_valueless(name) {
            true => markdown("without a `=`".to_owned()),
            false => template(value),
        };
        part("query", name, value);
    }
    match &request.auth {
        ClientAuth::None => {}
        ClientAuth::Basic { username, password, scheme, form_encoded: _ } => {
            let mut both = username.clone();
            both.parts.push(Part::Literal(":".to_owned()));
            both.parts.extend(password.parts.iter().cloned());
            let place = match scheme {
                None => "header, as HTTP Basic".to_owned(),
                Some(scheme) => format!("header, as HTTP Basic under {}", code(scheme)),
            };
            part(&place, "authorization", template(&both));
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
        Body::Xml(document) => {
            xml_fields(document).iter().for_each(|(path, value)| part("XML", path, template(value)))
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

/// What the client makes anew for each request: each name, and what it is.
fn made(contract: &Contract) -> Vec<Context> {
    let made = contract.request.values.iter().map(|(name, value)| {
        let text = |template: &Template| docs::code(&template.to_string());
        let under = |key: &Key| match key.encoding {
            KeyEncoding::Text => text(&key.text),
            encoding => format!("{}, read as {}", text(&key.text), encoding.name()),
        };
        let what = match value {
            Generated::Uuid => "a random UUID".to_owned(),
            Generated::Now { format, plus } if plus.is_zero() => {
                format!("when the request starts, as {}", format.label())
            }
            Generated::Now { format, plus } => {
                let plus = duration_words(*plus);
                format!("{plus} after the request starts, as {}", format.label())
            }
            Generated::Encoded { of, written } => format!("{} in {}", text(of), written.label()),
            Generated::Sha256 { of, written } => {
                format!("the SHA-256 of {} in {}", text(of), written.label())
            }
            Generated::HmacSha256 { of, key, written } => {
                let (of, key) = (text(of), under(key));
                format!("the HMAC-SHA256 of {of} under {key} in {}", written.label())
            }
            Generated::Jwt(jwt) => signed(jwt, &under(&jwt.key)),
        };
        context! { name => code(name), what => markdown(what) }
    });
    made.collect()
}

/// A signed token in words.
fn signed(jwt: &Jwt, key: &str) -> String {
    let lives = duration_words(jwt.lives);
    let mut words = vec![format!("a JWT signed by {} with {key}, good for {lives}", jwt.alg)];
    let header = jwt.header.iter();
    words.extend(header.map(|(name, text)| format!("`{name}` {}", docs::code(&text.to_string()))));
    let claims = jwt.claims.iter().map(|(name, claim)| {
        let said = match claim {
            JsonTemplate::Text(text) => text.to_string(),
            json => shown(json).to_string(),
        };
        format!("{} {}", docs::code(name), docs::code(&said))
    });
    words.extend(claims);
    words.extend(jwt.nbf.then(|| "`nbf` as `iat`".to_owned()));
    words.extend(jwt.jti.then(|| "a random `jti`".to_owned()));
    words.join(", ")
}

/// JSON with its places as a spec writes them.
fn shown(json: &JsonTemplate) -> serde_json::Value {
    match json {
        JsonTemplate::Constant(value) => value.clone(),
        JsonTemplate::Text(text) => text.to_string().into(),
        JsonTemplate::List(items) => items.iter().map(shown).collect(),
        JsonTemplate::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), shown(value))).collect()
        }
    }
}

/// A text with its places in words where it is nothing but one place.
fn template(template: &Template) -> Context {
    match template.parts.as_slice() {
        [Part::Slot(Slot::AccessToken)] => "the access token".into(),
        [Part::Slot(Slot::RefreshToken)] => "the refresh token".into(),
        [Part::Slot(Slot::Client(name))] => markdown(format!("the client's {}", docs::code(name))),
        [Part::Slot(Slot::Value(name))] if name == ASSERTION || name == CLIENT_ASSERTION => {
            "the signed token".into()
        }
        _ => code(&template.to_string()),
    }
}

/// Where the answer holds what.
fn answer(contract: &Contract) -> Context {
    let response = &contract.response;
    let access = match &response.access_token {
        TokenPlace::Json(_) if response.access_token.is_whole() => {
            "the whole answer, a text of JSON".into()
        }
        TokenPlace::Json(place) | TokenPlace::Form(place) | TokenPlace::Xml(place) => places(place),
        TokenPlace::WholeBody => "the whole body".into(),
        TokenPlace::Unchanged => "none: the one that was sent lives on".into(),
    };
    let pointer = |place: Option<&Pointer>| place.map_or(Context::from(()), places);
    context! {
        status => describe::statuses(&response.success.status),
        field => response.success.field.as_ref().map_or(Context::from(()), field),
        format => match response.access_token {
            TokenPlace::Form(_) => Context::from("forms (`application/x-www-form-urlencoded`)"),
            TokenPlace::Xml(_) => Context::from("XML"),
            TokenPlace::Json(_) | TokenPlace::WholeBody | TokenPlace::Unchanged => {
                Context::from(())
            }
        },
        access_token => access,
        refresh_token => pointer(response.refresh_token.as_ref()),
        token_type => pointer(response.token_type.as_ref().map(|kind| &kind.field)),
        scope => pointer(response.scope.as_ref()),
        outputs => response.outputs.iter().map(output).collect::<Vec<_>>(),
    }
}

fn output((name, output): (&String, &Output)) -> Context {
    let mut about = vec![output.kind.label()];
    let hosts: Vec<_> = output.hosts.iter().map(|host| docs::code(host)).collect();
    let bound = format!("at {} or where the base URL is", hosts.join(", "));
    about.extend((!hosts.is_empty()).then_some(bound.as_str()));
    about.extend(output.secret.then_some("secret"));
    about.extend(output.optional.then_some("not in every answer"));
    context! {
        name => code(name),
        field => code(&output.field.to_string()),
        about => markdown(about.join(", ")),
        doc => optional(output.doc.as_deref()),
    }
}

/// Where a fact is: one place, or the first of several where there is something.
fn places(place: &Pointer) -> Context {
    let all: Vec<String> = place.all().map(|place| docs::code(&place.to_string())).collect();
    markdown(all.join(", else "))
}

fn field(condition: &FieldMatch) -> Context {
    markdown(describe::field(condition))
}

/// Whether a rule of refusals is no word of the page's: it, a fact of it, or all of them are inferred.
fn is_inferred(contract: &Contract, index: usize) -> bool {
    let rule = format!("errors[{index}]");
    let about = |fact: &String| {
        fact == "errors"
            || fact.strip_prefix(&rule).is_some_and(|it| it.is_empty() || it.starts_with('.'))
    };
    contract.provenance.inferred.keys().any(about)
}

fn error(rule: &ErrorRule, inferred: bool) -> Context {
    let body = match &rule.body {
        BodyCondition::Any => Context::from("any"),
        BodyCondition::Empty => Context::from("empty"),
        BodyCondition::Field(condition) => field(condition),
        BodyCondition::Text(texts) => {
            let texts: Vec<String> = texts.iter().map(|text| docs::code(text)).collect();
            markdown(format!("no JSON object, and holds {}", texts.join(" or ")))
        }
    };
    let sign_in = if rule.may_end_grant() && rule.sign_in != SignIn::Unspecified {
        Context::from(rule.sign_in.label())
    } else {
        Context::from(())
    };
    let or =
        rule.perhaps_gone.then(|| format!(" or {}", docs::code(ErrorClass::Reauthenticate.name())));
    let credential =
        rule.credential.map(|credential| format!("; the credential is {}", credential.label()));
    let wait = rule.retry_after.as_ref().map(|wait| {
        format!("; {} says how many {} to wait", docs::code(&wait.field().to_string()), wait.name())
    });
    let class = docs::code(rule.class.name());
    context! {
        status => describe::statuses(&rule.status),
        body,
        class => markdown([Some(class), or, credential, wait].into_iter().flatten().collect()),
        sign_in,
        inferred,
        doc => optional(rule.doc.as_deref().or_else(|| says(rule))),
    }
}

/// Who says what a rule says that is not the spec's.
fn says(rule: &ErrorRule) -> Option<&'static str> {
    let of_profile = rule.is_of_profile().then_some("RFC 6749 section 5.2.");
    rule.is_default().then_some("Assumed.").or(of_profile)
}

fn example(example: &Example) -> Context {
    let block = |text: &str| markdown(docs::block("http", text));
    let answers = example.answers.iter().map(|(step, answer)| {
        context! { step => code(step), answer => markdown(docs::block("json", &format!("{answer:#}"))) }
    });
    context! {
        id => code(&example.id),
        answers => answers.collect::<Vec<_>>(),
        doc => optional(example.doc.as_deref()),
        request => example.request.as_ref().map_or(Context::from(()), |request| block(&sent(request))),
        response => block(&received(&example.response)),
    }
}

/// A documented request, as it is on the wire but for the layout of its body.
fn sent(request: &ExampleRequest) -> String {
    message(&format!("{} {}", request.method, request.url), &request.headers, &request.body)
}

/// A documented answer, in the same way.
fn received(response: &ExampleResponse) -> String {
    message(&response.status.to_string(), &response.headers, &response.body)
}

fn message(first: &str, headers: &BTreeMap<String, String>, body: &ExampleBody) -> String {
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
    let body = match body {
        ExampleBody::Json(json) => format!("{json:#}"),
        other => other.wire(),
    };
    format!("{first}\n{}\n{body}", headers.collect::<String>())
}

fn facts(facts: &BTreeMap<String, String>) -> Vec<Context> {
    facts.iter().map(|(fact, why)| context! { fact => code(fact), why => why.as_str() }).collect()
}
