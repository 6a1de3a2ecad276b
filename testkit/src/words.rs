//! What clients on the runtime say, in the words of this kit.

/// Declares four functions where it is called: `failure`, `end`, `expiry` and `lost`. They turn what a client on `rekindle-runtime` says
/// into the words of this kit, and back.
///
/// It is a macro as this crate does not know the runtime: `rekindle_runtime` is looked up by whoever calls it.
#[macro_export]
macro_rules! runtime_words {
    () => {
        /// A failure in the words of the kit. `sent` says whether there was a request, `text` what is exposed of a replacement.
        fn failure<C>(
            error: ::rekindle_runtime::RefreshError<C>,
            sent: bool,
            text: impl FnOnce(C) -> String,
        ) -> $crate::Failure {
            use ::rekindle_runtime::{Class, Fate as Became, SignIn as Way};
            use $crate::sequence::{ErrorClass, Fate, SignIn};
            let class = match error.class() {
                Class::Reauthenticate(_) => ErrorClass::Reauthenticate,
                Class::ClientMisconfigured => ErrorClass::ClientMisconfigured,
                Class::ContractViolation => ErrorClass::ContractViolation,
                Class::RateLimited { .. } => ErrorClass::RateLimited,
                Class::Transient => ErrorClass::Transient,
                Class::InDoubt => ErrorClass::InDoubt,
            };
            let sign_in = match error.class() {
                Class::Reauthenticate(Way::Password) => SignIn::Password,
                Class::Reauthenticate(Way::Otp) => SignIn::Otp,
                Class::Reauthenticate(Way::AuthorizationCode) => SignIn::AuthorizationCode,
                Class::Reauthenticate(Way::DeviceCode) => SignIn::DeviceCode,
                Class::Reauthenticate(Way::Sso) => SignIn::Sso,
                Class::Reauthenticate(Way::ClientCredentials) => SignIn::ClientCredentials,
                _ => SignIn::Unspecified,
            };
            let (fate, replacement, replay_until) = match error.fate {
                Became::Unspent(_) => (Fate::Unspent, None, None),
                Became::Spent { replacement: None } => (Fate::Spent, None, None),
                Became::Spent { replacement: Some(new) } => (Fate::Replaced, Some(text(new)), None),
                Became::InDoubt(doubtful) => (Fate::InDoubt, None, doubtful.replay_until()),
            };
            $crate::Failure { class, sign_in, fate, replacement, replay_until, sent }
        }

        /// When a token dies, in the words of the kit.
        fn end(expiry: ::rekindle_runtime::Expiry) -> $crate::End {
            match expiry {
                ::rekindle_runtime::Expiry::At(instant) => $crate::End::at(instant),
                ::rekindle_runtime::Expiry::Never => $crate::End::Never,
                ::rekindle_runtime::Expiry::Undeclared => $crate::End::Undeclared,
            }
        }

        /// When a token dies, in the words of the runtime.
        fn expiry(end: $crate::End) -> ::rekindle_runtime::Expiry {
            match end {
                $crate::End::At(instant) => ::rekindle_runtime::Expiry::At(instant.into()),
                $crate::End::Never => ::rekindle_runtime::Expiry::Never,
                $crate::End::Undeclared => ::rekindle_runtime::Expiry::Undeclared,
            }
        }

        /// What a transport says where there is no answer.
        fn lost(lost: $crate::Lost) -> ::rekindle_runtime::TransportError {
            use ::rekindle_runtime::{Sent, TransportErrorKind};
            let (kind, sent) = match lost {
                $crate::Lost::NotSent => (TransportErrorKind::Connect, Sent::No),
                $crate::Lost::Broken => (TransportErrorKind::Io, Sent::Maybe),
                $crate::Lost::TimedOut => (TransportErrorKind::Timeout, Sent::Maybe),
                $crate::Lost::TooLarge => (TransportErrorKind::BodyTooLarge, Sent::Maybe),
            };
            ::rekindle_runtime::TransportError::bare(kind, sent)
        }
    };
}
