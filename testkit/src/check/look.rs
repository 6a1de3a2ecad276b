//! Looks at the answer of an exchange, aspect by aspect.

use super::aspect::Aspect;
use super::exchange::Exchange;
use super::seen::{Seen, unknown};
use super::{Checked, Deviation, Verdict, aspect, brought, expiry, hint, told};
use crate::head;
use crate::held::Outcome;
use rekindle_contract::contract::Contract;

/// Looks at one aspect of an exchange.
pub(super) fn look(aspect: Aspect, contract: &Contract, exchange: &Exchange) -> Checked {
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(lost) if aspect == Aspect::Answered => {
            let deviation = Deviation::new("an answer", lost.to_string());
            return Err(deviation.hint(hint::of_loss(lost, exchange)).into());
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

/// The first of these aspects that is not as the contract says, and how it is.
pub(super) fn first_amiss(
    aspects: impl IntoIterator<Item = Aspect>,
    contract: &Contract,
    exchange: &Exchange,
) -> Option<(Aspect, Deviation)> {
    let mut applying = aspects.into_iter().filter(|aspect| aspect.applies(contract));
    applying.find_map(|aspect| match look(aspect, contract, exchange) {
        Err(Verdict::Fail(deviation)) => Some((aspect, deviation)),
        _ => None,
    })
}

/// Why an exchange did not bring what it should: what its answer is, in the words of the aspect that says it.
pub(super) fn cause(contract: &Contract, exchange: &Exchange) -> (Aspect, Deviation) {
    first_amiss(aspect::ALL, contract, exchange).unwrap_or_else(|| {
        let seen = match &exchange.answer {
            Ok(answer) => told::came(answer, true),
            Err(lost) => lost.to_string(),
        };
        let seen = match &exchange.outcome {
            Outcome::Failed(failure) => format!("{seen}, `{}`", failure.class),
            Outcome::Tokens(_) => seen,
        };
        (Aspect::Readable, Deviation::new("new tokens", seen).about("response"))
    })
}

fn judge(seen: &Seen<'_>, aspect: Aspect) -> Checked {
    match judge_answer(seen, aspect) {
        // Whatever the rule says of the credential, the answer says something else.
        Err(Verdict::Fail(deviation))
            if matches!(aspect, Aspect::Status | Aspect::Field)
                && brought::in_refusal(seen.contract, seen.exchange)
                    .is_some_and(|refused| refused.is_explicit) =>
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
        _ if seen.refused_by().is_some() => Err(unknown("the answer is no success")),
        Aspect::Field => seen.field(),
        Aspect::Readable => seen.readable(),
        _ if !seen.is_success() => Err(unknown("the answer is no success")),
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
