//! Documented sequences of exchanges: examples with `steps`.

use super::duration;
use crate::contract::{
    Attempt, Contract, Ending, ErrorClass, ErrorRule, Fate, Fault, Sequence, SignIn, Step, Trouble,
};
use crate::derive::Derive;
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::BAD_SEQUENCE;
use crate::path::Path;
use crate::spec::{EndingName, ExampleSpec, RevokeName, StepSpec, UseName};

/// The sequences of `spec`, read with what the rest of the contract says.
pub(super) fn resolve(
    written: &[ExampleSpec],
    contract: &Contract,
    found: &mut Vec<Finding>,
) -> Vec<Sequence> {
    let examples = written.iter().enumerate();
    examples
        .filter_map(|(index, example)| {
            one(example, contract, &Path::of("examples").index(index), found)
        })
        .collect()
}

fn one(
    example: &ExampleSpec,
    contract: &Contract,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Option<Sequence> {
    let ExampleSpec { id, doc, given, request, response, expect, steps } = example;
    let written = steps.as_ref()?;
    for (key, there) in [
        ("given", given.is_some()),
        ("request", request.is_some()),
        ("response", response.is_some()),
        ("expect", expect.is_some()),
    ] {
        if there {
            let message = format!(
                "an example is one exchange or a sequence of `steps`: `{key}` belongs to an exchange"
            );
            found.push(
                Finding::key(BAD_SEQUENCE, path.key(key), message)
                    .hint("make two examples of it, each with an id of its own"),
            );
        }
    }
    let path = path.key("steps");
    if written.is_empty() {
        let message = "a sequence without steps shows nothing";
        found.push(
            Finding::key(BAD_SEQUENCE, path.clone(), message)
                .hint("begin with `- refresh: tokens`"),
        );
    }
    let mut reader = Reader { contract, found };
    let steps = written
        .iter()
        .enumerate()
        .filter_map(|(index, step)| reader.step(step, &path.index(index)));
    Some(Sequence { id: id.clone(), doc: doc.clone(), steps: steps.collect() })
}

/// Reads steps.
struct Reader<'a> {
    contract: &'a Contract,
    found: &'a mut Vec<Finding>,
}

