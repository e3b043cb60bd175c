//! `perennial clock`.

use crate::cli::ClockCommand;
use crate::config::Settings;
use crate::{output, platform};
use perennial_core::server_clock::Undo;
use perennial_core::{Loyalty, Timestamp};
use serde_json::json;

const DAY_SECONDS: u64 = 86_400;

pub(super) async fn run(
    settings: &Settings,
    command: ClockCommand,
    as_json: bool,
) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    match command {
        ClockCommand::Show => show(&loyalty, as_json).await,
        ClockCommand::Accept => accept(&loyalty, as_json).await,
        ClockCommand::Undo { program, since, until, dry_run } => {
            let undo = Undo { since, until, is_dry_run: dry_run };
            undo_in(&loyalty, &program, undo, as_json).await
        }
    }
}

async fn show(loyalty: &Loyalty, as_json: bool) -> anyhow::Result<()> {
    let clock = loyalty.server_clock().standing().await?;
    let days = clock.bound.as_secs() / DAY_SECONDS;
    let value = json!({
        "machine": clock.machine, "server": clock.server, "recorded": clock.recorded,
        "boundDays": days, "believed": clock.is_believed,
    });
    output::result(as_json, &value, || {
        let recorded = clock.recorded.map_or_else(|| "never".to_owned(), |at| at.to_string());
        let is_believed = if clock.is_believed { "believed" } else { "not believed" };
        format!(
            "machine's clock  {}, {is_believed}\nserver's clock   {}\nlast recorded    {recorded}\n\
             bound            {days} days",
            clock.machine, clock.server
        )
    });
    Ok(())
}

async fn accept(loyalty: &Loyalty, as_json: bool) -> anyhow::Result<()> {
    let before: Timestamp = loyalty.server_clock().standing().await?.server;
    let accepted = loyalty.server_clock().accept().await?;
    let value = json!({ "before": before, "accepted": accepted });
    output::result(as_json, &value, || {
        format!(
            "the server's clock goes from {before} to {accepted}; servers follow within seconds"
        )
    });
    Ok(())
}

async fn undo_in(
    loyalty: &Loyalty,
    program: &str,
    undo: Undo,
    as_json: bool,
) -> anyhow::Result<()> {
    let (found, actor) = platform::program(loyalty, program).await?;
    let done = loyalty.server_clock().undo(&actor, undo).await?;
    let value = json!({
        "dryRun": undo.is_dry_run, "now": found.now, "members": done.members,
        "points": done.points.get(), "messages": done.messages, "timers": done.timers,
    });
    output::result(as_json, &value, || {
        let would = if undo.is_dry_run { "would be " } else { "" };
        format!(
            "as of {}: {} points {would}given back, {} messages {would}withdrawn, {} timers \
             {would}set again, of {} members",
            found.now, done.points, done.messages, done.timers, done.members
        )
    });
    Ok(())
}
