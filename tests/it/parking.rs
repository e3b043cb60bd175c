//! A plugin that fails over one datum stands still over that member, and over nobody else.

use crate::support::programs::sandbox_shop;
use crate::support::{Backend, Person, TestApp, on_both_databases, perennial, plugins};
use perennial_core::worker;
use sea_orm::{ConnectionTrait, Statement};
use serde::Deserialize;
use serde_json::{Value, json};

on_both_databases!(
    one_datum_stops_one_member_until_it_is_skipped,
    another_configuration_tries_what_waits_in_order,
    whoever_fails_over_too_many_members_is_left_alone_and_probed,
    a_version_that_fails_is_left_again_by_itself,
    what_is_disabled_keeps_its_timers_until_it_is_purged,
    a_pause_is_an_operators_and_ends_by_an_operator,
    commands_show_and_mend_what_stands_still,
);

const EVENT: &str = "mutation($input: RetryPluginEventInput!) { retryPluginEvent(input: $input) { \
     plugin { key } userErrors { code message field } } }";
const REDELIVER: &str = "mutation($input: RedeliverPluginEventInput!) { redeliverPluginEvent(input: $input) \
     { plugin { key } userErrors { code message field } } }";
const SKIP: &str = "mutation($input: SkipPluginEventInput!) { skipPluginEvent(input: $input) { \
     plugin { key } userErrors { code message field } } }";
const RESUME: &str = "mutation($input: ResumePluginInput!) { resumePlugin(input: $input) { \
     plugin { key } userErrors { code message field } } }";
const PAUSE: &str = "mutation($input: PausePluginInput!) { pausePlugin(input: $input) { \
     plugin { key } userErrors { code message field } } }";
const PURGE: &str = "mutation($input: PurgePluginInput!) { purgePlugin(input: $input) { \
     purged { key states timers waiting } userErrors { code message field } } }";

async fn one_datum_stops_one_member_until_it_is_skipped(backend: Backend) {
    let app = shop(backend, "refuse-bad").await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    buys(&ada, "ada-1", "BAD").await;
    buys(&ada, "ada-2", "TEA").await;
    buys(&bob, "bob-1", "TEA").await;
    settle(&app, 2).await;

    let stuck = state(&app).await;
    assert_eq!(stuck.counts(), ("ACTIVE", 1, 2, 1), "Bob is served, and Ada's events wait");
    let queue = &stuck.parked_queues.nodes[0];
    assert_eq!(queue.member.external_id, "ada");
    assert_eq!(queue.event.data["reference"], "ada-1");
    assert_eq!(queue.fault.kind, "REFUSED");
    assert!(queue.fault.message.contains("I know no BAD"), "{}", queue.fault.message);

    // Who buys again waits behind it, and who has nothing to do with it does not.
    buys(&ada, "ada-3", "TEA").await;
    buys(&bob, "bob-2", "TEA").await;
    settle(&app, 3).await;
    assert_eq!(state(&app).await.counts(), ("ACTIVE", 2, 3, 1));

    // The same again is the same again.
    let event = json!({ "pluginKey": PLUGIN, "eventId": queue.event_id });
    app.does::<Value>("shop", EVENT, event.clone()).await.done();
    settle(&app, 4).await;
    let still = state(&app).await;
    assert_eq!(still.counts(), ("ACTIVE", 2, 3, 1));
    assert_eq!(still.parked_queues.nodes[0].event_id, queue.event_id);

    let mut skip = event.clone();
    skip["reason"] = json!("a typing error of the till");
    for _ in 0..2 {
        app.does::<Value>("shop", SKIP, skip.clone()).await.done();
    }
    settle(&app, 5).await;
    let skipped = state(&app).await;
    assert_eq!(skipped.counts(), ("ACTIVE", 4, 0, 0), "what waited was handled");
    assert_eq!(
        handled(&skipped),
        ["ada-3", "ada-2", "bob-2", "bob-1"].map(|_| "purchase-recorded")
    );
    let letter = &skipped.dead_letters.nodes[0];
    assert_eq!(
        (letter.event_id.as_str(), letter.reason.as_str()),
        (queue.event_id.as_str(), "a typing error of the till")
    );
    let again = app.does::<Value>("shop", EVENT, event.clone()).await.refused();
    assert_eq!(again.code, "EVENT_NOT_PARKED");

    app.does::<Value>("shop", REDELIVER, event.clone()).await.done();
    settle(&app, 6).await;
    assert_eq!(state(&app).await.counts(), ("ACTIVE", 4, 1, 1), "it is refused as before");
    let gone = app.does::<Value>("shop", REDELIVER, event).await.refused();
    assert_eq!(gone.code, "EVENT_NOT_SKIPPED");
}

