//! What the arguments let go wrong.

use super::super::Stop;
use super::super::args::Serve;
use super::super::console;
use rekindle_contract::contract::{Fault, Trouble};
use rekindle_contract::derive::Derive;
use rekindle_contract::nearest;
use rekindle_testkit::Fake;
use rekindle_testkit::network::Weather;
use rekindle_testkit::provider::{Provider, Rule};

/// The greatest number of refreshes that `NAME:3` can be about.
const MOST: usize = 1000;

/// The lists that were asked for in place of a server.
pub(super) fn lists(arguments: &Serve) -> Option<String> {
    let asked = |given: &[String]| given.iter().any(|name| name == "list");
    let mut list = String::new();
    if asked(&arguments.fault) {
        list += &columns(Fault::ALL.iter().map(|fault| (fault.name(), fault.label())));
    }
    if asked(&arguments.without) {
        list += &columns(Rule::ALL.iter().map(|rule| (rule.name(), rule.doc())));
    }
    (!list.is_empty()).then_some(list)
}

fn columns<'a>(rows: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> String {
    let width = rows.clone().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default();
    rows.map(|(name, words)| format!("{name:width$}  {words}\n")).collect()
}

/// The faults of the arguments.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// First these, each for one refresh; `None` for any.
    counted: Vec<Option<Fault>>,
    /// Then these, in turn.
    standing: Vec<Fault>,
    /// Then any.
    random: bool,
}

impl Faults {
    pub(super) fn read(given: &[String]) -> Result<Self, Stop> {
        let mut faults = Self::default();
        for text in given {
            let (name, times) = match text.split_once(':') {
                Some((name, times)) => (name, Some(times)),
                None => (text.as_str(), None),
            };
            match (name, times) {
                ("random", None) => faults.random = true,
                ("random", Some(times)) => {
                    let times = number(text, times)?;
                    faults.counted.extend(vec![None; times]);
                }
                (name, None) => faults.standing.push(fault(name)?),
                (name, Some(times)) => {
                    let times = number(text, times)?;
                    faults.counted.extend(vec![Some(fault(name)?); times]);
                }
            }
        }
        if faults.counted.len() > MOST {
            let message = format!("faults are counted for more than {MOST} refreshes");
            let hint = "without a number, a fault is for every refresh".to_owned();
            return Err(Stop::Usage(message, Some(hint)));
        }
        if faults.random && !faults.standing.is_empty() {
            let message = "faults are either random or named, if they are for every refresh";
            let hint = "give the named ones a number: `--fault reset_after:1 --fault random`";
            return Err(Stop::Usage(message.to_owned(), Some(hint.to_owned())));
        }
        Ok(faults)
    }

    /// Puts them in the way of every provider where they can occur.
    pub(super) fn apply(&self, fakes: &[Fake], seed: u64) -> Result<(), Stop> {
        let counted = self.counted.iter().flatten();
        let mut named: Vec<Fault> = counted.chain(&self.standing).copied().collect();
        named.sort();
        named.dedup();
        for fault in named {
            let (can, cannot): (Vec<&Fake>, Vec<&Fake>) =
                fakes.iter().partition(|fake| can_occur(fake, fault));
            let name = fault.name();
            if can.is_empty() {
                let message = format!("the fault `{name}` cannot occur here: {}", fault.label());
                return Err(Stop::Usage(message, Some(FAULT_HINT.to_owned())));
            }
            for fake in cannot {
                let id = fake.provider().contract().provider.id.clone();
                console::line(&format!("note: the fault `{name}` cannot occur at {id}"));
            }
        }
        for fake in fakes {
            let possible = |faults: &[Fault]| -> Vec<Fault> {
                let faults = faults.iter().copied();
                faults.filter(|fault| can_occur(fake, *fault)).collect()
            };
            let mut any = Weather::random(seed);
            let planned = self.counted.iter().filter_map(|counted| match counted {
                Some(fault) => can_occur(fake, *fault).then_some(Trouble::Fault(*fault)),
                None => drawn(&mut any, fake),
            });
            let planned: Vec<Trouble> = planned.collect();
            fake.plan(planned.into_iter().map(Some));
            fake.suffer(if self.random {
                Weather::random(seed)
            } else {
                Weather::of(possible(&self.standing))
            });
        }
        Ok(())
    }
}

const FAULT_HINT: &str = "`rekindle serve --fault list` lists what can go wrong";

/// The next fault that is drawn: about every second time there is none.
fn drawn(any: &mut Weather, fake: &Fake) -> Option<Trouble> {
    let contract = fake.provider().contract().clone();
    (0..64).find_map(|_| any.next(&contract))
}

fn can_occur(fake: &Fake, fault: Fault) -> bool {
    fake.provider().contract().ending_under(fault).is_some()
}

fn fault(name: &str) -> Result<Fault, Stop> {
    Fault::named(name).ok_or_else(|| {
        let names = Fault::ALL.iter().map(|fault| fault.name());
        unknown("fault", name, names.chain(["random"]), FAULT_HINT)
    })
}

fn number(text: &str, times: &str) -> Result<usize, Stop> {
    match times.parse() {
        Ok(times @ 1..=MOST) => Ok(times),
        _ => Err(Stop::Usage(
            format!("`{}` does not say how often", text.escape_debug()),
            Some(format!("`NAME:3`, with a number from 1 to {MOST}")),
        )),
    }
}

fn unknown<'a>(what: &str, name: &str, names: impl Iterator<Item = &'a str>, or: &str) -> Stop {
    let hint = match nearest(name, names) {
        Some(close) => format!("did you mean `{close}`? {or}"),
        None => or.to_owned(),
    };
    Stop::Usage(format!("there is no {what} `{}`", name.escape_debug()), Some(hint))
}

/// The rules that are not enforced.
#[derive(Debug)]
pub(super) struct Rules(Vec<Rule>);

impl Rules {
    pub(super) fn read(given: &[String]) -> Result<Self, Stop> {
        let rule = |name: &String| {
            Rule::named(name).ok_or_else(|| {
                let names = Rule::ALL.iter().map(|rule| rule.name());
                let or = "`rekindle serve --without list` lists what is enforced";
                unknown("rule", name, names, or)
            })
        };
        given.iter().map(rule).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn switch_off(&self, mut provider: Provider) -> Provider {
        for rule in &self.0 {
            provider.switch_off(*rule);
        }
        provider
    }
}
