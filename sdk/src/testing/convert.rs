//! Between the contract's types and those of the bindings.

use crate::bindings::perennial::plugin::types;
use perennial_contract::RecordKey;
use perennial_contract::call::{
    Balance, Contact, Context, Event, Member, MemberKind, PastPurchase, Position, Purchase,
    PurchaseLine, ServiceCenter, StoredRecord,
};
use perennial_contract::guest::{
    Action, Due, Effect, Failure, Proposal, Reason, Recipient, TimerKey, Unique,
};
use perennial_contract::look_up::CenterQuery;
use serde_json::Value;

pub(super) fn context(context: &Context) -> types::Context {
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

pub(super) fn member(member: &Member) -> types::Member {
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
        tags: member.tags.clone(),
    }
}

pub(super) fn event(event: &Event) -> types::Event {
    types::Event {
        id: event.id.clone(),
        name: event.name.clone(),
        occurred_at: event.occurred_at.as_microsecond(),
        data: event.data.to_string(),
    }
}

pub(super) fn purchase(purchase: &Purchase) -> types::Purchase {
    types::Purchase {
        reference: purchase.reference.clone(),
        currency: purchase.currency.clone(),
        total_minor: purchase.total_minor,
        purchased_on: purchase.purchased_on.to_string(),
        lines: purchase.lines.iter().map(line).collect(),
    }
}

pub(super) fn stored_record(record: &StoredRecord) -> types::StoredRecord {
    let RecordKey { record_type, external_id } = record.key.clone();
    types::StoredRecord {
        key: types::RecordKey { record_type, external_id },
        data: record.data.to_string(),
        state: record.state.as_ref().map(Value::to_string),
    }
}

/// An answer, and how many bytes of text it has.
pub(super) fn actions(actions: Vec<types::Action>) -> (Vec<Action>, usize) {
    let mut bytes = 0;
    let action = |it: types::Action| {
        bytes += it.key.len() + weight(&it.effect);
        Action { key: it.key, effect: effect(it.effect) }
    };
    let actions = actions.into_iter().map(action).collect();
    (actions, bytes)
}

pub(super) fn proposals(proposals: Vec<types::Proposal>) -> Vec<Proposal> {
    let proposal = |it: types::Proposal| {
        let types::Proposal { key, points, reason } = it;
        Proposal { key, points, reason: self::reason(reason) }
    };
    proposals.into_iter().map(proposal).collect()
}

pub(super) fn failure(failure: types::Failure) -> Failure {
    Failure { code: failure.code, message: failure.message }
}

fn effect(effect: types::Effect) -> Effect {
    match effect {
        types::Effect::AwardPoints(types::AwardPoints { points, reason }) => {
            Effect::AwardPoints { points, reason: self::reason(reason) }
        }
        types::Effect::DeductPoints(types::DeductPoints { points, reason }) => {
            Effect::DeductPoints { points, reason: self::reason(reason) }
        }
        types::Effect::SendMessage(types::SendMessage { message, to }) => {
            let types::Filled { template, parameters } = message;
            let to = match to {
                types::Recipient::Member => Recipient::Member,
                types::Recipient::Contact(id) => Recipient::Contact(id),
            };
            Effect::SendMessage { template, to, parameters }
        }
        types::Effect::SetTimer(types::SetTimer { key, due, data }) => {
            let due = match due {
                types::Due::At(microseconds) => Due::At(microseconds),
                types::Due::On(date) => Due::On(date),
            };
            Effect::SetTimer { key: timer_key(key), due, data }
        }
        types::Effect::CancelTimer(key) => Effect::CancelTimer(timer_key(key)),
        types::Effect::PutRecord(types::PutRecord { key, data }) => {
            Effect::PutRecord { key: record_key(key), data }
        }
        types::Effect::SetState(state) => Effect::SetState(state),
        types::Effect::SetValue(types::SetValue { key, value }) => Effect::SetValue { key, value },
        types::Effect::RaiseEvent(types::RaiseEvent { name, data }) => {
            Effect::RaiseEvent { name, data }
        }
        types::Effect::AddTag(tag) => Effect::AddTag(tag),
        types::Effect::RemoveTag(tag) => Effect::RemoveTag(tag),
        types::Effect::Extension(extension) => Effect::Extension { name: extension.name },
    }
}

