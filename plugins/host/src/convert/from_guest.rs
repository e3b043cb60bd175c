//! What a guest returned, checked as far as the contract goes: form, sizes and ranges. Whether the
//! plugin may do what it asks for is the core's decision. An error begins with the place:
//! "action 3, its data".

use crate::bindings::types;
use crate::limits;
use perennial_core::plugins::{Action, Due, Effect, Proposal, Recipient, RecordKey};
use perennial_core::{Points, Timestamp};
use serde_json::Value;
use std::collections::HashSet;

type Checked<T> = Result<T, String>;

pub(crate) fn actions(actions: Vec<types::Action>) -> Checked<Vec<Action>> {
    at_most(limits::ACTIONS, actions.len(), "actions")?;
    let mut keys = HashSet::new();
    let convert = |(index, action): (usize, types::Action)| {
        let place = place("action", index, &action.key);
        let key = unique_key(&mut keys, &place, action.key)?;
        let effect = effect(action.effect).map_err(|why| format!("{place}, {why}"))?;
        Ok(Action { key, effect })
    };
    actions.into_iter().enumerate().map(convert).collect()
}

pub(crate) fn proposals(proposals: Vec<types::Proposal>) -> Checked<Vec<Proposal>> {
    at_most(limits::PROPOSALS, proposals.len(), "proposals")?;
    let mut keys = HashSet::new();
    let convert = |(index, proposal): (usize, types::Proposal)| {
        let place = place("proposal", index, &proposal.key);
        let key = unique_key(&mut keys, &place, proposal.key)?;
        let here = |why| format!("{place}, {why}");
        let points = positive(proposal.points).map_err(here)?;
        let reason = text("its reason", proposal.reason).map_err(here)?;
        Ok(Proposal { key, points, reason })
    };
    proposals.into_iter().enumerate().map(convert).collect()
}

/// JSON that a database can keep: bounded, and without the character zero.
pub(crate) fn json(what: &str, json: &str) -> Checked<Value> {
    if json.len() > limits::JSON_BYTES {
        return Err(format!(
            "{what} has {} bytes; at most {} are allowed",
            json.len(),
            limits::JSON_BYTES
        ));
    }
    let value =
        serde_json::from_str(json).map_err(|error| format!("{what} is not JSON: {error}"))?;
    if has_nul(&value) { Err(format!("{what} contains the character U+0000")) } else { Ok(value) }
}

/// The plugin's own words, cut to what an operator can read.
pub(crate) fn failure(failure: types::Failure) -> String {
    let cut = |text: String, bytes: usize| {
        text[..text.floor_char_boundary(bytes)].replace(char::is_control, " ")
    };
    let code = cut(failure.code, limits::NAME_BYTES);
    format!("refused with `{code}`: {}", cut(failure.message, limits::TEXT_BYTES))
}

fn effect(effect: types::Effect) -> Checked<Effect> {
    Ok(match effect {
        types::Effect::AwardPoints(award) => Effect::AwardPoints {
            points: positive(award.points)?,
            reason: text("its reason", award.reason)?,
        },
        types::Effect::SendMessage(message) => send_message(message)?,
        types::Effect::SetTimer(timer) => Effect::SetTimer {
            name: name("its name", timer.name)?,
            due: due(timer.due)?,
            data: json("its data", &timer.data)?,
            about: timer.about.map(record_key).transpose()?,
        },
        types::Effect::CancelTimer(timer) => Effect::CancelTimer { name: name("its name", timer)? },
        types::Effect::PutRecord(record) => Effect::PutRecord {
            key: record_key(record.key)?,
            data: json("its data", &record.data)?,
        },
        types::Effect::SetState(state) => {
            Effect::SetState(state.map(|state| json("the state", &state)).transpose()?)
        }
        types::Effect::Extension(extension) => {
            Effect::Extension { name: name("the extension's name", extension.name)? }
        }
    })
}

fn send_message(message: types::SendMessage) -> Checked<Effect> {
    at_most(limits::PARAMETERS, message.parameters.len(), "parameters")?;
    let parameter =
        |(key, value)| Ok((name("a parameter's name", key)?, text("a parameter's value", value)?));
    Ok(Effect::SendMessage {
        template: name("its template", message.template)?,
        to: match message.to {
            types::Recipient::Member => Recipient::Member,
            types::Recipient::Contact(id) => Recipient::Contact(name("its contact", id)?),
        },
        parameters: message.parameters.into_iter().map(parameter).collect::<Checked<_>>()?,
    })
}

fn due(due: types::Due) -> Checked<Due> {
    match due {
        types::Due::At(microseconds) => Timestamp::from_microseconds(microseconds)
            .map(Due::At)
            .map_err(|error| format!("it is due outside the calendar: {error}")),
        types::Due::On(date) => match date.parse::<jiff::civil::Date>() {
            // The parser takes more than the contract allows, a date and time for example.
            Ok(parsed) if parsed.to_string() == date => Ok(Due::On(parsed)),
            _ => Err(format!("it is due on `{}`, which is not a day", shortened(&date))),
        },
    }
}

fn record_key(key: types::RecordKey) -> Checked<RecordKey> {
    Ok(RecordKey {
        record_type: name("the record's type", key.record_type)?,
        external_id: name("the record's external id", key.external_id)?,
    })
}

fn unique_key(keys: &mut HashSet<String>, place: &str, key: String) -> Checked<String> {
    let key = name("its key", key).map_err(|why| format!("{place}, {why}"))?;
    if keys.insert(key.clone()) {
        Ok(key)
    } else {
        Err(format!("{place}: its key is used twice in one answer"))
    }
}

fn positive(points: i64) -> Checked<Points> {
    if points >= 1 {
        Ok(Points::new(points))
    } else {
        Err(format!("{points} points; at least 1 is required"))
    }
}

fn name(what: &str, name: String) -> Checked<String> {
    if name.is_empty() {
        return Err(format!("{what} is empty"));
    }
    bounded(what, name, limits::NAME_BYTES)
}

fn text(what: &str, text: String) -> Checked<String> {
    bounded(what, text, limits::TEXT_BYTES)
}

fn bounded(what: &str, text: String, limit: usize) -> Checked<String> {
    if text.len() > limit {
        return Err(format!("{what} has {} bytes; at most {limit} are allowed", text.len()));
    }
    if text.contains('\0') {
        return Err(format!("{what} contains the character U+0000"));
    }
    Ok(text)
}

fn at_most(limit: usize, count: usize, what: &str) -> Checked<()> {
    if count > limit { Err(format!("{count} {what}; at most {limit} are allowed")) } else { Ok(()) }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| key.contains('\0') || has_nul(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Names an item of the answer by its number, counted from 1, and its key.
fn place(what: &str, index: usize, key: &str) -> String {
    format!("{what} {} (`{}`)", index + 1, shortened(key))
}

/// A guest's text, shortened for a message.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    let cut = if text.len() > SHOWN { "…" } else { "" };
    format!("{}{cut}", text[..text.floor_char_boundary(SHOWN)].replace(char::is_control, " "))
}
