//! `perennial plugin recordings`.

use super::queue::open;
use crate::cli::PluginOf;
use crate::config::Settings;
use crate::output;
use perennial_core::page::PageRequest;
use perennial_core::plugins::RecordedRun;
use serde_json::{Value, json};

pub(super) async fn recordings(
    settings: &Settings,
    of: &PluginOf,
    first: u64,
    as_json: bool,
) -> anyhow::Result<()> {
    let (loyalty, actor) = open(settings, of).await?;
    let page = PageRequest::new(first, None)?;
    let runs = loyalty.plugins().recorded_runs(&actor, &of.plugin, page).await?.items;
    let rows: Vec<_> = runs.iter().map(row).collect();
    output::result(as_json, &rows, || runs.iter().map(line).collect::<Vec<_>>().join("\n"));
    Ok(())
}

fn line(run: &RecordedRun) -> String {
    let RecordedRun { id, hook, about, outcome, items, member_id, recorded_at, .. } = run;
    let fuel = run.fuel.map_or("-".to_owned(), |fuel| fuel.to_string());
    let cut = if run.is_whole { "" } else { ", too long to be kept" };
    let noun = if run.purchase_id.is_some() { "proposals" } else { "actions" };
    format!(
        "{recorded_at} {id} {hook} {about} of {member_id}: {outcome}, {fuel} fuel, {items} {noun}{cut}"
    )
}

fn row(run: &RecordedRun) -> Value {
    let event = run.event_id.map(|event| perennial_graphql::event_name(run.member_id, event));
    json!({
        "run": run.id,
        "hook": run.hook,
        "about": run.about,
        "member": run.member_id,
        "event": event,
        "purchase": run.purchase_id,
        "outcome": run.outcome,
        "digest": run.digest(),
        "items": run.items,
        "fuel": run.fuel,
        "isWhole": run.is_whole,
        "recordedAt": run.recorded_at,
    })
}
