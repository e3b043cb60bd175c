//! `perennial plugin test`: the scenarios of a plugin against its component, in the real sandbox.

mod sandbox;
mod usage;

use crate::config::Settings;
use crate::{output, platform};
use anyhow::{Context, Result, anyhow};
use perennial_core::plugins::{Component, Runtime};
use perennial_plugin_host::{Built, Host, build, pack};
use perennial_simulation::{Outcome, Scenario, scenarios};
use sandbox::Sandbox;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::runtime::Handle;
use usage::Usage;

/// What became of a plugin's scenarios.
struct Tested {
    plugin: String,
    scenarios: Vec<(Scenario, Outcome)>,
    usage: Usage,
}

/// Builds what is in `folder`, or packs the component that other tools made of it, and runs every
/// scenario of each plugin there. Fails if one is not as it expects.
pub(super) async fn test(
    settings: &Settings,
    folder: &Path,
    component: Option<&Path>,
    as_json: bool,
) -> Result<ExitCode> {
    let host = Arc::new(platform::host(settings)?);
    let (folder, handle) = (folder.to_owned(), Handle::current());
    let given = component.map(super::read).transpose()?;
    let run = move || -> Result<Vec<Tested>> {
        let out = tempfile::tempdir().context("cannot make a folder for the component")?;
        let built = match given {
            Some(given) => vec![pack(&host, &given, &folder, out.path())?],
            None => build(&host, &folder, out.path(), None)?,
        };
        built.iter().map(|built| plugin(&host, &handle, built)).collect()
    };
    let tested = tokio::task::spawn_blocking(run).await.context("the test was ended")??;
    let rows: Vec<Value> = tested.iter().map(Tested::row).collect();
    output::result(as_json, &rows, || {
        tested.iter().map(Tested::shown).collect::<Vec<_>>().join("\n\n")
    });
    for one in &tested {
        one.usage.warn(&one.plugin);
    }
    let mut all = tested.iter().flat_map(|one| &one.scenarios);
    let failed = all.any(|(_, outcome)| !outcome.differences.is_empty());
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn plugin(host: &Arc<Host>, handle: &Handle, built: &Built) -> Result<Tested> {
    let found = scenarios(&built.folder).map_err(|why| anyhow!(why))?;
    let cannot = || format!("cannot read {}", built.path.display());
    let wasm = fs::read(&built.path).with_context(cannot)?;
    let manifest = Arc::new(host.inspect(&wasm)?.manifest);
    let component =
        Component { digest: built.digest.clone(), manifest: manifest.clone(), wasm: wasm.into() };
    let sandbox = Sandbox::of(host.clone(), handle.clone(), component);
    let run = |scenario: Scenario| {
        let outcome = scenario.run(&sandbox, &manifest);
        (scenario, outcome)
    };
    let scenarios = found.into_iter().map(run).collect();
    let usage = Usage::of(built.size, &sandbox);
    Ok(Tested { plugin: format!("{} {}", built.id, built.version), scenarios, usage })
}

impl Tested {
    fn shown(&self) -> String {
        let scenario = |(scenario, outcome): &(Scenario, Outcome)| {
            let (file, about) = (&scenario.file, &scenario.about);
            let Outcome { differences, warnings } = outcome;
            let verdict = if differences.is_empty() { "passed" } else { "FAILED" };
            let colon = if about.is_empty() { "" } else { ": " };
            let said = format!("    {verdict} {file}{colon}{about}");
            let said = differences.iter().fold(said, |said, one| said + "\n        " + one);
            warnings.iter().fold(said, |said, one| said + "\n        warning: " + one)
        };
        let scenarios: Vec<_> = self.scenarios.iter().map(scenario).collect();
        format!("{}\n{}\n\n{}", self.plugin, scenarios.join("\n"), self.usage.table())
    }

    fn row(&self) -> Value {
        let scenario = |(scenario, outcome): &(Scenario, Outcome)| {
            let Outcome { differences, warnings } = outcome;
            json!({
                "file": scenario.file, "about": scenario.about, "passed": differences.is_empty(),
                "differences": differences, "warnings": warnings,
            })
        };
        let scenarios: Vec<_> = self.scenarios.iter().map(scenario).collect();
        json!({ "plugin": self.plugin, "scenarios": scenarios, "usage": self.usage.rows() })
    }
}
