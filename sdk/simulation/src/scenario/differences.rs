//! What differs from what was expected.

use super::run::Brought;
use super::step::{Expected, ExpectedEvent, ExpectedMessage, ExpectedPoints};
use crate::{Engine, Raised, Recipient, Sent, Simulation};
use perennial_contract::time;
use serde_json::Value;
use std::collections::BTreeMap;

/// How the member stood before the step.
pub(super) struct Before {
    points: i64,
    sent: usize,
    awarded: usize,
    raised: usize,
}

impl Before {
    pub(super) fn of<E>(simulation: &Simulation<E>) -> Self {
        Self {
            points: simulation.points(),
            sent: simulation.sent().len(),
            awarded: simulation.awarded().len(),
            raised: simulation.raised().len(),
        }
    }
}

pub(super) fn differences<E: Engine>(
    expected: &Expected,
    simulation: &Simulation<E>,
    before: &Before,
    brought: &Brought,
) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(delivered) = expected.delivered {
        let was = brought.answers.iter().any(|answer| answer.is_delivered);
        all.extend(unequal("delivered", &delivered, &was));
    }
    if let Some(points) = expected.points {
        all.extend(unequal("points", &points, &(simulation.points() - before.points)));
    }
    if let Some(awards) = &expected.awards {
        let given = simulation.awarded()[before.awarded..].iter();
        let given: Vec<_> = given.map(|it| Given(&it.key, it.points, &it.reason)).collect();
        given_differ("award", awards, &given, &mut all);
    }
    if let Some(messages) = &expected.messages {
        messages_differ(messages, &simulation.sent()[before.sent..], &mut all);
    }
    if let Some(events) = &expected.events {
        events_differ(events, &simulation.raised()[before.raised..], &mut all);
    }
    if let Some(tags) = &expected.tags {
        let mut tags = tags.clone();
        tags.sort();
        let has = &simulation.member().tags;
        if tags != *has {
            let shown = |tags: &[String]| match tags.is_empty() {
                true => "none".to_owned(),
                false => tags.join(", "),
            };
            all.push(format!("tags: expected {}, got {}", shown(&tags), shown(has)));
        }
    }
    if let Some(timers) = &expected.timers {
        all.extend(unequal(
            "timers",
            &shown_timers(timers),
            &shown_timers(&due(simulation, timers)),
        ));
    }
    for (name, record) in expected.records.iter().flatten() {
        let found = named(name).and_then(|(of, id)| simulation.record(of, id));
        all.extend(json_differs(&format!("records.\"{name}\""), record, found));
    }
    if let Some(state) = &expected.state {
        all.extend(json_differs("state", state, simulation.state()));
    }
    for (name, state) in expected.states.iter().flatten() {
        let found = named(name).and_then(|(of, id)| simulation.state_of(of, id));
        all.extend(json_differs(&format!("states.\"{name}\""), state, found));
    }
    for (key, value) in expected.values.iter().flatten() {
        all.extend(json_differs(&format!("values.\"{key}\""), value, simulation.value(key)));
    }
    if let Some(proposals) = &expected.proposals {
        let made = brought.answers.iter().flat_map(|answer| &answer.proposals);
        let made: Vec<_> = made.map(|it| Given(&it.key, it.points, &it.reason)).collect();
        given_differ("proposal", proposals, &made, &mut all);
    }
    if let Some(view) = &expected.view {
        all.extend(json_differs("view", view, brought.view.as_ref()));
    }
    all
}

fn unequal<T: PartialEq + std::fmt::Display>(what: &str, expected: &T, got: &T) -> Option<String> {
    (expected != got).then(|| format!("{what}: expected {expected}, got {got}"))
}

fn messages_differ(expected: &[ExpectedMessage], sent: &[Sent], all: &mut Vec<String>) {
    if expected.len() != sent.len() {
        let templates: Vec<_> = sent.iter().map(|sent| sent.template.as_str()).collect();
        let got = if templates.is_empty() { "none".to_owned() } else { templates.join(", ") };
        all.push(format!("messages: expected {}, got {}: {got}", expected.len(), sent.len()));
        return;
    }
    for (index, (expected, sent)) in expected.iter().zip(sent).enumerate() {
        let to = match &sent.to {
            Recipient::Member => "member",
            Recipient::Contact(id) => id,
        };
        let on = sent.on.to_string();
        let expected_on = expected.on.map(|on| on.0.to_string());
        let parts = [
            ("template", Some(&expected.template), sent.template.as_str()),
            ("to", expected.to.as_ref(), to),
            ("locale", expected.locale.as_ref(), sent.locale.as_str()),
            ("subject", expected.subject.as_ref(), sent.subject.as_str()),
            ("body", expected.body.as_ref(), sent.body.as_str()),
            ("on", expected_on.as_ref(), on.as_str()),
        ];
        for (part, expected, got) in parts {
            if let Some(expected) = expected.filter(|expected| *expected != got) {
                let number = index + 1;
                all.push(format!("message {number}, {part}: expected {expected:?}, got {got:?}"));
            }
        }
    }
}

