//! What becomes of a plugin in the simulation, and whom it is asked about then.

use super::*;
use crate::{Actions, Context, Event, Failure, NoConfig, Plugin, PluginChanged};
use perennial_contract::Manifest;
use perennial_simulation::{Packaged, Scenario};
use serde_json::json;

/// Logs what it is told, and keeps something of whoever joins.
struct Listener;

impl Package for Listener {
    const MANIFEST: &str = r#"
id = "listener"
name = "Listener"
version = "1.1.0"
subscribes = ["member-joined", "plugin-changed", "record-put"]
capabilities = { timers = true }
config.properties.loud = { type = "boolean" }
[records.toy]
"#;
    const FOLDER: &str = "nowhere";
}

impl Plugin for Listener {
    type Config = crate::Json;

    fn on_event(cx: &Context<crate::Json>, event: &Event) -> Result<Actions, Failure> {
        let mut actions = Actions::new();
        match event {
            Event::PluginChanged(changed) => crate::log::info(said(cx, changed)),
            Event::MemberJoined(_) => actions.set_state(&"known"),
            Event::RecordPut(_) => drop(actions.timer("look").on(cx.today.plus_days(9)?)),
            _ => {}
        }
        Ok(actions)
    }
}

fn said(cx: &Context<crate::Json>, changed: &PluginChanged) -> String {
    let who = cx.member.as_ref().map_or("nobody", |member| &member.external_id);
    let toy = changed.record.as_ref().map_or("itself", |record| &record.external_id);
    let state = if cx.state.is_some() { "known" } else { "new" };
    let before = changed.version_before.as_deref().unwrap_or("nothing");
    format!("{:?} {} after {before}: {who}, {toy}, {state}", changed.change, changed.version)
}

fn two() -> Simulation<Listener> {
    let members = vec![person().called("ada"), person().called("bob")];
    Simulation::in_program(Program::default(), "2026-01-01", json!({}), members)
}

fn told(answers: Result<Vec<Answer>, Fault>) -> Vec<String> {
    answers.unwrap().into_iter().flat_map(|answer| answer.log).collect()
}

#[test]
fn an_enabling_is_about_everybody_and_all_else_about_those_whom_it_knows() {
    let mut simulation = two();
    assert_eq!(told(simulation.change(Change::Configured(json!({ "loud": true })))), [""; 0]);
    simulation.event("member-joined", json!({})).unwrap();
    let configured = simulation.change(Change::Configured(json!({ "loud": false })));
    assert_eq!(told(configured), ["info: Configured 1.1.0 after 1.1.0: ada, itself, known"]);

    simulation.turn_to("bob");
    simulation.put_record("toy", "t-1", json!({})).unwrap();
    let moved = told(simulation.change(Change::UpgradedFrom("1.0.0".to_owned())));
    assert_eq!(
        moved,
        [
            "info: Upgraded 1.1.0 after 1.0.0: bob, t-1, new",
            "info: Upgraded 1.1.0 after 1.0.0: ada, itself, known",
            "info: Upgraded 1.1.0 after 1.0.0: bob, itself, new",
        ]
    );
    let back = told(simulation.change(Change::RolledBackFrom("1.2.0".to_owned())));
    assert_eq!(back[0], "info: RolledBack 1.1.0 after 1.2.0: bob, t-1, new");
    assert_eq!(simulation.member().external_id, "bob", "it is about whom it was");
}

#[test]
fn what_is_left_out_is_told_nothing_and_asked_about_everybody_when_it_comes_back() {
    let mut simulation = two();
    simulation.put_record("toy", "t-1", json!({})).unwrap();
    simulation.change(Change::LeftOut).unwrap();
    assert!(!simulation.event("member-joined", json!({})).unwrap().is_delivered);
    let refused = simulation.put_record("toy", "t-2", json!({})).unwrap_err();
    assert_eq!(refused.message, "no plugin of this program declares the record type `toy`");
    simulation.advance_to("2026-02-01").unwrap();
    assert_eq!(simulation.timers().len(), 1, "its timers wait");
    let refused = simulation.change(Change::Configured(json!({}))).unwrap_err();
    assert_eq!(refused.message, "the program enables no plugin `listener`");
    let enabled = told(simulation.change(Change::Enabled));
    assert_eq!(
        enabled,
        [
            "info: Enabled 1.1.0 after 1.1.0: ada, t-1, new",
            "info: Enabled 1.1.0 after 1.1.0: ada, itself, new",
            "info: Enabled 1.1.0 after 1.1.0: bob, itself, new",
        ]
    );
    let refused = simulation.change(Change::Purged).unwrap_err();
    assert!(refused.message.starts_with("the program file names `listener`"), "{refused:?}");
    simulation.change(Change::LeftOut).unwrap();
    simulation.change(Change::Purged).unwrap();
    assert!(simulation.timers().is_empty());
    let anew = told(simulation.change(Change::Enabled));
    assert_eq!(anew[0], "info: Enabled 1.1.0 after nothing: ada, t-1, new");
}

#[test]
fn whoever_does_not_subscribe_is_not_asked() {
    struct Silent;
    impl Package for Silent {
        const MANIFEST: &str = "id = \"silent\"\nname = \"Silent\"\nversion = \"1.0.0\"";
        const FOLDER: &str = "nowhere";
    }
    impl Plugin for Silent {
        type Config = NoConfig;
    }
    let mut simulation = Simulation::<Silent>::new("2026-01-01", json!({}), person());
    let answers = simulation.change(Change::Enabled).unwrap();
    assert!(answers.iter().all(|answer| !answer.is_delivered));
    let misfit = simulation.change(Change::Configured(json!({ "loud": 1 }))).unwrap_err();
    assert!(misfit.message.starts_with("plugins.silent: "), "{misfit:?}");
}

#[test]
fn a_scenario_changes_the_plugin() {
    let (engine, manifest) = Native::<Listener>::package();
    let scenario = r#"
[[steps]]
change = "left-out"
[[steps]]
event = "member-joined"
expect.delivered = false
[[steps]]
change = "purged"
[[steps]]
change = "enabled"
expect.delivered = true
[[steps]]
change = "upgraded"
from = "1.0.0"
expect.delivered = false
[[steps]]
record = { type = "toy", id = "t-1" }
[[steps]]
change = "configured"
config = { loud = true }
expect = { delivered = true, timers = { look = "2026-01-10" } }
[[steps]]
change = "configured"
config = { loud = 7 }
expect.refused = "plugins.listener.loud: 7 is not of type"
[[steps]]
change = "rolled-back"
from = "2.0.0"
expect.delivered = true
"#;
    let scenario = Scenario::parse("s.toml", scenario).unwrap();
    let manifest = Manifest::parse(&manifest).unwrap();
    assert_eq!(scenario.run(engine, &manifest).differences, Vec::<String>::new());

    for (step, why) in [
        ("change = \"moved\"", "there is no change `moved`; known are left-out"),
        ("change = \"configured\"", "`change = \"configured\"` needs `config`"),
        ("change = \"upgraded\"", "`change = \"upgraded\"` needs `from`"),
        ("change = \"enabled\"\nfrom = \"1.0.0\"", "`from` goes with `change = \"upgraded\"`"),
        ("change = \"enabled\"\nconfig = {}", "`config` goes with `change = \"configured\"`"),
        ("view = true\nfrom = \"1.0.0\"", "`config` and `from` go with `change`"),
    ] {
        let said = Scenario::parse("s.toml", &format!("[[steps]]\n{step}")).unwrap_err();
        assert!(said.contains(why), "{step}: {said}");
    }
}
