//! Markdown in the lines of a comment.

use std::borrow::Cow;

/// What ends a line of Markdown unseen. A space that does not break is seen.
const END: [char; 4] = [' ', '\t', '\r', '\n'];

/// The lines of Markdown, those past `width` wrapped, without control characters. Code blocks and tables stay as they are.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut fenced = false;
    for line in text.trim_end_matches(END).split('\n') {
        let line = visible(line.trim_end_matches(END));
        let start = line.trim_start();
        let fence = start.starts_with("```") && !start.trim_start_matches('`').contains('`');
        fenced ^= fence;
        if fenced
            || fence
            || line.chars().count() <= width
            || line.starts_with(['|', '#'])
            || line.starts_with("    ")
        {
            lines.push(line.into_owned());
        } else {
            wrap_line(&line, width, &mut lines);
        }
    }
    lines
}

/// Wraps one line at its spaces outside of code; what follows a list mark is indented to it.
///
/// Code is not broken: what a span holds is not escaped, and its words could begin anything at the beginning of a line.
fn wrap_line(line: &str, limit: usize, lines: &mut Vec<String>) {
    let indent = line.len() - line.trim_start().len()
        + if line.trim_start().starts_with("- ") { 2 } else { 0 };
    let margin = " ".repeat(indent);
    let mut current = String::new();
    let mut width = 0;
    for word in words(line) {
        let length = word.chars().count();
        if width > indent && width + 1 + length > limit && !starts_a_block(word) {
            lines.push(std::mem::replace(&mut current, margin.clone()));
            width = indent;
        } else if !current.is_empty() || (word.is_empty() && width == 0) {
            current.push(' ');
            width += 1;
        }
        current.push_str(word);
        width += length;
    }
    lines.push(current);
}

/// The pieces of a line between the spaces outside of code spans.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = word_end(text);
        rest = text.get(end + 1..);
        Some(&text[..end])
    })
}

/// Where the first word of a text ends.
fn word_end(text: &str) -> usize {
    let mut end = 0;
    while let Some(c) = text[end..].chars().next() {
        match c {
            ' ' => return end,
            '\\' => end += 1 + text[end + 1..].chars().next().map_or(0, char::len_utf8),
            '`' => {
                let run = ticks(&text[end..]);
                end += run;
                end += closing(&text[end..], run).unwrap_or_default();
            }
            c => end += c.len_utf8(),
        }
    }
    end
}

/// How many backticks a text begins with.
fn ticks(text: &str) -> usize {
    text.len() - text.trim_start_matches('`').len()
}

/// The end of the code span that as many backticks opened.
fn closing(text: &str, opened: usize) -> Option<usize> {
    let mut from = 0;
    loop {
        from += text[from..].find('`')?;
        let run = ticks(&text[from..]);
        from += run;
        if run == opened {
            return Some(from);
        }
    }
}

/// Whether a line that begins with this word would be a list, a heading or a quotation.
fn starts_a_block(word: &str) -> bool {
    let number = word.trim_end_matches(['.', ')']);
    word.starts_with(['#', '>', '|', '=', '~', ':'])
        || matches!(word, "-" | "+" | "*" | "")
        || word.starts_with("---")
        || (number.len() < word.len()
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit()))
}

/// `line` without what a comment may not hold or a reader cannot see.
pub(crate) fn visible(line: &str) -> Cow<'_, str> {
    if line.contains(is_hidden) {
        Cow::Owned(line.replace(is_hidden, "\u{fffd}"))
    } else {
        Cow::Borrowed(line)
    }
}

/// Whether this is a control character or changes the direction of text; a tab is neither.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control() && c != '\t' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
