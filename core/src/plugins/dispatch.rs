//! Delivering events to plugins: at least once, with effect exactly once.
//!
//! A claim leases the oldest waiting delivery of each plugin and member, so a plugin sees a member's events in order. Plugins
//! run with no transaction open; then the effects, the plugin's state and the end of the delivery commit together. The row in
//! `plugin_runs` makes a second commit of the same event impossible.

use super::action::Asked;
use super::carry_out::{self, Handled};
use super::entity::{self, Enabled, FaultReport};
use super::port::{self, Context, Fault, FaultKind};
use super::snapshot;
use crate::db::rows::{self, Field};
use crate::events::Event;
use crate::members::{self, Contact, Locked, Member};
use crate::programs::Program;
use crate::{Actor, Code, EventId, Loyalty, MemberId, ProgramId, Result};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Deliveries per claim.
const CLAIM_MAX: u64 = 64;
/// How long a claim stands, µs. Longer than a batch takes; a crashed node's deliveries are free again after it.
const LEASE_MICROSECONDS: i64 = 10_000_000;
/// How often a delivery is tried when the fault may pass.
const ATTEMPTS_MAX: i32 = 3;
/// Before the second try; doubled for each further one.
const BACKOFF_MICROSECONDS: i64 = 1_000_000;

#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Delivery {
    pub(super) plugin_id: String,
    pub(super) member_id: MemberId,
    pub(super) member_seq: i64,
    pub(super) event_id: EventId,
    attempts: i32,
}

/// Delivers what waits in one program; answers how many deliveries it took on.
pub(crate) async fn deliver(loyalty: &Loyalty, program: ProgramId) -> Result<usize> {
    let deliveries = claim(loyalty, program).await?;
    if deliveries.is_empty() {
        return Ok(0);
    }
    let count = deliveries.len();
    let program = loyalty.programs().current(program).await?;
    let around = Around::look(loyalty, &program, &deliveries).await?;
    let mut handled = Vec::new();
    let mut faulty = BTreeSet::new();
    for delivery in deliveries {
        if faulty.contains(&delivery.plugin_id) {
            // Not run, so not an attempt.
            retry(loyalty, &program, &delivery, delivery.attempts, 0).await?;
            continue;
        }
        match around.run(loyalty, &program, &delivery).await {
            Ok(done) => handled.push(done),
            Err(fault) => {
                around.failed(loyalty, &program, &delivery, &fault).await?;
                faulty.insert(delivery.plugin_id);
            }
        }
    }
    match carry_out::commit(loyalty, &program, &handled).await {
        // Another node carried out one of them after our lease ended: what it did stands, the rest comes again.
        Err(error) if error.code() == Code::Unavailable => {
            release(loyalty, &program, &handled).await?;
        }
        done => done?,
    }
    Ok(count)
}

/// Whether deliveries of active plugins wait or are being worked on.
pub(crate) async fn is_idle(loyalty: &Loyalty, program: ProgramId) -> Result<bool> {
    const SELECT: &str = "SELECT d.plugin_id, d.member_id, d.member_seq, d.event_id, d.attempts \
         FROM program_plugins p JOIN deliveries d ON d.program_id = p.program_id AND d.plugin_id = p.plugin_id \
         WHERE p.program_id = $1 AND p.status = 'ACTIVE' LIMIT 1";
    let db = loyalty.db().read();
    let statement = rows::sql(db, SELECT, [rows::id(program)]);
    Ok(Delivery::find_by_statement(statement).one(db).await?.is_none())
}

async fn claim(loyalty: &Loyalty, program: ProgramId) -> Result<Vec<Delivery>> {
    const CLAIM: &str = "UPDATE deliveries SET not_before = $1 \
         WHERE (program_id, plugin_id, member_id, member_seq) IN ( \
           SELECT d.program_id, d.plugin_id, d.member_id, d.member_seq FROM program_plugins p \
           JOIN deliveries d ON d.program_id = p.program_id AND d.plugin_id = p.plugin_id \
           WHERE p.program_id = $2 AND p.status = 'ACTIVE' AND d.not_before <= $3 AND NOT EXISTS ( \
             SELECT 1 FROM deliveries e WHERE e.program_id = d.program_id AND e.plugin_id = d.plugin_id \
             AND e.member_id = d.member_id AND e.member_seq < d.member_seq) \
           LIMIT $4{LOCK}) \
         RETURNING plugin_id, member_id, member_seq, event_id, attempts";
    let db = loyalty.db().write();
    let lock = match db.get_database_backend() {
        DbBackend::Postgres => " FOR UPDATE OF d SKIP LOCKED",
        _ => "",
    };
    let now = loyalty.now().microseconds();
    let values =
        [(now + LEASE_MICROSECONDS).into(), rows::id(program), now.into(), rows::limit(CLAIM_MAX)];
    let statement = rows::sql(db, &CLAIM.replace("{LOCK}", lock), values);
    Ok(Delivery::find_by_statement(statement).all(db).await?)
}

