//! The project file, `rekindle.toml`: what every command takes for the arguments that are not given.

use super::Stop;
use super::args::Packages;
use super::console;
use super::packages::{self, Place};
use crate::error::{Error, shown};
use crate::plan::{Options, Package};
use rekindle_contract::diagnostics::files::PROJECT_FILE;
use rekindle_contract::path::Path as FactPath;
use rekindle_contract::{Diagnostic, Source, Span, check, load, nearest};
use serde::Deserialize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{env, fs, slice};
use toml::Spanned;

/// The name of the file.
pub(super) const FILE: &str = "rekindle.toml";

/// What the file says, key by key. Its paths are relative to its folder.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Keys {
    specs: Option<PathBuf>,
    out: Option<PathBuf>,
    templates: Option<PathBuf>,
    package: PackageKeys,
    rekindle: RekindleKeys,
}

/// What the generated manifest says of its package.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PackageKeys {
    name: Option<Spanned<String>>,
    version: Option<String>,
    description: Option<String>,
    license: Option<String>,
    repository: Option<String>,
    authors: Vec<String>,
}

/// Where the packages of Rekindle are.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RekindleKeys {
    version: Option<Spanned<String>>,
    path: Option<Spanned<PathBuf>>,
    git: Option<Spanned<String>>,
    rev: Option<Spanned<String>>,
    branch: Option<Spanned<String>>,
    tag: Option<Spanned<String>>,
}

/// Where things are, by the file of this folder or of the nearest one above it that has one.
#[derive(Debug)]
pub(super) struct Project {
    /// The folder of the file as it is reached from here; this one where there is no file.
    root: PathBuf,
    keys: Keys,
    place: Option<Place>,
}

impl Project {
    /// Looks for the file here and upwards, and reads it. Without one, everything is as in an empty one that stands here.
    pub(super) fn find() -> Result<Self, Stop> {
        let here = env::current_dir().map_err(Error::io("read", "."))?;
        let mut root = PathBuf::new();
        for _ in here.ancestors() {
            if root.join(FILE).is_file() {
                return Self::read(&root);
            }
            root.push("..");
        }
        Ok(Self { root: PathBuf::new(), keys: Keys::default(), place: None })
    }

    /// The project of a folder that has the file.
    pub(super) fn read(root: &Path) -> Result<Self, Stop> {
        let path = root.join(FILE);
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let read = toml::from_str::<Keys>(&text).map_err(Wrong::of);
        let read = read.and_then(|keys| Ok((keys.check()?, keys)));
        match read {
            Ok((place, keys)) => {
                let place = place.map(|place| place.below(root));
                Ok(Self { root: root.to_owned(), keys, place })
            }
            Err(wrong) => Err(wrong.stop(&path, text)),
        }
    }

    /// The folder of specs: the one that was given, else that of the project. That one must be there.
    pub(super) fn specs(&self, given: Option<&Path>) -> Result<PathBuf, Stop> {
        if let Some(given) = given {
            return Ok(given.to_owned());
        }
        let folder = self.specs_folder();
        if folder.is_dir() { Ok(folder) } else { Err(Error::no_specs(folder).into()) }
    }

    /// The folder of specs, whether it is there or not.
    pub(super) fn specs_folder(&self) -> PathBuf {
        self.below(self.keys.specs.as_deref(), "specs")
    }

    /// The specs that were given, by their paths or by the ids of their providers, else the project's folder of them.
    pub(super) fn find_specs(given: &[PathBuf]) -> Result<Vec<PathBuf>, Stop> {
        match given {
            [] => Ok(vec![Self::find()?.specs(None)?]),
            given => given.iter().map(|given| Self::find_spec(given)).collect(),
        }
    }

    /// The file or the folder at a path, or the project's spec of the provider with this id. What is at a path needs no project: its file
    /// is not read then, and may be broken.
    pub(super) fn find_spec(given: &Path) -> Result<PathBuf, Stop> {
        if given.exists() { Ok(given.to_owned()) } else { Self::find()?.spec(given) }
    }

