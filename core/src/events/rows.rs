//! Events and deliveries as they are written.

use super::chain::Chain;
use crate::accounts::{MemberState, Parked};
use crate::context::Program;
use crate::db::{Writes, row};
use crate::facts::Fact;
use crate::journal::Item;
use crate::{EventId, MemberId, Timestamp};
use serde_json::Value;

/// An event about to be recorded.
#[derive(Debug)]
pub(crate) struct NewEvent {
    id: EventId,
    member: MemberId,
    member_seq: i64,
    fact: Fact,
    occurred_at: Timestamp,
    reach: Reach,
    chain: Option<Chain>,
}

/// Which plugins receive an event, of those that subscribed.
#[derive(Clone, Debug, Default)]
pub(crate) enum Reach {
    #[default]
    All,
    /// This one, subscribed or not.
    Only(String),
    /// All but the one that caused it, so that no plugin can keep itself busy.
    AllBut(String),
    /// None: it happened to nobody, such as to a gift card.
    Nobody,
}

row! {
    struct EventRow in "events" {
        id: EventId,
        member_id: MemberId,
        member_seq: i64,
        name: &'static str,
        data: Value,
        occurred_at: Timestamp,
        recorded_at: Timestamp,
        root_id: Option<EventId>,
        depth: i32,
    }
}

row! {
    struct DeliveryRow in "deliveries" {
        plugin_id: String,
        member_id: MemberId,
        member_seq: i64,
        event_id: EventId,
        attempts: i64,
        not_before: Timestamp,
    }
}

row! {
    /// What waits behind an event that a plugin does not get past.
    struct ParkedDeliveryRow in "parked_deliveries" {
        plugin_id: String,
        member_id: MemberId,
        member_seq: i64,
        event_id: EventId,
    }
}

impl NewEvent {
    /// The next event of a member, which may stand in a chain.
    pub(crate) fn of(
        member: &mut MemberState,
        occurred_at: Timestamp,
        fact: Fact,
        (reach, chain): (Reach, Option<Chain>),
    ) -> Self {
        let member_seq = member.next_event_seq();
        let (id, member) = (EventId::new(), member.member());
        Self { id, member, member_seq, fact, occurred_at, reach, chain }
    }

    /// The event in the journal.
    pub(crate) const fn item(&self) -> Item {
        Item::Event { member: self.member, seq: self.member_seq }
    }

    /// Whose it is.
    pub(crate) const fn member(&self) -> MemberId {
        self.member
    }

    /// Writes the event, and a delivery for each plugin that is to receive it: apart if the plugin
    /// is `parked`.
    pub(crate) fn write(
        &self,
        writes: &mut Writes,
        program: &Program,
        parked: &Parked,
        recorded_at: Timestamp,
    ) {
        writes.insert(&EventRow {
            id: self.id,
            member_id: self.member,
            member_seq: self.member_seq,
            name: self.fact.name(),
            data: serde_json::to_value(&self.fact).expect("facts are plain values with text keys"),
            occurred_at: self.occurred_at,
            recorded_at,
            root_id: self.chain.map(|chain| chain.root),
            depth: self.chain.map_or(0, |chain| chain.depth),
        });
        let (member_id, member_seq, event_id) = (self.member, self.member_seq, self.id);
        for plugin_id in self.receivers(program) {
            if parked.contains(&plugin_id) {
                writes.insert(&ParkedDeliveryRow { plugin_id, member_id, member_seq, event_id });
            } else {
                let (attempts, not_before) = (0, Timestamp::EPOCH);
                writes.insert(&DeliveryRow {
                    plugin_id,
                    member_id,
                    member_seq,
                    event_id,
                    attempts,
                    not_before,
                });
            }
        }
    }

    fn receivers(&self, program: &Program) -> Vec<String> {
        let receivers = self.subscribers(program);
        let is_over = self.chain.is_some_and(Chain::is_over);
        if is_over && !receivers.is_empty() {
            let (slug, root) = (&program.definition.slug, self.chain.map(|chain| chain.root));
            let name = self.fact.name();
            tracing::warn!(program = slug, ?root, name, ?receivers, "plugins kept each other busy");
            metrics::counter!("perennial_plugin_chains_ended_total", "program" => slug.clone())
                .increment(1);
            return Vec::new();
        }
        receivers
    }

    fn subscribers(&self, program: &Program) -> Vec<String> {
        let topic = self.fact.topic();
        let subscribed = |but: Option<&String>| {
            let about = topic.about.as_deref();
            let receiving = program
                .enabled()
                .filter(|plugin| plugin.component.manifest.receives(topic.name, about));
            receiving.map(|plugin| plugin.id.clone()).filter(|id| Some(id) != but).collect()
        };
        match &self.reach {
            Reach::All => subscribed(None),
            Reach::AllBut(plugin) => subscribed(Some(plugin)),
            Reach::Only(plugin) => vec![plugin.clone()],
            Reach::Nobody => Vec::new(),
        }
    }
}