impl Reader<'_> {
    fn step(&mut self, written: &StepSpec, path: &Path) -> Option<Step> {
        let StepSpec { refresh, r#use, wait, revoke, token, fault: _, sign_in: _, fate: _ } =
            written;
        self.only_what_belongs(written, path);
        let token = token.unwrap_or_default();
        if self.contract.request.operation.mints() && refresh.is_some() {
            self.no_mint(written, path);
        }
        match (*refresh, *r#use, wait, *revoke) {
            (Some(ending), None, None, None) => Some(Step::Refresh(Attempt {
                token,
                trouble: self.trouble(written, path),
                ending: self.ending(ending, written, path),
            })),
            (None, Some(accepted), None, None) => {
                Some(Step::Use { token, accepted: accepted == UseName::Accepted })
            }
            (None, None, Some(wait), None) => {
                Some(Step::Wait(duration::resolve(wait, path.key("wait"), self.found)))
            }
            (None, None, None, Some(RevokeName::Grant)) => Some(Step::Revoke),
            (None, None, None, None) => {
                self.refuse_step(path, "the step does nothing");
                None
            }
            _ => {
                self.refuse_step(path, "the step does more than one thing");
                None
            }
        }
    }

    /// What goes with a refresh goes with nothing else.
    fn only_what_belongs(&mut self, written: &StepSpec, path: &Path) {
        let refresh = written.refresh.is_some();
        let shown = refresh || written.r#use.is_some();
        let belongs = [
            ("token", written.token.is_some(), shown, "a `refresh` or a `use`"),
            ("fault", written.fault.is_some(), refresh, "a `refresh`"),
            ("sign_in", written.sign_in.is_some(), refresh, "a `refresh`"),
            ("fate", written.fate.is_some(), refresh, "a `refresh`"),
        ];
        for (key, there, allowed, whose) in belongs {
            if there && !allowed {
                let message = format!("`{key}` belongs to {whose}");
                self.found.push(
                    Finding::key(BAD_SEQUENCE, path.key(key), message)
                        .hint("leave it out, or give it a step of its own"),
                );
            }
        }
    }

    fn trouble(&mut self, written: &StepSpec, path: &Path) -> Option<Trouble> {
        let fault = written.fault?;
        if self.contract.ending_under(fault).is_none() {
            let message = format!("`{}` cannot happen here: {}", fault.name(), cannot(fault));
            self.found.push(
                Finding::value(BAD_SEQUENCE, path.key("fault"), message)
                    .hint("choose another fault, or leave the step out"),
            );
        }
        Some(Trouble::Fault(fault))
    }

    fn ending(&mut self, name: EndingName, written: &StepSpec, path: &Path) -> Ending {
        let Some(class) = name.class() else {
            for (key, there) in
                [("sign_in", written.sign_in.is_some()), ("fate", written.fate.is_some())]
            {
                if there {
                    self.refuse_key(path, key, "an ending without an error has none");
                }
            }
            return match name {
                EndingName::Unsent => Ending::Unsent,
                _ => Ending::Tokens,
            };
        };
        if written.sign_in.is_some()
            && self.ends_grant(class).is_none()
            && class != ErrorClass::Reauthenticate
        {
            self.refuse_key(path, "sign_in", "nobody is asked to sign in");
        }
        Ending::Refused {
            class,
            sign_in: self.sign_in(class, written),
            fate: self.fate(class, written),
        }
    }

    /// As written; else as the first rule says that ends a grant, or may end it.
    fn sign_in(&self, class: ErrorClass, written: &StepSpec) -> SignIn {
        let first = || self.ends_grant(class).map(|rule| rule.sign_in);
        written.sign_in.or_else(first).unwrap_or(SignIn::Unspecified)
    }

    /// The first rule of this class that ends a grant, or may end it.
    fn ends_grant(&self, class: ErrorClass) -> Option<&ErrorRule> {
        self.contract.errors.iter().find(|rule| rule.class == class && rule.may_end_grant())
    }

    /// As written; else as the fault implies, where it implies this class; else as the class does.
    fn fate(&self, class: ErrorClass, written: &StepSpec) -> Fate {
        let implied = written.fault.and_then(|fault| self.contract.ending_under(fault));
        let implied = match implied {
            Some(Ending::Refused { class: by, fate, .. }) if by == class => Some(fate),
            _ => None,
        };
        written.fate.or(implied).unwrap_or_else(|| self.contract.fate(class))
    }

    /// What spends no token ends neither with a grant that is gone nor in doubt, and asks for no token that could be another.
    fn no_mint(&mut self, written: &StepSpec, path: &Path) {
        let class = written.refresh.and_then(EndingName::class);
        let ends = matches!(class, Some(ErrorClass::Reauthenticate | ErrorClass::InDoubt));
        if ends || written.refresh == Some(EndingName::Unsent) {
            let message = "what spends no token never ends so";
            let hint = "write `tokens`, `client_misconfigured`, `rate_limited` or `transient`";
            self.found.push(Finding::value(BAD_SEQUENCE, path.key("refresh"), message).hint(hint));
        }
        for (key, there) in [("token", written.token.is_some()), ("fate", written.fate.is_some())] {
            if there {
                self.refuse_key(path, key, "no token is spent");
            }
        }
    }

    fn refuse_key(&mut self, path: &Path, key: &str, why: &str) {
        let message = format!("`{key}` says nothing here: {why}");
        self.found.push(Finding::key(BAD_SEQUENCE, path.key(key), message).hint("leave it out"));
    }

    fn refuse_step(&mut self, path: &Path, message: &str) {
        self.found.push(
            Finding::value(BAD_SEQUENCE, path.clone(), message)
                .hint("write one of `refresh`, `use`, `wait` and `revoke`"),
        );
    }
}

/// Why a fault cannot happen.
fn cannot(fault: Fault) -> &'static str {
    match fault {
        Fault::UnexpectedRotation => {
            "answers of this contract replace the refresh token, or hold none"
        }
        Fault::ErrorInSuccess | Fault::SecondPair => "the answer is the token itself",
        _ => "answers of this contract have no such expiry",
    }
}

/// What an example without `steps` must have.
pub(super) fn missing(example: &ExampleSpec) -> impl Iterator<Item = &'static str> {
    let needed = [
        ("given", example.given.is_none()),
        ("response", example.response.is_none()),
        ("expect", example.expect.is_none()),
    ];
    let is_exchange = example.steps.is_none();
    needed.into_iter().filter_map(move |(key, missing)| (is_exchange && missing).then_some(key))
}
