//! Takes the steps of a sequence.

use super::{Unable, World};
use crate::fake::Fake;
use crate::held::{Ask, End, Failure, Held, Outcome};
use crate::loopback::closed_port;
use rekindle_contract::contract::{Attempt, Contract, Ending, Fate, Generation, SignIn, Step};
use std::fmt;
use std::time::SystemTime;

/// Why a sequence did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Something was not as the sequence says.
    Violation(Violation),
    /// The world cannot do what the sequence asks for.
    Unable {
        /// At which step, from 0; `None` where nobody could sign in.
        step: Option<usize>,
        /// Why.
        why: String,
    },
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Violation(violation) => violation.fmt(f),
            Self::Unable { why, .. } => f.write_str(why),
        }
    }
}

/// Something that was not as a sequence says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// At which step, from 0.
    pub step: usize,
    /// What was expected, and what was seen. It shows no secret.
    pub said: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}: {}", self.step + 1, self.said)
    }
}

/// Signs in to `world` and takes `steps` there with `client`, which turns what is held into what comes of a refresh.
///
/// # Errors
/// At the first step that does not end as it says, or cannot be taken.
pub fn run(
    contract: &Contract,
    steps: &[Step],
    world: &mut dyn World,
    client: &mut dyn FnMut(Ask<'_>) -> Outcome,
) -> Result<(), Stop> {
    let first = world.sign_in().map_err(|Unable(why)| Stop::Unable { step: None, why })?;
    let mut holder = Holder { contract, generations: vec![first] };
    for (index, step) in steps.iter().enumerate() {
        holder.take(step, world, client).map_err(|trouble| trouble.at(index))?;
    }
    Ok(())
}

/// Takes `steps` at a fake provider with `client`, as tests do. `place` says where, in the message of a failure.
///
/// # Panics
/// At the first step that does not end as it says.
#[track_caller]
pub fn assert_taken(
    place: &str,
    fake: &Fake,
    steps: &[Step],
    mut client: impl FnMut(Ask<'_>) -> Outcome,
) {
    let contract = fake.provider().contract().clone();
    if let Err(stop) = run(&contract, steps, &mut fake.clone(), &mut client) {
        panic!("{place}: {stop}\n\nthe steps: {steps:#?}");
    }
}

/// The same over sockets of this machine: `client` is told the URL of a port where the provider listens, or where nobody does.
///
/// # Panics
/// As [`assert_taken`].
#[track_caller]
pub fn assert_taken_over_sockets(
    place: &str,
    fake: &Fake,
    steps: &[Step],
    mut client: impl FnMut(&str, Ask<'_>) -> Outcome,
) {
    if let Err(stop) = taken_over_sockets(fake, steps, &mut client) {
        panic!("{place}: {stop}\n\nthe steps: {steps:#?}");
    }
}

/// Takes `steps` over sockets of this machine.
pub(crate) fn taken_over_sockets(
    fake: &Fake,
    steps: &[Step],
    mut client: impl FnMut(&str, Ask<'_>) -> Outcome,
) -> Result<(), Stop> {
    let _server = fake.serve();
    let contract = fake.provider().contract().clone();
    run(&contract, steps, &mut fake.clone(), &mut |ask: Ask<'_>| {
        let url =
            if ask.is_unreachable() { format!("http://{}", closed_port()) } else { fake.url() };
        client(&url, ask)
    })
}

/// What stops a step.
enum Halt {
    Wrong(String),
    Unable(String),
}

impl Halt {
    fn at(self, step: usize) -> Stop {
        match self {
            Self::Wrong(said) => Stop::Violation(Violation { step, said }),
            Self::Unable(why) => Stop::Unable { step: Some(step), why },
        }
    }
}

impl From<Unable> for Halt {
    fn from(Unable(why): Unable) -> Self {
        Self::Unable(why)
    }
}

/// Who holds the grant, and what they have held so far.
struct Holder<'a> {
    contract: &'a Contract,
    /// Never empty; the last is held now.
    generations: Vec<Held>,
}

impl Holder<'_> {
    fn take(
        &mut self,
        step: &Step,
        world: &mut dyn World,
        client: &mut dyn FnMut(Ask<'_>) -> Outcome,
    ) -> Result<(), Halt> {
        match step {
            Step::Wait(by) => world.wait(*by)?,
            Step::Revoke => {
                let held = self.held(Generation::Current).clone();
                world.revoke(&held)?;
            }
            Step::Use { token, accepted } => {
                let refused = world.use_access_token(&self.held(*token).access_token)?;
                match (accepted, refused) {
                    (true, Some(rule)) => {
                        return Err(Halt::Wrong(format!(
                            "the access token should be accepted, and is refused by {rule}"
                        )));
                    }
                    (false, None) => {
                        return Err(Halt::Wrong(
                            "the access token should be refused, and is accepted".to_owned(),
                        ));
                    }
                    (true, None) | (false, Some(_)) => {}
                }
            }
            Step::Refresh(attempt) => self.refresh(attempt, world, client)?,
        }
        Ok(())
    }

    fn refresh(
        &mut self,
        attempt: &Attempt,
        world: &mut dyn World,
        client: &mut dyn FnMut(Ask<'_>) -> Outcome,
    ) -> Result<(), Halt> {
        world.plan(attempt.trouble)?;
        let now = world.now()?;
        let held = self.held(attempt.token).clone();
        let outcome = client(Ask { held: &held, now, trouble: attempt.trouble });
        let ended = ending(&outcome);
        if ended != attempt.ending {
            return Err(Halt::Wrong(format!(
                "the refresh should end {}, and ends {}",
                words(attempt.ending),
                words(ended)
            )));
        }
        match outcome {
            Outcome::Tokens(new) => {
                world.inspect(&new, attempt.trouble).map_err(Halt::Wrong)?;
                self.generations.push(new);
            }
            Outcome::Failed(failure) => self.fail(failure, held, now)?,
        }
        Ok(())
    }

    fn fail(&mut self, failure: Failure, held: Held, now: jiff::Timestamp) -> Result<(), Halt> {
        if failure.fate == Fate::InDoubt {
            let window = self.contract.replay_window();
            let until = window.and_then(|window| SystemTime::from(now).checked_add(window));
            if failure.replay_until != until {
                return Err(Halt::Wrong(format!(
                    "a replay should be open until {until:?}, and is open until {:?}",
                    failure.replay_until
                )));
            }
        }
        let replaced = failure.fate == Fate::Replaced;
        match (replaced, failure.replacement) {
            (true, Some(new)) => self.generations.push(Held {
                refresh_token: Some(new),
                refresh_expires: End::Undeclared,
                ..held
            }),
            (false, None) => {}
            _ => {
                return Err(Halt::Wrong(
                    "a replacement and the fate `replaced` go together".to_owned(),
                ));
            }
        }
        Ok(())
    }

    fn held(&self, generation: Generation) -> &Held {
        let last = self.generations.len() - 1;
        let index = match generation {
            Generation::Current => last,
            Generation::Previous => last.saturating_sub(1),
            Generation::First => 0,
        };
        &self.generations[index]
    }
}

/// How a refresh ended, in the words of a sequence.
fn ending(outcome: &Outcome) -> Ending {
    match outcome {
        Outcome::Tokens(_) => Ending::Tokens,
        Outcome::Failed(failure) if !failure.sent => Ending::Unsent,
        Outcome::Failed(failure) => {
            Ending::Refused { class: failure.class, sign_in: failure.sign_in, fate: failure.fate }
        }
    }
}

/// An ending in words.
fn words(ending: Ending) -> String {
    match ending {
        Ending::Tokens => "with tokens".to_owned(),
        Ending::Unsent => "before anything is sent".to_owned(),
        Ending::Refused { class, sign_in, fate } => {
            let how = match sign_in {
                SignIn::Unspecified => String::new(),
                how => format!(" by {how}"),
            };
            format!("as `{class}`{how}, the credential {}", fate.label())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_contract::contract::ErrorClass;

    #[test]
    fn endings_are_said_in_the_words_of_specs() {
        let refused = |class, sign_in, fate| words(Ending::Refused { class, sign_in, fate });
        assert_eq!(
            refused(ErrorClass::Reauthenticate, SignIn::Otp, Fate::Spent),
            "as `reauthenticate` by otp, the credential spent"
        );
        assert_eq!(
            refused(ErrorClass::InDoubt, SignIn::Unspecified, Fate::InDoubt),
            "as `in_doubt`, the credential in doubt"
        );
    }
}
