//! Whether a plugin may have what it asks for, and what exactly that is: a message in the reader's
//! language, a timer at an instant. A plugin that asks for something that it may not have gets nothing
//! of that answer.

use super::{Action, Due, Effect, Proposal, Reason, Recipient, TimerKey};
use crate::call::RecordKey;
use crate::events::TIMER_FIRED;
use crate::manifest::{Capabilities, Filled, Manifest, Whose, unasked_for};
use crate::{limits, text, time};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

/// What an answer to an event is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    pub manifest: &'a Manifest,
    /// The manifests of the plugins beside it in the program: they say what their records are.
    pub others: &'a [&'a Manifest],
    pub readers: Readers<'a>,
    /// The contacts that the plugin was shown.
    pub contacts: &'a [Shown],
    /// The program's time zone.
    pub zone: &'a TimeZone,
    /// The event's name, and when it happened.
    pub event: &'a str,
    pub occurred_at: Timestamp,
}

/// In whose languages texts are.
#[derive(Clone, Copy, Debug)]
pub struct Readers<'a> {
    /// The member's.
    pub member: &'a str,
    /// The program's.
    pub program: &'a str,
}

/// A contact that the plugin was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub id: String,
    pub locale: String,
}

/// An effect that is the plugin's to have.
#[derive(Clone, Debug, PartialEq)]
pub enum Granted {
    Award {
        key: String,
        points: i64,
        reason: String,
    },
    Deduct {
        key: String,
        points: i64,
        reason: String,
    },
    Message {
        template: String,
        /// Which of the occasion's contacts receives it; none if it is the member.
        contact: Option<usize>,
        locale: String,
        subject: String,
        body: String,
        parameters: Vec<(String, String)>,
    },
    SetTimer {
        key: TimerKey,
        due: Timestamp,
        data: Value,
    },
    CancelTimer(TimerKey),
    Put {
        key: RecordKey,
        data: Value,
    },
    SetState(Option<Value>),
    SetValue {
        key: String,
        value: Option<Value>,
    },
    Raise {
        name: String,
        data: Value,
    },
    AddTag(String),
    RemoveTag(String),
}

/// Points that a plugin may propose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    pub key: String,
    pub points: i64,
    pub reason: String,
}

impl Granted {
    /// The record that it writes, or that it is about: it has to be the member's own.
    pub fn record(&self) -> Option<&RecordKey> {
        match self {
            Self::Put { key, .. } => Some(key),
            Self::SetTimer { key, .. } => key.about.as_ref(),
            _ => None,
        }
    }
}

/// Judges an answer. Fails with the first thing that the plugin may not have; what of it belongs to
/// somebody else only whoever has the records can say, with [`taken`].
pub fn grant(occasion: &Occasion<'_>, actions: Vec<Action>) -> Result<Vec<Granted>, String> {
    let mut granted = Vec::new();
    for Action { key, effect } in actions {
        let place = format!("action `{key}`");
        let one = effect_of(occasion, key, effect).map_err(|why| format!("{place}: {why}"))?;
        granted.push(one);
    }
    within_bounds(occasion.manifest, &granted)?;
    Ok(granted)
}

/// What holds of an answer as a whole.
fn within_bounds(manifest: &Manifest, granted: &[Granted]) -> Result<(), String> {
    let Capabilities { points_per_event_max, deducts_per_event_max, .. } = manifest.capabilities;
    let awarded = granted.iter().filter_map(|granted| match granted {
        Granted::Award { points, .. } => Some(*points),
        _ => None,
    });
    within(awarded, ("awards", "points-per-event-max", points_per_event_max))?;
    let deducted = granted.iter().filter_map(|granted| match granted {
        Granted::Deduct { points, .. } => Some(*points),
        _ => None,
    });
    within(deducted, ("deducts", "deducts-per-event-max", deducts_per_event_max))?;
    let count = |is_one: fn(&Granted) -> bool| granted.iter().filter(|one| is_one(one)).count();
    let raised = count(|one| matches!(one, Granted::Raise { .. }));
    if raised > limits::RAISED_EVENTS {
        let most = limits::RAISED_EVENTS;
        return Err(format!("the answer raises {raised} events; at most {most} are allowed"));
    }
    let tags = count(|one| matches!(one, Granted::AddTag(_) | Granted::RemoveTag(_)));
    if tags > limits::TAG_CHANGES {
        let most = limits::TAG_CHANGES;
        return Err(format!("the answer changes {tags} tags; at most {most} are allowed"));
    }
    Ok(())
}

