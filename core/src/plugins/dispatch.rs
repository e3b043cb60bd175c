//! Delivering events to plugins: at least once, with effect exactly once.
//!
//! A claim leases the oldest waiting delivery of each plugin and member, so a plugin sees a
//! member's events in order. Each plugin is called for one after the other, several plugins at the same
//! time, with no lock held; then the effects, the plugins' states and the end of the deliveries commit
//! together.

use super::briefing::{Briefing, Unhandled};
use super::handled::{Handled, OverBudget, carry_out};
use super::queue::{self, Delivery};
use super::{breaker, budgets, calls, parking, quarantine};
use crate::context::{Context, FaultReport, Program, Status};
use crate::due::{DueWork, Part, show_lag};
use crate::operation::decide;
use crate::records::{Puts, ask_records};
use crate::runtime::{Fault, FaultKind, taken};
use crate::{Id, Result};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Before the second try; doubled for each further one.
const BACKOFF: Duration = Duration::from_secs(1);
/// A delivery that was begun so often, and not ended, is made alone: if it ends the server, it takes
/// nothing with it.
const ALONE_FROM: i32 = 4;
/// How often a delivery is begun.
const BEGUN_MAX: i32 = 10;
/// How many plugins of a program are asked at the same time. What one has to compute gives way to the
/// others again and again, so that a slow plugin holds up itself.
const PLUGINS_AT_ONCE: usize = 8;
/// How long a batch goes on calling plugins: well within a lease, so that nobody takes over what is
/// under way.
const BATCH: Duration = Duration::from_secs(4);

/// Delivers what waits.
pub(crate) struct Delivering;

#[async_trait::async_trait]
impl DueWork for Delivering {
    fn name(&self) -> &'static str {
        "deliveries"
    }

    fn next(&self) -> &'static str {
        queue::WAITING
    }

    async fn work(&self, context: &Context, program: &Program) -> Result<Part> {
        let deliveries = queue::claim(context, program.id).await?;
        if deliveries.is_empty() {
            return Ok(Part { done: 0, is_last: true });
        }
        let now = context.now();
        let waited = deliveries.iter().map(|delivery| now.since(delivery.event_id.made_at()));
        show_lag(self.name(), waited.max().unwrap_or_default());
        // What waits behind a delivery of its member can be made as soon as that is.
        let is_followed = deliveries.iter().any(|delivery| delivery.is_followed);
        let is_last = deliveries.len() < queue::CLAIM_MAX && !is_followed;
        let part = Part { done: deliveries.len(), is_last };
        let briefing = decide(context, program.id, "briefing plugins", |program| {
            Briefing::look(context, program, &deliveries)
        })
        .await?;
        deliver(context, briefing, deliveries).await?;
        Ok(part)
    }
}

async fn deliver(context: &Context, briefing: Briefing, deliveries: Vec<Delivery>) -> Result<()> {
    let program = briefing.program.id;
    let (gone, deliveries): (Vec<_>, Vec<_>) =
        deliveries.into_iter().partition(|delivery| briefing.is_erased(delivery));
    queue::forget(context, program, &gone).await?;
    let (deliveries, mut not_run) = briefing.now_and_later(deliveries);
    let begun = Instant::now();
    let shares = by_plugin(deliveries).into_iter();
    let calls = shares.map(|share| call_one_by_one(context, &briefing, share, begun));
    let calls: Vec<_> = calls.collect();
    let mut called = stream::iter(calls).buffer_unordered(PLUGINS_AT_ONCE);
    let mut handled = Vec::new();
    while let Some(Called { handled: done, not_run: left }) = called.try_next().await? {
        handled.extend(done);
        not_run.extend(left);
    }
    drop(called);
    // Whoever was asked first, what they ask for follows the order of the events.
    handled.sort_by(|a, b| a.order().cmp(&b.order()));
    queue::release(context, program, &not_run).await?;
    let handled = own_records_only(context, &briefing, handled).await?;
    let Briefing { program, states, .. } = briefing;
    let over = carry_out(context, &program, states, &handled).await?;
    wait_for_budgets(context, &program, &over).await?;
    let handled: Vec<_> =
        handled.iter().filter(|done| !over.iter().any(|over| done.is(&over.delivery))).collect();
    for plugin in program.plugins.iter().filter(|plugin| plugin.status == Status::Probing) {
        if handled.iter().any(|done| done.is_of(&plugin.id)) {
            quarantine::pass(context, &program, plugin).await?;
        }
    }
    Ok(())
}

/// What came of the deliveries of a plugin.
#[derive(Default)]
struct Called {
    handled: Vec<Handled>,
    /// Not an attempt.
    not_run: Vec<Delivery>,
}

/// Delivers one plugin's share, until it is stopped or the batch's time is over.
async fn call_one_by_one(
    context: &Context,
    briefing: &Briefing,
    deliveries: Vec<Delivery>,
    begun: Instant,
) -> Result<Called> {
    let (mut called, mut is_stopped) = (Called::default(), false);
    for delivery in deliveries {
        if is_stopped || begun.elapsed() > BATCH {
            called.not_run.push(delivery);
            continue;
        }
        let ended = match delivery.attempts > BEGUN_MAX {
            true => Err(never_ended(&delivery).into()),
            false => briefing.call(context, &delivery).await,
        };
        if let Some(plugin) = briefing.plugin(&delivery) {
            let fault = ended.as_ref().err().map(|unhandled| &unhandled.fault);
            calls::count(&briefing.program, plugin, "on-event", fault);
        }
        match ended {
            Ok(done) => called.handled.push(done),
            Err(unhandled) => {
                let failed = failed(context, briefing, &delivery, &unhandled).await?;
                is_stopped = failed == Failed::Stopped;
            }
        }
    }
    Ok(called)
}

