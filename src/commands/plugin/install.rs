//! `perennial plugin install`, and the folder of a server.

use super::moves::{self, Outcome};
use super::{approve, read};
use crate::config::Settings;
use crate::{output, platform};
use anyhow::Context;
use perennial_core::plugins::{Approval, Basis, Installed, RunBy, Status};
use perennial_core::{Code, Error, Loyalty};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is done besides installing.
#[derive(Clone, Copy)]
pub(super) struct Also {
    pub(super) approve: bool,
    pub(super) upgrade: bool,
}

/// Installs components, approves them and moves programs to them if that is asked, and says what they
/// may do and which program runs what of them.
pub(super) async fn install(
    settings: &Settings,
    files: &[PathBuf],
    also: Also,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let loyalty = platform::open(settings).await?;
    let mut rows = Vec::new();
    let mut moved = Vec::new();
    for file in files {
        let installed = install_file(&loyalty, file).await?;
        let mut lines = vec![is_installed(&installed)];
        let approved = match also.approve && installed.approval.is_none() {
            true => Some(loyalty.plugins().approve(&installed.id, &installed.version).await?),
            false => None,
        };
        let is_approved = installed.approval.is_some() || approved.is_some();
        lines.extend(approved.iter().flat_map(approve::lines));
        if !is_approved {
            lines.extend(waiting(&installed));
        }
        if also.upgrade && is_approved {
            let outcomes =
                moves::upgrade_all(&loyalty, &installed.id, Some(&installed.version)).await?;
            lines.extend(outcomes.iter().map(Outcome::line));
            moved.extend(outcomes);
        }
        let runs = loyalty.plugins().run_by().await?.into_iter();
        let runs: Vec<_> = runs.filter(|run| run.plugin == installed.id).collect();
        if !also.upgrade && is_approved {
            lines.extend(runs.iter().map(|run| next_step(&installed, run)));
        }
        if !as_json {
            lines.iter().for_each(output::line);
        }
        rows.push(row(&installed, is_approved, &runs));
    }
    if as_json {
        output::line(Value::from(rows));
    }
    Ok(Outcome::exit_code(&moved))
}

fn is_installed(installed: &Installed) -> String {
    let Installed { id, version, signed_by, approval, asked, is_new, .. } = installed;
    let what = if *is_new { "is installed" } else { "was already installed" };
    let signed = signed_by.as_ref().map_or(String::new(), |key| format!(", signed by {key}"));
    let why = match (approval, &asked.approved) {
        (Some(Approval { basis: Basis::NothingWider, .. }), Some(before)) if *is_new => {
            format!(
                "; it is approved, for it may do nothing more than what is approved, such as {before}"
            )
        }
        _ => String::new(),
    };
    format!("{id} {version} {what}{signed}{why}")
}

/// What it may do, and that it waits for somebody to approve that.
fn waiting(installed: &Installed) -> Vec<String> {
    let Installed { id, signed_by, asked, .. } = installed;
    let mut lines = approve::asks(asked);
    let binds = signed_by.as_ref().filter(|_| asked.publisher.is_none());
    let binds = binds
        .map_or(String::new(), |key| format!(", and makes {id} the publisher's {key} permanently"));
    lines.push(format!("  it waits for approval: `{}` approves it{binds}", approves(installed)));
    lines
}

/// The command that approves it.
fn approves(Installed { id, version, .. }: &Installed) -> String {
    format!("perennial plugin approve {id} {version}")
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
        "  {slug} runs {version}{quarantined}: `perennial plugin upgrade {id} {to} --program {slug}` \
         moves it"
    )
}

fn row(installed: &Installed, is_approved: bool, runs: &[RunBy]) -> Value {
    let program =
        |run: &RunBy| json!({ "program": run.slug, "version": run.version, "digest": run.digest });
    json!({
        "id": installed.id, "version": installed.version,
        "digest": installed.digest, "new": installed.is_new,
        "signedBy": installed.signed_by, "approved": is_approved,
        "asks": approve::row(&installed.asked),
        "programs": runs.iter().map(program).collect::<Vec<_>>(),
    })
}

/// That a version waits for approval, for a log; none if it does not.
pub(crate) fn waits(installed: &Installed) -> Option<String> {
    let waits = installed.approval.is_none();
    waits.then(|| format!("a version of a plugin waits for `{}`", approves(installed)))
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
