//! The real executable.

use super::TestDb;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
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
            .env("PERENNIAL_PLUGIN_CACHE", super::plugins::cache())
            .env("PERENNIAL_LOG", "warn");
        command
    }

    /// In the background; the caller ends it.
    pub(crate) fn start(db: &TestDb, arguments: &[impl AsRef<OsStr>]) -> Child {
        Self::command(db).args(arguments).stdout(Stdio::piped()).spawn().unwrap()
    }
}

/// `perennial serve` on a free port, without plugins.
#[derive(Debug)]
pub(crate) struct Served {
    process: Child,
    api: AdminApi,
}

/// The admin API of a served program, for as long as it is served.
#[derive(Clone, Debug)]
pub(crate) struct AdminApi {
    address: String,
    token: String,
    http: reqwest::Client,
}

impl Served {
    pub(crate) async fn start(db: &TestDb, token: &str) -> Self {
        let plugins = db.folder.path().join("no-plugins");
        std::fs::create_dir_all(&plugins).unwrap();
        let mut command = Perennial::command(db);
        command
            .arg("serve")
            .env("PERENNIAL_LISTEN", "127.0.0.1:0")
            .env("PERENNIAL_PLUGINS", plugins);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.find(|line| line.as_ref().unwrap().starts_with("admin")).unwrap().unwrap();
        let address = line.split_whitespace().nth(1).unwrap().to_owned();
        let api = AdminApi { address, token: token.to_owned(), http: reqwest::Client::new() };
        Self { process, api }
    }

    pub(crate) fn api(&self) -> &AdminApi {
        &self.api
    }

    /// Where it listens, as host and port.
    pub(crate) fn address(&self) -> &str {
        let address = self.api.address.strip_prefix("http://").unwrap();
        address.split_once('/').unwrap().0
    }

    /// The most memory that the process ever used; nothing where the system does not tell.
    pub(crate) fn memory_peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak.map_or(0, |peak| peak.trim().trim_end_matches(" kB").parse().unwrap())
    }

    /// At once, as by `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl AdminApi {
    /// The data that answers a query; none when the connection broke before all of it arrived.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Option<Value> {
        let request = self.http.post(&self.address).bearer_auth(&self.token);
        let sent = request.json(&json!({ "query": query, "variables": variables })).send().await;
        let mut body: Value = sent.ok()?.json().await.ok()?;
        assert!(body["errors"].is_null(), "{query}\n{body:#}");
        Some(body["data"].take())
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

    /// What a command with `--json` printed.
    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(self) -> T {
        serde_json::from_str(&self.succeeds().stdout).unwrap()
    }
}

/// What an import of purchases reports.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ImportSummary {
    pub(crate) rows: u64,
    pub(crate) repeated: u64,
    pub(crate) recorded: u64,
    pub(crate) refused: u64,
    pub(crate) members_created: u64,
    pub(crate) error_file: Option<PathBuf>,
}