fn events_differ(expected: &[ExpectedEvent], raised: &[Raised], all: &mut Vec<String>) {
    let names =
        |names: Vec<&str>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let wanted = names(expected.iter().map(|event| event.name.as_str()).collect());
    let got = names(raised.iter().map(|event| event.name.as_str()).collect());
    if wanted != got {
        all.push(format!("events: expected {wanted}, got {got}"));
        return;
    }
    for (index, (expected, raised)) in expected.iter().zip(raised).enumerate() {
        let what = format!("event {} (`{}`), data", index + 1, raised.name);
        let data = expected.data.as_ref();
        all.extend(data.and_then(|data| json_differs(&what, data, Some(&raised.data))));
    }
}

/// An award, or a proposal: its key, points and reason.
struct Given<'a>(&'a str, i64, &'a str);

fn given_differ(what: &str, expected: &[ExpectedPoints], got: &[Given<'_>], all: &mut Vec<String>) {
    if expected.len() != got.len() {
        let (wanted, number) = (expected.len(), got.len());
        let got = got.iter().map(|Given(key, points, _)| format!("{points} for {key}"));
        let got = got.collect::<Vec<_>>().join(", ");
        let got = if got.is_empty() { "none".to_owned() } else { got };
        all.push(format!("{what}s: expected {wanted}, got {number}: {got}"));
        return;
    }
    for (index, (expected, Given(key, points, reason))) in expected.iter().zip(got).enumerate() {
        let place = |part: &str| format!("{what} {}, {part}", index + 1);
        all.extend(unequal(&place("points"), &expected.points, points));
        let texts = [("key", &expected.key, key), ("reason", &expected.reason, reason)];
        for (part, expected, got) in texts {
            if let Some(expected) = expected.as_ref().filter(|expected| expected != got) {
                all.push(format!("{}: expected {expected:?}, got {got:?}", place(part)));
            }
        }
    }
}

/// The timers that wait, each as the expectation writes it: as an instant where it does, else as a day
/// if it is due at the beginning of one.
fn due<E>(
    simulation: &Simulation<E>,
    expected: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let zone = &simulation.program().zone;
    let shown = |(name, due): (String, jiff::Timestamp)| {
        let day = time::date_in(due, zone);
        let is_start = time::start_of(day, zone) == Ok(due);
        let as_instant = expected.get(&name).is_some_and(|expected| expected.contains('T'));
        let due = if is_start && !as_instant { day.to_string() } else { due.to_string() };
        (name, due)
    };
    simulation.timers_due().into_iter().map(shown).collect()
}

fn shown_timers(timers: &BTreeMap<String, String>) -> String {
    if timers.is_empty() {
        return "none".to_owned();
    }
    timers.iter().map(|(name, due)| format!("{name} on {due}")).collect::<Vec<_>>().join(", ")
}

/// A record's type and id.
fn named(name: &str) -> Option<(&str, &str)> {
    name.split_once('/')
}

/// TOML has no null: a field that is null is one that is not expected.
fn json_differs(what: &str, expected: &toml::Value, got: Option<&Value>) -> Option<String> {
    let got = got.map(|got| without_null(got.clone()));
    if *expected == toml::Value::Boolean(false) {
        return got.map(|got| format!("{what}: expected none, got {got}"));
    }
    let expected = match serde_json::to_value(expected) {
        Ok(expected) => expected,
        Err(error) => return Some(format!("{what}: {error}")),
    };
    match got {
        None => Some(format!("{what}: expected {expected}, and there is none")),
        Some(got) if got == expected => None,
        Some(got) => Some(format!("{what}: {}", first_difference("", &expected, &got))),
    }
}

/// The first place at which two values differ, so that nobody has to look for it in both.
fn first_difference(at: &str, expected: &Value, got: &Value) -> String {
    let inner = |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
    match (expected, got) {
        (Value::Object(wanted), Value::Object(found)) => {
            let mut keys = wanted.keys().chain(found.keys());
            let differs = |key: &&String| wanted.get(*key) != found.get(*key);
            match keys.find(differs) {
                Some(key) => match (wanted.get(key), found.get(key)) {
                    (Some(wanted), Some(found)) => first_difference(&inner(key), wanted, found),
                    (Some(wanted), None) => {
                        format!("{}: expected {wanted}, and it is not there", inner(key))
                    }
                    (_, found) => {
                        let found = found.unwrap_or(&Value::Null);
                        format!("{}: expected nothing, got {found}", inner(key))
                    }
                },
                None => String::new(),
            }
        }
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => {
            let mut pairs = wanted.iter().zip(found).enumerate();
            match pairs.find(|(_, (wanted, found))| wanted != found) {
                Some((index, (wanted, found))) => {
                    first_difference(&inner(&index.to_string()), wanted, found)
                }
                None => String::new(),
            }
        }
        _ if at.is_empty() => format!("expected {expected}, got {got}"),
        _ => format!("{at}: expected {expected}, got {got}"),
    }
}

fn without_null(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key, without_null(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_null).collect()),
        other => other,
    }
}
