//! What a claim's deliveries need to know, in one look, and the call of a plugin with it.

use super::budgets;
use super::effects::{Asked, AskedBy, Plan};
use super::handled::Handled;
use super::look_ups::OfMember;
use super::queue::Delivery;
use super::recordings::{Recorded, Recorder};
use super::snapshot;
use super::states::{PluginStates, StateKey};
use crate::accounts::{self, Lots, MemberState, States};
use crate::context::{Context, Enabled, Program};
use crate::db::{TryError, row};
use crate::events::Chain;
use crate::members::{Contact, Member, ask_contacts, ask_members};
use crate::runtime::{Action, Event, Fault, FaultKind, Run};
use crate::{EventId, MemberId, Result, Timestamp};
use perennial_contract::recording::{Answer, Call};
use serde_json::Value;
use std::collections::HashMap;

/// A delivery that came to nothing.
pub(super) struct Unhandled {
    pub(super) fault: Fault,
    /// The call, if it was made.
    pub(super) recorded: Option<Recorded>,
}

/// What plugins receive with the events.
pub(super) struct Briefing {
    pub(super) program: Program,
    events: HashMap<EventId, Event>,
    /// In which what follows from the events stands.
    chains: HashMap<EventId, Chain>,
    members: HashMap<MemberId, Member>,
    contacts: HashMap<MemberId, Vec<Contact>>,
    pub(super) states: States,
    plugin_states: PluginStates,
}

row! {
    struct EventRow {
        id: EventId,
        name: String,
        data: Value,
        occurred_at: Timestamp,
        root_id: Option<EventId>,
        depth: i32,
    }
}

const DELIVERED: &str = "
    SELECT r.plugin_id, r.member_id, r.member_seq
    FROM {rows} AS r";
const EVENTS: &str = "
    SELECT e.id, e.name, e.data, e.occurred_at, e.root_id, e.depth, k.plugin_id, k.member_id
    FROM delivered AS k EACH events AS e
    WHERE e.program_id = $1 AND e.member_id = k.member_id AND e.member_seq = k.member_seq";
/// The subject of each event: the record that it is about, else the member. It is what
/// [`StateKey::of`] makes of [`Event::subject`].
const SUBJECTS: &str = "
    SELECT plugin_id, member_id, CASE
        WHEN name = 'record-put'
        THEN COALESCE((data ->> 'type') || '/' || (data ->> 'externalId'), '')
        WHEN name IN ('timer-fired', 'plugin-changed')
        THEN COALESCE(
            (data -> 'record' ->> 'type') || '/' || (data -> 'record' ->> 'externalId'), '')
        ELSE ''
    END AS subject
    FROM occasions";
const KEPT: &str = "
    SELECT s.plugin_id, s.member_id, s.subject, s.data
    FROM subjects AS k EACH plugin_states AS s
    WHERE s.program_id = $1 AND s.plugin_id = k.plugin_id AND s.member_id = k.member_id
        AND s.subject = k.subject";

impl Briefing {
    pub(super) async fn look(
        context: &Context,
        program: Program,
        deliveries: &[Delivery],
    ) -> Result<Self, TryError> {
        let mut look = context.look(program.id);
        let keys: Vec<_> = deliveries.iter().map(Delivery::key).collect();
        look.table_over("delivered", DELIVERED, &keys);
        look.table("who", "SELECT DISTINCT member_id AS id FROM delivered");
        look.table("occasions", EVENTS);
        look.table("subjects", SUBJECTS);
        let events = look.ask::<EventRow>("SELECT * FROM occasions");
        let members = ask_members(&mut look);
        let anybody_sees_contacts = program.plugins.iter().any(Enabled::sees_contacts);
        let contacts = anybody_sees_contacts.then(|| ask_contacts(&mut look));
        let states = accounts::ask_states(&mut look, Lots::IfDue);
        let kept = look.ask(KEPT);
        let (answers, program) = context.ask(&program, look).await?;
        let mut contacts_of: HashMap<_, Vec<_>> = HashMap::new();
        let contacts = contacts.map_or(Ok(Vec::new()), |question| answers.rows(question))?;
        for contact in contacts.into_iter().map(Contact::from) {
            contacts_of.entry(contact.member_id).or_default().push(contact);
        }
        let events = answers.rows(events)?;
        let chain = |row: &EventRow| (row.id, Chain::after(row.id, row.root_id, row.depth));
        let chains = events.iter().map(chain).collect();
        let events = events.into_iter().map(|row| (row.id, Event::from(row)));
        let members = answers.rows(members)?.into_iter().map(Member::from);
        Ok(Self {
            program,
            events: events.collect(),
            chains,
            members: members.map(|member| (member.id, member)).collect(),
            contacts: contacts_of,
            states: states.read(&answers)?,
            plugin_states: PluginStates::of(kept, &answers)?,
        })
    }

