//! The context of `conformance_expiry.rs.j2`.

use super::super::names;
use super::answer::{is_whole_body, pointer};
use super::scenario::{ACCESS_LIFE, REFRESH_LIFE, START, Scenario, lifetime};
use super::tokens::{number, text, value};
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::Expiry;

/// Ten years of 365 days, in seconds: no plausible lifetime is longer.
const LONGEST: u64 = 10 * 365 * 86_400;

/// The context of the tests about when tokens end.
pub fn context(scenario: &Scenario<'_>) -> Value {
    let ends = [access(scenario), refresh(scenario)];
    context! {
        expiries => ends.into_iter().flatten().collect::<Vec<_>>(),
        held_tokens => held_tokens(scenario),
        relative => relative(scenario),
    }
}

/// A token whose end is looked at.
struct End<'a> {
    token: &'a str,
    /// `access` or `refresh`.
    which: &'a str,
    expires: &'a Expiry,
    /// An answer that brings the token.
    base: TokenStream,
    /// An answer that brings the token, so that nothing of it outlives a failure.
    lossy: TokenStream,
    /// What the client makes of an answer whose token is `token`.
    jwt_answer: TokenStream,
    /// Whether a missing end is reported where the token should say it.
    reported: bool,
}

fn access(scenario: &Scenario<'_>) -> Option<Value> {
    let contract = scenario.contract;
    let jwt_answer = match contract.response.access_token.field() {
        None => quote!(token.as_str()),
        Some(place) => with_token(&quote!(success()), &place.to_string()),
    };
    end(
        scenario,
        &End {
            token: &contract.access.name,
            which: "access",
            expires: &contract.access.expires,
            base: quote!(success()),
            lossy: scenario.success_without_refresh(),
            jwt_answer,
            reported: true,
        },
    )
}