async fn another_configuration_tries_what_waits_in_order(backend: Backend) {
    let app = shop(backend, "trap-bad").await;
    let ada = app.joins("shop", "ada").await;
    for (reference, sku) in [("ada-1", "BAD"), ("ada-2", "TEA"), ("ada-3", "BAD")] {
        buys(&ada, reference, sku).await;
    }
    settle(&app, 2).await;
    assert_eq!(state(&app).await.counts(), ("ACTIVE", 0, 3, 1));
    let app = app.with_program(&file("behave")).await;
    settle(&app, 3).await;
    let mended = state(&app).await;
    assert_eq!(mended.counts(), ("ACTIVE", 3, 0, 0));
    let last_first = ["ada-3", "ada-2", "ada-1"];
    for (run, reference) in mended.runs.nodes.iter().zip(last_first) {
        let event: Value = app
            .admin(
                "shop",
                "query($id: ID!) { node(id: $id) { ... on Event { data } } }",
                json!({ "id": run.event_id }),
            )
            .await;
        assert_eq!(event["node"]["data"]["reference"], reference);
        assert!(run.fuel > 0 && run.actions == 1, "{run:?}");
        assert_eq!(run.log, ["info: handled purchase-recorded"]);
    }
}

async fn whoever_fails_over_too_many_members_is_left_alone_and_probed(backend: Backend) {
    let app = shop(backend, "trap-bad").await;
    // Four in twenty are their own affair.
    for number in 0..20 {
        let sku = if number < 4 { "BAD" } else { "TEA" };
        let member = app.joins("shop", &format!("m{number}")).await;
        buys(&member, &format!("first-{number}"), sku).await;
    }
    settle(&app, 2).await;
    assert_eq!(state(&app).await.counts(), ("ACTIVE", 16, 4, 4));
    let fifth = app.joins("shop", "fifth").await;
    buys(&fifth, "fifth-1", "BAD").await;
    settle(&app, 3).await;
    let stopped = state(&app).await;
    assert_eq!(stopped.counts(), ("QUARANTINED", 16, 5, 5), "five in twenty-one are too many");
    assert_eq!(stopped.fault.unwrap().kind, "TRAP");

    // It is tried on one event, fails, and is left alone again.
    let (sixth, seventh) = (app.joins("shop", "sixth").await, app.joins("shop", "seventh").await);
    buys(&sixth, "sixth-1", "BAD").await;
    settle(&app, 4).await;
    assert_eq!(state(&app).await.waiting, 6);
    assert_eq!(worker::probe(&app.loyalty).await.unwrap(), 0, "its time has not come");
    come_to_probe(&app).await;
    assert_eq!(state(&app).await.status, "PROBING");
    settle(&app, 5).await;
    assert_eq!(state(&app).await.counts(), ("QUARANTINED", 16, 6, 6));

    // The next passes, and it goes on; whom it stands still over waits for somebody's word.
    buys(&seventh, "seventh-1", "TEA").await;
    come_to_probe(&app).await;
    settle(&app, 6).await;
    let goes_on = state(&app).await;
    assert_eq!(goes_on.counts(), ("ACTIVE", 17, 6, 6));
    assert!(goes_on.fault.is_none());
}