    /// Calls the plugin of a delivery and checks what it asks for.
    pub(super) async fn call(
        &self,
        context: &Context,
        delivery: &Delivery,
    ) -> Result<Handled, Unhandled> {
        let program = &self.program;
        let gone =
            |what: &str| Fault::new(FaultKind::Host, format!("the {what} of the delivery is gone"));
        let plugin = self.plugin(delivery).ok_or_else(|| gone("plugin"))?;
        let event = self.events.get(&delivery.event_id).ok_or_else(|| gone("event"))?;
        let member = self.members.get(&delivery.member_id).ok_or_else(|| gone("member"))?;
        let chain = *self.chains.get(&delivery.event_id).ok_or_else(|| gone("event"))?;
        let state = self.states.get(&delivery.member_id).ok_or_else(|| gone("account"))?;
        let contacts = match plugin.sees_contacts() {
            true => self.contacts.get(&member.id).map_or(&[][..], Vec::as_slice),
            false => &[],
        };
        let key = StateKey::of(&plugin.id, member.id, event.subject().as_ref());
        let kept = self.plugin_states.get(&key);
        let at = Timestamp::from(event.occurred_at);
        let circumstances = snapshot::context(program, plugin, at, &event.id, kept);
        let shown = snapshot::member((program, plugin), member, state, contacts.to_vec());
        let component = &plugin.component;
        let look_ups = OfMember { context, program, plugin, member: member.id, state };
        let recorder = Recorder::of(look_ups);
        let runtime = &context.runtime;
        let ended =
            runtime.on_event(component, &circumstances, Some(&shown), event, &recorder).await;
        let call = || Call::OnEvent { context: circumstances, member: shown, event: event.clone() };
        let recorded = recorder.end(call, &ended, Answer::Actions);
        let asked = Asked {
            plugin,
            program,
            member,
            contacts,
            event: delivery.event_id,
            event_name: &event.name,
            occurred_at: at,
            chain,
        };
        let Run { output, fuel, log, .. } = match ended {
            Ok(run) => run,
            Err(fault) => return Err(Unhandled { fault, recorded }),
        };
        let actions = output.len();
        let plan = match asked.allowed(output) {
            Ok(plan) => plan,
            Err(fault) => {
                let recorded = recorded.map(|recorded| recorded.refused(&fault));
                return Err(Unhandled { fault: fault.with_log(log), recorded });
            }
        };
        let asked_by = AskedBy {
            plugin: plugin.id.clone(),
            digest: component.digest.clone(),
            member: member.id,
            event: delivery.event_id,
            at,
            chain,
        };
        Ok(Handled {
            delivery: delivery.clone(),
            asked_by,
            state: key,
            plan,
            actions,
            fuel,
            log,
            recorded,
        })
    }

    /// Whether a delivery is about a member who is nobody any more.
    pub(super) fn is_erased(&self, delivery: &Delivery) -> bool {
        self.states.get(&delivery.member_id).is_some_and(MemberState::is_erased)
    }

    /// The plugin of a delivery, in the version that is called.
    pub(super) fn plugin(&self, delivery: &Delivery) -> Option<&Enabled> {
        self.program.plugins.iter().find(|plugin| plugin.id == delivery.plugin_id)
    }
}

impl Asked<'_> {
    /// What it may have of what it asks for, and what its budget can ever give.
    fn allowed(&self, actions: Vec<Action>) -> Result<Plan, Fault> {
        let plan = self.plan(actions)?;
        match budgets::never(self.program, self.plugin, &plan) {
            None => Ok(plan),
            Some(why) => {
                let why =
                    format!("the answer comes to {why}: the program file has to give it more");
                Err(Fault::not_allowed(&self.plugin.id, &why))
            }
        }
    }
}

impl From<Fault> for Unhandled {
    fn from(fault: Fault) -> Self {
        Self { fault, recorded: None }
    }
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            occurred_at: row.occurred_at.instant(),
            data: row.data,
        }
    }
}
