//! The context of `conformance_answer.rs.j2`.

use super::super::names;
use super::scenario::{ACCESS_LIFE, REFRESH_LIFE, Scenario, expected_expiry};
use super::tokens::{number, text, value};
use super::verdict::{refusals, refused};
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{
    Contract, Credential, ErrorRule, Expiry, FORM, Outcome, Pointer, RefreshToken, RefreshWhen,
    Rotation, TokenPlace,
};
use std::collections::BTreeSet;

/// The context of the tests about a success.
pub fn context(scenario: &Scenario<'_>) -> Value {
    let contract = scenario.contract;
    let fate = contract.fate_after_sending().label();
    context! {
        access => value(names::ident(&contract.access.name)),
        fate => value(fate),
        declared => declared(scenario).into_iter().map(value).collect::<Vec<_>>(),
        statuses => statuses(scenario),
        field => field(scenario),
        json => json_part(scenario),
        too_large => value(quote!(assert_unusable(body, #fate);)),
        kept => kept(scenario),
        refresh => refresh(scenario),
        token_type => token_type(scenario),
        scope => contract.response.scope.as_ref().map(pointer),
    }
}

/// A pointer as it is written in a spec.
pub fn pointer(pointer: &Pointer) -> Value {
    value(text(&pointer.to_string()))
}

/// What the tokens of the usual success are.
fn declared(scenario: &Scenario<'_>) -> Vec<TokenStream> {
    let contract = scenario.contract;
    let access = names::ident(&contract.access.name);
    let expiry = expected_expiry(&contract.access.expires, ACCESS_LIFE);
    let mut checks = vec![
        quote!(assert_eq!(tokens.#access.expose(), NEW_ACCESS_TOKEN);),
        quote!(assert_eq!(tokens.#access.expiry(), #expiry);),
    ];
    if let Some(refresh) = &contract.refresh {
        let field = names::ident(&refresh.name);
        let new = scenario.answered_refresh().is_some_and(|token| token != scenario.values.refresh);
        let token = names::ident(if new { "NEW_REFRESH_TOKEN" } else { "HELD_REFRESH_TOKEN" });
        let expiry = refresh_expiry(scenario, &refresh.expires);
        checks.push(quote!(assert_eq!(tokens.#field.expose(), #token);));
        checks.push(quote!(assert_eq!(tokens.#field.expiry(), #expiry);));
    }
    checks
}

/// The end of the refresh token after the usual success. One that is kept has the end that it had.
fn refresh_expiry(scenario: &Scenario<'_>, expires: &Expiry) -> TokenStream {
    let answered = scenario.answered_refresh();
    let same = answered == Some(scenario.values.refresh.as_str());
    match expires {
        Expiry::Jwt if same || answered.is_none() => {
            quote!(Expiry::At(started_at() + Duration::from_secs(86_400)))
        }
        Expiry::Constant(_) if same => quote!(Expiry::Undeclared),
        Expiry::Never | Expiry::Undeclared => expected_expiry(expires, REFRESH_LIFE),
        _ if answered.is_none() => quote!(Expiry::Undeclared),
        _ => expected_expiry(expires, REFRESH_LIFE),
    }
}

/// The ends of each range of a success, and the statuses beside them.
fn statuses(scenario: &Scenario<'_>) -> Value {
    let contract = scenario.contract;
    let body = scenario.success.as_ref().map_or(scenario.new_access.clone(), ToString::to_string);
    let is_success = |status: u16| contract.classify(status, body.as_bytes()) == Outcome::Success;
    let ranges = &contract.response.success.status;
    let ends: BTreeSet<u16> = ranges.iter().flat_map(|range| [range.first, range.last]).collect();
    let accepted = ends.iter().copied().filter(|status| is_success(*status)).map(number);
    let near = ranges
        .iter()
        .flat_map(|range| [range.first - 1, range.last + 1])
        .chain([199, 201, 204, 299, 300]);
    let near: BTreeSet<u16> =
        near.filter(|status| (100..=599).contains(status) && !is_success(*status)).collect();
    let success =
        if scenario.success.is_some() { quote!(&success().text()) } else { quote!(success()) };
    let mut by_rule: Vec<(&ErrorRule, Vec<u16>)> = Vec::new();
    for status in near {
        let Outcome::Refused(rule) = contract.classify(status, body.as_bytes()) else {
            continue;
        };
        match by_rule.iter_mut().find(|(by, _)| std::ptr::eq(*by, rule)) {
            Some((_, statuses)) => statuses.push(status),
            None => by_rule.push((rule, vec![status])),
        }
    }
    let checks = by_rule
        .into_iter()
        .map(|(rule, statuses)| value(refused(contract, rule, &[(statuses, success.clone())])));
    context! { accepted => accepted.map(value).collect::<Vec<_>>(), refused => checks.collect::<Vec<_>>() }
}

/// The field of a success: each of its values, and what is none of them.
fn field(scenario: &Scenario<'_>) -> Option<Value> {
    let contract = scenario.contract;
    let field = contract.response.success.field.as_ref()?;
    let success = scenario.success.as_ref()?;
    let values: Vec<_> = if field.equals.is_empty() {
        vec![serde_json::Value::Bool(true), serde_json::Value::from("any")]
    } else {
        field.equals.iter().map(serde_json::Value::from).collect()
    };
    let with = |found: serde_json::Value| {
        let mut body = success.clone();
        field.field.put(&mut body, found);
        body
    };
    let is_success = |body: &serde_json::Value| {
        contract.classify(scenario.status, body.to_string().as_bytes()) == Outcome::Success
    };
    let accepted = values.iter().filter(|found| is_success(&with((*found).clone())));
    let accepted: Vec<_> = accepted.map(|found| value(text(&found.to_string()))).collect();
    let mut others: Vec<_> =
        values.iter().map(other_type).chain(values.iter().flat_map(near)).map(with).collect();
    others.push(with(serde_json::Value::Null));
    let mut without = success.clone();
    field.field.remove(&mut without);
    others.push(without);
    let checks =
        refusals(contract, others.into_iter().map(|body| (scenario.status, body.to_string())));
    Some(context! {
        pointer => pointer(&field.field),
        accepted => accepted,
        refused => checks.into_iter().map(value).collect::<Vec<_>>(),
    })
}

/// The same in another type: `true` is not `"true"`.
fn other_type(found: &serde_json::Value) -> serde_json::Value {
    match found {
        serde_json::Value::String(_) => serde_json::Value::from(0),
        other => serde_json::Value::from(other.to_string()),
    }
}

/// Values that are nearly this one.
fn near(found: &serde_json::Value) -> [serde_json::Value; 2] {
    match found {
        serde_json::Value::Bool(value) => [(!value).into(), u8::from(*value).into()],
        serde_json::Value::String(text) => [format!("{text}?").into(), "".into()],
        other => {
            let number = other.as_i64().unwrap_or_default();
            [number.wrapping_sub(1).into(), number.wrapping_add(1).into()]
        }
    }
}

/// What holds for answers with fields alone.
fn json_part(scenario: &Scenario<'_>) -> Option<Value> {
    let place = scenario.contract.response.access_token.field()?;
    let (last, parents) = place.tokens.split_last()?;
    let parents = (1..=parents.len()).map(|length| Pointer { tokens: parents[..length].to_vec() });
    let [name, token] =
        [last, &scenario.new_access].map(|text| serde_json::Value::from(text.as_str()).to_string());
    Some(context! {
        access => pointer(place),
        twice_in_form => value(text(&format!("{last}=first"))),
        parents => parents.map(|parent| pointer(&parent)).collect::<Vec<_>>(),
        twice => value(text(&format!("\"first\",{name}:{token}"))),
        without_refresh => value(scenario.success_without_refresh()),
        unreadable => value(unreadable(scenario)),
        form => is_form(scenario.contract),
    })
}

/// Bodies that cannot be read; where the contract names one of them as an error, it is not among them.
fn unreadable(scenario: &Scenario<'_>) -> TokenStream {
    let contract = scenario.contract;
    let unnamed = |body: &&str| match contract.classify(scenario.status, body.as_bytes()) {
        Outcome::Success => true,
        Outcome::Refused(rule) => rule.is_default(),
    };
    let bodies = ["", " ", "null", "7", "[]", "<html>OK</html>", "{}}", "{\"a\":}"];
    let form = form_instead(scenario);
    let bodies = bodies.into_iter().chain(form.as_deref());
    let bodies = bodies.filter(unnamed).map(text);
    // A form that was cut is one still.
    let cut = (!is_form(contract)).then(|| quote!(cut,));
    quote!([#(#bodies,)* #cut deep.as_str()])
}

/// The fields of a success as a form, which is none where answers are JSON; `None` where no form can hold them.
fn form_instead(scenario: &Scenario<'_>) -> Option<String> {
    let TokenPlace::Json(place) = &scenario.contract.response.access_token else {
        return None;
    };
    if place.tokens.len() > 1 {
        return None;
    }
    let mut forms = scenario.contract.clone();
    forms.response.access_token = TokenPlace::Form(place.clone());
    let (media_type, body) = forms.written(&forms.told(scenario.success.clone()?));
    (media_type == FORM).then_some(body)
}

/// The refresh token that is held, where an answer brings none.
fn kept(scenario: &Scenario<'_>) -> Option<Value> {
    let refresh = scenario.contract.refresh.as_ref()?;
    let reported =
        matches!(refresh.rotation, Rotation::Always | Rotation::Echo | Rotation::KeepsOld)
            && scenario.replaceable().is_some();
    Some(context! {
        field => value(names::ident(&refresh.name)),
        credential => value(scenario.credential_kept_until(&quote!(Expiry::At(end)))),
        reported => reported.then(|| value(quote!(Deviation::RefreshTokenMissing))),
    })
}

/// The end of a token that the answer repeats, where the one held has another: a documented lifetime runs from the issue, and
/// what the answer or the token says counts. None where neither says anything.
fn repeated_end(scenario: &Scenario<'_>, refresh: &RefreshToken) -> Option<TokenStream> {
    match &refresh.expires {
        Expiry::Constant(_) => Some(quote!(Expiry::At(end))),
        Expiry::Jwt => Some(quote!(Expiry::At(started_at() + Duration::from_secs(86_400)))),
        Expiry::Never | Expiry::Undeclared => None,
        expires => scenario.answered_refresh().map(|_| expected_expiry(expires, REFRESH_LIFE)),
    }
}

/// What is held after an answer that brings a new refresh token and nothing else.
fn salvaged(scenario: &Scenario<'_>, refresh: &RefreshToken) -> Value {
    let contract = scenario.contract;
    let end = match &refresh.expires {
        Expiry::Never => quote!(Expiry::Never),
        Expiry::Jwt => expected_expiry(&refresh.expires, REFRESH_LIFE),
        _ => quote!(Expiry::Undeclared),
    };
    let field = names::ident(&refresh.name);
    let (texts, place) = match contract.credential() {
        Credential::Both => (quote!([HELD_ACCESS_TOKEN, NEW_REFRESH_TOKEN]), quote!(.#field)),
        Credential::RefreshToken | Credential::AccessToken => {
            (quote!([NEW_REFRESH_TOKEN]), quote!())
        }
    };
    let other = (contract.credential() == Credential::Both).then(|| {
        context! {
            field => value(names::ident(&contract.access.name)),
            end => value(match contract.request.when {
                RefreshWhen::NearExpiry(_) | RefreshWhen::AfterExpiry => {
                    quote!(started_at() - Duration::from_secs(61))
                }
                _ => quote!(started_at() + Duration::from_secs(61)),
            }),
            credential => value(scenario.credential_ending(&quote!(end))),
        }
    });
    context! { texts => value(texts), place => value(place), end => value(end), other => other }
}

fn refresh(scenario: &Scenario<'_>) -> Option<Value> {
    let (refresh, place) = scenario.replaceable()?;
    let unexpected = matches!(refresh.rotation, Rotation::Never | Rotation::Echo);
    let unchanged = matches!(refresh.rotation, Rotation::Always | Rotation::KeepsOld);
    let reported = |deviation: TokenStream, is: bool| {
        let not = if is { quote!() } else { quote!(!) };
        value(quote!(assert!(#not tokens.deviations.contains(&Deviation::#deviation));))
    };
    let json = |token: &str| value(text(&serde_json::Value::from(token).to_string()));
    Some(context! {
        place => pointer(place),
        field => value(names::ident(&refresh.name)),
        new => json(&scenario.new_refresh),
        same => json(&scenario.values.refresh),
        unexpected => reported(quote!(RefreshTokenUnexpected), unexpected),
        unchanged => reported(quote!(RefreshTokenUnchanged), unchanged),
        too_long => refresh.max_length.and_then(|length| length.checked_add(1)).map(|length| value(number(length))),
        repeated_end => repeated_end(scenario, refresh).map(value),
        salvaged => salvaged(scenario, refresh),
    })
}

fn token_type(scenario: &Scenario<'_>) -> Option<Value> {
    let token_type = scenario.contract.response.token_type.as_ref()?;
    let spellings: BTreeSet<String> = token_type
        .accepted
        .iter()
        .flat_map(|name| [name.clone(), name.to_ascii_lowercase(), name.to_ascii_uppercase()])
        .collect();
    let accepted =
        spellings.iter().map(|name| text(&serde_json::Value::from(name.as_str()).to_string()));
    let is_accepted =
        |name: &str| token_type.accepted.iter().any(|known| known.eq_ignore_ascii_case(name));
    let unknown = OTHER_TYPES.iter().filter(|name| !is_accepted(name));
    let unknown = unknown.map(|name| text(&serde_json::Value::from(*name).to_string()));
    Some(context! {
        place => pointer(&token_type.field),
        accepted => accepted.map(value).collect::<Vec<_>>(),
        unknown => unknown.map(value).collect::<Vec<_>>(),
    })
}

/// Token types that are registered or seen, and names that begin or end like one.
const OTHER_TYPES: [&str; 6] = ["mac", "DPoP", "N_A", "BearerX", "Beare", "not-declared"];

/// Whether answers are forms.
pub fn is_form(contract: &Contract) -> bool {
    matches!(contract.response.access_token, TokenPlace::Form(_))
}

/// Whether the body of an answer is the token itself.
pub fn is_whole_body(contract: &Contract) -> bool {
    contract.response.access_token == TokenPlace::WholeBody
}