async fn a_version_that_fails_is_left_again_by_itself(backend: Backend) {
    let app = TestApp::start(backend).await;
    for wasm in
        [plugins::hostile_with_template("1.0.0", "spam"), plugins::hostile_version("1.1.0", None)]
    {
        app.offers(&wasm).await;
    }
    let version_1 = file("unknown-template");
    let app = app.with_program(&with_version(&version_1, "1.0.0")).await;
    let app = app.with_program(&version_1).await;
    let first = app.joins("shop", "first").await;
    buys(&first, "first-1", "TEA").await;
    settle(&app, 2).await;
    assert_eq!(state(&app).await.counts(), ("ACTIVE", 1, 0, 0));

    const UPGRADE: &str = "mutation($input: UpgradePluginInput!) { upgradePlugin(input: $input) \
         { plugin { version } userErrors { code message field } } }";
    app.does::<Value>("shop", UPGRADE, json!({ "pluginKey": PLUGIN, "version": "1.1.0" }))
        .await
        .done();
    for number in 0..6 {
        let member = app.joins("shop", &format!("m{number}")).await;
        buys(&member, &format!("m{number}-1"), "TEA").await;
    }
    settle(&app, 3).await;
    let back = state(&app).await;
    assert_eq!(back.counts(), ("ACTIVE", 7, 0, 0), "the version before has handled all of it");
    assert_eq!(back.version, "1.0.0");
    let left = back.rolled_back.unwrap();
    assert_eq!((left.version.as_str(), left.fault.kind.as_str()), ("1.1.0", "NOT_ALLOWED"));
}

async fn what_is_disabled_keeps_its_timers_until_it_is_purged(backend: Backend) {
    let app = TestApp::start(backend).await;
    let with = format!("{}[plugins.consumer-goods]\n", base());
    let app = app.with_program(&with).await;
    let ada = app.joins("shop", "ada").await;
    buys(&ada, "ada-1", "TEA").await;
    app.advance_clock("shop", "2026-01-02T00:00:00Z").await;
    let without = app.db.folder.path().join("without.toml");
    std::fs::write(&without, base()).unwrap();
    let diff = ["program", "diff", without.to_str().unwrap()];
    let diff = perennial(&app.db, &diff).succeeds().stdout;
    assert!(
        diff.contains("plugins.consumer-goods: is left out") && diff.contains("1 timers"),
        "{diff}"
    );
    let app = app.with_program(&base()).await;
    app.advance_clock("shop", "2026-07-02T00:00:00Z").await;
    assert_eq!(app.messages("shop").await.len(), 0, "nobody is reminded");
    let plugins = "{ plugins { key status waiting handled } }";
    let disabled = app.admin("shop", plugins, Value::Null).await;
    assert_eq!(
        disabled["plugins"],
        json!([{ "key": "consumer-goods", "status": "DISABLED", "waiting": 0, "handled": 1 }])
    );
    let app = app.with_program(&with).await;
    app.advance_clock("shop", "2026-07-03T00:00:00Z").await;
    assert!(!app.messages("shop").await.is_empty(), "what was planned was not forgotten");

    let key = json!({ "pluginKey": "consumer-goods" });
    let enabled = app.does::<Value>("shop", PURGE, key.clone()).await.refused();
    assert_eq!(enabled.code, "PLUGIN_ENABLED");
    buys(&app.joins("shop", "bob").await, "bob-1", "TEA").await;
    app.advance_clock("shop", "2026-07-04T00:00:00Z").await;
    let app = app.with_program(&base()).await;
    let purged: Value = app.does("shop", PURGE, key.clone()).await.done();
    assert_eq!(
        purged,
        json!({ "key": "consumer-goods", "states": 2, "timers": 1, "waiting": 0 }),
        "what it still meant to say"
    );
    assert_eq!(app.admin("shop", plugins, Value::Null).await["plugins"], json!([]));
    for table in ["timers", "plugin_states", "deliveries"] {
        assert_eq!(count(&app, table).await, 0, "{table}");
    }
    assert_eq!(app.does::<Value>("shop", PURGE, key).await.refused().code, "PLUGIN_NOT_FOUND");
}

