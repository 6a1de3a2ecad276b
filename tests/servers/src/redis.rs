//! A Redis server.

use std::io::{Read, Write};
use std::iter;
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::Signal;

use crate::folder::Folder;
use crate::process::{Process, free_port};

/// How often another port is tried, where somebody else took the one that was free.
const PORTS: usize = 5;

/// An empty Redis server that forgets nothing: `appendonly yes`, `appendfsync always`.
pub struct Redis {
    process: Process,
    folder: Folder,
    program: PathBuf,
    settings: Vec<String>,
    port: u16,
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
        let mut server =
            Self { process: Process::default(), folder: Folder::new(), program, settings, port: 0 };
        let started = (0..PORTS).any(|_| {
            server.port = free_port();
            server.try_start()
        });
        assert!(started, "redis-server does not start:\n{}", server.log());
        Some(server)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it is: `redis://…`. There is no password.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
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
        let mut command = self.folder.command(&self.program);
        command
            .args(["--bind", "127.0.0.1", "--save", ""])
            .args(["--appendonly", "yes", "--appendfsync", "always"])
            .args(["--port", &self.port.to_string()])
            .args(&self.settings)
            .stdout(log.try_clone().expect("the log"))
            .stderr(log);
        self.process.start(command, || self.is_ready())
    }

    /// Whether it answers; while it reads its file, it refuses.
    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<[u8; 5]> {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            stream.write_all(b"PING\r\n")?;
            let mut answer = [0; 5];
            stream.read_exact(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| &answer == b"+PONG")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.process.stop(Signal::KILL);
    }
}
