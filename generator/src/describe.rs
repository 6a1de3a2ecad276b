//! Words for what a contract says, short enough for a line of a list or a cell of a table.

use crate::markdown::code;
use rekindle_contract::contract::{
    AccessRefusal, Contract, FieldMatch, Operation, StatusRange, duration_words,
};
use std::time::Duration;

/// `POST /oauth/token`
pub(crate) fn request(contract: &Contract) -> String {
    if contract.request.operation.is_local() {
        return "no request".to_owned();
    }
    format!("{} {}", contract.request.method, contract.request.path).trim_end().to_owned()
}

/// What an exchange is called: `refresh`, or `mint` where it spends nothing.
pub(crate) fn exchange(contract: &Contract) -> &'static str {
    if contract.request.operation.mints() { "mint" } else { "refresh" }
}

/// When, and how often, the provider accepts the request; `None` where that is always.
pub(crate) fn accepted(contract: &Contract) -> Option<String> {
    let mints = contract.mint.is_some();
    let limit = contract.limit().map(|limit| limit.sentence(mints));
    let apart = contract.request.at_most_every.map(apart);
    let all = [contract.request.when.sentence(), apart, limit];
    let all: Vec<String> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join(" "))
}

fn apart(shortest: Duration) -> String {
    format!(
        "The provider refuses a refresh that comes less than {} after the one before.",
        duration_words(shortest)
    )
}

/// What a request takes, in a few words: `the refresh token`.
pub(crate) fn takes(contract: &Contract) -> String {
    match contract.request.operation {
        Operation::ClientCredentials => {
            "no token: the client's own credentials bring one".to_owned()
        }
        Operation::SignIn => "no token: stored sign-in secrets bring one".to_owned(),
        Operation::Assertion => "no token: an assertion brings one".to_owned(),
        Operation::Local => "no token: the client makes and signs it".to_owned(),
        Operation::RefreshToken | Operation::AccessToken => {
            format!("the {}", contract.credential().label())
        }
    }
}

/// How a dead access token is refused, as Markdown: `401 or 403`, with `401, or 200 where a field is something`.
pub(crate) fn refused_with(contract: &Contract) -> String {
    let ways: Vec<String> = contract
        .access
        .refused_with
        .iter()
        .map(|refusal| match refusal {
            AccessRefusal::Status(status) => status.to_string(),
            AccessRefusal::Field(refusal) => {
                format!("{} where {}", statuses(&refusal.status), field(&refusal.field))
            }
        })
        .collect();
    let by_status = contract.access.refusing_fields().next().is_none();
    ways.join(if by_status { " or " } else { ", or " })
}

/// `200`, `500-599`, `any`
pub(crate) fn statuses(ranges: &[StatusRange]) -> String {
    let one = |range: &StatusRange| match range {
        &StatusRange::ALL => "any".to_owned(),
        StatusRange { first, last } if first == last => first.to_string(),
        StatusRange { first, last } => format!("{first}-{last}"),
    };
    ranges.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A condition on a field, as Markdown.
pub(crate) fn field(condition: &FieldMatch) -> String {
    let values = condition.values();
    let values: Vec<String> = values.iter().map(|value| code(value)).collect();
    match values.as_slice() {
        [] => format!("{} is there", code(&condition.field.to_string())),
        values => {
            let is = if condition.negated { "is there and is not" } else { "is" };
            format!("{} {is} {}", code(&condition.field.to_string()), values.join(" or "))
        }
    }
}
