//! What a guest receives.

use crate::bindings::types;
use perennial_core::plugins::{
    Contact, Context, Event, Member, MemberKind, Purchase, PurchaseLine, StoredRecord,
};
use serde_json::Value;

pub(crate) fn context(context: &Context) -> types::Context {
    types::Context {
        program: context.program.clone(),
        revision: context.revision,
        now: context.now.as_microsecond(),
        today: context.today.to_string(),
        seed: context.seed,
        config: context.config.to_string(),
        state: context.state.as_ref().map(Value::to_string),
    }
}

pub(crate) fn member(member: &Member) -> types::Member {
    types::Member {
        id: member.id.clone(),
        external_id: member.external_id.clone(),
        kind: match member.kind {
            MemberKind::Person => types::MemberKind::Person,
            MemberKind::Organization => types::MemberKind::Organization,
        },
        locale: member.locale.clone(),
        tier: member.tier.clone(),
        points: member.points,
        purchases: member.purchases,
        spent_minor: member.spent_minor,
        joined_on: member.joined_on.to_string(),
        last_purchase_on: member.last_purchase_on.map(|date| date.to_string()),
        contacts: member.contacts.iter().map(contact).collect(),
    }
}

pub(crate) fn event(event: &Event) -> types::Event {
    types::Event {
        id: event.id.clone(),
        name: event.name.clone(),
        occurred_at: event.occurred_at.as_microsecond(),
        data: event.data.to_string(),
    }
}

pub(crate) fn purchase(purchase: &Purchase) -> types::Purchase {
    types::Purchase {
        reference: purchase.reference.clone(),
        currency: purchase.currency.clone(),
        total_minor: purchase.total_minor,
        purchased_on: purchase.purchased_on.to_string(),
        lines: purchase.lines.iter().map(line).collect(),
    }
}

pub(crate) fn stored_record(record: &StoredRecord) -> types::StoredRecord {
    types::StoredRecord {
        key: types::RecordKey {
            record_type: record.key.record_type.clone(),
            external_id: record.key.external_id.clone(),
        },
        data: record.data.to_string(),
        state: record.state.as_ref().map(Value::to_string),
    }
}

fn contact(contact: &Contact) -> types::Contact {
    types::Contact {
        id: contact.id.clone(),
        role: contact.role.clone(),
        locale: contact.locale.clone(),
    }
}

fn line(line: &PurchaseLine) -> types::PurchaseLine {
    types::PurchaseLine {
        sku: line.sku.clone(),
        category: line.category.clone(),
        quantity: line.quantity,
        amount_minor: line.amount_minor,
    }
}
