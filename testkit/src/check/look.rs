//! Looks at the answer of an exchange, aspect by aspect.

use super::aspect::Aspect;
use super::exchange::Exchange;
use super::seen::{DRIFTED, Seen, unknown};
use super::{Checked, Deviation, expiry};
use crate::head;
use crate::held::Lost;
use rekindle_contract::contract::Contract;

/// Looks at one aspect of an exchange.
pub(super) fn look(aspect: Aspect, contract: &Contract, exchange: &Exchange) -> Checked {
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(lost) if aspect == Aspect::Answered => {
            let deviation = Deviation::new("an answer", lost.to_string());
            let hint = match lost {
                Lost::NotSent => {
                    "the request never left: look at `--base-url`, the network and the name"
                }
                Lost::NotSecure => {
                    "the request never left: look at the scheme and the port of `--base-url`; plain HTTP may be spoken there"
                }
                Lost::Certificate => {
                    "the request never left: look at the host in `--base-url` and at whose certificate is there; one that a proxy or a company \
                     signs has to be trusted on this machine"
                }
                Lost::NotHttp => {
                    "it is not the request that differs: look at the host, the port and the scheme of `--base-url`, where something else may \
                     listen, and at proxies, which may break the head of an answer or make it too long"
                }
                Lost::Broken => {
                    return Err(deviation.about("refresh.request").hint(DRIFTED).into());
                }
                Lost::Cut { .. } => {
                    "the connection, or a proxy on the way, cut an answer that had begun: it is not the request that differs"
                }
                Lost::TimedOut => {
                    "the provider may be busy, or a firewall swallows the request: try again later, and look at `--base-url`"
                }
                Lost::TooLarge { .. } => {
                    "what answered is hardly the token endpoint: look at `--base-url` and at the path in `refresh.request`"
                }
            };
            return Err(deviation.hint(hint).into());
        }
        Err(_) => return Err(unknown("there is no answer")),
    };
    let seen = Seen {
        contract,
        exchange,
        answer,
        status: answer.status().as_u16(),
        body: answer.body(),
        json: contract.answer(&head::lines(answer), answer.body()),
    };
    let (true, Some(told)) = (aspect.is_of_refresh_token(), &exchange.told) else {
        return judge(&seen, aspect);
    };
    if !seen.is_success() || seen.access_token().is_err() {
        return judge(&seen, aspect);
    }
    let told = Seen {
        answer: told,
        status: told.status().as_u16(),
        body: told.body(),
        json: contract.answer(&head::lines(told), told.body()),
        ..seen
    };
    judge_refresh_token(&told, aspect)
}

fn judge(seen: &Seen<'_>, aspect: Aspect) -> Checked {
    match aspect {
        Aspect::Answered => Ok(()),
        Aspect::Redirect => seen.redirect(),
        Aspect::Status if seen.is_redirect() => {
            Err(unknown("the answer is a redirect, which may be why"))
        }
        Aspect::Status => seen.status(),
        _ if !seen.has_success_status() => Err(unknown("the answer is no success")),
        Aspect::Field => seen.field(),
        _ if !seen.is_success() => Err(unknown("the answer is no success")),
        Aspect::Readable => seen.readable(),
        Aspect::AccessToken => seen.access_token().map(|_| ()),
        // Where it is missing, whatever has moved with it is the same cause.
        _ if seen.access_token().is_err() => {
            Err(unknown("the access token is not where the contract says, which may be why"))
        }
        Aspect::Written => seen.written(),
        Aspect::TokenType => seen.token_type(),
        Aspect::Scope => seen.scope(),
        Aspect::Outputs => seen.outputs(),
        Aspect::AccessExpiry => expiry::access(seen),
        Aspect::AccessLifetime => expiry::usual(seen),
        Aspect::AccessClaims => expiry::access_claims(seen),
        Aspect::Rotation
        | Aspect::RefreshLength
        | Aspect::RefreshExpiry
        | Aspect::RefreshClaims => judge_refresh_token(seen, aspect),
    }
}

/// What an answer says of the refresh token, which may be another one than brings the access token.
fn judge_refresh_token(seen: &Seen<'_>, aspect: Aspect) -> Checked {
    match aspect {
        Aspect::Rotation => seen.rotation(),
        Aspect::RefreshLength => seen.refresh_length(),
        Aspect::RefreshExpiry => expiry::refresh(seen),
        _ => expiry::refresh_claims(seen),
    }
}
