//! Measuring in rounds: everybody runs in every round, so that what disturbs the machine disturbs all of them alike.

use std::time::Duration;

/// One thing that is measured.
pub struct Contender<'a> {
    name: String,
    units: u32,
    clock: fn() -> Duration,
    work: Box<dyn FnMut() + 'a>,
}

impl<'a> Contender<'a> {
    /// `work` does something `units` times, and `clock` says what it costs.
    pub fn new(
        name: impl Into<String>,
        units: u32,
        clock: fn() -> Duration,
        work: impl FnMut() + 'a,
    ) -> Self {
        Self { name: name.into(), units, clock, work: Box::new(work) }
    }

    /// Does the work once, unmeasured.
    pub fn work(&mut self) {
        (self.work)();
    }

    /// How many units one call of the work is.
    pub fn units(&self) -> u32 {
        self.units
    }

    /// Seconds that one unit takes.
    fn measure(&mut self) -> f64 {
        let start = (self.clock)();
        self.work();
        ((self.clock)() - start).as_secs_f64() / f64::from(self.units)
    }
}

/// What a contender took in each round.
pub struct Samples {
    /// Its name.
    pub name: String,
    seconds: Vec<f64>,
}

impl Samples {
    /// The median of the seconds that one unit took.
    pub fn seconds(&self) -> f64 {
        median(self.seconds.clone())
    }

    /// How often it took what `other` took: the median of the ratios of each round.
    pub fn ratio(&self, other: &Self) -> f64 {
        let pairs = self.seconds.iter().zip(&other.seconds);
        median(pairs.map(|(ours, theirs)| ours / theirs).collect())
    }
}

/// Runs everybody once to warm up and then in each round. The order turns from round to round.
pub fn run(contenders: &mut [Contender<'_>], rounds: usize) -> Vec<Samples> {
    let mut samples: Vec<Samples> = contenders
        .iter_mut()
        .map(|contender| {
            contender.work();
            Samples { name: contender.name.clone(), seconds: Vec::with_capacity(rounds) }
        })
        .collect();
    for round in 0..rounds {
        for place in 0..contenders.len() {
            let turn = (place + round) % contenders.len();
            samples[turn].seconds.push(contenders[turn].measure());
        }
    }
    samples
}

/// The value in the middle; of an even number of values the upper one of the two.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn everybody_runs_in_every_round() {
        let mut runs = 0;
        let mut contenders = [Contender::new("counter", 1, || Duration::ZERO, || runs += 1)];
        let samples = run(&mut contenders, 4);
        drop(contenders);
        assert_eq!((runs, samples[0].seconds.len()), (5, 4));
    }
}
