//! What is in the way of refreshes for which nothing was planned.

use crate::mix::{STEP, mix};
use rekindle_contract::contract::{Contract, Fault, Trouble};
use rekindle_contract::derive::Derive;

/// What is in the way of every refresh for which nothing was planned: nothing, some faults in turn, or faults drawn by chance.
///
/// The same seed draws the same faults.
#[derive(Debug, Clone, Default)]
pub struct Weather {
    faults: Vec<Fault>,
    next: usize,
    chance: Option<Chance>,
}

impl Weather {
    /// Each refresh suffers one of these faults, in turn.
    pub fn of(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self { faults: faults.into_iter().collect(), ..Self::default() }
    }

    /// About every second refresh suffers a fault, any that can occur.
    pub fn random(seed: u64) -> Self {
        Self { chance: Some(Chance(seed)), ..Self::default() }
    }

    /// What is in the way of the next refresh at a provider with this contract.
    pub fn next(&mut self, contract: &Contract) -> Option<Trouble> {
        if let Some(chance) = &mut self.chance {
            return chance.fault(contract).map(Trouble::Fault);
        }
        let fault = *self.faults.get(self.next % self.faults.len().max(1))?;
        self.next += 1;
        Some(Trouble::Fault(fault))
    }
}

/// Numbers that look random.
#[derive(Debug, Clone)]
struct Chance(u64);

impl Chance {
    fn fault(&mut self, contract: &Contract) -> Option<Fault> {
        let possible: Vec<Fault> = Fault::ALL
            .into_iter()
            .filter(|fault| contract.ending_under(*fault).is_some())
            .collect();
        if self.below(2) == 0 {
            return None;
        }
        possible.get(self.below(possible.len())).copied()
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.draw() % end).unwrap_or_default()
    }

    fn draw(&mut self) -> u64 {
        let drawn = mix(self.0);
        self.0 = self.0.wrapping_add(STEP);
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn acme() -> Contract {
        let spec = include_bytes!("../../../generator/acme.yaml");
        let sources = [rekindle_contract::Source::new("specs/acme.yaml", spec.as_slice())];
        rekindle_contract::check(&sources).contracts.remove(0)
    }

    #[test]
    fn numbers_are_those_of_the_paper() {
        assert_eq!(Chance(0).draw(), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn faults_come_in_turn() {
        let acme = acme();
        let mut weather = Weather::of([Fault::ResetAfter, Fault::NoAnswer]);
        let seen: Vec<_> = (0..3).map(|_| weather.next(&acme)).collect();
        let fault = |fault| Some(Trouble::Fault(fault));
        assert_eq!(seen, [Fault::ResetAfter, Fault::NoAnswer, Fault::ResetAfter].map(fault));
        assert_eq!(Weather::default().next(&acme), None);
    }

    #[test]
    fn chance_is_the_same_for_the_same_seed_and_draws_everything_that_can_occur() {
        let acme = acme();
        let draw = |seed| {
            let mut weather = Weather::random(seed);
            let drawn: Vec<_> = (0..1000).map(|_| weather.next(&acme)).collect();
            drawn
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let names: BTreeSet<_> = draw(7)
            .into_iter()
            .map(|drawn| match drawn {
                Some(Trouble::Fault(fault)) => fault.name(),
                _ => "none",
            })
            .collect();
        let possible = Fault::ALL.iter().filter(|fault| acme.ending_under(**fault).is_some());
        assert_eq!(names.len(), possible.count() + 1);
    }
}
