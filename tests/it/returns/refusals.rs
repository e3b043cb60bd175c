//! Returns that are refused, and repeats.

use super::{items, tea_and_mug};
use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, books, on_both_databases};
use futures::future::join_all;
use insta::assert_snapshot;
use serde_json::json;

on_both_databases!(
    a_repeat_answers_the_first_receipt_and_other_data_are_refused,
    one_that_fails_costs_nobody_else_an_answer,
    what_cannot_come_back_is_refused_by_name,
);

async fn a_repeat_answers_the_first_receipt_and_other_data_are_refused(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let bought = ada.reports(tea_and_mug("order-1")).await.done();
    let first = ada.returns("order-1", "r-1", items("tea", 2)).await.done();
    ada.buys("order-2", "5.00").await.done();
    ada.returns("order-1", "r-2", items("tea", 1)).await.done();
    assert_eq!(ada.returns("order-1", "r-1", items("tea", 2)).await.done(), first);
    let by_id = json!({
        "purchase": { "id": bought.purchase_id }, "reference": "r-1", "what": items("tea", 2),
    });
    assert_eq!(ada.reports_return(by_id).await.done(), first, "named in another way");
    assert_snapshot!(
        ada.returns("order-1", "r-1", items("tea", 1)).await.refused(),
        @"REFERENCE_REUSED reference: `r-1` was recorded with other data"
    );
    // Another purchase has returns of its own.
    ada.returns("order-2", "r-1", json!({ "everything": true })).await.done();
    books::assert_balanced(&app, 6).await;
}

async fn one_that_fails_costs_nobody_else_an_answer(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let bob = app.joins("shop", "bob").await;
    ada.buys("defect", "5.00").await.done();
    for order in 0..12 {
        bob.buys(&format!("order-{order}"), "5.00").await.done();
    }
    books::break_returns(&app, backend, "defect").await;
    let broken = (0..12).map(|_| ada.fails_to_return("defect"));
    let orders: Vec<_> = (0..12).map(|order| format!("order-{order}")).collect();
    let sound = orders.iter().map(|order| bob.returns_all(order));
    let (_, receipts) = tokio::join!(join_all(broken), join_all(sound));
    assert_eq!(receipts.iter().filter(|receipt| receipt.points_taken == 5).count(), 12);
    books::assert_balanced(&app, 5).await;
}

async fn what_cannot_come_back_is_refused_by_name(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(tea_and_mug("order-1")).await.done();
    let line = |line, more: serde_json::Value| {
        let mut returned = json!({ "line": line });
        returned.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "lines": [returned] })
    };
    let mut refusals = Vec::new();
    for what in [
        items("tea", 4),
        items("tea", 0),
        items("coffee", 1),
        line(json!({ "position": 3 }), json!({})),
        line(json!({ "position": 1 }), json!({ "amount": "10.01" })),
        line(json!({ "position": 1 }), json!({ "amount": "1.001" })),
        line(json!({ "position": 1 }), json!({ "amount": "-1.00" })),
        line(json!({ "position": 1 }), json!({ "amount": "0.00" })),
        json!({ "amount": "16.00" }),
        json!({ "amount": "0.00" }),
        json!({ "lines": [] }),
        json!({ "everything": false }),
    ] {
        refusals.push(ada.returns("order-1", "r", what).await.refused().to_string());
    }
    let before = json!({
        "purchase": { "reference": "order-1" }, "reference": "r", "what": { "everything": true },
        "returnedAt": "2026-01-01T00:00:00Z",
    });
    let refused = ada.reports_return(before).await.refused().to_string();
    refusals.push(refused.split(", 20").next().unwrap().to_owned());
    refusals.push(ada.returns("order-9", "r", items("tea", 1)).await.refused().to_string());
    ada.returns_all("order-1").await;
    refusals.push(
        ada.returns("order-1", "r", json!({ "everything": true })).await.refused().to_string(),
    );
    assert_snapshot!(refusals.join("\n"), @r"
    MORE_THAN_IS_LEFT what.lines.0.quantity: 3 items are left, 4 are more
    INVALID_INPUT what.lines.0.quantity: use a whole number above zero
    LINE_NOT_FOUND what.lines.0.line.sku: the purchase has no line of `coffee`
    LINE_NOT_FOUND what.lines.0.line.position: the purchase has no line 3
    MORE_THAN_IS_LEFT what.lines.0.amount: 10.00 EUR is left of the line, 10.01 is more
    INVALID_AMOUNT what.lines.0.amount: `1.001` has more than 2 decimals, EUR allows no more
    INVALID_AMOUNT what.lines.0.amount: an amount is zero or more
    INVALID_INPUT what: says of nothing that it comes back
    MORE_THAN_IS_LEFT what.amount: 15.99 EUR is left of the purchase, 16.00 is more
    INVALID_AMOUNT what.amount: use an amount above zero
    INVALID_INPUT what.lines: name the lines of which something comes back
    INVALID_INPUT what.everything: say `true`, or what comes back instead
    INVALID_INPUT returnedAt: 2026-01-01T00:00:00Z is before the purchase
    PURCHASE_NOT_FOUND purchase: there is no such purchase in this program
    MORE_THAN_IS_LEFT purchase: nothing of it is left to be returned
    ");
    books::assert_balanced(&app, 0).await;
}
