//! The manifest of a project: `Cargo.toml` as it is written anew, and what one lacks that is there.

use super::packages::{Known, Place, path_between, real};
use super::{Stop, console};
use crate::error::{Error, shown};
use crate::plan::{Dependency, Reference};
use crate::template::toml_string;
use glob::{MatchOptions, Pattern};
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// A line of a manifest: what a package depends on.
pub(super) struct Line {
    table: &'static str,
    name: String,
    value: String,
    /// Features that it has to have where the line is there already, too.
    needs: Vec<&'static str>,
}

impl Line {
    /// The same line, with these features, which a line of somebody's own has to have as well.
    pub(super) fn needing(mut self, features: Vec<&'static str>) -> Self {
        self.needs = features;
        self
    }

    /// A package of Rekindle with some of its features.
    pub(super) fn package(
        table: &'static str,
        package: &Known,
        at: &Dependency,
        features: &[&str],
    ) -> Self {
        Self::new(table, package.name, at, features)
    }

    /// What a build script calls, without the command.
    pub(super) fn generator(package: &Known, at: &Dependency) -> Self {
        let mut keys = keys(at);
        keys.push("default-features = false".to_owned());
        let value = format!("{{ {} }}", keys.join(", "));
        Self {
            table: "build-dependencies",
            name: package.name.to_owned(),
            value,
            needs: Vec::new(),
        }
    }

    pub(super) fn new(table: &'static str, name: &str, at: &Dependency, features: &[&str]) -> Self {
        let mut keys = keys(at);
        if !features.is_empty() {
            let features: Vec<String> = features.iter().map(|name| toml_string(name)).collect();
            keys.push(format!("features = [{}]", features.join(", ")));
        }
        let value = format!("{{ {} }}", keys.join(", "));
        Self { table, name: name.to_owned(), value, needs: Vec::new() }
    }
}

/// The keys that say where a package is.
fn keys(at: &Dependency) -> Vec<String> {
    match at {
        Dependency::Version => {
            vec![format!("version = {}", toml_string(env!("CARGO_PKG_VERSION")))]
        }
        Dependency::Requirement(version) => vec![format!("version = {}", toml_string(version))],
        Dependency::Path(path) => vec![format!("path = {}", toml_string(path))],
        Dependency::Git { url, reference } => git(url, reference.as_ref()),
    }
}

/// The same of a Git repository.
fn git(url: &str, reference: Option<&Reference>) -> Vec<String> {
    let reference = reference.map(|reference| match reference {
        Reference::Rev(rev) => format!("rev = {}", toml_string(rev)),
        Reference::Branch(branch) => format!("branch = {}", toml_string(branch)),
        Reference::Tag(tag) => format!("tag = {}", toml_string(tag)),
    });
    std::iter::once(format!("git = {}", toml_string(url))).chain(reference).collect()
}

/// What a project file in the folder `from` says of the place where the packages of Rekindle are.
pub(super) fn place(place: &Place, from: &Path) -> String {
    let keys = match place {
        Place::Registry(None) => keys(&Dependency::Version),
        Place::Registry(Some(version)) => keys(&Dependency::Requirement(version.clone())),
        Place::Clone(clone) => {
            keys(&Dependency::Path(path_between(from, clone, clone.is_absolute())))
        }
        Place::Git { url, reference } => git(url, reference.as_ref()),
    };
    keys.join("\n")
}

/// A manifest of a new package, or of a workspace of it and the package of its clients in this folder.
pub(super) fn new(name: &str, lines: &[Line], member: Option<&str>) -> String {
    let name = toml_string(name);
    let package = format!(
        "[package]\nname = {name}\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n"
    );
    let mut text = format!("{package}\n{}", tables(lines.iter()));
    if let Some(member) = member.map(toml_string) {
        text +=
            &format!("\n[workspace]\nmembers = [{member}]\ndefault-members = [\".\", {member}]\n");
    }
    text
}

/// Lines under the tables that they belong to.
fn tables<'a>(lines: impl Iterator<Item = &'a Line>) -> String {
    let (mut text, mut table) = (String::new(), "");
    for line in lines {
        if line.table != table {
            let blank = if text.is_empty() { "" } else { "\n" };
            text += &format!("{blank}[{}]\n", line.table);
            table = line.table;
        }
        text += &format!("{} = {}\n", line.name, line.value);
    }
    text
}

