//! What an example expects must be what the contract makes of the answer.

use super::{Facts, shorten};
use crate::contract::{Example, Expect, ExpectedExpiry, SignIn};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::ANSWER_DIFFERS;
use crate::exchange::{Read, read_example};
use crate::path::Path;

pub(super) fn check(facts: Facts<'_>, example: &Example, path: &Path, found: &mut Vec<Finding>) {
    let path = path.key("expect");
    let read = read_example(facts.contract, example);
    let mut differs = Differs { found, path };
    match (&example.expect, &read) {
        (Expect::Tokens { .. }, Read::Error { class, rule, .. }) => {
            differs
                .at("access_token", format!("the contract reads this answer as `{class}`: {rule}"));
        }
        (Expect::Error { .. }, Read::Tokens { .. }) => {
            differs.at("error", "the contract reads tokens from this answer".to_owned());
        }
        (
            Expect::Error { class, sign_in },
            Read::Error { class: made, sign_in: made_sign_in, rule },
        ) => {
            if class != made {
                differs.at("error", format!("the contract reads this answer as `{made}`: {rule}"));
            } else if sign_in.is_some() && sign_in != made_sign_in {
                let made = made_sign_in.unwrap_or(SignIn::Unspecified);
                differs.at("sign_in", format!("the contract says `sign_in: {made}`: {rule}"));
            }
        }
        (
            Expect::Tokens {
                access_token,
                access_expires,
                refresh_token,
                refresh_expires,
                scope,
                outputs,
            },
            Read::Tokens {
                access_token: made_access,
                access_expires: made_access_expires,
                refresh_token: made_refresh,
                refresh_expires: made_refresh_expires,
                scope: made_scope,
                outputs: made_outputs,
                unread,
            },
        ) => {
            for why in unread {
                differs.at(
                    "access_token",
                    format!("a client does not understand all of this answer: {why}"),
                );
            }
            differs.text("access_token", Some(access_token), Some(made_access));
            differs.expiry("access_expires", *access_expires, *made_access_expires);
            differs.text("refresh_token", refresh_token.as_deref(), made_refresh.as_deref());
            differs.expiry("refresh_expires", *refresh_expires, *made_refresh_expires);
            differs.text("scope", scope.as_deref(), made_scope.as_deref());
            for (name, expected) in outputs {
                let path = differs.path.key("outputs").key(name);
                let message = match made_outputs.get(name) {
                    Some(made) if made == expected => continue,
                    Some(made) => format!("the contract reads `{}`", shorten(&made.to_string())),
                    None if facts.contract.response.outputs.contains_key(name) => {
                        "the contract reads none from this answer".to_owned()
                    }
                    None => format!("there is no output `{name}`: declare it under `response`"),
                };
                differs.here(path, message);
            }
        }
    }
}

struct Differs<'a> {
    found: &'a mut Vec<Finding>,
    path: Path,
}

impl Differs<'_> {
    fn at(&mut self, key: &str, message: String) {
        self.here(self.path.key(key), message);
    }

    fn here(&mut self, path: Path, message: String) {
        let hint = "correct the example or the contract: one of them is not what the page says";
        self.found.push(Finding::value(ANSWER_DIFFERS, path, message).hint(hint));
    }

    /// Compares where the example expects something.
    fn text(&mut self, key: &str, expected: Option<&str>, made: Option<&str>) {
        match (expected, made) {
            (Some(expected), Some(made)) if expected != made => {
                self.at(key, format!("the contract reads `{}`", shorten(made)));
            }
            (Some(_), None) => self.at(key, "the contract reads none from this answer".to_owned()),
            _ => {}
        }
    }

    fn expiry(&mut self, key: &str, expected: Option<ExpectedExpiry>, made: ExpectedExpiry) {
        if expected.is_some_and(|expected| expected != made) {
            let made = match made {
                ExpectedExpiry::At(instant) => instant.to_string(),
                ExpectedExpiry::Never => "never".to_owned(),
                ExpectedExpiry::Undeclared => "undeclared".to_owned(),
            };
            self.at(key, format!("the contract reads `{made}`"));
        }
    }
}
