//! Time: the test clock, and silence that is answered once.

use crate::support::programs::{SHOP, example};
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use insta::assert_snapshot;
use perennial_core::server_clock::Undo;
use perennial_core::{Actor, worker};
use serde_json::{Value, json};

on_both_databases!(
    half_a_year_of_silence_is_answered_once,
    the_clock_moves_forward_only_and_only_in_a_sandbox,
    a_reminder_whose_moment_has_passed_is_not_sent,
    held_timers_wait_for_the_facts_that_move_them,
    a_firing_that_waits_behind_a_fact_is_withdrawn_by_it,
    a_hold_that_a_wrong_clock_made_is_ended_and_one_that_stands_is_not,
);

/// A live shop that writes to whoever is silent for half a year.
async fn live_shop(backend: Backend) -> TestApp {
    let source = format!("{SHOP}\n[plugins.consumer-goods]\nsilence_days = 180\n");
    TestApp::idle(backend).await.with_program(&source).await
}

/// Buys so many days ago.
async fn bought(person: &Person<'_>, reference: &str, days_ago: i64) {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days_ago);
    let purchase =
        json!({ "reference": reference, "total": "10.00", "purchasedAt": at.to_string() });
    person.reports(purchase).await.done();
}

async fn works(app: &TestApp) {
    while worker::round(&app.loyalty).await.unwrap() > 0 {}
}

async fn a_reminder_whose_moment_has_passed_is_not_sent(backend: Backend) {
    let app = live_shop(backend).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    bought(&ada, "long-ago", 700).await;
    bought(&bob, "lately", 183).await;
    works(&app).await;
    assert_eq!(app.messages("shop").await.len(), 1, "bob's reminder was due two days ago");
    let runs = "{ plugins { runs { nodes { eventName actions } } } }";
    let runs = app.admin("shop", runs, Value::Null).await;
    let runs = runs["plugins"][0]["runs"]["nodes"].as_array().unwrap();
    let fired: Vec<_> = runs.iter().filter(|run| run["eventName"] == "timer-fired").collect();
    assert_eq!(fired.len(), 2, "{runs:?}");
    assert_eq!(fired[0]["actions"], fired[1]["actions"], "what was asked for, sent or not");
}

async fn held_timers_wait_for_the_facts_that_move_them(backend: Backend) {
    let app = live_shop(backend).await;
    let program = app.loyalty.programs().by_slug("shop").await.unwrap().id;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    let hold = app.loyalty.timers().hold(&Actor::system(program)).await.unwrap();
    bought(&ada, "first", 183).await;
    bought(&bob, "only", 183).await;
    works(&app).await;
    assert_eq!(books::timers_received(&app).await, 0, "the history is not through");
    bought(&ada, "second", 40).await;
    works(&app).await;
    app.loyalty.timers().release(hold).await.unwrap();
    works(&app).await;
    assert_eq!(books::timers_received(&app).await, 1, "bob is silent, ada is not");
}

/// A hold stands for an hour at most, unless a clock that was ahead has said until when.
async fn a_hold_that_a_wrong_clock_made_is_ended_and_one_that_stands_is_not(backend: Backend) {
    let app = live_shop(backend).await;
    let actor = Actor::system(app.loyalty.programs().by_slug("shop").await.unwrap().id);
    let ada = app.joins("shop", "ada").await;
    app.loyalty.timers().hold(&actor).await.unwrap();
    books::execute(&app, "UPDATE timer_holds SET until_at = until_at + 7200000000").await.unwrap();
    let stands = app.loyalty.timers().hold(&actor).await.unwrap();
    bought(&ada, "only", 183).await;
    app.loyalty.server_clock().undo(&actor, Undo::default()).await.unwrap();
    works(&app).await;
    assert_eq!(books::timers_received(&app).await, 0, "somebody is still bringing facts");
    app.loyalty.timers().release(stands).await.unwrap();
    works(&app).await;
    assert_eq!(books::timers_received(&app).await, 1, "and nobody any more");
}

async fn a_firing_that_waits_behind_a_fact_is_withdrawn_by_it(backend: Backend) {
    let app = live_shop(backend).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    bought(&ada, "first", 183).await;
    bought(&bob, "only", 183).await;
    // The timers are set, and due.
    worker::round(&app.loyalty).await.unwrap();
    bought(&ada, "second", 40).await;
    works(&app).await;
    assert_eq!(books::timers_received(&app).await, 1, "bob is silent, ada is not");
}

async fn half_a_year_of_silence_is_answered_once(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&example("demo")).await;
    let ada = app.joins("demo", "ada").await;
    app.advance_clock("demo", "1997-02-01T12:00:00Z").await;
    ada.buys("order-1", "10.00").await.done();
    app.advance_clock("demo", "1997-07-30T00:00:00Z").await;
    assert_eq!(app.messages("demo").await.len(), 0, "the hundred and eightieth day is 31 July");

    app.advance_clock("demo", "1998-12-31T00:00:00Z").await;
    let sent = app.messages("demo").await;
    assert_eq!(sent.len(), 1, "never again for this silence: {sent:#?}");
    assert_eq!(sent[0].occurred_at, "1997-07-31T04:00:00Z", "at midnight in New York");

    ada.buys("order-2", "10.00").await.done();
    app.advance_clock("demo", "1999-12-31T00:00:00Z").await;
    assert_eq!(app.messages("demo").await.len(), 2, "another silence is another matter");
}

async fn the_clock_moves_forward_only_and_only_in_a_sandbox(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&example("demo")).await;
    let app = app.with_program(SHOP).await;
    let back = app.moves_clock("demo", "1996-01-01T00:00:00Z").await.refused();
    assert_snapshot!(
        back,
        @"CLOCK_MOVES_BACK to: the test clock stands at 1997-01-01T05:00:00Z already"
    );
    let live = app.moves_clock("shop", "2096-01-01T00:00:00Z").await.refused();
    assert_snapshot!(live, @"NOT_A_SANDBOX: this program has no test clock");
}
