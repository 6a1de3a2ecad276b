//! What answers hold beside the tokens: values that are kept with the grant.

use std::fmt;

use crate::secret::Secret;

/// A value that an answer held beside the tokens, as it is kept: its text, and whether that is a secret. A number is kept as its digits,
/// a truth as `true` or `false`, any other JSON value as JSON.
///
/// Wiped when dropped. `Debug` shows it unless it is a secret.
#[derive(Clone)]
pub struct Output {
    text: Secret,
    is_secret: bool,
}

impl Output {
    /// A value that may be shown.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: Secret::new(text), is_secret: false }
    }

    /// A value that is never shown.
    pub fn secret(text: impl Into<String>) -> Self {
        Self { text: Secret::new(text), is_secret: true }
    }

    /// The text. Whoever shows that of a secret, leaks it.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// Whether it is never shown.
    pub fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// Whether both are the same text, in a time that depends on the lengths alone.
    pub fn matches(&self, other: &Self) -> bool {
        self.text.matches(other.expose())
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_secret {
            return f.write_str("Output(..)");
        }
        f.debug_tuple("Output").field(&self.expose()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Output::new("eu7")), "Output(\"eu7\")");
        assert_eq!(format!("{:?}", Output::secret("eu7")), "Output(..)");
        assert!(Output::secret("eu7").matches(&Output::new("eu7")));
        assert!(!Output::new("eu7").matches(&Output::new("eu8")));
    }
}
