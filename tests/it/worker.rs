//! The worker goes on, whatever happens in one program.

use crate::support::{Backend, Sent, TestApp, TestDb, books, on_both_databases, programs};
use perennial_core::worker;
use serde_json::json;
use std::time::Duration;

on_both_databases!(
    a_program_that_cannot_be_read_stops_no_other,
    the_events_of_one_member_are_delivered_in_one_turn,
    a_members_second_event_waits_until_the_first_was_delivered,
);

const PLUGIN: &str = "\n[plugins.consumer-goods]\nsilence_days = 180\n";

async fn a_program_that_cannot_be_read_stops_no_other(backend: Backend) {
    // Without a worker at first, so that events wait in both programs.
    let app = TestApp::observed(TestDb::create(backend).await, &Sent::default()).await;
    let shop = format!("{}{PLUGIN}", programs::SHOP);
    let app = app.with_program(&shop).await;
    let app = app.with_program(&shop.replace("program = \"shop\"", "program = \"broken\"")).await;
    for program in ["broken", "shop"] {
        app.joins(program, "ada").await.buys("order-1", "10.00").await.done();
    }
    books::put_revision(&app, "broken", "this is not a program file").await;

    let working = tokio::spawn(worker::run(app.loyalty.clone()));
    tokio::time::timeout(Duration::from_secs(60), async {
        while waiting(&app).await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("the shop's events are delivered");
    assert!(!working.is_finished(), "and the worker works on");
    working.abort();
}

/// Each waits for the one before it; that must not make each wait for a round of its own.
async fn the_events_of_one_member_are_delivered_in_one_turn(backend: Backend) {
    let app = TestApp::observed(TestDb::create(backend).await, &Sent::default()).await;
    let app = app.with_program(&format!("{}{PLUGIN}", programs::SHOP)).await;
    let ada = app.joins("shop", "ada").await;
    for order in 0..5 {
        ada.buys(&format!("order-{order}"), "10.00").await.done();
    }
    assert_eq!(waiting(&app).await, 5);
    worker::round(&app.loyalty).await.unwrap();
    assert_eq!(waiting(&app).await, 0);
}

/// Whoever holds the first – another node that has claimed it, or the pause before a plugin's second
/// try – holds up the rest of the member, and nobody else.
async fn a_members_second_event_waits_until_the_first_was_delivered(backend: Backend) {
    let app = TestApp::idle(backend).await;
    let app = app.with_program(&format!("{}{PLUGIN}", programs::SHOP)).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    for order in 0..3 {
        ada.buys(&format!("ada-{order}"), "10.00").await.done();
        bob.buys(&format!("bob-{order}"), "10.00").await.done();
    }
    books::hold_first_delivery(&app, "ada").await;
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    assert_eq!(waiting(&app).await, 3, "all of hers, and none of his");
    books::let_deliveries_go(&app).await;
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    assert_eq!(waiting(&app).await, 0);
}

/// How many events of the shop the plugin has yet to receive.
async fn waiting(app: &TestApp) -> i64 {
    let plugins = app.admin("shop", "{ plugins { waiting } }", json!({})).await;
    plugins["plugins"][0]["waiting"].as_i64().unwrap()
}
