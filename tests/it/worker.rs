//! The worker goes on, whatever happens in one program.

use crate::support::{Backend, Sent, TestApp, TestDb, books, on_both_databases, programs, run};
use jiff::SignedDuration;
use perennial_core::server_clock::Undo;
use perennial_core::{Actor, Clock, worker};
use serde_json::json;
use std::time::Duration;

on_both_databases!(
    a_program_that_cannot_be_read_stops_no_other,
    the_events_of_one_member_are_delivered_in_one_turn,
    a_members_second_event_waits_until_the_first_was_delivered,
    what_a_wrong_clock_claimed_is_freed_and_what_a_node_works_on_is_not,
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

/// A claim stands for ten seconds. Whatever is held for longer, a clock that was ahead has claimed,
/// and nobody would deliver it for as long as that.
async fn what_a_wrong_clock_claimed_is_freed_and_what_a_node_works_on_is_not(backend: Backend) {
    let app = TestApp::idle(backend).await;
    let app = app.with_program(&format!("{}{PLUGIN}", programs::SHOP)).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.buys("ada-1", "10.00").await.done();
    bob.buys("bob-1", "10.00").await.done();
    let now = Clock.machine().instant();
    books::hold_first_delivery_until(&app, "ada", now + SignedDuration::from_hours(1)).await;
    books::hold_first_delivery_until(&app, "bob", now + SignedDuration::from_secs(10)).await;

    let actor = Actor::system(app.loyalty.programs().by_slug("shop").await.unwrap().id);
    let undo = |is_dry_run| Undo { is_dry_run, ..Undo::default() };
    app.loyalty.server_clock().undo(&actor, undo(true)).await.unwrap();
    assert_eq!(books::held_deliveries(&app).await, 2, "it was only counted");
    app.loyalty.server_clock().undo(&actor, undo(false)).await.unwrap();
    assert_eq!(books::held_deliveries(&app).await, 1, "his, which a node may be working on");
    books::hold_first_delivery(&app, "bob").await;
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
    assert_eq!(waiting(&app).await, 1, "hers was delivered");
}

/// Claims meet, for each node looks for what is due. Waiting for each other, they would do what one
/// of them does.
#[test]
fn a_claim_passes_over_what_another_node_is_claiming() {
    run(async {
        let app = TestApp::idle(Backend::Postgres).await;
        let app = app.with_program(&format!("{}{PLUGIN}", programs::SHOP)).await;
        let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
        ada.buys("ada-1", "10.00").await.done();
        bob.buys("bob-1", "10.00").await.done();
        let other = books::claiming_first_delivery(&app, "ada").await;
        let round = tokio::time::timeout(Duration::from_secs(60), worker::round(&app.loyalty));
        round.await.expect("it waits for nobody").unwrap();
        assert_eq!(waiting(&app).await, 1, "his was delivered");
        drop(other);
    });
}

/// How many events of the shop the plugin has yet to receive.
async fn waiting(app: &TestApp) -> i64 {
    let plugins = app.admin("shop", "{ plugins { waiting } }", json!({})).await;
    plugins["plugins"][0]["waiting"].as_i64().unwrap()
}
