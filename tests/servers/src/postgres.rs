//! A PostgreSQL server.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::folder::Folder;
use crate::process::{Process, on_a_free_port};

/// A PostgreSQL server with an empty database `app` that belongs to the ordinary role `app`. It keeps what is durable.
pub struct Postgres {
    process: Process,
    folder: Folder,
    programs: PathBuf,
    settings: Vec<String>,
    port: u16,
}

impl Postgres {
    /// Makes a cluster and starts it, with these settings over the server's own. `None`, said on standard error, where the
    /// programs are not installed.
    ///
    /// # Panics
    /// The server cannot be started; it is not installed and `REKINDLE_REQUIRE_SERVERS` is set.
    pub fn launch(settings: &[(&str, &str)]) -> Option<Self> {
        let Some(programs) = programs() else {
            crate::missing("initdb", "postgresql");
            return None;
        };
        let settings = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut server = Self::of(programs, settings);
        server.make(
            "initdb",
            &["-D", "data", "-U", "root", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"],
        );
        server.launched();
        server.sql("CREATE ROLE app LOGIN");
        server.sql("CREATE DATABASE app OWNER app");
        Some(server)
    }

    /// Starts a standby that has all that is here and follows it, with the same settings.
    ///
    /// # Panics
    /// It does not start.
    pub fn replica(&self) -> Self {
        let mut replica = Self::of(self.programs.clone(), self.settings.clone());
        let port = self.port.to_string();
        let source = ["-h", "127.0.0.1", "-p", &port, "-U", "root", "-c", "fast"];
        replica.make("pg_basebackup", &[&source[..], &["-D", "data", "-R", "-N"]].concat());
        replica.launched();
        replica
    }

    /// Makes a standby a server of its own, whatever it has.
    ///
    /// # Panics
    /// It is away, or not promoted within a minute.
    pub fn promote(&self) {
        assert_eq!(self.sql("SELECT pg_promote()"), "t", "{}", self.log());
    }

    /// A standby that is stopped takes the place of a server that is away, whatever it has: on its port, as a server of its own.
    ///
    /// # Panics
    /// It does not start, or is not promoted within a minute.
    #[must_use]
    pub fn in_place_of(mut self, server: &Self) -> Self {
        self.port = server.port;
        self.start();
        self.promote();
        self
    }

    fn of(programs: PathBuf, settings: Vec<String>) -> Self {
        let (process, folder) = (Process::default(), Folder::unprivileged());
        Self { process, folder, programs, settings, port: 0 }
    }

    fn launched(&mut self) {
        let started = on_a_free_port(|port| {
            self.port = port;
            self.try_start()
        });
        assert!(started, "postgres does not start:\n{}", self.log());
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How the role `app` reaches its database: `postgres://…`. There is no password.
    pub fn url(&self) -> String {
        format!("postgres://app@127.0.0.1:{}/app", self.port)
    }

    /// Starts it again after [`Self::stop`] or [`Self::crash`], on the same port.
    ///
    /// # Panics
    /// It does not start.
    pub fn start(&self) {
        assert!(self.try_start(), "postgres does not start:\n{}", self.log());
    }

    /// Stops it: whoever is connected loses the connection.
    pub fn stop(&self) {
        self.process.stop(Signal::INT);
    }

    /// Ends it without a goodbye: it recovers from its log when it starts again.
    pub fn crash(&self) {
        self.process.stop(Signal::QUIT);
    }

    /// Stops it and starts it again.
    pub fn restart(&self) {
        self.stop();
        self.start();
    }

    /// Makes it a hot standby, which answers and takes no writes, of a primary that is not there.
    ///
    /// # Panics
    /// It does not start.
    pub fn demote(&self) {
        self.stop();
        let signal = self.folder.path().join("data").join("standby.signal");
        fs::write(signal, "").expect("the signal file");
        self.start();
    }

    /// Freezes it: connections stay, and nobody answers.
    pub fn pause(&self) {
        self.process.signal_all(Signal::STOP);
    }

    /// Lets it go on after [`Self::pause`].
    pub fn resume(&self) {
        self.process.signal_all(Signal::CONT);
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        self.folder.log()
    }

    /// Has the superuser run these statements in the database `app` (before there is one, in `postgres`). Gives what `psql`
    /// prints: the rows, without a header.
    ///
    /// # Panics
    /// One of them fails.
    pub fn sql(&self, statements: &str) -> String {
        let database =
            if statements.starts_with("CREATE DATABASE") || statements.starts_with("CREATE ROLE") {
                "postgres"
            } else {
                "app"
            };
        let output = self
            .program("psql")
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "root"])
            .args(["-h", "127.0.0.1", "-d", database, "-c", statements])
            .args(["-p", &self.port.to_string()])
            .output()
            .expect("psql runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{statements}: {said}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn program(&self, name: &str) -> Command {
        self.folder.command(&self.programs.join(name))
    }

    /// Makes the cluster's files.
    fn make(&self, program: &str, arguments: &[&str]) {
        let output = self.program(program).args(arguments).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {said}");
    }

    fn try_start(&self) -> bool {
        let log = self.folder.log_file();
        let mut command = self.program("postgres");
        command
            .args(["-D", "data", "-h", "127.0.0.1", "-k", ""])
            .args(["-p", &self.port.to_string()])
            .args(["-c", "shared_buffers=16MB", "-c", "max_connections=200"])
            .stdout(log.try_clone().expect("the log"))
            .stderr(log);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        self.process.start(command, || self.is_ready())
    }

    fn is_ready(&self) -> bool {
        let mut command = self.program("pg_isready");
        command
            .args(["-q", "-t", "1", "-h", "127.0.0.1"])
            .args(["-p", &self.port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.process.stop(Signal::QUIT);
    }
}

/// The folder of the newest server's programs: Debian keeps them out of `PATH`.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql");
    let versions = versions.into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|entry| entry.path().join("bin")).collect();
    folders.sort_by_key(|folder| {
        let version = folder.parent().and_then(|version| version.file_name());
        let version = version.and_then(|version| version.to_str()?.parse::<u32>().ok());
        std::cmp::Reverse(version)
    });
    let initdb = crate::program("initdb", &folders)?;
    Some(initdb.parent()?.to_owned())
}
