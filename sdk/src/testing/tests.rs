//! The simulation refuses what the platform refuses, and does what the platform does.

use super::*;
use crate::{
    Actions, Context, Event, Failure, Json, Member as Shown, Plugin, Purchase as Cart, Reason,
    Record, RecordKey,
};
use perennial_contract::Manifest;
use perennial_simulation::{Packaged, Scenario};
use serde_json::{Value, json};

/// Does what its configuration says.
struct Puppet;

#[derive(serde::Deserialize)]
struct Config {
    does: String,
}

impl Package for Puppet {
    const MANIFEST: &str = r#"
id = "puppet"
name = "Puppet"
version = "1.0.0"
subscribes = ["member-joined", "purchase-recorded", "record-put"]
hooks = ["appraise", "view"]

[capabilities]
messages = true
timers = true
purchases = true
balances = true
writes-records = ["toy"]
points-per-event-max = 100

[config]
type = "object"
additionalProperties = false
required = ["does"]
properties.does = { type = "string", default = "nothing" }

[records.toy]
required = ["made"]
properties.made = { type = "string", format = "date" }

[locales]
en = """
seen = Seen { NUMBER($times) } times
hello =
    .subject = Hello { $name }
    .body = { $name }
"""
de = """
seen = { NUMBER($times) } mal gesehen
hello =
    .subject = Hallo { $name }
    .body = { $name }
"""
"#;
    const FOLDER: &str = "nowhere";
}

impl Plugin for Puppet {
    type Config = Config;

    fn on_event(cx: &Context<Config>, event: &Event) -> Result<Actions, Failure> {
        let mut actions = Actions::new();
        match cx.config.does.as_str() {
            "award" => drop(actions.award_points(60, "x")),
            "award twice" => {
                actions.award_points(60, "x");
                actions.award_points(60, "x");
            }
            "award nothing" => drop(actions.award_points(0, "x")),
            "greet" => drop(actions.message("hello").with("name", "Ada")),
            "greet without a name" => drop(actions.message("hello")),
            "greet a stranger" => drop(actions.message("hello").to_contact("con_9")),
            "put" => drop(actions.put_record("toy", "t", &json!({ "made": "2026-02-28" }))),
            "put wrongly" => drop(actions.put_record("toy", "t", &json!({ "made": "2026-02-30" }))),
            "put a boat" => drop(actions.put_record("boat", "b", &json!({}))),
            "tick" => {
                actions.timer("tick").at(cx.now);
            }
            "repeat a key" => {
                actions.award_points(1, "x").key("k");
                actions.message("hello").with("name", "x").key("k");
            }
            "keep much" => actions.set_state(&"x".repeat(70_000)),
            "say too much" => {
                for number in 0..20 {
                    let data = json!({ "made": "2026-02-28", "more": "x".repeat(60_000) });
                    actions.put_record("toy", format!("t{number}"), &data);
                }
            }
            "do much" => (0..1000).for_each(|_| drop(actions.award_points(1, "x"))),
            "count" => {
                let count: u32 = cx.state_or_default()?;
                actions.set_state(&(count + 1));
            }
            "look up" => look_up(cx, &mut actions)?,
            "look up for ever" => while cx.value::<u32>("v")?.is_none() {},
            "look up a boat" => drop(cx.record(&RecordKey::new("boat", "b"))?),
            "set a timer for each" => {
                if let Event::RecordPut(put) = event {
                    actions.timer("check").on(cx.today.plus_days(1)?).about(put.key());
                }
            }
            "cancel a timer" => {
                if let Event::RecordPut(put) = event {
                    actions.timer("check").on(cx.today.plus_days(1)?).about(put.key());
                } else {
                    actions.cancel_timer("check").about(RecordKey::new("toy", "a"));
                    actions.cancel_timer("check");
                }
            }
            "refuse" => return Err(Failure::new("no-mood", "not today")),
            "panic" => panic!("the sky is falling"),
            "log" => (0..60).for_each(|_| crate::log::info(event.name())),
            _ => {}
        }
        Ok(actions)
    }

