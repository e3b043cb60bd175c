//! What was recorded before there was a journal is in it.

use super::{Follower, works};
use crate::support::programs::sandbox_shop;
use crate::support::{Backend, TestApp, books, on_both_databases};
use perennial_migrations::migrate;

on_both_databases!(what_was_recorded_before_the_journal_is_listed_in_its_order);

const PLUGIN: &str = "\n[plugins.consumer-goods]\nsilence_days = 180\n";

async fn what_was_recorded_before_the_journal_is_listed_in_its_order(backend: Backend) {
    let app = TestApp::idle(backend).await;
    let app = app.with_program(&format!("{}{PLUGIN}", sandbox_shop())).await;
    let members = [app.joins("sandbox", "ada").await, app.joins("sandbox", "bob").await];
    // More than one row of the journal holds.
    for order in 0..60 {
        members[order % 2].buys(&format!("order-{order}"), "10.00").await.done();
    }
    for month in 2..12 {
        app.advance_clock("sandbox", &format!("2026-{month:02}-01T00:00:00Z")).await;
    }
    works(&app).await;
    let mut before = Follower::of(&app, "sandbox");
    before.to_the_end().await;

    books::drop_journal(&app).await;
    migrate(app.loyalty.db().write()).await.unwrap();
    let mut after = Follower::of(&app, "sandbox");
    after.to_the_end().await;
    after.assert_saw_all().await;
    for kind in ["Event", "Transaction", "Message"] {
        assert!(!before.ids_of(kind).is_empty(), "there is a {kind}");
        assert_eq!(after.ids_of(kind), before.ids_of(kind), "each {kind} in the order recorded");
    }

    members[0].buys("order-later", "10.00").await.done();
    works(&app).await;
    after.to_the_end().await;
    assert!(after.seen.len() > before.seen.len(), "and it goes on behind that");
    after.assert_saw_all().await;
}
