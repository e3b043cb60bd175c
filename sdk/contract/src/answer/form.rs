//! Whether what a guest returned is an answer: form, sizes and ranges. What is wrong begins with the
//! place: "action 3 (`key`), its data".

use super::{Action, Due, Effect, Proposal, Reason, Recipient, TimerKey, guest};
use crate::call::RecordKey;
use crate::limits;
use crate::text::{NO_SLUG, is_slug};
use jiff::{Timestamp, civil::Date};
use serde_json::Value;
use std::collections::HashSet;

type Checked<T> = Result<T, String>;

/// An answer to an event.
pub fn actions(actions: Vec<guest::Action>) -> Checked<Vec<Action>> {
    at_most(limits::ACTIONS, actions.len(), "actions")?;
    let mut keys = HashSet::new();
    let check = |(index, action): (usize, guest::Action)| {
        let place = place("action", index, &action.key);
        let key = unique_key(&mut keys, &place, action.key)?;
        let effect = effect(action.effect).map_err(|why| format!("{place}, {why}"))?;
        Ok(Action { key, effect })
    };
    actions.into_iter().enumerate().map(check).collect()
}

/// An answer to an appraisal.
pub fn proposals(proposals: Vec<guest::Proposal>) -> Checked<Vec<Proposal>> {
    at_most(limits::PROPOSALS, proposals.len(), "proposals")?;
    let mut keys = HashSet::new();
    let check = |(index, proposal): (usize, guest::Proposal)| {
        let place = place("proposal", index, &proposal.key);
        let key = unique_key(&mut keys, &place, proposal.key)?;
        let here = |why| format!("{place}, {why}");
        let points = positive(proposal.points).map_err(here)?;
        let reason = reason(proposal.reason).map_err(here)?;
        Ok(Proposal { key, points, reason })
    };
    proposals.into_iter().enumerate().map(check).collect()
}

/// A view.
pub fn view(view: &str) -> Checked<Value> {
    json("the view", view)
}

/// The plugin's own words, cut to what an operator can read.
pub fn failure(failure: &guest::Failure) -> String {
    let cut = |text: &str, bytes: usize| {
        text[..text.floor_char_boundary(bytes)].replace(char::is_control, " ")
    };
    let code = cut(&failure.code, limits::NAME_BYTES);
    format!("refused with `{code}`: {}", cut(&failure.message, limits::TEXT_BYTES))
}

/// That an answer, or a line of a log, is larger than a guest may pass at once: nothing more is known
/// of it.
pub fn oversized() -> String {
    let (most, actions) = (limits::PASSED_BYTES >> 10, limits::ACTIONS);
    format!(
        "its answer, or a line that it logged, is larger than {most} KiB; an answer has at most \
         {actions} actions, or proposals"
    )
}

/// A line of a log, cut to what is kept of it. Control characters would let a guest forge lines, and a
/// database refuses the character zero.
pub fn log_line(level: &str, message: &str) -> String {
    let end = message.floor_char_boundary(limits::LOG_LINE_BYTES);
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let line = message[..end].chars().map(clean).collect::<String>();
    let cut = if end < message.len() { "…" } else { "" };
    format!("{level}: {line}{cut}")
}

fn effect(effect: guest::Effect) -> Checked<Effect> {
    Ok(match effect {
        guest::Effect::AwardPoints { points, reason } => {
            Effect::AwardPoints { points: positive(points)?, reason: self::reason(reason)? }
        }
        guest::Effect::DeductPoints { points, reason } => {
            Effect::DeductPoints { points: positive(points)?, reason: self::reason(reason)? }
        }
        guest::Effect::SendMessage { template, to, parameters } => {
            send_message(template, to, parameters)?
        }
        guest::Effect::SetTimer { key, due: at, data } => {
            Effect::SetTimer { key: timer_key(key)?, due: due(at)?, data: json("its data", &data)? }
        }
        guest::Effect::CancelTimer(key) => Effect::CancelTimer(timer_key(key)?),
        guest::Effect::PutRecord { key, data } => {
            Effect::PutRecord { key: record_key(key)?, data: json("its data", &data)? }
        }
        guest::Effect::SetState(state) => {
            Effect::SetState(state.map(|state| json("the state", &state)).transpose()?)
        }
        guest::Effect::SetValue { key, value } => Effect::SetValue {
            key: name("the value's key", key)?,
            value: value.map(|value| json("the value", &value)).transpose()?,
        },
        guest::Effect::RaiseEvent { name: event, data } => Effect::RaiseEvent {
            name: name("the event's name", event)?,
            data: json("its data", &data)?,
        },
        guest::Effect::AddTag(tag) => Effect::AddTag(self::tag(tag)?),
        guest::Effect::RemoveTag(tag) => Effect::RemoveTag(self::tag(tag)?),
        guest::Effect::Extension { name: extension } => {
            Effect::Extension { name: name("the extension's name", extension)? }
        }
    })
}

