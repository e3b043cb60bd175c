//! `perennial plugin`.

use crate::cli::PluginCommand;
use crate::config::Settings;
use crate::{output, platform};
use anyhow::Context;
use perennial_core::Loyalty;
use perennial_core::plugins::{Installed, PluginStatus, Runtime, Status};
use perennial_plugin_host::{Built, build};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub(super) async fn run(
    settings: &Settings,
    command: PluginCommand,
    as_json: bool,
) -> anyhow::Result<()> {
    match command {
        PluginCommand::Build { path, out } => {
            compile(settings, &path, out.as_deref().unwrap_or(&settings.plugins), as_json)
        }
        PluginCommand::Check { file } => check(settings, &file, as_json),
        PluginCommand::Install { files } => install(settings, &files, as_json).await,
        PluginCommand::List { program } => list(settings, &program, as_json).await,
        PluginCommand::Resume { plugin, program } => {
            let loyalty = platform::open(settings).await?;
            let (_, actor) = platform::program(&loyalty, &program).await?;
            loyalty.plugins().resume(&actor, &plugin).await?;
            output::result(as_json, &json!({ "resumed": plugin }), || {
                format!("{plugin} is active again")
            });
            Ok(())
        }
    }
}

/// Installs every component of a folder and returns them. A folder that does not exist has none, and
/// the log says so.
pub(crate) async fn install_folder(
    loyalty: &Loyalty,
    folder: &Path,
) -> anyhow::Result<Vec<Installed>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let folder = folder.display().to_string();
            tracing::warn!(
                folder,
                "there is no such plugins folder, so nothing is installed from it"
            );
            return Ok(Vec::new());
        }
        read => {
            read.with_context(|| format!("cannot read the plugins folder {}", folder.display()))?
        }
    };
    let mut files: Vec<_> =
        entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    files.sort();
    let mut installed = Vec::new();
    for file in files {
        installed.push(install_file(loyalty, &file).await?);
    }
    Ok(installed)
}

fn compile(settings: &Settings, path: &Path, out: &Path, as_json: bool) -> anyhow::Result<()> {
    let built = build(&platform::host(settings)?, path, out, None)?;
    let rows: Vec<Value> = built
        .iter()
        .map(|built| {
            json!({
                "id": built.id, "version": built.version, "path": built.path,
                "bytes": built.size, "digest": built.digest,
            })
        })
        .collect();
    output::result(as_json, &rows, || {
        let line = |built: &Built| {
            format!(
                "{} {} → {} ({} KB)",
                built.id,
                built.version,
                built.path.display(),
                built.size / 1024
            )
        };
        built.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

fn check(settings: &Settings, file: &Path, as_json: bool) -> anyhow::Result<()> {
    let manifest = platform::host(settings)?
        .inspect(&read(file)?)
        .with_context(|| file.display().to_string())?;
    output::result(as_json, &manifest, || {
        let names =
            |names: Vec<&str>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        format!(
            "{} {} – {}\nevents:   {}\nrecords:  {}\nmessages: {}",
            manifest.id,
            manifest.version,
            manifest.name,
            names(manifest.subscribes.iter().map(String::as_str).collect()),
            names(manifest.records.keys().map(String::as_str).collect()),
            names(manifest.messages.keys().map(String::as_str).collect()),
        )
    });
    Ok(())
}

async fn install(settings: &Settings, files: &[PathBuf], as_json: bool) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    let mut rows = Vec::new();
    for file in files {
        let installed = install_file(&loyalty, file).await?;
        rows.push(json!({
            "id": installed.id, "version": installed.version,
            "digest": installed.digest, "new": installed.is_new,
        }));
        if !as_json {
            let what = if installed.is_new { "installed" } else { "was already installed" };
            output::line(format!("{} {} {what}", installed.id, installed.version));
        }
    }
    if as_json {
        output::line(Value::from(rows));
    }
    Ok(())
}

async fn install_file(loyalty: &Loyalty, file: &Path) -> anyhow::Result<Installed> {
    let wasm = read(file)?;
    loyalty.plugins().install(&wasm).await.with_context(|| file.display().to_string())
}

async fn list(settings: &Settings, program: &str, as_json: bool) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    let (_, actor) = platform::program(&loyalty, program).await?;
    let plugins = loyalty.plugins().list(&actor).await?;
    let rows: Vec<Value> = plugins.iter().map(row).collect();
    output::result(as_json, &rows, || {
        let line = |status: &PluginStatus| {
            let fault = status.plugin.fault.as_ref();
            let fault = fault
                .map_or(String::new(), |fault| format!("\n  {}: {}", fault.kind, fault.message));
            let manifest = &status.plugin.component.manifest;
            let state = state(status);
            format!(
                "{:<20} {:<10} {state:<12} {} handled, {} waiting{fault}",
                manifest.id, manifest.version, status.handled, status.waiting
            )
        };
        plugins.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

fn row(status: &PluginStatus) -> Value {
    json!({
        "id": status.plugin.id,
        "version": status.plugin.component.manifest.version,
        "digest": status.plugin.component.digest,
        "status": state(status),
        "fault": status.plugin.fault,
        "handled": status.handled,
        "waiting": status.waiting,
    })
}

fn state(status: &PluginStatus) -> &'static str {
    match status.plugin.status {
        Status::Active => "ACTIVE",
        Status::Quarantined => "QUARANTINED",
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
