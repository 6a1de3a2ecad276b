//! Whose an error is, and what it is about.

use super::bench::{Bench, started_at};
use super::request::untimely;
use super::subject::{Failed, Spends};
use super::values::is_header;
use crate::{SPLITTING, answer};
use rekindle_contract::contract::{
    Credential, Outcome, ParameterKind, Pointer, RefreshUse, SentAs, Slot,
};
use rekindle_runtime::{Error, ErrorKind, Expiry, TransportError, TransportErrorKind};
use serde_json::Value;

/// An error says whose it is: before anything is sent, by the answer, and without one.
pub fn errors_name_the_provider(bench: &Bench<'_>) {
    let name = bench.contract.provider.name.as_str();
    assert_eq!(bench.subject.name(), name);
    let at = super::subject::At::Url("http://provider.example");
    let setting = bench.subject.client(at, &bench.given()).err().expect("it is not https");
    assert_eq!(setting.provider(), Some(name));

    let spoiled = bench.spoiled("").into_iter().map(|(spends, _)| spends);
    let untimely = untimely(bench).map(|end| bench.ending(Expiry::At(end)));
    let mut errors: Vec<Failed> = spoiled.chain(untimely).map(|it| unsent(bench, &it)).collect();
    let (status, _) = super::errors::refusal(&bench.contract).expect("there is a refusal");
    errors.push(bench.finish(answer(status).json("{}")).expect_err("the answer is an error"));
    let field = bench.contract.response.access_token.field();
    let unusable = match field.filter(|place| !place.is_whole()) {
        Some(place) => bench.success().without(&place.to_string()).text(),
        None => "<html>".to_owned(),
    };
    errors.push(bench.succeed(unusable).expect_err("the answer cannot be used"));
    errors.push(bench.lost(TransportError::not_sent(TransportErrorKind::Connect, "refused")));
    for error in &errors {
        assert_eq!(error.error.provider(), Some(name), "{error}");
    }
}

/// Why no request is made of these tokens.
#[track_caller]
fn unsent(bench: &Bench<'_>, spends: &Spends) -> Failed {
    bench.client().start(spends, started_at()).err().expect("no request is made")
}

/// An error names the setting that it is about by its key.
pub fn errors_name_the_setting(bench: &Bench<'_>) {
    for (name, parameter) in &bench.contract.client {
        let listed = (!parameter.one_of.is_empty()).then_some("not-listed");
        for text in SPLITTING.into_iter().chain([""]).chain(listed) {
            let error = bench.built_with(name, text).err();
            assert_eq!(named(&error.expect("the settings cannot be used")), name);
        }
    }
}

/// An error names the value that it is about as the contract does: a parameter by its key, a token by its name in words.
pub fn errors_name_the_value(bench: &Bench<'_>) {
    let contract = &bench.contract;
    for text in SPLITTING.into_iter().chain([""]) {
        for (spends, name) in bench.spoiled(text) {
            assert_eq!(named(&unsent(bench, &spends).error), name);
        }
    }
    only_the_request_shows(bench);
    if matches!(contract.access.sent_as, Some(SentAs::Header { .. } | SentAs::Cookie(_))) {
        let split = bench.subject.authorize("to\nken", &mut http::Request::new(()));
        let split = split.expect("the token can be sent").expect_err("it would split the header");
        assert_eq!(named(&split), contract.access.name.replace('_', " "));
    }
    answers(bench);
}

/// The setting or the credential that an error is about.
#[track_caller]
fn named(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::InvalidCredential { what, .. } => what,
        other => panic!("{other:?} names no value"),
    }
}

