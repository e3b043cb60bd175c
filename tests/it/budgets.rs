//! A plugin gives what its budget allows, waits for the next day, and gives the rest then: nothing is
//! lost, and nothing is given twice.

use crate::support::programs::sandbox_shop;
use crate::support::{Backend, TestApp, books, on_both_databases, perennial, plugins};
use perennial_core::worker;
use serde_json::{Value, json};

on_both_databases!(
    what_exceeds_a_day_is_given_on_the_next,
    a_larger_budget_lets_it_go_on_at_once,
    what_no_budget_can_hold_stands_still_over_its_member,
);

const PLUGIN: &str = "hostile";
const PLUGINS: &str = "{ plugins { status waiting handled parked fault { kind message } \
     parkedQueues { nodes { fault { kind message } } } } }";

async fn what_exceeds_a_day_is_given_on_the_next(backend: Backend) {
    let app = shop(backend, "points_per_day = 3").await;
    for number in 0..5 {
        let member = app.joins("shop", &format!("m{number}")).await;
        member.buys(&format!("order-{number}"), "10.00").await.done();
    }
    works(&app).await;
    let waits = plugin(&app).await;
    assert_eq!(waits["status"], "QUARANTINED");
    assert_eq!((&waits["handled"], &waits["waiting"]), (&json!(3), &json!(2)));
    assert_eq!((&waits["fault"]["kind"], &waits["parked"]), (&json!("BUDGET"), &json!(0)));
    let why = waits["fault"]["message"].as_str().unwrap();
    assert!(why.contains("4 points in a day, of a budget of 3"), "{why}");

    // Tried again on the same day it waits on.
    come_to_probe(&app).await;
    works(&app).await;
    assert_eq!(plugin(&app).await["handled"], 3);
    assert_eq!(given(&app).await, 3);

    books::set_test_clock(&app, "2026-01-02T00:00:00Z").await;
    come_to_probe(&app).await;
    works(&app).await;
    let after = plugin(&app).await;
    assert_eq!((&after["status"], &after["handled"]), (&json!("ACTIVE"), &json!(5)));
    assert_eq!(given(&app).await, 5);
    books::assert_sound(&app, "shop").await;
}

async fn a_larger_budget_lets_it_go_on_at_once(backend: Backend) {
    let app = shop(backend, "points_per_day = 100\npoints_per_month = 1").await;
    for number in 0..2 {
        let member = app.joins("shop", &format!("m{number}")).await;
        member.buys(&format!("order-{number}"), "10.00").await.done();
    }
    works(&app).await;
    let waits = plugin(&app).await;
    assert!(waits["fault"]["message"].as_str().unwrap().contains("2 points in a month"), "{waits}");
    let app = app.with_program(&file("points_per_month = 2")).await;
    works(&app).await;
    assert_eq!(given(&app).await, 2);
    assert_eq!(plugin(&app).await["status"], "ACTIVE");
}

async fn what_no_budget_can_hold_stands_still_over_its_member(backend: Backend) {
    let app = shop(backend, "points_per_day = 0").await;
    app.joins("shop", "ada").await.buys("order-1", "10.00").await.done();
    works(&app).await;
    let stands = plugin(&app).await;
    assert_eq!((&stands["status"], &stands["parked"]), (&json!("ACTIVE"), &json!(1)));
    let fault = &stands["parkedQueues"]["nodes"][0]["fault"];
    assert_eq!(fault["kind"], "NOT_ALLOWED");
    let why = fault["message"].as_str().unwrap();
    assert!(why.contains("1 points in a day, of a budget of 0"), "{why}");
    for (budget, expected) in [
        ("points_per_day = -1", "use a whole number, 0 or more"),
        ("points_per_week = 1", "there is no key `points_per_week` here"),
    ] {
        let path = app.db.folder.path().join("wrong.toml");
        std::fs::write(&path, file(budget)).unwrap();
        let why = perennial(&app.db, &["program", "diff", path.to_str().unwrap()]).exits(1).stderr;
        assert!(why.contains(expected), "{why}");
    }
    let path = app.db.folder.path().join("unknown.toml");
    let unknown = file("points_per_day = 1").replace("[budgets.hostile]", "[budgets.moon]");
    std::fs::write(&path, unknown).unwrap();
    let why = perennial(&app.db, &["program", "diff", path.to_str().unwrap()]).exits(1).stderr;
    assert!(
        why.contains("`moon` has a budget, and the file enables no plugin of that id"),
        "{why}"
    );
}

async fn plugin(app: &TestApp) -> Value {
    app.admin("shop", PLUGINS, Value::Null).await["plugins"][0].clone()
}

/// How often the plugin has awarded its point.
async fn given(app: &TestApp) -> i64 {
    let awards = "SELECT COUNT(*) AS n FROM transactions WHERE actor = 'plugin:hostile'";
    books::counted(app, awards).await
}

async fn works(app: &TestApp) {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
}

async fn come_to_probe(app: &TestApp) {
    books::execute(app, "UPDATE program_plugins SET probe_at = 0 WHERE probe_at IS NOT NULL")
        .await
        .unwrap();
    worker::probe(&app.loyalty).await.unwrap();
}

async fn shop(backend: Backend, budget: &str) -> TestApp {
    let app = TestApp::idle(backend).await;
    app.offers(&plugins::hostile(PLUGIN)).await;
    app.with_program(&file(budget)).await
}

fn file(budget: &str) -> String {
    let base = sandbox_shop().replace("program = \"sandbox\"", "program = \"shop\"");
    format!("{base}[plugins.{PLUGIN}]\nmode = \"behave\"\n[budgets.{PLUGIN}]\n{budget}\n")
}
