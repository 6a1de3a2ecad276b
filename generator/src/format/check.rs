//! What the tokens of a source must keep for the passes that follow, and the comments in them.

use proc_macro2::{Delimiter, Group, LineColumn, Literal, Spacing, TokenStream, TokenTree};
use std::fmt::{self, Write};
use syn::LitStr;

/// Where a token is not as it must be, and why.
type Refusal = (LineColumn, String);

/// The tokens again, and the texts of `comment!("…")` in order; or the place of a literal that spans lines.
///
/// The tokens are taken apart and put together again: a look at them from outside would copy each.
pub(super) fn check(tokens: TokenStream) -> Result<(TokenStream, Vec<String>), Refusal> {
    let mut comments = Vec::new();
    let tokens = walk(tokens, &mut comments)?;
    Ok((tokens, comments))
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

fn walk(tokens: TokenStream, comments: &mut Vec<String>) -> Result<TokenStream, Refusal> {
    let mut seen = Seen::Other;
    let mut checked = Vec::new();
    for mut token in tokens {
        seen = match (seen, &token) {
            (_, TokenTree::Ident(ident)) if ident == "comment" => Seen::Comment,
            (_, TokenTree::Ident(ident)) if ident == "doc" => Seen::Doc,
            (Seen::Comment, TokenTree::Punct(punct))
                if punct.as_char() == '!' && punct.spacing() == Spacing::Alone =>
            {
                Seen::CommentBang
            }
            (Seen::Doc, TokenTree::Punct(punct)) if punct.as_char() == '=' => Seen::DocEquals,
            (Seen::CommentBang, TokenTree::Group(group)) => {
                let text: LitStr = syn::parse2(group.stream()).map_err(|_| {
                    (group.span().start(), "`comment!` takes one string".to_owned())
                })?;
                comments.push(text.value());
                Seen::Other
            }
            (before, TokenTree::Literal(literal)) => {
                check_literal(literal, before == Seen::DocEquals)?;
                Seen::Other
            }
            _ => Seen::Other,
        };
        if let TokenTree::Group(group) = token {
            token = TokenTree::Group(inside(group, comments)?);
        }
        checked.push(token);
    }
    Ok(checked.into_iter().collect())
}

/// A group with its content checked.
fn inside(group: Group, comments: &mut Vec<String>) -> Result<Group, Refusal> {
    let (delimiter, stream, span): (Delimiter, _, _) =
        (group.delimiter(), group.stream(), group.span());
    // Then the stream is the only owner of its tokens.
    drop(group);
    let mut group = Group::new(delimiter, walk(stream, comments)?);
    group.set_span(span);
    Ok(group)
}

/// Refuses a literal that spans lines; `doc`: one whose text does.
fn check_literal(literal: &Literal, doc: bool) -> Result<(), Refusal> {
    let mut breaks = Breaks { raw: false, escaped: false };
    // It writes nothing that could fail.
    let _ = write!(breaks, "{literal}");
    let refuse = |why: &str| Err((literal.span().start(), why.to_owned()));
    if breaks.raw {
        return refuse("a literal spans lines: write `\\n`");
    }
    let text = || syn::parse_str::<LitStr>(&literal.to_string());
    if doc && breaks.escaped && text().is_ok_and(|text| text.value().contains('\n')) {
        return refuse("a documentation comment spans lines: one `#[doc]` a line");
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
