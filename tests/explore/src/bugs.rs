//! Planted bugs: small changes to the engine, each of which breaks a property. What explores must find every one of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A bug.
pub struct Bug {
    /// As its file is called.
    pub name: String,
    /// What is wrong with it.
    pub what: String,
    edits: Vec<Edit>,
}

/// One place of a bug: what stands there once, and what takes its place.
struct Edit {
    file: String,
    find: String,
    put: String,
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All bugs, by name.
///
/// # Errors
/// The folder cannot be read, or a file in it is no bug.
pub fn all() -> Result<Vec<Bug>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bugs");
    let entries = fs::read_dir(&folder).map_err(|error| error.to_string())?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths.iter().map(|path| Bug::read(path)).collect()
}

impl Bug {
    fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let text = fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
        let mut parts = text.split("--- ");
        let what = parts.next().unwrap_or_default().trim().to_owned();
        let mut edits = Vec::new();
        while let (Some(found), Some(becomes)) = (parts.next(), parts.next()) {
            let place = found.split_once('\n').zip(becomes.strip_prefix("becomes\n"));
            let Some(((file, find), put)) = place else {
                return Err(format!("{shown}: not `--- file`, `--- becomes`"));
            };
            let [find, put] = [find, put].map(|text| text.trim_end().to_owned());
            edits.push(Edit { file: file.trim().to_owned(), find, put });
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, what, edits })
    }

    /// The files that it changes, below `root`, with their texts as they are and as they become.
    ///
    /// # Errors
    /// A text that it replaces does not stand there, or not once.
    pub fn applied(&self, root: &Path) -> Result<Vec<(PathBuf, String, String)>, String> {
        let mut files: Vec<(PathBuf, String, String)> = Vec::new();
        if self.edits.is_empty() {
            return Err(format!("{}: changes nothing", self.name));
        }
        for Edit { file, find, put } in &self.edits {
            let path = root.join(file);
            if !files.iter().any(|(known, ..)| *known == path) {
                let text = fs::read_to_string(&path).map_err(|error| format!("{file}: {error}"))?;
                files.push((path.clone(), text.clone(), text));
            }
            let Some((_, _, text)) = files.iter_mut().find(|(known, ..)| *known == path) else {
                continue;
            };
            let places = text.matches(find.as_str()).count();
            if places != 1 {
                let name = &self.name;
                return Err(format!("{name}: {places} places in {file} read\n{find}"));
            }
            *text = text.replacen(find.as_str(), put, 1);
        }
        Ok(files)
    }
}

/// What came of looking for a bug.
pub struct Hunted {
    /// The property, and the code that replays it where the bug is planted; `None` where nothing was found.
    pub found: Option<(String, String)>,
    /// What happens there.
    pub steps: String,
}

/// A copy of the parts of the workspace that exploring needs, in which bugs are planted.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Copies them, into a folder of cargo's target directory.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn new() -> Result<Self, String> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let folder = target.unwrap_or_else(|| root().join("target")).join("explore-bugs");
        let scratch = Self(folder);
        scratch.fill().map_err(|error| format!("{}: {error}", scratch.0.display()))?;
        Ok(scratch)
    }

    fn fill(&self) -> std::io::Result<()> {
        let root = root();
        for folder in ["runtime/src", "syntax/src", "tests/explore/src"] {
            copy(&root.join(folder), &self.0.join(folder))?;
        }
        for file in ["syntax/Cargo.toml", "tests/explore/Cargo.toml", "Cargo.lock"] {
            fs::copy(root.join(file), self.0.join(file))?;
        }
        // Nothing is tested there.
        let manifest = fs::read_to_string(root.join("runtime/Cargo.toml"))?;
        let (head, rest) = manifest.split_once("\n[dev-dependencies]").unwrap_or((&manifest, ""));
        let lints = rest.find("\n[lints]").map_or("", |place| &rest[place..]);
        fs::write(self.0.join("runtime/Cargo.toml"), format!("{head}{lints}"))?;
        let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
        let workspace = manifest.split("\n[package]").next().unwrap_or_default();
        let rest = workspace.split_once("\nexclude").map_or("", |(_, rest)| rest);
        let members =
            "[workspace]\nmembers = [\"runtime\", \"syntax\", \"tests/explore\"]\nexclude";
        fs::write(self.0.join("Cargo.toml"), format!("{members}{rest}"))
    }

    /// Plants a bug, looks for it for so long, in fleets alone if that is said, and takes it out again.
    ///
    /// # Errors
    /// It does not apply any more, or what it leads to does not build.
    pub fn hunt(&self, bug: &Bug, seconds: u64, fleets: bool) -> Result<Hunted, String> {
        let files = bug.applied(&self.0)?;
        let write = |path: &Path, text: &str| fs::write(path, text).map_err(|e| e.to_string());
        for (path, _, text) in &files {
            write(path, text)?;
        }
        let hunted = self.look(&bug.name, seconds, fleets);
        for (path, text, _) in &files {
            write(path, text)?;
        }
        hunted
    }

    fn look(&self, name: &str, seconds: u64, fleets: bool) -> Result<Hunted, String> {
        let target = self.0.join("target");
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--release", "--offline", "--quiet", "-p", "rekindle-explore"]);
        build.current_dir(&self.0).env("CARGO_TARGET_DIR", &target);
        // Many builds, each of which explores for a moment.
        build.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        build.env("CARGO_PROFILE_RELEASE_INCREMENTAL", "true");
        let built = build.output().map_err(|error| error.to_string())?;
        if !built.status.success() {
            let text = String::from_utf8_lossy(&built.stderr).into_owned();
            return Err(format!("{name} does not build:\n{text}"));
        }
        let program = target.join("release/rekindle-explore");
        let run = |arguments: &[&str]| {
            let output = Command::new(&program).args(arguments).output();
            output.map_err(|error| error.to_string())
        };
        let seconds = seconds.to_string();
        let by_fleets = fleets.then_some("--fleets");
        let arguments: Vec<&str> =
            ["hunt", "--seconds", &seconds].into_iter().chain(by_fleets).collect();
        let hunted = run(&arguments)?;
        let text = String::from_utf8_lossy(&hunted.stdout).into_owned();
        let Some((code, property)) = text.trim_end().split_once(' ') else {
            return Ok(Hunted { found: None, steps: String::new() });
        };
        let replayed = run(&["replay", code])?;
        let steps = String::from_utf8_lossy(&replayed.stderr).into_owned();
        Ok(Hunted { found: Some((property.to_owned(), code.to_owned())), steps })
    }
}

/// Copies a folder. Files that are the same stay, so that nothing is built again for them.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copied) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &copied)?;
        } else {
            let text = fs::read(&path)?;
            if fs::read(&copied).ok().as_ref() != Some(&text) {
                fs::write(&copied, text)?;
            }
        }
    }
    Ok(())
}
