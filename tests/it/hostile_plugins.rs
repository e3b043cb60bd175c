//! Plugins that loop, allocate, trap or lie: each of them stands still over that member, with the
//! reason, and the others continue.

use crate::support::{Backend, TestApp, books, on_both_databases, plugins};
use perennial_core::worker;
use serde::Deserialize;
use serde_json::{Value, json};

on_both_databases!(
    a_hostile_plugin_hurts_only_itself,
    a_mended_version_goes_on_where_the_broken_one_stopped,
    what_was_not_run_because_of_a_fault_is_delivered_as_soon_as_it_is_mended,
    plugins_that_follow_from_one_another_come_to_an_end,
);

/// What a plugin does, and the kind of fault that it is.
const MODES: &[(&str, &str)] = &[
    ("loop", "OUT_OF_FUEL"),
    ("allocate", "OUT_OF_MEMORY"),
    ("trap", "TRAP"),
    ("garbage-json", "GARBAGE"),
    ("duplicate-key", "GARBAGE"),
    ("negative-points", "GARBAGE"),
    ("unknown-template", "NOT_ALLOWED"),
    ("long-record-id", "NOT_ALLOWED"),
];

const RESUME: &str = "mutation($input: ResumePluginInput!) { resumePlugin(input: $input) { \
     plugin { key } userErrors { code message field } } }";

/// How many of these modes leave the hook `appraise` in order.
const SOUND_APPRAISERS: i64 = 3;

async fn a_hostile_plugin_hurts_only_itself(backend: Backend) {
    let app = TestApp::start(backend).await;
    for (mode, _) in MODES {
        install(&app, &format!("hostile-{mode}")).await;
    }
    let app = app.with_program(&program()).await;
    let ada = app.joins("shop", "ada").await;

    let first = ada.buys("order-1", "10.00").await.done();
    // Ten by the rule, and one from each of those that still proposed soundly.
    assert_eq!(first.points_earned, 10 + SOUND_APPRAISERS);
    app.advance_clock("shop", "2026-01-02T00:00:00Z").await;

    for (mode, kind) in MODES {
        let id = format!("hostile-{mode}");
        let state = state(&app, &id).await;
        assert_eq!(state.waiting, 1, "the event that it failed on waits: {state:#?}");
        assert_eq!(state.status, "ACTIVE", "it has failed over one member so far");
        let fault = state.parked_queues.nodes.into_iter().next().unwrap().fault;
        assert_eq!(fault.kind, *kind, "{fault:#?}");
        assert!(fault.message.contains(&id), "the message names the plugin: {}", fault.message);
    }
    let good = state(&app, "consumer-goods").await;
    assert_eq!((good.status.as_str(), good.handled, good.waiting), ("ACTIVE", 1, 0));

    let second = ada.buys("order-2", "10.00").await.done();
    let why = "who fails over an event goes on proposing";
    assert_eq!(second.points_earned, 10 + SOUND_APPRAISERS, "{why}");
}

async fn a_mended_version_goes_on_where_the_broken_one_stopped(backend: Backend) {
    let app = TestApp::start(backend).await;
    install(&app, "hostile-trap").await;
    let app = app.with_program(&program_with("hostile-trap", "trap")).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "10.00").await.done();
    ada.buys("order-2", "10.00").await.done();
    app.advance_clock("shop", "2026-01-02T00:00:00Z").await;
    assert_eq!(state(&app, "hostile-trap").await.waiting, 2);

    let app = app.with_program(&program_with("hostile-trap", "behave")).await;
    app.does::<Value>("shop", RESUME, json!({ "pluginKey": "hostile-trap" })).await.done();
    app.advance_clock("shop", "2026-01-03T00:00:00Z").await;
    let mended = state(&app, "hostile-trap").await;
    assert_eq!((mended.status.as_str(), mended.handled, mended.waiting), ("ACTIVE", 2, 0));
}

