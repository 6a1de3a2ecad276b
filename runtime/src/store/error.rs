//! Why a store could not do what it was asked to.

use std::fmt;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What kind of failure kept a store from its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The record has moved on, or the journal holds another exchange: read again.
    Conflict,
    /// The lease has ended, or another holder has it.
    LeaseLost,
    /// There is no such grant.
    Missing,
    /// The store cannot be reached, or not now. Whether a write took place is not known.
    Unavailable,
    /// What is kept cannot be read: it is damaged, or sealed with another key.
    Unreadable,
    /// What is kept was written by a later version.
    Newer,
    /// The store refuses: no permission, no space, not its owner.
    Refused,
}

impl fmt::Display for StoreErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Conflict => "the stored grant has changed meanwhile",
            Self::LeaseLost => "the lease on the stored grant is lost",
            Self::Missing => "the store has no such grant",
            Self::Unavailable => "the store cannot be reached",
            Self::Unreadable => "the stored grant cannot be read",
            Self::Newer => "the stored grant was written by a later version",
            Self::Refused => "the store refuses",
        })
    }
}

/// A store could not do what it was asked to.
///
/// Its text, its `Debug` and its sources never show a token. Those who write a store see to it that a source does not.
pub struct StoreError {
    kind: StoreErrorKind,
    detail: Option<String>,
    source: Option<Source>,
}

impl StoreError {
    /// A failure with nothing more to say about it than its kind.
    pub const fn new(kind: StoreErrorKind) -> Self {
        Self { kind, detail: None, source: None }
    }

    /// A failure with its cause.
    pub fn caused(kind: StoreErrorKind, source: impl Into<Source>) -> Self {
        Self { kind, detail: None, source: Some(source.into()) }
    }

    /// The same with a hint of where or what to do about it: a path, a setting.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The same with the place where it happened before the hint.
    #[cfg(feature = "file")]
    pub(super) fn at(mut self, place: impl fmt::Display) -> Self {
        self.detail = Some(match self.detail {
            Some(detail) => format!("{place}: {detail}"),
            None => place.to_string(),
        });
        self
    }

    /// What kind of failure it is.
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreError")
            .field("kind", &self.kind)
            .field("detail", &self.detail)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<StoreErrorKind> for StoreError {
    fn from(kind: StoreErrorKind) -> Self {
        Self::new(kind)
    }
}
