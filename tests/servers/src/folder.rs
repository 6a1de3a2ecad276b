//! A folder for one server, and the account that it runs under.

use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder that is removed when it is dropped.
pub(crate) struct Folder {
    folder: TempDir,
    account: Option<(u32, u32)>,
}

impl Folder {
    /// A new folder that belongs to whoever runs the tests.
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("rekindle-server-")
            .tempdir()
            .expect("a temporary folder");
        Self { folder, account: None }
    }

    /// The same; when root runs the tests, it belongs to an account without privileges, and so do the programs.
    pub(crate) fn unprivileged() -> Self {
        let mut folder = Self::new();
        if rustix::process::geteuid().is_root() {
            let (user, group) = account("postgres")
                .or_else(|| account("nobody"))
                .expect("an account without privileges");
            chown(folder.path(), Some(user), Some(group)).expect("a folder of that account");
            folder.account = Some((user, group));
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A program that runs in this folder, under its account.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).stdin(Stdio::null());
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command
    }

    /// The end of the log, open for writing.
    pub(crate) fn log_file(&self) -> File {
        File::options().create(true).append(true).open(self.path().join("log")).expect("a log file")
    }

    /// What the server has written so far.
    pub(crate) fn log(&self) -> String {
        let bytes = fs::read(self.path().join("log")).expect("the log");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// The numbers of an account of this system.
fn account(name: &str) -> Option<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}
