//! Runs the tests against each mutant.

use crate::compile::Programs;
use crate::crates::{self, Batch};
use crate::mutant::{Killer, State, Suite};
use std::io::Read;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How many seconds of a processor the tests of one mutant may take: less than one does. A machine that has other things to do kills none.
const WORK: &str = "20";

/// How long they may take if they wait for something.
const LIMIT: Duration = Duration::from_secs(600);

/// What ends a process that has had its time: `SIGXCPU`, and `SIGKILL` where it goes on.
const OVER: [i32; 2] = [24, 9];

/// Runs the right clients, which must pass, and then every mutant.
pub fn run(
    suites: &mut [Suite],
    batches: &[Batch],
    programs: &Programs,
    jobs: usize,
) -> Result<(), String> {
    let mut tasks = Vec::new();
    for batch in batches {
        let Some(program) = programs.get(&batch.package) else {
            continue;
        };
        if batch.original {
            original(&suites[batch.suite].provider, program)?;
        }
        tasks.extend(batch.mutants.iter().map(|index| (batch.suite, *index, program.as_path())));
    }
    for (suite, index, state) in all(&tasks, jobs)? {
        suites[suite].mutants[index].state = state;
    }
    Ok(())
}

fn original(provider: &str, program: &Path) -> Result<(), String> {
    match tests(program, crates::ORIGINAL)? {
        State::Survived => Ok(()),
        State::Killed(Killer::Tests(tests)) => Err(format!(
            "{provider}: the right client does not pass its own tests: {}",
            tests.join(", ")
        )),
        state => {
            Err(format!("{provider}: the right client does not pass its own tests: {state:?}"))
        }
    }
}

type Task<'a> = (usize, usize, &'a Path);

/// Runs all tasks, `jobs` at once.
fn all(tasks: &[Task<'_>], jobs: usize) -> Result<Vec<(usize, usize, State)>, String> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let work = || -> Result<(), String> {
        while let Some((suite, index, program)) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let state = tests(program, &crates::module(*index))?;
            done.lock().map_err(|error| error.to_string())?.push((*suite, *index, state));
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err("a worker failed".to_owned()))
        })
    })?;
    done.into_inner().map_err(|error| error.to_string())
}

/// Runs the tests of one module.
fn tests(program: &Path, module: &str) -> Result<State, String> {
    let cannot = |error: std::io::Error| format!("cannot run {}: {error}", program.display());
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -t \"$1\" && shift && exec \"$@\"", "sh", WORK])
        .arg(program)
        .args([&format!("{module}::"), "--test-threads=1", "--color=never"])
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(cannot)?;
    let mut stdout = child.stdout.take().ok_or("no output to read")?;
    let (sender, output) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let read = stdout.read_to_end(&mut text).map(|_| text);
        // The receiver is gone where the time is over.
        let _ = sender.send(read);
    });
    let Ok(output) = output.recv_timeout(LIMIT) else {
        child.kill().map_err(cannot)?;
        child.wait().map_err(cannot)?;
        return Ok(State::Killed(Killer::Clock));
    };
    let status = child.wait().map_err(cannot)?;
    if status.signal().is_some_and(|signal| OVER.contains(&signal)) {
        return Ok(State::Killed(Killer::Clock));
    }
    verdict(module, &String::from_utf8_lossy(&output.map_err(cannot)?), status.success())
}

/// What the output of a test program says.
fn verdict(module: &str, output: &str, success: bool) -> Result<State, String> {
    if output.contains("running 0 tests") || !output.contains("running ") {
        return Err(format!("{module} has no tests"));
    }
    if success {
        return Ok(State::Survived);
    }
    let failed = output.lines().filter_map(|line| {
        let name = line
            .strip_prefix("test ")?
            .split(" ... FAILED")
            .next()
            .filter(|name| name.len() + 5 < line.len())?;
        Some(name.rsplit("::").next().unwrap_or(name).to_owned())
    });
    Ok(State::Killed(Killer::Tests(failed.collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failed_tests_are_named() {
        let output = "\nrunning 2 tests\ntest m1::conformance::a ... ok\ntest m1::conformance::b ... FAILED\n\nfailures:\n";
        let killed = verdict("m1", output, false);
        assert_eq!(killed, Ok(State::Killed(Killer::Tests(vec!["b".to_owned()]))));
        assert_eq!(
            verdict("m1", "\nrunning 1 test\ntest m1::a ... ok\n", true),
            Ok(State::Survived)
        );
        assert!(verdict("m1", "\nrunning 0 tests\n", true).is_err());
    }
}
