//! A plugin that does whatever its configuration says that a plugin must not do; for tests of the
//! platform's limits.

mod diligence;
mod raw;
mod sociable;

use perennial_sdk::{
    Actions, CenterQuery, Context, Date, Event, Failure, Json, Member, Plugin, Proposal, Purchase, Record, RecordKey, Timestamp,
    json, log,
};
use std::hint::black_box;

struct Hostile;

#[derive(serde::Deserialize)]
struct Config {
    mode: String,
    /// Of another member.
    contact: Option<String>,
}

impl Plugin for Hostile {
    type Config = Config;

    fn on_event(cx: &Context<Config>, event: &Event) -> Result<Actions, Failure> {
        misbehave(&cx.config.mode)?;
        pry(cx)?;
        over_one_datum(&cx.config.mode, event)?;
        misread(cx, event)?;
        let mut actions = Actions::new();
        match cx.config.mode.as_str() {
            "diligent" => diligence::answer(cx, event, &mut actions)?,
            "sociable" => sociable::answer(cx, event, &mut actions)?,
            _ => answer(&mut actions, &cx.config),
        }
        know_buyers(&mut actions, &cx.config.mode, event)?;
        log::info(format!("handled {}", event.name()));
        Ok(actions)
    }

    fn appraise(
        cx: &Context<Config>,
        _: &Member,
        bought: &Purchase,
    ) -> Result<Vec<Proposal>, Failure> {
        misbehave(&cx.config.mode)?;
        pry(cx)?;
        let is_bad = bought.lines.iter().any(|line| line.sku == "BAD");
        if is_bad && cx.config.mode == "appraise-no-bad" {
            return Err(Failure::new("bad-goods", "I know no BAD"));
        }
        Ok(match cx.config.mode.as_str() {
            "negative-points" => vec![Proposal::new(-5, "mine")],
            "too-many-points" => vec![Proposal::new(i64::MAX, "mine")],
            "duplicate-key" => vec![Proposal::new(1, "mine").key("k"); 2],
            "too-many-actions" => vec![Proposal::new(1, "mine"); 1000],
            _ => vec![Proposal::new(1, "fair")],
        })
    }

    fn view(cx: &Context<Config>, _: &Member, _: &[Record]) -> Result<Json, Failure> {
        misbehave(&cx.config.mode)?;
        pry(cx)?;
        Ok(match cx.config.mode.as_str() {
            "zero-character" => json!({ "text": "a\0b" }).into(),
            "large-json" => json!("x".repeat(100_000)).into(),
            _ => json!({ "mode": cx.config.mode }).into(),
        })
    }
}

/// Keeps something of whoever buys, or wakes up for them.
fn know_buyers(actions: &mut Actions, mode: &str, event: &Event) -> Result<(), Failure> {
    let Event::PurchaseRecorded(bought) = event else { return Ok(()) };
    match mode {
        "remember-buyers" => actions.set_state(&bought.reference),
        "wake-for-buyers" => drop(actions.timer("wake").on(bought.purchased_on.plus_days(3650)?)),
        _ => {}
    }
    Ok(())
}

/// What goes wrong before there is an answer.
fn misbehave(mode: &str) -> Result<(), Failure> {
    match mode {
        "loop" => loop {
            black_box(());
        },
        "allocate" => {
            let mut kept = Vec::new();
            loop {
                kept.push(black_box(vec![1_u8; 1 << 20]));
            }
        }
        "trap" => panic!("the sky is falling"),
        "trap-behind-its-log" => {
            (0..60).for_each(|_| log::error("again"));
            panic!("the sky is falling");
        }
        "clock" => drop(black_box(std::time::SystemTime::now())),
        "recurse" => {
            black_box(recurse(1));
        }
        "flood-log" => (0..1_000_000).for_each(|_| log::warn("again ".repeat(1000))),
        "refuse" => return Err(Failure::new("no-mood", "not today")),
        _ => {}
    }
    Ok(())
}

/// Look-ups that are too many, or none of its business.
fn pry(cx: &Context<Config>) -> Result<(), Failure> {
    match cx.config.mode.as_str() {
        "look-up-flood" => while cx.value::<u8>("never")?.is_none() {},
        "look-up-unshown" => drop(cx.record(&RecordKey::new("equipment", "1"))?),
        "look-up-purchases" => drop(cx.purchases().next()),
        "look-up-centers" => drop(cx.centers(&CenterQuery::new(), 1)),
        _ => {}
    }
    Ok(())
}