    /// The project's spec of the provider with this id. Where there is none, whoever reads the path says so.
    fn spec(&self, given: &Path) -> Result<PathBuf, Stop> {
        let Some(name) = given.to_str() else {
            return Ok(given.to_owned());
        };
        let folder = self.specs_folder();
        let sources = if folder.is_dir() { load(slice::from_ref(&folder)) } else { Ok(Vec::new()) };
        // A folder that cannot be read is told where it is asked for.
        let sources = sources.unwrap_or_default();
        let file = |name: &str| folder.join(name.rsplit('/').next().unwrap_or(name));
        let stem = |source: &Source| Some(file(&source.name).file_stem()?.to_str()?.to_owned());
        if let Some(source) = sources.iter().find(|source| stem(source).as_deref() == Some(name)) {
            return Ok(file(&source.name));
        }
        let contracts = check(&sources).contracts;
        if let Some(contract) = contracts.iter().find(|contract| contract.provider.id == name) {
            return Ok(file(&contract.origin.file));
        }
        let wanted = given.file_stem().and_then(|stem| stem.to_str()).unwrap_or(name);
        let stems: Vec<String> = sources.iter().filter_map(stem).collect();
        let near = nearest(wanted, stems.iter().map(String::as_str));
        let near = near.or_else(|| stems.iter().map(String::as_str).find(|stem| *stem == wanted));
        let near = sources.iter().find(|source| stem(source).as_deref() == near);
        let hint = match near {
            Some(source) => format!("did you mean `{}`?", shown(&file(&source.name))),
            // Whoever reads it says why it cannot be read.
            None if name.contains(['/', '\\', '.']) => return Ok(given.to_owned()),
            None => "give the path of a spec or of a folder, or an id that `rekindle list` names"
                .to_owned(),
        };
        Err(Stop::Usage(format!("there is no spec `{}`", name.escape_debug()), Some(hint)))
    }

    /// The folder of the generated package.
    pub(super) fn out(&self, given: Option<&Path>) -> PathBuf {
        let project = || self.below(self.keys.out.as_deref(), "generated");
        given.map_or_else(project, Path::to_owned)
    }

    /// The folder of one's own templates.
    pub(super) fn templates(&self, given: Option<&Path>) -> Option<PathBuf> {
        let project = || self.keys.templates.as_ref().map(|folder| self.root.join(folder));
        given.map(Path::to_owned).or_else(project)
    }

    /// The name of the generated package.
    pub(super) fn package_name(&self) -> String {
        self.keys.package.resolve().name
    }

    /// Where the packages of Rekindle are.
    pub(super) fn place(&self, given: &Packages) -> Place {
        Place::given(given).or_else(|| self.place.clone()).unwrap_or_default()
    }

    /// Whether anybody said where the packages of Rekindle are.
    pub(super) fn says_where(&self, given: &Packages) -> bool {
        self.place.is_some() || given.is_given()
    }

    /// How a package in the folder `out` is generated.
    pub(super) fn options(&self, out: &Path, given: &Packages) -> Result<Options, Stop> {
        let place = self.place(given);
        let [runtime, testkit] = [packages::RUNTIME, packages::TESTKIT];
        Ok(Options {
            package: self.keys.package.resolve(),
            runtime: place.dependency(&runtime, out)?,
            testkit: place.dependency(&testkit, out)?,
            ..Options::default()
        })
    }

    fn below(&self, key: Option<&Path>, default: &str) -> PathBuf {
        self.root.join(key.unwrap_or(Path::new(default)))
    }
}

impl PackageKeys {
    fn resolve(&self) -> Package {
        let default = Package::default();
        let Self { name, version, description, license, repository, authors } = self;
        Package {
            name: name.as_ref().map_or(default.name, |name| name.get_ref().clone()),
            version: version.clone().unwrap_or(default.version),
            description: description.clone().unwrap_or(default.description),
            license: license.clone(),
            repository: repository.clone(),
            authors: authors.clone(),
        }
    }
}

