//! What the YAML parser says, and what is said instead.

pub(super) const QUOTES: &str =
    r#"a quoted text ends its line; a quote inside it is written '' in '…', and \" in "…""#;
pub(super) const COLUMNS: &str = "keys of one mapping begin in the same column";
pub(super) const ITEMS: &str = "every item of a list begins with `- `, in the same column";
pub(super) const COLON: &str =
    "a key ends with a `:` and a space; a text of several lines begins with `|`";

/// Something that the parser says, and what is said instead.
pub(super) struct Phrase {
    pub(super) said: &'static str,
    pub(super) message: &'static str,
    pub(super) hint: Option<&'static str>,
    /// Whether the whole line is meant.
    pub(super) line: bool,
}

const fn phrase(
    said: &'static str,
    line: bool,
    message: &'static str,
    hint: &'static str,
) -> Phrase {
    Phrase { said, message, hint: Some(hint), line }
}

pub(super) const PHRASES: &[Phrase] = &[
    phrase(
        "mapping values are not allowed",
        false,
        "a second `:` on one line",
        "quote a text that holds `: `; begin a mapping on a line of its own",
    ),
    phrase("cannot start any token", true, "a text cannot begin with `{}`", "quote the text"),
    phrase(
        "block sequence entries are not allowed",
        false,
        "a list cannot begin here",
        "begin it on a line of its own, or write [one, two]; quote a text that begins with `- `",
    ),
    phrase(
        "did not find expected key",
        true,
        "this line does not line up with the keys above it",
        COLUMNS,
    ),
    phrase(
        "did not find expected '-' indicator",
        true,
        "this line does not line up with the list above it",
        ITEMS,
    ),
    phrase(
        "unknown escape character",
        false,
        "this escape is unknown",
        "in double quotes a `\\` begins an escape: write `\\\\`, or use single quotes",
    ),
    phrase(
        "did not find expected hexdecimal number",
        false,
        "an escape needs hexadecimal digits here",
        "write \"\\x41\", \"\\u0041\", or use single quotes",
    ),
    phrase(
        "did not find expected comment or line break",
        false,
        "only a line break may follow here",
        "the text after `|` or `>` begins on the next line; quote a text that begins with `|` or `>`",
    ),
    phrase(
        "did not find expected node content",
        false,
        "a value is missing here",
        "a value, `[]` or `{}` belongs here",
    ),
    phrase(
        "did not find expected <document start>",
        true,
        "this line does not continue what is above it",
        "a spec is one mapping: `key: value` lines that begin in the first column",
    ),
    phrase(
        "mapping keys are not allowed",
        false,
        "a `?` cannot stand here",
        "quote a text that begins with `? `",
    ),
];
