//! What is known of the answer behind a failure, besides its status.

use std::fmt;

/// What is known of the answer behind a failure, besides its status. Whoever fills it keeps to what may be shown:
/// [`rekindle_syntax::is_word`] says of what a provider writes whether it may.
#[derive(Debug, Default)]
pub(crate) struct Detail {
    /// What the answer calls its body.
    pub media_type: Option<Box<str>>,
    /// The provider's own error code.
    pub code: Option<Box<str>>,
    /// Where a value should be, as a JSON pointer.
    pub place: Option<Box<str>>,
    /// What is the matter with the answer, as clauses behind a colon.
    pub reason: Option<Box<str>>,
    /// Whether its body is empty.
    pub is_empty: bool,
}

impl Detail {
    /// The facts that stand in brackets behind the status.
    pub fn facts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { code: Some(code), .. } => write!(f, ", error code `{code}`"),
            Self { is_empty: true, .. } => f.write_str(", no body"),
            Self { media_type: Some(media_type), .. } => write!(f, ", {media_type}"),
            _ => Ok(()),
        }
    }
}

/// A place in an answer as a JSON pointer (RFC 6901), or as what a place in its head is called.
pub(crate) fn pointer(steps: &[&str]) -> String {
    if let [label] = steps
        && (label.starts_with("header ") || label.starts_with("cookie "))
    {
        return (*label).to_owned();
    }
    let mut pointer = String::new();
    for step in steps {
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    }
    pointer
}