    fn appraise(
        cx: &Context<Config>,
        _: &Shown,
        _: &Cart,
    ) -> Result<Vec<crate::Proposal>, Failure> {
        Ok(match cx.config.does.as_str() {
            "propose" => vec![crate::Proposal::new(40, "fair")],
            "propose too much" => vec![crate::Proposal::new(101, "mine")],
            _ => Vec::new(),
        })
    }

    fn view(_: &Context<Config>, member: &Shown, records: &[Record]) -> Result<Json, Failure> {
        Ok(json!({ "tier": member.tier, "records": records.len() }).into())
    }
}

/// Logs what it finds.
fn look_up(cx: &Context<Config>, actions: &mut Actions) -> Result<(), Failure> {
    for toy in cx.records("toy") {
        let toy = toy?;
        crate::log::info(format!("toy {} {}", toy.external_id, toy.data));
    }
    let one = cx.record(&RecordKey::new("toy", "b"))?;
    crate::log::info(format!("one {:?}", one.map(|toy| toy.external_id)));
    for purchase in cx.purchases() {
        let purchase = purchase?;
        crate::log::info(format!("bought {} for {}", purchase.reference, purchase.total_minor));
    }
    for balance in cx.balances() {
        crate::log::info(format!("{} {}", balance.point_type, balance.points));
    }
    let times: u32 = cx.value_or_default("times")?;
    actions.set_value("times", &(times + 1));
    actions.award_points(7, Reason::named("seen").with("times", times));
    Ok(())
}

fn puppet(does: &str) -> Simulation<Puppet> {
    Simulation::new("2026-01-01", json!({ "does": does }), person())
}

fn said(does: &str) -> String {
    let mut simulation = puppet(does);
    let fault = simulation.event("member-joined", json!({})).unwrap_err();
    assert_eq!(simulation.points(), 0, "{does}");
    assert!(simulation.sent().is_empty() && simulation.state().is_none(), "{does}");
    fault.message
}

#[test]
fn what_the_platform_refuses_is_refused_in_its_words_and_has_no_effect() {
    for (does, why) in [
        ("award twice", "points, more than points-per-event-max, 100"),
        ("award nothing", "action 1 (`award-points`), 0 points; at least 1 is required"),
        ("greet without a name", "action `message:hello`: the template needs a value for `$name`"),
        ("greet a stranger", "`con_9` is not a contact of this member that the plugin was shown"),
        ("put wrongly", "the data of toy `t`: made: \"2026-02-30\" is not a \"date\""),
        ("put a boat", "the manifest does not ask to write records `boat`"),
        ("repeat a key", "action 2 (`k`): its key is used twice in one answer"),
        ("keep much", "the state has 70002 bytes; at most 65536 are allowed"),
        ("say too much", "its answer, or a line that it logged, is larger than 1024 KiB"),
        ("do much", "1000 actions; at most 64 are allowed"),
        ("refuse", "refused with `no-mood`: not today"),
        ("panic", "panicked: the sky is falling"),
    ] {
        let said = said(does);
        assert!(said.starts_with("plugin `puppet`, on-event: "), "{said}");
        assert!(said.contains(why), "{does}: {said}");
    }
}

#[test]
fn what_is_not_subscribed_to_is_not_delivered_and_what_there_is_none_of_is_refused() {
    let mut simulation = puppet("award");
    let answer = simulation.event("tier-changed", json!({ "to": "gold" })).unwrap();
    assert!(!answer.is_delivered && answer.is_empty());
    assert_eq!(simulation.points(), 0);
    let unknown = simulation.event("tier-chanced", json!({})).unwrap_err();
    let said = "there is no event `tier-chanced`; did you mean `tier-changed`?";
    assert_eq!(unknown.message, said);
    let unknown = simulation.event("birthday", json!({})).unwrap_err();
    assert!(unknown.message.starts_with("there is no event `birthday`; known are "), "{unknown}");
    let boat = simulation.put_record("boat", "b", json!({})).unwrap_err();
    assert!(boat.message.ends_with("plugin puppet declares no record type `boat`"), "{boat}");
    let toy = simulation.put_record("toy", "t", json!({ "made": "today" })).unwrap_err();
    assert_eq!(toy.message, "data.made: \"today\" is not a \"date\"");
}

