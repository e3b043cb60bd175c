//! `perennial plugin show` and `runs`.

use super::approve;
use super::queue::{in_words, open};
use crate::cli::PluginOf;
use crate::config::Settings;
use crate::output;
use anyhow::Context;
use perennial_contract::logged;
use perennial_core::page::PageRequest;
use perennial_core::plugins::{
    Asked, ChangeUnderWay, DeadLetter, FaultReport, Handling, Offered, ParkedQueue, RolledBack,
};
use perennial_core::purchases::MissedAppraisal;
use perennial_core::{EventId, Loyalty, MemberId};
use serde_json::{Value, json};

/// As many of each list are shown.
const SHOWN: u64 = 20;

pub(super) async fn show(settings: &Settings, of: &PluginOf, as_json: bool) -> anyhow::Result<()> {
    let (loyalty, actor) = open(settings, of).await?;
    let (plugins, id) = (loyalty.plugins(), &of.plugin);
    let all = plugins.list(&actor).await?;
    let status = all.into_iter().find(|status| status.plugin.id == *id);
    let status = status.with_context(|| format!("the program has no plugin `{id}`"))?;
    let parked = plugins.parked_queues(&actor, id, PageRequest::new(SHOWN, None)?).await?;
    let dead = plugins.dead_letters(&actor, id, PageRequest::new(SHOWN, None)?).await?;
    let missed = loyalty.reappraisals();
    let missed = missed.of_plugin(&actor, id, PageRequest::new(SHOWN, None)?).await?;
    let left = plugins.left(&actor, id).await?;
    let waiting = waiting(&loyalty, id, &status.offered).await?;
    let (plugin, manifest) = (&status.plugin, &status.plugin.component.manifest);
    let answer = json!({
        "id": plugin.id,
        "version": manifest.version,
        "digest": plugin.component.digest,
        "status": plugin.status.as_str(),
        "fault": plugin.fault,
        "rolledBack": plugin.rolled_back,
        "change": status.change.as_ref().map(change_row),
        "handled": status.handled,
        "waiting": status.waiting,
        "standsStillOver": status.parked,
        "parked": parked.items.iter().map(parked_row).collect::<Vec<_>>(),
        "skipped": dead.items.iter().map(dead_row).collect::<Vec<_>>(),
        "missed": missed.items.iter().map(missed_row).collect::<Vec<_>>(),
        "states": left.states,
        "values": left.values,
        "timers": left.timers,
        "waitForApproval": waiting.iter().map(waiting_row).collect::<Vec<_>>(),
    });
    output::result(as_json, &answer, || {
        let mut lines = vec![format!(
            "{} {} {} – {} handled, {} waiting, stands still over {} members; it has {}",
            plugin.id,
            manifest.version,
            plugin.status.as_str(),
            status.handled,
            status.waiting,
            status.parked,
            in_words(left),
        )];
        lines.extend(plugin.fault.as_ref().map(|fault| format!("  {}", fault_line(fault))));
        lines.extend(plugin.rolled_back.as_ref().map(rolled_back_line));
        lines.extend(status.change.as_ref().map(change_line));
        lines.extend(waiting.iter().flat_map(|(version, asked)| waiting_lines(id, version, asked)));
        lines.extend(parked.items.iter().map(parked_line));
        lines.extend(dead.items.iter().map(dead_line));
        lines.extend(missed.items.iter().map(missed_line));
        lines.join("\n")
    });
    Ok(())
}

/// The versions that wait for approval, and what they ask for.
async fn waiting(
    loyalty: &Loyalty,
    plugin: &str,
    offered: &[Offered],
) -> anyhow::Result<Vec<(String, Asked)>> {
    let mut waiting = Vec::new();
    for Offered { version, .. } in offered.iter().filter(|offered| offered.approval.is_none()) {
        waiting.push((version.clone(), loyalty.plugins().asked_by(plugin, version).await?));
    }
    Ok(waiting)
}

fn waiting_lines(plugin: &str, version: &str, asked: &Asked) -> Vec<String> {
    let mut lines = vec![format!(
        "  {version} waits for approval: `perennial plugin approve {plugin} {version}` approves it"
    )];
    lines.extend(approve::asks(asked).into_iter().map(|line| format!("  {line}")));
    lines
}

fn waiting_row((version, asked): &(String, Asked)) -> Value {
    json!({ "version": version, "asks": approve::row(asked) })
}

