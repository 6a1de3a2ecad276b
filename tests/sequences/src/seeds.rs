//! Random sequences by seed: a failure is shrunk to a minimal sequence, and its seed brings it back.

use crate::holder;
use crate::operation::{Operation, operations};
use crate::subject::Subject;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rekindle_testkit::provider::Provider;

/// How many sequences each client is put through, unless `REKINDLE_SEQUENCES` says otherwise.
const SEQUENCES: u64 = 20_000;

/// Puts a client through random sequences. `REKINDLE_SEED` replays one; `REKINDLE_SEQUENCES` says how many, from seed 0 on.
///
/// # Panics
/// At the first sequence that breaks an invariant, with its seed and the least sequence that still breaks one.
pub fn storm(subject: Subject) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let strategy = operations(&subject.contract());
    let provider = Provider::new(subject.contract());
    if let Some(seed) = number("REKINDLE_SEED") {
        return one(subject, &provider, &strategy, seed);
    }
    for seed in 0..number("REKINDLE_SEQUENCES").unwrap_or(SEQUENCES) {
        one(subject, &provider, &strategy, seed);
    }
}

fn one(
    subject: Subject,
    provider: &Provider,
    strategy: &impl Strategy<Value = Vec<Operation>>,
    seed: u64,
) {
    let fresh = || provider.clone().with_seed(seed);
    if let Some(failure) = failure(subject, fresh, strategy, seed) {
        panic!(
            "{}: {}\n  seed {seed}: REKINDLE_SEED={seed} cargo test -p rekindle-sequences --test random {}\n  least sequence: {:#?}",
            subject.id, failure.broken, subject.id, failure.operations
        );
    }
}

/// A sequence that broke an invariant.
#[derive(Debug)]
pub struct Failed {
    /// The least sequence that does.
    pub operations: Vec<Operation>,
    /// Which invariant, in words.
    pub broken: String,
}

/// What the sequence of a seed breaks, shrunk.
fn failure(
    subject: Subject,
    provider: impl Fn() -> Provider,
    strategy: &impl Strategy<Value = Vec<Operation>>,
    seed: u64,
) -> Option<Failed> {
    let broken = |operations: &[Operation]| holder::live(subject, provider(), operations).err();
    let mut tree = tree(strategy, seed);
    let mut least = Failed { broken: broken(&tree.current())?, operations: tree.current() };
    if !tree.simplify() {
        return Some(least);
    }
    loop {
        let smaller = tree.current();
        let next = match broken(&smaller) {
            Some(broken) => {
                least = Failed { operations: smaller, broken };
                tree.simplify()
            }
            None => tree.complicate(),
        };
        if !next {
            return Some(least);
        }
    }
}

/// The sequence of a seed, and how it can be made smaller.
fn tree<S: Strategy<Value = Vec<Operation>>>(strategy: &S, seed: u64) -> S::Tree {
    // No state of this generator may be all zeroes, and neighbours should not begin alike.
    let mixed = (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&mixed.to_le_bytes());
    bytes[8..].copy_from_slice(&mixed.rotate_left(32).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::XorShift, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    strategy
        .new_tree(&mut runner)
        .unwrap_or_else(|error| panic!("no sequence for seed {seed}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::SUBJECTS;
    use rekindle_contract::contract::Fate;
    use rekindle_testkit::{Failure, Outcome};

    /// A client that takes a lost answer for a request that never left.
    fn careless() -> Subject {
        SUBJECTS[4].with(|url, settings, ask, carry| {
            match SUBJECTS[4].refresh(url, settings, ask, carry) {
                Outcome::Failed(failure) if failure.fate == Fate::InDoubt => {
                    Outcome::Failed(Failure { fate: Fate::Unspent, ..failure })
                }
                outcome => outcome,
            }
        })
    }

    #[test]
    fn a_careless_client_is_caught_by_a_least_sequence() {
        let subject = careless();
        let strategy = operations(&subject.contract());
        let provider = Provider::new(subject.contract());
        let find = |seed| failure(subject, || provider.clone().with_seed(seed), &strategy, seed);
        let (seed, failed) = (0..200)
            .find_map(|seed| Some((seed, find(seed)?)))
            .expect("one of 200 sequences breaks an invariant");
        assert_eq!(failed.broken, "the client calls a credential unspent that was spent");
        let [Operation::Refresh(Some(fault))] = failed.operations.as_slice() else {
            panic!("one lost answer is enough: {:?}", failed.operations)
        };
        assert!(fault.is_processed());
        let again = find(seed).expect("the seed replays it");
        assert_eq!(again.operations, failed.operations);
    }

    #[test]
    fn a_seed_always_gives_the_same_sequence() {
        let strategy = operations(&SUBJECTS[0].contract());
        assert_eq!(tree(&strategy, 7).current(), tree(&strategy, 7).current());
        let different =
            (0..8).any(|seed| tree(&strategy, seed).current() != tree(&strategy, 8).current());
        assert!(different);
    }
}
