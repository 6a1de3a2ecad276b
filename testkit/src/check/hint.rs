//! Where to look when a refresh did not bring what the contract says.

use super::exchange::Exchange;
use super::told;
use crate::held::{Lost, Outcome};
use http::Response;
use rekindle_contract::contract::{ErrorClass, ErrorRule, Fate};
use rekindle_syntax::BodyKind;

/// What to look at where a refresh does not succeed and nothing says why.
const DRIFTED: &str = "the request may be what differs: `refresh.request`, `refresh.auth`, `refresh.headers`, what is made \
     for each request in `refresh.values`, or what it sends in `refresh.query`, `refresh.form` or `refresh.json`";

const DEAD: &str = "the credential that was given is dead, and the request may be right: sign in again, and give the new one";

const CLIENT: &str = "the client is refused: look first at its values as given here, then at `refresh.auth`; some answer so to whatever differs in \
     `refresh.request`, `refresh.headers` or `refresh.form`";

const EITHER: &str = "the credential may be dead, or the client is refused, and the answer does not tell which: sign in again, and give the new \
     credential; then look at the client's values as given here, and at `refresh.auth`";

/// Where requests of the same kind have succeeded, the kind is not what differs.
const LATER: &str = "a request like this one succeeded before in this run: something has ended what it brought, or limits how often it is sent; or \
     `response.refresh_token` and `tokens.refresh` are not as the provider does it";

/// Where an answer that has a status of success names an error.
pub(super) const NAMES_ERROR: &str =
    "the answer names an error: `errors` may lack a rule for it, such as one with `status: 200`";

const PAGE: &str = "something else than the token endpoint has answered: look at `--base-url`, and at gateways and firewalls before the provider";

const CODED: &str = "look at what is between the provider and this machine: the answer was written in another way on its way";

/// What is true of a credential in doubt, whatever is wrong with the provider.
const IN_DOUBT: &str = "the provider may be busy or down, and may have used the credential up: it is not sent again. The provider's log may say what \
     became of it; else sign in again";

/// The one place to look at where an answer is no success. `rule` is that of the contract which took it.
pub(super) fn of_refusal(
    rule: Option<&ErrorRule>,
    exchange: &Exchange,
    answer: &Response<Vec<u8>>,
) -> String {
    let class = rule.map(|rule| rule.class);
    let status = answer.status().as_u16();
    let is_of_provider = matches!(class, Some(ErrorClass::RateLimited | ErrorClass::Transient))
        || (class.is_none() && matches!(status, 429 | 500..=599));
    match is_of_provider {
        true => of_trouble(exchange, told::wait(answer, rule)),
        false => of_verdict(rule, exchange, answer).to_owned(),
    }
}

/// The same where the provider has no trouble of its own.
fn of_verdict(
    rule: Option<&ErrorRule>,
    exchange: &Exchange,
    answer: &Response<Vec<u8>>,
) -> &'static str {
    let code = told::code(answer).map(|(_, code)| code);
    let refuses_client = matches!(code.as_deref(), Some("invalid_client" | "unauthorized_client"));
    let is_page = told::body(answer) == BodyKind::Page;
    match (rule.map(|rule| rule.class), answer.status().as_u16()) {
        (Some(ErrorClass::Reauthenticate), _) if exchange.is_later => LATER,
        (Some(ErrorClass::Reauthenticate), _) => DEAD,
        (Some(ErrorClass::ClientMisconfigured), _) if exchange.is_later => LATER,
        (Some(ErrorClass::ClientMisconfigured), _)
            if rule.is_some_and(|rule| rule.perhaps_gone) =>
        {
            EITHER
        }
        (Some(ErrorClass::ClientMisconfigured), 401 | 403) => CLIENT,
        (Some(ErrorClass::ClientMisconfigured), _) if refuses_client => CLIENT,
        (None, 600..) => {
            "no status of HTTP is above 599 (RFC 9110 section 15): look at `--base-url`, and at what is between the provider and this machine"
        }
        (None, 200..=299) => "`response.success.status` may lack this one",
        (_, 300..=499) if is_page => PAGE,
        (None, 404 | 405) if !exchange.is_later => {
            "look at `--base-url`, then at the method and the path in `refresh.request`"
        }
        (None, _) if code.as_deref() == Some("invalid_grant") && !exchange.is_later => {
            "the credential that was given may be dead: sign in again. No rule of `errors` reads the code at this place: clients do not know what \
             it means"
        }
        (None, _) if refuses_client && !exchange.is_later => {
            "the client is refused: look at its values as given here, then at `refresh.auth`. No rule of `errors` reads the code at this place: \
             clients do not know what it means"
        }
        (None, _) if code.is_some() => {
            "no rule of `errors` reads this error code: clients do not know what it means. The provider's page may say it, and whether the \
             request is what differs"
        }
        _ if exchange.is_later => LATER,
        _ => DRIFTED,
    }
}

/// The same where nothing came that could be read.
pub(super) fn of_loss(lost: &Lost, exchange: &Exchange) -> &'static str {
    match lost {
        Lost::NotSent => "the request never left: look at `--base-url`, the network and the name",
        Lost::NotSecure => {
            "the request never left: look at the scheme and the port of `--base-url`; plain HTTP may be spoken there"
        }
        Lost::Certificate => {
            "the request never left: look at the host in `--base-url` and at whose certificate is there; one that a proxy or a company signs has \
             to be trusted on this machine"
        }
        Lost::NotHttp => {
            "it is not the request that differs: look at the host, the port and the scheme of `--base-url`, where something else may listen, and at \
             proxies, which may break the head of an answer or make it too long"
        }
        Lost::Broken if is_in_doubt(exchange) => {
            "the connection, or a proxy on the way, broke before an answer came, and the credential may be used up: it is not sent again. The \
             provider's log may say what became of it; else sign in again"
        }
        Lost::Broken => {
            "the connection, or a proxy on the way, broke before an answer came: look at `--base-url`, and at what is on the way"
        }
        Lost::Cut { .. } => {
            "the connection, or a proxy on the way, cut an answer that had begun: it is not the request that differs"
        }
        Lost::TimedOut if is_in_doubt(exchange) => IN_DOUBT,
        Lost::TimedOut => {
            "the provider may be busy, or a firewall swallows the request: try again later, and look at `--base-url`"
        }
        Lost::TooLarge { .. } => {
            "what answered is hardly the token endpoint: look at `--base-url` and at the path in `refresh.request`"
        }
    }
}

/// The same where an answer of success is not written as the contract says.
pub(super) fn of_unreadable(kind: BodyKind) -> &'static str {
    match kind {
        BodyKind::Page => PAGE,
        BodyKind::Compressed(_) => CODED,
        _ => "look at `response.body`: it says how an answer is written",
    }
}

/// Where the provider has trouble of its own.
fn of_trouble(exchange: &Exchange, wait: Option<String>) -> String {
    match (is_in_doubt(exchange), wait) {
        (true, None) => IN_DOUBT.to_owned(),
        (true, Some(wait)) => format!("{IN_DOUBT}. It says to ask again {wait}"),
        (false, wait) => {
            let wait = wait.as_deref().unwrap_or("later");
            format!("the provider may be busy or down: try again {wait}")
        }
    }
}

fn is_in_doubt(exchange: &Exchange) -> bool {
    matches!(&exchange.outcome, Outcome::Failed(failure) if failure.fate == Fate::InDoubt)
}