async fn a_pause_is_an_operators_and_ends_by_an_operator(backend: Backend) {
    let app = shop(backend, "behave").await;
    let ada = app.joins("shop", "ada").await;
    let key = json!({ "pluginKey": PLUGIN });
    app.does::<Value>("shop", PAUSE, key.clone()).await.done();
    let receipt = ada.buys("ada-1", "10.00").await.done();
    assert_eq!(receipt.points_earned, 10, "it proposes nothing meanwhile");
    settle(&app, 2).await;
    assert_eq!(state(&app).await.counts(), ("PAUSED", 0, 1, 0));
    // A file with other settings does not end it.
    let app = app.with_program(&file("refuse-bad")).await;
    settle(&app, 3).await;
    assert_eq!(state(&app).await.counts(), ("PAUSED", 0, 1, 0));
    app.does::<Value>("shop", RESUME, key).await.done();
    settle(&app, 4).await;
    assert_eq!(state(&app).await.counts(), ("ACTIVE", 1, 0, 0));
    let none = app.does::<Value>("shop", PAUSE, json!({ "pluginKey": "none" })).await.refused();
    assert_eq!(none.code, "PLUGIN_NOT_FOUND");
}

async fn commands_show_and_mend_what_stands_still(backend: Backend) {
    let app = shop(backend, "refuse-bad").await;
    let ada = app.joins("shop", "ada").await;
    buys(&ada, "ada-1", "BAD").await;
    buys(&ada, "ada-2", "TEA").await;
    settle(&app, 2).await;
    let of = ["--program", "shop"];
    let shown: Value =
        perennial(&app.db, &["plugin", "show", PLUGIN, of[0], of[1], "--json"]).json();
    let event = shown["parked"][0]["event"].as_str().unwrap();
    assert_eq!(event, state(&app).await.parked_queues.nodes[0].event_id, "as the API names it");
    let text = perennial(&app.db, &["plugin", "show", PLUGIN, of[0], of[1]]).succeeds().stdout;
    assert!(text.contains("stands still over 1 members"), "{text}");
    assert!(text.contains("REFUSED: "), "{text}");

    let skip = ["plugin", "skip", PLUGIN, of[0], of[1], "--event", event, "--reason", "a typo"];
    perennial(&app.db, &skip).succeeds();
    settle(&app, 3).await;
    assert_eq!(state(&app).await.counts(), ("ACTIVE", 1, 0, 0));
    let runs = perennial(&app.db, &["plugin", "runs", PLUGIN, of[0], of[1]]).succeeds().stdout;
    assert!(runs.contains("purchase-recorded") && runs.contains("info: handled"), "{runs}");
    let run = &state(&app).await.runs.nodes[0];
    let of_run = format!(" for {}, event {}\n", ada.member.id, run.event_id);
    assert!(runs.contains(&of_run), "{of_run}: {runs}");
    perennial(&app.db, &["plugin", "redeliver", PLUGIN, of[0], of[1], "--event", event]).succeeds();
    settle(&app, 4).await;
    assert_eq!(state(&app).await.parked, 1);
    let wrong = ["plugin", "retry", PLUGIN, of[0], of[1], "--event", "nonsense"];
    assert!(perennial(&app.db, &wrong).exits(1).stderr.contains("is not an event id"));
    let left = perennial(&app.db, &["plugin", "purge", PLUGIN, of[0], of[1]]).succeeds().stdout;
    assert!(left.contains("1 waiting events") && left.contains("--yes"), "{left}");
    let enabled = ["plugin", "purge", PLUGIN, of[0], of[1], "--yes"];
    assert!(perennial(&app.db, &enabled).exits(1).stderr.contains("PLUGIN_ENABLED"));
}