/// A manifest that is there.
pub(super) struct Manifest {
    table: Table,
}

impl Manifest {
    /// Reads it, where there is one.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Stop> {
        if !path.is_file() {
            return Ok(None);
        }
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        let table = toml::from_str(&text).map_err(|error| {
            let why = error.message().lines().next().unwrap_or_default().to_owned();
            Stop::Usage(format!("{} makes no sense: {why}", shown(path)), None)
        })?;
        Ok(Some(Self { table }))
    }

    /// The name of its package; a workspace alone has none.
    pub(super) fn package(&self, dir: &Path) -> Result<String, Stop> {
        let name = self.table.get("package").and_then(|package| package.get("name"));
        name.and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
            let message = format!("{} is of no package", shown(&dir.join("Cargo.toml")));
            let hint = "`rekindle init DIR` makes a package in a folder below, for a member of the workspace";
            Stop::Usage(message, Some(hint.to_owned()))
        })
    }

    /// The name of its library.
    pub(super) fn library(&self) -> &str {
        let name = |table: &str| self.table.get(table)?.get("name")?.as_str();
        name("lib").or_else(|| name("package")).unwrap_or_default()
    }

    /// Says what it lacks.
    pub(super) fn tell(&self, path: &Path, lines: &[Line]) {
        let has = |line: &&Line| {
            self.table.get(line.table).is_some_and(|it| it.get(&line.name).is_some())
        };
        let path = shown(path);
        let lacks = tables(lines.iter().filter(|line| !has(line)));
        let features: Vec<String> =
            lines.iter().filter(has).filter_map(|line| self.lacking(line)).collect();
        for features in &features {
            console::line(&format!("kept     {path}; add to it the {features}"));
        }
        if !lacks.is_empty() {
            console::line(&format!("kept     {path}; add to it:\n"));
            lacks.lines().for_each(|line| console::line(format!("    {line}").trim_end()));
            console::line("");
        } else if features.is_empty() {
            console::line(&format!("kept     {path}"));
        }
    }

    /// The features that a line lacks which is there.
    fn lacking(&self, line: &Line) -> Option<String> {
        let own = self.table.get(line.table)?.get(&line.name)?.get("features");
        let own: Vec<&str> =
            own.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let lacking: Vec<String> = line
            .needs
            .iter()
            .filter(|name| !own.contains(*name))
            .map(|name| format!("`{name}`"))
            .collect();
        let word = if lacking.len() == 1 { "feature" } else { "features" };
        let (names, package) = (lacking.join(", "), &line.name);
        let said = || format!("{word} {names} of `{package}`, for what the specs send or read");
        (!lacking.is_empty()).then(said)
    }
}

/// What the nearest workspace above a folder has to do with it.
pub(super) enum Above {
    /// There is none, or it leaves the folder out.
    Nothing,
    /// The folder is one of its members; so are the packages below that a member depends on.
    Member,
    /// The workspace of this folder does not mention it.
    Stranger(PathBuf),
}

impl Above {
    /// Looks above `dir`, which need not be there.
    pub(super) fn of(dir: &Path) -> Self {
        Self::found(dir).unwrap_or(Self::Nothing)
    }

    fn found(dir: &Path) -> Option<Self> {
        let whole = real(dir);
        let (root, workspace) = whole.ancestors().skip(1).find_map(|folder| {
            let manifest = Manifest::read(&folder.join("Cargo.toml")).ok()??;
            Some((folder, manifest.table.get("workspace")?.clone()))
        })?;
        let here = whole.strip_prefix(root).ok()?;
        let paths = |key: &str| {
            let paths = workspace.get(key).and_then(Value::as_array);
            let paths = paths.into_iter().flatten().filter_map(Value::as_str);
            paths.map(|path| path.trim_start_matches("./").trim_end_matches('/').to_owned())
        };
        // As cargo has it: what is named beats what is left out, and what is left out beats what a pattern fits.
        let below = |key: &str| paths(key).any(|path| here.starts_with(path));
        if below("exclude") && !below("members") {
            return Some(Self::Nothing);
        }
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
        let fits =
            |path: String| Pattern::new(&path).is_ok_and(|it| it.matches_path_with(here, options));
        Some(match paths("members").any(fits) {
            true => Self::Member,
            false => Self::Stranger(root.to_owned()),
        })
    }
}
