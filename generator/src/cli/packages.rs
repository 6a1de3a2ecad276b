//! Where the packages of Rekindle are that generated code stands on: the registry, a clone, a Git repository.

use super::Stop;
use super::args::Packages;
use crate::error::shown;
use crate::plan::{Dependency, Reference};
use std::path::{Component, Path, PathBuf};
use std::{env, fs};
use toml::{Table, Value};

/// Names that cargo or the compiler keep for themselves, and those of what a program stands on.
const TAKEN: [&str; 11] = [
    "alloc",
    "build",
    "core",
    "deps",
    "proc_macro",
    "rekindle",
    "rekindle_runtime",
    "rekindle_testkit",
    "std",
    "test",
    "tokio",
];

/// A package of Rekindle.
pub(super) struct Known {
    /// Its name.
    pub(super) name: &'static str,
    /// Its folder in a clone.
    folder: &'static str,
}

/// What clients stand on.
pub(super) const RUNTIME: Known = Known { name: "rekindle-runtime", folder: "runtime" };
/// What their tests stand on.
pub(super) const TESTKIT: Known = Known { name: "rekindle-testkit", folder: "testkit" };

/// What makes clients.
pub(super) const GENERATOR: Known = Known { name: "rekindle", folder: "" };

/// Where they are, all of them together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The registry, at this version; without one, at that of this generator.
    Registry(Option<String>),
    /// A clone in this folder.
    Clone(PathBuf),
    /// A Git repository.
    Git {
        /// Its address.
        url: String,
        /// What of it; nothing for the default branch.
        reference: Option<Reference>,
    },
}

impl Default for Place {
    fn default() -> Self {
        Self::Registry(None)
    }
}

impl Place {
    /// What the arguments say.
    pub(super) fn given(arguments: &Packages) -> Option<Self> {
        let Packages { path, git, rev, branch, tag, registry } = arguments;
        let references = [("rev", rev), ("branch", branch), ("tag", tag)];
        let mut references = references.into_iter();
        let reference =
            references.find_map(|(key, value)| Some(self::reference(key, value.clone()?)));
        let path = path.clone().map(Self::Clone);
        let git = git.clone().map(|url| Self::Git { url, reference });
        path.or(git).or_else(|| registry.clone().map(|version| Self::Registry(Some(version))))
    }

    /// The same, where a path is relative to this folder.
    pub(super) fn below(self, folder: &Path) -> Self {
        match self {
            Self::Clone(path) => Self::Clone(folder.join(path)),
            other => other,
        }
    }

    /// How a manifest in the folder `from` names one of the packages.
    pub(super) fn dependency(&self, package: &Known, from: &Path) -> Result<Dependency, Stop> {
        Ok(match self {
            Self::Registry(None) => Dependency::Version,
            Self::Registry(Some(version)) => Dependency::Requirement(version.clone()),
            Self::Clone(clone) => Dependency::Path(package.path(clone, from)?),
            Self::Git { url, reference } => {
                Dependency::Git { url: url.clone(), reference: reference.clone() }
            }
        })
    }
}

impl Known {
    /// Its path, as a manifest in the folder `from` names it. It must be there: a manifest that leads nowhere builds nothing.
    fn path(&self, clone: &Path, from: &Path) -> Result<String, Stop> {
        let folder = match self.folder {
            "" => clone.to_owned(),
            folder => clone.join(folder),
        };
        let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        let manifest: Table = toml::from_str(&text).unwrap_or_default();
        let name = manifest.get("package").and_then(|package| package.get("name"));
        if name.and_then(Value::as_str) != Some(self.name) {
            let message = format!("there is no {} in {}", self.name, shown(&folder));
            let hint = "`path` is the folder of a clone of Rekindle: in rekindle.toml relative to that file, as `--path` to this folder";
            return Err(Stop::Usage(message, Some(hint.to_owned())));
        }
        Ok(path_between(from, &folder, clone.is_absolute()))
    }
}

/// The key of a manifest and what it names.
pub(super) fn reference(key: &str, value: String) -> Reference {
    match key {
        "branch" => Reference::Branch(value),
        "tag" => Reference::Tag(value),
        _ => Reference::Rev(value),
    }
}

/// The way from one folder to another, with `/`; the whole path of the other where it was `asked` for, or where there is no way.
pub(super) fn path_between(from: &Path, to: &Path, asked: bool) -> String {
    if asked {
        return shown(to);
    }
    let (from, to) = (real(from), real(to));
    let (mut from_steps, mut to_steps) = (from.components(), to.components());
    if from_steps.next() != to_steps.next() {
        return shown(&to);
    }
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (from_steps.collect(), to_steps.collect());
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = from[shared..].iter().map(|_| "..".to_owned());
    let down = to[shared..].iter().map(|step| step.as_os_str().to_string_lossy().into_owned());
    let steps: Vec<String> = up.chain(down).collect();
    if steps.is_empty() { ".".to_owned() } else { steps.join("/") }
}

/// A path without links and `..`; what is not there yet stays as it is written.
pub(super) fn real(path: &Path) -> PathBuf {
    let whole = env::current_dir().unwrap_or_default().join(path);
    let mut there = whole.as_path();
    let mut rest = Vec::new();
    loop {
        if let Ok(found) = fs::canonicalize(there) {
            return rest.iter().rev().fold(found, |path, step| path.join(step));
        }
        let (Some(parent), Some(name)) = (there.parent(), there.file_name()) else {
            return whole;
        };
        rest.push(name.to_owned());
        there = parent;
    }
}

/// Says what is wrong with the name of a package.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let crate_name = name.replace('-', "_");
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(letters) {
        let rule = "it begins with a letter, and holds letters, digits, `-` and `_`";
        return Err(format!("`{}` is no name of a package: {rule}", name.escape_debug()));
    }
    if TAKEN.contains(&crate_name.as_str()) || syn::parse_str::<syn::Ident>(&crate_name).is_err() {
        return Err(format!("`{name}` is taken: it has a meaning of its own for cargo or in Rust"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_name, path_between};
    use std::path::Path;

    #[test]
    fn ways_between_folders() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let way = |from: &str, to: &str| path_between(&here.join(from), &here.join(to), false);
        assert_eq!(way("generated", "runtime"), "../runtime");
        assert_eq!(way("not/there/yet", "runtime"), "../../../runtime");
        assert_eq!(way(".", "runtime"), "runtime");
        assert_eq!(way("runtime/..", "generator/../runtime"), "runtime");
        assert_eq!(way("runtime", "runtime"), ".");
        let asked = path_between(here, &here.join("runtime"), true);
        assert!(Path::new(&asked).is_absolute() && asked.ends_with("/runtime"), "{asked}");
    }

    #[test]
    fn names_of_packages() {
        for name in ["acme-clients", "a", "Acme_2"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in
            ["", "2fa", "a.b", "a b", "\u{e9}t\u{e9}", "fn", "test", "rekindle-runtime", "-a"]
        {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
