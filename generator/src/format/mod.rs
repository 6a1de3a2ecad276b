//! The formatter: rendered templates become source that reads as if written by hand. No rustfmt process.
//!
//! `syn` parses, blank lines are put between items of the tree, `prettyplease` prints, and the marker statements
//! `comment!("…");` and `blank!();` become comments and blank lines.
//!
//! Invariant: no literal and no documentation comment spans lines (it is refused), so the pass over printed lines cannot
//! reach inside of one.

mod check;
mod lines;
mod spacing;

use proc_macro2::{LineColumn, TokenStream};
use std::fmt;
use syn::parse::{ParseStream, Parser};

/// The revision of the formatter: raised with every change of what it prints, so that files of another revision are made anew.
pub const REVISION: u32 = 2;

/// Formats Rust source.
///
/// ```
/// let source = "fn a() { comment!(\"Why.\"); b(); } fn b() {}";
/// assert_eq!(rekindle::format::format(source)?, "fn a() {\n    // Why.\n    b();\n}\n\nfn b() {}\n");
/// # Ok::<(), rekindle::format::FormatError>(())
/// ```
pub fn format(source: &str) -> Result<String, FormatError> {
    let formatted = format_tokens(source);
    // Each source that was read stays in memory for its places; none is needed any more.
    proc_macro2::extra::invalidate_current_thread_spans();
    formatted
}

fn format_tokens(source: &str) -> Result<String, FormatError> {
    let tokens: TokenStream = source.parse().map_err(|error: proc_macro2::LexError| {
        FormatError::new(source, error.span().start(), error.to_string())
    })?;
    // Both look at one buffer of the tokens.
    let parse = |input: ParseStream<'_>| {
        let comments = check::check(input.cursor())?;
        Ok((input.parse::<syn::File>()?, comments))
    };
    let (mut file, comments) = parse
        .parse2(tokens)
        .map_err(|error| FormatError::new(source, error.span().start(), error.to_string()))?;
    spacing::space(&mut file);
    // The printer gives up on syntax that it does not know; an own template may hold some.
    let printed = std::panic::catch_unwind(|| prettyplease::unparse(&file)).map_err(|_| {
        let message = "this is Rust, but not of a kind that can be printed".to_owned();
        FormatError::new(source, LineColumn { line: 1, column: 0 }, message)
    })?;
    lines::finish(&printed, &comments).ok_or_else(|| {
        FormatError::new(
            source,
            LineColumn { line: 1, column: 0 },
            "comments were lost in printing".to_owned(),
        )
    })
}

/// Why rendered text is not Rust: a mistake in a template, never in a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatError {
    /// The line of the rendered text, counted from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
    /// What is wrong with it.
    pub message: String,
}

impl FormatError {
    fn new(source: &str, at: LineColumn, message: String) -> Self {
        let text = source.lines().nth(at.line.saturating_sub(1)).unwrap_or_default();
        Self { line: at.line, text: around(text, at.column), message }
    }
}

/// The text at a column: rendered lines may be very long.
fn around(line: &str, column: usize) -> String {
    let first = column.saturating_sub(60);
    line.chars().skip(first).take(120).collect::<String>().trim().to_owned()
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rendered line {}: {}\n  {}", self.line, self.message, self.text)
    }
}

impl std::error::Error for FormatError {}

#[cfg(test)]
mod tests;