fn refresh(scenario: &Scenario<'_>) -> Option<Value> {
    let (refresh, place) = scenario.replaceable()?;
    let place = place.to_string();
    let (written, held) = (
        text(&place),
        text(&serde_json::Value::from(scenario.values.refresh.as_str()).to_string()),
    );
    end(
        scenario,
        &End {
            token: &refresh.name,
            which: "refresh",
            expires: &refresh.expires,
            // A new refresh token would outlive the failure.
            lossy: quote!(success().with(#written, #held)),
            base: scenario.success_with_refresh(),
            jwt_answer: with_token(&quote!(success()), &place),
            reported: false,
        },
    )
}

fn with_token(base: &TokenStream, place: &str) -> TokenStream {
    let place = text(place);
    quote!(#base.with(#place, &format!("\"{token}\"")))
}

fn end(scenario: &Scenario<'_>, end: &End<'_>) -> Option<Value> {
    let module = &scenario.module;
    let kind = names::type_ident(end.token);
    let name = |suffix: &str| value(names::ident(&format!("{}_expiry{suffix}", end.which)));
    let token = value(names::ident(end.token));
    if *end.expires == Expiry::Jwt {
        let jwt = context! {
            name => name(""),
            type => value(quote!(#module::#kind)),
            answer => value(&end.jwt_answer),
            reported => end.reported,
        };
        return Some(
            context! { token => token, field => (), jwt => jwt, ids => context! { accepted => id(end.which, "expiry") } },
        );
    }
    let field = end.expires.field().filter(|_| !is_whole_body(scenario.contract))?;
    let rows = rows(end.expires);
    let accepted = rows.accepted.iter().map(|(written, milliseconds)| {
        let (written, milliseconds) = (text(written), number(*milliseconds));
        quote!((#written, #milliseconds))
    });
    let refused = rows.refused.iter().map(|written| text(written));
    Some(context! {
        token => token,
        ids => context! {
            accepted => id(end.which, "expiry"),
            absent => id(end.which, "expiry-absent"),
            refused => id(end.which, "expiry-implausible"),
        },
        field => pointer(field),
        jwt => (),
        base => value(&end.base),
        accepted => context! { name => name(""), rows => value(quote!([#(#accepted),*])) },
        past => rows.past.map(|written| value(text(&written))),
        absent => context! { name => name("_absent") },
        refused => context! { name => name("_implausible"), answer => value(&end.lossy), rows => value(quote!([#(#refused),*])) },
    })
}

/// The doc line that names the page.
fn id(which: &str, check: &str) -> Value {
    let line = format!(" `rekindle explain {which}-{check}`");
    value(quote!(#[doc = #line]))
}

/// What may stand in a field that says when a token ends.
struct Rows {
    /// What is written, and how many milliseconds after the start of the exchange the token then ends.
    accepted: Vec<(String, u64)>,
    /// What is written for a token that ended a day before the exchange began.
    past: Option<String>,
    /// What breaks the contract.
    refused: Vec<String>,
}

fn rows(expires: &Expiry) -> Rows {
    match expires {
        Expiry::Milliseconds(_) => relative_rows(1000),
        Expiry::UnixSeconds(_) => absolute_rows(1),
        Expiry::UnixMilliseconds(_) => absolute_rows(1000),
        Expiry::Rfc3339(_) => date_rows(),
        _ => relative_rows(1),
    }
}

/// What no number of any unit looks like.
const NEVER_A_NUMBER: [&str; 8] =
    ["-1", "true", "\"soon\"", "\"NaN\"", "{}", "[]", "1e400", "1e30"];

fn relative_rows(unit: u64) -> Rows {
    let (hour, longest) = (3600 * unit, LONGEST * unit);
    let mut accepted = writings(hour, 3_600_000);
    accepted.extend([("0".to_owned(), 0), (longest.to_string(), LONGEST * 1000)]);
    if unit == 1 {
        accepted.push(("1.5".to_owned(), 1500));
    }
    let mut refused: Vec<_> = NEVER_A_NUMBER.map(str::to_owned).into();
    // The last two are an instant where a lifetime should be.
    refused.extend([
        (longest + 1).to_string(),
        (START.1 * unit).to_string(),
        (START.1 * unit * 1000).to_string(),
    ]);
    Rows { accepted, past: None, refused }
}

fn absolute_rows(unit: u64) -> Rows {
    let mut accepted = writings((START.1 + 3600) * unit, 3_600_000);
    let last = (START.1 + LONGEST) * unit;
    let first = (START.1 - 86_400) * unit;
    accepted.extend([((START.1 * unit).to_string(), 0), (last.to_string(), LONGEST * 1000)]);
    let mut refused: Vec<_> = NEVER_A_NUMBER.map(str::to_owned).into();
    // The last two are a lifetime where an instant should be, and an instant in the other unit.
    let other_unit = if unit == 1 { START.1 * 1000 } else { START.1 };
    refused.extend([last + 1, first - 1, 3600 * unit, other_unit].map(|number| number.to_string()));
    Rows { accepted, past: Some(first.to_string()), refused }
}

fn date_rows() -> Rows {
    let accepted = [
        ("\"2026-11-21T09:00:00Z\"", 3_600_000),
        ("\"2026-11-21T10:30:00+01:30\"", 3_600_000),
        ("\"2026-11-21T08:00:01.5Z\"", 1500),
        ("\"2036-11-18T08:00:00Z\"", LONGEST * 1000),
    ];
    let refused = [
        "1795251600",
        "true",
        "{}",
        "[]",
        "\"soon\"",
        "\"2026-11-21\"",
        "\"2026-11-21T09:00:00\"",
        "\"2036-11-18T08:00:01Z\"",
        "\"2026-11-20T07:59:59Z\"",
        "\"1970-01-01T01:00:00Z\"",
    ];
    Rows {
        accepted: accepted.map(|(written, end)| (written.to_owned(), end)).into(),
        past: Some("\"2026-11-20T08:00:00Z\"".to_owned()),
        refused: refused.map(str::to_owned).into(),
    }
}

/// The ways to write one number.
fn writings(number: u64, end: u64) -> Vec<(String, u64)> {
    [format!("{number}"), format!("{number}.0"), format!("\"{number}\""), format!("\"{number}.0\"")]
        .map(|written| (written, end))
        .into()
}

/// The types of the tokens, and the end of one that says nothing.
fn held_tokens(scenario: &Scenario<'_>) -> Vec<Value> {
    let (module, contract) = (&scenario.module, scenario.contract);
    let token = |name: &str, expires: &Expiry| {
        let kind = names::type_ident(name);
        let expiry = if *expires == Expiry::Never {
            quote!(Expiry::Never)
        } else {
            quote!(Expiry::Undeclared)
        };
        context! { type => value(quote!(#module::#kind)), expiry => value(expiry) }
    };
    let mut tokens = vec![token(&contract.access.name, &contract.access.expires)];
    tokens.extend(contract.refresh.as_ref().map(|refresh| token(&refresh.name, &refresh.expires)));
    tokens
}

/// The tokens whose end counts from the start of the exchange, and how long they live.
fn relative(scenario: &Scenario<'_>) -> Vec<Value> {
    let contract = scenario.contract;
    let life = |expires: &Expiry, life: u64| match expires {
        Expiry::Seconds(_) | Expiry::Milliseconds(_) => Some(life * 1000),
        Expiry::Constant(lifetime) => u64::try_from(lifetime.as_millis()).ok(),
        _ => None,
    };
    let row = |name: &str, milliseconds: u64| {
        context! { field => value(names::ident(name)), lifetime => value(lifetime(milliseconds)) }
    };
    let mut rows = Vec::new();
    rows.extend(
        life(&contract.access.expires, ACCESS_LIFE).map(|life| row(&contract.access.name, life)),
    );
    if let (Some((refresh, _)), Some(answered)) =
        (scenario.replaceable(), scenario.answered_refresh())
    {
        let renewed =
            answered != scenario.values.refresh || !matches!(refresh.expires, Expiry::Constant(_));
        let life = life(&refresh.expires, REFRESH_LIFE).filter(|_| renewed);
        rows.extend(life.map(|life| row(&refresh.name, life)));
    }
    rows
}
