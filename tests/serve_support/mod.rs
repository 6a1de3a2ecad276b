//! The command while it serves, and clients for it: curl, and a plain one that can be told to do it wrong.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod call;

pub use call::curl_or_parse;

use crate::support::Place;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A test that waits longer than this for a line has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The command, serving. It is killed if a test does not end it.
pub struct Played {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    /// All that was said so far.
    said: String,
    _place: Place,
}

impl Played {
    /// Serves in a place that stays for as long.
    pub fn start(place: Place, arguments: &[&str]) -> Self {
        let mut command = place.command();
        command.args(arguments);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command");
        let stdout = lines(child.stdout.take().expect("stdout"));
        let stderr = lines(child.stderr.take().expect("stderr"));
        Self { child, stdout, stderr, said: String::new(), _place: place }
    }

    /// The table for people.
    pub fn table(&mut self) -> String {
        self.until("Ctrl-C ends it.")
    }

    /// The table for scripts.
    pub fn json(&mut self) -> serde_json::Value {
        serde_json::from_str(&self.until("}")).expect("JSON")
    }

    /// What is on stdout up to this line.
    fn until(&mut self, last: &str) -> String {
        let mut text = String::new();
        loop {
            let Ok(line) = self.stdout.recv_timeout(PATIENCE) else {
                let said: Vec<String> = self.stderr.try_iter().collect();
                panic!("no {last:?} after\n{text}\n{said:#?}");
            };
            text += &line;
            text.push('\n');
            if line == last {
                return text;
            }
        }
    }

    /// The next line on stderr with these words in it.
    #[track_caller]
    pub fn says(&mut self, words: &str) -> String {
        loop {
            let Ok(line) = self.stderr.recv_timeout(PATIENCE) else {
                panic!("no {words:?} after\n{}", self.said);
            };
            self.said += &format!("{line}\n");
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Asks it to end, and gives all that it said. It ends well.
    #[track_caller]
    pub fn interrupt(&mut self, signal: &str) -> String {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args([&format!("-{signal}"), &id]).status();
        assert!(kill.expect("kill").success());
        self.says("ended after ");
        let status = self.child.wait().expect("an end");
        assert_eq!(status.code(), Some(0), "{}", self.said);
        self.said.clone()
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        // It has ended already, if the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a stream, as they come.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
