//! Plugins that were built against contracts of the past run as they did when they were built.

use crate::support::programs::sandbox_shop;
use crate::support::{Backend, TestApp, on_both_databases, plugins};
use perennial_core::worker;
use serde_json::{Value, json};

on_both_databases!(a_plugin_of_contract_0_1_does_all_that_it_did);

const PUT: &str = "mutation($input: PutRecordInput!) { putRecord(input: $input) { record { data } \
     userErrors { code message field } } }";
const MEMBER: &str = "{ member(externalId: \"ada\") { pluginViews { data } \
     records { nodes { externalId data } } } }";

async fn a_plugin_of_contract_0_1_does_all_that_it_did(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&plugins::built_for("v0.1")).await;
    let program = format!("{}\n[plugins.keeper]\npoints = 50\n", sandbox_shop());
    app.loyalty.programs().apply(&program, "test").await.unwrap();
    let ada = app.joins("sandbox", "ada").await;
    works(&app).await;
    assert_eq!(ada.points().await, 50);
    // A point for each euro, and what the plugin proposes.
    let receipt = ada.buys("P-1", "10.00").await.done();
    assert_eq!(receipt.points_earned, 60);
    works(&app).await;
    ada.buys("P-2", "10.00").await.done();
    works(&app).await;

    let member = app.admin("sandbox", MEMBER, json!({})).await["member"].clone();
    let boats = json!([
        { "externalId": "P-2", "data": { "feet": 3 } },
        { "externalId": "P-1", "data": { "feet": 2 } },
    ]);
    assert_eq!(member["records"]["nodes"], boats);
    assert_eq!(member["pluginViews"][0]["data"]["boats"], json!(["P-2", "P-1"]));

    // Its timers were one for each name and member: that of the last boat took the place of the first.
    for boat in ["B-1", "B-2"] {
        let input = json!({
            "member": { "externalId": "ada" }, "type": "boat", "externalId": boat,
            "data": { "feet": 30 },
        });
        app.does::<Value>("sandbox", PUT, input).await.done();
    }
    works(&app).await;
    app.advance_clock("sandbox", "2026-06-02T00:00:00Z").await;
    works(&app).await;
    let query = "{ messages(first: 10) { nodes { subject body } } }";
    let messages = app.admin("sandbox", query, json!({})).await;
    let mut told: Vec<Value> = messages["messages"]["nodes"].as_array().unwrap().clone();
    told.sort_by_key(|message| message["subject"].to_string());
    let says = |what: &str, of: &str| json!({ "subject": what, "body": format!("{what}: {of}") });
    assert_eq!(told, [says("joined", "sandbox"), says("regatta", "B-2")]);
}

async fn works(app: &TestApp) {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
}
