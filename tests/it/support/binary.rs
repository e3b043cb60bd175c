//! The real executable.

use super::TestDb;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A command of the executable over a database, in a folder of its own.
pub(crate) fn perennial(db: &TestDb, arguments: &[impl AsRef<OsStr>]) -> Finished {
    let output = Perennial::command(db).args(arguments).output().unwrap();
    Finished {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Ways to start the executable.
pub(crate) struct Perennial;

impl Perennial {
    /// With its settings pointing at the test's database and folder.
    pub(crate) fn command(db: &TestDb) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
        command
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
            .env("PERENNIAL_DATABASE", &db.url)
            .env("PERENNIAL_TOKEN_KEY", db.folder.path().join("key.pem"))
            .env("PERENNIAL_PLUGINS", super::plugins::bundled_folder())
            .env("PERENNIAL_LOG", "warn");
        command
    }

    /// In the background; the caller ends it.
    pub(crate) fn start(db: &TestDb, arguments: &[impl AsRef<OsStr>]) -> Child {
        Self::command(db).args(arguments).stdout(Stdio::piped()).spawn().unwrap()
    }
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "{}\n{}", self.stdout, self.stderr);
        self
    }
}
