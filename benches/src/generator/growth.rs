//! What more specs cost: as much as so many single ones, on all cores.

use std::hint::black_box;

use rekindle::{Inputs, Layout, Options, Source, Specs};
use rekindle_benches::rounds::{self, Contender, median};
use rekindle_benches::{Error, clock, goal};

use crate::{Rows, specs};

const ROUNDS: usize = 5;
const SIZES: [usize; 4] = [1, 10, 100, 1000];
/// The largest of them.
const MOST: usize = 1000;
/// How many specs a round has at least for each size, so that small ones can be measured as well.
const ENOUGH: usize = 200;

pub fn measure(rows: &mut Rows) -> Result<(), Error> {
    let sources = SIZES.map(specs::copies).into_iter().collect::<Result<Vec<_>, Error>>()?;
    for sources in &sources {
        clients(sources)?;
    }
    let mut contenders: Vec<Contender<'_>> =
        sources.iter().map(|sources| contender(sources)).collect();
    let samples = rounds::run(&mut contenders, ROUNDS);
    drop(contenders);
    let [one, ..] = samples.as_slice() else {
        return Ok(());
    };
    for (samples, size) in samples.iter().zip(SIZES) {
        let ratio = samples.ratio(one);
        let judged = match size {
            MOST => goal::at_most(ratio, 1.1, " × one"),
            _ => goal::none(),
        };
        rows.add(
            samples.name.clone(),
            format!("{:.2} ms", samples.seconds() * 1e3),
            format!("{ratio:.2} × one"),
            judged,
        );
    }
    let cores = cores(sources.last().map_or(&[], Vec::as_slice));
    rows.add(
        format!("{MOST} specs at once: cores in use"),
        format!("{cores:.2}"),
        format!("of {}", available()),
        goal::at_least(cores, 1.5, ""),
    );
    Ok(())
}

/// CPU time of each of these specs, on whatever thread it passes.
fn contender(sources: &[Source]) -> Contender<'_> {
    let size = sources.len();
    let times = ENOUGH.div_ceil(size);
    let name = match size {
        1 => "1 spec: CPU time".to_owned(),
        _ => format!("{size} specs at once: CPU time of each"),
    };
    Contender::new(name, (times * size) as u32, clock::process, move || {
        for _ in 0..times {
            _ = black_box(clients(sources));
        }
    })
}

/// The clients of specs, as a build script makes them.
fn clients(sources: &[Source]) -> Result<usize, Error> {
    let specs = Specs::check(sources.to_vec())?;
    let options = Options { layout: Layout::Module, ..Options::default() };
    Ok(rekindle::plan(&specs.contracts, &Inputs::default(), &options)?.len())
}

/// How much CPU time passes while one second passes. Where others use the machine too, this is what they leave.
fn cores(sources: &[Source]) -> f64 {
    let runs = (0..ROUNDS).map(|_| {
        let (wall, cpu) = (clock::wall(), clock::process());
        _ = black_box(clients(sources));
        (clock::process() - cpu).as_secs_f64() / (clock::wall() - wall).as_secs_f64()
    });
    median(runs.collect())
}

fn available() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
