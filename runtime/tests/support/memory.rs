//! What is in the memory of another process.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::process::Child;

/// How often each of these is in the memory of a process that waits.
pub fn copies(process: &Child, texts: &[&[u8]]) -> usize {
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
