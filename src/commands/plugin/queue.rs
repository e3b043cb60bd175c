//! `perennial plugin pause`, `resume`, `retry`, `skip`, `redeliver` and `purge`: what an operator does
//! with a plugin's queue.

use crate::cli::{PluginEventOf, PluginOf};
use crate::config::Settings;
use crate::{output, platform};
use anyhow::{Context, bail};
use perennial_core::plugins::Left;
use perennial_core::purchases::PurchaseRef;
use perennial_core::{Actor, EventId, Loyalty, MemberId};
use serde_json::json;

pub(super) async fn pause(settings: &Settings, of: &PluginOf, as_json: bool) -> anyhow::Result<()> {
    let (loyalty, actor) = open(settings, of).await?;
    loyalty.plugins().pause(&actor, &of.plugin).await?;
    say(as_json, "paused", of, "is paused: its events wait until `perennial plugin resume`");
    Ok(())
}

pub(super) async fn resume(
    settings: &Settings,
    of: &PluginOf,
    as_json: bool,
) -> anyhow::Result<()> {
    let (loyalty, actor) = open(settings, of).await?;
    loyalty.plugins().resume(&actor, &of.plugin).await?;
    say(as_json, "resumed", of, "is active");
    Ok(())
}

pub(super) async fn retry(
    settings: &Settings,
    event: &PluginEventOf,
    as_json: bool,
) -> anyhow::Result<()> {
    let (loyalty, actor, (member, id)) = open_at(settings, event).await?;
    loyalty.plugins().retry_event(&actor, &event.of.plugin, member, id).await?;
    say(as_json, "retried", &event.of, "receives the event again");
    Ok(())
}

pub(super) async fn skip(
    settings: &Settings,
    event: &PluginEventOf,
    reason: &str,
    as_json: bool,
) -> anyhow::Result<()> {
    let (loyalty, actor, (member, id)) = open_at(settings, event).await?;
    loyalty.plugins().skip_event(&actor, &event.of.plugin, member, id, reason).await?;
    say(as_json, "skipped", &event.of, "goes on with what waits behind the event");
    Ok(())
}

pub(super) async fn redeliver(
    settings: &Settings,
    event: &PluginEventOf,
    as_json: bool,
) -> anyhow::Result<()> {
    let (loyalty, actor, (member, id)) = open_at(settings, event).await?;
    loyalty.plugins().redeliver_event(&actor, &event.of.plugin, member, id).await?;
    say(as_json, "redelivered", &event.of, "receives the event after all");
    Ok(())
}

pub(super) async fn reappraise(
    settings: &Settings,
    of: &PluginOf,
    reference: &str,
    as_json: bool,
) -> anyhow::Result<()> {
    let (loyalty, actor) = open(settings, of).await?;
    let purchase = PurchaseRef::Reference(reference.to_owned());
    let purchase = loyalty.purchases().find(&actor, &purchase).await?;
    let purchase = purchase.with_context(|| format!("there is no purchase `{reference}`"))?;
    loyalty.reappraisals().retry(&actor, &of.plugin, purchase.id).await?;
    say(as_json, "reappraised", of, "is asked again about the purchase");
    Ok(())
}

pub(super) async fn purge(
    settings: &Settings,
    of: &PluginOf,
    yes: bool,
    as_json: bool,
) -> anyhow::Result<()> {
    let (loyalty, actor) = open(settings, of).await?;
    let plugins = loyalty.plugins();
    let left = match yes {
        true => plugins.purge(&actor, &of.plugin).await?,
        false => plugins.left(&actor, &of.plugin).await?,
    };
    let answer = json!({
        "purged": yes, "states": left.states, "values": left.values, "timers": left.timers,
        "waiting": left.waiting,
        "deadLetters": left.dead_letters, "missed": left.missed,
    });
    output::result(as_json, &answer, || {
        let (plugin, what) = (&of.plugin, in_words(left));
        match yes {
            true => format!("{plugin} is gone, with {what}"),
            false => format!("{plugin} has {what}: `--yes` takes them away for good"),
        }
    });
    Ok(())
}

/// What a plugin has in a program.
pub(super) fn in_words(left: Left) -> String {
    let Left { states, values, timers, waiting, dead_letters, missed } = left;
    format!(
        "{states} states, {values} values, {timers} timers, {waiting} waiting events, \
         {dead_letters} skipped ones and {missed} purchases about which it was not heard"
    )
}

pub(super) async fn open(settings: &Settings, of: &PluginOf) -> anyhow::Result<(Loyalty, Actor)> {
    let loyalty = platform::open(settings).await?;
    let (_, actor) = platform::program(&loyalty, &of.program).await?;
    Ok((loyalty, actor))
}

fn say(as_json: bool, what: &str, of: &PluginOf, text: &str) {
    output::result(as_json, &json!({ what: of.plugin }), || format!("{} {text}", of.plugin));
}

async fn open_at(
    settings: &Settings,
    event: &PluginEventOf,
) -> anyhow::Result<(Loyalty, Actor, (MemberId, EventId))> {
    let (loyalty, actor) = open(settings, &event.of).await?;
    Ok((loyalty, actor, parse(&event.event)?))
}

/// An event is named by its member and its own id, as the API names it.
fn parse(text: &str) -> anyhow::Result<(MemberId, EventId)> {
    let Some((member, event)) = perennial_graphql::event_id(text) else {
        bail!("`{text}` is not an event id: `perennial plugin show` prints those that wait");
    };
    Ok((member, event))
}
