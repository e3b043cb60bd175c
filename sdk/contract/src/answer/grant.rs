//! Whether a plugin may have what it asks for, and what exactly that is: a message in the reader's
//! language, a timer at an instant. A plugin that asks for something that it may not have gets nothing
//! of that answer.

use super::{Action, Due, Effect, Proposal, Reason, Recipient, TimerKey};
use crate::call::RecordKey;
use crate::events::TIMER_FIRED;
use crate::manifest::{Filled, Manifest, Whose, unasked_for};
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
    let capabilities = &manifest.capabilities;
    let awards = granted.iter().filter_map(|granted| match granted {
        Granted::Award { points, .. } => Some(*points),
        _ => None,
    });
    let most = capabilities.points_per_event_max;
    if exceeds(awards, most) {
        return Err(format!("the answer awards more than points-per-event-max, {most}"));
    }
    let deducted = granted.iter().filter_map(|granted| match granted {
        Granted::Deduct { points, .. } => Some(*points),
        _ => None,
    });
    let most = capabilities.deducts_per_event_max;
    if exceeds(deducted, most) {
        return Err(format!("the answer deducts more than deducts-per-event-max, {most}"));
    }
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
mod tests {
    use super::*;
    use crate::answer::Unique;
    use serde_json::json;

    const MANIFEST: &str = r#"
id = "tea"
name = "Tea"
version = "1.0.0"
[capabilities]
messages = true
timers = true
writes-records = ["offer"]
points-per-event-max = 100
[records.offer]
required = ["until"]
[records.machine]
[messages.hello]
en = { subject = "Hello {name}", body = "It is {name}" }
de = { subject = "Hallo {name}", body = "Es ist {name}" }
"#;

    fn judge(manifest: &str, event: &str, effect: Effect) -> Result<Granted, String> {
        let manifest = Manifest::parse(manifest).unwrap();
        let contacts = [Shown { id: "con_1".to_owned(), locale: "de-AT".to_owned() }];
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let occasion = Occasion {
            manifest: &manifest,
            others: &[],
            readers: Readers { member: "pl", program: "en" },
            contacts: &contacts,
            zone: &zone,
            event,
            occurred_at: "2026-03-01T10:00:00Z".parse().unwrap(),
        };
        let actions = vec![Action { key: "k".to_owned(), effect }];
        grant(&occasion, actions).map(|mut granted| granted.remove(0))
    }

    fn allowed(effects: Vec<Effect>) -> Result<usize, String> {
        let manifest = format!(
            "{}events.overdue = {{ required = [\"days\"] }}\n",
            MANIFEST.replacen(
                "[capabilities]",
                "[capabilities]\ntags = true\ndeducts-per-event-max = 30",
                1
            )
        )
        .replacen("[records.offer]", "[records.offer]", 1);
        let manifest =
            Manifest::parse(&manifest.replace("events.overdue", "[events]\noverdue")).unwrap();
        let zone = TimeZone::UTC;
        let occasion = Occasion {
            manifest: &manifest,
            others: &[],
            readers: Readers { member: "pl", program: "en" },
            contacts: &[],
            zone: &zone,
            event: "member-joined",
            occurred_at: "2026-03-01T10:00:00Z".parse().unwrap(),
        };
        let action = |(index, effect): (usize, Effect)| Action { key: format!("k{index}"), effect };
        let actions = effects.into_iter().enumerate().map(action).collect();
        grant(&occasion, actions).map(|granted| granted.len())
    }