/// Judges proposals: beyond the manifest's capability all of them are refused, because a plugin that
/// asks for more than it may is not to be trusted with the rest.
pub fn grant_proposals(
    manifest: &Manifest,
    readers: Readers<'_>,
    proposals: Vec<Proposal>,
) -> Result<Vec<Proposed>, String> {
    if let Some(wrong) = proposals.iter().find(|proposal| proposal.points < 1) {
        return Err(format!("the proposal `{}` is for {} points", wrong.key, wrong.points));
    }
    let maximum = manifest.capabilities.points_per_event_max;
    if exceeds(proposals.iter().map(|proposal| proposal.points), maximum) {
        return Err(format!("it proposes more than its points-per-event-max of {maximum}"));
    }
    let proposed = |Proposal { key, points, reason }: Proposal| {
        let reason = readers
            .read(manifest, reason)
            .map_err(|why| format!("the reason of the proposal `{key}`: {why}"))?;
        Ok(Proposed { key, points, reason })
    };
    proposals.into_iter().map(proposed).collect()
}

/// That a record is another member's.
pub fn taken(key: &RecordKey) -> String {
    format!("the {} `{}` is another member's", key.record_type, key.external_id)
}

fn effect_of(occasion: &Occasion<'_>, key: String, effect: Effect) -> Result<Granted, String> {
    match effect {
        Effect::AwardPoints { points, reason } => award(occasion, key, points, reason),
        Effect::DeductPoints { points, reason } => deduct(occasion, key, points, reason),
        Effect::SendMessage { template, to, parameters } => {
            message(occasion, template, &to, parameters)
        }
        Effect::SetTimer { key, due, data } => set_timer(occasion, key, &due, data),
        Effect::CancelTimer(key) => {
            require(occasion.manifest.capabilities.timers, "timers")?;
            Ok(Granted::CancelTimer(key))
        }
        Effect::PutRecord { key, data } => put(occasion, key, data),
        Effect::SetState(state) => set_state(state),
        Effect::SetValue { key, value } => Ok(Granted::SetValue { key, value }),
        Effect::RaiseEvent { name, data } => {
            occasion.manifest.check_event(&name, &data)?;
            Ok(Granted::Raise { name, data })
        }
        Effect::AddTag(tag) => {
            require(occasion.manifest.capabilities.tags, "tags")?;
            Ok(Granted::AddTag(tag))
        }
        Effect::RemoveTag(tag) => {
            require(occasion.manifest.capabilities.tags, "tags")?;
            Ok(Granted::RemoveTag(tag))
        }
        Effect::Extension { name } => Err(format!("this platform knows no effect `{name}`")),
    }
}

fn award(
    occasion: &Occasion<'_>,
    key: String,
    points: i64,
    reason: Reason,
) -> Result<Granted, String> {
    if points < 1 {
        return Err(format!("{points} points cannot be awarded"));
    }
    let reason = occasion.readers.read(occasion.manifest, reason)?;
    Ok(Granted::Award { key, points, reason })
}

/// Whether points come to no more than a key of the manifest allows.
fn within(
    points: impl Iterator<Item = i64>,
    (does, key, most): (&str, &str, i64),
) -> Result<(), String> {
    let (total, most) = (points.map(i128::from).sum::<i128>(), most.min(limits::POINTS));
    if total <= i128::from(most) {
        return Ok(());
    }
    let how = match most {
        0 => format!(": write `{key}` with as many under [capabilities] in plugin.toml"),
        _ => String::new(),
    };
    Err(format!("the answer {does} {total} points, more than {key}, {most}{how}"))
}

fn deduct(
    occasion: &Occasion<'_>,
    key: String,
    points: i64,
    reason: Reason,
) -> Result<Granted, String> {
    if points < 1 {
        return Err(format!("{points} points cannot be deducted"));
    }
    let reason = occasion.readers.read(occasion.manifest, reason)?;
    Ok(Granted::Deduct { key, points, reason })
}