const PLUGIN: &str = "hostile";

/// The plugin as operators see it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    key: String,
    version: String,
    status: String,
    handled: i64,
    waiting: i64,
    parked: i64,
    fault: Option<Fault>,
    rolled_back: Option<RolledBack>,
    parked_queues: Nodes<ParkedQueue>,
    dead_letters: Nodes<DeadLetter>,
    runs: Nodes<Run>,
}

#[derive(Debug, Deserialize)]
struct Nodes<T> {
    nodes: Vec<T>,
}

#[derive(Debug, Deserialize)]
struct Fault {
    kind: String,
    message: String,
}

#[derive(Debug, Deserialize)]
struct RolledBack {
    version: String,
    fault: Fault,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ParkedQueue {
    event_id: String,
    fault: Fault,
    member: Member,
    event: Event,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    external_id: String,
}

#[derive(Debug, Deserialize)]
struct Event {
    data: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeadLetter {
    event_id: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    event_id: String,
    event_name: String,
    fuel: i64,
    actions: i64,
    log: Vec<String>,
}

impl State {
    /// Its status, and how many events it has handled, wait for it, and members it stands still over.
    fn counts(&self) -> (&str, i64, i64, i64) {
        (&self.status, self.handled, self.waiting, self.parked)
    }
}

fn handled(state: &State) -> Vec<&str> {
    state.runs.nodes.iter().map(|run| run.event_name.as_str()).collect()
}

async fn state(app: &TestApp) -> State {
    const PLUGINS: &str = "{ plugins { key version status handled waiting parked \
         fault { kind message } rolledBack { version fault { kind message } } \
         parkedQueues { nodes { eventId fault { kind message } member { externalId } \
         event { data } } } \
         deadLetters { nodes { eventId reason } } \
         runs { nodes { eventId eventName fuel actions log } } } }";
    let mut answer = app.admin("shop", PLUGINS, Value::Null).await;
    let states: Vec<State> = serde_json::from_value(answer["plugins"].take()).unwrap();
    states.into_iter().find(|state| state.key == PLUGIN).unwrap()
}

/// Only the clock that moves delivers, so that what is seen in between stays as it is.
async fn shop(backend: Backend, mode: &str) -> TestApp {
    let app = TestApp::idle(backend).await;
    app.offers(&plugins::hostile(PLUGIN)).await;
    app.with_program(&file(mode)).await
}

async fn buys(member: &Person<'_>, reference: &str, sku: &str) {
    let lines = json!([{ "sku": sku, "quantity": 1, "amount": "10.00" }]);
    let purchase = json!({ "reference": reference, "total": "10.00", "lines": lines });
    member.reports(purchase).await.done();
}

/// Everything is delivered that can be, with the clock on some day of January.
async fn settle(app: &TestApp, day: u32) {
    app.advance_clock("shop", &format!("2026-01-{day:02}T00:00:00Z")).await;
}

/// A minute, five or thirty later.
async fn come_to_probe(app: &TestApp) {
    let sql = "UPDATE program_plugins SET probe_at = 0 WHERE probe_at IS NOT NULL";
    app.loyalty.db().write().execute_unprepared(sql).await.unwrap();
    assert_eq!(worker::probe(&app.loyalty).await.unwrap(), 1);
}

async fn count(app: &TestApp, table: &str) -> i64 {
    let db = app.loyalty.db();
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let statement = Statement::from_string(db.backend(), sql);
    db.read().query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

fn base() -> String {
    sandbox_shop().replace("program = \"sandbox\"", "program = \"shop\"")
}

fn file(mode: &str) -> String {
    format!("{}[plugins.{PLUGIN}]\nmode = \"{mode}\"\n", base())
}

fn with_version(file: &str, version: &str) -> String {
    format!("{file}version = \"{version}\"\n")
}