fn send_message(
    template: String,
    to: Recipient,
    parameters: Vec<(String, String)>,
) -> Checked<Effect> {
    Ok(Effect::SendMessage {
        template: name("its template", template)?,
        to: match to {
            Recipient::Member => Recipient::Member,
            Recipient::Contact(id) => Recipient::Contact(name("its contact", id)?),
        },
        parameters: self::parameters(parameters)?,
    })
}

fn reason(reason: Reason) -> Checked<Reason> {
    Ok(match reason {
        Reason::Text(said) => Reason::Text(text("its reason", said)?),
        Reason::Named { template, parameters } => Reason::Named {
            template: name("its reason's template", template)?,
            parameters: self::parameters(parameters)?,
        },
    })
}

fn tag(tag: String) -> Checked<String> {
    if is_slug(&tag) { Ok(tag) } else { Err(format!("the tag `{}`: {NO_SLUG}", shortened(&tag))) }
}

fn parameters(parameters: Vec<(String, String)>) -> Checked<Vec<(String, String)>> {
    at_most(limits::PARAMETERS, parameters.len(), "parameters")?;
    let parameter =
        |(key, value)| Ok((name("a parameter's name", key)?, text("a parameter's value", value)?));
    parameters.into_iter().map(parameter).collect()
}

fn timer_key(key: TimerKey) -> Checked<TimerKey> {
    Ok(TimerKey {
        name: name("its name", key.name)?,
        about: key.about.map(record_key).transpose()?,
        unique: key.unique,
    })
}

fn due(due: guest::Due) -> Checked<Due> {
    match due {
        guest::Due::At(microseconds) => {
            Timestamp::from_microsecond(microseconds).map(Due::At).map_err(|_| {
                format!("it is due outside the calendar: {microseconds} µs is outside the calendar")
            })
        }
        guest::Due::On(date) => match date.parse::<Date>() {
            // The parser takes more than the contract allows, a date and time for example.
            Ok(parsed) if parsed.to_string() == date => Ok(Due::On(parsed)),
            _ => Err(format!("it is due on `{}`, which is not a day", shortened(&date))),
        },
    }
}

fn record_key(key: RecordKey) -> Checked<RecordKey> {
    Ok(RecordKey {
        record_type: name("the record's type", key.record_type)?,
        external_id: name("the record's external id", key.external_id)?,
    })
}

/// JSON that a database can keep: bounded, and without the character zero.
fn json(what: &str, json: &str) -> Checked<Value> {
    if json.len() > limits::JSON_BYTES {
        let (has, most) = (json.len(), limits::JSON_BYTES);
        return Err(format!("{what} has {has} bytes; at most {most} are allowed"));
    }
    let value =
        serde_json::from_str(json).map_err(|error| format!("{what} is not JSON: {error}"))?;
    if has_nul(&value) { Err(format!("{what} contains the character U+0000")) } else { Ok(value) }
}

fn unique_key(keys: &mut HashSet<String>, place: &str, key: String) -> Checked<String> {
    let key = name("its key", key).map_err(|why| format!("{place}, {why}"))?;
    if keys.insert(key.clone()) {
        Ok(key)
    } else {
        Err(format!("{place}: its key is used twice in one answer"))
    }
}

