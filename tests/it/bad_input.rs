//! Requests that are wrong: a clear refusal, and nothing changed.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, TestApp, on_both_databases};
use insta::assert_snapshot;
use reqwest::StatusCode;
use serde_json::json;

on_both_databases!(
    wrong_amounts_are_refused_by_code_and_field,
    a_wallet_that_would_overflow_refuses_the_purchase_alone,
    unreasonable_queries_are_refused_before_they_run,
    requests_that_are_not_graphql_get_a_graphql_error,
);

async fn wrong_amounts_are_refused_by_code_and_field(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    let mut refusals = Vec::new();
    for change in [
        json!({ "total": "-1.00" }),
        json!({ "total": "1.001" }),
        json!({ "total": "ten" }),
        json!({ "total": "92233720368547758.08" }),
        json!({ "lines": [{ "sku": "s", "amount": "5.00", "quantity": -1 }] }),
        json!({ "currency": "USD" }),
        json!({ "reference": "" }),
        json!({ "purchasedAt": "2999-01-01T00:00:00Z" }),
        json!({ "purchasedAt": "1970-12-31T22:59:59Z" }),
        json!({ "purchasedAt": "0001-01-01T00:00:00Z" }),
        json!({ "member": { "externalId": "nobody" } }),
        json!({ "member": { "id": "pur_00000000000000000000000000" } }),
    ] {
        let mut purchase = json!({ "reference": "order", "total": "5.00" });
        for (key, value) in change.as_object().unwrap() {
            purchase[key] = value.clone();
        }
        let refused = ada.reports(purchase).await.refused();
        refusals.push(format!("{change}\n    {refused}"));
    }
    assert_snapshot!(refusals.join("\n"), @r#"
    {"total":"-1.00"}
        INVALID_AMOUNT total: an amount is zero or more; of a return, take the points back with adjustPoints
    {"total":"1.001"}
        INVALID_AMOUNT total: `1.001` has more than 2 decimals, EUR allows no more
    {"total":"ten"}
        INVALID_AMOUNT total: `ten` is not a decimal amount such as 29.33
    {"total":"92233720368547758.08"}
        OVERFLOW total: `92233720368547758.08` is too large an amount
    {"lines":[{"amount":"5.00","quantity":-1,"sku":"s"}]}
        INVALID_INPUT lines.0.quantity: use a whole number above zero
    {"currency":"USD"}
        CURRENCY_MISMATCH currency: the program counts in EUR, not USD
    {"reference":""}
        INVALID_INPUT reference: use 1 to 128 printable characters, without space around them
    {"purchasedAt":"2999-01-01T00:00:00Z"}
        FUTURE_INSTANT purchasedAt: 2999-01-01T00:00:00Z is later than the program's now, 2025-12-31T23:00:00Z
    {"purchasedAt":"1970-12-31T22:59:59Z"}
        INVALID_INPUT purchasedAt: 1970-12-31T22:59:59Z is before 1971, and no purchase is so old
    {"purchasedAt":"0001-01-01T00:00:00Z"}
        INVALID_INPUT purchasedAt: 0001-01-01T00:00:00Z is before 1971, and no purchase is so old
    {"member":{"externalId":"nobody"}}
        MEMBER_NOT_FOUND member: there is no such member in this program
    {"member":{"id":"pur_00000000000000000000000000"}}
        INVALID_ID member.id: `pur_00000000000000000000000000` is not a member id
    "#);
    assert_eq!(ada.points().await, 0);
}

async fn a_wallet_that_would_overflow_refuses_the_purchase_alone(backend: Backend) {
    let most = "points = { purchase_max = 9000000000000000 }";
    let rich = SHOP
        .replace("points = 1\n", "points = 9000000\n")
        .replace("points.expire_after_months = 12", most);
    let app = TestApp::start(backend).await.with_program(&rich).await;
    let ada = app.joins("shop", "ada").await;
    let bob = app.joins("shop", "bob").await;
    ada.buys("order-1", "1000000000.00").await.done();

    assert_snapshot!(
        ada.buys("order-2", "1000000000.00").await.refused(),
        @"OVERFLOW: the number of points exceeds what a wallet can hold"
    );
    bob.buys("order-3", "1.00").await.done();
    assert_eq!(app.transactions("shop").await.len(), 2);
}

async fn unreasonable_queries_are_refused_before_they_run(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let token = app.token("shop", "test", "admin");
    let down = "{ transactions(first: 1) { nodes { member ".repeat(9);
    let up = " } } }".repeat(9);
    let deep = format!("{{ members(first: 1) {{ nodes {down}{{ id }}{up} }} }}");
    let aliased = |index| format!("a{index}: members(first: 1) {{ nodes {{ id }} }} ");
    let aliases: String = (0..200).map(aliased).collect();
    let wide = "{ members(first: 100) { nodes { \
         transactions(first: 100) { nodes { id kind points } } } } }";
    let page = "{ members(first: 101) { nodes { id } } }";
    for (query, code) in [
        (deep, "QUERY_TOO_LARGE"),
        (format!("{{ {aliases} }}"), "QUERY_TOO_LARGE"),
        (wide.to_owned(), "QUERY_TOO_LARGE"),
        (page.to_owned(), "TOO_MANY"),
    ] {
        let body = json!({ "query": query });
        let (status, body) = app.send("/admin/graphql", Some(&token), &body).await;
        assert_eq!(body["errors"][0]["extensions"]["code"], json!(code), "{status} {body:#}");
        assert!(body["data"].is_null() || body["data"]["members"].is_null(), "{body:#}");
    }
}

async fn requests_that_are_not_graphql_get_a_graphql_error(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let token = app.token("shop", "test", "admin");
    for body in [
        json!({}),
        json!([]),
        json!({ "query": "{" }),
        json!({ "query": "{ nothing }" }),
        json!({ "query": 1 }),
    ] {
        let (status, answer) = app.send("/admin/graphql", Some(&token), &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}: {answer:#}");
        assert!(answer["errors"][0]["message"].is_string(), "{answer:#}");
    }
}
