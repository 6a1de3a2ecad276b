//! Workers as their operator meets them: three processes, three grants, a real Redis.

mod support;

use std::time::Duration;

use rekindle_servers::Redis;
use rustix::process::Signal;
use support::{Running, Wetix};

const PEOPLE: [&str; 3] = ["ada", "grace", "joan"];

/// Waits until the worker was answered with tokens of this generation in everybody's name.
fn all_answer(worker: &mut Running, generation: u64) {
    let mut others = PEOPLE.to_vec();
    while !others.is_empty() {
        let line = worker.says(&format!(" answered with generation {generation}"));
        others.retain(|person| !line.contains(person));
    }
}

#[test]
fn workers_share_what_one_of_them_gets() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let wetix = Wetix::start(Duration::ZERO);
    let fleet = |arguments: &[&str]| {
        let mut command = wetix.program(env!("CARGO_BIN_EXE_fleet"));
        command.env("REDIS_URL", redis.url());
        command.args(arguments).args(PEOPLE);
        command
    };
    let first: Vec<String> = PEOPLE.iter().map(|_| wetix.sign_in()).collect();
    let signed_in = Running::start(&mut fleet(&["sign-in"]), &first.join("\n"));
    let signed_in = signed_in.end().expect(0, "joan is signed in").said;

    let work = || Running::start(&mut fleet(&["work", "--every", "20"]), "");
    let mut workers = [work(), work(), work()];
    for worker in &mut workers {
        all_answer(worker, 2);
    }
    assert_eq!(wetix.refreshes(), 3, "one for each grant");

    // The provider no longer takes the tokens; and one of the workers dies.
    let [mut one, mut two, three] = workers;
    three.signal(Signal::KILL);
    let killed = three.end();
    assert_eq!(killed.code, None);
    wetix.expire();
    all_answer(&mut one, 3);
    all_answer(&mut two, 3);
    assert_eq!(wetix.refreshes(), 6, "one more for each grant");

    let mut said = vec![signed_in, killed.said];
    for worker in [one, two] {
        worker.signal(Signal::TERM);
        let ended = worker.end().expect(0, "ended after ");
        assert!(!ended.said.contains("failed"), "{}", ended.said);
        said.push(ended.said);
    }
    let refreshed = said.iter().map(|said| said.matches("refreshed: ").count());
    assert_eq!(refreshed.sum::<usize>(), 3, "{said:#?}");
    wetix.assert_silent(said.iter().map(String::as_str));
}

#[test]
fn a_server_that_could_forget_is_refused() {
    let Some(redis) = Redis::launch(&[("appendfsync", "everysec")]) else {
        return;
    };
    let wetix = Wetix::start(Duration::ZERO);
    let mut command = wetix.program(env!("CARGO_BIN_EXE_fleet"));
    command.env("REDIS_URL", redis.url()).args(["work", "ada"]);
    Running::start(&mut command, "").end().expect(1, "appendfsync");
}
