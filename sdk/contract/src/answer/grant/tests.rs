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
        (
            vec![deduct(10), deduct(21)],
            "the answer deducts 31 points, more than deducts-per-event-max, 30",
        ),
        (vec![deduct(i64::MAX), deduct(i64::MAX)], "points, more than deducts-per-event-max, 30"),
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
    let none = said("member-joined", deduct(1));
    assert!(none.contains("0: write `deducts-per-event-max` with as many under"), "{none}");
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
        (award(101), "the answer awards 101 points, more than points-per-event-max, 100"),
        (award(0), "action `k`: 0 points cannot be awarded"),
        (message("spam", Recipient::Member), "the manifest has no message template `spam`"),
        (
            message("hello", Recipient::Contact("con_2".to_owned())),
            "`con_2` is not a contact of this member that the plugin was shown",
        ),
        (put("machine", "m", json!({})), "does not ask to write records `machine`"),
        (put("offer", "o", json!({})), "the data of offer `o`: \"until\" is a required property"),
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
