//! Asking Cargo: which crates are plugins, and where the module is that it compiled.

use crate::limits::GUEST_STACK;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TARGET: &str = "wasm32-unknown-unknown";

/// How guests are compiled: small and deterministic matter more than the last per cent of speed.
/// Given on the command line, so that a partner's crate needs no profile of its own.
const PROFILE: &[&str] = &[
    r#"inherits="release""#,
    r#"opt-level="s""#,
    "lto=true",
    "codegen-units=1",
    "strip=true",
    r#"panic="abort""#,
    "debug=false",
];

/// A crate with a `plugin.toml`.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    version: String,
    id: String,
    manifest_path: PathBuf,
    /// None for a crate that comes from a path.
    source: Option<String>,
}

/// What is to be built.
pub(super) struct Plugins {
    pub(super) packages: Vec<Package>,
    workspace_root: PathBuf,
    /// Name and directory of the crates that come from a path outside the workspace.
    outside: Vec<(String, PathBuf)>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: HashSet<String>,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    package_id: Option<String>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

impl Package {
    pub(super) fn manifest(&self) -> PathBuf {
        self.directory().join("plugin.toml")
    }

    /// Fails if the crate is another version than its plugin says; a pre-release of it is none.
    pub(super) fn is_version(&self, of_plugin: &str) -> Result<()> {
        let number = |version: &str| version.split(['-', '+']).next().map(str::to_owned);
        let of_crate = &self.version;
        ensure!(
            number(of_crate) == number(of_plugin),
            "{} says version {of_plugin} and Cargo.toml {of_crate}: give both the same number",
            self.manifest().display()
        );
        Ok(())
    }

    pub(super) fn directory(&self) -> &Path {
        self.manifest_path.parent().expect("a manifest is in a directory")
    }
}

/// The plugin at `directory`, or if that has no `plugin.toml` the plugins of the workspace there.
/// `arguments` are further ones for Cargo.
pub(super) fn plugins_at(directory: &Path, arguments: &[&str]) -> Result<Plugins> {
    let here =
        directory.canonicalize().with_context(|| format!("cannot open {}", directory.display()))?;
    let is_one = here.join("plugin.toml").exists();
    let mut command = cargo(&here);
    command.args(["metadata", "--format-version=1", "--filter-platform", TARGET]);
    command.args(arguments);
    let Metadata { mut packages, workspace_members, workspace_root } =
        serde_json::from_slice(&run(command)?).context("cargo printed something unexpected")?;
    let is_outside =
        |it: &&Package| it.source.is_none() && !it.manifest_path.starts_with(&workspace_root);
    let outside = packages.iter().filter(is_outside);
    let outside = outside.map(|it| (it.name.clone(), it.directory().to_owned())).collect();
    packages.retain(|package| {
        let asked_for = if is_one { package.directory() } else { workspace_root.as_path() };
        asked_for == here && workspace_members.contains(&package.id) && package.manifest().exists()
    });
    ensure!(
        !packages.is_empty(),
        "there is no plugin in {}: a plugin is a crate with a plugin.toml beside its Cargo.toml",
        directory.display()
    );
    Ok(Plugins { packages, workspace_root, outside })
}

/// Compiles and returns the core modules, in the order of the packages.
pub(super) fn compile(plugins: &Plugins, target: Option<&Path>) -> Result<Vec<PathBuf>> {
    let mut command = cargo(&plugins.workspace_root);
    command.args(["build", "--profile=plugin", "--target", TARGET]);
    command.arg("--message-format=json-render-diagnostics");
    for setting in PROFILE {
        command.arg("--config").arg(format!("profile.plugin.{setting}"));
    }
    command.arg("--config").arg(rustflags(plugins)?);
    // These would replace the flags above.
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    if let Some(target) = target {
        command.arg("--target-dir").arg(target);
    }
    for package in &plugins.packages {
        command.args(["-p", &package.id]);
    }
    let messages = run(command)?;
    let mut modules = modules(&messages)?;
    plugins
        .packages
        .iter()
        .map(|package| {
            modules.remove(&package.id).with_context(|| {
                let name = &package.name;
                format!("`{name}` produces no module; its [lib] needs crate-type = [\"cdylib\"]")
            })
        })
        .collect()
}

/// A small stack keeps the initial memory small, which every call pays for. Absolute paths are
/// remapped, so that the same source gives the same digest wherever it is built, and no plugin
/// tells where; those inside the workspace are relative already.
fn rustflags(plugins: &Plugins) -> Result<String> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .context("cannot find the home directory")?;
    let mut flags = vec![
        format!("-Clink-arg=-zstack-size={GUEST_STACK}"),
        format!("--remap-path-prefix={}=cargo", home.display()),
    ];
    for (name, directory) in &plugins.outside {
        flags.push(format!("--remap-path-prefix={}={name}", directory.display()));
    }
    let flags = serde_json::to_string(&flags).context("a path is not UTF-8")?;
    Ok(format!("target.{TARGET}.rustflags={flags}"))
}

fn modules(messages: &[u8]) -> Result<HashMap<String, PathBuf>> {
    let mut modules = HashMap::new();
    for message in serde_json::Deserializer::from_slice(messages).into_iter::<Message>() {
        let message = message.context("cargo printed something unexpected")?;
        let is_module = |file: &PathBuf| file.extension().is_some_and(|it| it == "wasm");
        let module = message.filenames.into_iter().find(is_module);
        if let ("compiler-artifact", Some(package), Some(module)) =
            (message.reason.as_str(), message.package_id, module)
        {
            modules.insert(package, module);
        }
    }
    Ok(modules)
}

fn cargo(directory: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(directory).stdin(Stdio::null()).stderr(Stdio::inherit());
    command
}

/// Standard output of a command that succeeded.
fn run(mut command: Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| {
        format!(
            "cannot run cargo in {}",
            command.get_current_dir().unwrap_or(Path::new(".")).display()
        )
    })?;
    if !output.status.success() {
        bail!("cargo reported the error above");
    }
    Ok(output.stdout)
}
