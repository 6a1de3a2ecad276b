//! `rekindle init`: a project that builds, and whose tests pass.

use super::args::{Amount, Form, Generate, Init, Packages, ProblemFormat};
use super::manifest::{self, Above, Line, Manifest};
use super::packages::{self, Place, check_name, path_between, real};
use super::project::{self, Project};
use super::{Outcome, Stop, console, generate};
use crate::emit;
use crate::error::{Error, shown};
use crate::output;
use crate::plan::Dependency;
use crate::template::toml_string;
use rekindle_contract::contract::Contract;
use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};

/// What the files of a project are made of. The package is called `hello` in them.
const EXAMPLE: &str = "acme.yaml";
const SPEC: &str = include_str!("../../init/acme.yaml");
const MAIN: &str = include_str!("../../init/main.rs");
const BUILD: &str = include_str!("../../init/build.rs");
const LIB: &str = include_str!("../../init/lib.rs");
const CONFORMANCE: &str = include_str!("../../init/conformance.rs");

/// What the program needs of the runtime.
const RUNTIME_FEATURES: &[&str] = &["file", "reqwest-rustls"];

/// A file of the project.
struct File {
    path: PathBuf,
    text: String,
    /// What is to be added where the file is there already, unless it holds the word.
    otherwise: Option<Addition>,
}

struct Addition {
    /// None where what is there has been read already.
    word: Option<&'static str>,
    lines: String,
}

pub(super) fn run(arguments: &Init) -> Result<Outcome, Stop> {
    let dir = &arguments.dir;
    let project = match output::is_free(&dir.join(project::FILE))? {
        true => None,
        false => Some(Project::read(dir)?),
    };
    let place = match &project {
        Some(project) => project.place(&arguments.packages),
        None => Place::given(&arguments.packages).unwrap_or_default(),
    };
    let existing = Manifest::read(&dir.join("Cargo.toml"))?;
    let name = match &existing {
        Some(existing) => own_name(arguments, existing)?,
        None => name(arguments)?,
    };
    let project = project.as_ref();
    let above = Above::of(dir);
    let planned =
        Planned { dir, form: arguments.form, name: &name, place: &place, project, above: &above };
    let program = existing.is_none() && !planned.has_specs()?;
    let lines = planned.dependencies(program)?;
    let mut files = planned.files(existing.as_ref(), program)?;
    if existing.is_none() {
        let out = planned.out();
        // Cargo takes no member that is not below, and no workspace inside of another.
        let is_member = planned.form == Form::Package
            && !matches!(above, Above::Member)
            && !Path::new(&out).is_absolute()
            && !out.starts_with("..");
        let text = manifest::new(&name, &lines, is_member.then_some(&out));
        files.insert(0, File { path: dir.join("Cargo.toml"), text, otherwise: None });
    }
    let (mut added, mut kept) = (Vec::new(), Vec::new());
    for file in files {
        match output::is_free(&file.path)? {
            true => added.push((file.path, file.text)),
            false => kept.push(file),
        }
    }
    output::add(&added)?;
    for (path, _) in &added {
        console::line(&format!("added    {}", shown(path)));
    }
    if let Some(existing) = &existing {
        existing.tell(&dir.join("Cargo.toml"), &lines);
    }
    kept.iter().for_each(tell);
    if arguments.form == Form::Package {
        let plain = plain(arguments.packages.clone());
        let outcome = generate::with(&plain, &Project::read(dir)?, Amount::Usual)?;
        if outcome != Outcome::Done {
            return Ok(outcome);
        }
    }
    notes(&planned, existing.is_none());
    let library = match planned.form {
        Form::BuildScript => existing.as_ref().map_or(name.as_str(), Manifest::library).to_owned(),
        Form::Package => planned.clients(),
    };
    if let Some(note) = planned.own_clients(&library.replace('-', "_"))? {
        console::line(&note);
    }
    Ok(Outcome::Done)
}

/// What is said in the end.
fn notes(planned: &Planned<'_>, new: bool) {
    if new
        && planned.form == Form::BuildScript
        && let Above::Stranger(workspace) = planned.above
    {
        let member = path_between(workspace, planned.dir, false);
        console::line(&format!(
            "note: {} is a workspace: add {} to its `members`, or to its `exclude`",
            shown(&workspace.join("Cargo.toml")),
            toml_string(&member),
        ));
    }
    if let Place::Registry(_) = planned.place {
        console::line(
            "note: the packages of Rekindle are taken from the registry; `--path` or `--git` name another place",
        );
    }
    let into = match shown(planned.dir) {
        here if here == "." => String::new(),
        dir => format!("cd {dir} && "),
    };
    // In a workspace of somebody else's, `cargo test` is of the package whose folder one stands in, and of no other.
    let both = planned.form == Form::Package && matches!(planned.above, Above::Member);
    let packages = match both {
        true => format!(" --package {} --package {}", planned.name, planned.clients()),
        false => String::new(),
    };
    console::hint(&format!("{into}cargo test{packages}"));
}