impl Readers<'_> {
    /// A reason as the member reads it.
    fn read(self, manifest: &Manifest, reason: Reason) -> Result<String, String> {
        match reason {
            Reason::Text(said) => Ok(said),
            Reason::Named { template, parameters } => {
                manifest.reason(&template, &[self.member, self.program], &parameters)
            }
        }
    }
}

fn message(
    occasion: &Occasion<'_>,
    template: String,
    to: &Recipient,
    parameters: Vec<(String, String)>,
) -> Result<Granted, String> {
    require(occasion.manifest.capabilities.messages, "messages")?;
    let contact = match to {
        Recipient::Member => None,
        Recipient::Contact(id) => Some(contact(occasion, id)?),
    };
    let Readers { member, program } = occasion.readers;
    let reader = contact.map_or(member, |index| &occasion.contacts[index].locale);
    let locales = [reader, member, program];
    let filled = occasion.manifest.fill(&template, &locales, &parameters)?;
    let Filled { locale, subject, body } = filled;
    Ok(Granted::Message { contact, locale, subject, body, template, parameters })
}

fn contact(occasion: &Occasion<'_>, id: &str) -> Result<usize, String> {
    let found = occasion.contacts.iter().position(|contact| contact.id == id);
    found.ok_or_else(|| format!("`{id}` is not a contact of this member that the plugin was shown"))
}

fn set_timer(
    occasion: &Occasion<'_>,
    key: TimerKey,
    due: &Due,
    data: Value,
) -> Result<Granted, String> {
    require(occasion.manifest.capabilities.timers, "timers")?;
    if let Some(about) = &key.about
        && !occasion.manifest.is_shown(&about.record_type)
    {
        return Err(format!("the plugin is shown no records `{}`", about.record_type));
    }
    let due = due_at(occasion, due)?;
    Ok(Granted::SetTimer { key, due, data })
}

/// A timer that sets itself again takes its time, so that no plugin can keep a program from coming
/// to rest.
fn due_at(occasion: &Occasion<'_>, due: &Due) -> Result<Timestamp, String> {
    let due = match due {
        Due::At(instant) => *instant,
        Due::On(date) => time::start_of(*date, occasion.zone)?,
    };
    if occasion.event != TIMER_FIRED {
        return Ok(due);
    }
    let earliest = occasion.occurred_at.checked_add(limits::TIMER_STEP);
    Ok(due.max(earliest.unwrap_or(Timestamp::MAX)))
}

fn put(occasion: &Occasion<'_>, key: RecordKey, data: Value) -> Result<Granted, String> {
    if !text::is_identifier(&key.external_id) {
        return Err(format!("the record's external id: {}", text::no_identifier()));
    }
    let record_type = &key.record_type;
    let owner = match occasion.manifest.writes(record_type) {
        None => return Err(format!("the manifest does not ask to write records `{record_type}`")),
        Some(Whose::Own) => occasion.manifest,
        Some(Whose::Of(owner)) => beside(occasion, owner)?,
    };
    owner
        .check_record(record_type, &data)
        .map_err(|misfit| format!("the data of {record_type} `{}`: {misfit}", key.external_id))?;
    Ok(Granted::Put { key, data })
}

fn beside<'a>(occasion: &Occasion<'a>, id: &str) -> Result<&'a Manifest, String> {
    let found = occasion.others.iter().find(|other| other.id == id);
    found.copied().ok_or_else(|| format!("there is no plugin `{id}` beside it"))
}

fn set_state(state: Option<Value>) -> Result<Granted, String> {
    if state.as_ref().is_some_and(|state| state.to_string().len() > limits::JSON_BYTES) {
        return Err(format!("the state exceeds {} bytes", limits::JSON_BYTES));
    }
    Ok(Granted::SetState(state))
}

fn require(has: bool, capability: &str) -> Result<(), String> {
    if has { Ok(()) } else { Err(unasked_for(capability)) }
}

/// Whether points are more than a capability allows, or more than can be counted.
fn exceeds(points: impl Iterator<Item = i64>, maximum: i64) -> bool {
    let total = points.map(i128::from).sum::<i128>();
    total > i128::from(maximum.min(limits::POINTS))
}

#[cfg(test)]
mod tests;
