//! Keeps the tokens that a real provider issues: on the disk before anything else is sent.

use super::super::Stop;
use super::super::args::Test;
use super::Plan;
use super::credentials::{IN_DOUBT, read};
use super::place::Place;
use rekindle_testkit::Held;
use rekindle_testkit::check::{Cost, Doubt};
use serde_json::{Map, Value};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Where tokens are kept.
pub(super) struct Keeper {
    /// `None` where nothing needs to be kept.
    path: Option<PathBuf>,
    /// Held as long as tokens may come.
    _locks: Vec<Lock>,
}

impl Keeper {
    const fn nowhere() -> Self {
        Self { path: None, _locks: Vec::new() }
    }

    /// Makes sure that tokens can be kept, before there are any.
    pub(super) fn new(arguments: &Test, plans: &[Plan<'_>], place: &Place) -> Result<Self, Stop> {
        if place.control.is_some() {
            return Ok(Self::nowhere());
        }
        let path = arguments.save.as_ref().or(arguments.credentials.as_ref());
        let Some(path) = path else {
            return match plans.iter().find(|plan| spends(plan, arguments.spends_grants())) {
                None => Ok(Self::nowhere()),
                Some(plan) => Err(unkept(&plan.contract.provider.id)),
            };
        };
        // Not the link: the file that it leads to.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        let unwritable = |error: &io::Error| {
            let message = format!("tokens cannot be kept in {}: {error}", path.display());
            Stop::Usage(message, None)
        };
        let mut locks = vec![Lock::take(&path).map_err(|error| unwritable(&error))??];
        if let Some(source) = &arguments.credentials {
            let source = fs::canonicalize(source).unwrap_or_else(|_| source.clone());
            // Where nobody can write, nobody rotates tokens.
            if source != path
                && let Ok(lock) = Lock::take(&source)
            {
                locks.push(lock?);
            }
        }
        if path.exists() {
            read(&path)?;
        }
        temporary(&path).map_err(|error| unwritable(&error))?;
        Ok(Self { path: Some(path), _locks: locks })
    }

    /// Keeps what an exchange leaves open, and says where it is: which credential is in doubt, so that no later run sends it, and the answer,
    /// which may hold tokens where the contract does not say.
    pub(super) fn keep_doubt(&self, id: &str, doubt: Doubt<'_>) -> String {
        let Some(path) = &self.path else {
            return "the answer is not kept".to_owned();
        };
        let marked = doubt.credential.map(|credential| mark(path, id, credential));
        let unmarked = marked.and_then(Result::err).map(|error| {
            format!("{} cannot say so ({error}): do not send the old one again", path.display())
        });
        let kept = (!doubt.body.is_empty()).then(|| Self::keep_answer(path, doubt.body));
        unmarked.into_iter().chain(kept).collect::<Vec<_>>().join("; ")
    }

    fn keep_answer(path: &Path, body: &[u8]) -> String {
        match keep_beside(path, body) {
            Ok(beside) => {
                format!("the answer, with whatever tokens are in it, is in {}", beside.display())
            }
            Err(error) => format!("the answer cannot be kept ({error}): a new token in it is lost"),
        }
    }

    /// Keeps what is held from now on.
    pub(super) fn keep(&self, id: &str, held: &Held) -> Result<(), String> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let Err(error) = save(path, id, held) else {
            return Ok(());
        };
        let shown = path.display();
        let beside = beside(path);
        Err(match last_resort(&beside, id, held) {
            Ok(()) => format!(
                "the new tokens of `{id}` cannot be kept in {shown} ({error}); they are in {}: move them from there",
                beside.display()
            ),
            Err(_) => format!(
                "the new tokens of `{id}` cannot be kept in {shown} ({error}), nor anywhere near it: they are lost, and the old \
                 ones may be spent. Sign in again"
            ),
        })
    }
}

/// Whether something of a provider may be spent. What its contract says of that may be what is wrong.
fn spends(plan: &Plan<'_>, burn: bool) -> bool {
    !plan.contract.request.operation.mints()
        && plan.checks.iter().any(|check| match check.cost {
            Cost::Nothing => false,
            Cost::Refresh => true,
            Cost::Grant => burn,
        })
}

fn unkept(id: &str) -> Stop {
    Stop::Usage(
        format!(
            "a refresh at `{id}` may spend the credential, and there is no place to keep the new one"
        ),
        Some("`--save FILE` keeps it, and so does `--credentials FILE`".to_owned()),
    )
}

/// Writes tokens into the file, beside all else that is in it.
fn save(path: &Path, id: &str, held: &Held) -> io::Result<()> {
    change(path, |file| put(file, id, held))
}

/// Notes in the file which credential is in doubt.
fn mark(path: &Path, id: &str, credential: &str) -> io::Result<()> {
    change(path, |file| {
        one_of(file, id)?.insert(IN_DOUBT.to_owned(), credential.into());
        Ok(())
    })
}