/// Says what a file that was there still needs.
fn tell(file: &File) {
    let path = shown(&file.path);
    let text = std::fs::read_to_string(&file.path).unwrap_or_default();
    let lacks = |addition: &&Addition| addition.word.is_none_or(|word| !text.contains(word));
    match file.otherwise.as_ref().filter(lacks) {
        None => console::line(&format!("kept     {path}")),
        Some(addition) => {
            // What is asked for may stand in the place of what it says.
            let how = if addition.word.is_some() { "add to it" } else { "let it say" };
            console::line(&format!("kept     {path}; {how}:\n"));
            addition.lines.lines().for_each(|line| console::line(&format!("    {line}")));
            console::line("");
        }
    }
}

/// What is made where.
struct Planned<'a> {
    dir: &'a Path,
    form: Form,
    name: &'a str,
    place: &'a Place,
    /// What the project file says that is there already.
    project: Option<&'a Project>,
    /// The workspace above.
    above: &'a Above,
}

impl Planned<'_> {
    /// The package of clients.
    fn clients(&self) -> String {
        self.project.map_or_else(|| format!("{}-clients", self.name), Project::package_name)
    }

    /// What the manifest needs. The `program` of a new project needs a little more.
    fn dependencies(&self, program: bool) -> Result<Vec<Line>, Stop> {
        let known = |package| self.place.dependency(package, self.dir);
        let mut lines = Vec::new();
        let runtime = known(&packages::RUNTIME)?;
        // The package of clients turns on what they need.
        let needed = match self.form {
            Form::BuildScript => self.features()?,
            Form::Package => Vec::new(),
        };
        let features = [RUNTIME_FEATURES, &needed].concat();
        let runtime = Line::package("dependencies", &packages::RUNTIME, &runtime, &features);
        lines.push(runtime.needing(needed));
        if self.form == Form::Package {
            let clients = Dependency::Path(self.out());
            lines.push(Line::new("dependencies", &self.clients(), &clients, &[]));
        }
        if program {
            let tokio = Dependency::Requirement("1".to_owned());
            lines.push(Line::new("dependencies", "tokio", &tokio, &["macros", "rt-multi-thread"]));
        }
        if self.form == Form::BuildScript {
            let generator = known(&packages::GENERATOR)?;
            lines.push(Line::generator(&packages::GENERATOR, &generator));
            let testkit = known(&packages::TESTKIT)?;
            let features = &["conformance"];
            lines.push(Line::package("dev-dependencies", &packages::TESTKIT, &testkit, features));
        }
        Ok(lines)
    }

    /// The folder of the package of clients, as the manifest names it.
    fn out(&self) -> String {
        let out = |project: &Project| path_between(self.dir, &project.out(None), false);
        self.project.map_or_else(|| "clients".to_owned(), out)
    }

    /// The folder of specs.
    fn specs(&self) -> PathBuf {
        self.project.map_or_else(|| self.dir.join("specs"), Project::specs_folder)
    }

    /// The contracts of the specs that are there. What is wrong with others, whoever builds is told.
    fn contracts(&self) -> Result<Vec<Contract>, Stop> {
        let specs = self.specs();
        if !specs.is_dir() {
            return Ok(Vec::new());
        }
        let sources = rekindle_contract::load(std::slice::from_ref(&specs));
        let sources = sources.map_err(Error::io("read", &specs))?;
        Ok(rekindle_contract::check(&sources).contracts)
    }

    /// The features of the runtime that clients of these specs need.
    fn features(&self) -> Result<Vec<&'static str>, Stop> {
        let features: BTreeSet<&str> = self.contracts()?.iter().flat_map(emit::features).collect();
        Ok(features.into_iter().collect())
    }

    /// What is said where the example stands beside specs of somebody's own: where their clients are, and that it may go.
    fn own_clients(&self, library: &str) -> Result<Option<String>, Stop> {
        let example = self.specs().join(EXAMPLE);
        if std::fs::read_to_string(&example).is_ok_and(|text| text != SPEC) {
            return Ok(None);
        }
        let contracts = self.contracts()?;
        let (examples, own): (Vec<&str>, Vec<&str>) =
            contracts.iter().map(|it| it.provider.id.as_str()).partition(|id| *id == "acme");
        let (false, Some(first)) = (examples.is_empty(), own.first()) else { return Ok(None) };
        let program = self.dir.join("src/main.rs");
        let uses = std::fs::read_to_string(&program).is_ok_and(|text| text.contains("::acme::"));
        let too =
            if uses { format!(", once {} uses another", shown(&program)) } else { String::new() };
        Ok(Some(format!(
            "note: the client of `{first}` is `{library}::{first}::Client`; `acme` is the example: delete {} when you need it no more{too}",
            shown(&example),
        )))
    }

    /// Whether somebody wrote specs there already.
    fn has_specs(&self) -> Result<bool, Stop> {
        let specs = self.specs();
        let all = std::slice::from_ref(&specs);
        Ok(specs.is_dir()
            && !rekindle_contract::load(all).map_err(Error::io("read", &specs))?.is_empty())
    }

    /// The files of a project, with a `program` that uses the client of the example or without.
    fn files(&self, existing: Option<&Manifest>, program: bool) -> Result<Vec<File>, Stop> {
        let file =
            |path: &str, text: String| File { path: self.dir.join(path), text, otherwise: None };
        let mut files = vec![File {
            otherwise: self.other_place(),
            ..file(project::FILE, self.project_file())
        }];
        let specs = self.specs();
        if !self.has_specs()? {
            let path = specs.join(EXAMPLE);
            files.push(File { path, text: SPEC.to_owned(), otherwise: None });
        }
        let from = format!("specs({:?})", path_between(self.dir, &specs, false));
        if self.form == Form::BuildScript {
            let library = existing.map_or(self.name, Manifest::library).replace('-', "_");
            let addition = |word, lines| Some(Addition { word: Some(word), lines });
            files.push(File {
                otherwise: addition(
                    "rekindle::Config",
                    format!("rekindle::Config::new().{from}.conformance(true).generate()?;"),
                ),
                ..file("build.rs", BUILD.replace("specs(\"specs\")", &from))
            });
            files.push(File {
                otherwise: addition("include_clients!", LIB.to_owned()),
                ..file("src/lib.rs", LIB.to_owned())
            });
            let conformance = CONFORMANCE.replace("(hello)", &format!("({library})"));
            files.push(file("tests/conformance.rs", conformance));
        }
        if existing.is_none() {
            let clients = match self.form {
                Form::BuildScript => self.name.to_owned(),
                Form::Package => self.clients(),
            };
            let clients = clients.replace('-', "_");
            if program {
                let text = MAIN.replacen("hello::", &format!("{clients}::"), 1);
                files.push(file("src/main.rs", text));
            } else if self.form == Form::Package {
                // Without a program, the package needs a library to be one.
                files.push(file("src/lib.rs", format!("pub use {clients} as clients;\n")));
            }
            files.push(file(".gitignore", "/target\n".to_owned()));
        }
        Ok(files)
    }

    /// What a project file that is there has to say, so that what was asked for lasts: later runs know nothing of its flags.
    fn other_place(&self) -> Option<Addition> {
        let said = self.project?.place(&Packages::default());
        let is_said = match (self.place, &said) {
            (Place::Clone(asked), Place::Clone(said)) => real(asked) == real(said),
            (asked, said) => asked == said,
        };
        let lines = format!("[rekindle]\n{}", manifest::place(self.place, self.dir));
        let lasts = self.form == Form::BuildScript || is_said;
        (!lasts).then_some(Addition { word: None, lines })
    }

    /// `rekindle.toml`.
    fn project_file(&self) -> String {
        if self.form == Form::BuildScript {
            return "# What `rekindle` reads here and in the folders below.\n\nspecs = \"specs\"\n"
                .to_owned();
        }
        format!(
            "# What `rekindle generate` reads, and the package that it makes of it.\n\nspecs = \"specs\"\nout = \"clients\"\n\n\
             [package]\nname = {}\nversion = \"0.1.0\"\n\n\
             # Where rekindle-runtime and rekindle-testkit are.\n[rekindle]\n{}\n",
            toml_string(&self.clients()),
            manifest::place(self.place, self.dir)
        )
    }
}

