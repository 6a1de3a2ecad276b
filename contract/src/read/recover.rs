//! What can still be read of a text that is no YAML: everything but the part that breaks it.
//!
//! A parser stops at the first thing that it cannot read. A spec is laid out in lines, though, and their indentation says which of
//! them belong together: the smallest part around that place without which the rest can be read is left out.

use crate::path::{Path, Step};
use crate::problems::Problems;
use crate::shape::shapes;
use std::ops::Range;

/// How many parts are left out before nothing more is tried.
const MOST: usize = 8;

/// What is left of a text, and which facts are not in it.
pub(super) struct Rest {
    /// The text, with blanks in place of what was left out: everything else stands where it stood.
    pub(super) text: String,
    /// The facts that were left out.
    pub(super) broken: Vec<Path>,
}

/// What is left of `text` without the parts that break it, of which the first is the last of `problems`; each other is added to them.
/// `parse` finds the first in a text. `offset`: where the text begins in its file.
pub(super) fn rest<'f>(
    text: &str,
    offset: usize,
    problems: &mut Problems<'f>,
    parse: impl Fn(&str) -> Problems<'f>,
) -> Option<Rest> {
    let mut rest = Rest { text: text.to_owned(), broken: Vec::new() };
    for _ in 0..MOST {
        let place = problems.unreadable_from()?.checked_sub(offset)?;
        let parts = parts(&rest.text, place);
        let without = |(lines, path): &(Range<usize>, Path)| {
            let text = blanked(&rest.text, lines);
            let found = parse(&text);
            (lines.end, path.clone(), text, found)
        };
        let mut readable = parts.iter().map(without).filter(|(_, _, _, found)| found.is_empty());
        // Where no part alone breaks it, another place behind the largest of them does as well.
        let largest = || {
            let is_behind = |end: usize, found: &Problems<'f>| {
                found.unreadable_from().is_some_and(|next| next >= offset + end)
            };
            let largest = parts.last().map(without);
            largest.filter(|(end, _, _, found)| is_behind(*end, found))
        };
        let (_, path, text, found) = readable.next().or_else(largest)?;
        let block = indented_block(&path, &text);
        problems.last_is_about(block.as_ref().unwrap_or(&path));
        if let Some(block) = &block {
            problems.advise_last(format!("`{block}` belongs in the first column"));
        }
        rest.broken.push(block.unwrap_or(path));
        rest.text = text;
        if found.is_empty() {
            return Some(rest);
        }
        problems.add_apart(found, &[]);
    }
    None
}

/// The block of the spec that a part is which only its indentation puts where it stands: the rest of the text has none of this name.
fn indented_block(path: &Path, rest: &str) -> Option<Path> {
    let (Step::Key(name), [_, ..]) = path.0.split_last()? else { return None };
    let block = Path::of(name);
    let is_there = || {
        lines(rest).iter().any(|line| line.indentation == 0 && line.key() == Some(name.as_str()))
    };
    (shapes().has(&block) && !shapes().has(path) && !is_there()).then_some(block)
}

/// The text with blanks in place of some of its bytes.
fn blanked(text: &str, bytes: &Range<usize>) -> String {
    let blank = |(at, c): (usize, char)| match bytes.contains(&at) && c != '\n' && c != '\r' {
        true => " ".repeat(c.len_utf8()),
        false => c.to_string(),
    };
    text.char_indices().map(blank).collect()
}

/// A line of a text that says something.
struct Line<'a> {
    start: usize,
    indentation: usize,
    /// Without what it is indented by.
    text: &'a str,
}

impl Line<'_> {
    fn is_item(&self) -> bool {
        self.text.starts_with("- ") || self.text == "-"
    }

    /// What stands behind the mark of an item.
    fn content(&self) -> Self {
        let text = self.text.trim_start_matches('-').trim_start();
        let mark = self.text.len() - text.len();
        let indentation = self.indentation + mark;
        Line { start: self.start + indentation, indentation, text }
    }

    /// Whether it ends what an earlier line at the same place opened.
    fn closes(&self) -> bool {
        self.text.starts_with(['}', ']'])
    }

    /// Whether it stands in the part that `first` begins.
    fn is_below(&self, first: &Self) -> bool {
        let same = self.indentation == first.indentation;
        self.indentation > first.indentation
            || same && (self.closes() || self.is_item() && !first.is_item())
    }

    /// The key that it begins with, if there is one.
    fn key(&self) -> Option<&str> {
        let text = self.text.trim_start_matches(['"', '\'']);
        let end = text.find(|c: char| !c.is_alphanumeric() && !"_-.".contains(c));
        let (key, rest) = text.split_at(end.unwrap_or(text.len()));
        let is_key =
            rest.trim_start_matches(['"', '\'']).starts_with([':', ' ']) || rest.is_empty();
        (is_key && !key.is_empty()).then_some(key)
    }
}

