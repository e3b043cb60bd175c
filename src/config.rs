//! Settings: defaults, then `perennial.toml`, then `PERENNIAL_*` variables, then flags; a later one
//! replaces an earlier one.

use anyhow::Context;
use clap::Args;
use perennial_core::BOUND_DEFAULT;
use serde::Deserialize;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// The settings file that is read when none is named; it need not exist.
const FILE: &str = "perennial.toml";
const DAY: Duration = Duration::from_hours(24);

/// What every command takes. The help texts name the defaults, which [`Settings::read`] fills in.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Flags {
    /// The settings file [default: perennial.toml, if it exists].
    #[arg(long, global = true, env = "PERENNIAL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The database: sqlite:PATH or postgres://… [default: sqlite:data/perennial.db].
    #[arg(
        long,
        global = true,
        env = "PERENNIAL_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    database: Option<String>,
    /// The address and port to listen on [default: 127.0.0.1:8080].
    #[arg(long, global = true, env = "PERENNIAL_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The address and port for /metrics, /livez and /readyz, or `off`. It is not the API's, so that
    /// what operators measure is not public [default: 127.0.0.1:9464].
    #[arg(long, global = true, env = "PERENNIAL_OPERATIONS_LISTEN", value_name = "ADDRESS")]
    operations_listen: Option<Operations>,
    /// The folder whose .wasm components are offered to programs when the server starts; none of
    /// them changes by that [default: target/plugins].
    #[arg(long, global = true, env = "PERENNIAL_PLUGINS", value_name = "DIR")]
    plugins: Option<PathBuf>,
    /// The folder that keeps compiled plugins between runs. It holds native code: nobody but the
    /// server's user may write to it [default: target/plugin-cache].
    #[arg(long, global = true, env = "PERENNIAL_PLUGIN_CACHE", value_name = "DIR")]
    plugin_cache: Option<PathBuf>,
    /// The server's own key, which signs tokens and seals: Ed25519 in a PEM file, created by `serve`
    /// and `demo`, and shared by the nodes of an installation [default: data/token-key.pem].
    #[arg(long, global = true, env = "PERENNIAL_TOKEN_KEY", value_name = "FILE")]
    token_key: Option<PathBuf>,
    /// A JWKS file with the public keys of an external identity provider. Needs --issuer.
    #[arg(
        long,
        global = true,
        env = "PERENNIAL_JWKS",
        value_name = "FILE",
        requires = "issuer",
        hide_env_values = true
    )]
    jwks: Option<PathBuf>,
    /// The `iss` claim of tokens signed with the keys of --jwks.
    #[arg(
        long,
        global = true,
        env = "PERENNIAL_ISSUER",
        value_name = "URL",
        hide_env_values = true
    )]
    issuer: Option<String>,
    /// The slugs of the programs that the issuer's tokens are valid for, separated by commas.
    #[arg(
        long,
        global = true,
        env = "PERENNIAL_ISSUER_PROGRAMS",
        value_name = "SLUGS",
        value_delimiter = ','
    )]
    issuer_programs: Vec<String>,
    /// How many days the machine's clock may be from the last instant that a server knew; further
    /// off, it is not believed, see `perennial clock` [default: 31].
    #[arg(long, global = true, env = "PERENNIAL_CLOCK_BOUND", value_name = "DAYS")]
    clock_bound: Option<NonZeroU16>,
    /// Serve the GraphiQL explorer [default: true].
    #[arg(long, global = true, env = "PERENNIAL_GRAPHIQL", value_name = "BOOL")]
    graphiql: Option<bool>,
}

/// `perennial.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    database: Option<String>,
    listen: Option<SocketAddr>,
    operations_listen: Option<Operations>,
    plugins: Option<PathBuf>,
    plugin_cache: Option<PathBuf>,
    token_key: Option<PathBuf>,
    jwks: Option<PathBuf>,
    issuer: Option<String>,
    #[serde(default)]
    issuer_programs: Vec<String>,
    clock_bound: Option<NonZeroU16>,
    graphiql: Option<bool>,
}

