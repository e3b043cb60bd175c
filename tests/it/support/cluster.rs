//! A PostgreSQL of a test's own, which it may stop and kill. `scripts/with-postgres.sh` says where
//! the programs are.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub(crate) struct Cluster {
    folder: TempDir,
    port: u16,
    settings: &'static [&'static str],
    server: Child,
}

impl Cluster {
    /// What was committed is in the log when it is answered; the machine itself does not fail here.
    pub(crate) fn start() -> Self {
        Self::start_with(&["fsync=off"])
    }

    pub(crate) fn start_with(settings: &'static [&'static str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            let chown = Command::new("chown").arg("postgres").arg(folder.path()).status();
            assert!(chown.unwrap().success());
        }
        let data = folder.path().join("data");
        let made = program("initdb")
            .arg("--pgdata")
            .arg(&data)
            .args(["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8"])
            .args(["--locale=C"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .status();
        assert!(made.unwrap().success());
        // Nobody else asks for the port that was free a moment ago, or the start fails.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = serve(folder.path(), port, settings);
        let cluster = Self { folder, port, settings, server };
        cluster.wait_until_ready();
        cluster
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// Stops it by a signal, and starts it again.
    pub(crate) fn restart(&mut self, signal: &str) {
        send(signal, self.postmaster());
        self.server.wait().unwrap();
        self.server = serve(self.folder.path(), self.port, self.settings);
        self.wait_until_ready();
    }

    /// Kills a process that serves somebody's connection; the others notice.
    pub(crate) fn kill_a_backend(&mut self) {
        let postmaster = self.postmaster();
        let listed = Command::new("ps")
            .args(["-o", "pid=,args=", "--ppid", &postmaster.to_string()])
            .output()
            .unwrap();
        let lines = BufReader::new(&listed.stdout[..]).lines().map(Result::unwrap);
        let backend = lines.filter(|line| line.contains(" 127.0.0.1(")).find_map(|line| {
            line.split_whitespace().next().and_then(|pid| pid.parse::<u32>().ok())
        });
        send("-KILL", backend.expect("somebody is connected"));
    }

    fn postmaster(&self) -> u32 {
        let path = self.folder.path().join("data/postmaster.pid");
        std::fs::read_to_string(path).unwrap().lines().next().unwrap().parse().unwrap()
    }

    fn wait_until_ready(&self) {
        let (begun, path) = (Instant::now(), self.folder.path().join("data/postmaster.pid"));
        let is_ready = || {
            let lines = std::fs::read_to_string(&path).unwrap_or_default();
            lines.lines().nth(7).is_some_and(|line| line.trim() == "ready")
        };
        while !is_ready() {
            assert!(begun.elapsed() < PATIENCE, "PostgreSQL does not come up");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.folder.path().join("data/postmaster.pid").exists() {
            send("-QUIT", self.postmaster());
        }
        drop(self.server.wait());
    }
}

fn serve(folder: &Path, port: u16, settings: &[&str]) -> Child {
    program("postgres")
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .args(["-c", "max_connections=200", "-k"])
        .arg(folder)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A program of PostgreSQL, by a user that it accepts.
fn program(name: &str) -> Command {
    let folder = std::env::var("PERENNIAL_TEST_POSTGRES_PROGRAMS")
        .expect("tests need PostgreSQL: run `make test`, or `scripts/with-postgres.sh cargo test`");
    let path = PathBuf::from(folder).join(name);
    if !is_root() {
        return Command::new(path);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(path);
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

fn send(signal: &str, process: u32) {
    let sent = Command::new("kill").args([signal, &process.to_string()]).status();
    assert!(sent.unwrap().success(), "{signal} to {process}");
}
