//! A second run where nothing changed: it touches no file, and is soon over.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use rekindle::template::Templates;
use rekindle::{Inputs, Mode, Options, SpecFiles};
use rekindle_benches::rounds::median;
use rekindle_benches::{Error, clock, goal};

use crate::{Rows, specs};

/// What this program is told to be one run of `rekindle generate`.
pub const COMMAND: &str = "generate";

const ROUNDS: usize = 21;
const SPECS: usize = 50;

pub fn measure(rows: &mut Rows) -> Result<(), Error> {
    let place = tempfile::tempdir()?;
    let (specs, out) = (place.path().join("specs"), place.path().join("out"));
    fs::create_dir(&specs)?;
    for source in specs::copies(SPECS)? {
        fs::write(place.path().join(source.name), source.text)?;
    }
    let first = run(&specs, &out)?;
    let written = files(&out)?;
    let again = (0..ROUNDS).map(|_| run(&specs, &out)).collect::<Result<Vec<_>, Error>>()?;
    let touched = if files(&out)? == written { "no file touched" } else { "FILES TOUCHED" };
    let ms = median(again) * 1e3;
    let name =
        format!("{SPECS} unchanged specs: the whole process, {} files, {touched}", written.len());
    rows.add(
        name,
        format!("{ms:.1} ms"),
        format!("{:.2} × the first run", ms / first / 1e3),
        goal::at_most(ms, 20.0, " ms"),
    );
    Ok(())
}

/// Seconds that a process of its own takes, from its start to its end.
fn run(specs: &Path, out: &Path) -> Result<f64, Error> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(COMMAND).arg(specs).arg(out);
    let start = clock::wall();
    let status = command.status()?;
    let passed = clock::wall() - start;
    if status.success() { Ok(passed.as_secs_f64()) } else { Err("a run failed".into()) }
}

/// What `rekindle generate` does.
pub fn generate(specs: &Path, out: &Path) -> Result<(), Error> {
    let files = SpecFiles::read(specs)?;
    let options = Options::default();
    let inputs = Inputs { specs: &files.inputs, ..Inputs::default() };
    if rekindle::unchanged(&inputs, &options, out, &BTreeMap::new()).is_some() {
        return Ok(());
    }
    let specs = files.check()?;
    let inputs = specs.inputs(Templates::embedded());
    rekindle::generate(&specs.contracts, &inputs, &options, out, Mode::Write)?;
    Ok(())
}

/// Every file below a folder, with the time of its last change.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, SystemTime>, Error> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            let changed = fs::metadata(&path)?.modified()?;
            files.insert(path, changed);
        }
    }
    Ok(files)
}
