//! The books: balanced, append-only, and expiry that does not depend on when anybody looked.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, TestApp, books, on_both_databases};
use insta::assert_snapshot;
use perennial_core::ledger::NewOpening;
use perennial_core::members::MemberRef;
use perennial_core::{Actor, Points, worker};
use serde_json::json;

on_both_databases!(
    the_books_balance_after_a_life_of_everything,
    the_first_to_expire_is_spent_first,
    expired_points_cannot_be_spent_before_any_sweep,
    history_cannot_be_changed_in_the_database,
    points_of_long_ago_are_over_when_they_come,
    a_members_history_runs_by_when_things_happened,
);

async fn the_books_balance_after_a_life_of_everything(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    for order in 0..12 {
        app.advance_clock("sandbox", &format!("2026-{:02}-15T00:00:00Z", order + 1)).await;
        let total = format!("{}.50", order * 3);
        ada.buys(&format!("order-{order}"), &total).await.done();
        if order % 3 == 2 {
            ada.redeems("mug", &format!("request-{order}")).await;
        }
    }
    app.advance_clock("sandbox", "2027-06-20T00:00:00Z").await;
    books::assert_balanced(&app, ada.points().await).await;
}

async fn the_first_to_expire_is_spent_first(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("january", "10.00").await.done();
    app.advance_clock("sandbox", "2026-03-01T00:00:00Z").await;
    ada.buys("march", "10.00").await.done();
    ada.redeems("mug", "request").await.done();
    app.advance_clock("sandbox", "2027-02-01T00:00:00Z").await;
    assert_eq!(ada.points().await, 10, "January's points were spent, March's are alive");
}

async fn expired_points_cannot_be_spent_before_any_sweep(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "10.00").await.done();

    books::set_test_clock(&app, "2027-12-28T13:20:00Z").await;
    assert_eq!(ada.points().await, 0);
    assert_snapshot!(
        ada.redeems("mug", "late").await.refused(),
        @"INSUFFICIENT_POINTS: 10 points are needed, the balance is 0"
    );

    app.advance_clock("sandbox", "2028-01-01T00:00:00Z").await;
    let expired = &app.transactions("sandbox").await[0];
    assert_eq!((expired.kind.as_str(), expired.points), ("EXPIRE", -10));
    assert_eq!(expired.effective_at, "2026-12-31T23:00:00Z", "when due, not when swept");
}

/// Points of another type, which cannot be spent at once.
const STARS: &str = r#"
[[point_types]]
id = "stars"
name.en = "Stars"
pending = { days = 14 }
[[earning_rules]]
id = "star"
name.en = "A star for each order"
points = 1
point_type = "stars"
"#;

/// An edit, returns, adjustments, a hold, a transfer and a merge.
const WRITES: [&str; 6] = [
    "mutation { editPurchase(input: { purchase: { reference: \"order-1\" }, reference: \"e\", \
     total: \"12.00\" }) { userErrors { code } } }",
    "mutation { recordReturn(input: { purchase: { reference: \"order-1\" }, reference: \"r\", \
     what: { amount: \"1.00\" } }) { userErrors { code } } \
     adjustPoints(input: { member: { externalId: \"ada\" }, points: 9, reason: \"gift\", \
     idempotencyKey: \"k\" }) { userErrors { code } } }",
    "mutation { recordReturn(input: { purchase: { reference: \"order-1\" }, reference: \"rest\", \
     what: { everything: true } }) { userErrors { code } } }",
    "mutation { adjustPoints(input: { member: { externalId: \"ada\" }, points: 9, reason: \"more\", \
     idempotencyKey: \"m\" }) { userErrors { code } } \
     holdPoints(input: { member: { externalId: \"ada\" }, points: 3, reason: \"cart\", \
     idempotencyKey: \"k\" }) { userErrors { code } } }",
    "mutation { createMember(input: { externalId: \"bob\", kind: PERSON, name: \"Bob\" }) \
     { userErrors { code } } \
     transferPoints(input: { from: { externalId: \"ada\" }, to: { externalId: \"bob\" }, points: 1, \
     reason: \"gift\", idempotencyKey: \"t\" }) { userErrors { code } } }",
    "mutation { mergeMembers(input: { from: { externalId: \"bob\" }, into: { externalId: \"ada\" }, \
     reason: \"twice\", idempotencyKey: \"g\" }) { userErrors { code } } \
     unmergeMembers(input: { member: { externalId: \"bob\" }, reason: \"two\", \
     idempotencyKey: \"u\" }) { userErrors { code } } }",
];

