//! `rekindle import`

#[cfg(feature = "test")]
mod fetch;
mod write;

use super::args::{Amount, Import, ImportFrom, ImportOptions};
use super::{Outcome, Stop};
use crate::error::Error;
use crate::import::{self, Imported, Problem, Settings};
use std::io::Read;
use std::path::Path;

pub(super) use write::{Existing, path, refuse_taken, write};

/// The most that is read of a file or of standard input, in bytes.
const MOST: u64 = 32 * 1024 * 1024;

pub(super) fn run(arguments: &Import, amount: Amount) -> Result<Outcome, Stop> {
    let (options, imported) = match &arguments.from {
        ImportFrom::Curl { line, options } => {
            // A line is no name of a file: it has spaces. Nor is a URL without its `curl`.
            let is_line = line.trim().contains(char::is_whitespace) || line.contains("://");
            let line = if is_line { line.clone() } else { read(line)? };
            (options, import::curl(&line, &settings(options, None)?))
        }
        ImportFrom::Openapi { source, operation, options } => {
            let (document, page) = document(source)?;
            let settings = settings(options, page)?;
            (options, import::openapi(&document, operation.as_deref(), &settings))
        }
        ImportFrom::Discovery { source, options } => {
            let (document, page) = document(source)?;
            (options, import::discovery(&document, &settings(options, page)?))
        }
    };
    let Imported { id, text } = imported.map_err(stop)?;
    write(&id, &text, options.output.as_deref(), Existing::of(options.force), amount)
}

/// What the source does not say itself. `page`: where it was fetched from.
fn settings(options: &ImportOptions, page: Option<String>) -> Result<Settings, Stop> {
    let answer = options.answer.as_ref().map(|path| read(&path.to_string_lossy())).transpose()?;
    let page = options.page.clone().or(page);
    // Whoever names a page without a day has it open.
    let today = || jiff::Timestamp::now().strftime("%F").to_string();
    let retrieved = options.retrieved.clone().or_else(|| page.is_some().then(today));
    let (id, name, title) = (options.id.clone(), options.name.clone(), options.title.clone());
    Ok(Settings { id, name, page, title, retrieved, answer })
}

/// A document: a file, `-`, or a URL and the address that is to be named as its source.
fn document(source: &str) -> Result<(String, Option<String>), Stop> {
    if !source.contains("://") {
        return Ok((read(source)?, None));
    }
    #[cfg(feature = "test")]
    return Ok((fetch::fetch(source)?, Some(source.to_owned())));
    #[cfg(not(feature = "test"))]
    Err(Stop::Usage(
        "this `rekindle` was built without the feature `test`, and has no HTTP client".to_owned(),
        Some("download the document and give the file".to_owned()),
    ))
}

/// What a file holds, or standard input for `-`.
fn read(path: &str) -> Result<String, Stop> {
    let mut bytes = Vec::new();
    let read = match path {
        "-" => std::io::stdin().lock().take(MOST).read_to_end(&mut bytes),
        path => std::fs::File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut bytes)),
    };
    // What is no name of a file may be a secret.
    let named = match path {
        "-" => "standard input",
        path if import::is_shown_name(path) => path,
        _ => "the file that was given",
    };
    read.map_err(Error::io("read", Path::new(named)))?;
    text(bytes)
        .map_err(|(what, hint)| Stop::Usage(format!("{named} {what}"), Some(hint.to_owned())))
}

/// What was read as text, without the mark with which some editors begin it; or what it is instead, and what to do.
fn text(bytes: Vec<u8>) -> Result<String, (&'static str, &'static str)> {
    let is_utf16 = [[0xff, 0xfe], [0xfe, 0xff]].iter().any(|mark| bytes.starts_with(mark));
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(_) if is_utf16 => Err(("is UTF-16, and not UTF-8", "save it as UTF-8 in your editor")),
        Err(error) if error.as_bytes().contains(&0) => {
            Err(("is a binary file", "give a text in UTF-8"))
        }
        Err(_) => Err(("is not UTF-8", "save it as UTF-8 in your editor")),
    }
}

/// What stops a command that nothing could be made for.
pub(super) fn stop(Problem { message, hint }: Problem) -> Stop {
    Stop::Usage(message, Some(hint))
}
