//! Plugins that follow from one another.

use super::sandbox;
use crate::support::{Backend, TestApp, on_both_databases, plugins};
use serde_json::{Value, json};

on_both_databases!(plugins_that_follow_from_one_another_come_to_an_end);

/// Each awards a point when the other has.
async fn plugins_that_follow_from_one_another_come_to_an_end(backend: Backend) {
    let app = TestApp::start(backend).await;
    for id in ["ping", "pong"] {
        let wasm = plugins::hostile_subscribed(id, &["points-earned"]);
        app.offers(&wasm).await;
    }
    let both = ["ping", "pong"].map(|id| format!("[plugins.{id}]\nmode = \"behave\"\n"));
    let app = app.with_program(&format!("{}{}", sandbox(), both.concat())).await;
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
