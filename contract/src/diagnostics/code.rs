//! The catalogue of problems: each has a stable code, a name, a severity and a page.

/// A kind of problem. Compared by its code.
#[derive(Clone, Copy)]
pub struct Code {
    /// Stable: `RK0101`. Never given to another problem.
    pub id: &'static str,
    /// Stable too, `snake_case`: `unknown_key`. What `allow` names, for lints.
    pub name: &'static str,
    /// Whether it stops generation.
    pub severity: Severity,
    /// The page that `rekindle explain` prints, Markdown.
    pub page: &'static str,
}

/// Whether a problem stops generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It does.
    Error,
    /// It does not; a spec may allow it with a reason.
    Lint,
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Code {}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.id, self.name)
    }
}

/// Declares constants of [`Code`], and `ALL` over them; each page is `pages/ID.md`.
macro_rules! codes {
    ($($constant:ident = $id:tt, $name:tt, $severity:ident;)*) => {
        $(
            #[doc = concat!("`", $name, "`, see `rekindle explain ", $id, "`.")]
            pub const $constant: $crate::diagnostics::Code = $crate::diagnostics::Code {
                id: $id,
                name: $name,
                severity: $crate::diagnostics::Severity::$severity,
                page: $crate::diagnostics::page!($severity, $id, $name),
            };
        )*
        /// Every code of this module, sorted.
        pub const ALL: &[$crate::diagnostics::Code] = &[$($constant),*];
    };
}
pub(crate) use codes;

/// The page of a code; that of a lint ends with how it is allowed.
macro_rules! page {
    // A line too many is deleted.
    (Lint, "RK0605", $name:tt) => {
        $crate::diagnostics::page!(Error, "RK0605", $name)
    };
    (Lint, $id:tt, $name:tt) => {
        concat!(
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/pages/", $id, ".md")),
            "\nWhere it is meant, allow it by its name and say why, best with what the provider's page says:\n\n",
            "```yaml\nallow:\n  ",
            $name,
            ": The reason, in a sentence.\n```\n"
        )
    };
    ($severity:ident, $id:tt, $name:tt) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/pages/", $id, ".md"))
    };
}
pub(crate) use page;
