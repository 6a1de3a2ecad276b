//! What can go wrong.

use crate::emit::EmitError;
use crate::format::FormatError;
use crate::report::Blocked;
use crate::template::TemplateError;
use rekindle_contract::{Diagnostic, Source};
use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Why nothing was generated. Nothing was written, either.
///
/// Both `Display` and `Debug` are for people: a build script that returns this error shows every diagnostic in full.
pub enum Error {
    /// A file or folder could not be read or written.
    Io {
        /// What was tried: "read", "write".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no spec to read.
    NoSpecs {
        /// The folder that was searched, as a whole path.
        folder: PathBuf,
        /// Whether there is such a folder.
        there: bool,
    },
    /// Specs have errors.
    Specs {
        /// Every problem of every spec.
        diagnostics: Vec<Diagnostic>,
        /// The specs as they were read, for [`render`](rekindle_contract::render).
        sources: Vec<Source>,
        /// The same for people, with the text underlined.
        rendered: String,
    },
    /// A provider's name cannot be used in this layout.
    Name {
        /// The file of the spec.
        file: String,
        /// What is wrong, one sentence without a full stop.
        message: String,
    },
    /// A template, most likely one that the user brought, cannot be used.
    Template(TemplateError),
    /// What a template made is not Rust.
    Format {
        /// The file of the template.
        template: String,
        /// Whether the user brought it.
        overridden: bool,
        /// The file that was to be made.
        output: String,
        /// What is wrong.
        error: FormatError,
    },
    /// Files stand in the way that Rekindle did not write.
    Blocked(Vec<Blocked>),
}

impl Error {
    pub(crate) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }

    /// There is no spec in this folder, or no such folder.
    pub(crate) fn no_specs(folder: impl AsRef<Path>) -> Self {
        let folder = folder.as_ref();
        let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        Self::NoSpecs { folder: without_steps_up(whole), there: folder.is_dir() }
    }

    /// Whether it is about how Rekindle was called or about the system, not about what was read.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::NoSpecs { .. })
    }
}

/// A path without `..`, as far as its folders are there.
fn without_steps_up(path: PathBuf) -> PathBuf {
    let climbs = path.components().any(|step| step == Component::ParentDir);
    let above = path.parent().filter(|_| climbs).and_then(|above| above.canonicalize().ok());
    match (above, path.file_name()) {
        (Some(above), Some(name)) => above.join(name),
        _ => path,
    }
}

/// A path as people write it: with `/` on every system.
pub(crate) fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { doing, path, source } => {
                write!(f, "cannot {doing} {}: {source}", shown(path))
            }
            Self::NoSpecs { folder, there } => write!(
                f,
                "no specs: there is no {} {}\n\nhint: `rekindle init` makes a project with an example; another folder is named by \
                 `specs = \"DIR\"` in rekindle.toml, by `--specs DIR` or as an argument, and in a build script by `Config::specs`",
                if *there { "file `<provider>.yaml` in" } else { "folder" },
                shown(folder)
            ),
            Self::Specs { rendered, .. } => f.write_str(rendered.trim_end()),
            Self::Name { file, message } => write!(f, "{file}: {message}"),
            Self::Template(error) => write!(f, "{error}"),
            Self::Format { template, overridden: true, output, error } => {
                write!(f, "{template}: what it makes of {output} is not Rust\n{error}")
            }
            Self::Format { template, overridden: false, output, error } => write!(
                f,
                "internal error: {template} made something that is not Rust of {output}\n{error}\n\nhint: this is a bug of Rekindle; \
                 please report it with the spec at {}/issues",
                env!("CARGO_PKG_REPOSITORY")
            ),
            Self::Blocked(blocked) => {
                f.write_str("nothing was written, because of files that Rekindle did not write as they are:")?;
                blocked.iter().try_for_each(|file| write!(f, "\n  {file}"))
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<TemplateError> for Error {
    fn from(error: TemplateError) -> Self {
        Self::Template(error)
    }
}

impl From<EmitError> for Error {
    fn from(error: EmitError) -> Self {
        match error {
            EmitError::Template(error) => Self::Template(error),
        }
    }
}
