//! pgbench, PostgreSQL's own load: the least that a client can cost, in a process of its own.

use crate::report::{median, number};
use std::fs::DirEntry;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// How often it ran, which scripts know as `run`: no key that one made is made again.
static RUNS: AtomicU32 = AtomicU32::new(0);

/// A script over one database.
#[derive(Debug)]
pub(crate) struct Pgbench {
    url: String,
    folder: TempDir,
}

impl Pgbench {
    pub(crate) fn new(url: &str, script: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("script.sql"), script).expect("a script");
        Self { url: url.to_owned(), folder }
    }

    /// Lets clients work for some time, whole seconds; returns transactions per second, connecting
    /// not counted. Waits in the caller's thread, which has nothing else to do.
    pub(crate) fn rate(&mut self, clients: usize, long: Duration) -> f64 {
        let said = self.run(clients, long, &[]);
        let tps = said.lines().find_map(|line| line.strip_prefix("tps = "));
        let (tps, _) = tps.and_then(|tps| tps.split_once(' ')).expect("pgbench says its rate");
        tps.parse().expect("a number")
    }

    /// The median time of a transaction of one client.
    pub(crate) fn median(&mut self, long: Duration) -> Duration {
        let logs = tempfile::tempdir().expect("a folder");
        let prefix = logs.path().join("log");
        let prefix = prefix.to_str().expect("a folder's name is UTF-8");
        self.run(1, long, &["--log", "--log-prefix", prefix]);
        let files = std::fs::read_dir(logs.path()).expect("a folder");
        let read = |file: std::io::Result<DirEntry>| {
            std::fs::read_to_string(file.expect("a file").path()).expect("a log")
        };
        let log: String = files.map(read).collect();
        // Client, number, microseconds, and more.
        let time = |line: &str| line.split(' ').nth(2).and_then(|time| time.parse().ok());
        Duration::from_micros(median(log.lines().filter_map(time).collect()))
    }

    fn run(&mut self, clients: usize, long: Duration, more: &[&str]) -> String {
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::var("PERENNIAL_TEST_POSTGRES_PROGRAMS").unwrap_or_default();
        let seconds = long.as_secs_f64().ceil().max(number(1));
        let ran = Command::new(PathBuf::from(folder).join("pgbench"))
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--define=n=0"])
            .arg(format!("--client={clients}"))
            .arg(format!("--time={seconds}"))
            .arg(format!("--define=run={run}"))
            .arg("--file")
            .arg(self.folder.path().join("script.sql"))
            .args(more)
            .arg(&self.url)
            .output()
            .expect("pgbench comes with PostgreSQL's server; on some systems it is `postgresql-contrib`");
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let why = String::from_utf8_lossy(&ran.stderr);
        assert!(
            ran.status.success() && said.contains("number of failed transactions: 0 "),
            "{said}{why}"
        );
        said
    }
}