/// What only the request shows to be wrong: a text that no header carries, in each value that a header is made of, and a
/// refresh token that is too long.
fn only_the_request_shows(bench: &Bench<'_>) {
    let contract = &bench.contract;
    for (name, parameter) in &contract.client {
        let free = parameter.kind == ParameterKind::Text && parameter.one_of.is_empty();
        if free && is_header(contract, &Slot::Client(name.clone())) {
            let client = bench.built_with(name, "é").expect("it can be used");
            let error = client.start(&bench.held(), started_at()).err();
            assert_eq!(named(&error.expect("no request is made").error), name);
        }
    }
    let slots = match contract.credential() {
        Credential::AccessToken => vec![Slot::AccessToken],
        Credential::RefreshToken => vec![Slot::RefreshToken],
        Credential::Both => vec![Slot::AccessToken, Slot::RefreshToken],
        Credential::Nothing => Vec::new(),
    };
    for ((spends, name), slot) in bench.spoiled("é").into_iter().zip(slots) {
        if is_header(contract, &slot) {
            assert_eq!(named(&unsent(bench, &spends).error), name);
        }
    }
    let longest = contract.refresh.as_ref().and_then(|refresh| refresh.max_length);
    if let Some(length) = longest
        && contract.credential().holds_refresh_token()
        && let Some((_, name)) = bench.spoiled("").pop()
    {
        let mut spends = bench.held();
        spends.refresh.text = "r".repeat(length as usize + 1);
        assert_eq!(named(&unsent(bench, &spends).error), name);
    }
}

/// What is wrong with a value of an answer.
enum Wrong {
    Missing,
    Number,
}

/// Answers of which a value is missing or of a wrong type, and the error that each is.
fn answers(bench: &Bench<'_>) {
    let contract = &bench.contract;
    let (Some(access), Some(success)) = (contract.response.access_token.field(), &bench.fields)
    else {
        return;
    };
    if contract.response.access_token.is_whole() {
        return;
    }
    let response = &contract.response;
    let access_name = contract.access.name.replace('_', " ");
    let replaceable = bench.replaceable();
    let refresh_name = replaceable.map(|(refresh, _)| refresh.name.replace('_', " "));
    let check = |place: &Pointer, name: &str, wrong: Wrong| {
        // Where answers hold texts alone, no type is wrong.
        if matches!(wrong, Wrong::Number) && !bench.can_send_at(&place.to_string(), "7") {
            return;
        }
        let mut read = success.clone();
        let (place_text, changed) = (
            place.to_string(),
            match wrong {
                Wrong::Missing => None,
                Wrong::Number => Some(Value::from(7)),
            },
        );
        let body = match &changed {
            None => bench.success().without(&place_text),
            Some(value) => bench.success().with(&place_text, &value.to_string()),
        };
        match changed {
            None => super::made::remove(&mut read, place),
            Some(value) => super::made::put(&mut read, place, value),
        }
        // What the contract takes for an error is not read.
        if bench.outcome(bench.status, bench.written(&read).as_bytes()) != Outcome::Success {
            return;
        }
        let error = bench.succeed(body).expect_err("the answer cannot be used");
        let found = match (error.error.kind(), &wrong) {
            (ErrorKind::Missing { what }, Wrong::Missing)
            | (ErrorKind::WrongType { what, found: "a number" }, Wrong::Number) => *what,
            (other, _) => panic!("{place_text}: {other:?}"),
        };
        assert_eq!(found, name, "{place_text}");
    };
    check(access, &access_name, Wrong::Missing);
    // A new one that cannot be used costs nothing where the old one is good for many exchanges.
    let spent = replaceable.filter(|(refresh, _)| refresh.use_ != RefreshUse::Many);
    let demanded = response.token_type.as_ref().filter(|declared| declared.demanded);
    let typed = [
        (Some(access), Some(access_name.as_str())),
        (spent.map(|(_, place)| place), refresh_name.as_deref()),
        (demanded.map(|declared| &declared.field), Some("token type")),
    ];
    for (place, name) in typed {
        if let (Some(place), Some(name)) = (place, name) {
            check(place, name, Wrong::Number);
        }
    }
}
