//! What is needed to refresh at a real provider: from a file, or from the environment. Never from arguments, which others can see.

use super::super::args::Test;
use super::super::{Stop, console};
use super::place::Place;
use rekindle_contract::contract::{Contract, Expiry, Given};
use rekindle_contract::exchange::{base_url, is_carried};
use rekindle_testkit::check::jwt_end;
use rekindle_testkit::reference::Reference;
use rekindle_testkit::{End, Held};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The member beside tokens that says which of them was sent without a usable answer: another one in its place is not in doubt.
pub(super) const IN_DOUBT: &str = "in_doubt";

/// What is wrong with a token that no request can carry.
const UNCARRIED: &str =
    "has a line break or another control character in it, or white space around it";

/// What belongs to one grant.
const TOKENS: [&str; 3] = ["access_token", "refresh_token", "base_url"];

/// What is needed, by the provider's id.
pub(super) struct Credentials(BTreeMap<String, One>);

#[derive(Default)]
struct One {
    client: Vec<(String, String)>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    base_url: Option<String>,
}

impl Credentials {
    pub(super) fn read(
        arguments: &Test,
        contracts: &[Contract],
        place: &Place,
    ) -> Result<Self, Stop> {
        let mut all = BTreeMap::new();
        // A fake provider gives whatever it takes.
        if place.control.is_none() {
            let file = match &arguments.credentials {
                Some(path) => {
                    warn_of_others(path);
                    read(path)?
                }
                None => Map::new(),
            };
            let file = with_saved(file, arguments)?;
            for contract in contracts {
                let source = Source { file: file.get(&contract.provider.id), contract };
                all.insert(contract.provider.id.clone(), source.read(arguments)?);
            }
        }
        Ok(Self(all))
    }

    /// The values of the client.
    pub(super) fn client(&self, id: &str) -> Vec<(String, String)> {
        self.0.get(id).map(|one| one.client.clone()).unwrap_or_default()
    }

    /// What is held at first.
    pub(super) fn held(&self, contract: &Contract) -> Option<Held> {
        let one = self.0.get(&contract.provider.id)?;
        let access_token = one.access_token.clone().unwrap_or_default();
        let held = held(contract, access_token, one.refresh_token.clone());
        Some(Held { base_url: one.base_url.clone(), ..held })
    }
}

/// The files with the credentials, as far as they can be read: whoever needs them says what is wrong with them.
pub(super) fn file(arguments: &Test) -> Map<String, Value> {
    let file = arguments.credentials.as_ref().and_then(|path| read(path).ok()).unwrap_or_default();
    with_saved(file.clone(), arguments).unwrap_or(file)
}

/// The file that tokens are kept in beside that of the credentials, where there is one yet.
fn saved(arguments: &Test) -> Result<Map<String, Value>, Stop> {
    let path = arguments.save.as_ref().filter(|path| path.exists());
    path.map_or_else(|| Ok(Map::new()), |path| read(path))
}

/// The credentials with the tokens that an earlier run has kept in the file of `--save`: what they came from is spent.
fn with_saved(mut file: Map<String, Value>, arguments: &Test) -> Result<Map<String, Value>, Stop> {
    for (id, saved) in saved(arguments)? {
        let one = file.entry(id).or_insert_with(|| Value::Object(Map::new()));
        let (Some(one), Value::Object(mut saved)) = (one.as_object_mut(), saved) else { continue };
        if holds_tokens(&saved) {
            // They are of one grant.
            TOKENS.iter().for_each(|name| _ = one.remove(*name));
        }
        saved.retain(|name, _| name == IN_DOUBT || TOKENS.contains(&name.as_str()));
        one.extend(saved);
    }
    Ok(file)
}

fn holds_tokens(one: &Map<String, Value>) -> bool {
    ["access_token", "refresh_token"].iter().any(|name| one.contains_key(*name))
}