/// Each plugin's share, in the order in which it was claimed.
fn by_plugin(deliveries: Vec<Delivery>) -> Vec<Vec<Delivery>> {
    let mut shares: BTreeMap<String, Vec<Delivery>> = BTreeMap::new();
    for delivery in deliveries {
        shares.entry(delivery.plugin_id.clone()).or_default().push(delivery);
    }
    shares.into_values().collect()
}

impl Briefing {
    /// What is delivered now, and what is put back: of a plugin on probation one event is enough, and
    /// what has ended servers is made alone.
    fn now_and_later(&self, deliveries: Vec<Delivery>) -> (Vec<Delivery>, Vec<Delivery>) {
        let suspect = deliveries.iter().position(|delivery| delivery.attempts >= ALONE_FROM);
        let mut probed = BTreeSet::new();
        let mut index = 0..;
        deliveries.into_iter().partition(|delivery| {
            let is_suspect = index.next() == suspect;
            let is_probing =
                self.plugin(delivery).is_some_and(|plugin| plugin.status == Status::Probing);
            let waits = is_probing && !probed.insert(delivery.plugin_id.clone());
            if suspect.is_some() { is_suspect } else { !waits }
        })
    }
}

/// Leaves plugins alone until they may give something again.
async fn wait_for_budgets(context: &Context, program: &Program, over: &[OverBudget]) -> Result<()> {
    queue::release(context, program.id, over.iter().map(|over| &over.delivery)).await?;
    let mut stopped = BTreeSet::new();
    for OverBudget { delivery, why } in over {
        let plugin = program.plugins.iter().find(|plugin| plugin.id == delivery.plugin_id);
        if let Some(plugin) = plugin.filter(|plugin| stopped.insert(&plugin.id)) {
            let report = budgets::report(plugin, why);
            quarantine::stop_until(
                context,
                program,
                plugin,
                (&report, budgets::tried_again(program)),
            )
            .await?;
        }
    }
    Ok(())
}

/// Leaves out whoever wants to write, or to be woken about, a record that belongs to another member.
async fn own_records_only(
    context: &Context,
    briefing: &Briefing,
    handled: Vec<Handled>,
) -> Result<Vec<Handled>> {
    if handled.iter().all(|done| done.plan.record_keys().next().is_none()) {
        return Ok(handled);
    }
    let mut look = context.look(briefing.program.id);
    let keys = handled.iter().flat_map(|done| done.plan.record_keys());
    let records = ask_records(&mut look, keys);
    let puts = Puts::among(context.show(look).await?.rows(records)?);
    let mut own = Vec::new();
    for done in handled {
        let member = done.asked_by.member;
        let foreign = done.plan.record_keys().find(|key| puts.is_foreign(member, key)).cloned();
        match foreign {
            None => own.push(done),
            Some(key) => {
                let fault = Fault::not_allowed(&done.asked_by.plugin, &taken(&key));
                let fault = fault.with_log(done.log);
                let recorded = done.recorded.map(|recorded| recorded.refused(&fault));
                let unhandled = Unhandled { fault, recorded };
                failed(context, briefing, &done.delivery, &unhandled).await?;
            }
        }
    }
    Ok(own)
}

/// Tries again what may pass. For the rest the plugin stands still over that member, and is left
/// alone if it stands still over too many. Other plugins and other programs go on.
async fn failed(
    context: &Context,
    briefing: &Briefing,
    delivery: &Delivery,
    Unhandled { fault, recorded }: &Unhandled,
) -> Result<Failed> {
    let program = &briefing.program;
    if delivery.attempts < attempts_max(fault.kind) {
        let tried = u32::try_from(delivery.attempts - 1).unwrap_or_default();
        let not_before = context.now().plus(BACKOFF.saturating_mul(1 << tried));
        queue::retry(context, program.id, delivery, not_before).await?;
        return Ok(Failed::GoesOn);
    }
    let Some(plugin) = briefing.plugin(delivery) else {
        queue::forget(context, program.id, [delivery]).await?;
        return Ok(Failed::GoesOn);
    };
    let met = Some((delivery.member_id, delivery.event_id));
    let report = FaultReport::new(fault, met, &plugin.component.digest);
    if fault.kind == FaultKind::Damaged {
        // It cannot be asked about anybody.
        queue::release(context, program.id, [delivery]).await?;
        quarantine::stop(context, program, plugin, &report).await?;
        return Ok(Failed::Stopped);
    }
    let is_its_own = fault.kind != FaultKind::Host;
    let recorded = recorded.as_ref();
    parking::park(context, program.id, (delivery, recorded), &report, is_its_own).await?;
    if is_its_own && breaker::judge(context, program, plugin, &report).await? {
        return Ok(Failed::Stopped);
    }
    Ok(Failed::GoesOn)
}

/// How often an event is tried. What a component does to an event it does each time.
const fn attempts_max(kind: FaultKind) -> i32 {
    match kind {
        FaultKind::Timeout => 3,
        FaultKind::Host => 8,
        _ => 1,
    }
}

/// What follows from a fault for the others of the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failed {
    GoesOn,
    /// The plugin is not asked any more.
    Stopped,
}

/// That nobody has ever come to the end of a delivery.
fn never_ended(delivery: &Delivery) -> Fault {
    let Delivery { plugin_id, attempts, .. } = delivery;
    let why = format!(
        "plugin `{plugin_id}`, on-event: it was begun {} times, and no server that began came to \
         its end",
        attempts - 1
    );
    Fault::new(FaultKind::Host, why)
}
