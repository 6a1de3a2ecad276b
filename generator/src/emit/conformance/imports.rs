//! What a test file names: an unused import or constant would be a warning.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;

/// Names of the runtime that tests use without a path.
pub const RUNTIME: [&str; 23] = [
    "Authorize",
    "BlockingTransport",
    "Class",
    "Deviation",
    "Error",
    "ErrorKind",
    "Expiry",
    "Facts",
    "Fate",
    "Grant",
    "Limits",
    "MAX_BODY",
    "Provider",
    "RefreshError",
    "Renew",
    "Sent",
    "SignIn",
    "Token",
    "Transport",
    "TransportError",
    "TransportErrorKind",
    "facts",
    "http",
];

/// Names of the test kit that tests use.
pub const TESTKIT: [&str; 18] = [
    "Document",
    "SPLITTING",
    "Script",
    "Server",
    "answer",
    "assert_error_silent",
    "assert_silent",
    "at",
    "basic",
    "block_on",
    "document",
    "expect",
    "form",
    "is_clone",
    "jwt",
    "nested",
    "where_is",
    "without_transport_headers",
];

/// The identifiers that are looked up in the scope of a rendered file: those that follow neither a dot nor a path.
pub fn names(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    // What does not lex is refused by the formatter, with its place.
    collect(source.parse().unwrap_or_default(), &mut names);
    names
}

fn collect(tokens: TokenStream, names: &mut BTreeSet<String>) {
    let (mut last, mut before_last) = (' ', ' ');
    for token in tokens {
        let mut now = ' ';
        match token {
            TokenTree::Group(group) => collect(group.stream(), names),
            TokenTree::Punct(punct) => now = punct.as_char(),
            TokenTree::Ident(ident) if last != '.' && !(last == ':' && before_last == ':') => {
                names.insert(ident.to_string());
            }
            TokenTree::Ident(_) => {}
            TokenTree::Literal(literal) => placeholders(&literal.to_string(), names),
        }
        (before_last, last) = (last, now);
    }
}

/// The names of constants inside a format string.
fn placeholders(literal: &str, names: &mut BTreeSet<String>) {
    for piece in literal.split('{').skip(1) {
        if let Some((name, _)) = piece.split_once('}') {
            names.insert(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn members_and_paths_are_no_names() {
        let names = super::names("fn f() { a.b(c::d, \"{E} {}\"); }");
        let expected = ["", "E", "a", "c", "f", "fn"].map(str::to_owned);
        assert_eq!(names, expected.into());
    }
}
