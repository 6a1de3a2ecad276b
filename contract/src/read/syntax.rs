//! What the YAML parser says, in words that help.

use super::phrases::{COLON, COLUMNS, ITEMS, PHRASES, QUOTES};
use super::text::too_deep;
use crate::diagnostics::{Code, Span, shape};
use crate::place::{Places, line_and_column};
use crate::problems::Problems;

/// What is said about an error of the parser.
struct Words {
    code: Code,
    span: Span,
    message: String,
    hint: Option<&'static str>,
}

/// Reports an error of the parser.
pub(super) fn report(
    error: &serde_yaml::Error,
    text: &str,
    places: &Places<'_>,
    problems: &mut Problems<'_>,
) {
    let said = error.to_string();
    let start = error.location().map_or(0, |location| location.index());
    if said.starts_with("recursion limit") {
        return too_deep(places.character(start), problems);
    }
    let scene = Scene { said: &said, text, start, places };
    let words = scene
        .tab()
        .or_else(|| scene.misread())
        .or_else(|| scene.unclosed())
        .unwrap_or_else(|| scene.other());
    problems.place(words.code, words.span, words.message, None, words.hint);
}

/// Where the parser stopped, and why.
struct Scene<'a> {
    said: &'a str,
    text: &'a str,
    start: usize,
    places: &'a Places<'a>,
}

impl Scene<'_> {
    /// A tab among the blanks that begin the line.
    fn tab(&self) -> Option<Words> {
        let line = self.text.get(..self.start)?.rfind('\n').map_or(0, |newline| newline + 1);
        let indentation = self.text.get(line..)?;
        let blanks = indentation.len() - indentation.trim_start_matches([' ', '\t']).len();
        let tab = line + indentation.get(..blanks)?.find('\t')?;
        Some(Words {
            code: shape::TAB,
            span: self.places.character(tab),
            message: "a tab is used to indent, and YAML allows only spaces".to_owned(),
            hint: Some("use two spaces for each level"),
        })
    }

    /// What the line itself explains better than the parser.
    fn misread(&self) -> Option<Words> {
        let before = self.text.get(..self.start)?;
        let line = before.get(before.rfind('\n').map_or(0, |newline| newline + 1)..)?;
        let rest = self.text.get(self.start..)?;
        let indented = line.len() - line.trim_start().len();
        let (span, message, hint) = if line.ends_with('$') && rest.starts_with('{') {
            (
                self.places.rest_of_placeholder(self.start - 1),
                "a placeholder needs quotes inside `{ }` and `[ ]`",
                "write \"${refresh_token}\"",
            )
        } else if !self.said.contains("a flow ") && line.trim_end().ends_with(['"', '\'']) {
            (self.places.rest_of_line(self.start), "there is text after a closing quote", QUOTES)
        } else if self.said.contains("mapping values are not allowed")
            && !line.contains(": ")
            && !line.trim_start().is_empty()
        {
            let span = self.places.rest_of_line(self.start - (line.len() - indented));
            (span, "this line is indented deeper than the one that it continues", COLUMNS)
        } else if self.said.contains("did not find expected key") && rest.starts_with("- ") {
            (
                self.places.rest_of_line(self.start),
                "this line does not line up with the list above it",
                ITEMS,
            )
        } else if self.said.contains("could not find expected ':'") {
            let (line, column) = line_and_column(self.said)?;
            (
                self.places.rest_of_line(byte_at(self.text, line, column)),
                "this line has no `key: value`",
                COLON,
            )
        } else {
            return None;
        };
        Some(Words { code: shape::SYNTAX, span, message: message.to_owned(), hint: Some(hint) })
    }

    /// A quote or a bracket without its end: placed where it opens, not where the text ran out.
    fn unclosed(&self) -> Option<Words> {
        let (message, hint) = if self.said.contains("while scanning a quoted scalar")
            && self.said.contains("unexpected")
        {
            ("this quote is not closed", QUOTES)
        } else if self.said.contains("while parsing a flow sequence") {
            (
                "this list is not closed, or a comma is missing",
                "write [one, two]; quote a text that holds a comma or a bracket",
            )
        } else if self.said.contains("while parsing a flow mapping") {
            (
                "this mapping is not closed, or a comma is missing",
                "write { key: value, other: value }; a text that begins with `{` needs quotes",
            )
        } else {
            return None;
        };
        let (line, column) = line_and_column(self.said)?;
        let opening = self.places.character(byte_at(self.text, line, column));
        let stopped = self.places.character(self.start);
        // Where the parser stopped on the line that opened it, something is wrong just there.
        let here = opening.line == stopped.line && stopped.width > 0;
        let span = if here { stopped } else { opening };
        Some(Words { code: shape::SYNTAX, span, message: message.to_owned(), hint: Some(hint) })
    }

    fn other(&self) -> Words {
        let known = PHRASES.iter().find(|phrase| self.said.contains(phrase.said));
        let (message, hint) = match known {
            Some(phrase) if phrase.message.contains("{}") => {
                let character: String =
                    self.text.get(self.start..).into_iter().flat_map(str::chars).take(1).collect();
                (phrase.message.replace("{}", &character), phrase.hint)
            }
            Some(phrase) => (phrase.message.to_owned(), phrase.hint),
            None => (format!("this is not valid YAML: {}", without_place(self.said)), None),
        };
        Words {
            code: shape::SYNTAX,
            span: self.span(known.is_some_and(|phrase| phrase.line)),
            message,
            hint,
        }
    }

    /// The character at which the parser stopped, or the line of it.
    fn span(&self, line: bool) -> Span {
        let start = self.start.min(self.text.trim_end().len());
        if line { self.places.rest_of_line(start) } else { self.places.character(start) }
    }
}

/// What the parser says without its places.
fn without_place(said: &str) -> &str {
    said.split(" at line ").next().unwrap_or(said)
}

/// The byte at a line and a column counted from 0.
fn byte_at(text: &str, line: usize, column: usize) -> usize {
    let mut lines = text.split_inclusive('\n');
    let above: usize = lines.by_ref().take(line).map(str::len).sum();
    let rest = lines.next().unwrap_or_default();
    above + rest.chars().take(column).map(char::len_utf8).sum::<usize>()
}
