//! Time: the test clock, and silence that is answered once.

use crate::support::programs::example;
use crate::support::{Backend, TestApp, on_both_databases};
use serde_json::json;

const MESSAGES: &str = "{ messages(first: 10) { nodes { occurredAt subject } } }";

on_both_databases! {
    async fn half_a_year_of_silence_is_answered_once(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(&example("demo")).await;
        app.member("demo", "ada").await;
        app.advance_clock("demo", "1997-02-01T12:00:00Z").await;
        app.buys("demo", "ada", "order-1", "10.00").await;
        app.advance_clock("demo", "1997-07-30T00:00:00Z").await;
        assert_eq!(sent(&app).await.len(), 0, "the hundred and eightieth day is 31 July");
        app.advance_clock("demo", "1998-12-31T00:00:00Z").await;
        assert_eq!(sent(&app).await, ["1997-07-31T04:00:00Z"], "at midnight in New York, never again for this silence");
        app.buys("demo", "ada", "order-2", "10.00").await;
        app.advance_clock("demo", "1999-12-31T00:00:00Z").await;
        assert_eq!(sent(&app).await.len(), 2, "another silence is another matter");
    }

    async fn the_clock_moves_forward_only_and_only_in_a_sandbox(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(&example("demo")).await;
        let app = app.with_program(crate::support::programs::SHOP).await;
        let advance = "mutation($to: DateTime!) { advanceTestClock(input: { to: $to }) { now userErrors { code field } } }";
        let back = app.admin("demo", advance, json!({ "to": "1996-01-01T00:00:00Z" })).await;
        assert_eq!(back["advanceTestClock"]["userErrors"][0]["code"], json!("CLOCK_MOVES_BACK"));
        let live = app.admin("shop", advance, json!({ "to": "2096-01-01T00:00:00Z" })).await;
        assert_eq!(live["advanceTestClock"]["userErrors"][0]["code"], json!("NOT_A_SANDBOX"));
    }
}

/// When messages were due, the newest first.
async fn sent(app: &TestApp) -> Vec<String> {
    let found = app.admin("demo", MESSAGES, json!({})).await;
    let nodes = found["messages"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["occurredAt"].as_str().unwrap().to_owned()).collect()
}
