//! What a guest returned, in the contract's own types, which `perennial_contract::form` then judges.

use crate::bindings::types;
use perennial_contract::RecordKey;
use perennial_contract::guest::{Action, Due, Effect, Failure, Proposal, Recipient};

pub(crate) fn actions(actions: Vec<types::Action>) -> Vec<Action> {
    let action = |it: types::Action| Action { key: it.key, effect: effect(it.effect) };
    actions.into_iter().map(action).collect()
}

pub(crate) fn proposals(proposals: Vec<types::Proposal>) -> Vec<Proposal> {
    let proposal = |it: types::Proposal| {
        let types::Proposal { key, points, reason } = it;
        Proposal { key, points, reason }
    };
    proposals.into_iter().map(proposal).collect()
}

pub(crate) fn failure(failure: types::Failure) -> Failure {
    Failure { code: failure.code, message: failure.message }
}

fn effect(effect: types::Effect) -> Effect {
    match effect {
        types::Effect::AwardPoints(types::AwardPoints { points, reason }) => {
            Effect::AwardPoints { points, reason }
        }
        types::Effect::SendMessage(types::SendMessage { template, to, parameters }) => {
            let to = match to {
                types::Recipient::Member => Recipient::Member,
                types::Recipient::Contact(id) => Recipient::Contact(id),
            };
            Effect::SendMessage { template, to, parameters }
        }
        types::Effect::SetTimer(types::SetTimer { name, due, data, about }) => {
            let due = match due {
                types::Due::At(microseconds) => Due::At(microseconds),
                types::Due::On(date) => Due::On(date),
            };
            Effect::SetTimer { name, due, data, about: about.map(record_key) }
        }
        types::Effect::CancelTimer(name) => Effect::CancelTimer { name },
        types::Effect::PutRecord(types::PutRecord { key, data }) => {
            Effect::PutRecord { key: record_key(key), data }
        }
        types::Effect::SetState(state) => Effect::SetState(state),
        types::Effect::Extension(extension) => Effect::Extension { name: extension.name },
    }
}

fn record_key(key: types::RecordKey) -> RecordKey {
    RecordKey { record_type: key.record_type, external_id: key.external_id }
}
