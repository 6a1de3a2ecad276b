//! What the tokens of a source must keep for the passes that follow, and the comments in them.

use proc_macro2::{LineColumn, Spacing, TokenStream, TokenTree};
use syn::LitStr;

/// The texts of `comment!("…")` in order; or the place of a literal that spans lines.
pub(super) fn check(tokens: &TokenStream) -> Result<Vec<String>, (LineColumn, String)> {
    let mut comments = Vec::new();
    walk(tokens.clone(), &mut comments)?;
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

fn walk(tokens: TokenStream, comments: &mut Vec<String>) -> Result<(), (LineColumn, String)> {
    let mut seen = Seen::Other;
    for token in tokens {
        seen = match (seen, token) {
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
            (_, TokenTree::Group(group)) => {
                walk(group.stream(), comments)?;
                Seen::Other
            }
            (before, TokenTree::Literal(literal)) => {
                let text = literal.to_string();
                if text.contains('\n') {
                    return Err((
                        literal.span().start(),
                        "a literal spans lines: write `\\n`".to_owned(),
                    ));
                }
                if before == Seen::DocEquals && spans_lines(&text) {
                    return Err((
                        literal.span().start(),
                        "a documentation comment spans lines: one `#[doc]` a line".to_owned(),
                    ));
                }
                Seen::Other
            }
            _ => Seen::Other,
        };
    }
    Ok(())
}

/// Whether the text of a literal holds a line break once it is read.
fn spans_lines(literal: &str) -> bool {
    literal.contains("\\n")
        && syn::parse_str::<LitStr>(literal).is_ok_and(|text| text.value().contains('\n'))
}
