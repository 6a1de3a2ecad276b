//! `rekindle serve`

mod signals;
mod table;
mod trouble;

use super::args::{Amount, Format, Serve};
use super::check::load;
use super::console::{self, count};
use super::made_up;
use super::project::Project;
use super::{Outcome, Stop};
use crate::input::Specs;
use rekindle_testkit::provider::{Provider, Verdict};
use rekindle_testkit::serve::{Exchange, Options, Serving};
use rekindle_testkit::{Clock, Fake};
use signals::Signals;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use table::Table;
use trouble::{Faults, Rules};

pub(super) fn run(arguments: &Serve, amount: Amount) -> Result<Outcome, Stop> {
    if let Some(list) = trouble::lists(arguments) {
        console::data(&list)?;
        return Ok(Outcome::Done);
    }
    let faults = Faults::read(&arguments.fault)?;
    let rules = Rules::read(&arguments.without)?;
    if !(arguments.clock_speed.is_finite() && arguments.clock_speed >= 0.0) {
        let hint = "1 is real time, 3600 an hour a second, 0 none at all".to_owned();
        return Err(Stop::Usage("time cannot pass at this speed".to_owned(), Some(hint)));
    }
    let specs = Specs::check(load(&Project::find_specs(&arguments.specs)?)?)?;
    console::diagnostics(&specs.lints, &specs.sources);
    let made_up = made_up::note(specs.contracts.iter(), "what this server answers then is made up");
    made_up.iter().for_each(|note| console::line(note));
    let clock = Clock::running(arguments.clock_speed);
    // Another each time, so that a token of an earlier run is not good in this one.
    let seed = arguments
        .seed
        .unwrap_or_else(|| u64::from(clock.now().subsec_nanosecond().unsigned_abs() / 1000));
    let fakes: Vec<Fake> = specs
        .contracts
        .into_iter()
        .map(|contract| {
            let provider = Provider::new(contract).with_clock(clock.clone());
            Fake::new(rules.switch_off(provider.with_seed(seed)))
        })
        .collect();
    faults.apply(&fakes, seed)?;
    play(arguments, amount, fakes, seed)
}

fn play(arguments: &Serve, amount: Amount, fakes: Vec<Fake>, seed: u64) -> Result<Outcome, Stop> {
    let cannot = |what: &str, error: &io::Error| Stop::Usage(format!("{what}: {error}"), None);
    // Listened to before anybody can know that there is something to end.
    let mut signals = Signals::new().map_err(|error| cannot("cannot listen to signals", &error))?;
    let tells = amount != Amount::Quiet;
    let counter = Arc::new(Counter { tells, ..Counter::default() });
    let observer = Arc::clone(&counter);
    let options = Options {
        port: arguments.port,
        separate_ports: arguments.separate_ports,
        seed,
        observer: Some(Box::new(move |exchange| observer.tell(exchange))),
        ..Options::default()
    };
    let serving =
        Serving::start(fakes.clone(), options).map_err(|error| unserved(arguments, &error))?;
    let table = Table::of(&fakes, &serving, seed, arguments.clock_speed);
    console::data(&match arguments.format {
        Format::Human => table.for_people(),
        Format::Json => console::json(&table.for_machines()),
    })?;
    signals.wait();
    serving.stop();
    if tells {
        console::line(&counter.summary());
    }
    Ok(Outcome::Done)
}

fn unserved(arguments: &Serve, error: &io::Error) -> Stop {
    let port = arguments.port;
    if error.kind() == io::ErrorKind::AddrInUse {
        let message = if arguments.separate_ports {
            format!("port {port}, or one that follows it, is taken")
        } else {
            format!("port {port} is taken")
        };
        let hint = "`--port 0` takes any that is free".to_owned();
        return Stop::Usage(message, Some(hint));
    }
    Stop::Usage(format!("cannot listen at port {port}: {error}"), None)
}

/// Tells of exchanges, and counts them.
#[derive(Debug, Default)]
struct Counter {
    /// Whether each has a line.
    tells: bool,
    exchanges: AtomicUsize,
    refused: AtomicUsize,
}

impl Counter {
    fn tell(&self, exchange: &Exchange) {
        self.exchanges.fetch_add(1, Ordering::Relaxed);
        if matches!(exchange.verdict, Some(Verdict::Refused { .. })) {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        if self.tells {
            console::line(&exchange.to_string());
        }
    }

    fn summary(&self) -> String {
        let exchanges = self.exchanges.load(Ordering::Relaxed);
        let refused = self.refused.load(Ordering::Relaxed);
        format!("ended after {}, {refused} refused", count(exchanges, "exchange"))
    }
}
