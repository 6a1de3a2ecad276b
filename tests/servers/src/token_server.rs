//! Token servers of other people, from the registries of npm and PyPI.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::{env, fs};

use rustix::process::Signal;
use serde_json::Value;

use crate::folder::Folder;
use crate::process::{Process, on_a_free_port};

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenServerKind {
    /// `oidc-provider`: rotates always; a spent token that comes back ends the grant.
    OidcProvider,
    /// `django-oauth-toolkit`, with a grace period and reuse protection.
    OauthToolkit,
    /// `matrix-synapse`: a refresh token is good until what came of it is used.
    Synapse,
    /// `djangorestframework-simplejwt`, with rotation and the blacklist.
    SimpleJwt,
}

/// How long tokens live, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Lives {
    /// Access tokens.
    pub access: u16,
    /// Spent refresh tokens, at `django-oauth-toolkit`.
    pub grace: u16,
}

impl Default for Lives {
    fn default() -> Self {
        Self { access: 3600, grace: 60 }
    }
}

/// One of them, on a port of its own. It is gone, with its grants, when this is dropped.
pub struct TokenServer {
    kind: TokenServerKind,
    process: Process,
    folder: Folder,
    port: u16,
    lives: Lives,
}

impl TokenServer {
    /// The client that is registered at those that know clients: its id and its secret.
    pub const CLIENT: (&str, &str) = ("rekindle", "synthetic-client-secret");

    /// Installs it, unless an earlier run did, and starts it. `None`, said on standard error, where it cannot be installed.
    ///
    /// # Panics
    /// It does not start; it cannot be installed and `REKINDLE_REQUIRE_SERVERS` is set.
    pub fn launch(kind: TokenServerKind) -> Option<Self> {
        Self::launch_with(kind, Lives::default())
    }

    /// The same, with tokens that live for so long.
    ///
    /// # Panics
    /// As [`Self::launch`].
    pub fn launch_with(kind: TokenServerKind, lives: Lives) -> Option<Self> {
        let installed = match install(kind) {
            Ok(installed) => installed,
            Err(why) => {
                crate::skipped(&format!("{kind:?} cannot be installed: {why}"));
                return None;
            }
        };
        let folder = Folder::new();
        let mut server = Self { kind, process: Process::default(), folder, port: 0, lives };
        let started = on_a_free_port(|port| {
            server.port = port;
            let log = server.folder.log_file();
            let mut command = server.command(&installed);
            command
                .args([server.port, server.lives.access, server.lives.grace].map(|n| n.to_string()))
                .stdout(log.try_clone().expect("the log"))
                .stderr(log);
            let address = (Ipv4Addr::LOCALHOST, server.port);
            server.process.start(command, || TcpStream::connect(address).is_ok())
        });
        assert!(started, "{kind:?} does not start:\n{}", server.folder.log());
        Some(server)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        self.folder.log()
    }

    /// A command for the shell that signs in and prints the tokens as JSON, in members named as RFC 6749 has them.
    pub fn sign_in_command(&self) -> String {
        let program = programs().join("sign_in.py");
        format!("python3 '{}' {:?} {}", program.display(), self.kind, self.port)
    }

    /// A grant of its own for whoever asks: its refresh token.
    ///
    /// # Panics
    /// The server gives none.
    pub fn grant(&self) -> String {
        let output = Command::new("sh").args(["-c", &self.sign_in_command()]).output();
        let output = output.expect("a shell");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{}", self.log());
        let tokens: Value = serde_json::from_slice(&output.stdout).expect("tokens");
        self.text(&tokens["refresh_token"])
    }

    /// A client of `oidc-provider` that may have client credentials: its id, and what it proves itself with. By the algorithms
    /// `ES256` and `RS256` that is a private key as PEM, by `HS256` and by `basic` a secret.
    ///
    /// # Panics
    /// The server knows no such client.
    pub fn machine(&self, by: &str) -> (String, String) {
        let json = self.post(&format!("/machine/{by}"), "application/json", "");
        (self.text(&json["client_id"]), self.text(&json["secret"]))
    }

