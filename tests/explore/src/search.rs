//! The search: every execution, depth first, each replayed from the beginning; cut where a state was seen before.
//!
//! Nothing of the engine can be copied, so a state is reached again by taking the same choices again. Workers share what was
//! seen, and one that has much left to do gives some of it to those that have nothing.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::chance::Chance;
use crate::configuration::Configuration;
use crate::world::{Action, Possible, World};
use crate::writes::Asked;

/// What was explored.
#[derive(Debug, Clone, Default)]
pub struct Explored {
    /// How many states.
    pub states: usize,
    /// How many executions, each replayed from the beginning.
    pub executions: usize,
    /// The longest execution.
    pub depth: usize,
    /// Whether that is all.
    pub complete: bool,
    /// A property that does not hold.
    pub counterexample: Option<Counterexample>,
}

/// An execution in which a property does not hold.
#[derive(Debug, Clone)]
pub struct Counterexample {
    /// What does not hold.
    pub property: String,
    /// Which of the possible actions is taken, each time; then everything comes to rest.
    pub choices: Vec<usize>,
    /// Whether it shows only when everything has come to rest.
    pub at_rest: bool,
}

impl Counterexample {
    /// The code that replays it: the configuration, how many faults were allowed, the choices.
    pub fn code(&self, configuration: &Configuration) -> String {
        let Configuration { number, at_most, .. } = configuration;
        let choices: Vec<String> = self.choices.iter().map(ToString::to_string).collect();
        let rest = if self.at_rest { "!" } else { "" };
        format!("{number}:{at_most}:{}{rest}", choices.join("."))
    }
}

/// Explores a configuration, for as long as `on` says so, by so many workers.
pub fn explore(
    configuration: &Configuration,
    workers: usize,
    on: impl Fn() -> bool + Sync,
) -> Explored {
    let found = run(configuration, usize::MAX, workers, &on);
    // The first one found is often a long one: what is shorter is easier to read.
    let mut shortest = found.clone();
    let mut tries = (2, 3);
    while let Some(known) = shortest.counterexample.as_ref().filter(|_| on()) {
        let length = known.choices.len() * tries.0 / tries.1;
        match run(configuration, length, workers, &on) {
            shorter if shorter.counterexample.is_some() => shortest = shorter,
            _ if tries == (2, 3) => tries = (9, 10),
            _ => break,
        }
    }
    Explored { counterexample: shortest.counterexample, ..found }
}

/// Explores executions of so many steps at most.
fn run(
    configuration: &Configuration,
    longest: usize,
    workers: usize,
    on: &(impl Fn() -> bool + Sync),
) -> Explored {
    let shared = Shared {
        longest,
        seen: std::array::from_fn(|_| Mutex::default()),
        left: Mutex::new((vec![Vec::new()], workers)),
        found: Mutex::default(),
        ended: AtomicBool::new(false),
        executions: AtomicUsize::new(0),
        depth: AtomicUsize::new(0),
    };
    std::thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(|| shared.work(configuration, on));
        }
        shared.work(configuration, on);
    });
    let counterexample = lock(&shared.found).take();
    Explored {
        states: shared.seen.iter().map(|part| lock(part).len()).sum(),
        executions: shared.executions.into_inner(),
        depth: shared.depth.into_inner(),
        complete: !shared.ended.into_inner() && counterexample.is_none(),
        counterexample,
    }
}

/// States are hashes already.
#[derive(Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u64(&mut self, state: u64) {
        self.0 = state;
    }
}

type States = HashSet<u64, BuildHasherDefault<Itself>>;

const PARTS: usize = 64;

/// A choice that was made: among what, and which.
#[derive(Clone)]
struct Choice {
    actions: Vec<Action>,
    chosen: usize,
    /// Up to here: what follows was given to another worker.
    end: usize,
}

