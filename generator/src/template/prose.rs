//! Text that people read: documentation comments and Markdown pages.

use minijinja::value::{Object, ObjectRepr, Value};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The width that prose is wrapped to; with `/// ` and a level of indentation it stays below 100.
pub(super) const WIDTH: usize = 90;

/// Plain text of a spec as Markdown that shows it as it was written.
///
/// What stands between back ticks stays code. Outside of it whatever rustdoc would take for a link or for HTML is escaped, and an
/// address becomes a link.
///
/// ```
/// use rekindle::template::prose;
///
/// assert_eq!(prose("Send `a[0]` to <host>, see https://example.com."), r"Send `a[0]` to \<host\>, see <https://example.com>.");
/// ```
pub fn prose(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len() + 8);
    for (position, paragraph) in text.split("\n\n").enumerate() {
        if position > 0 {
            markdown.push_str("\n\n");
        }
        push_paragraph(&mut markdown, paragraph);
    }
    markdown
}

/// Adds a paragraph; a code span does not go past its end.
fn push_paragraph(markdown: &mut String, paragraph: &str) {
    let mut rest = paragraph;
    while let Some(tick) = rest.find('`') {
        push_plain(markdown, &rest[..tick]);
        let behind = &rest[tick + 1..];
        match behind.find('`').filter(|end| *end > 0) {
            Some(end) => {
                markdown.push_str(&rest[tick..tick + end + 2]);
                rest = &behind[end + 1..];
            }
            None => {
                markdown.push_str("\\`");
                rest = behind;
            }
        }
    }
    push_plain(markdown, rest);
}

/// Adds text outside of code, word by word.
fn push_plain(markdown: &mut String, text: &str) {
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let start = word.find("https://").or_else(|| word.find("http://"));
        let Some(start) = start else {
            push_escaped(markdown, piece);
            continue;
        };
        let address = word[start..]
            .trim_end_matches(['.', ',', ';', ':', ')', '>', ']', '"', '\'', '!', '?']);
        let end = start + address.len();
        push_escaped(markdown, &word[..start]);
        if address.contains(['<', '>']) {
            push_escaped(markdown, address);
        } else {
            markdown.extend(["<", address, ">"]);
        }
        push_escaped(markdown, &piece[end..]);
    }
}

/// Adds text with what rustdoc and Markdown would take for markup escaped.
fn push_escaped(markdown: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '[' | ']' | '<' | '>' | '\\' | '*') {
            markdown.push('\\');
        }
        markdown.push(c);
    }
}

/// Text as a piece of a Markdown line: no markup, no line break, fit for a table.
pub fn markdown_text(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    prose(&line).replace('|', "\\|")
}

/// Text as a code span in Markdown, fit for a table: what a page shows of a name, a path or a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code(pub String);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        match text.contains('`') {
            true => write!(f, "`` {text} ``"),
            false => write!(f, "`{text}`"),
        }
    }
}

/// Markdown that this crate wrote: it stands in a page as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Markdown(pub String);

/// Makes a type a value that prints by its `Display` and has nothing else.
macro_rules! printed {
    ($type:ident, |$this:ident, $f:ident| $print:expr) => {
        impl Object for $type {
            fn repr(self: &Arc<Self>) -> ObjectRepr {
                ObjectRepr::Plain
            }

            fn render(self: &Arc<Self>, $f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $this = self;
                $print
            }
        }

        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::from_object(value)
            }
        }
    };
}
printed!(Code, |this, f| fmt::Display::fmt(this, f));
printed!(Markdown, |this, f| f.write_str(&this.0));

/// The lines of Markdown, those past `width` wrapped, without control characters. Code blocks and tables stay as they are.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut fenced = false;
    for line in text.trim_end().split('\n') {
        let line = visible(line.trim_end());
        let fence = line.trim_start().starts_with("```");
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

/// Wraps one line at its spaces; what follows a list mark is indented to it.
fn wrap_line(line: &str, limit: usize, lines: &mut Vec<String>) {
    let indent = line.len() - line.trim_start().len()
        + if line.trim_start().starts_with("- ") { 2 } else { 0 };
    let margin = " ".repeat(indent);
    let mut current = String::new();
    let mut width = 0;
    for word in line.split(' ') {
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

/// Whether a line that begins with this word would be a list, a heading or a quotation.
fn starts_a_block(word: &str) -> bool {
    let number = word.trim_end_matches(['.', ')']);
    word.starts_with(['#', '>', '|', '=', '~'])
        || matches!(word, "-" | "+" | "*" | "")
        || word.starts_with("---")
        || (number.len() < word.len()
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit()))
}

/// `line` without what a comment may not hold or a reader cannot see: control and text direction characters.
pub(crate) fn visible(line: &str) -> Cow<'_, str> {
    let hidden = |c: char| {
        c.is_control() && c != '\t'
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if line.contains(hidden) {
        Cow::Owned(line.replace(hidden, "\u{fffd}"))
    } else {
        Cow::Borrowed(line)
    }
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, markdown_text, prose, wrap};

    #[test]
    fn prose_keeps_code_and_escapes_markup() {
        assert_eq!(prose("a `b[c]` [d]"), "a `b[c]` \\[d\\]");
        assert_eq!(prose("one ` tick [x]"), "one \\` tick \\[x\\]");
        assert_eq!(prose("(see http://a.example/x_y)"), "(see <http://a.example/x_y>)");
        assert_eq!(prose("https://<tenant>.example"), "https://\\<tenant\\>.example");
        assert_eq!(markdown_text("a\n  b | c"), "a b \\| c");
    }

    #[test]
    fn long_lines_are_wrapped_and_stay_markdown() {
        let long = format!("- {} - 1. # end", "word ".repeat(40).trim_end());
        let lines = wrap(&long, WIDTH);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= 104), "{lines:?}");
        assert!(
            lines[1..].iter().all(|line| line.starts_with("  w") || line.starts_with("  e")),
            "{lines:?}"
        );
        assert_eq!(lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" "), long);
    }

    #[test]
    fn code_blocks_stay() {
        let code = format!("```\n{}\n```", "x ".repeat(80).trim_end());
        assert_eq!(wrap(&code, WIDTH).join("\n"), code);
    }
}