/// The parts around a byte of the text, the smallest first: the bytes of each, and which fact it is.
fn parts(text: &str, place: usize) -> Vec<(Range<usize>, Path)> {
    let lines = lines(text);
    let Some(mut at) = lines.iter().rposition(|line| line.start <= place) else {
        return Vec::new();
    };
    let mut around = vec![at];
    while let Some(above) = lines[..at].iter().rposition(|above| lines[at].is_below(above)) {
        around.push(above);
        at = above;
    }
    let path = |of: usize| {
        let mut steps = Vec::new();
        for (outer, line) in around[of..].iter().rev().enumerate() {
            let first = &lines[*line];
            if !first.is_item() {
                steps.push(Step::Key(first.key()?.to_owned()));
                continue;
            }
            steps.push(Step::Index(items_before(&lines, *line)));
            // A line that is deeper than the first key of the item is below that.
            let inner = around.len().checked_sub(outer + 2).filter(|inner| *inner >= of);
            let below = inner.map(|inner| lines[around[inner]].indentation);
            let content = first.content();
            if below.is_some_and(|below| below > content.indentation) {
                steps.push(Step::Key(content.key()?.to_owned()));
            }
        }
        Some(Path(steps))
    };
    let part = |(of, first): (usize, &usize)| {
        let mut behind = lines.iter().skip(first + 1);
        let end = behind.find(|line| !line.is_below(&lines[*first]));
        let whole = &lines[*first];
        // What is left of an item keeps the place of those behind it.
        let start = if whole.is_item() { whole.content().start } else { whole.start };
        Some((start..end.map_or(text.len(), |line| line.start), path(of)?))
    };
    around.iter().enumerate().filter_map(part).collect()
}

/// How many items stand before this one in its list.
fn items_before(lines: &[Line<'_>], item: usize) -> usize {
    let first = &lines[item];
    let deep = lines[..item].iter().rev().filter(|line| line.indentation <= first.indentation);
    deep.take_while(|line| line.indentation == first.indentation && line.is_item()).count()
}

/// The lines of a text that say something: neither blank nor a comment.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let line = |whole: &'_ str| {
        let (begin, text) = (start, whole.trim_start());
        start += whole.len();
        (begin, whole.len() - text.len(), text.len())
    };
    let all: Vec<(usize, usize, usize)> = text.split_inclusive('\n').map(line).collect();
    let line = |(start, indentation, length): (usize, usize, usize)| {
        let text = text.get(start + indentation..start + indentation + length)?.trim_end();
        let says = !text.is_empty() && !text.starts_with('#') && text != "---";
        says.then_some(Line { start, indentation, text })
    };
    all.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn parts_go_by_the_indentation() {
        let text = "a:\n  b: c\n  d:\n  - e: f\n    g: {\n      h: i\n    }\nj: k\n";
        let said = |place: &str| {
            let parts = parts(text, text.find(place).unwrap());
            parts
                .iter()
                .map(|(part, path)| (path.to_string(), &text[part.clone()]))
                .collect::<Vec<_>>()
        };
        assert_eq!(said("j"), [("j".to_owned(), "j: k\n")]);
        assert_eq!(said("c")[0], ("a.b".to_owned(), "  b: c\n"));
        let of_h = said("h");
        assert_eq!(of_h[0], ("a.d[0].g.h".to_owned(), "      h: i\n"));
        assert_eq!(of_h[1], ("a.d[0].g".to_owned(), "    g: {\n      h: i\n    }\n"));
        assert_eq!(of_h[2], ("a.d[0]".to_owned(), "e: f\n    g: {\n      h: i\n    }\n"));
        assert_eq!(of_h[3].0, "a.d");
        assert_eq!(of_h.last().unwrap().0, "a");
    }
}
