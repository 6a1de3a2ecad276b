//! Words for what a contract says, short enough for a line of a list or a cell of a table.

use crate::markdown::code;
use rekindle_contract::contract::{Contract, FieldMatch, MintLimit, Operation, StatusRange};

/// `POST /oauth/token`
pub(crate) fn request(contract: &Contract) -> String {
    format!("{} {}", contract.request.method, contract.request.path)
}

/// What an exchange is called: `refresh`, or `mint` where it spends nothing.
pub(crate) fn exchange(contract: &Contract) -> &'static str {
    if contract.request.operation.mints() { "mint" } else { "refresh" }
}

/// When, and how often, the provider accepts the request; `None` where that is always.
pub(crate) fn accepted(contract: &Contract) -> Option<String> {
    let limit = contract.mint.and_then(|mint| mint.limit);
    contract.request.when.sentence().or_else(|| limit.map(MintLimit::sentence))
}

/// What a request takes, in a few words: `the refresh token`.
pub(crate) fn takes(contract: &Contract) -> String {
    match contract.request.operation {
        Operation::ClientCredentials => {
            "no token: the client's own credentials bring one".to_owned()
        }
        Operation::SignIn => "no token: stored sign-in secrets bring one".to_owned(),
        Operation::Assertion => "no token: an assertion brings one".to_owned(),
        Operation::RefreshToken | Operation::AccessToken => {
            format!("the {}", contract.credential().label())
        }
    }
}

/// The statuses that refuse a dead access token: `401 or 403`.
pub(crate) fn refused_with(contract: &Contract) -> String {
    let statuses = contract.access.refused_with.iter();
    statuses.map(u16::to_string).collect::<Vec<_>>().join(" or ")
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
        values => format!("{} is {}", code(&condition.field.to_string()), values.join(" or ")),
    }
}
