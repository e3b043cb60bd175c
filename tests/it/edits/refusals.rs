//! What an edit cannot say. Nothing changes then.

use super::{cart, order};
use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, books, on_both_databases};
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(what_cannot_be_is_refused_with_its_field, a_free_order_is_no_purchase,);

async fn what_cannot_be_is_refused_with_its_field(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let mut bought = order("order-1", &[("tea", 2, "20.00")]);
    bought["purchasedAt"] = json!("2026-01-10T12:00:00Z");
    ada.reports(bought).await.done();
    ada.buys("order-2", "5.00").await.done();
    let mut first = cart(&[("tea", 3, "30.00")]);
    first["editedAt"] = json!("2026-01-12T12:00:00Z");
    ada.edits("order-1", "e-0", first).await.done();
    let with = |field: &str, value: Value| {
        let mut input = cart(&[("tea", 2, "20.00")]);
        input[field] = value;
        input
    };
    let mut refused = Vec::new();
    for (order, reference, input) in [
        ("none", "e-1", cart(&[("tea", 2, "20.00")])),
        ("order-1", "", cart(&[("tea", 2, "20.00")])),
        ("order-1", "e-0", cart(&[("tea", 2, "20.00")])),
        ("order-1", "e-1", json!({})),
        ("order-1", "e-1", json!({ "total": "20.00" })),
        ("order-2", "e-1", cart(&[("tea", 2, "20.00")])),
        ("order-1", "e-1", with("total", json!("21.00"))),
        ("order-1", "e-1", with("currency", json!("USD"))),
        ("order-1", "e-1", with("editedAt", json!("2999-01-01T00:00:00Z"))),
        ("order-1", "e-1", with("editedAt", json!("2026-01-09T00:00:00Z"))),
        ("order-1", "e-1", with("editedAt", json!("2026-01-11T00:00:00Z"))),
        ("order-1", "e-1", with("reason", json!(""))),
        ("order-1", "e-1", cart(&[("tea", 0, "20.00")])),
        ("order-1", "e-1", cart(&[("", 1, "20.00")])),
    ] {
        refused.push(ada.edits(order, reference, input).await.refused().to_string());
    }
    let refused = without_now(&refused.join("\n"));
    assert_snapshot!(refused, @"
    PURCHASE_NOT_FOUND purchase: there is no such purchase in this program
    INVALID_INPUT reference: use 1 to 128 printable characters, without space around them
    REFERENCE_REUSED reference: `e-0` was recorded with other data
    INVALID_INPUT total: send a total, or lines that add up to it
    INVALID_INPUT lines: the purchase was recorded with lines: send all of its lines
    INVALID_INPUT lines: the purchase was recorded without lines: send the total that it has now
    INVALID_AMOUNT total: the lines add up to 2000 minor units, the total says 2100
    CURRENCY_MISMATCH currency: the program counts in EUR, not USD
    FUTURE_INSTANT editedAt: 2999-01-01T00:00:00Z is later than the program's now
    INVALID_INPUT editedAt: 2026-01-09T00:00:00Z is before the purchase, 2026-01-10T12:00:00Z
    INVALID_INPUT editedAt: 2026-01-11T00:00:00Z is before the last edit, 2026-01-12T12:00:00Z: send the order as it is now
    INVALID_INPUT reason: use 1 to 200 printable characters, without space around them
    INVALID_INPUT lines.0.quantity: use a whole number above zero
    INVALID_INPUT lines.0.sku: use 1 to 128 printable characters, without space around them
    ");
    assert_eq!(ada.points().await, 35, "nothing changed");
    books::assert_sound(&app, "shop").await;
}

/// Instants that depend on when the test runs give way.
fn without_now(text: &str) -> String {
    let shown = |line: &str| match line.split_once("the program's now, ") {
        Some((before, _)) => format!("{before}the program's now"),
        None => line.to_owned(),
    };
    text.lines().map(shown).collect::<Vec<_>>().join("\n")
}

/// Where free orders do not count, nor does what has become free, until it costs something.
async fn a_free_order_is_no_purchase(backend: Backend) {
    let file = SHOP.replace("currency =", "count_free_purchases = false\ncurrency =");
    let app = TestApp::start(backend).await.with_program(&file).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("sample", 2, "0.00")])).await.done();
    let one = ada.edits("order-1", "e-1", cart(&[("sample", 1, "0.00")])).await.done();
    assert_eq!((one.points(), one.is_whole), ([0, 0, 0, 0], false));
    assert_eq!(ada.tally().await, (0, "0.00".to_owned(), 0));
    let paid = cart(&[("sample", 1, "0.00"), ("tea", 1, "5.00")]);
    assert_eq!(ada.edits("order-1", "e-2", paid).await.done().points(), [5, 0, 0, 5]);
    assert_eq!(ada.tally().await, (1, "5.00".to_owned(), 5));
    let free = ada.edits("order-1", "e-3", cart(&[("tea", 1, "0.00")])).await.done();
    assert_eq!((free.points(), free.is_whole), ([0, 5, 5, 0], true));
    assert_eq!(ada.tally().await, (0, "0.00".to_owned(), 0));
    let again = ada.edits("order-1", "e-4", cart(&[("tea", 1, "5.00")])).await.done();
    assert_eq!(again.points(), [5, 0, 0, 5]);
    assert_eq!(ada.tally().await, (1, "5.00".to_owned(), 5));
    books::assert_balanced(&app, 5).await;
    books::assert_sound(&app, "shop").await;
}
