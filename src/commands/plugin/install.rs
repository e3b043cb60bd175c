//! `perennial plugin install`, and the folder of a server.

use super::moves::{self, Outcome};
use super::read;
use crate::config::Settings;
use crate::{output, platform};
use anyhow::Context;
use perennial_core::plugins::{Installed, RunBy, Status};
use perennial_core::{Code, Error, Loyalty};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Offers components, says which program runs what of them and, if `and_use`, moves them all.
pub(super) async fn install(
    settings: &Settings,
    files: &[PathBuf],
    and_use: bool,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let loyalty = platform::open(settings).await?;
    let mut rows = Vec::new();
    let mut moved = Vec::new();
    for file in files {
        let installed = install_file(&loyalty, file).await?;
        let of_it = |run: &RunBy| run.plugin == installed.id;
        let mut runs: Vec<_> =
            loyalty.plugins().run_by().await?.into_iter().filter(of_it).collect();
        if !as_json {
            let what = if installed.is_new { "is installed" } else { "was already installed" };
            output::line(format!("{} {} {what}", installed.id, installed.version));
        }
        if and_use {
            let outcomes = moves::move_all(&loyalty, &installed.id, &installed.version).await?;
            if !as_json {
                for outcome in &outcomes {
                    output::line(outcome.line());
                }
            }
            moved.extend(outcomes);
            runs = loyalty.plugins().run_by().await?.into_iter().filter(of_it).collect();
        } else if !as_json {
            for run in &runs {
                output::line(next_step(&installed, run));
            }
        }
        rows.push(row(&installed, &runs));
    }
    if as_json {
        output::line(Value::from(rows));
    }
    Ok(Outcome::exit_code(&moved))
}

/// What a program runs, and how it comes to run what was installed.
fn next_step(installed: &Installed, run: &RunBy) -> String {
    let RunBy { slug, version, .. } = run;
    if run.digest == installed.digest {
        return format!("  {slug} runs it");
    }
    let Installed { id, version: to, .. } = installed;
    let quarantined = if run.status == Status::Quarantined { ", quarantined" } else { "" };
    format!(
        "  {slug} runs {version}{quarantined}: `perennial plugin use {id} {to} --program {slug}` \
         moves it"
    )
}

fn row(installed: &Installed, runs: &[RunBy]) -> Value {
    let program =
        |run: &RunBy| json!({ "program": run.slug, "version": run.version, "digest": run.digest });
    json!({
        "id": installed.id, "version": installed.version,
        "digest": installed.digest, "new": installed.is_new,
        "programs": runs.iter().map(program).collect::<Vec<_>>(),
    })
}

/// Offers every component of a folder and returns them. A folder that does not exist has none, and
/// the log says so; what cannot be offered is said, and keeps nothing else from being offered.
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
        match install_file(loyalty, &file).await {
            Ok(done) => installed.push(done),
            Err(error) if is_of_the_database(&error) => return Err(error),
            Err(error) => {
                tracing::warn!(
                    why = format!("{error:#}"),
                    "a file of the plugins folder is left out"
                );
            }
        }
    }
    Ok(installed)
}

/// Whether not the file is to blame.
fn is_of_the_database(error: &anyhow::Error) -> bool {
    let core = error.chain().find_map(|cause| cause.downcast_ref::<Error>());
    core.is_some_and(|error| matches!(error.code(), Code::Unavailable | Code::DatabaseUnusable))
}

async fn install_file(loyalty: &Loyalty, file: &Path) -> anyhow::Result<Installed> {
    let wasm = read(file)?;
    loyalty.plugins().install(&wasm).await.with_context(|| file.display().to_string())
}