/// Gives deliveries back at once.
async fn release(loyalty: &Loyalty, program: &Program, handled: &[Handled]) -> Result<()> {
    for done in handled {
        retry(
            loyalty,
            program,
            &done.delivery,
            done.delivery.attempts,
            loyalty.now().microseconds(),
        )
        .await?;
    }
    Ok(())
}

async fn retry(
    loyalty: &Loyalty,
    program: &Program,
    delivery: &Delivery,
    attempts: i32,
    not_before: i64,
) -> Result<()> {
    const UPDATE: &str = "UPDATE deliveries SET attempts = $1, not_before = $2 \
         WHERE program_id = $3 AND plugin_id = $4 AND member_id = $5 AND member_seq = $6";
    let db = loyalty.db().write();
    let values = [
        attempts.into(),
        not_before.into(),
        rows::id(program.id),
        delivery.plugin_id.as_str().into(),
        rows::id(delivery.member_id),
        delivery.member_seq.into(),
    ];
    db.execute_raw(rows::sql(db, UPDATE, values)).await?;
    Ok(())
}

/// What the deliveries of a claim need to know, read at once.
struct Around {
    plugins: HashMap<String, Enabled>,
    events: HashMap<EventId, Event>,
    members: HashMap<MemberId, Member>,
    standings: BTreeMap<MemberId, Locked>,
    contacts: HashMap<MemberId, Vec<Contact>>,
    states: HashMap<(String, MemberId, String), Value>,
}

impl Around {
    async fn look(loyalty: &Loyalty, program: &Program, deliveries: &[Delivery]) -> Result<Self> {
        let db = loyalty.db().read();
        let actor = Actor::system(program.id);
        let enabled = entity::enabled(db, loyalty.components(), program.id).await?;
        let plugins: HashMap<_, _> =
            enabled.into_iter().map(|plugin| (plugin.id.clone(), plugin)).collect();
        let events = events(loyalty, program.id, deliveries).await?;
        let ids: BTreeSet<_> = deliveries.iter().map(|delivery| delivery.member_id).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let sees_contacts = |delivery: &&Delivery| {
            plugins
                .get(&delivery.plugin_id)
                .is_some_and(|plugin| plugin.component.manifest.capabilities.contacts)
        };
        let mut contacts = HashMap::new();
        for delivery in deliveries.iter().filter(sees_contacts) {
            let of_member = loyalty.members().contacts(&actor, delivery.member_id).await?;
            contacts.insert(delivery.member_id, of_member);
        }
        let subject = |delivery: &Delivery| {
            let subject = events.get(&delivery.event_id).map(subject).unwrap_or_default();
            (delivery.plugin_id.clone(), delivery.member_id, subject)
        };
        let keys: Vec<_> = deliveries.iter().map(subject).collect();
        let found = loyalty.members().get_many(&actor, &ids).await?;
        Ok(Self {
            states: entity::states(db, program.id, &keys).await?,
            standings: members::read(db, program.id, &ids).await?,
            members: found.into_iter().map(|member| (member.id, member)).collect(),
            plugins,
            events,
            contacts,
        })
    }

