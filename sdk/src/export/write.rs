//! What the plugin returns, in the contract's types.

use crate::bindings::perennial::plugin::types;
use crate::{Action, Due, Effect, Json, Proposal, Reason, Recipient, RecordKey};

pub(super) fn action(action: Action) -> types::Action {
    types::Action { key: action.key, effect: effect(action.effect) }
}

/// Numbers the proposals that have no key of their own.
pub(super) fn proposals(proposals: Vec<Proposal>) -> Vec<types::Proposal> {
    let number = |(index, proposal): (usize, Proposal)| types::Proposal {
        key: proposal.key.unwrap_or_else(|| format!("proposal:{}", index + 1)),
        points: proposal.points,
        reason: reason(proposal.reason),
    };
    proposals.into_iter().enumerate().map(number).collect()
}

fn effect(effect: Effect) -> types::Effect {
    match effect {
        Effect::AwardPoints { points, reason } => {
            let reason = self::reason(reason);
            types::Effect::AwardPoints(types::AwardPoints { points, reason })
        }
        Effect::DeductPoints { points, reason } => {
            let reason = self::reason(reason);
            types::Effect::DeductPoints(types::DeductPoints { points, reason })
        }
        Effect::SendMessage { template, to, parameters } => {
            let to = match to {
                Recipient::Member => types::Recipient::Member,
                Recipient::Contact(id) => types::Recipient::Contact(id),
            };
            let message = types::Filled { template, parameters };
            types::Effect::SendMessage(types::SendMessage { message, to })
        }
        Effect::SetTimer { name, about, due, data } => {
            let due = match due {
                Due::At(instant) => types::Due::At(instant.as_microsecond()),
                Due::On(date) => types::Due::On(date.to_string()),
            };
            let (key, data) = (timer_key(name, about), data.to_string());
            types::Effect::SetTimer(types::SetTimer { key, due, data })
        }
        Effect::CancelTimer { name, about } => types::Effect::CancelTimer(timer_key(name, about)),
        Effect::PutRecord { key, data } => types::Effect::PutRecord(types::PutRecord {
            key: record_key(key),
            data: data.to_string(),
        }),
        Effect::SetState(state) => types::Effect::SetState(state.as_ref().map(Json::to_string)),
        Effect::SetValue { key, value } => {
            let value = value.as_ref().map(Json::to_string);
            types::Effect::SetValue(types::SetValue { key, value })
        }
        Effect::RaiseEvent { name, data } => {
            let data = data.to_string();
            types::Effect::RaiseEvent(types::RaiseEvent { name, data })
        }
        Effect::AddTag(tag) => types::Effect::AddTag(tag),
        Effect::RemoveTag(tag) => types::Effect::RemoveTag(tag),
    }
}

fn reason(reason: Reason) -> types::Reason {
    match reason {
        Reason::Text(text) => types::Reason::Text(text),
        Reason::Named { template, parameters } => {
            types::Reason::Named(types::Filled { template, parameters })
        }
    }
}

fn timer_key(name: String, about: Option<RecordKey>) -> types::TimerKey {
    types::TimerKey { name, about: about.map(record_key) }
}

fn record_key(key: RecordKey) -> types::RecordKey {
    types::RecordKey { record_type: key.record_type, external_id: key.external_id }
}
