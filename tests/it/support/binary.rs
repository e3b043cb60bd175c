//! The real executable.

use super::TestDb;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

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
            .env("PERENNIAL_TOKEN_KEY", db.key())
            .env("PERENNIAL_PLUGINS", super::plugins::bundled_folder())
            .env("PERENNIAL_PLUGIN_CACHE", super::plugins::cache())
            .env("PERENNIAL_OPERATIONS_LISTEN", "127.0.0.1:0")
            .env("PERENNIAL_LOG", "warn");
        command
    }
}

/// `perennial serve` that was started and has not said where it listens.
#[derive(Debug)]
pub(crate) struct Starting {
    process: Child,
    token: String,
}

/// `perennial serve` on a free port, without plugins.
#[derive(Debug)]
pub(crate) struct Served {
    process: Child,
    api: AdminApi,
    operations: String,
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
        Self::starting(db, token).come_up()
    }

    pub(crate) fn starting(db: &TestDb, token: &str) -> Starting {
        let plugins = db.folder.path().join("no-plugins");
        std::fs::create_dir_all(&plugins).unwrap();
        let mut command = Perennial::command(db);
        command
            .arg("serve")
            .env("PERENNIAL_LISTEN", "127.0.0.1:0")
            .env("PERENNIAL_PLUGINS", plugins);
        Starting { token: token.to_owned(), ..Self::of(&mut command) }
    }

    /// By a command that serves, in whatever surroundings.
    pub(crate) fn of(command: &mut Command) -> Starting {
        let process = command.stdout(Stdio::piped()).spawn().unwrap();
        Starting { process, token: String::new() }
    }

    pub(crate) fn api(&self) -> &AdminApi {
        &self.api
    }

    /// Whether a token is valid for the admin API.
    pub(crate) async fn accepts(&self, token: &str) -> bool {
        let request = self.api.http.post(&self.api.address).bearer_auth(token);
        let query = json!({ "query": "{ program { slug } }" });
        let status = request.json(&query).send().await.unwrap().status();
        assert!(status.is_success() || status == reqwest::StatusCode::UNAUTHORIZED, "{status}");
        status.is_success()
    }

    /// As when a terminal is closed.
    pub(crate) fn hang_up(&self) {
        self.signal("-HUP");
    }

    /// Stops it where it is, until it is thawed.
    pub(crate) fn freeze(&mut self) {
        self.signal("-STOP");
    }

    pub(crate) fn thaw(&mut self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let process = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &process]).status().unwrap().success());
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// What it logs, if the command pipes it.
    pub(crate) fn stderr(&mut self) -> ChildStderr {
        self.process.stderr.take().unwrap()
    }

    /// Where it listens, as host and port.
    pub(crate) fn address(&self) -> &str {
        let address = self.api.address.strip_prefix("http://").unwrap();
        address.split_once('/').unwrap().0
    }

    /// Where its metrics are, as `http://…/metrics`; `off` if nowhere.
    pub(crate) fn metrics(&self) -> &str {
        &self.operations
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

impl Starting {
    /// Waits until it listens; fails when it ends before.
    pub(crate) fn come_up(mut self) -> Served {
        let mut lines = BufReader::new(self.process.stdout.take().unwrap()).lines();
        let mut announced = |what: &str| {
            let line = lines.find(|line| line.as_ref().unwrap().starts_with(what));
            let line = line.expect("the server does not come up").unwrap();
            line.split_whitespace().nth(1).unwrap().to_owned()
        };
        let (address, operations) = (announced("admin"), announced("operations"));
        let api = AdminApi { address, token: self.token, http: reqwest::Client::new() };
        Served { process: self.process, api, operations }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl AdminApi {
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The data that answers a query; none when the connection broke before all of it arrived.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Option<Value> {
        let request = self.http.post(&self.address).bearer_auth(&self.token);
        let sent = request.json(&json!({ "query": query, "variables": variables })).send().await;
        let mut body: Value = sent.ok()?.json().await.ok()?;
        assert!(body["errors"].is_null(), "{query}\n{body:#}");
        Some(body["data"].take())
    }

    /// The same of a server whose database may be gone; none, too, when it asks to be sent the
    /// request again.
    pub(crate) async fn try_ask(&self, query: &str, variables: Value) -> Option<Value> {
        let request = self.http.post(&self.address).bearer_auth(&self.token);
        let sent = request.json(&json!({ "query": query, "variables": variables })).send().await;
        let mut body: Value = sent.ok()?.json().await.ok()?;
        let Some(errors) = body["errors"].as_array() else { return Some(body["data"].take()) };
        let is_unavailable = |error: &Value| error["extensions"]["code"] == "UNAVAILABLE";
        assert!(errors.iter().all(is_unavailable), "{query}\n{body:#}");
        None
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

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// What a command with `--json` printed.
    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(self) -> T {
        self.succeeds().printed()
    }

    /// The JSON that a command printed, however it ended.
    #[track_caller]
    pub(crate) fn printed<T: DeserializeOwned>(self) -> T {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }
}

/// What an import reports, of rows and of what they make.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ImportSummary {
    pub(crate) rows: u64,
    pub(crate) recorded: u64,
    pub(crate) repeated: u64,
    pub(crate) refused: u64,
    pub(crate) purchases: Option<Counts>,
    pub(crate) members: Option<Counts>,
    pub(crate) balances: Option<Counts>,
    #[serde(default)]
    pub(crate) members_created: u64,
    pub(crate) error_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counts {
    pub(crate) recorded: u64,
    pub(crate) repeated: u64,
    pub(crate) refused: u64,
}

impl ImportSummary {
    /// Recorded, repeated and refused rows.
    pub(crate) fn of_rows(&self) -> (u64, u64, u64) {
        assert_eq!(self.rows, self.recorded + self.repeated + self.refused, "{self:#?}");
        (self.recorded, self.repeated, self.refused)
    }

    /// Recorded, repeated and refused purchases, members or balances.
    pub(crate) fn of_wholes(&self) -> (u64, u64, u64) {
        let counts = self.purchases.or(self.members).or(self.balances).unwrap();
        (counts.recorded, counts.repeated, counts.refused)
    }
}
