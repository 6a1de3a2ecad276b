//! What is told about an exchange.

use crate::network::Delivery;
use crate::provider::Verdict;
use http::Response;
use jiff::Timestamp;
use rekindle_contract::contract::Trouble;
use std::fmt;

/// An exchange, as a line about it can be printed: it shows no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What time it was at the provider.
    pub at: Timestamp,
    /// The provider's id; `None` where the request was for none.
    pub provider: Option<String>,
    /// The method.
    pub method: String,
    /// The path and the query, with whatever may be a secret masked.
    pub path: String,
    /// The status of the answer; `None` where none leaves.
    pub status: Option<u16>,
    /// Why the provider answered so; `None` where it did not see the request.
    pub verdict: Option<Verdict>,
    /// What was in the way.
    pub trouble: Option<Trouble>,
    /// What was done, or why not, where no provider was asked.
    pub said: Option<String>,
}

impl fmt::Display for Exchange {
    /// `2026-11-21T08:00:00Z  acme  POST /acme/token  401  refused by refresh-token-spent: …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whole seconds, as in the answer's date.
        let at = Timestamp::from_second(self.at.as_second()).unwrap_or(self.at);
        let provider = self.provider.as_deref().unwrap_or("-");
        let status = self.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
        let mut line = format!("{at}  {provider}  {} {}  {status}", self.method, self.path);
        for said in [self.of_verdict(), self.of_trouble(), self.said.clone()].into_iter().flatten()
        {
            line.push_str("  ");
            line.push_str(&said);
        }
        // What a client sends must not move a terminal's cursor.
        line.chars().try_for_each(|c| {
            if c.is_control() { write!(f, "{}", c.escape_default()) } else { write!(f, "{c}") }
        })
    }
}

impl Exchange {
    fn of_verdict(&self) -> Option<String> {
        Some(match self.verdict.as_ref()? {
            Verdict::Issued => "new tokens issued".to_owned(),
            Verdict::Replayed => "the answer of before, again".to_owned(),
            Verdict::Accepted => "access token accepted".to_owned(),
            Verdict::Prepared => "step answered".to_owned(),
            Verdict::Refused { rule, why } => format!("refused by {rule}: {why}"),
        })
    }

    fn of_trouble(&self) -> Option<String> {
        Some(match self.trouble? {
            Trouble::Fault(fault) => format!("fault {}: {}", fault.name(), fault.label()),
            Trouble::Refusal(index) => format!("a planned refusal, errors[{index}]"),
        })
    }
}

/// The status that leaves with a delivery.
pub(super) fn status(delivery: &Delivery) -> Option<u16> {
    answer(delivery).map(|response| response.status().as_u16())
}

/// The answer in a delivery, if any leaves.
pub(super) fn answer(delivery: &Delivery) -> Option<&Response<Vec<u8>>> {
    match delivery {
        Delivery::Answer(response)
        | Delivery::Late(response)
        | Delivery::SlowHead(response)
        | Delivery::Partial(response)
        | Delivery::Endless(response)
        | Delivery::Twice(response) => Some(response),
        Delivery::Unreachable | Delivery::Reset | Delivery::Silence => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Rule;
    use rekindle_contract::contract::Fault;

    #[test]
    fn a_line_has_no_other_line_in_it() {
        let exchange = Exchange {
            at: "2026-11-21T08:00:00.75Z".parse().unwrap(),
            provider: Some("acme".to_owned()),
            method: "POST".to_owned(),
            path: "/acme/token".to_owned(),
            status: None,
            verdict: Some(Verdict::Refused {
                rule: Rule::FieldTwice,
                why: "the body has the field \u{1b}[2J\n twice".to_owned(),
            }),
            trouble: Some(Trouble::Fault(Fault::ResetAfter)),
            said: None,
        };
        assert_eq!(
            exchange.to_string(),
            "2026-11-21T08:00:00Z  acme  POST /acme/token  ---  refused by field-twice: the body has the field \
             \\u{1b}[2J\\n twice  fault reset_after: the request is processed, and the answer is lost to a reset"
        );
    }
}
