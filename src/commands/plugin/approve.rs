//! `perennial plugin approve`, and how what a plugin may do is said.

use crate::config::Settings;
use crate::{output, platform};
use perennial_core::plugins::{ApprovedVersion, Asked};
use serde_json::{Value, json};

pub(super) async fn approve(
    settings: &Settings,
    plugin: &str,
    version: &str,
    as_json: bool,
) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    let approved = loyalty.plugins().approve(plugin, version).await?;
    let ApprovedVersion { id, version, may, bound_to, is_new } = &approved;
    let answer = json!({
        "id": id, "version": version, "may": may, "publisher": bound_to, "changed": is_new,
    });
    output::result(as_json, &answer, || lines(&approved).join("\n"));
    Ok(())
}

/// What was approved, and what follows.
pub(super) fn lines(approved: &ApprovedVersion) -> Vec<String> {
    let ApprovedVersion { id, version, may, bound_to, is_new } = approved;
    if !is_new {
        return vec![format!("{id} {version} was approved already")];
    }
    let mut lines = vec![format!("{id} {version} is approved")];
    lines.extend(may.iter().map(|sentence| format!("  it {sentence}")));
    lines.extend(
        bound_to.iter().map(|key| {
            format!("  {id} is the publisher's {key} from now on: no other key signs it")
        }),
    );
    lines
}

/// What a version asks for, one line each, with what of it is new.
pub(super) fn asks(asked: &Asked) -> Vec<String> {
    let Asked { all, new, approved, .. } = asked;
    let mut lines: Vec<_> = all.iter().map(|sentence| format!("  it {sentence}")).collect();
    if all.is_empty() {
        lines.push("  it asks for nothing".to_owned());
    }
    if let Some(approved) = approved {
        lines.extend(new.iter().map(|sentence| format!("  new since {approved}: it {sentence}")));
        if new.is_empty() {
            lines.push(format!("  nothing of that is new since {approved}"));
        }
    }
    lines
}

/// The same for programs.
pub(super) fn row(asked: &Asked) -> Value {
    let Asked { all, new, approved, publisher } = asked;
    json!({ "may": all, "new": new, "since": approved, "publisher": publisher })
}
