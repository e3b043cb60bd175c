//! What a claim's deliveries need to know, read at once with one query per kind, and the call of a plugin with it.

use super::action::Asked;
use super::carry_out::Handled;
use super::entity::{self, Enabled};
use super::port::{self, Context, Fault, FaultKind};
use super::queue::Delivery;
use super::snapshot;
use crate::db::rows::{self, Field};
use crate::events::Event;
use crate::members::{self, Contact, Locked, Member};
use crate::programs::Program;
use crate::{Actor, EventId, Loyalty, MemberId, ProgramId, Result};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What plugins are told.
pub(super) struct Briefing {
    plugins: HashMap<String, Enabled>,
    events: HashMap<EventId, Event>,
    members: HashMap<MemberId, Member>,
    standings: BTreeMap<MemberId, Locked>,
    contacts: HashMap<MemberId, Vec<Contact>>,
    states: HashMap<(String, MemberId, String), Value>,
}

impl Briefing {
    pub(super) async fn read(
        loyalty: &Loyalty,
        program: &Program,
        deliveries: &[Delivery],
    ) -> Result<Self> {
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
        let organizations: BTreeSet<_> =
            deliveries.iter().filter(sees_contacts).map(|delivery| delivery.member_id).collect();
        let organizations: Vec<_> = organizations.into_iter().collect();
        let mut contacts: HashMap<_, Vec<_>> = HashMap::new();
        for contact in loyalty.members().contacts_many(&actor, &organizations).await? {
            contacts.entry(contact.member_id).or_default().push(contact);
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

    /// Calls the plugin of a delivery and checks what it asks for.
    pub(super) async fn call(
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

    /// The version of a plugin that was called.
    pub(super) fn digest(&self, plugin: &str) -> &str {
        self.plugins.get(plugin).map_or("", |plugin| &plugin.component.digest)
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
