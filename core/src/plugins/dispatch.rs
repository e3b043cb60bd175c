//! Delivering events to plugins: at least once, with effect exactly once.
//!
//! A claim leases the oldest waiting delivery of each plugin and member, so a plugin sees a
//! member's events in order. Plugins are called one after the other, with no lock held; then the
//! effects, the plugins' states and the end of the deliveries commit together.

use super::briefing::Briefing;
use super::effects::not_allowed;
use super::handled::{Handled, carry_out};
use super::quarantine;
use super::queue::{self, Delivery};
use crate::context::{Context, Program};
use crate::due::{DueWork, Part, show_lag};
use crate::operation::decide;
use crate::records::{self, Puts, ask_records};
use crate::runtime::{Fault, FaultKind};
use crate::{Id, Result};
use std::collections::BTreeSet;
use std::time::Duration;

/// How often a delivery is tried when the fault may pass.
const ATTEMPTS_MAX: i32 = 3;
/// Before the second try; doubled for each further one.
const BACKOFF: Duration = Duration::from_secs(1);

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
    let (mut handled, mut faulty, mut not_run) = (Vec::new(), BTreeSet::new(), Vec::new());
    let (gone, deliveries): (Vec<_>, Vec<_>) =
        deliveries.into_iter().partition(|delivery| briefing.is_erased(delivery));
    queue::forget(context, program, &gone).await?;
    for delivery in deliveries {
        if faulty.contains(&delivery.plugin_id) {
            // Not run, so not an attempt.
            not_run.push(delivery);
            continue;
        }
        match briefing.call(context, &delivery).await {
            Ok(done) => handled.push(done),
            Err(fault) => {
                failed(context, &briefing, &delivery, &fault).await?;
                faulty.insert(delivery.plugin_id);
            }
        }
    }
    queue::release(context, program, &not_run).await?;
    let handled = own_records_only(context, &briefing, handled).await?;
    let Briefing { program, states, .. } = briefing;
    carry_out(context, &program, states, &handled).await
}

/// Leaves out whoever wants to write a record that belongs to another member.
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
                let fault = not_allowed(&done.asked_by.plugin, records::taken(&key).message());
                failed(context, briefing, &done.delivery, &fault.with_log(done.log)).await?;
            }
        }
    }
    Ok(own)
}

/// Tries again what may pass, parks the plugin for the rest. Other plugins and other programs go
/// on.
async fn failed(
    context: &Context,
    briefing: &Briefing,
    delivery: &Delivery,
    fault: &Fault,
) -> Result<()> {
    let program = &briefing.program;
    let attempts = delivery.attempts + 1;
    let may_pass = matches!(fault.kind, FaultKind::Timeout | FaultKind::Host);
    if may_pass && attempts < ATTEMPTS_MAX {
        let tried = u32::try_from(attempts - 1).unwrap_or_default();
        let not_before = context.now().plus(BACKOFF.saturating_mul(1 << tried));
        return queue::retry(context, program.id, delivery, attempts, not_before).await;
    }
    if let Some(plugin) = briefing.plugin(delivery) {
        quarantine::park(
            context,
            program,
            plugin,
            fault,
            Some((delivery.member_id, delivery.event_id)),
        )
        .await?;
    }
    queue::retry(context, program.id, delivery, attempts, queue::AT_ONCE).await
}