fn positive(points: i64) -> Checked<i64> {
    if points >= 1 { Ok(points) } else { Err(format!("{points} points; at least 1 is required")) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Unique;

    fn refused(key: &str, effect: guest::Effect) -> String {
        actions(vec![guest::Action { key: key.to_owned(), effect }]).unwrap_err()
    }

    fn said(text: &str) -> Reason {
        Reason::Text(text.to_owned())
    }

    fn award(points: i64, reason: &str) -> guest::Effect {
        guest::Effect::AwardPoints { points, reason: said(reason) }
    }

    fn timer(due: guest::Due, data: &str) -> guest::Effect {
        let key = TimerKey { name: "late".to_owned(), about: None, unique: Unique::PerRecord };
        guest::Effect::SetTimer { key, due, data: data.to_owned() }
    }

    fn state(json: &str) -> guest::Effect {
        guest::Effect::SetState(Some(json.to_owned()))
    }

    fn message(parameters: usize, value: &str) -> guest::Effect {
        let parameter = |number| (format!("p{number}"), value.to_owned());
        guest::Effect::SendMessage {
            template: "t".to_owned(),
            to: Recipient::Member,
            parameters: (0..parameters).map(parameter).collect(),
        }
    }

    #[test]
    fn what_is_no_answer_is_refused_with_the_place() {
        let day = |day: &str| guest::Due::On(day.to_owned());
        for (effect, why) in [
            (award(0, "x"), "0 points; at least 1 is required"),
            (award(i64::MIN, "x"), "points; at least 1 is required"),
            (award(1, &"x".repeat(2049)), "its reason has 2049 bytes; at most 2048 are allowed"),
            (award(1, "a\0b"), "its reason contains the character U+0000"),
            (timer(guest::Due::At(i64::MAX), "null"), "it is due outside the calendar"),
            (timer(day("2026-02-30"), "null"), "it is due on `2026-02-30`, which is not a day"),
            (timer(day("2026-02-01T10:00"), "null"), "which is not a day"),
            (timer(day("2026-02-01"), "nonsense"), "its data is not JSON"),
            (state("{"), "the state is not JSON: EOF"),
            (state(r#"{"a\u0000":1}"#), "the state contains the character U+0000"),
            (state(&format!("\"{}\"", "x".repeat(65_535))), "the state has 65537 bytes"),
            (message(33, "v"), "33 parameters; at most 32 are allowed"),
            (message(1, &"v".repeat(2049)), "a parameter's value has 2049 bytes"),
        ] {
            let said = refused("k", effect);
            assert!(said.starts_with("action 1 (`k`), "), "{said}");
            assert!(said.contains(why), "{said}");
        }
        assert_eq!(refused("", award(1, "x")), "action 1 (``), its key is empty");
        assert!(refused(&"k".repeat(513), award(1, "x")).contains("its key has 513 bytes"));
    }

    #[test]
    fn what_is_just_within_the_bounds_is_an_answer() {
        let effects = [
            award(1, &"x".repeat(2048)),
            award(i64::MAX, ""),
            state(&format!("\"{}\"", "x".repeat(65_534))),
            message(32, &"v".repeat(2048)),
            timer(guest::Due::On("9999-12-31".to_owned()), "null"),
        ];
        let key = |(number, effect)| guest::Action { key: format!("{number}"), effect };
        assert_eq!(actions(effects.into_iter().enumerate().map(key).collect()).unwrap().len(), 5);
    }

    #[test]
    fn an_answer_has_at_most_so_many_items_each_under_a_key_of_its_own() {
        let many = |number: usize| (0..number).map(|number| (number.to_string(), award(1, "x")));
        let answer = |items: usize| {
            many(items).map(|(key, effect)| guest::Action { key, effect }).collect::<Vec<_>>()
        };
        assert_eq!(actions(answer(64)).unwrap().len(), 64);
        assert_eq!(actions(answer(65)).unwrap_err(), "65 actions; at most 64 are allowed");
        let twice = [answer(1), answer(1)].concat();
        let said = actions(twice).unwrap_err();
        assert_eq!(said, "action 2 (`0`): its key is used twice in one answer");
        let proposal = |points| guest::Proposal {
            key: "p".to_owned(),
            points,
            reason: Reason::Text(String::new()),
        };
        assert!(proposals(vec![proposal(1); 65]).unwrap_err().starts_with("65 proposals"));
        assert!(
            proposals(vec![proposal(1); 2]).unwrap_err().starts_with("proposal 2 (`p`): its key")
        );
        assert_eq!(
            proposals(vec![proposal(-5)]).unwrap_err(),
            "proposal 1 (`p`), -5 points; at least 1 is required"
        );
    }
}
