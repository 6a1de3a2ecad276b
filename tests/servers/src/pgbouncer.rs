//! A connection pooler in front of a PostgreSQL server.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;

use rustix::process::Signal;

use crate::folder::Folder;
use crate::postgres::Postgres;
use crate::process::{Process, on_a_free_port};

/// A PgBouncer as Debian configures it, but in transaction mode: what one client's transaction leaves in a connection of the server,
/// the next client finds there.
pub struct PgBouncer {
    process: Process,
    folder: Folder,
    program: PathBuf,
    settings: String,
    port: u16,
}

impl PgBouncer {
    /// Starts one in front of this server, with these settings over its own: `("pool_mode", "session")`, `("default_pool_size", "1")`.
    /// `None`, said on standard error, where the program is not installed.
    ///
    /// # Panics
    /// It cannot be started; it is not installed and `REKINDLE_REQUIRE_SERVERS` is set.
    pub fn launch(server: &Postgres, settings: &[(&str, &str)]) -> Option<Self> {
        let Some(program) = crate::program("pgbouncer", &["/usr/sbin".into()]) else {
            crate::missing("pgbouncer", "pgbouncer");
            return None;
        };
        let mut lines = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nunix_socket_dir =\n\
             auth_type = trust\nauth_file = users\nmax_client_conn = 500\npool_mode = transaction\n",
            server.port()
        );
        // Of two lines for one setting, the last holds.
        for (name, value) in settings {
            lines.push_str(&format!("{name} = {value}\n"));
        }
        let mut pooler = Self {
            process: Process::default(),
            folder: Folder::unprivileged(),
            program,
            settings: lines,
            port: 0,
        };
        let users = pooler.folder.path().join("users");
        fs::write(users, "\"app\" \"\"\n").expect("the users");
        let started = on_a_free_port(|port| {
            pooler.port = port;
            pooler.try_start()
        });
        assert!(started, "pgbouncer does not start:\n{}", pooler.log());
        Some(pooler)
    }

    /// How the role `app` reaches its database through it: `postgres://…`. There is no password.
    pub fn url(&self) -> String {
        format!("postgres://app@127.0.0.1:{}/app", self.port)
    }

    /// Starts it again after [`Self::stop`] or [`Self::crash`], on the same port.
    ///
    /// # Panics
    /// It does not start.
    pub fn start(&self) {
        assert!(self.try_start(), "pgbouncer does not start:\n{}", self.log());
    }

    /// Stops it: whoever is connected loses the connection.
    pub fn stop(&self) {
        self.process.stop(Signal::TERM);
    }

    /// Kills it.
    pub fn crash(&self) {
        self.process.stop(Signal::KILL);
    }

    /// Freezes it: connections stay, and nobody answers.
    pub fn pause(&self) {
        self.process.signal_all(Signal::STOP);
    }

    /// Lets it go on after [`Self::pause`].
    pub fn resume(&self) {
        self.process.signal_all(Signal::CONT);
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.folder.log()
    }

    fn try_start(&self) -> bool {
        let settings = format!("{}listen_port = {}\n", self.settings, self.port);
        fs::write(self.folder.path().join("pgbouncer.ini"), settings).expect("its settings");
        let log = self.folder.log_file();
        let mut command = self.folder.command(&self.program);
        command.arg("pgbouncer.ini").stdout(log.try_clone().expect("the log")).stderr(log);
        let address = (Ipv4Addr::LOCALHOST, self.port);
        self.process.start(command, || TcpStream::connect(address).is_ok())
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        self.process.stop(Signal::KILL);
    }
}