/// A line for each contract whose tokens are those that an earlier run has kept.
pub(super) fn kept_earlier(arguments: &Test, contracts: &[Contract], place: &Place) -> Vec<String> {
    let (Some(path), None) = (&arguments.save, &place.control) else {
        return Vec::new();
    };
    if arguments.credentials.as_ref() == Some(path) {
        return Vec::new();
    }
    let saved = saved(arguments).unwrap_or_default();
    let ids = contracts.iter().map(|contract| &contract.provider.id);
    let kept = ids.filter(|id| saved.get(*id).and_then(Value::as_object).is_some_and(holds_tokens));
    let path = path.display();
    kept.map(|id| {
        format!(
            "note: the tokens of `{id}` are those in {path}, where an earlier run has kept them"
        )
    })
    .collect()
}

/// Where refreshes go instead of the base URL that was given, by the provider's id: an earlier answer told so, and it is kept beside the
/// tokens in this file.
pub(super) fn told_base_urls(
    file: &Map<String, Value>,
    contracts: &[Contract],
    place: &Place,
) -> BTreeMap<String, String> {
    if place.control.is_some() {
        return BTreeMap::new();
    }
    let told = contracts.iter().filter_map(|contract| {
        let id = &contract.provider.id;
        let told = Source { file: file.get(id), contract }.base_url()?;
        let given = place.base_url(id);
        let differs = told.trim_end_matches('/') != given.trim_end_matches('/');
        let client = Reference::new(contract.clone()).at(given);
        (differs && client.allows(&told)).then(|| (id.clone(), told))
    });
    told.collect()
}

/// A line for each contract that has other base URLs than the one that was given, with the settings that are known.
pub(super) fn elsewhere(
    file: &Map<String, Value>,
    contracts: &[Contract],
    place: &Place,
) -> Vec<String> {
    if place.is_local {
        return Vec::new();
    }
    let line = |contract: &Contract| {
        let id = &contract.provider.id;
        let source = Source { file: file.get(id), contract };
        let urls = source.base_urls().filter(|urls| !urls.is_empty())?;
        let given = place.base_url(id);
        (!urls.contains(&given.to_ascii_lowercase())).then(|| {
            let urls = urls.join(", ");
            format!("note: {given} is no base URL of `{id}` with these settings: {urls}")
        })
    };
    contracts.iter().filter_map(line).collect()
}

fn held(contract: &Contract, access_token: String, refresh_token: Option<String>) -> Held {
    let access_expires = match contract.access.expires {
        Expiry::Jwt => jwt_end(&access_token),
        _ => End::Undeclared,
    };
    let refresh_expires = End::Undeclared;
    Held { access_token, access_expires, refresh_token, refresh_expires, base_url: None }
}

/// What a command that signs in prints: a file of credentials, of which the tokens count. Neither is ever quoted.
pub(super) fn signed_in(command: &str, contract: &Contract) -> Result<Held, String> {
    let shell = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let ran = Command::new(shell.0).args([shell.1, command]).stderr(Stdio::inherit()).output();
    let output = ran.map_err(|error| format!("`--sign-in` cannot be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("the command of `--sign-in` failed ({})", output.status));
    }
    let printed: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| "the command of `--sign-in` printed no JSON".to_owned())?;
    let id = &contract.provider.id;
    let one = printed.get(id).unwrap_or(&printed);
    let text = |name: &str| one.get(name).and_then(Value::as_str).map(str::to_owned);
    let (access, refresh) = (text("access_token"), text("refresh_token"));
    let spends = contract.credential();
    if (spends.holds_refresh_token() && refresh.is_none())
        || (spends.holds_access_token() && access.is_none())
    {
        return Err(format!(
            "the command of `--sign-in` printed no token of `{id}` that a refresh spends"
        ));
    }
    if [&access, &refresh].into_iter().flatten().any(|token| !is_carried(token)) {
        return Err(format!(
            "a token of `{id}` that the command of `--sign-in` printed {UNCARRIED}"
        ));
    }
    let held = held(contract, access.unwrap_or_default(), refresh);
    Ok(Held { base_url: text("base_url"), ..held })
}