/// Where health and metrics are served beside the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Operations {
    At(SocketAddr),
    Off,
}

impl Default for Operations {
    /// The port that exporters of OpenTelemetry use; 9090 is Prometheus' own.
    fn default() -> Self {
        Self::At(SocketAddr::from(([127, 0, 0, 1], 9464)))
    }
}

impl FromStr for Operations {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            address => address.parse().map(Self::At).map_err(|_| {
                format!("`{address}` is neither an address with a port, such as 127.0.0.1:9464, nor `off`")
            }),
        }
    }
}

impl TryFrom<String> for Operations {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// The settings in force.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) database: String,
    pub(crate) listen: SocketAddr,
    pub(crate) operations_listen: Operations,
    pub(crate) plugins: PathBuf,
    pub(crate) plugin_cache: PathBuf,
    pub(crate) token_key: PathBuf,
    pub(crate) jwks: Option<PathBuf>,
    pub(crate) issuer: Option<String>,
    pub(crate) issuer_programs: Vec<String>,
    /// How far the machine's clock may be from what is known.
    pub(crate) clock_bound: Duration,
    pub(crate) graphiql: bool,
}

impl Settings {
    /// Fails when a named settings file cannot be read, and names the line of what is wrong in it.
    pub(crate) fn read(flags: Flags) -> anyhow::Result<Self> {
        let file = match &flags.config {
            Some(path) => read(path)?,
            None if Path::new(FILE).exists() => read(Path::new(FILE))?,
            None => File::default(),
        };
        Ok(Self {
            database: flags
                .database
                .or(file.database)
                .unwrap_or_else(|| "sqlite:data/perennial.db".into()),
            listen: flags
                .listen
                .or(file.listen)
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            operations_listen: flags
                .operations_listen
                .or(file.operations_listen)
                .unwrap_or_default(),
            plugins: flags.plugins.or(file.plugins).unwrap_or_else(|| "target/plugins".into()),
            plugin_cache: flags
                .plugin_cache
                .or(file.plugin_cache)
                .unwrap_or_else(|| "target/plugin-cache".into()),
            token_key: flags
                .token_key
                .or(file.token_key)
                .unwrap_or_else(|| "data/token-key.pem".into()),
            jwks: flags.jwks.or(file.jwks),
            issuer: flags.issuer.or(file.issuer),
            issuer_programs: match flags.issuer_programs.is_empty() {
                true => file.issuer_programs,
                false => flags.issuer_programs,
            },
            clock_bound: flags
                .clock_bound
                .or(file.clock_bound)
                .map_or(BOUND_DEFAULT, |days| DAY * u32::from(days.get())),
            graphiql: flags.graphiql.or(file.graphiql).unwrap_or(true),
        })
    }
}

fn read(path: &Path) -> anyhow::Result<File> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the settings file {}", path.display()))?;
    toml::from_str(&text)
        .with_context(|| format!("the settings file {} is invalid", path.display()))
}

/// The keys of the settings file, as it says itself when it meets another.
#[cfg(test)]
pub(crate) fn file_keys() -> Vec<String> {
    let refused = toml::from_str::<File>("another = 1").unwrap_err().to_string();
    let (_, expected) = refused.split_once("expected").unwrap();
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_the_file_over_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        let text =
            "database = \"sqlite:other.db\"\ngraphiql = false\noperations_listen = \"off\"\n";
        std::fs::write(&path, text).unwrap();
        let flags = Flags {
            config: Some(path),
            database: Some("sqlite:flag.db".into()),
            ..Flags::default()
        };
        let settings = Settings::read(flags).unwrap();
        assert_eq!(settings.database, "sqlite:flag.db");
        assert!(!settings.graphiql);
        assert_eq!(settings.listen.port(), 8080);
        assert_eq!(settings.operations_listen, Operations::Off);
    }

    #[test]
    fn an_unknown_setting_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "graphiql = true\ndatabse = \"x\"\n").unwrap();
        let error = Settings::read(Flags { config: Some(path), ..Flags::default() }).unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("line 2") && text.contains("databse"), "{text}");
    }
}