#[test]
#[should_panic(expected = "plugins.puppet: there is no key `dose`; known are does")]
fn a_configuration_that_the_platform_would_not_take_begins_nothing() {
    Simulation::<Puppet>::new("2026-01-01", json!({ "dose": "award" }), person());
}

/// The schema's default is for readers: the platform fills in none.
#[test]
#[should_panic(expected = "\"does\" is a required property")]
fn no_default_of_a_schema_is_filled_in() {
    Simulation::<Puppet>::new("2026-01-01", json!({ "version": "1.0.0" }), person());
}

#[test]
fn messages_are_rendered_in_the_readers_language() {
    let ada = person().with_locale("de-CH");
    let mut simulation =
        Simulation::<Puppet>::new("2026-01-01", json!({ "does": "greet" }), ada.clone());
    simulation.event("member-joined", json!({})).unwrap();
    let sent = &simulation.sent()[0];
    assert_eq!((sent.locale.as_str(), sent.subject.as_str()), ("de", "Hallo Ada"));

    // Nothing in Polish: the program's language stands in for it.
    let program = Program::default().with_locale("de").in_zone("America/New_York");
    let members = vec![ada.with_locale("pl")];
    let mut simulation = Simulation::<Puppet>::in_program(
        program,
        "2026-01-01",
        json!({ "does": "greet" }),
        members,
    );
    simulation.event("member-joined", json!({})).unwrap();
    assert_eq!(simulation.sent()[0].locale, "de");
    assert_eq!(simulation.today().to_string(), "2026-01-01");
}

#[test]
fn a_timer_that_sets_itself_again_takes_an_hour() {
    let mut simulation = puppet("tick");
    simulation.event("member-joined", json!({})).unwrap();
    simulation.advance_to("2026-01-02").unwrap();
    // At midnight of the first day, then each hour: the last at midnight of the second.
    assert_eq!(simulation.timers_due()["tick"].to_string(), "2026-01-02T01:00:00Z");
}

#[test]
fn what_is_kept_is_kept_by_subject_and_a_record_has_one_owner() {
    let program = Program::default();
    let members = vec![person().called("ada"), person().called("bob")];
    let config = json!({ "does": "count" });
    let mut simulation = Simulation::<Puppet>::in_program(program, "2026-01-01", config, members);
    simulation.event("member-joined", json!({})).unwrap();
    simulation.put_record("toy", "t", json!({ "made": "2026-01-01" })).unwrap();
    simulation.put_record("toy", "t", json!({ "made": "2026-01-02" })).unwrap();
    assert_eq!(simulation.state(), Some(&json!(1)));
    assert_eq!(simulation.state_of("toy", "t"), Some(&json!(2)));
    simulation.turn_to("bob");
    assert_eq!(simulation.state(), None);
    let taken = simulation.put_record("toy", "t", json!({ "made": "2026-01-01" })).unwrap_err();
    assert_eq!(taken.message, "the toy `t` is another member's");
    assert_eq!(simulation.view().unwrap()["records"], 0);
}

#[test]
fn json_that_does_not_fit_is_named() {
    let read = Json::parse("the state of the member", "1").unwrap().read::<bool>().unwrap_err();
    assert!(read.message.starts_with("the state of the member: invalid type"), "{read}");
}

