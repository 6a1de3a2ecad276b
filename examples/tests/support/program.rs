//! A program as a process: what it prints, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use super::PATIENCE;

/// The greatest number of lines in which other words are looked for.
const MOST_LINES: usize = 500;

/// A program that runs. It is killed if a test does not end it.
pub struct Running {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    said: String,
}

/// How a program ended, and all that it said.
#[derive(Debug)]
pub struct Ended {
    /// `None` where a signal ended it.
    pub code: Option<i32>,
    pub said: String,
}

impl Running {
    /// Starts it, and gives it this on standard input.
    pub fn start(command: &mut Command, input: &str) -> Self {
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("the program");
        let mut stdin = child.stdin.take().expect("its input");
        // A program that reads nothing may have ended already.
        let _ = stdin.write_all(input.as_bytes());
        Self {
            stdout: lines(child.stdout.take().expect("its output")),
            stderr: lines(child.stderr.take().expect("its errors")),
            child,
            said: String::new(),
        }
    }

    /// The next line on standard output that holds these words.
    #[track_caller]
    pub fn says(&mut self, words: &str) -> String {
        // A program that goes on saying other things has failed, too.
        for _ in 0..MOST_LINES {
            let Ok(line) = self.stdout.recv_timeout(PATIENCE) else {
                let errors: Vec<String> = self.stderr.try_iter().collect();
                panic!("no {words:?} after\n{}\n{errors:#?}", self.said);
            };
            self.said += &format!("{line}\n");
            if line.contains(words) {
                return line;
            }
        }
        panic!("no {words:?} in\n{}", self.said);
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a process");
    }

    /// Waits until it has ended.
    pub fn end(mut self) -> Ended {
        let rest = self.stdout.iter().chain(self.stderr.iter());
        let rest: Vec<String> = rest.collect();
        let mut said = std::mem::take(&mut self.said);
        for line in rest {
            said += &format!("{line}\n");
        }
        let code = self.child.wait().expect("its end").code();
        Ended { code, said }
    }
}

impl Ended {
    /// That it ended with this code and said these words.
    #[track_caller]
    pub fn expect(self, code: i32, words: &str) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.said);
        assert!(self.said.contains(words), "no {words:?} in\n{}", self.said);
        self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, if the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
