//! Requests that come more than once and in another order than they were meant.

use super::load::{Load, shop};
use super::times;
use crate::support::programs::SHOP;
use crate::support::{Backend, Served, TestApp, TestDb, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(what_comes_before_its_cause_is_refused_and_done_when_it_is_sent_again);

/// Each request three times at once and a little later, through two servers: one effect, and one
/// answer.
#[test]
fn what_is_sent_three_times_through_two_servers_is_done_once_on_postgres() {
    crate::support::run(async {
        let db = TestDb::create(Backend::Postgres).await;
        let token = shop(&db);
        let servers = (Served::start(&db, &token).await, Served::start(&db, &token).await);
        let load = Load::begin(&[&servers.0, &servers.1], 3).await;
        for _ in 0..times(1) {
            load.answers(100).await;
        }
        load.ends_well(&db).await;
    });
}

/// The return before its purchase, the capture before its points and after its time, the void before
/// what it voids.
async fn what_comes_before_its_cause_is_refused_and_done_when_it_is_sent_again(backend: Backend) {
    const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) { \
         receipt { pointsTaken } userErrors { code message field } } }";
    const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { \
         hold { id } userErrors { code message field } } }";
    const CAPTURE: &str = "mutation($input: CaptureHoldInput!) { captureHold(input: $input) { \
         hold { id } userErrors { code message field } } }";
    let source = SHOP.replace(
        "program = \"shop\"",
        "program = \"shop\"\nsandbox = true\nclock_starts_on = \"2026-01-01\"",
    );
    let app = TestApp::start(backend).await.with_program(&source).await;
    let ada = app.joins("shop", "ada").await;
    let back = json!({
        "purchase": { "reference": "late" }, "reference": "r", "what": { "everything": true },
    });
    let early = app.does::<Value>("shop", RETURN, back.clone()).await.refused();
    assert_eq!(early.code, "PURCHASE_NOT_FOUND");
    let hold = json!({
        "member": { "externalId": "ada" }, "points": 5, "reason": "cart", "idempotencyKey": "k",
    });
    let early = app.does::<Value>("shop", HOLD, hold.clone()).await.refused();
    assert_eq!(early.code, "INSUFFICIENT_POINTS");
    ada.buys("late", "9.00").await.done();
    let hold: Value = app.does("shop", HOLD, hold).await.done();
    let returned: Value = app.does("shop", RETURN, back).await.done();
    assert_eq!(returned["pointsTaken"], 9);
    books::assert_balanced(&app, -5).await;
    app.advance_clock("shop", "2026-01-02T00:00:00Z").await;
    let capture = json!({ "holdId": hold["id"] });
    assert_eq!(app.does::<Value>("shop", CAPTURE, capture).await.refused().code, "HOLD_ENDED");
    books::assert_balanced(&app, 0).await;
}
