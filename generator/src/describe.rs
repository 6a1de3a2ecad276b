//! Words for what a contract says, short enough for a line of a list or a cell of a table.

use crate::markdown::code;
use rekindle_contract::contract::{Contract, FieldMatch, StatusRange};

/// `POST /oauth/token`
pub(crate) fn request(contract: &Contract) -> String {
    format!("{} {}", contract.request.method, contract.request.path)
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
        values => {
            let is = if condition.negated { "is there and is not" } else { "is" };
            format!("{} {is} {}", code(&condition.field.to_string()), values.join(" or "))
        }
    }
}