    /// The id of the client whose access token this is, as `oidc-provider` has it; `None` where it takes the token for none of its own.
    pub fn introspect(&self, access_token: &str) -> Option<String> {
        let (id, secret) = Self::CLIENT;
        let body = format!("client_id={id}&client_secret={secret}&token={access_token}");
        let json = self.post("/token/introspection", "application/x-www-form-urlencoded", &body);
        let is_active = json["active"].as_bool();
        let is_active = is_active.unwrap_or_else(|| panic!("no word of it:\n{}", self.log()));
        is_active.then(|| self.text(&json["client_id"]))
    }

    /// A text of an answer.
    fn text(&self, value: &Value) -> String {
        let text = value.as_str();
        text.unwrap_or_else(|| panic!("no such text:\n{}", self.log())).to_owned()
    }

    /// The JSON of the answer, null where it has none. By HTTP/1.0, so that the answer ends with the connection.
    fn post(&self, path: &str, content_type: &str, body: &str) -> Value {
        let exchange = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
            let (port, length) = (self.port, body.len());
            stream.write_all(
                format!(
                    "POST {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {content_type}\r\n\
                     Content-Length: {length}\r\n\r\n{body}"
                )
                .as_bytes(),
            )?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        let answer = exchange().expect("an answer");
        let json = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        serde_json::from_str(json).unwrap_or_default()
    }

    fn command(&self, installed: &Path) -> Command {
        let python = installed.join("venv/bin/python");
        let (program, script, argument) = match self.kind {
            TokenServerKind::OidcProvider => ("node".into(), "oidc_provider.mjs", None),
            TokenServerKind::OauthToolkit => (python, "django_server.py", Some("toolkit")),
            TokenServerKind::SimpleJwt => (python, "django_server.py", Some("simplejwt")),
            TokenServerKind::Synapse => (python, "synapse.py", None),
        };
        let mut command = self.folder.command(&program);
        if self.kind == TokenServerKind::OidcProvider {
            command.current_dir(installed);
        }
        command.arg(programs().join(script)).args(argument);
        command
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        self.process.stop(Signal::KILL);
    }
}

/// Where the programs are that set the servers up.
pub(crate) fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("programs")
}

/// Installs what a server stands on.
fn install(kind: TokenServerKind) -> Result<PathBuf, String> {
    match kind {
        TokenServerKind::OidcProvider => install_from_npm(&programs()),
        _ => install_once("pypi", &programs().join("requirements.txt"), |fresh, pinned| {
            run(Command::new("python3").args(["-m", "venv", "venv"]).current_dir(fresh))?;
            let python = fresh.join("venv/bin/python");
            run(Command::new(python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(pinned))
        }),
    }
}

/// Installs the packages that the files of npm in a folder name.
pub(crate) fn install_from_npm(folder: &Path) -> Result<PathBuf, String> {
    install_once("npm", &folder.join("package-lock.json"), |fresh, _| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(folder.join(file), fresh.join(file)).map_err(|error| error.to_string())?;
        }
        run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(fresh))
    })
}

/// Installs into a folder of the target directory that is named by the pinned versions. Tests of one process wait for one another; of
/// two processes, the one that is done first counts.
fn install_once(
    name: &str,
    pinned: &Path,
    install: impl Fn(&Path, &Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    let mut hasher = DefaultHasher::new();
    fs::read(pinned).map_err(|error| error.to_string())?.hash(&mut hasher);
    let cache = target().join("servers");
    let place = cache.join(format!("{name}-{:016x}", hasher.finish()));
    if place.is_dir() {
        return Ok(place);
    }
    fs::create_dir_all(&cache).map_err(|error| error.to_string())?;
    let fresh = tempfile::tempdir_in(&cache).map_err(|error| error.to_string())?;
    install(fresh.path(), pinned)?;
    if fs::rename(fresh.path(), &place).is_ok() || place.is_dir() {
        return Ok(place);
    }
    Err(format!("{} cannot be made", place.display()))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    output.status.success().then_some(()).ok_or_else(|| format!("{command:?}: {said}"))
}

/// Cargo's target directory: the one that this test was built into.
fn target() -> PathBuf {
    let test = env::current_exe().expect("the path of this program");
    let marked = test.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked.map_or_else(env::temp_dir, Path::to_owned)
}