/// Bytes of text: nearly all that a large answer weighs.
fn weight(effect: &types::Effect) -> usize {
    match effect {
        types::Effect::AwardPoints(award) => said(&award.reason),
        types::Effect::DeductPoints(deducted) => said(&deducted.reason),
        types::Effect::SendMessage(message) => filled(&message.message),
        types::Effect::SetTimer(timer) => timer.key.name.len() + timer.data.len(),
        types::Effect::CancelTimer(key) => key.name.len(),
        types::Effect::PutRecord(record) => record.key.external_id.len() + record.data.len(),
        types::Effect::SetState(state) => state.as_ref().map_or(0, String::len),
        types::Effect::SetValue(types::SetValue { key, value }) => {
            key.len() + value.as_ref().map_or(0, String::len)
        }
        types::Effect::RaiseEvent(event) => event.name.len() + event.data.len(),
        types::Effect::AddTag(tag) | types::Effect::RemoveTag(tag) => tag.len(),
        types::Effect::Extension(extension) => extension.payload.len(),
    }
}

fn said(reason: &types::Reason) -> usize {
    match reason {
        types::Reason::Text(text) => text.len(),
        types::Reason::Named(named) => filled(named),
    }
}

fn filled(filled: &types::Filled) -> usize {
    let parameters = filled.parameters.iter();
    filled.template.len() + parameters.map(|(name, value)| name.len() + value.len()).sum::<usize>()
}

fn reason(reason: types::Reason) -> Reason {
    match reason {
        types::Reason::Text(text) => Reason::Text(text),
        types::Reason::Named(types::Filled { template, parameters }) => {
            Reason::Named { template, parameters }
        }
    }
}

fn timer_key(key: types::TimerKey) -> TimerKey {
    let types::TimerKey { name, about } = key;
    TimerKey { name, about: about.map(record_key), unique: Unique::PerRecord }
}

pub(super) fn record_key(key: types::RecordKey) -> RecordKey {
    RecordKey { record_type: key.record_type, external_id: key.external_id }
}

pub(super) fn past_purchase(purchase: &PastPurchase) -> types::PastPurchase {
    types::PastPurchase {
        id: purchase.id.clone(),
        reference: purchase.reference.clone(),
        purchased_at: purchase.purchased_at.as_microsecond(),
        purchased_on: purchase.purchased_on.to_string(),
        currency: purchase.currency.clone(),
        total_minor: purchase.total_minor,
        lines: purchase.lines.iter().map(line).collect(),
    }
}

pub(super) fn center_query(query: &types::CenterQuery) -> CenterQuery {
    let types::CenterQuery { near, country, language, capability } = query.clone();
    let place = |types::Position { latitude, longitude }| Position { latitude, longitude };
    CenterQuery { near: near.map(place), country, language, capability }
}

pub(super) fn service_center(center: &ServiceCenter) -> types::ServiceCenter {
    let center = center.clone();
    let Position { latitude, longitude } = center.position;
    types::ServiceCenter {
        id: center.id,
        external_id: center.external_id,
        name: center.name,
        country: center.country,
        city: center.city,
        position: types::Position { latitude, longitude },
        phone: center.phone,
        email: center.email,
        languages: center.languages,
        capabilities: center.capabilities,
        distance_metres: center.distance_metres,
    }
}

pub(super) fn balance(balance: &Balance) -> types::Balance {
    let Balance { point_type, points, pending, held } = balance.clone();
    types::Balance { point_type, points, pending, held }
}

fn contact(contact: &Contact) -> types::Contact {
    let Contact { id, role, locale } = contact.clone();
    types::Contact { id, role, locale }
}

fn line(line: &PurchaseLine) -> types::PurchaseLine {
    let PurchaseLine { sku, category, quantity, amount_minor } = line.clone();
    types::PurchaseLine { sku, category, quantity, amount_minor }
}