struct Shared {
    longest: usize,
    seen: [Mutex<States>; PARTS],
    /// Where executions go on that nobody has begun; and how many workers are at work.
    left: Mutex<(Vec<Vec<Choice>>, usize)>,
    found: Mutex<Option<Counterexample>>,
    /// Time is up, or something was found.
    ended: AtomicBool,
    executions: AtomicUsize,
    depth: AtomicUsize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Whether this state is new.
    fn is_new(&self, state: u64) -> bool {
        let part = usize::try_from(state >> 58).unwrap_or_default();
        lock(&self.seen[part % PARTS]).insert(state)
    }

    fn work(&self, configuration: &Configuration, on: &impl Fn() -> bool) {
        loop {
            let next = {
                let mut left = lock(&self.left);
                let next = left.0.pop();
                if next.is_none() {
                    left.1 -= 1;
                }
                next
            };
            match next {
                Some(path) => self.below(configuration, path, on),
                None => loop {
                    {
                        let mut left = lock(&self.left);
                        if left.1 == 0 {
                            return;
                        }
                        if !left.0.is_empty() {
                            left.1 += 1;
                            break;
                        }
                    }
                    std::thread::yield_now();
                },
            }
        }
    }

    /// Every execution that begins with these choices.
    fn below(&self, configuration: &Configuration, mut path: Vec<Choice>, on: &impl Fn() -> bool) {
        let fixed = path.len();
        while !self.ended.load(Ordering::Relaxed) {
            if !on() {
                self.ended.store(true, Ordering::Relaxed);
                return;
            }
            let mut world = World::new(configuration, false);
            for choice in &path {
                world.step(choice.actions[choice.chosen]);
            }
            let executed = self.executions.fetch_add(1, Ordering::Relaxed);
            if self.extend(world, &mut path) {
                // Only to judge an end was the execution given up: it goes on.
                continue;
            }
            self.depth.fetch_max(path.len(), Ordering::Relaxed);
            loop {
                let Some(last) = path.last_mut().filter(|_| true) else {
                    return;
                };
                last.chosen += 1;
                if last.chosen < last.end {
                    break;
                }
                path.pop();
                if path.len() < fixed {
                    return;
                }
            }
            if path.len() < fixed || path.is_empty() {
                return;
            }
            if executed.is_multiple_of(64) {
                self.share(&mut path, fixed);
            }
        }
    }

    /// Goes on with the first choice each time, to the end or to a state that was seen. `true` where the execution must be
    /// replayed to go on.
    fn extend(&self, mut world: World, path: &mut Vec<Choice>) -> bool {
        loop {
            if let Some(property) = world.violation() {
                self.found(property, path, false);
                return false;
            }
            if path.len() > self.longest || !self.is_new(world.state()) {
                return false;
            }
            let Possible { actions, usual } = world.actions();
            let ends = usual == 0;
            if ends {
                world.settle();
                if let Some(property) = world.violation() {
                    self.found(property, path, true);
                    return false;
                }
            }
            let Some(first) = actions.first().copied() else {
                return false;
            };
            path.push(Choice { end: actions.len(), actions, chosen: 0 });
            if ends {
                return true;
            }
            world.step(first);
        }
    }