    #[test]
    fn what_is_taken_raised_and_tagged_has_bounds() {
        let deduct = |points| Effect::DeductPoints { points, reason: Reason::Text("x".to_owned()) };
        let raise = |name: &str, data: Value| Effect::RaiseEvent { name: name.to_owned(), data };
        let overdue = || raise("overdue", json!({ "days": 3 }));
        let tag = |number: usize| Effect::AddTag(format!("t{number}"));
        let untag = |number: usize| Effect::RemoveTag(format!("t{number}"));
        assert_eq!(allowed(vec![deduct(10), deduct(20), overdue(), tag(1), untag(2)]), Ok(5));
        assert_eq!(allowed(vec![overdue(); 8]), Ok(8));
        let tags = |added, removed| (0..added).map(tag).chain((0..removed).map(untag)).collect();
        assert_eq!(allowed(tags(10, 10)), Ok(20));
        for (effects, why) in [
            (vec![deduct(10), deduct(21)], "deducts more than deducts-per-event-max, 30"),
            (vec![deduct(i64::MAX), deduct(i64::MAX)], "deducts more than deducts-per-event-max"),
            (vec![overdue(); 9], "the answer raises 9 events; at most 8 are allowed"),
            (tags(10, 11), "the answer changes 21 tags; at most 20 are allowed"),
            (
                vec![raise("done", json!({}))],
                "action `k0`: plugin tea declares no event `done` under [events]",
            ),
            (
                vec![raise("overdue", json!({}))],
                "action `k0`: the data of the event `overdue`: \"days\" is a required property",
            ),
        ] {
            let said = allowed(effects).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
        for (effect, capability) in [(tag(1), "tags"), (untag(1), "tags")] {
            let said = said("member-joined", effect);
            assert!(said.contains(&format!("`{capability}`")), "{said}");
        }
        assert!(said("member-joined", deduct(1)).contains("deducts-per-event-max, 0"));
    }

    fn said(event: &str, effect: Effect) -> String {
        judge(MANIFEST, event, effect).unwrap_err()
    }

    fn message(template: &str, to: Recipient) -> Effect {
        let parameters = vec![("name".to_owned(), "Ada".to_owned())];
        Effect::SendMessage { template: template.to_owned(), to, parameters }
    }

    fn timer(due: Due) -> Effect {
        Effect::SetTimer { key: key(None), due, data: Value::Null }
    }

    fn key(about: Option<RecordKey>) -> TimerKey {
        TimerKey { name: "t".to_owned(), about, unique: Unique::PerRecord }
    }

    fn put(record_type: &str, id: &str, data: Value) -> Effect {
        let (record_type, external_id) = (record_type.to_owned(), id.to_owned());
        Effect::PutRecord { key: RecordKey { record_type, external_id }, data }
    }

    #[test]
    fn what_the_manifest_does_not_ask_for_is_refused() {
        let award = |points| Effect::AwardPoints { points, reason: Reason::Text(String::new()) };
        let about = Some(RecordKey { record_type: "boat".to_owned(), external_id: "b".to_owned() });
        let about_a_boat = Effect::SetTimer {
            key: key(about),
            due: Due::On("2026-05-01".parse().unwrap()),
            data: Value::Null,
        };
        for (effect, why) in [
            (award(101), "the answer awards more than points-per-event-max, 100"),
            (award(0), "action `k`: 0 points cannot be awarded"),
            (message("spam", Recipient::Member), "the manifest has no message template `spam`"),
            (
                message("hello", Recipient::Contact("con_2".to_owned())),
                "`con_2` is not a contact of this member that the plugin was shown",
            ),
            (put("machine", "m", json!({})), "does not ask to write records `machine`"),
            (
                put("offer", "o", json!({})),
                "the data of offer `o`: \"until\" is a required property",
            ),
            (put("offer", " o", json!({})), "the record's external id: use 1 to 128 printable"),
            (about_a_boat, "the plugin is shown no records `boat`"),
            (Effect::Extension { name: "fly".to_owned() }, "this platform knows no effect `fly`"),
        ] {
            let said = said("member-joined", effect);
            assert!(said.contains(why), "{said}");
        }
        let silent = "id = \"tea\"\nname = \"Tea\"\nversion = \"1.0.0\"\n";
        for (effect, capability) in [
            (message("hello", Recipient::Member), "messages"),
            (timer(Due::On("2026-05-01".parse().unwrap())), "timers"),
            (Effect::CancelTimer(key(None)), "timers"),
        ] {
            let said = judge(silent, "member-joined", effect).unwrap_err();
            let why = format!(
                "does not ask for the capability `{capability}`: write `{capability} = true` under \
                 [capabilities] in plugin.toml"
            );
            assert!(said.ends_with(&why), "{said}");
        }
    }

    #[test]
    fn a_message_is_in_the_readers_language_then_the_members_then_the_programs() {
        for (to, locale, subject) in [
            (Recipient::Contact("con_1".to_owned()), "de", "Hallo Ada"),
            (Recipient::Member, "en", "Hello Ada"),
        ] {
            let granted = judge(MANIFEST, "member-joined", message("hello", to)).unwrap();
            let Granted::Message { locale: its, subject: says, .. } = granted else {
                panic!("{granted:?}")
            };
            assert_eq!((its.as_str(), says.as_str()), (locale, subject));
        }
        let without = Effect::SendMessage {
            template: "hello".to_owned(),
            to: Recipient::Member,
            parameters: Vec::new(),
        };
        let said = said("member-joined", without);
        assert!(said.ends_with("the template needs a value for `{name}`"), "{said}");
    }

    /// A Russian program with Russian and English texts: nobody gets English whose own language is
    /// not there.
    #[test]
    fn the_programs_language_comes_before_english() {
        let manifest = MANIFEST.replacen(
            "[messages.hello]",
            "[messages.hello]\nru = { subject = \"Привет {name}\", body = \"Это {name}\" }",
            1,
        );
        let manifest = Manifest::parse(&manifest).unwrap();
        let contacts = [Shown { id: "con_1".to_owned(), locale: "tr".to_owned() }];
        let subject = |member: &str, program: &str, to: Recipient| {
            let occasion = Occasion {
                manifest: &manifest,
                others: &[],
                readers: Readers { member, program },
                contacts: &contacts,
                zone: &TimeZone::UTC,
                event: "member-joined",
                occurred_at: "2026-03-01T10:00:00Z".parse().unwrap(),
            };
            let action = Action { key: "k".to_owned(), effect: message("hello", to) };
            match grant(&occasion, vec![action]).unwrap().remove(0) {
                Granted::Message { subject, .. } => subject,
                other => panic!("{other:?}"),
            }
        };
        let contact = || Recipient::Contact("con_1".to_owned());
        assert_eq!(subject("ar", "ru-KZ", Recipient::Member), "Привет Ada");
        assert_eq!(subject("ar", "ru-KZ", contact()), "Привет Ada");
        assert_eq!(subject("de-AT", "ru-KZ", contact()), "Hallo Ada");
        assert_eq!(subject("ar", "tr", contact()), "Hello Ada");
    }

    #[test]
    fn a_day_begins_in_the_programs_zone_and_a_timer_set_by_one_takes_an_hour() {
        let due = |event: &str, due: Due| {
            let granted = judge(MANIFEST, event, timer(due)).unwrap();
            let Granted::SetTimer { due, .. } = granted else { panic!("{granted:?}") };
            due.to_string()
        };
        let day = Due::On("2026-06-01".parse().unwrap());
        assert_eq!(due("member-joined", day.clone()), "2026-05-31T22:00:00Z");
        assert_eq!(due("timer-fired", day), "2026-05-31T22:00:00Z");
        let soon = Due::At("2026-03-01T10:00:01Z".parse().unwrap());
        assert_eq!(due("member-joined", soon.clone()), "2026-03-01T10:00:01Z");
        assert_eq!(due("timer-fired", soon), "2026-03-01T11:00:00Z");
    }

    #[test]
    fn points_are_counted_together_and_never_overflow() {
        let manifest = Manifest::parse(MANIFEST).unwrap();
        let readers = Readers { member: "pl", program: "en" };
        let propose = |points: &[i64]| {
            let reason = || Reason::Text("For tea".to_owned());
            let proposal = |&points| Proposal { key: "p".to_owned(), points, reason: reason() };
            grant_proposals(&manifest, readers, points.iter().map(proposal).collect())
        };
        assert_eq!(propose(&[60, 40]).unwrap()[1].reason, "For tea");
        for wrong in [&[60, 41], &[i64::MAX, i64::MAX]] {
            let said = propose(wrong).unwrap_err();
            assert_eq!(said, "it proposes more than its points-per-event-max of 100");
        }
        let said = propose(&[0]).unwrap_err();
        assert_eq!(said, "the proposal `p` is for 0 points");
    }
}
