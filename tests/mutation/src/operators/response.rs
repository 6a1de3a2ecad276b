//! How the answer is read.

use super::vary;
use crate::mutation::Mutants;
use crate::operator::Operator;
use rekindle_contract::contract::{
    Contract, FieldMatch, Literal, Pointer, Response, Success, TokenPlace, TokenType,
};

/// Every mutation of the answer.
pub fn response(mutants: &mut Mutants<'_>, response: &Response) {
    let Response { success, access_token, refresh_token, token_type, scope } = response;
    self::success(mutants, success);
    access(mutants, access_token, refresh_token.as_ref());
    // A place for a token that nobody holds is read by no client.
    if mutants.contract.refresh.is_some() {
        refresh(mutants, refresh_token.as_ref(), access_token);
    }
    self::token_type(mutants, token_type.as_ref());
    if let Some(scope) = scope {
        for other in vary::pointers(scope) {
            mutants.add(Operator::ScopePlace, "response.scope", scope, &other, |contract| {
                contract.response.scope = Some(other.clone())
            });
        }
    }
}

fn success(mutants: &mut Mutants<'_>, success: &Success) {
    let Success { status, field } = success;
    for other in vary::statuses(status) {
        let (before, after) = (vary::show_statuses(status), vary::show_statuses(&other));
        mutants.add(
            Operator::SuccessStatus,
            "response.success.status",
            before,
            after,
            |contract| contract.response.success.status = other,
        );
    }
    let change = |mutants: &mut Mutants<'_>,
                  fact: &str,
                  before: String,
                  after: String,
                  to: Option<FieldMatch>| {
        let fact = format!("response.success{fact}");
        mutants.add(Operator::SuccessField, fact, before, after, |contract| {
            contract.response.success.field = to
        });
    };
    match field {
        None => {
            let ok = FieldMatch {
                field: Pointer { tokens: vec!["ok".to_owned()] },
                equals: vec![Literal::Bool(true)],
            };
            change(mutants, ".field", "none".to_owned(), ok.to_string(), Some(ok));
        }
        Some(field) => {
            change(mutants, ".field", field.to_string(), "none".to_owned(), None);
            for (part, before, after, other) in field_matches(field) {
                change(mutants, part, before, after, Some(other));
            }
        }
    }
}

/// Conditions beside this one: part, before, after, and the condition itself.
pub fn field_matches(field: &FieldMatch) -> Vec<(&'static str, String, String, FieldMatch)> {
    let FieldMatch { field: pointer, equals } = field;
    let places = vary::pointers(pointer).into_iter().map(|other| {
        let after = other.to_string();
        (".field", pointer.to_string(), after, FieldMatch { field: other, equals: equals.clone() })
    });
    let values = vary::values(equals).into_iter().map(|other| {
        let after = vary::show_values(&other);
        (
            ".equals",
            vary::show_values(equals),
            after,
            FieldMatch { field: pointer.clone(), equals: other },
        )
    });
    places.chain(values).collect()
}

fn access(mutants: &mut Mutants<'_>, place: &TokenPlace, refresh: Option<&Pointer>) {
    let others = match place {
        TokenPlace::Json(pointer) => {
            let pointers = vary::pointers(pointer).into_iter().chain(refresh.cloned());
            // A form has no depth.
            let form = (pointer.tokens.len() == 1).then(|| TokenPlace::Form(pointer.clone()));
            pointers.map(TokenPlace::Json).chain([TokenPlace::WholeBody]).chain(form).collect()
        }
        TokenPlace::Form(pointer) => {
            let pointers = vary::pointers(pointer).into_iter().chain(refresh.cloned());
            pointers
                .map(TokenPlace::Form)
                .chain([TokenPlace::WholeBody, TokenPlace::Json(pointer.clone())])
                .collect()
        }
        TokenPlace::WholeBody => {
            vec![TokenPlace::Json(Pointer { tokens: vec!["access_token".to_owned()] })]
        }
    };
    for other in others {
        let (before, after) = (show(place), show(&other));
        mutants.add(Operator::AccessPlace, "response.access_token", before, after, |contract| {
            contract.response.access_token = other
        });
    }
}

fn show(place: &TokenPlace) -> String {
    match place {
        TokenPlace::Json(pointer) => format!("`{pointer}`"),
        TokenPlace::Form(pointer) => format!("`{pointer}` of a form"),
        TokenPlace::WholeBody => "the whole body".to_owned(),
    }
}

fn refresh(mutants: &mut Mutants<'_>, place: Option<&Pointer>, access: &TokenPlace) {
    let mut change = |before: String, to: Option<Pointer>| {
        let after = to.as_ref().map_or("none".to_owned(), |pointer| format!("`{pointer}`"));
        mutants.add(
            Operator::RefreshPlace,
            "response.refresh_token",
            before,
            after,
            |contract: &mut Contract| {
                contract.response.refresh_token = to;
            },
        );
    };
    match (place, access.field()) {
        (None, Some(access)) => {
            let beside = access.tokens.split_last().map_or(&[][..], |(_, parents)| parents);
            let tokens = beside.iter().cloned().chain(["refresh_token".to_owned()]).collect();
            change("none".to_owned(), Some(Pointer { tokens }));
        }
        (None, None) => {}
        (Some(pointer), access) => {
            for other in vary::pointers(pointer).into_iter().chain(access.cloned()) {
                change(format!("`{pointer}`"), Some(other));
            }
            change(format!("`{pointer}`"), None);
        }
    }
}

fn token_type(mutants: &mut Mutants<'_>, token_type: Option<&TokenType>) {
    let mut change = |operator,
                      part: &str,
                      before: String,
                      after: String,
                      to: Option<TokenType>| {
        mutants.add(operator, format!("response.token_type{part}"), before, after, |contract| {
            contract.response.token_type = to
        });
    };
    let Some(TokenType { field, accepted }) = token_type else {
        let bearer = TokenType {
            field: Pointer { tokens: vec!["token_type".to_owned()] },
            accepted: vec!["Bearer".to_owned()],
        };
        change(
            Operator::TokenTypePlace,
            "",
            "none".to_owned(),
            "`/token_type`".to_owned(),
            Some(bearer),
        );
        return;
    };
    change(Operator::TokenTypePlace, "", format!("`{field}`"), "none".to_owned(), None);
    for other in vary::pointers(field) {
        let after = format!("`{other}`");
        let to = TokenType { field: other, accepted: accepted.clone() };
        change(Operator::TokenTypePlace, "", format!("`{field}`"), after, Some(to));
    }
    let mut lists: Vec<Vec<String>> =
        vec![accepted.iter().cloned().chain(["mac".to_owned()]).collect(), vec!["mac".to_owned()]];
    if accepted.len() > 1 {
        lists.extend((0..accepted.len()).map(|out| {
            let mut list = accepted.clone();
            list.remove(out);
            list
        }));
    }
    for list in lists {
        let (before, after) = (accepted.join(", "), list.join(", "));
        let to = TokenType { field: field.clone(), accepted: list };
        change(Operator::TokenTypeValues, ".accepted", before, after, Some(to));
    }
}
