//! What scenarios show of a plugin that has neighbours, words and slips of its own.

use super::*;
use crate::{Actions, Context, Event, Failure, NoConfig, Plugin, Reason, RecordKey};
use perennial_contract::Manifest;
use perennial_simulation::{Outcome, Packaged, Scenario};
use serde_json::json;

/// Looks after the coffee machines of somebody else.
struct Barista;

impl Package for Barista {
    const MANIFEST: &str = r#"
id = "barista"
name = "Barista"
version = "1.0.0"
subscribes = ["member-joined", "record-put", "tier-changed"]

[capabilities]
messages = true
timers = true
reads-records = ["machinery/equipment"]
writes-records = ["machinery/equipment"]
points-per-event-max = 100

[locales]
en = """
served = Served { $drink }
due =
    .subject = Due
    .body = It is due.
"""
de = """
served = { $drink } serviert
due =
    .subject = Fällig
    .body = Es ist fällig.
"""
"#;
    const FOLDER: &str = "nowhere";
}

impl Plugin for Barista {
    type Config = NoConfig;

    fn on_event(cx: &Context<NoConfig>, event: &Event) -> Result<Actions, Failure> {
        let mut actions = Actions::new();
        match event {
            Event::MemberJoined(_) => {
                actions.award_points(5, Reason::named("served").with("drink", "Espresso"));
                actions.award_points(3, "On the house").key("house");
            }
            Event::RecordPut(put) => {
                actions.timer("due").on(cx.today.plus_days(30)?).about(put.key());
                let late = cx.today.plus_days(-20)?;
                actions.timer("late").on(late);
            }
            Event::TierChanged(_) => {
                actions.cancel_timer("due");
                actions.cancel_timer("late").about(RecordKey::new("equipment", "press-7"));
                let served = json!({ "model": "Barista 9b" });
                actions.put_record("equipment", "press-7", &served);
            }
            Event::TimerFired(_) => drop(actions.message("due")),
            _ => {}
        }
        Ok(actions)
    }
}

const MACHINERY: &str = r#"
id = "machinery"
name = "Machinery"
version = "1.0.0"
[records.equipment]
required = ["model"]
"#;

fn run(scenario: &str) -> Outcome {
    let scenario = Scenario::parse("s.toml", scenario).unwrap();
    let (engine, manifest) = Native::<Barista>::package();
    scenario.run(&engine, &Manifest::parse(&manifest).unwrap())
}

fn beside_machinery() -> Simulation<Barista> {
    let mut simulation = Simulation::new("2026-03-01", json!({}), person().with_locale("de"));
    simulation.beside(MACHINERY);
    simulation
}

#[test]
fn the_reason_of_points_is_expected_as_the_member_reads_it() {
    let german =
        "[[members]]\nid = \"ada\"\nlocale = \"de-AT\"\n[[steps]]\nevent = \"member-joined\"\n";
    let right = r#"
expect.points = 8
expect.awards = [
    { points = 5, reason = "Espresso serviert" },
    { points = 3, key = "house", reason = "On the house" },
]
"#;
    assert_eq!(run(&format!("{german}{right}")), Outcome::default());
    let wrong = right.replace("Espresso serviert", "Served Espresso").replace("3, key", "4, key");
    let place = "s.toml, step 1 (line 4, event member-joined): ";
    assert_eq!(
        run(&format!("{german}{wrong}")).differences,
        [
            format!(
                "{place}award 1, reason: expected \"Served Espresso\", got \"Espresso serviert\""
            ),
            format!("{place}award 2, points: expected 4, got 3"),
        ]
    );
    let none = run(&format!("{german}expect.awards = []\n"));
    let got = "awards: expected 0, got 2: 5 for award-points, 3 for house";
    assert_eq!(none.differences, [format!("{place}{got}")]);

    let mut simulation = beside_machinery();
    simulation.event("member-joined", json!({})).unwrap();
    let awarded = &simulation.awarded()[0];
    assert_eq!((awarded.points, awarded.reason.as_str()), (5, "Espresso serviert"));
    assert_eq!(awarded.on.to_string(), "2026-03-01");
}

#[test]
fn a_plugin_beside_it_says_what_records_are() {
    let steps = r#"
[[beside]]
id = "machinery"
name = "Machinery"
version = "1.0.0"
records.equipment.required = ["model"]

[[steps]]
record = { type = "equipment", id = "press-7", data = { model = "Barista 9" } }
expect.delivered = true
expect.timers = { "due equipment/press-7" = "2026-01-31", late = "2025-12-12" }

[[steps]]
record = { type = "equipment", id = "press-8" }
expect.refused = "\"model\" is a required property"

[[steps]]
event = "tier-changed"
data = { to = "gold" }
expect.records = { "equipment/press-7" = { model = "Barista 9b" } }
"#;
    assert_eq!(run(steps).differences, [""; 0]);
    let (_, alone) = steps.split_once("[[steps]]").unwrap();
    let alone = run(&format!("[[steps]]{alone}"));
    assert!(alone.differences[0].contains("declares no record type `equipment`"), "{alone:?}");
    let other = steps.replace("records.equipment", "records.boat");
    let other = run(&other);
    assert!(other.differences[0].starts_with("s.toml, [[beside]]: plugins.barista: "), "{other:?}");
    let none = steps.replace("\"machinery\"", "\"Machinery\"");
    let none = Scenario::parse("s.toml", &none).unwrap_err();
    assert!(none.starts_with("s.toml, [[beside]] (line 2): id: \"Machinery\": use"), "{none}");
}

#[test]
fn what_the_platform_lets_pass_and_was_not_meant_is_warned_of() {
    let mut simulation = beside_machinery();
    let press = json!({ "model": "Barista 9" });
    simulation.put_record("equipment", "press-7", press).unwrap();
    assert_eq!(simulation.warnings(), [""; 0]);
    simulation.event("tier-changed", json!({ "to": "gold" })).unwrap();
    let cancels = "the plugin cancels the timer";
    assert_eq!(
        simulation.warnings(),
        [
            format!(
                "{cancels} `due`, and none waits under that; `due equipment/press-7` does: cancel \
                 that with the record behind it, `.about(…)`"
            ),
            format!(
                "{cancels} `late equipment/press-7`, and none waits under that; `late` does: cancel \
                 that without a record, which it is not about"
            ),
        ]
    );
    assert_eq!(simulation.timers().len(), 2, "it is no more than a warning");
}

/// Twenty days after its moment nobody wants to read it any more, as on the platform.
#[test]
fn a_message_whose_moment_has_passed_is_not_sent() {
    let mut simulation = beside_machinery();
    let press = json!({ "model": "Barista 9" });
    simulation.put_record("equipment", "press-7", press).unwrap();
    simulation.advance_to("2026-03-02").unwrap();
    assert!(simulation.sent().is_empty());
    let said = "the message `due` is not sent: its moment, 2026-02-09, is more than 7 days ago";
    assert_eq!(simulation.warnings(), [said]);
    simulation.advance_to("2026-04-01").unwrap();
    assert_eq!(simulation.sent().len(), 1);

    let steps = r#"
[[beside]]
id = "machinery"
name = "Machinery"
version = "1.0.0"
records.equipment = {}
[[steps]]
record = { type = "equipment", id = "press-7" }
[[steps]]
advance = "2026-01-02"
expect.messages = []
"#;
    let outcome = run(steps);
    assert_eq!(outcome.differences, [""; 0]);
    let said = "s.toml, step 2 (line 9, advance to 2026-01-02): the message `due` is not sent: its \
                moment, 2025-12-12, is more than 7 days ago";
    assert_eq!(outcome.warnings, [said]);
}
