//! Settings: defaults, then `perennial.toml`, then `PERENNIAL_*` variables, then flags; a later one
//! replaces an earlier one.

use anyhow::Context;
use clap::Args;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The settings file that is read when none is named; it need not exist.
const FILE: &str = "perennial.toml";

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
    /// The folder whose .wasm components are offered to programs when the server starts; none of
    /// them changes by that [default: target/plugins].
    #[arg(long, global = true, env = "PERENNIAL_PLUGINS", value_name = "DIR")]
    plugins: Option<PathBuf>,
    /// The folder that keeps compiled plugins between runs. It holds native code: nobody but the
    /// server's user may write to it [default: target/plugin-cache].
    #[arg(long, global = true, env = "PERENNIAL_PLUGIN_CACHE", value_name = "DIR")]
    plugin_cache: Option<PathBuf>,
    /// The server's own signing key, an Ed25519 key in a PEM file, created by `serve` and `demo`,
    /// and shared by the nodes of an installation [default: data/token-key.pem].
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
    plugins: Option<PathBuf>,
    plugin_cache: Option<PathBuf>,
    token_key: Option<PathBuf>,
    jwks: Option<PathBuf>,
    issuer: Option<String>,
    #[serde(default)]
    issuer_programs: Vec<String>,
    graphiql: Option<bool>,
}

/// The settings in force.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) database: String,
    pub(crate) listen: SocketAddr,
    pub(crate) plugins: PathBuf,
    pub(crate) plugin_cache: PathBuf,
    pub(crate) token_key: PathBuf,
    pub(crate) jwks: Option<PathBuf>,
    pub(crate) issuer: Option<String>,
    pub(crate) issuer_programs: Vec<String>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_the_file_over_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "database = \"sqlite:other.db\"\ngraphiql = false\n").unwrap();
        let flags = Flags {
            config: Some(path),
            database: Some("sqlite:flag.db".into()),
            ..Flags::default()
        };
        let settings = Settings::read(flags).unwrap();
        assert_eq!(settings.database, "sqlite:flag.db");
        assert!(!settings.graphiql);
        assert_eq!(settings.listen.port(), 8080);
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
