//! Looks at the answer of an exchange, aspect by aspect.

use super::aspect::Aspect;
use super::exchange::Exchange;
use super::seen::{Seen, unknown};
use super::{Checked, Deviation, Verdict, brought, expiry, hint};
use crate::head;
use crate::held::Lost;
use rekindle_contract::contract::Contract;

/// Looks at one aspect of an exchange.
pub(super) fn look(aspect: Aspect, contract: &Contract, exchange: &Exchange) -> Checked {
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(lost) if aspect == Aspect::Answered => {
            let deviation = Deviation::new("an answer", lost.to_string());
            let hint = hint::of_loss(lost, exchange);
            let deviation = match lost {
                Lost::Broken => deviation.about("refresh.request"),
                _ => deviation,
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
    match judge_answer(seen, aspect) {
        // Whatever the rule says of the credential, the answer says something else.
        Err(Verdict::Fail(deviation))
            if matches!(aspect, Aspect::Status | Aspect::Field)
                && brought::in_refusal(seen.contract, seen.exchange).is_some() =>
        {
            Err(deviation.hint(brought::HINT).into())
        }
        judged => judged,
    }
}

fn judge_answer(seen: &Seen<'_>, aspect: Aspect) -> Checked {
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
            Err(unknown("the access token is not as the contract says, which may be why"))
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
