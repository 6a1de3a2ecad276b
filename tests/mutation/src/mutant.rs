//! A wrong client and what became of it.

use crate::mutation::Mutation;

/// A wrong client.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// What is wrong.
    pub mutation: Mutation,
    /// Its source without documentation.
    pub client: String,
    /// What became of it.
    pub state: State,
}

/// What became of a wrong client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nothing yet.
    Waiting,
    /// Its code is that of the right client.
    Identical,
    /// Its code is that of the mutant with this index.
    Twin(usize),
    /// It did not pass.
    Killed(Killer),
    /// It passed every test.
    Survived,
}

/// What did not let a mutant pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Killer {
    /// These tests, or a crash of their process where there are none.
    Tests(Vec<String>),
    /// The compiler, with this message.
    Compiler(String),
    /// The clock: a test did not come to its end.
    Clock,
}

/// The mutants of one provider.
#[derive(Debug)]
pub struct Suite {
    /// The provider's id.
    pub provider: String,
    /// The source of the right client.
    pub client: String,
    /// The source of the conformance tests.
    pub conformance: String,
    /// The mutants.
    pub mutants: Vec<Mutant>,
}

impl Suite {
    /// The mutants with code of their own: those that must be compiled.
    pub fn waiting(&self) -> Vec<usize> {
        let waits =
            |(index, mutant): (usize, &Mutant)| (mutant.state == State::Waiting).then_some(index);
        self.mutants.iter().enumerate().filter_map(waits).collect()
    }

    /// Gives each twin the fate of the mutant that was run in its place.
    pub fn settle_twins(&mut self) {
        for index in 0..self.mutants.len() {
            if let State::Twin(first) = self.mutants[index].state {
                self.mutants[index].state = self.mutants[first].state.clone();
            }
        }
    }
}