/// What goes wrong over one datum only.
fn over_one_datum(mode: &str, event: &Event) -> Result<(), Failure> {
    let Event::PurchaseRecorded(bought) = event else { return Ok(()) };
    let is_bad = bought.lines.iter().any(|line| line.sku == "BAD");
    match mode {
        "refuse-bad" if is_bad => Err(Failure::new("bad-goods", "I know no BAD")),
        "trap-bad" if is_bad => panic!("BAD is bad"),
        _ => Ok(()),
    }
}

/// What does not fit the type that it is read as.
fn misread(cx: &Context<Config>, event: &Event) -> Result<(), Failure> {
    match (cx.config.mode.as_str(), event) {
        ("misread-state", _) => cx.state::<bool>().map(drop),
        ("misread-record", Event::RecordPut(put)) => put.data.read::<bool>().map(drop),
        ("misread-timer", Event::TimerFired(fired)) => fired.data.read::<bool>().map(drop),
        _ => Ok(()),
    }
}

/// Answers that are none, or that ask for what is not granted.
fn answer(actions: &mut Actions, config: &Config) {
    match config.mode.as_str() {
        "too-many-actions" => {
            for _ in 0..65 {
                actions.award_points(1, "mine");
            }
        }
        "far-too-many-actions" => {
            for _ in 0..1000 {
                actions.award_points(1, "mine");
            }
        }
        "duplicate-key" => {
            actions.award_points(1, "mine").key("k");
            actions.message("greeting").key("k");
        }
        "empty-key" => actions.award_points(1, "mine").key(""),
        "negative-points" => drop(actions.award_points(-5, "mine")),
        "too-many-points" => drop(actions.award_points(i64::MAX, "mine")),
        "deduct" => drop(actions.deduct_points(1, "mine")),
        "award-then-deduct" => {
            actions.award_points(5, "first");
            actions.deduct_points(8, "then");
        }
        "deduct-then-award" => {
            actions.deduct_points(8, "first");
            actions.award_points(3, "then");
        }
        "deduct-twice" => {
            actions.deduct_points(8, "first");
            actions.deduct_points(8, "then");
        }
        "crowd" => {
            actions.add_tag("one-more");
            actions.add_tag("two-more");
            actions.remove_tag("t0-0");
        }
        "deduct-nothing" => drop(actions.deduct_points(0, "mine")),
        "raise" => drop(actions.raise("sighed", &json!({}))),
        "tag" => drop(actions.add_tag("mine")),
        "untag" => drop(actions.remove_tag("vip")),
        "no-tag" => drop(actions.add_tag("Much too Loud")),
        "unknown-template" => drop(actions.message("spam")),
        "foreign-record" => drop(actions.put_record("equipment", "1", &json!({}))),
        "machine" => drop(actions.put_record("machine", "m-1", &json!({ "hours": 7 }))),
        "machine-without-hours" => drop(actions.put_record("machine", "m-1", &json!({}))),
        "timer-about-a-machine" => {
            let spring = Date::new(2026, 3, 1).expect("it is a day");
            actions.timer("wake").on(spring).about(RecordKey::new("machine", "m-1"));
        }
        "long-record-id" => drop(actions.put_record("toy", "x".repeat(129), &json!({}))),
        "template-bomb" => drop(actions.message("bomb").with("x", "x".repeat(2000))),
        "record-of-another" => drop(actions.put_record("toy", "theirs", &json!({}))),
        "timer-about-record-of-another" => {
            let spring = Date::new(2026, 3, 1).expect("it is a day");
            actions.timer("wake").on(spring).about(RecordKey::new("toy", "theirs"));
        }
        "contact-of-another" => {
            let contact = config.contact.as_deref().unwrap_or("con_of_another");
            actions.message("greeting").to_contact(contact);
        }
        "cancel-timer-of-another" => drop(actions.cancel_timer("silence")),
        "foreign-contact" => drop(actions.message("greeting").to_contact("con_of_somebody_else")),
        "zero-character" => actions.set_state(&"a\0b"),
        "large-json" => actions.set_state(&"x".repeat(100_000)),
        "long-reason" => drop(actions.award_points(1, "x".repeat(10_000))),
        "huge-output" => {
            for _ in 0..20 {
                actions.put_record("toy", "1", &"x".repeat(60_000));
            }
        }
        "outside-calendar" => drop(actions.timer("late").on(Date::MAX)),
        "timer-storm" => {
            for number in 0..60 {
                actions.timer(format!("timer-{number}")).at(Timestamp::UNIX_EPOCH);
            }
        }
        _ => drop(actions.award_points(1, "fair")),
    }
}

#[expect(unconditional_recursion, reason = "that is the point")]
fn recurse(depth: u64) -> u64 {
    black_box(depth) + recurse(black_box(depth + 1))
}
