//! Applying program files to a program with members.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, TestApp, on_both_databases};
use insta::assert_snapshot;

on_both_databases!(
    a_live_program_keeps_its_currency,
    a_repeat_is_not_checked_against_todays_program,
);

async fn a_live_program_keeps_its_currency(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let dollars = SHOP.replace("EUR", "USD");
    let error = app.loyalty.programs().apply(&dollars, "test").await.unwrap_err();
    assert_snapshot!(
        error.to_string(),
        @"currency: this program has counted in EUR so far, and cannot go over to USD; use another program"
    );
    assert_eq!(app.loyalty.programs().by_slug("shop").await.unwrap().revision, 1);
}

async fn a_repeat_is_not_checked_against_todays_program(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    let purchase = serde_json::json!({ "reference": "order", "total": "5.00", "currency": "EUR" });
    let first = ada.reports(purchase.clone()).await.done();
    let app = app.with_program(&sandbox_shop().replace("EUR", "USD")).await;
    let ada = app.joins("sandbox", "ada").await;
    assert_eq!(ada.reports(purchase).await.done(), first);
    let other = serde_json::json!({ "reference": "other", "total": "5.00", "currency": "EUR" });
    assert_snapshot!(
        ada.reports(other).await.refused(),
        @"CURRENCY_MISMATCH currency: the program counts in USD, not EUR"
    );
}