/// The credential that is in doubt, as it is noted beside tokens.
fn in_doubt(one: Option<&Value>) -> Option<&str> {
    one?.get(IN_DOUBT)?.as_str()
}

/// Where the credentials of one provider are.
struct Source<'a> {
    file: Option<&'a Value>,
    contract: &'a Contract,
}

impl Source<'_> {
    fn read(&self, arguments: &Test) -> Result<One, Stop> {
        let mut one = One::default();
        let mut missing = Vec::new();
        for (name, parameter) in &self.contract.client {
            match self.find(&["client", name], name) {
                Some(value) if parameter.allows(&value) => one.client.push((name.clone(), value)),
                Some(_) => return Err(self.refused(&format!("client.{name}"))),
                // The base URL is given, and nothing of an environment.
                None if !parameter.is_required() || self.contract.is_of_environment(name) => {}
                None => missing.push((format!("client.{name}"), name.as_str())),
            }
        }
        let spends = self.contract.credential();
        one.refresh_token = self.find(&["refresh_token"], "refresh_token");
        if spends.holds_refresh_token() && one.refresh_token.is_none() {
            missing.push(("refresh_token".to_owned(), "refresh_token"));
        }
        one.access_token = self.find(&["access_token"], "access_token");
        if spends.holds_access_token() && one.access_token.is_none() {
            missing.push(("access_token".to_owned(), "access_token"));
        }
        one.base_url = self.base_url();
        let (credential, name) = match spends.holds_refresh_token() {
            true => (&one.refresh_token, "refresh_token"),
            false => (&one.access_token, "access_token"),
        };
        for (name, token) in
            [("access_token", &one.access_token), ("refresh_token", &one.refresh_token)]
        {
            if token.as_deref().is_some_and(|token| !is_carried(token)) {
                let place = self.place_of(name, token.as_deref(), arguments);
                return Err(Stop::Usage(
                    format!("`{}`: {name} in {place} {UNCARRIED}", self.contract.provider.id),
                    Some("write the token alone".to_owned()),
                ));
            }
        }
        if credential.is_some() && credential.as_deref() == in_doubt(self.file) {
            return Err(self.in_doubt(arguments, name));
        }
        if missing.is_empty() {
            return Ok(one);
        }
        let id = &self.contract.provider.id;
        let paths: Vec<&str> = missing.iter().map(|(path, _)| path.as_str()).collect();
        let variables: Vec<String> = missing.iter().map(|(_, name)| variable(id, name)).collect();
        let place = match &arguments.credentials {
            Some(path) => format!("to `{id}` in {}", path.display()),
            None => "to a file for `--credentials FILE`".to_owned(),
        };
        Err(Stop::Usage(
            format!("`{id}` needs {}", paths.join(", ")),
            Some(format!("add it {place}, or set {}", variables.join(", "))),
        ))
    }

    /// Those of the contract's environments; `None` where a setting of one is not known.
    fn base_urls(&self) -> Option<Vec<String>> {
        let names = self.contract.client.keys();
        let client =
            names.filter_map(|name| Some((name.clone(), self.find(&["client", name], name)?)));
        let mut given = Given {
            environment: None,
            base_url: None,
            client: client.collect(),
            access_token: None,
            refresh_token: None,
            values: BTreeMap::new(),
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        let environments = self.contract.base.environments.iter().map(|environment| {
            given.environment = Some(environment.name.clone());
            Some(base_url(self.contract, &given).ok()?.to_ascii_lowercase())
        });
        environments.collect()
    }

    /// The base URL that an earlier answer told, where answers tell it.
    fn base_url(&self) -> Option<String> {
        self.contract.base.output.as_ref()?;
        self.find(&["base_url"], "base_url")
    }

    /// A text: in the file, else in the environment. An empty one is none.
    fn find(&self, path: &[&str], name: &str) -> Option<String> {
        let in_file = || {
            let found = path.iter().try_fold(self.file?, |json, step| json.get(step));
            found?.as_str().map(str::to_owned)
        };
        let variable = || std::env::var(variable(&self.contract.provider.id, name)).ok();
        in_file().or_else(variable).filter(|text| !text.is_empty())
    }

    /// The file that holds a text, or the variable of the environment.
    fn place_of(&self, name: &str, text: Option<&str>, arguments: &Test) -> String {
        let id = &self.contract.provider.id;
        let holds = |path: &&PathBuf| {
            let file = read(path).unwrap_or_default();
            file.get(id).is_some_and(|one| text.is_some() && one[name].as_str() == text)
        };
        let files = [&arguments.save, &arguments.credentials].into_iter().flatten();
        let file = files.into_iter().find(holds).map(|path| path.display().to_string());
        file.unwrap_or_else(|| variable(id, name))
    }

    /// The credential was sent, and what became of it is not known.
    fn in_doubt(&self, arguments: &Test, name: &str) -> Stop {
        let id = &self.contract.provider.id;
        let file = self.place_of(IN_DOUBT, in_doubt(self.file), arguments);
        Stop::Usage(
            format!(
                "the `{name}` of `{id}` is in doubt and is not sent again: an earlier run sent it, and no answer came that could be used"
            ),
            Some(format!(
                "put a new one in its place in {file}: from the answer, where one was kept ({file}.answer), or of a new sign-in. Without \
                 `{IN_DOUBT}` beside it the old one is sent once more, which may end the grant"
            )),
        )
    }

    fn refused(&self, path: &str) -> Stop {
        let message = format!("`{}`: {path} is not allowed", self.contract.provider.id);
        Stop::Usage(message, Some("the spec says which values are".to_owned()))
    }
}

