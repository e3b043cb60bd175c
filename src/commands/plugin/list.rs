//! `perennial plugin list`.

use crate::config::Settings;
use crate::{output, platform};
use perennial_core::Loyalty;
use perennial_core::plugins::{Approval, Offered, PluginStatus, RunBy, Status};
use serde_json::{Value, json};

/// The plugins of a program.
pub(super) async fn of_program(
    settings: &Settings,
    program: &str,
    as_json: bool,
) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    let (_, actor) = platform::program(&loyalty, program).await?;
    let plugins = loyalty.plugins().list(&actor).await?;
    let rows: Vec<Value> = plugins.iter().map(row).collect();
    output::result(as_json, &rows, || plugins.iter().map(line).collect::<Vec<_>>().join("\n"));
    Ok(())
}

fn line(status: &PluginStatus) -> String {
    let fault = status.plugin.fault.as_ref();
    let fault =
        fault.map_or(String::new(), |fault| format!("\n  {}: {}", fault.kind, fault.message));
    let parked = match status.parked {
        0 => String::new(),
        parked => format!(", stands still over {parked} members"),
    };
    let manifest = &status.plugin.component.manifest;
    let others = others(status);
    let others = match others.is_empty() {
        true => String::new(),
        false => format!("\n  also installed: {}", others.join(", ")),
    };
    format!(
        "{:<20} {:<10} {:<12} {} handled, {} waiting{parked}{others}{fault}",
        manifest.id,
        manifest.version,
        status.plugin.status.as_str(),
        status.handled,
        status.waiting
    )
}

/// The versions that the program could use instead, and those that wait for approval.
fn others(status: &PluginStatus) -> Vec<String> {
    let current = &status.plugin.component.digest;
    let others = status.offered.iter().filter(|offered| offered.digest != *current);
    let named = |offered: &Offered| match offered.approval {
        Some(_) => offered.version.clone(),
        None => format!("{} ({WAITS})", offered.version),
    };
    others.map(named).collect()
}

const WAITS: &str = "waits for approval";

fn row(status: &PluginStatus) -> Value {
    let offered = |offered: &Offered| {
        json!({
            "version": offered.version,
            "digest": offered.digest,
            "offeredAt": offered.offered_at,
            "signedBy": offered.signed_by,
            "approval": offered.approval.map(approval),
        })
    };
    json!({
        "id": status.plugin.id,
        "version": status.plugin.component.manifest.version,
        "digest": status.plugin.component.digest,
        "status": status.plugin.status.as_str(),
        "fault": status.plugin.fault,
        "handled": status.handled,
        "waiting": status.waiting,
        "standsStillOver": status.parked,
        "offered": status.offered.iter().map(offered).collect::<Vec<_>>(),
    })
}

fn approval(Approval { basis, at }: Approval) -> Value {
    json!({ "basis": basis.as_str(), "at": at })
}

/// A version and the programs that run it.
struct Version {
    plugin: String,
    version: String,
    digest: String,
    signed_by: Option<String>,
    approval: Option<Approval>,
    /// False for a pre-release that was replaced, and that a program still runs.
    is_offered: bool,
    programs: Vec<RunBy>,
}

/// Every version that is installed, and which program runs which.
pub(super) async fn of_platform(settings: &Settings, as_json: bool) -> anyhow::Result<()> {
    let versions = Version::all(&platform::open(settings).await?).await?;
    let rows: Vec<_> = versions.iter().map(Version::row).collect();
    output::result(as_json, &rows, || {
        versions.iter().map(Version::line).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

impl Version {
    async fn all(loyalty: &Loyalty) -> anyhow::Result<Vec<Self>> {
        let mut versions = Vec::new();
        for (plugin, offered) in loyalty.plugins().offered().await? {
            let of_it = |Offered { version, digest, signed_by, approval, .. }| {
                let (plugin, programs) = (plugin.clone(), Vec::new());
                Self { plugin, version, digest, signed_by, approval, is_offered: true, programs }
            };
            versions.extend(offered.into_iter().map(of_it));
        }
        for run in loyalty.plugins().run_by().await? {
            match versions.iter_mut().find(|version| version.digest == run.digest) {
                Some(version) => version.programs.push(run),
                None => versions.push(Self {
                    plugin: run.plugin.clone(),
                    version: run.version.clone(),
                    digest: run.digest.clone(),
                    signed_by: None,
                    approval: None,
                    is_offered: false,
                    programs: vec![run],
                }),
            }
        }
        versions.sort_by(|one, other| one.plugin.cmp(&other.plugin));
        Ok(versions)
    }

    fn line(&self) -> String {
        let program = |run: &RunBy| match run.status {
            Status::Active => run.slug.clone(),
            status => format!("{} ({})", run.slug, status.as_str().to_lowercase()),
        };
        let programs: Vec<_> = self.programs.iter().map(program).collect();
        let programs = match programs.is_empty() {
            true => "no program".to_owned(),
            false => programs.join(", "),
        };
        let but = match (self.is_offered, self.approval) {
            (false, _) => " (replaced since)".to_owned(),
            (true, None) => format!(" ({WAITS})"),
            (true, Some(_)) => String::new(),
        };
        format!("{:<20} {:<12} {programs}{but}", self.plugin, self.version)
    }

    fn row(&self) -> Value {
        let program = |run: &RunBy| json!({ "program": run.slug, "status": run.status.as_str() });
        json!({
            "id": self.plugin,
            "version": self.version,
            "digest": self.digest,
            "offered": self.is_offered,
            "signedBy": self.signed_by,
            "approval": self.approval.map(approval),
            "programs": self.programs.iter().map(program).collect::<Vec<_>>(),
        })
    }
}