#[test]
fn a_purchase_is_appraised_and_gets_what_is_proposed() {
    let mut simulation = puppet("propose");
    let answer = simulation.purchase("2025-12-01", &[("TEA", 1, 590)]).unwrap();
    assert_eq!((answer.proposals.len(), simulation.points()), (1, 40));
    assert_eq!((simulation.member().points, simulation.member().purchases), (40, 1));
    let fault = puppet("propose too much").purchase("2026-01-01", &[("TEA", 1, 590)]).unwrap_err();
    assert!(
        fault.message.contains("appraise: it proposes more than its points-per-event-max of 100")
    );
    let later = simulation.purchase("2026-01-02", &[("TEA", 1, 590)]).unwrap_err();
    assert_eq!(later.message, "the purchase is of 2026-01-02, and today is 2026-01-01");
}

#[test]
fn the_log_is_bounded_as_the_platforms_is() {
    let mut simulation = puppet("log");
    let answer = simulation.event("member-joined", json!({})).unwrap();
    assert_eq!(answer.log.len(), 50);
    assert_eq!(logged().len(), 60);
}

fn run(scenario: &str) -> Vec<String> {
    let scenario = Scenario::parse("s.toml", scenario).unwrap();
    let (engine, manifest) = Native::<Puppet>::package();
    scenario.run(&engine, &Manifest::parse(&manifest).unwrap()).differences
}

