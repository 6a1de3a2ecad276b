//! What is in the memory of another process.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::process::{Child, Command, Stdio};

/// How often each of these is in the memory of a process that waits.
fn copies(process: &Child, texts: &[&[u8]]) -> usize {
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", process.id())).expect("its maps");
    let mut memory = File::open(format!("/proc/{}/mem", process.id())).expect("its memory");
    let mut found = 0;
    for line in maps.lines() {
        let mut fields = line.split(' ');
        let (range, rights) = (fields.next().expect("a range"), fields.next().expect("its rights"));
        // What cannot be written to holds no secrets, and some of it cannot be read.
        if !rights.starts_with("rw") || line.ends_with("[vvar]") {
            continue;
        }
        let (start, end) = range.split_once('-').expect("two ends");
        let address = |text| u64::from_str_radix(text, 16).expect("an address");
        let (start, end) = (address(start), address(end));
        let mut bytes = vec![0; usize::try_from(end - start).expect("a size")];
        memory.seek(SeekFrom::Start(start)).expect("its memory");
        if memory.read_exact(&mut bytes).is_err() {
            continue;
        }
        for text in texts {
            let first = text[0];
            let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
            found += starts.filter(|(at, _)| bytes[*at..].starts_with(text)).count();
        }
    }
    found
}

/// What a child prints when it waits to be looked at.
const DONE: &str = "look-at-me";

/// Says that a child waits to be looked at, and waits.
pub fn wait_to_be_looked_at() {
    println!("\n{DONE}");
    let _ = std::io::stdin().read(&mut [0]);
}

/// How often each of these is in the memory of a process that runs the test `child` with these variables, once it waits.
pub fn copies_of_child(variables: &[(&str, &str)], texts: &[&[u8]]) -> Vec<usize> {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["child", "--exact", "--nocapture"]).envs(variables.iter().copied());
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped.spawn().expect("a child");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let done = lines.any(|line| line.is_ok_and(|line| line == DONE));
    assert!(done, "it failed: {variables:?}");
    let found = texts.iter().map(|text| copies(&child, &[text])).collect();
    drop(child.stdin.take());
    assert!(child.wait().expect("its end").success());
    found
}
