//! What clients on the runtime say, in the words of this kit, and back.

use crate::held::{End, Failure, Lost};
use rekindle_contract::contract::{ErrorClass, Fate, SignIn};
use rekindle_runtime as runtime;
use rekindle_runtime::{Class, Expiry, RefreshError, Sent, TransportError, TransportErrorKind};

/// A failure. `sent` says whether there was a request, `text` what is exposed of a replacement.
pub fn failure<C>(error: RefreshError<C>, sent: bool, text: impl FnOnce(C) -> String) -> Failure {
    let (class, sign_in) = match error.class() {
        Class::Reauthenticate(way) => (ErrorClass::Reauthenticate, sign_in(way)),
        Class::ClientMisconfigured => {
            let way = error.error.perhaps_gone().map_or(SignIn::Unspecified, sign_in);
            (ErrorClass::ClientMisconfigured, way)
        }
        Class::ContractViolation => (ErrorClass::ContractViolation, SignIn::Unspecified),
        Class::RateLimited { .. } => (ErrorClass::RateLimited, SignIn::Unspecified),
        Class::Transient => (ErrorClass::Transient, SignIn::Unspecified),
        Class::InDoubt => (ErrorClass::InDoubt, SignIn::Unspecified),
    };
    let (fate, replacement, replay_until) = match error.fate {
        runtime::Fate::Unspent(_) => (Fate::Unspent, None, None),
        runtime::Fate::Spent { replacement: None } => (Fate::Spent, None, None),
        runtime::Fate::Spent { replacement: Some(new) } => (Fate::Replaced, Some(text(new)), None),
        runtime::Fate::InDoubt(doubtful) => (Fate::InDoubt, None, doubtful.replay_until()),
    };
    Failure { class, sign_in, fate, replacement, replay_until, sent }
}

fn sign_in(way: runtime::SignIn) -> SignIn {
    match way {
        runtime::SignIn::Password => SignIn::Password,
        runtime::SignIn::Otp => SignIn::Otp,
        runtime::SignIn::AuthorizationCode => SignIn::AuthorizationCode,
        runtime::SignIn::DeviceCode => SignIn::DeviceCode,
        runtime::SignIn::Sso => SignIn::Sso,
        runtime::SignIn::ClientCredentials => SignIn::ClientCredentials,
        _ => SignIn::Unspecified,
    }
}

/// When a token dies.
pub fn end(expiry: Expiry) -> End {
    match expiry {
        Expiry::At(instant) => End::at(instant),
        Expiry::Never => End::Never,
        Expiry::Undeclared => End::Undeclared,
    }
}

/// When a token dies, in the words of the runtime.
pub fn expiry(end: End) -> Expiry {
    match end {
        End::At(instant) => Expiry::At(instant.into()),
        End::Never => Expiry::Never,
        End::Undeclared => Expiry::Undeclared,
    }
}

/// What a transport says where there is no answer.
pub fn lost(lost: Lost) -> TransportError {
    let (kind, sent) = match lost {
        Lost::NotSent => (TransportErrorKind::Connect, Sent::No),
        Lost::NotSecure => (TransportErrorKind::Tls, Sent::No),
        Lost::Certificate => (TransportErrorKind::Certificate, Sent::No),
        Lost::NotHttp => (TransportErrorKind::NotHttp, Sent::Maybe),
        Lost::Broken | Lost::Cut { .. } => (TransportErrorKind::Io, Sent::Maybe),
        Lost::TimedOut => (TransportErrorKind::Timeout, Sent::Maybe),
        Lost::TooLarge { .. } => (TransportErrorKind::BodyTooLarge, Sent::Maybe),
    };
    TransportError::bare(kind, sent)
}