/// Changes what is in the file: whole or not at all.
fn change(
    path: &Path,
    change: impl FnOnce(&mut Map<String, Value>) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = match fs::read(path) {
        Ok(text) => {
            serde_json::from_slice(&text).map_err(|_| io::Error::other("it is no JSON any more"))?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Value::Object(Map::new()),
        Err(error) => return Err(error),
    };
    let members = file.as_object_mut().ok_or_else(|| io::Error::other("it is no JSON object"))?;
    change(members)?;
    let mut new = temporary(path)?;
    new.write_all(format!("{file:#}\n").as_bytes())?;
    if let Ok(metadata) = fs::metadata(path) {
        new.as_file().set_permissions(private(metadata.permissions()))?;
    }
    new.as_file().sync_all()?;
    new.persist(path).map_err(|error| error.error)?;
    sync_folder(path);
    Ok(())
}

/// What others may do with a file of tokens: nothing, even where they could before.
#[cfg(unix)]
fn private(permissions: Permissions) -> Permissions {
    use std::os::unix::fs::PermissionsExt;
    Permissions::from_mode(permissions.mode() & 0o600)
}

#[cfg(not(unix))]
fn private(permissions: Permissions) -> Permissions {
    permissions
}

fn one_of<'a>(
    file: &'a mut Map<String, Value>,
    id: &str,
) -> io::Result<&'a mut Map<String, Value>> {
    let one = file.entry(id).or_insert_with(|| Value::Object(Map::new()));
    one.as_object_mut()
        .ok_or_else(|| io::Error::other("what is in it for this provider is no JSON object"))
}

fn put(file: &mut Map<String, Value>, id: &str, held: &Held) -> io::Result<()> {
    let one = one_of(file, id)?;
    one.remove(IN_DOUBT);
    if !held.access_token.is_empty() {
        one.insert("access_token".to_owned(), held.access_token.clone().into());
    }
    if let Some(token) = &held.refresh_token {
        one.insert("refresh_token".to_owned(), token.clone().into());
    }
    match &held.base_url {
        Some(url) => _ = one.insert("base_url".to_owned(), url.clone().into()),
        // That of another grant may be at another place.
        None => _ = one.remove("base_url"),
    }
    Ok(())
}

/// A file beside the one that is to be replaced, which nobody else can read.
fn temporary(path: &Path) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    tempfile::Builder::new().prefix(".rekindle-").tempfile_in(folder)
}

/// Makes the change of name last. Not every system can, and there it is no failure.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or_else(|| Path::new("."))) {
        let _ = folder.sync_all();
    }
}

/// How many names to try for an answer: others may be there from earlier.
const NAMES: u32 = 100;

/// Writes an answer beside a file, under a name that is not taken.
fn keep_beside(path: &Path, body: &[u8]) -> io::Result<PathBuf> {
    let mut new = temporary(path)?;
    new.write_all(body)?;
    new.as_file().sync_all()?;
    for number in 1..=NAMES {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(match number {
            1 => ".answer".to_owned(),
            _ => format!(".answer-{number}"),
        });
        let beside = path.with_file_name(name);
        match new.persist_noclobber(&beside) {
            Ok(_) => {
                sync_folder(&beside);
                return Ok(beside);
            }
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => new = error.file,
            Err(error) => return Err(error.error),
        }
    }
    Err(io::Error::other("too many answers are kept already"))
}

/// Where tokens go that cannot be kept in their place.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    path.with_file_name(name)
}

/// Writes tokens to a place of their own.
fn last_resort(beside: &Path, id: &str, held: &Held) -> io::Result<()> {
    let mut file = Map::new();
    put(&mut file, id, held)?;
    let mut new = temporary(beside)?;
    new.write_all(format!("{:#}\n", Value::Object(file)).as_bytes())?;
    new.as_file().sync_all()?;
    new.persist_noclobber(beside).map_err(|error| error.error)?;
    sync_folder(beside);
    Ok(())
}

/// A file of credentials that no other run uses: two of them with one credential would spend it twice. Given back at the end.
struct Lock(PathBuf);

impl Lock {
    /// Takes a file, or says who has it.
    fn take(path: &Path) -> io::Result<Result<Self, Stop>> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let lock = path.with_file_name(name);
        match OpenOptions::new().write(true).create_new(true).open(&lock) {
            Ok(mut file) => {
                // For whoever finds it.
                let _ = writeln!(file, "{}", std::process::id());
                Ok(Ok(Self(lock)))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let message = format!("another run uses {}", path.display());
                let hint = format!("if none does any more, remove {}", lock.display());
                Ok(Err(Stop::Usage(message, Some(hint))))
            }
            Err(error) => Err(error),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_testkit::End;

    #[test]
    fn nothing_of_an_earlier_grant_says_where_a_new_one_is() {
        let mut file = Map::new();
        for base_url in [Some("https://eu.acme.example"), None] {
            let held = Held {
                access_token: String::new(),
                access_expires: End::Undeclared,
                refresh_token: Some("synthetic".to_owned()),
                refresh_expires: End::Undeclared,
                base_url: base_url.map(str::to_owned),
            };
            put(&mut file, "acme", &held).expect("it is an object");
            assert_eq!(file["acme"].get("base_url").and_then(Value::as_str), base_url);
            assert_eq!(file["acme"]["refresh_token"], "synthetic");
        }
    }
}
