//! A part of what `cargo run --release -p rekindle-explore` explores, small enough for the suite; and the planted bugs, which must
//! still apply.

use rekindle_explore::bugs;
use rekindle_explore::configuration::{Configuration, configurations};
use rekindle_explore::search::{Counterexample, explore, replay, walk, walk_traced};
use rekindle_explore::simulation::Fleet;

#[track_caller]
fn holds(configuration: &Configuration, found: Option<Counterexample>) {
    if let Some(found) = found {
        let code = found.code(configuration);
        let (steps, _) = replay(&code, &configurations()).unwrap_or_default();
        panic!("{}: {}\n{}\nreplay '{code}'", configuration.name, found.property, steps.join("\n"));
    }
}

/// Every order of calls, without a fault.
#[test]
fn without_faults_everything_holds() {
    for configuration in configurations() {
        let configuration = Configuration { at_most: 0, ..configuration };
        let explored = explore(&configuration, 1, || true);
        holds(&configuration, explored.counterexample.clone());
        assert!(explored.complete && explored.states > 20, "{}: {explored:?}", configuration.name);
    }
}

/// Executions by chance, with all faults that a configuration has.
#[test]
fn executions_by_chance_hold() {
    for configuration in configurations().iter().filter(|known| !known.open) {
        for number in 0..200 {
            holds(configuration, walk(configuration, number));
        }
    }
}

/// Some small fleets by chance, of every contract; the same seed is the same life, to the bit.
#[test]
fn fleets_by_chance_hold() {
    let mut tokens = 0;
    for seed in 0..24 {
        let fleet = Fleet { seed, machines: 3, grants: 8, days: 1, troubles: None };
        let report = fleet.live(false);
        if let Some(property) = report.violation {
            let shrunk = fleet.shrunk();
            let steps = shrunk.live(true).log.join("\n");
            panic!("{property}\n{steps}\nreplay '{}'", shrunk.code());
        }
        // Where nothing is spent, there is one grant.
        assert!(report.tokens > 15 && report.steps > 1000, "{report:?}");
        tokens += report.tokens;
        if seed == 0 {
            assert_eq!(fleet.live(false).digest, report.digest);
            let code = fleet.code();
            assert_eq!(Fleet::of_code(&code), Some(fleet));
        }
    }
    assert!(tokens > 2000, "{tokens}");
    assert_eq!(Fleet::of_code("fleet:1:2"), None);
}

/// A replay takes the same way.
#[test]
fn what_is_explored_is_the_same_each_time() {
    let configuration = Configuration { at_most: 0, ..configurations().swap_remove(0) };
    let [first, second] = [(); 2].map(|()| explore(&configuration, 1, || true));
    assert_eq!((first.states, first.executions), (second.states, second.executions));
    let code = "1:1:0.0.0.0.0.0.0.0!";
    let [first, second] = [(); 2].map(|()| replay(code, &configurations()).expect("a code"));
    assert_eq!(first, second);
    assert_eq!(replay("1:1:999", &configurations()), None);
    // With every fault, and to the bit.
    for configuration in configurations() {
        for number in 0..20 {
            let [first, second] = [(); 2].map(|()| walk_traced(&configuration, number));
            assert_eq!(format!("{first:?}"), format!("{second:?}"), "{}", configuration.name);
        }
    }
}

#[test]
fn every_planted_bug_applies() {
    let bugs = bugs::all().expect("bugs");
    assert!(bugs.len() >= 10);
    for bug in bugs {
        bug.applied(&bugs::root()).expect("a bug that applies");
    }
}