async fn history_cannot_be_changed_in_the_database(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(&format!("{SHOP}{STARS}")).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "10.00").await.done();
    // So that each table has a row.
    ada.redeems("mug", "request").await.done();
    for mutation in WRITES {
        let answer = app.admin("shop", mutation, serde_json::Value::Null).await;
        assert!(answer.as_object().unwrap().values().all(|one| one["userErrors"] == json!([])));
    }
    let program = app.loyalty.programs().by_slug("shop").await.unwrap().id;
    let brought_along = NewOpening {
        member: MemberRef::ExternalId("ada".to_owned()),
        reference: "balance-1".to_owned(),
        points: Points::new(7),
        point_type: None,
        earned_at: "2026-01-31T12:00:00Z".parse().unwrap(),
        expires_at: None,
        counts_as_earned: false,
        reason: "From the old system".to_owned(),
    };
    let parts = "INSERT INTO spend_parts (program_id, transaction_id, seq, part_id, points) \
         SELECT program_id, transaction_id, 1, id, 1 FROM lots";
    books::execute(&app, parts).await.unwrap();
    let opened = app.loyalty.ledger().open_many(&Actor::system(program), &[brought_along]).await;
    assert!(opened.unwrap().iter().all(Result::is_ok));
    worker::round(&app.loyalty).await.unwrap();
    worker::seal(&app.loyalty, program).await.unwrap();
    for table in books::APPEND_ONLY {
        for statement in
            [format!("DELETE FROM {table}"), format!("UPDATE {table} SET program_id = program_id")]
        {
            let error = books::execute(&app, &statement).await.unwrap_err();
            assert!(error.contains("append-only"), "{statement}: {error}");
        }
    }
    for table in books::PERMANENT {
        let error = books::execute(&app, &format!("DELETE FROM {table}")).await.unwrap_err();
        assert!(error.contains("permanent"), "{table}: {error}");
    }
    for rename in ["UPDATE members SET id = NULL", "UPDATE lots SET id = NULL"] {
        let error = books::execute(&app, rename).await.unwrap_err();
        assert!(error.contains("permanent"), "{rename}: {error}");
    }
    let negative = books::overdraw(&app).await.unwrap_err();
    assert!(negative.to_lowercase().contains("check"), "{negative}");
}

async fn points_of_long_ago_are_over_when_they_come(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("alive", "10.00").await.done();
    let input =
        json!({ "reference": "old", "total": "7.00", "purchasedAt": "2020-01-01T00:00:00Z" });
    let receipt = ada.reports(input.clone()).await.done();
    assert_eq!((receipt.points_earned, receipt.balance), (7, 10));
    assert_eq!(ada.points().await, 10);
    assert_eq!(ada.reports(input).await.done(), receipt);

    let kinds: Vec<_> =
        app.transactions("sandbox").await.into_iter().map(|one| (one.kind, one.points)).collect();
    let kind = |kind: &str, points| (kind.to_owned(), points);
    assert_eq!(kinds, [kind("EXPIRE", -7), kind("EARN", 7), kind("EARN", 10)]);
    assert_eq!(app.transactions("sandbox").await[0].effective_at, "2021-01-01T00:00:00Z");
    app.advance_clock("sandbox", "2027-02-01T00:00:00Z").await;
    books::assert_balanced(&app, 0).await;
}

async fn a_members_history_runs_by_when_things_happened(backend: Backend) {
    const PAGE: &str = "query($after: String) { \
         transactions(externalId: \"ada\", first: 2, after: $after) { \
         nodes { points } pageInfo { hasNextPage endCursor } } }";
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    app.advance_clock("sandbox", "2026-06-01T00:00:00Z").await;
    // Reported in this order; two of them happened at the same instant.
    for (points, day) in [(5, "05-20"), (1, "01-10"), (4, "04-01"), (3, "03-01"), (2, "03-01")] {
        let at = format!("2026-{day}T12:00:00Z");
        let purchase = json!({
            "reference": format!("order-{points}"), "total": format!("{points}.00"), "purchasedAt": at,
        });
        ada.reports(purchase).await.done();
    }
    let (mut points, mut after) = (Vec::new(), None);
    loop {
        let page = app.admin("sandbox", PAGE, json!({ "after": after })).await;
        let page = &page["transactions"];
        points.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["points"].clone()));
        // What is reported between two pages moves nothing from one to the other.
        if after.is_none() {
            let late = json!({
                "reference": "late", "total": "9.00", "purchasedAt": "2026-05-30T00:00:00Z",
            });
            ada.reports(late).await.done();
        }
        match page["pageInfo"]["hasNextPage"].as_bool() {
            Some(true) => after = page["pageInfo"]["endCursor"].as_str().map(str::to_owned),
            _ => break,
        }
    }
    assert_eq!(json!(points), json!([5, 4, 2, 3, 1]));
}
