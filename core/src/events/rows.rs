//! Events and deliveries as they are written.

use crate::accounts::MemberState;
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

impl NewEvent {
    /// The next event of a member.
    pub(crate) fn of(
        member: &mut MemberState,
        occurred_at: Timestamp,
        fact: Fact,
        reach: Reach,
    ) -> Self {
        let member_seq = member.next_event_seq();
        Self { id: EventId::new(), member: member.member(), member_seq, fact, occurred_at, reach }
    }

    /// The event in the journal.
    pub(crate) const fn item(&self) -> Item {
        Item::Event { member: self.member, seq: self.member_seq }
    }

    /// Writes the event, and a delivery for each plugin that is to receive it.
    pub(crate) fn write(&self, writes: &mut Writes, program: &Program, recorded_at: Timestamp) {
        writes.insert(&EventRow {
            id: self.id,
            member_id: self.member,
            member_seq: self.member_seq,
            name: self.fact.name(),
            data: serde_json::to_value(&self.fact).expect("facts are plain values with text keys"),
            occurred_at: self.occurred_at,
            recorded_at,
        });
        for plugin_id in self.receivers(program) {
            writes.insert(&DeliveryRow {
                plugin_id,
                member_id: self.member,
                member_seq: self.member_seq,
                event_id: self.id,
                attempts: 0,
                not_before: Timestamp::EPOCH,
            });
        }
    }

    fn receivers(&self, program: &Program) -> Vec<String> {
        let topic = self.fact.topic();
        let subscribed = |but: Option<&String>| {
            let plugins = program.plugins.iter();
            let receiving = plugins.filter(|plugin| plugin.component.manifest.receives(&topic));
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
