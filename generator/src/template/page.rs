//! What pages hold beside plain text.

use crate::markdown;
use minijinja::value::{Object, ObjectRepr, Value};
use std::fmt;
use std::sync::Arc;

/// Text as a code span in Markdown: what a page shows of a name, a path or a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code(pub String);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&markdown::code(&self.0))
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
