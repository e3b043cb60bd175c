//! Time: the test clock, and silence that is answered once.

use crate::support::programs::{SHOP, example};
use crate::support::{Backend, TestApp, on_both_databases};
use insta::assert_snapshot;

on_both_databases!(
    half_a_year_of_silence_is_answered_once,
    the_clock_moves_forward_only_and_only_in_a_sandbox,
);

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
