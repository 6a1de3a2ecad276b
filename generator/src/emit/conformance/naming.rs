//! The context of `conformance_naming.rs.j2`: whose an error is, and what it is about.

use super::super::names;
use super::scenario::{Scenario, lifetime};
use super::sockets;
use super::tokens::{text, value};
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{
    ClientAuth, Contract, Credential, Outcome, ParameterKind, Pointer, RefreshWhen, Slot, Template,
};
use serde_json::Value as Json;

/// The context of the tests about what errors name.
pub fn context(scenario: &Scenario<'_>) -> Value {
    let contract = scenario.contract;
    let unusable = match contract.response.access_token.field() {
        Some(place) => without(place),
        None => quote!(""),
    };
    context! {
        name => value(text(&contract.provider.name)),
        refused => sockets::refused(contract),
        unusable => value(unusable),
        untimely => untimely(scenario).map(value),
        settings => settings(scenario),
        credentials => credentials(scenario),
        texts => texts(scenario),
        answers => answers(scenario),
        sent_as => sent_as(scenario),
    }
}

/// What sentences call a token.
fn called(name: &str) -> String {
    names::words(name)
}

/// A credential that the provider is known not to accept at the moment at which every exchange begins.
fn untimely(scenario: &Scenario<'_>) -> Option<TokenStream> {
    let contract = scenario.contract;
    if contract.credential() == Credential::RefreshToken {
        return None;
    }
    let end = match contract.request.when {
        RefreshWhen::AnyTime | RefreshWhen::Unknown => return None,
        RefreshWhen::BeforeExpiry => quote!(started_at()),
        RefreshWhen::AfterExpiry => quote!(started_at() + Duration::from_secs(1)),
        RefreshWhen::NearExpiry(lead) => {
            let lead = u64::try_from(lead.as_millis()).unwrap_or(u64::MAX);
            let later = lifetime(lead.saturating_add(1000));
            quote!(started_at() + #later)
        }
    };
    Some(scenario.credential_ending(&quote!(Expiry::At(#end))))
}

/// Each parameter: as `text`, left out where it has no default, and beside its list of values.
fn settings(scenario: &Scenario<'_>) -> Vec<Value> {
    let setting = scenario.contract.client.iter().map(|(name, parameter)| {
        let setter = names::ident(name);
        let missing = parameter.default.is_none();
        let listed = !parameter.one_of.is_empty();
        context! {
            name => value(text(name)),
            given => value(quote!(builder().#setter(text))),
            missing => missing.then(|| value(scenario.constant_builder(|other| other == name))),
            listed => listed.then(|| value(quote!(builder().#setter("not-listed")))),
        }
    });
    setting.collect()
}

/// The credential with each of its tokens in turn replaced, and what that token is called.
fn credentials(scenario: &Scenario<'_>) -> Vec<Value> {
    let (given, empty) =
        (scenario.spoiled_credentials(&quote!(text)), scenario.spoiled_credentials(&quote!("")));
    let spoiled = given.into_iter().zip(empty).zip(tokens(scenario));
    spoiled
        .map(|((given, empty), (_, name))| {
            context! { name => value(text(&name)), given => value(given), empty => value(empty) }
        })
        .collect()
}

/// The tokens of a credential, in the order of [`Scenario::spoiled_credentials`].
fn tokens(scenario: &Scenario<'_>) -> Vec<(Slot, String)> {
    let contract = scenario.contract;
    let access = (Slot::AccessToken, called(&contract.access.name));
    let refresh =
        contract.refresh.as_ref().map(|refresh| (Slot::RefreshToken, called(&refresh.name)));
    match contract.credential() {
        Credential::AccessToken => vec![access],
        Credential::RefreshToken => refresh.into_iter().collect(),
        Credential::Both => std::iter::once(access).chain(refresh).collect(),
    }
}

/// What only the request shows to be wrong: a text that no header carries, in each value that a header is made of, and a
/// refresh token that is too long.
fn texts(scenario: &Scenario<'_>) -> Vec<Value> {
    let contract = scenario.contract;
    let unsendable = |builder: TokenStream, credential: TokenStream, name: &str| context! { builder => value(builder), credential => value(credential), name => value(text(name)) };
    let settings = contract.client.iter().filter(|(name, parameter)| {
        parameter.kind == ParameterKind::Text
            && parameter.one_of.is_empty()
            && is_header(contract, &Slot::Client((*name).clone()))
    });
    let mut texts: Vec<_> = settings
        .map(|(name, _)| {
            let setter = names::ident(name);
            unsendable(quote!(builder().#setter("é")), quote!(credential()), name)
        })
        .collect();
    let spoiled = scenario.spoiled_credentials(&quote!("é")).into_iter();
    let sent = spoiled.zip(tokens(scenario));
    texts.extend(
        sent.filter(|(_, (slot, _))| is_header(contract, slot))
            .map(|(credential, (_, name))| unsendable(quote!(builder()), credential, &name)),
    );
    let longest = contract.refresh.as_ref().and_then(|refresh| refresh.max_length);
    if let (Some(length), Some((_, name))) = (longest, tokens(scenario).pop())
        && contract.credential() != Credential::AccessToken
    {
        let length = super::number(u64::from(length) + 1);
        let long = quote!("r".repeat(#length));
        let credential = scenario.credential(&quote!(HELD_ACCESS_TOKEN), &long);
        texts.push(unsendable(quote!(builder()), credential, &name));
    }
    texts
}

/// Whether headers are made of this value, each of them of no other.
fn is_header(contract: &Contract, slot: &Slot) -> bool {
    let auth = match &contract.request.auth {
        ClientAuth::Header { value, .. } => Some(value),
        _ => None,
    };
    let headers = contract.request.headers.iter().map(|(_, value)| value);
    let holds = |template: &&Template| template.slots().any(|used| used == slot);
    let mut holding = headers.chain(auth).filter(holds).peekable();
    holding.peek().is_some() && holding.all(|template| template.slots().count() == 1)
}

/// Answers of which a value is missing or of a wrong type, and the error that each is.
fn answers(scenario: &Scenario<'_>) -> Vec<Value> {
    let contract = scenario.contract;
    let (Some(access), Some(success)) = (contract.response.access_token.field(), &scenario.success)
    else {
        return Vec::new();
    };
    let response = &contract.response;
    let access_name = called(&contract.access.name);
    let refresh = scenario.replaceable();
    let refresh_name = refresh.map(|(refresh, _)| called(&refresh.name));
    let mut found = Vec::new();
    let mut add = |place: &Pointer, changed: Option<Json>, body: TokenStream, kind: TokenStream| {
        let mut read = success.clone();
        match changed {
            Some(changed) => place.put(&mut read, changed),
            None => place.remove(&mut read),
        }
        // What the contract takes for an error is not read.
        let outcome = contract.classify(scenario.status, read.to_string().as_bytes());
        if outcome == Outcome::Success {
            found.push(context! { body => value(body), kind => value(kind) });
        }
    };
    let missing = quote!(ErrorKind::Missing { what: #access_name });
    add(access, None, without(access), missing);
    let typed = [
        (Some(access), Some(access_name.as_str())),
        (refresh.map(|(_, place)| place), refresh_name.as_deref()),
        (response.token_type.as_ref().map(|declared| &declared.field), Some("token type")),
        (response.scope.as_ref(), Some("scope")),
    ];
    for (place, name) in typed {
        if let (Some(place), Some(name)) = (place, name) {
            let written = text(&place.to_string());
            let body = quote!(success().with(#written, "7"));
            let kind = quote!(ErrorKind::WrongType { what: #name, found: "a number" });
            add(place, Some(Json::from(7)), body, kind);
        }
    }
    let ends = [
        (Some(&contract.access.expires), Some(access_name.as_str())),
        (refresh.map(|(refresh, _)| &refresh.expires), refresh_name.as_deref()),
    ];
    for (expires, name) in ends {
        if let (Some(place), Some(name)) = (expires.and_then(|expires| expires.field()), name) {
            let (base, written) = (scenario.success_with_refresh(), text(&place.to_string()));
            let name = format!("{name} expiry");
            let body = quote!(#base.with(#written, "true"));
            let kind = quote!(ErrorKind::UnreadableExpiry { what: #name });
            add(place, Some(Json::Bool(true)), body, kind);
        }
    }
    found
}

/// A success without what is here.
fn without(place: &Pointer) -> TokenStream {
    let place = text(&place.to_string());
    quote!(success().without(#place))
}

/// The access token in a request of its own.
fn sent_as(scenario: &Scenario<'_>) -> Option<Value> {
    let (module, access) = (&scenario.module, &scenario.contract.access);
    access.sent_as.as_ref()?;
    let kind = names::type_ident(&access.name);
    Some(context! {
        token => value(quote!(#module::#kind::new("to\nken"))),
        name => value(text(&called(&access.name))),
    })
}
