//! Text of a spec as Markdown that renders as that very text, wherever it goes: documentation comments and pages.
//!
//! Whatever a text holds, what comes out is paragraphs of text, code spans and autolinks, and nothing else: no block of code
//! that `cargo test` would run, no HTML, no link, list, heading or table. A text keeps its paragraphs, its code between single
//! backticks, and its web addresses, which become links. Two readers count: rustdoc (`pulldown-cmark`) and GitHub
//! (`cmark-gfm`).
//!
//! Quotation marks stay as they are. rustdoc sets them as a printer does, and to escape each would make comments unreadable.

mod wrap;

#[cfg(feature = "cli")]
pub(crate) use wrap::is_hidden;
pub(crate) use wrap::{visible, wrap};

use std::fmt::Write;

/// Text of a spec as paragraphs of Markdown.
///
/// ```
/// use rekindle::template::prose;
///
/// assert_eq!(prose("Send `a[0]` to <host>, see https://example.com."), r"Send `a[0]` to \<host\>, see <https://example.com>.");
/// assert_eq!(prose("Run:\n\n    - cargo test"), "Run:\n\n\\- cargo test");
/// ```
pub fn prose(text: &str) -> String {
    paragraphs(text)
        .iter()
        .map(|text| escaped(text, Place::Paragraph))
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// Text of a spec as a piece of a line: a cell of a table, an item of a list, a heading, a part of a sentence.
pub fn inline(text: &str) -> String {
    escaped(&one_line(text), Place::Line)
}

/// Paragraphs that end in a full stop.
pub(crate) fn sentence(text: &str) -> String {
    ended(text, prose(text))
}

fn ended(text: &str, mut markdown: String) -> String {
    if !markdown.is_empty() && !text.trim_end().ends_with(['.', '!', '?', ':']) {
        markdown.push('.');
    }
    markdown
}

/// A name, a path or a value as a code span.
///
/// It is right in a table and outside of one: a bar cannot stand in a code span of both, so it stands between two of them.
pub fn code(text: &str) -> String {
    let text = one_line(text);
    if text.is_empty() {
        // An empty span would be two backticks that begin another one.
        return "`\"\"`".to_owned();
    }
    spans(&text)
}

/// Code spans with the bars between them.
fn spans(text: &str) -> String {
    let piece = |piece: &str| match piece.trim_matches(' ') {
        "" => piece.to_owned(),
        _ => span(piece),
    };
    text.split('|').map(piece).collect::<Vec<_>>().join("\\|")
}

/// A code span of one piece that holds something else than spaces.
fn span(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let outer = |c: char| matches!(c, '`' | ' ');
    let pad = if text.starts_with(outer) || text.ends_with(outer) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A text as a block of code in this language, line by line as it is, without what a reader cannot see.
pub(crate) fn block(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat((longest + 1).max(3));
    // A tab is none of what it looks like.
    let text = text.trim_end().replace('\t', "\u{fffd}");
    let lines: Vec<_> = text.split('\n').map(|line| visible(line.trim_end_matches('\r'))).collect();
    format!("{fence}{language}\n{}\n{fence}", lines.join("\n"))
}

/// A link to a web address. What is no web address is no link.
pub fn link(title: &str, url: &str) -> String {
    let title = escaped(&one_line(title), Place::Link);
    if address(url) == 0 {
        return format!("{title} ({})", inline(url));
    }
    let mut target = String::with_capacity(url.len());
    let mut bytes = [0; 4];
    for (index, c) in url.char_indices() {
        match c {
            '&' if entity(&url[index..]) => target.push_str("\\&"),
            c if matches!(c, '[' | ']' | ';') || is_address(c) && !matches!(c, '(' | ')') => {
                target.push(c)
            }
            c => c.encode_utf8(&mut bytes).bytes().for_each(|byte| {
                let _ = write!(target, "%{byte:02X}");
            }),
        }
    }
    format!("[{title}]({target})")
}

/// Where a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Its lines are lines of a paragraph.
    Paragraph,
    /// It is a part of a line, which may be a row of a table.
    Line,
    /// It is the text of a link, and links hold none.
    Link,
}

/// The paragraphs of a text, each with its lines trimmed.
fn paragraphs(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut paragraphs = vec![String::new()];
    for line in text.split('\n') {
        let line = words(line);
        match paragraphs.last_mut() {
            Some(last) if !line.is_empty() => {
                if !last.is_empty() {
                    last.push('\n');
                }
                last.push_str(&line);
            }
            Some(last) if !last.is_empty() => paragraphs.push(String::new()),
            _ => {}
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// A text on one line.
fn one_line(text: &str) -> String {
    words(&text.replace(['\n', '\r'], " "))
}

/// A line without what a reader cannot see, its words one space apart. A space that does not break is a character of a word.
fn words(line: &str) -> String {
    let space =
        |c: char| matches!(c, ' ' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let words = line.split(space).filter(|word| !word.is_empty()).map(visible);
    words.collect::<Vec<_>>().join(" ")
}

/// Lines of words as Markdown.
fn escaped(text: &str, place: Place) -> String {
    let mut markdown = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    // The last character, where it stands there as it is.
    let mut before = Some('\n');
    while let Some(c) = rest.chars().next() {
        let address = if place == Place::Link { 0 } else { address(rest) };
        let taken = if c == '`' {
            push_ticks(&mut markdown, rest, place)
        } else if address > 0 {
            markdown.extend(["<", &rest[..address], ">"]);
            address
        } else if before == Some('\n') && c.is_ascii_digit() {
            push_number(&mut markdown, rest)
        } else {
            if is_markup(before, rest) {
                markdown.push('\\');
            }
            markdown.push(c);
            c.len_utf8()
        };
        before = if c == '`' || address > 0 { None } else { rest[..taken].chars().next_back() };
        rest = &rest[taken..];
    }
    markdown
}

/// Adds what begins with a backtick: a code span up to the next single one, or backticks that mean themselves.
fn push_ticks(markdown: &mut String, text: &str, place: Place) -> usize {
    let run = text.len() - text.trim_start_matches('`').len();
    let content = if run == 1 { code_content(&text[1..], place) } else { None };
    match content {
        Some(content) if place == Place::Paragraph => {
            markdown.push_str(&span(&content.replace('\n', " ")))
        }
        Some(content) => markdown.push_str(&spans(content)),
        None => markdown.push_str(&"\\`".repeat(run)),
    }
    content.map_or(run, |content| content.len() + 2)
}

/// What stands before the next single backtick; none where that shows nothing as code, or there is no such backtick.
fn code_content(text: &str, place: Place) -> Option<&str> {
    let mut ticks = text.match_indices('`').map(|(tick, _)| tick);
    let single = |tick: &usize| !text[..*tick].ends_with('`') && !text[tick + 1..].starts_with('`');
    let content = &text[..ticks.find(single)?];
    let unseen = |c: char| matches!(c, ' ' | '\n') || c == '|' && place != Place::Paragraph;
    (!content.contains('`') && !content.trim_matches(unseen).is_empty()).then_some(content)
}

/// Adds the number at the beginning of a line, which is not that of a list.
fn push_number(markdown: &mut String, line: &str) -> usize {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    markdown.push_str(&line[..digits]);
    if line[digits..].starts_with(['.', ')']) {
        markdown.extend(["\\", &line[digits..=digits]]);
        return digits + 1;
    }
    digits
}

/// Whether Markdown or rustdoc would take the first character of `rest` for something else than text.
fn is_markup(before: Option<char>, rest: &str) -> bool {
    let mut characters = rest.chars();
    let (c, after) = (characters.next().unwrap_or_default(), characters.as_str());
    let line = before == Some('\n');
    match c {
        '[' | ']' | '<' | '>' | '\\' | '*' | '~' | '|' | '$' => true,
        // In the middle of a word it is a character like any other.
        '_' => {
            let inside = before.is_some_and(char::is_alphanumeric)
                && after.starts_with(char::is_alphanumeric)
                && address(after) == 0;
            !inside
        }
        '&' => entity(rest),
        // rustdoc makes dashes of hyphens and ellipses of dots.
        '-' => line || after.starts_with('-'),
        '.' => after.starts_with(".."),
        '+' | '=' => line,
        // At its beginning it makes a line a heading; at the end of a heading it would not be seen.
        '#' => line || before == Some(' ') && after.trim_start_matches('#').is_empty(),
        // rustdoc finds addresses that are no links.
        ':' => {
            let address =
                || after.strip_prefix("//").is_some_and(|rest| rest.starts_with(is_address));
            line || matches!(before, Some('p' | 's')) && address()
        }
        _ => false,
    }
}

/// Whether `text` begins with a character reference: `&lt;`.
fn entity(text: &str) -> bool {
    let name = text.strip_prefix('&').unwrap_or_default();
    let end = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '#');
    end.len() < name.len() && end.starts_with(';')
}

/// The length of the web address that `text` begins with, without what ends the sentence; 0 where there is none.
fn address(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return 0;
    };
    let scheme = text.len() - rest.len();
    let end = rest.find(|c| !is_address(c)).unwrap_or(rest.len());
    let rest =
        rest[..end].trim_end_matches(['.', ',', ':', ')', '\'', '!', '?', '*', '_', '~', '&']);
    if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) { scheme + rest.len() } else { 0 }
}

/// Whether a web address in a text may hold this character (RFC 3986). Brackets and semicolons are left out: they end it more
/// often than they belong to it, and `&lt;` would be a character reference.
fn is_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,=%".contains(c)
}

#[cfg(test)]
mod tests;
