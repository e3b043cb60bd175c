//! Delivering events to plugins: at least once, with effect exactly once.
//!
//! A claim leases the oldest waiting delivery of each plugin and member, so a plugin sees a member's events in order. Plugins
//! run with no transaction open; then the effects, the plugin's state and the end of the delivery commit together. The row in
//! `plugin_runs` makes a second commit of the same event impossible.

use super::briefing::Briefing;
use super::carry_out::{self, Handled};
use super::entity::{self, FaultReport};
use super::port::{Fault, FaultKind};
use super::queue::{self, Delivery};
use crate::programs::Program;
use crate::records;
use crate::{Code, Loyalty, Result};
use std::collections::BTreeSet;

/// How often a delivery is tried when the fault may pass.
const ATTEMPTS_MAX: i32 = 3;
/// Before the second try; doubled for each further one.
const BACKOFF_MICROSECONDS: i64 = 1_000_000;

/// Delivers what waits in one program; answers how many deliveries it took on.
pub(crate) async fn deliver(loyalty: &Loyalty, program: &Program) -> Result<usize> {
    let deliveries = queue::claim(loyalty, program.id).await?;
    if deliveries.is_empty() {
        return Ok(0);
    }
    let count = deliveries.len();
    let briefing = Briefing::read(loyalty, program, &deliveries).await?;
    let mut handled = Vec::new();
    let mut faulty = BTreeSet::new();
    for delivery in deliveries {
        if faulty.contains(&delivery.plugin_id) {
            // Not run, so not an attempt.
            queue::release(loyalty, program.id, std::slice::from_ref(&delivery)).await?;
            continue;
        }
        match briefing.call(loyalty, program, &delivery).await {
            Ok(done) => handled.push(done),
            Err(fault) => {
                failed(loyalty, program, &briefing, &delivery, &fault).await?;
                faulty.insert(delivery.plugin_id);
            }
        }
    }
    let handled = own_records_only(loyalty, program, &briefing, handled).await?;
    match carry_out::commit(loyalty, program, &handled).await {
        // Another node carried out one of them after our lease ended: what it did stands, the rest comes again.
        Err(error) if error.code() == Code::Unavailable => {
            let again: Vec<_> = handled.into_iter().map(|done| done.delivery).collect();
            queue::release(loyalty, program.id, &again).await?;
        }
        done => done?,
    }
    Ok(count)
}

/// Leaves out whoever wants to write a record that belongs to another member.
async fn own_records_only(
    loyalty: &Loyalty,
    program: &Program,
    briefing: &Briefing,
    handled: Vec<Handled>,
) -> Result<Vec<Handled>> {
    let planned = handled.iter().flat_map(|done| &done.plan.records);
    let names = planned.map(records::NewRecord::name);
    let existing = records::find_many(loyalty.db().read(), program.id, names).await?;
    let is_foreign = |record: &records::NewRecord| {
        let name = (record.record_type.clone(), record.external_id.clone());
        existing.get(&name).is_some_and(|existing| existing.member_id != record.member)
    };
    let mut own = Vec::new();
    for done in handled {
        match done.plan.records.iter().find(|record| is_foreign(record)) {
            None => own.push(done),
            Some(record) => {
                let plugin = &done.delivery.plugin_id;
                let why = format!("plugin `{plugin}`, on-event: {}", record.taken().message());
                let fault = Fault::new(FaultKind::NotAllowed, why).with_log(done.log);
                failed(loyalty, program, briefing, &done.delivery, &fault).await?;
            }
        }
    }
    Ok(own)
}

/// Tries again what may pass, parks the plugin for the rest. Other plugins and other programs go on.
async fn failed(
    loyalty: &Loyalty,
    program: &Program,
    briefing: &Briefing,
    delivery: &Delivery,
    fault: &Fault,
) -> Result<()> {
    let attempts = delivery.attempts + 1;
    let may_pass = matches!(fault.kind, FaultKind::Timeout | FaultKind::Host);
    if may_pass && attempts < ATTEMPTS_MAX {
        let backoff = BACKOFF_MICROSECONDS << (attempts - 1);
        let not_before = loyalty.now().microseconds() + backoff;
        return queue::retry(loyalty, program.id, delivery, attempts, not_before).await;
    }
    let digest = briefing.digest(&delivery.plugin_id);
    let report = FaultReport::new(fault, Some(delivery.event_id), digest);
    tracing::warn!(
        plugin = delivery.plugin_id,
        program = program.definition.slug,
        event = %delivery.event_id,
        kind = report.kind,
        message = report.message,
        "a plugin is quarantined"
    );
    let db = loyalty.db().write();
    entity::quarantine(db, program.id, &delivery.plugin_id, &report, loyalty.now()).await?;
    queue::retry(loyalty, program.id, delivery, attempts, 0).await
}
