//! The worker goes on, whatever happens in one program.

use crate::support::{
    Backend, Sent, TestApp, TestDb, books, on_both_databases, plugins, programs, run,
};
use jiff::SignedDuration;
use perennial_core::db::Database;
use perennial_core::plugins::{
    Action, Component, Context, Event, Fault, Inspected, LookUps, Member, Proposal, Purchase, Run,
    Runtime, StoredRecord,
};
use perennial_core::server_clock::Undo;
use perennial_core::{Actor, Clock, Loyalty, worker};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;

on_both_databases!(
    a_program_that_cannot_be_read_stops_no_other,
    the_events_of_one_member_are_delivered_in_one_turn,
    a_members_second_event_waits_until_the_first_was_delivered,
    plugins_of_a_program_are_asked_at_the_same_time,
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

/// Neither answers before both are asked: one after the other they would wait for ever.
async fn plugins_of_a_program_are_asked_at_the_same_time(backend: Backend) {
    let app = TestApp::idle(backend).await;
    let both = ["one", "two"];
    for id in both {
        app.offers(&plugins::hostile(id)).await;
    }
    let sections = both.map(|id| format!("[plugins.{id}]\nmode = \"behave\"\n")).concat();
    let app = app.with_program(&format!("{}{sections}", programs::SHOP)).await;
    app.joins("shop", "ada").await.buys("order-1", "10.00").await.done();
    assert_eq!(waiting(&app).await, 2);

    let database = Database::connect(&app.db.url).await.unwrap();
    let together = Loyalty::new(database, Arc::new(Together(Barrier::new(both.len()))));
    let round = worker::round(&together);
    tokio::time::timeout(Duration::from_secs(60), round).await.expect("both are asked").unwrap();
    assert_eq!(waiting(&app).await, 0);
}

/// Runs plugins, and lets none begin before as many are asked as there are.
struct Together(Barrier);

#[async_trait::async_trait]
impl Runtime for Together {
    fn inspect(&self, wasm: &[u8]) -> perennial_core::Result<Inspected> {
        plugins::HOST.inspect(wasm)
    }

    async fn prepare(&self, component: &Component) -> Result<(), Fault> {
        plugins::HOST.prepare(component).await
    }

    async fn on_event(
        &self,
        component: &Component,
        context: &Context,
        member: Option<&Member>,
        event: &Event,
        look_ups: &dyn LookUps,
    ) -> Result<Run<Vec<Action>>, Fault> {
        self.0.wait().await;
        plugins::HOST.on_event(component, context, member, event, look_ups).await
    }

    async fn appraise(
        &self,
        component: &Component,
        context: &Context,
        member: &Member,
        purchase: &Purchase,
        look_ups: &dyn LookUps,
    ) -> Result<Run<Vec<Proposal>>, Fault> {
        plugins::HOST.appraise(component, context, member, purchase, look_ups).await
    }

    async fn view(
        &self,
        component: &Component,
        context: &Context,
        member: &Member,
        records: &[StoredRecord],
        look_ups: &dyn LookUps,
    ) -> Result<Run<Value>, Fault> {
        plugins::HOST.view(component, context, member, records, look_ups).await
    }
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
    let all = plugins["plugins"].as_array().unwrap();
    all.iter().map(|plugin| plugin["waiting"].as_i64().unwrap()).sum()
}