/// The plugin proposes soundly and fails at each event of a batch.
async fn what_was_not_run_because_of_a_fault_is_delivered_as_soon_as_it_is_mended(
    backend: Backend,
) {
    let app = TestApp::idle(backend).await;
    install(&app, "hostile-garbage").await;
    let app = app.with_program(&program_with("hostile-garbage", "garbage-json")).await;
    for member in ["ada", "bob"] {
        app.joins("shop", member).await.buys(&format!("{member}-1"), "10.00").await.done();
    }
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    let stopped = state(&app, "hostile-garbage").await;
    assert_eq!((stopped.status.as_str(), stopped.waiting), ("ACTIVE", 2));
    assert_eq!(books::held_deliveries(&app).await, 0, "nobody holds what nobody runs");

    let app = app.with_program(&program_with("hostile-garbage", "behave")).await;
    app.does::<Value>("shop", RESUME, json!({ "pluginKey": "hostile-garbage" })).await.done();
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    let mended = state(&app, "hostile-garbage").await;
    assert_eq!((mended.handled, mended.waiting), (2, 0));
}

/// Each awards a point when the other has.
async fn plugins_that_follow_from_one_another_come_to_an_end(backend: Backend) {
    let app = TestApp::start(backend).await;
    for id in ["ping", "pong"] {
        let wasm = plugins::hostile_subscribed(id, &["points-earned"]);
        app.offers(&wasm).await;
    }
    let both = ["ping", "pong"].map(|id| format!("[plugins.{id}]\nmode = \"behave\"\n"));
    let app = app.with_program(&format!("{}{}", base(), both.concat())).await;
    let ada = app.joins("shop", "ada").await;
    assert_eq!(ada.buys("order-1", "10.00").await.done().points_earned, 12);
    app.advance_clock("shop", "2026-01-02T00:00:00Z").await;

    // Both hear of the purchase's points, and then each of the other's, nine deep.
    assert_eq!(ada.points().await, 12 + 2 * 9);
    const EVENTS: &str = "query($id: ID!) { events(memberId: $id, first: 100) { \
         nodes { id name depth rootEventId } } }";
    let events = app.admin("shop", EVENTS, json!({ "id": ada.member.id })).await;
    let events = events["events"]["nodes"].as_array().unwrap();
    let earned: Vec<_> = events.iter().filter(|event| event["name"] == "points-earned").collect();
    let root = earned.iter().find(|event| event["depth"] == 0).unwrap();
    assert_eq!(root["rootEventId"], Value::Null);
    for depth in 1..=9 {
        let at_depth: Vec<_> = earned.iter().filter(|event| event["depth"] == depth).collect();
        assert_eq!(at_depth.len(), 2, "{depth}: {events:#?}");
        assert!(at_depth.iter().all(|event| event["rootEventId"] == root["id"]), "{events:#?}");
    }
    // The next purchase begins a chain of its own.
    ada.buys("order-2", "10.00").await.done();
    app.advance_clock("shop", "2026-01-03T00:00:00Z").await;
    assert_eq!(ada.points().await, 2 * (12 + 2 * 9));
}

/// A plugin's state in the program.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    key: String,
    status: String,
    waiting: i64,
    handled: i64,
    parked_queues: Nodes,
}

#[derive(Debug, Deserialize)]
struct Nodes {
    nodes: Vec<ParkedQueue>,
}

#[derive(Debug, Deserialize)]
struct ParkedQueue {
    fault: Fault,
}

#[derive(Debug, Deserialize)]
struct Fault {
    kind: String,
    message: String,
}

async fn state(app: &TestApp, key: &str) -> State {
    const PLUGINS: &str = "{ plugins { key status waiting handled \
         parkedQueues { nodes { fault { kind message } } } } }";
    let mut answer = app.admin("shop", PLUGINS, Value::Null).await;
    let states: Vec<State> = serde_json::from_value(answer["plugins"].take()).unwrap();
    states.into_iter().find(|state| state.key == key).unwrap()
}

async fn install(app: &TestApp, id: &str) {
    app.offers(&plugins::hostile(id)).await;
}

/// A sandbox shop with a well-behaved plugin among the hostile ones.
fn program() -> String {
    let mut program = base();
    program.push_str("[plugins.consumer-goods]\n");
    for (mode, _) in MODES {
        program.push_str(&format!("[plugins.hostile-{mode}]\nmode = \"{mode}\"\n"));
    }
    program
}

fn program_with(plugin: &str, mode: &str) -> String {
    format!("{}[plugins.{plugin}]\nmode = \"{mode}\"\n", base())
}

fn base() -> String {
    crate::support::programs::sandbox_shop().replace("program = \"sandbox\"", "program = \"shop\"")
}
