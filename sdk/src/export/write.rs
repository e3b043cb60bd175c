//! What the plugin returns, in the contract's types.

use crate::bindings::perennial::plugin::types;
use crate::{Action, Due, Effect, Json, Proposal, Recipient, RecordKey};

pub(super) fn action(action: Action) -> types::Action {
    types::Action { key: action.key, effect: effect(action.effect) }
}

/// Numbers the proposals that have no key of their own.
pub(super) fn proposals(proposals: Vec<Proposal>) -> Vec<types::Proposal> {
    let number = |(index, proposal): (usize, Proposal)| types::Proposal {
        key: proposal.key.unwrap_or_else(|| format!("proposal:{}", index + 1)),
        points: proposal.points,
        reason: proposal.reason,
    };
    proposals.into_iter().enumerate().map(number).collect()
}

fn effect(effect: Effect) -> types::Effect {
    match effect {
        Effect::AwardPoints { points, reason } => {
            types::Effect::AwardPoints(types::AwardPoints { points, reason })
        }
        Effect::SendMessage { template, to, parameters } => {
            let to = match to {
                Recipient::Member => types::Recipient::Member,
                Recipient::Contact(id) => types::Recipient::Contact(id),
            };
            types::Effect::SendMessage(types::SendMessage { template, to, parameters })
        }
        Effect::SetTimer { name, due, data, about } => {
            let due = match due {
                Due::At(instant) => types::Due::At(instant.as_microsecond()),
                Due::On(date) => types::Due::On(date.to_string()),
            };
            let (data, about) = (data.to_string(), about.map(record_key));
            types::Effect::SetTimer(types::SetTimer { name, due, data, about })
        }
        Effect::CancelTimer { name } => types::Effect::CancelTimer(name),
        Effect::PutRecord { key, data } => types::Effect::PutRecord(types::PutRecord {
            key: record_key(key),
            data: data.to_string(),
        }),
        Effect::SetState(state) => types::Effect::SetState(state.as_ref().map(Json::to_string)),
    }
}

fn record_key(key: RecordKey) -> types::RecordKey {
    types::RecordKey { record_type: key.record_type, external_id: key.external_id }
}
