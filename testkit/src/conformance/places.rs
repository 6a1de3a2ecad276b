//! Facts that answers tell in one of several places.

use super::bench::Bench;
use super::subject::Tokens;
use crate::{Document, answer, head};
use rekindle_contract::contract::Pointer;
use rekindle_runtime::Deviation;
use serde_json::Value;

/// A fact that may be in one of several places is read in the first one where there is something: neither nothing, nor `null`, nor an
/// empty text (R18).
pub fn alternative_places(bench: &Bench<'_>) {
    let response = &bench.contract.response;
    let refresh = bench.replaceable().map(|(refresh, _)| &refresh.expires);
    let places = [
        response.access_token.field(),
        bench.replaceable().map(|(_, place)| place),
        response.scope.as_ref(),
        bench.contract.access.expires.field(),
        refresh.and_then(|expires| expires.field()),
    ];
    for place in places.into_iter().flatten().filter(|place| !place.or.is_empty()) {
        in_each(bench, place);
    }
}

fn in_each(bench: &Bench<'_>, place: &Pointer) {
    let usual = bench.whole();
    let answer = head::moved(&bench.contract, answer(bench.status).body(usual.clone()));
    let json = bench.contract.answer(&head::lines(&answer), answer.body());
    let json = json.expect("it has fields");
    let told = place.find(&json).expect("the answer tells it").to_string();
    let expected = bench.tokens(usual.clone());
    let places: Vec<String> = place.all().map(ToString::to_string).collect();
    let bare = usual.without(&places[0]);
    for (index, here) in places.iter().enumerate() {
        for nothing in [None, Some("null"), Some("\"\"")] {
            let (before, behind) = (&places[..index], &places[index + 1..]);
            let mut answer = bare.with(here, &told);
            for place in before {
                answer = nothing.map_or(answer.clone(), |nothing| answer.with(place, nothing));
            }
            // What is behind it is not looked at.
            for place in behind {
                answer = answer.with(place, "\"not-this-one\"");
            }
            let tokens = bench.tokens(answer);
            assert_eq!(seen(&tokens), seen(&expected), "{here}, before it {nothing:?}");
        }
    }
    // A member that nobody declared is none of the places.
    for other in ["x", "value"].map(|name| bench.undeclared(name)) {
        let read = |answer: Document| bench.succeed(answer).ok().map(|tokens| seen(&tokens));
        assert_eq!(read(bare.with(&other, &told)), read(bare.clone()), "{other} is for {place}");
    }
    salvaged(bench, place, &places);
}

/// What an answer is read as.
fn seen(tokens: &Tokens) -> impl PartialEq + std::fmt::Debug + use<> {
    let refresh = tokens.refresh.as_ref().map(|token| (token.expose().to_owned(), token.expiry()));
    let access = (tokens.access.expose().to_owned(), tokens.access.expiry());
    let deviations: Vec<Deviation> = tokens.deviations.clone();
    (access, refresh, tokens.scope.clone(), deviations)
}

/// A new refresh token in a useless answer is found in every place.
fn salvaged(bench: &Bench<'_>, place: &Pointer, places: &[String]) {
    let is_refresh = bench.replaceable().is_some_and(|(_, refresh)| refresh == place);
    let access = bench.contract.response.access_token.field();
    for here in places.iter().filter(|_| is_refresh) {
        let answer = bench.success().without(&places[0]);
        let answer = answer.with(here, &Value::from(bench.new_refresh.as_str()).to_string());
        let unusable = access.into_iter().flat_map(Pointer::all);
        let unusable = unusable.fold(answer, |answer, place| answer.without(&place.to_string()));
        bench.assert_unusable(unusable, "replaced");
    }
}