#[test]
fn a_scenario_says_file_step_and_what_differs() {
    let differences = run(r#"
config.does = "award"

[[steps]]
event = "member-joined"
expect.points = 50
expect.messages = [{ template = "hello" }]
expect.state = { a = 1 }
expect.timers = { tick = "2026-01-02" }
expect.records = { "toy/t" = { made = "x" } }
expect.values = { times = 1 }

[[steps]]
event = "tier-changed"
expect.delivered = true
expect.refused = "no"

[[steps]]
view = true
expect.view = { records = 1 }
"#);
    let first = "s.toml, step 1 (line 4, event member-joined): ";
    let expected = [
        format!("{first}points: expected 50, got 60"),
        format!("{first}messages: expected 1, got 0: none"),
        format!("{first}timers: expected tick on 2026-01-02, got none"),
        format!("{first}records.\"toy/t\": expected {{\"made\":\"x\"}}, and there is none"),
        format!("{first}state: expected {{\"a\":1}}, and there is none"),
        format!("{first}values.\"times\": expected 1, and there is none"),
        "s.toml, step 2 (line 13, event tier-changed): refused: expected \"no\", and nothing was \
         refused"
            .to_owned(),
        "s.toml, step 2 (line 13, event tier-changed): delivered: expected true, got false"
            .to_owned(),
        "s.toml, step 3 (line 18, view): view: records: expected 1, got 0".to_owned(),
    ];
    assert_eq!(differences, expected);
}

#[test]
fn a_scenario_ends_where_something_is_refused_that_was_not_to_be() {
    let differences = run(r#"
config.does = "panic"
steps = [{ event = "member-joined", expect.points = 0 }, { view = true, expect.view = {} }]
"#);
    assert_eq!(differences.len(), 1);
    assert!(differences[0].contains("it was refused: plugin `puppet`, on-event: panicked"));
    let config = run("config.dose = 1\nsteps = [{ view = true, expect.view = {} }]");
    assert!(config[0].starts_with("s.toml, [config]: plugins.puppet: there is no key `dose`"));
    let expected = run(r#"
config.does = "refuse"
steps = [{ event = "member-joined", expect.refused = "not today", expect.points = 0 }]
"#);
    assert_eq!(expected, Vec::<String>::new());
}

#[test]
fn a_scenario_that_is_none_is_refused_with_the_place() {
    for (text, why) in [
        ("", "it expects nothing, so it shows nothing"),
        ("steps = [{ view = true }]", "it expects nothing"),
        ("steps = [{ view = true, expect = {} }]", "it expects nothing"),
        ("about = 7", "invalid type"),
        ("\n\nmembres = []", "at line 3"),
        ("[[steps]]\nview = true\nexpect.pionts = 1", "unknown field `pionts`"),
        ("[[steps]]\nview = true\nadvance = \"2026-01-02\"", "step 1 (line 1): say one of"),
        ("[[steps]]\nexpect.points = 1", "step 1 (line 1): say one of `event`"),
        ("[[steps]]\nadvance = \"tomorrow\"\nexpect.points = 1", "`tomorrow` is not a day"),
        ("[[steps]]\nadvance = 2026-02-30\nexpect.points = 1", "line 2"),
        ("[[steps]]\nview = true\nexpect.proposals = []", "only a `purchase` and a `quote`"),
        ("[[steps]]\nadvance = 2026-02-01\nexpect.view = {}", "only a step with `view = true`"),
        ("[[steps]]\nview = true\nmember = \"bob\"\nexpect.view = {}", "there is no member `bob`"),
        ("[[steps]]\nview = true\ndata = {}\nexpect.view = {}", "`data` goes with `event`"),
        (
            "program.zone = \"Mars\"\n[[steps]]\nview = true\nexpect.view = {}",
            "s.toml, line 1, program.zone: there is no time zone `Mars`",
        ),
    ] {
        let said = Scenario::parse("s.toml", text).unwrap_err();
        assert!(said.starts_with("s.toml"), "{said}");
        assert!(said.contains(why), "{text}: {said}");
    }
}

#[test]
#[should_panic(expected = "there is no scenario in nowhere/scenarios: write one")]
fn a_plugin_without_scenarios_is_told_to_have_some() {
    scenarios::<Puppet>();
}

#[test]
fn what_a_view_is_shown_is_the_newest_hundred() {
    let mut simulation = puppet("nothing");
    for number in 0..101 {
        let data: Value = json!({ "made": "2026-01-01" });
        simulation.put_record("toy", &format!("t{number}"), data).unwrap();
    }
    assert_eq!(simulation.view().unwrap(), json!({ "tier": null, "records": 100 }));
}

#[test]
fn a_plugin_looks_up_what_the_simulation_knows() {
    let mut simulation = puppet("look up");
    let toy = json!({ "made": "2026-02-28" });
    simulation.put_record("toy", "b", toy.clone()).unwrap();
    simulation.purchase("2026-01-01", &[("TEA", 1, 590)]).unwrap();
    simulation.put_record("toy", "a", toy).unwrap();
    logged();
    simulation.event("member-joined", json!({})).unwrap();
    assert_eq!(
        logged(),
        [
            "info: toy b {\"made\":\"2026-02-28\"}",
            "info: toy a {\"made\":\"2026-02-28\"}",
            "info: one Some(\"b\")",
            "info: bought P-2 for 590",
            "info: points 21",
        ]
    );
    assert_eq!(simulation.value("times"), Some(&json!(4)));
    assert_eq!(simulation.points(), 28);
}

#[test]
fn what_it_may_not_look_up_ends_the_call() {
    for (does, why) in [
        ("look up for ever", "on-event: it looks up more than 20 times in one call"),
        ("look up a boat", "on-event: it looks up records `boat`, and is shown none of these"),
    ] {
        let fault = puppet(does).event("member-joined", json!({})).unwrap_err();
        assert_eq!(fault.kind, FaultKind::NotAllowed);
        assert!(fault.message.ends_with(why), "{fault}");
    }
}

#[test]
fn each_record_has_timers_of_its_own() {
    let toy = json!({ "made": "2026-02-28" });
    for (does, left) in [
        ("set a timer for each", &["check toy/a", "check toy/b"][..]),
        ("cancel a timer", &["check toy/b"]),
    ] {
        let mut simulation = puppet(does);
        simulation.put_record("toy", "a", toy.clone()).unwrap();
        simulation.put_record("toy", "b", toy.clone()).unwrap();
        simulation.event("member-joined", json!({})).unwrap();
        assert_eq!(simulation.timers().into_keys().collect::<Vec<_>>(), left);
    }
}

#[test]
fn a_record_that_does_not_change_is_no_event() {
    let mut simulation = puppet("nothing");
    let mut put = |made: &str| {
        simulation.put_record("toy", "t-1", json!({ "made": made })).unwrap().is_delivered
    };
    assert!(put("2026-02-01") && !put("2026-02-01") && put("2026-02-02"));
}