/// The name of a package that is there. Another one that is asked for would be forgotten.
fn own_name(arguments: &Init, existing: &Manifest) -> Result<String, Stop> {
    let own = existing.package(&arguments.dir)?;
    match &arguments.name {
        Some(asked) if *asked != own => {
            let manifest = shown(&arguments.dir.join("Cargo.toml"));
            let message = format!("{manifest} is there already, and calls its package `{own}`");
            Err(Stop::Usage(message, Some("leave `--name` out, or change it there".to_owned())))
        }
        _ => Ok(own),
    }
}

/// The name of a new package: that of the folder, unless another one is given.
fn name(arguments: &Init) -> Result<String, Stop> {
    let folder = || {
        let whole = env::current_dir().unwrap_or_default().join(&arguments.dir);
        let whole = std::fs::canonicalize(&whole).unwrap_or(whole);
        whole.file_name().map(|name| name.to_string_lossy().into_owned())
    };
    let name = arguments.name.clone().or_else(folder).unwrap_or_default();
    match check_name(&name) {
        Ok(()) => Ok(name),
        Err(why) => Err(Stop::Usage(why, Some("`--name NAME` gives another one".to_owned()))),
    }
}

/// The arguments of a plain `rekindle generate`.
fn plain(packages: Packages) -> Generate {
    Generate {
        check: false,
        dry_run: false,
        specs: None,
        out: None,
        templates: None,
        packages,
        deny_warnings: false,
        format: ProblemFormat::Human,
    }
}