    fn found(&self, property: String, path: &[Choice], at_rest: bool) {
        let choices: Vec<usize> = path.iter().map(|choice| choice.chosen).collect();
        let mut found = lock(&self.found);
        if found.as_ref().is_none_or(|found| choices.len() < found.choices.len()) {
            *found = Some(Counterexample { property, choices, at_rest });
        }
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Gives the other choices at the earliest place to whoever has nothing to do.
    fn share(&self, path: &mut [Choice], fixed: usize) {
        let mut left = lock(&self.left);
        if left.0.len() >= 4 {
            return;
        }
        let place = (fixed..path.len()).find(|place| path[*place].chosen + 1 < path[*place].end);
        let Some(place) = place else {
            return;
        };
        for other in path[place].chosen + 1..path[place].end {
            let mut prefix = path[..=place].to_vec();
            prefix[place].chosen = other;
            prefix[place].end = other + 1;
            left.0.push(prefix);
        }
        path[place].end = path[place].chosen + 1;
    }
}

/// Explores with ever more faults, until all that the configuration allows were tried or time is up. The last two rounds: the one that
/// is complete, and the one that was cut off, if any.
pub fn deepen(
    configuration: &Configuration,
    workers: usize,
    on: impl Fn() -> bool + Sync,
    mut told: impl FnMut(&Configuration, &Explored),
) -> Vec<(Configuration, Explored)> {
    let all: u8 = configuration.faults.iter().map(|(_, count)| count).sum();
    let mut rounds = Vec::new();
    for at_most in 0..=all.min(configuration.at_most) {
        let bounded = Configuration { at_most, ..configuration.clone() };
        let explored = explore(&bounded, workers, &on);
        told(&bounded, &explored);
        let complete = explored.complete;
        rounds.push((bounded, explored));
        if !complete {
            break;
        }
    }
    rounds
}

/// One execution by chance, to its end: each number is another one.
pub fn walk(configuration: &Configuration, number: u64) -> Option<Counterexample> {
    walk_in(&mut World::new(configuration, false), number)
}

/// What the store is asked for in that execution.
pub fn walk_traced(configuration: &Configuration, number: u64) -> Vec<Asked> {
    let mut world = World::new(configuration, false);
    world.trace();
    walk_in(&mut world, number);
    world.traced()
}

fn walk_in(world: &mut World, number: u64) -> Option<Counterexample> {
    let mut choices = Vec::new();
    let mut chance = Chance::new(number);
    let mut next = move |below: usize| chance.below(below);
    loop {
        let Possible { actions, usual } = world.actions();
        // Faults are rare, so that something happens between them.
        let among = if usual > 0 && next(8) > 0 { usual } else { actions.len() };
        let at_rest = usual == 0 && (actions.is_empty() || next(2) == 0);
        if at_rest {
            world.settle();
        } else {
            let choice = next(among);
            choices.push(choice);
            world.step(actions[choice]);
        }
        if let Some(property) = world.violation() {
            return Some(Counterexample { property, choices, at_rest });
        }
        if at_rest {
            return None;
        }
    }
}

/// Takes the choices of a code again, and tells what happens. `None` where the code is none.
pub fn replay(
    code: &str,
    configurations: &[Configuration],
) -> Option<(Vec<String>, Option<String>)> {
    let mut world = replay_in(code, configurations, false)?;
    Some((world.log.take().unwrap_or_default(), world.violation()))
}

/// What the store is asked for there.
pub fn replay_traced(code: &str, configurations: &[Configuration]) -> Option<Vec<Asked>> {
    replay_in(code, configurations, true).map(|world| world.traced())
}

fn replay_in(code: &str, configurations: &[Configuration], traced: bool) -> Option<World> {
    let mut parts = code.splitn(3, ':');
    let number: usize = parts.next()?.parse().ok()?;
    let at_most: u8 = parts.next()?.parse().ok()?;
    let choices = parts.next()?;
    let configuration = configurations.iter().find(|known| known.number == number)?;
    let configuration = Configuration { at_most, ..configuration.clone() };
    let mut world = World::new(&configuration, true);
    if traced {
        world.trace();
    }
    let (choices, at_rest) = match choices.strip_suffix('!') {
        Some(choices) => (choices, true),
        None => (choices, false),
    };
    for choice in choices.split('.').filter(|choice| !choice.is_empty()) {
        let action = world.actions().actions.get(choice.parse::<usize>().ok()?).copied()?;
        world.step(action);
    }
    if at_rest {
        world.note("no fault happens any more, everything comes to rest, and Z asks for a token");
        world.settle();
    }
    Some(world)
}