pub(super) async fn runs(
    settings: &Settings,
    of: &PluginOf,
    first: u64,
    as_json: bool,
) -> anyhow::Result<()> {
    let (loyalty, actor) = open(settings, of).await?;
    let page = PageRequest::new(first, None)?;
    let runs = loyalty.plugins().runs(&actor, &of.plugin, page).await?.items;
    let rows: Vec<_> = runs.iter().map(run_row).collect();
    output::result(as_json, &rows, || runs.iter().map(run_line).collect::<Vec<_>>().join("\n"));
    Ok(())
}

fn name(member: MemberId, event: EventId) -> String {
    perennial_graphql::event_name(member, event)
}

fn fault_line(fault: &FaultReport) -> String {
    let said = format!("{}: {}", fault.kind, fault.message);
    with_log(said, "\n      ", logged(&fault.message, &fault.log))
}

fn rolled_back_line(left: &RolledBack) -> String {
    let RolledBack { version, at, fault, .. } = left;
    format!("  went back from {version} by itself at {at}: {}", fault_line(fault))
}

fn change_line(under_way: &ChangeUnderWay) -> String {
    let ChangeUnderWay { change, version, started_at, written, .. } = under_way;
    let change = change.as_str();
    format!("  {change} {version} at {started_at}: {written} events of it are written so far")
}

fn change_row(under_way: &ChangeUnderWay) -> Value {
    let ChangeUnderWay { change, version, version_before, started_at, written } = under_way;
    json!({
        "change": change.as_str(), "version": version, "versionBefore": version_before,
        "startedAt": started_at, "written": written,
    })
}

fn parked_line(queue: &ParkedQueue) -> String {
    let ParkedQueue { member, event, fault, parked_at } = queue;
    let event = name(*member, *event);
    format!(
        "  stands still over {member} since {parked_at}, event {event}\n    {}",
        fault_line(fault)
    )
}

fn dead_line(letter: &DeadLetter) -> String {
    let DeadLetter { member, event, reason, actor, skipped_at, .. } = letter;
    let event = name(*member, *event);
    format!("  skipped for {member} at {skipped_at} by {actor}: {reason}, event {event}")
}

fn missed_line(missed: &MissedAppraisal) -> String {
    let MissedAppraisal { purchase, because, missed_at, ended, fault, .. } = missed;
    let because = because.as_str();
    let became = match ended {
        Some(ended) => {
            format!("{} at {}, {} points", ended.outcome.as_str(), ended.at, ended.points)
        }
        None => "not heard yet".to_owned(),
    };
    let said = format!("  missed at {missed_at} ({because}), purchase {purchase}: {became}");
    fault.as_ref().map_or(said.clone(), |fault| format!("{said}\n    {}", fault_line(fault)))
}

fn missed_row(missed: &MissedAppraisal) -> Value {
    let ended = missed.ended.as_ref();
    json!({
        "purchase": missed.purchase, "because": missed.because, "fault": missed.fault,
        "missedAt": missed.missed_at, "dueAt": missed.due_at,
        "outcome": ended.map(|ended| ended.outcome.as_str()),
        "points": ended.map(|ended| ended.points),
    })
}

fn parked_row(queue: &ParkedQueue) -> Value {
    let ParkedQueue { member, event, fault, parked_at } = queue;
    json!({
        "member": member, "event": name(*member, *event), "fault": fault, "parkedAt": parked_at,
    })
}

fn dead_row(letter: &DeadLetter) -> Value {
    let DeadLetter { member, event, fault, reason, actor, skipped_at } = letter;
    json!({
        "member": member, "event": name(*member, *event), "fault": fault, "reason": reason,
        "actor": actor, "skippedAt": skipped_at,
    })
}

fn run_row(run: &Handling) -> Value {
    json!({
        "event": run.member.map(|member| name(member, run.event)),
        "name": run.event_name,
        "digest": run.digest,
        "fuel": run.fuel,
        "actions": run.actions,
        "log": run.log,
        "handledAt": run.handled_at,
    })
}

fn run_line(run: &Handling) -> String {
    let name = run.event_name.as_deref().unwrap_or("?");
    let (at, fuel, actions, digest) = (run.handled_at, run.fuel, run.actions, &run.digest[..12]);
    let about = run.member.map_or(String::new(), |member| {
        format!(" for {member}, event {}", self::name(member, run.event))
    });
    let said = format!("{at} {name:<20} {fuel:>9} fuel {actions:>2} actions {digest}{about}");
    with_log(said, "\n    ", run.log.iter().map(String::as_str))
}

/// A line, and below it what the plugin logged.
fn with_log<'l>(said: String, indent: &str, log: impl Iterator<Item = &'l str>) -> String {
    log.fold(said, |said, line| said + indent + line)
}
