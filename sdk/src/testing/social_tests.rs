//! What a plugin takes, raises, tags and finds, in the simulation.

use super::*;
use crate::{Actions, CenterQuery, Context, Event, Failure, NoConfig, Plugin, Position};
use perennial_contract::Manifest;
use perennial_simulation::{Outcome, Packaged, Scenario};
use serde_json::json;

/// Takes a fee over a purchase, calls members by tags, raises an event and answers another's.
struct Clerk;

impl Package for Clerk {
    const MANIFEST: &str = r#"
id = "clerk"
name = "Clerk"
version = "1.0.0"
subscribes = ["member-joined", "purchase-recorded", "member-tagged", "machinery/overdue"]
[capabilities]
directory = true
tags = true
points-per-event-max = 10
deducts-per-event-max = 20
[events.charged]
required = ["fee"]
"#;
    const FOLDER: &str = "nowhere";
}

impl Plugin for Clerk {
    type Config = NoConfig;

    fn on_event(cx: &Context<NoConfig>, event: &Event) -> Result<Actions, Failure> {
        let mut actions = Actions::new();
        match event {
            Event::MemberJoined(_) => {
                let home = Position { latitude: 52_520_000, longitude: 13_405_000 };
                let query = CenterQuery::new().near(home).speaking(&cx.member()?.locale);
                for center in cx.centers(&query, 2) {
                    actions.add_tag(format!("near-{}", center.external_id));
                }
            }
            Event::PurchaseRecorded(_) => {
                actions.deduct_points(20, "A fee");
                actions.remove_tag("new");
                actions.raise("charged", &json!({ "fee": 20 }));
            }
            Event::PluginEvent(raised) if cx.member()?.has_tag("vip") => {
                actions.award_points(raised.data.read::<Days>()?.days, "Sorry");
            }
            _ => {}
        }
        Ok(actions)
    }
}

#[derive(serde::Deserialize)]
struct Days {
    days: i64,
}

const FIRST: &str = r#"
[[beside]]
id = "machinery"
name = "Machinery"
version = "1.0.0"
events.overdue = { required = ["days"] }
[[members]]
id = "ada"
locale = "de-AT"
points = 30
tags = ["vip", "new"]
[[centers]]
id = "wien"
languages = ["de"]
distance_metres = 500000
[[centers]]
id = "berlin"
languages = ["de"]
distance_metres = 100
[[centers]]
id = "warszawa"
languages = ["pl"]
distance_metres = 1
"#;

fn run(steps: &str) -> Outcome {
    let scenario = Scenario::parse("s.toml", &format!("{FIRST}{steps}")).unwrap();
    let (engine, manifest) = Native::<Clerk>::package();
    scenario.run(&engine, &Manifest::parse(&manifest).unwrap())
}

#[test]
fn a_scenario_says_what_is_taken_raised_and_tagged() {
    let right = r#"
[[steps]]
event = "member-joined"
expect.tags = ["new", "near-berlin", "near-wien", "vip"]
[[steps]]
purchase.lines = []
expect.points = -20
expect.awards = [{ points = -20, key = "deduct-points", reason = "A fee" }]
expect.events = [{ name = "charged", data = { fee = 20 } }]
expect.tags = ["near-berlin", "near-wien", "vip"]
[[steps]]
purchase.lines = []
expect.points = -10
[[steps]]
purchase.lines = []
expect.awards = []
[[steps]]
event = "machinery/overdue"
data = { days = 3 }
expect.delivered = true
expect.points = 3
[[steps]]
event = "machinery/overdue"
expect.refused = "the data of the event `overdue`: \"days\" is a required property"
[[steps]]
event = "machinery/broken"
expect.refused = "plugin machinery declares no event `broken`"
[[steps]]
event = "nobody/knows"
expect.refused = "there is no plugin `nobody` beside it"
"#;
    assert_eq!(run(right), Outcome::default());
    let wrong = r#"
[[steps]]
purchase.lines = []
expect.tags = []
expect.events = [{ name = "charged", data = { fee = 30 } }]
[[steps]]
event = "member-joined"
expect.events = [{ name = "charged" }]
"#;
    let said = run(wrong).differences;
    let expected = [
        "s.toml, step 1 (line 25, purchase): event 1 (`charged`), data: fee: expected 30, got 20",
        "s.toml, step 1 (line 25, purchase): tags: expected none, got vip",
        "s.toml, step 2 (line 29, event member-joined): events: expected charged, got none",
    ];
    assert_eq!(said, expected);
}

#[test]
fn what_is_taken_and_raised_shows_in_a_test() {
    let mut simulation =
        Simulation::<Clerk>::new("2026-03-01", json!({}), person().with_points(5).with_tag("new"));
    simulation.beside("id = \"machinery\"\nname = \"M\"\nversion = \"1.0.0\"\n[events.overdue]\n");
    simulation.purchase("2026-03-01", &[("TEA", 1, 590)]).unwrap();
    assert_eq!((simulation.points(), simulation.member().points), (-5, 0));
    assert_eq!(simulation.raised()[0].name, "charged");
    assert!(simulation.member().tags.is_empty());
}
