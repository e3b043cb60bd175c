//! Contract 0.1, as `wit/since-v0.1` has it. What it means by its words is said in today's: its timers
//! are one for each name and member, and its reasons are texts.

use super::Answered;
use super::told::told;
use crate::state::State;
use perennial_contract::RecordKey;
use perennial_contract::guest::{
    Action, Due, Effect, Failure, Proposal, Reason, Recipient, TimerKey, Unique,
};
use perennial_core::plugins::{
    Contact, Context, Event, Member, MemberKind, Purchase, PurchaseLine, StoredRecord,
};
use serde_json::Value;
use wasmtime::Store;
use wasmtime::component::{HasSelf, Linker};

wasmtime::component::bindgen!({
    path: "wit/since-v0.1",
    world: "plugin",
    imports: { default: trappable },
    exports: { default: async },
});

use perennial::plugin::{log, types};

told!();

fn actions(actions: Vec<types::Action>) -> Vec<Action> {
    let action = |it: types::Action| Action { key: it.key, effect: effect(it.effect) };
    actions.into_iter().map(action).collect()
}

fn proposals(proposals: Vec<types::Proposal>) -> Vec<Proposal> {
    let proposal = |it: types::Proposal| {
        let types::Proposal { key, points, reason } = it;
        Proposal { key, points, reason: Reason::Text(reason) }
    };
    proposals.into_iter().map(proposal).collect()
}

fn effect(effect: types::Effect) -> Effect {
    match effect {
        types::Effect::AwardPoints(types::AwardPoints { points, reason }) => {
            Effect::AwardPoints { points, reason: Reason::Text(reason) }
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
            Effect::SetTimer { key: timer_key(name, about.map(record_key)), due, data }
        }
        types::Effect::CancelTimer(name) => Effect::CancelTimer(timer_key(name, None)),
        types::Effect::PutRecord(types::PutRecord { key, data }) => {
            Effect::PutRecord { key: record_key(key), data }
        }
        types::Effect::SetState(state) => Effect::SetState(state),
        types::Effect::Extension(extension) => Effect::Extension { name: extension.name },
    }
}

const fn timer_key(name: String, about: Option<RecordKey>) -> TimerKey {
    TimerKey { name, about, unique: Unique::PerMember }
}
