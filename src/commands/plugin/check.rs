//! `perennial plugin check`: what a component is and may do, before it is installed; of a crate, before
//! it is built.

use super::{approve, read};
use crate::config::Settings;
use crate::{output, platform};
use anyhow::{Context, anyhow};
use perennial_core::plugins::{Asked, Grants, Inspected, Manifest, Runtime};
use perennial_plugin_host::{Described, describe};
use perennial_simulation::scenarios;
use serde_json::json;
use std::path::Path;

pub(super) async fn check(settings: &Settings, path: &Path, as_json: bool) -> anyhow::Result<()> {
    match path.is_dir() {
        true => crates(settings, path, as_json).await,
        false => component(settings, path, as_json).await,
    }
}

/// The plugins of a folder, without compiling anything.
async fn crates(settings: &Settings, folder: &Path, as_json: bool) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for Described { folder, manifest } in describe(folder)? {
        let scenarios = match folder.join("scenarios").is_dir() {
            true => scenarios(&folder).map_err(|why| anyhow!(why))?.len(),
            false => 0,
        };
        let asked = asked(settings, &manifest).await;
        let Manifest { id, version, name, .. } = &manifest;
        lines.push(format!("{id} {version} – {name}"));
        lines.push(format!(
            "  not compiled: plugin.toml, the texts and {scenarios} scenarios can be read"
        ));
        lines.extend(approve::asks(&asked));
        rows.push(json!({ "manifest": manifest, "asks": approve::row(&asked) }));
    }
    output::result(as_json, &rows, || lines.join("\n"));
    Ok(())
}

async fn component(settings: &Settings, file: &Path, as_json: bool) -> anyhow::Result<()> {
    let inspected = platform::host(settings)?.inspect(&read(file)?);
    let Inspected { manifest, signed_by } =
        inspected.with_context(|| file.display().to_string())?;
    let asked = asked(settings, &manifest).await;
    let answer = json!({
        "manifest": manifest, "signedBy": signed_by, "asks": approve::row(&asked),
    });
    output::result(as_json, &answer, || {
        let Manifest { id, version, name, .. } = &manifest;
        let signed = match (&signed_by, &asked.publisher) {
            (None, _) => {
                "nobody has signed it: as it is, only a pre-release is installed".to_owned()
            }
            (Some(key), Some(publisher)) if key == publisher => {
                format!("signed by {key}, the publisher of {id}")
            }
            (Some(key), _) => format!("signed by {key}"),
        };
        let mut lines = vec![format!("{id} {version} – {name}"), format!("  {signed}")];
        let differs = |publisher: &&String| signed_by.as_ref() != Some(*publisher);
        lines.extend(asked.publisher.as_ref().filter(differs).map(|publisher| {
            format!("  it cannot be installed here: {id} is the publisher's {publisher}")
        }));
        lines.extend(approve::asks(&asked));
        lines.join("\n")
    });
    Ok(())
}

/// What it asks for, beside what is approved if there is a database that says so: a publisher has
/// none.
async fn asked(settings: &Settings, manifest: &Manifest) -> Asked {
    let alone = || Asked {
        all: Grants::of(manifest).sentences(),
        new: Vec::new(),
        approved: None,
        publisher: None,
    };
    if !platform::may_have_database(settings) {
        return alone();
    }
    let asked = async {
        let loyalty = platform::open(settings).await?;
        anyhow::Ok(loyalty.plugins().asked(manifest).await?)
    };
    asked.await.unwrap_or_else(|error| {
        output::note(format!("not compared with what is installed: {error:#}"));
        alone()
    })
}
