//! From the lines and columns that `serde_yaml` tells to bytes.

use std::fmt::Display;

/// Walks down a text with the places that are asked for, which come in the order of the text.
pub(super) struct Cursor<'text> {
    text: &'text str,
    /// How many lines lie above, and how many characters before it on its line.
    line: usize,
    column: usize,
    byte: usize,
}

impl<'text> Cursor<'text> {
    /// At the beginning of `text`.
    pub(super) fn new(text: &'text str) -> Self {
        Self { text, line: 0, column: 0, byte: 0 }
    }

    /// The byte at which the node stands whose visitor raised this error.
    pub(super) fn of(&mut self, error: &impl Display) -> usize {
        match line_and_column(&error.to_string()) {
            Some((line, column)) => self.at(line, column),
            // The only place that goes without saying is the beginning.
            None => 0,
        }
    }

    /// The same of a result that is always an error.
    pub(super) fn place<E: Display>(&mut self, answer: Result<(), E>) -> usize {
        answer.err().map_or(self.byte, |error| self.of(&error))
    }

    /// The byte at a line and a column counted from 0; the end of the line or of the text where that is shorter.
    fn at(&mut self, line: usize, column: usize) -> usize {
        if (line, column) < (self.line, self.column) {
            *self = Self::new(self.text);
        }
        for character in self.text.get(self.byte..).unwrap_or_default().chars() {
            let at_end_of_line = self.line == line && character == '\n';
            if (self.line, self.column) >= (line, column) || at_end_of_line {
                break;
            }
            self.byte += character.len_utf8();
            if character == '\n' {
                (self.line, self.column) = (self.line + 1, 0);
            } else {
                self.column += 1;
            }
        }
        self.byte
    }
}

/// The place at the end of an error's text, `… at line 3 column 7`, counted from 0.
pub(crate) fn line_and_column(text: &str) -> Option<(usize, usize)> {
    let (_, place) = text.rsplit_once("line ")?;
    let (line, column) = place.split_once(" column ")?;
    let column: usize = column.trim().parse().ok()?;
    Some((line.parse::<usize>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}
