//! What the tokens of a source must keep for the passes that follow, and the comments in them.

use proc_macro2::{Literal, Spacing};
use std::fmt::{self, Write};
use syn::buffer::Cursor;
use syn::{Error, LitStr, Result};

/// The texts of `comment!("…")` in order; or the place of a literal that spans lines.
pub(super) fn check(tokens: Cursor<'_>) -> Result<Vec<String>> {
    let mut comments = Vec::new();
    walk(tokens, &mut comments)?;
    Ok(comments)
}

/// What was just seen.
#[derive(Clone, Copy, PartialEq)]
enum Seen {
    /// `comment`
    Comment,
    /// `comment !`
    CommentBang,
    /// `doc`
    Doc,
    /// `doc =`
    DocEquals,
    /// Anything else.
    Other,
}

fn walk(mut tokens: Cursor<'_>, comments: &mut Vec<String>) -> Result<()> {
    let mut seen = Seen::Other;
    while !tokens.eof() {
        (seen, tokens) = if let Some((punct, rest)) = tokens.punct() {
            let alone = punct.spacing() == Spacing::Alone;
            match (seen, punct.as_char()) {
                (Seen::Comment, '!') if alone => (Seen::CommentBang, rest),
                (Seen::Doc, '=') => (Seen::DocEquals, rest),
                _ => (Seen::Other, rest),
            }
        } else if let Some((ident, rest)) = tokens.ident() {
            let named = [("comment", Seen::Comment), ("doc", Seen::Doc)];
            let seen = named.into_iter().find(|(name, _)| ident == name);
            (seen.map_or(Seen::Other, |(_, seen)| seen), rest)
        } else if let Some((literal, rest)) = tokens.literal() {
            check_literal(&literal, seen == Seen::DocEquals)?;
            (Seen::Other, rest)
        } else if let Some((inside, _, span, rest)) = tokens.any_group() {
            walk(inside, comments)?;
            if seen == Seen::CommentBang {
                let text: LitStr = syn::parse2(inside.token_stream())
                    .map_err(|_| Error::new(span.open(), "`comment!` takes one string"))?;
                comments.push(text.value());
            }
            (Seen::Other, rest)
        } else {
            // The first half of a lifetime.
            let Some((_, rest)) = tokens.token_tree() else { break };
            (Seen::Other, rest)
        };
    }
    Ok(())
}

/// Refuses a literal that spans lines; `doc`: one whose text does.
fn check_literal(literal: &Literal, doc: bool) -> Result<()> {
    let mut breaks = Breaks { raw: false, escaped: false };
    // It writes nothing that could fail.
    let _ = write!(breaks, "{literal}");
    if breaks.raw {
        return Err(Error::new(literal.span(), "a literal spans lines: write `\\n`"));
    }
    let text = || syn::parse_str::<LitStr>(&literal.to_string());
    if doc && breaks.escaped && text().is_ok_and(|text| text.value().contains('\n')) {
        let message = "a documentation comment spans lines: one `#[doc]` a line";
        return Err(Error::new(literal.span(), message));
    }
    Ok(())
}

/// Notes line breaks in what is written to it.
struct Breaks {
    /// A line break itself.
    raw: bool,
    /// What may be an escaped one.
    escaped: bool,
}

impl Write for Breaks {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.raw |= text.contains('\n');
        self.escaped |= text.contains("\\n");
        Ok(())
    }
}
