//! A Redis server.

use std::io::{Read, Write};
use std::iter;
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use rustix::process::Signal;

use crate::folder::Folder;
use crate::process::{Process, on_a_free_port, poll};

/// An empty Redis server that forgets nothing: `appendonly yes`, `appendfsync always`.
pub struct Redis {
    process: Process,
    folder: Folder,
    program: PathBuf,
    settings: Vec<String>,
    port: u16,
    /// The port of the server that this one follows; 0 where it follows none.
    primary: AtomicU16,
}

impl Redis {
    /// Starts a server with these settings over the ones above: `("appendfsync", "everysec")`; a value
    /// may be several words. `None`, said on standard error,
    /// where the program is not installed.
    ///
    /// # Panics
    /// The server cannot be started; it is not installed and `REKINDLE_REQUIRE_SERVERS` is set.
    pub fn launch(settings: &[(&str, &str)]) -> Option<Self> {
        let Some(program) = crate::program("redis-server", &[]) else {
            crate::missing("redis-server", "redis-server");
            return None;
        };
        let settings = settings
            .iter()
            .flat_map(|(name, value)| {
                let values = value.split_whitespace().map(str::to_owned);
                iter::once(format!("--{name}")).chain(values)
            })
            .collect();
        let mut server = Self::of(program, settings);
        server.launched();
        Some(server)
    }

    fn of(program: PathBuf, settings: Vec<String>) -> Self {
        let (process, folder) = (Process::default(), Folder::new());
        Self { process, folder, program, settings, port: 0, primary: AtomicU16::new(0) }
    }

    fn launched(&mut self) {
        let started = on_a_free_port(|port| {
            self.port = port;
            self.try_start()
        });
        assert!(started, "redis-server does not start:\n{}", self.log());
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it is: `redis://…`. There is no password.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts a replica of it, with the same settings, and waits until that has all that is here.
    ///
    /// # Panics
    /// It does not start, or does not reach this server.
    pub fn replica(&self) -> Self {
        let mut replica = Self::of(self.program.clone(), self.settings.clone());
        replica.primary = AtomicU16::new(self.port);
        replica.launched();
        // What came is on its disk once it has written that file anew.
        let has_all =
            ["master_link_status:up", "aof_rewrite_scheduled:0", "aof_rewrite_in_progress:0"];
        let follows = || has_all.iter().all(|told| replica.ask("INFO", told)).then_some(());
        assert!(poll(follows).is_some(), "the replica does not follow:\n{}", replica.log());
        replica
    }

    /// Makes a replica a primary of its own, whatever it has.
    ///
    /// # Panics
    /// It is away.
    pub fn promote(&self) {
        assert!(self.ask("REPLICAOF NO ONE", "+OK"), "{}", self.log());
        self.primary.store(0, Ordering::Relaxed);
    }

    /// A replica that is stopped takes the place of a server that is away, whatever it has: as a primary of its own, and then on that
    /// one's port.
    ///
    /// # Panics
    /// It does not start, or cannot have the port.
    #[must_use]
    pub fn in_place_of(mut self, server: &Self) -> Self {
        self.start();
        self.promote();
        self.ask(&format!("CONFIG SET port {}", server.port), "+OK");
        self.port = server.port;
        assert!(poll(|| self.is_ready().then_some(())).is_some(), "{}", self.log());
        self
    }

    /// Starts it again after [`Self::stop`] or [`Self::crash`], on the same port.
    ///
    /// # Panics
    /// It does not start.
    pub fn start(&self) {
        assert!(self.try_start(), "redis-server does not start:\n{}", self.log());
    }

    /// Stops it: whoever is connected loses the connection.
    pub fn stop(&self) {
        self.process.stop(Signal::TERM);
    }

    /// Kills it: what it had not written is lost.
    pub fn crash(&self) {
        self.process.stop(Signal::KILL);
    }

    /// Stops it and starts it again.
    pub fn restart(&self) {
        self.stop();
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

    fn try_start(&self) -> bool {
        let log = self.folder.log_file();
        let follow = match self.primary.load(Ordering::Relaxed) {
            0 => Vec::new(),
            port => ["--replicaof", "127.0.0.1", &port.to_string()].map(str::to_owned).into(),
        };
        let mut command = self.folder.command(&self.program);
        command
            .args(["--bind", "127.0.0.1", "--save", ""])
            .args(["--appendonly", "yes", "--appendfsync", "always"])
            .args(["--repl-diskless-sync-delay", "0"])
            .args(["--port", &self.port.to_string()])
            .args(&self.settings)
            .args(follow)
            .stdout(log.try_clone().expect("the log"))
            .stderr(log);
        self.process.start(command, || self.is_ready())
    }

    /// Whether it answers; while it reads its file, it refuses.
    fn is_ready(&self) -> bool {
        self.ask("PING", "+PONG")
    }

    /// Whether its answer to a command has this in it.
    fn ask(&self, command: &str, expected: &str) -> bool {
        let answer = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            // It closes the connection after the second, so that the answer has an end.
            stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        answer().is_ok_and(|answer| answer.contains(expected))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.process.stop(Signal::KILL);
    }
}