/// The environment's variable for a value: `REKINDLE_ACME_REFRESH_TOKEN`.
pub(super) fn variable(id: &str, name: &str) -> String {
    format!("REKINDLE_{id}_{name}").to_ascii_uppercase()
}

/// Says who else can read or replace the file. It is read all the same: whoever wrote it by hand may be alone on the machine.
#[cfg(unix)]
fn warn_of_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    let Ok(about) = std::fs::metadata(path) else { return };
    let mode = about.permissions().mode() & 0o777;
    let others = match mode {
        _ if mode & 0o022 != 0 => "read and replace",
        _ if mode & 0o044 != 0 => "read",
        _ => return,
    };
    let file = path.display();
    console::warning(&format!("others on this machine may {others} the credentials in {file}"));
    console::hint(&format!("its mode is {mode:04o}: chmod 600 {file}"));
}

#[cfg(not(unix))]
fn warn_of_others(_: &Path) {}

/// The file of credentials, as JSON. What is in it is never quoted.
pub(super) fn read(path: &Path) -> Result<Map<String, Value>, Stop> {
    let unusable = |why: &str| {
        let message = format!("the credentials in {} cannot be used: {why}", path.display());
        let hint = r#"{"acme": {"client": {"client_secret": "…"}, "refresh_token": "…"}}"#;
        Stop::Usage(message, Some(hint.to_owned()))
    };
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(unusable("there is no such file"));
        }
        Err(error) => return Err(unusable(&error.kind().to_string())),
    };
    // Whoever wrote by hand sees where it is no JSON. What the parser says of a value could hold it.
    let json: Value = serde_json::from_slice(&text).map_err(|error| {
        unusable(&format!("it is no JSON at line {}, column {}", error.line(), error.column()))
    })?;
    match json {
        Value::Object(members) => Ok(members),
        _ => Err(unusable("it is no JSON object")),
    }
}