    async fn run(
        &self,
        loyalty: &Loyalty,
        program: &Program,
        delivery: &Delivery,
    ) -> Result<Handled, Fault> {
        let gone =
            |what: &str| Fault::new(FaultKind::Host, format!("the {what} of the delivery is gone"));
        let plugin = self.plugins.get(&delivery.plugin_id).ok_or_else(|| gone("plugin"))?;
        let event = self.events.get(&delivery.event_id).ok_or_else(|| gone("event"))?;
        let member = self.members.get(&delivery.member_id).ok_or_else(|| gone("member"))?;
        let standing = self.standings.get(&delivery.member_id).ok_or_else(|| gone("standing"))?;
        let contacts = match plugin.component.manifest.capabilities.contacts {
            true => self.contacts.get(&member.id).map_or(&[][..], Vec::as_slice),
            false => &[],
        };
        let zone = &program.definition.zone;
        let subject = subject(event);
        let context = Context {
            program: program.definition.slug.clone(),
            revision: program.revision,
            now: event.occurred_at,
            today: event.occurred_at.date_in(zone),
            seed: snapshot::seed(&[&program.definition.slug, &plugin.id, &event.id.to_string()]),
            config: plugin.config.clone(),
            state: self.states.get(&(plugin.id.clone(), member.id, subject.clone())).cloned(),
        };
        let shown = snapshot::member(zone, member, standing, contacts.to_vec());
        let told = port::Event {
            id: event.id,
            name: event.name.clone(),
            occurred_at: event.occurred_at,
            data: event.data.clone(),
        };
        let run =
            loyalty.runtime().on_event(&plugin.component, &context, Some(&shown), &told).await?;
        let asked = Asked {
            plugin,
            program,
            member,
            contacts,
            event: event.id,
            event_name: &event.name,
            occurred_at: event.occurred_at,
        };
        let actions = run.output.len();
        let plan =
            asked.plan(run.output).map_err(|fault| Fault { log: run.log.clone(), ..fault })?;
        asked.check_owners(loyalty, &plan).await?;
        Ok(Handled {
            delivery: delivery.clone(),
            digest: plugin.component.digest.clone(),
            subject,
            plan,
            actions,
            fuel: run.fuel,
            log: run.log,
            occurred_at: event.occurred_at,
        })
    }

    /// Tries again what may pass, parks the plugin for the rest. Other plugins and other programs go on.
    async fn failed(
        &self,
        loyalty: &Loyalty,
        program: &Program,
        delivery: &Delivery,
        fault: &Fault,
    ) -> Result<()> {
        let attempts = delivery.attempts + 1;
        let may_pass = matches!(fault.kind, FaultKind::Timeout | FaultKind::Host);
        if may_pass && attempts < ATTEMPTS_MAX {
            let backoff = BACKOFF_MICROSECONDS << (attempts - 1);
            let not_before = loyalty.now().microseconds() + backoff;
            return retry(loyalty, program, delivery, attempts, not_before).await;
        }
        let digest =
            self.plugins.get(&delivery.plugin_id).map(|plugin| plugin.component.digest.clone());
        let report = FaultReport::new(fault, Some(delivery.event_id), &digest.unwrap_or_default());
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
        retry(loyalty, program, delivery, attempts, 0).await
    }
}

async fn events(
    loyalty: &Loyalty,
    program: ProgramId,
    deliveries: &[Delivery],
) -> Result<HashMap<EventId, Event>> {
    const FIELDS: &rows::Fields = &[("program_id", Field::Id), ("event_id", Field::Id)];
    const SELECT: &str = "SELECT e.id, e.member_id, e.name, e.data, e.occurred_at, e.recorded_at FROM {rows} AS r \
         JOIN events e ON e.program_id = r.program_id AND e.id = r.event_id";
    let key = |delivery: &Delivery| {
        json!({
            "program_id": rows::hex_text(program), "event_id": rows::hex_text(delivery.event_id),
        })
    };
    let keys: Vec<_> = deliveries.iter().map(key).collect();
    let found: Vec<Event> = rows::query(loyalty.db().read(), SELECT, FIELDS, &keys).await?;
    Ok(found.into_iter().map(|event| (event.id, event)).collect())
}

/// Whose state the call reads and writes: the record that the event is about, else the member (empty).
fn subject(event: &Event) -> String {
    let record = match event.name.as_str() {
        "record-put" => Some(&event.data),
        "timer-fired" => event.data.get("record").filter(|record| !record.is_null()),
        _ => None,
    };
    let part = |name: &str| record.and_then(|record| record.get(name)).and_then(Value::as_str);
    match (part("type"), part("externalId")) {
        (Some(record_type), Some(external_id)) => record_subject(record_type, external_id),
        _ => String::new(),
    }
}

/// How a record is named in `plugin_states`.
pub(super) fn record_subject(record_type: &str, external_id: &str) -> String {
    format!("{record_type}/{external_id}")
}
