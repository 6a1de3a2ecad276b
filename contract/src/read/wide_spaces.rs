//! Spaces that are none to YAML, such as the no-break space that comes along from a web page: refused where nobody can have meant one.
//!
//! Within a text they are part of it. Whether one is within a text, the parser is asked: with `: @` in its place nothing changes in quotes,
//! in comments and in block texts, and elsewhere the parser stops there, as no token begins with `@`.

use crate::diagnostics::shape;
use crate::place::Places;
use crate::problems::Problems;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What the parser stops at outside of quotes, comments and block texts.
const PROBE: &str = ": @";

/// How many are reported at once. Finding one takes a pass over the text.
const MOST: usize = 10;

/// Refuses them at the edges of what a line says.
pub(super) fn check(text: &str, places: &Places<'_>, problems: &mut Problems<'_>) {
    let mut runs = candidates(text);
    for _ in 0..MOST {
        let Some(run) = first_refused(text, &runs).and_then(|first| runs.get_mut(first)) else {
            return;
        };
        run.told = true;
        report(text, run.start, places, problems);
    }
}

/// A run of white space that begins with such a space.
struct Run {
    start: usize,
    end: usize,
    /// Whether it was reported: it is read as spaces from then on.
    told: bool,
}

/// Whether a character looks like a space and is none to YAML: all of Unicode's category Zs but one.
fn is_wide(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// The runs of white space with such a space in them that stand where a line or a value begins or ends.
fn candidates(text: &str) -> Vec<Run> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(first) = text.get(start..).and_then(|rest| rest.find(is_wide)) {
        let is_space = |character: char| is_wide(character) || character == ' ';
        let first = start + first;
        let (before, behind) = text.split_at(first);
        let end = text.len() - behind.trim_start_matches(is_space).len();
        if is_edge(before.trim_end_matches(is_space), &text[end..]) {
            // The spaces before it are an indentation.
            found.push(Run { start: first, end, told: false });
        }
        start = end;
    }
    found
}

/// Whether something begins behind this text or ends before that one.
fn is_edge(before: &str, behind: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let said = line.trim_start_matches([' ', '-']);
    let in_flow = said.contains(['{', '[']);
    let key = said.rsplit(['{', ',']).next().unwrap_or_default().trim_start();
    let is_key = |key: &str| {
        !key.is_empty() && key.chars().all(|sign| sign.is_alphanumeric() || "_-.".contains(sign))
    };
    let ends_key = key.strip_suffix(':').is_some_and(is_key);
    let begins = said.is_empty() || ends_key || in_flow && line.ends_with(['{', '[', ',']);
    let ends = behind.is_empty()
        || behind.starts_with(['\n', '\r', '#'])
        || behind.starts_with(':') && is_key(key)
        || in_flow && behind.starts_with(['}', ']', ',']);
    begins || ends
}

/// The first of these that is not told yet and at which the parser stops.
fn first_refused(text: &str, runs: &[Run]) -> Option<usize> {
    if runs.is_empty() {
        return None;
    }
    let mut probe = String::with_capacity(text.len());
    let mut placed = Vec::with_capacity(runs.len());
    let mut last = 0;
    for run in runs {
        probe.push_str(text.get(last..run.start)?);
        placed.push(probe.len());
        match run.told {
            true => probe.extend(text.get(run.start..run.end)?.chars().map(|_| ' ')),
            false => probe.push_str(PROBE),
        }
        last = run.end;
    }
    probe.push_str(text.get(last..)?);
    let refusal = serde_yaml::Deserializer::from_str(&probe)
        .find_map(|document| IgnoredAny::deserialize(document).err())?;
    let stopped = refusal.location()?.index();
    let is_here = |(run, start): (&Run, &usize)| {
        !run.told && (*start..start + PROBE.len()).contains(&stopped)
    };
    runs.iter().zip(&placed).position(is_here)
}

fn report(text: &str, start: usize, places: &Places<'_>, problems: &mut Problems<'_>) {
    let Some(character) = text.get(start..).and_then(|rest| rest.chars().next()) else { return };
    let name = match character {
        '\u{a0}' => "a no-break space",
        '\u{202f}' => "a narrow no-break space",
        '\u{3000}' => "an ideographic space",
        _ => "a space of another width",
    };
    let message = format!("{name} (U+{:04X}) is no space to YAML", u32::from(character));
    let hint = "write an ordinary space in its place, or none at the end of a line; within quotes it may stay";
    let place = places.character(start);
    problems.place(shape::CONTROL_CHARACTER, place, message, None, Some(hint));
}
