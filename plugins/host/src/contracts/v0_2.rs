//! The present contract, as `sdk/wit` has it.

use super::Answered;
use super::told::told;
use crate::look_ups::does_not_fit;
use crate::state::State;
use perennial_contract::RecordKey;
use perennial_contract::call::{Balance, PastPurchase, Position, ServiceCenter};
use perennial_contract::guest::{
    Action, Due, Effect, Failure, Proposal, Reason, Recipient, TimerKey, Unique,
};
use perennial_contract::look_up::{CenterQuery, Found, Question};
use perennial_core::plugins::{
    Contact, Context, Event, Member, MemberKind, Purchase, PurchaseLine, StoredRecord,
};
use serde_json::Value;
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Result, Store};

wasmtime::component::bindgen!({
    path: "../../sdk/wit",
    world: "plugin",
    imports: { "perennial:plugin/look-up": async | trappable, default: trappable },
    exports: { default: async },
});

use perennial::plugin::{log, look_up, types};

told!(tags);

impl look_up::Host for State {
    async fn find_record(&mut self, key: types::RecordKey) -> Result<Option<types::StoredRecord>> {
        match self.look_up(Question::Record(record_key(key))).await? {
            Found::Record(record) => Ok(record.as_ref().map(stored_record)),
            other => does_not_fit(&other),
        }
    }

    async fn records(
        &mut self,
        record_type: String,
        after: Option<String>,
        limit: u32,
    ) -> Result<types::RecordPage> {
        match self.look_up(Question::Records { record_type, after, limit }).await? {
            Found::Records(page) => Ok(types::RecordPage {
                records: page.items.iter().map(stored_record).collect(),
                more: page.has_more,
            }),
            other => does_not_fit(&other),
        }
    }

    async fn purchases(
        &mut self,
        after: Option<String>,
        limit: u32,
    ) -> Result<types::PurchasePage> {
        match self.look_up(Question::Purchases { after, limit }).await? {
            Found::Purchases(page) => Ok(types::PurchasePage {
                purchases: page.items.iter().map(past_purchase).collect(),
                more: page.has_more,
            }),
            other => does_not_fit(&other),
        }
    }

    async fn balances(&mut self) -> Result<Vec<types::Balance>> {
        match self.look_up(Question::Balances).await? {
            Found::Balances(balances) => Ok(balances.into_iter().map(balance).collect()),
            other => does_not_fit(&other),
        }
    }

    async fn value(&mut self, key: String) -> Result<Option<String>> {
        match self.look_up(Question::Value(key)).await? {
            Found::Value(value) => Ok(value.map(|value| value.to_string())),
            other => does_not_fit(&other),
        }
    }

    async fn centers(
        &mut self,
        query: types::CenterQuery,
        limit: u32,
    ) -> Result<Vec<types::ServiceCenter>> {
        match self.look_up(Question::Centers { query: center_query(query), limit }).await? {
            Found::Centers(centers) => Ok(centers.into_iter().map(service_center).collect()),
            other => does_not_fit(&other),
        }
    }
}

fn past_purchase(purchase: &PastPurchase) -> types::PastPurchase {
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

fn balance(balance: Balance) -> types::Balance {
    let Balance { point_type, points, pending, held } = balance;
    types::Balance { point_type, points, pending, held }
}

fn center_query(query: types::CenterQuery) -> CenterQuery {
    let types::CenterQuery { near, country, language, capability } = query;
    let place = |types::Position { latitude, longitude }| Position { latitude, longitude };
    CenterQuery { near: near.map(place), country, language, capability }
}

fn service_center(center: ServiceCenter) -> types::ServiceCenter {
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

fn actions(actions: Vec<types::Action>) -> Vec<Action> {
    let action = |it: types::Action| Action { key: it.key, effect: effect(it.effect) };
    actions.into_iter().map(action).collect()
}

fn proposals(proposals: Vec<types::Proposal>) -> Vec<Proposal> {
    let proposal = |it: types::Proposal| {
        let types::Proposal { key, points, reason } = it;
        Proposal { key, points, reason: self::reason(reason) }
    };
    proposals.into_iter().map(proposal).collect()
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
