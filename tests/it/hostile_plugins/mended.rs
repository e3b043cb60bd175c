//! A plugin that fails over every event, and its next version, which does not.

use super::{sandbox, state, work};
use crate::support::{Backend, TestApp, books, on_both_databases, plugins};
use serde_json::{Value, json};

on_both_databases!(
    a_mended_version_goes_on_where_the_broken_one_stopped,
    what_was_not_run_because_of_a_fault_is_delivered_as_soon_as_it_is_mended,
);

const RESUME: &str = "mutation($input: ResumePluginInput!) { resumePlugin(input: $input) { \
     plugin { key } userErrors { code message field } } }";

async fn a_mended_version_goes_on_where_the_broken_one_stopped(backend: Backend) {
    let app = TestApp::start(backend).await;
    app.offers(&plugins::hostile("hostile-trap")).await;
    let app = app.with_program(&program_with("hostile-trap", "trap")).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "10.00").await.done();
    ada.buys("order-2", "10.00").await.done();
    app.advance_clock("shop", "2026-01-02T00:00:00Z").await;
    assert_eq!(state(&app, "shop", "hostile-trap").await.waiting, 2);

    let app = app.with_program(&program_with("hostile-trap", "behave")).await;
    app.does::<Value>("shop", RESUME, json!({ "pluginKey": "hostile-trap" })).await.done();
    app.advance_clock("shop", "2026-01-03T00:00:00Z").await;
    let mended = state(&app, "shop", "hostile-trap").await;
    assert_eq!((mended.status.as_str(), mended.handled, mended.waiting), ("ACTIVE", 2, 0));
}

/// The plugin proposes soundly and fails at each event of a batch.
async fn what_was_not_run_because_of_a_fault_is_delivered_as_soon_as_it_is_mended(
    backend: Backend,
) {
    let app = TestApp::idle(backend).await;
    app.offers(&plugins::hostile("hostile-garbage")).await;
    let app = app.with_program(&program_with("hostile-garbage", "garbage-json")).await;
    for member in ["ada", "bob"] {
        app.joins("shop", member).await.buys(&format!("{member}-1"), "10.00").await.done();
    }
    work(&app).await;
    let stopped = state(&app, "shop", "hostile-garbage").await;
    assert_eq!((stopped.status.as_str(), stopped.waiting), ("ACTIVE", 2));
    assert_eq!(books::held_deliveries(&app).await, 0, "nobody holds what nobody runs");

    let app = app.with_program(&program_with("hostile-garbage", "behave")).await;
    app.does::<Value>("shop", RESUME, json!({ "pluginKey": "hostile-garbage" })).await.done();
    work(&app).await;
    let mended = state(&app, "shop", "hostile-garbage").await;
    assert_eq!((mended.handled, mended.waiting), (2, 0));
}

fn program_with(plugin: &str, mode: &str) -> String {
    format!("{}[plugins.{plugin}]\nmode = \"{mode}\"\n", sandbox())
}