impl Keys {
    /// What the keys do not say one by one; gives where the packages of Rekindle are.
    fn check(&self) -> Result<Option<Place>, Wrong> {
        if let Some(name) = &self.package.name
            && let Err(why) = packages::check_name(name.get_ref())
        {
            return Err(Wrong::at(name, why, None));
        }
        self.rekindle.place()
    }
}

impl RekindleKeys {
    fn place(&self) -> Result<Option<Place>, Wrong> {
        let Self { version, path, git, rev, branch, tag } = self;
        let one = "say one of `version`, `path` and `git`";
        let references = [("rev", rev), ("branch", branch), ("tag", tag)];
        let mut references =
            references.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
        let (first, second) = (references.next(), references.next());
        match (version, path, git) {
            (Some(also), Some(_), _) | (Some(also), _, Some(_)) => {
                let message = "the version is that of what `path` or `git` leads to";
                return Err(Wrong::at(also, message, Some(one)));
            }
            (_, Some(_), Some(also)) => {
                return Err(Wrong::at(also, "`path` says already where Rekindle is", Some(one)));
            }
            _ => {}
        }
        if let Some((key, also)) = second {
            let message = format!("`{key}` is not the only one that says what of the repository");
            return Err(Wrong::at(also, message, Some("say one of `rev`, `branch` and `tag`")));
        }
        if let (Some((key, value)), None) = (first, git) {
            let message = format!("`{key}` says what of a Git repository, and there is none");
            return Err(Wrong::at(value, message, Some("say which with `git = \"https://…\"`")));
        }
        let text = |value: &Spanned<String>| value.get_ref().clone();
        let reference = first.map(|(key, value)| packages::reference(key, value.get_ref().clone()));
        Ok(match (version, path, git) {
            (Some(version), ..) => Some(Place::Registry(Some(text(version)))),
            (_, Some(path), _) => Some(Place::Clone(path.get_ref().clone())),
            (.., Some(git)) => Some(Place::Git { url: text(git), reference }),
            _ => None,
        })
    }
}

/// What is wrong with the file.
struct Wrong {
    message: String,
    hint: Option<String>,
    bytes: Option<Range<usize>>,
}

impl Wrong {
    fn at<T>(value: &Spanned<T>, message: impl Into<String>, hint: Option<&str>) -> Self {
        let hint = hint.map(str::to_owned);
        Self { message: message.into(), hint, bytes: Some(value.span()) }
    }

    /// What the reader says, which knows no words that somebody may have meant.
    fn of(error: toml::de::Error) -> Self {
        let said = error.message();
        let names: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
        let (message, hint) = match (said.starts_with("unknown field"), names.as_slice()) {
            (true, [unknown, known @ ..]) => {
                let hint = match nearest(unknown, known.iter().copied()) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => format!("there are: `{}`", known.join("`, `")),
                };
                (format!("there is no key `{unknown}` here"), Some(hint))
            }
            _ => (said.lines().next().unwrap_or_default().to_owned(), None),
        };
        Self { message, hint, bytes: error.span() }
    }

    fn stop(self, path: &Path, text: String) -> Stop {
        let name = shown(path);
        let diagnostic = Diagnostic {
            code: PROJECT_FILE,
            severity: PROJECT_FILE.severity,
            file: name.clone(),
            span: self.bytes.map(|bytes| span(&text, bytes)),
            path: FactPath::default(),
            message: self.message,
            label: None,
            hint: self.hint,
            also: None,
        };
        console::diagnostics(&[diagnostic], &[Source::new(name, text)]);
        Stop::Ended(2)
    }
}

/// The place of some bytes, no further than the end of their line.
fn span(text: &str, bytes: Range<usize>) -> Span {
    let at = |byte: usize| (0..=byte).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = at(bytes.start);
    let before = &text[..start];
    let first = before.rfind('\n').map_or(0, |newline| newline + 1);
    let rest = &text[start..at(bytes.end).max(start)];
    let rest = rest.lines().next().unwrap_or_default();
    Span {
        line: before.matches('\n').count() + 1,
        column: text[first..start].chars().count() + 1,
        start,
        end: start + rest.len(),
        width: rest.chars().count(),
    }
}
