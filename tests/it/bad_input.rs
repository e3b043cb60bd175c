//! Requests that are wrong: a clear refusal, and nothing changed.

use crate::support::programs::SHOP;
use crate::support::{Backend, RECORD, TestApp, on_both_databases};
use reqwest::StatusCode;
use serde_json::json;

on_both_databases! {
    async fn wrong_amounts_are_refused_by_code_and_field(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        app.member("shop", "ada").await;
        for (change, code, field) in [
            (json!({ "total": "-1.00" }), "INVALID_AMOUNT", "total"),
            (json!({ "total": "1.001" }), "INVALID_AMOUNT", "total"),
            (json!({ "total": "ten" }), "INVALID_AMOUNT", "total"),
            (json!({ "total": "92233720368547758.08" }), "OVERFLOW", "total"),
            (json!({ "currency": "USD" }), "CURRENCY_MISMATCH", "currency"),
            (json!({ "reference": "" }), "INVALID_INPUT", "reference"),
            (json!({ "purchasedAt": "2999-01-01T00:00:00Z" }), "FUTURE_INSTANT", "purchasedAt"),
            (json!({ "member": { "externalId": "nobody" } }), "MEMBER_NOT_FOUND", "member"),
            (json!({ "member": { "id": "pur_00000000000000000000000000" } }), "INVALID_ID", "member"),
        ] {
            let mut input = json!({ "member": { "externalId": "ada" }, "reference": "order", "total": "5.00" });
            for (key, value) in change.as_object().unwrap() {
                input[key] = value.clone();
            }
            let answer = app.admin("shop", RECORD, json!({ "input": input })).await;
            let error = &answer["recordPurchase"]["userErrors"][0];
            assert_eq!((&error["code"], &error["field"][0]), (&json!(code), &json!(field)), "{change}: {answer:#}");
        }
        assert_eq!(app.points("shop", "ada").await, 0);
    }

    async fn a_wallet_that_would_overflow_refuses_the_purchase_alone(backend: Backend) {
        let rich = SHOP.replace("points = 1\n", "points = 9000000000\n")
            .replace("points.expire_after_months = 12", "points = { purchase_max = 9000000000000000000 }");
        let app = TestApp::start(backend).await.with_program(&rich).await;
        app.member("shop", "ada").await;
        app.member("shop", "bob").await;
        app.buys("shop", "ada", "order-1", "1000000000.00").await;
        let refused = app.buys("shop", "ada", "order-2", "1000000000.00").await;
        assert_eq!(refused["userErrors"][0]["code"], json!("OVERFLOW"), "{refused:#}");
        let bob = app.buys("shop", "bob", "order-3", "1.00").await;
        assert_eq!(bob["userErrors"], json!([]));
        let transactions = app.admin("shop", "{ transactions(first: 5) { nodes { kind } } }", json!({})).await;
        assert_eq!(transactions["transactions"]["nodes"].as_array().unwrap().len(), 2);
    }

    async fn unreasonable_queries_are_refused_before_they_run(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        let token = app.token("shop", "test", "admin");
        let deep = format!("{{ members(first: 1) {{ nodes {} }} }}", "{ transactions(first: 1) { nodes { member ".repeat(9)
            + "{ id }" + &" } } }".repeat(9));
        let aliases: String = (0..200).map(|index| format!("a{index}: members(first: 1) {{ nodes {{ id }} }} ")).collect();
        let wide = "{ members(first: 100) { nodes { transactions(first: 100) { nodes { id kind points } } } } }";
        for query in [deep, format!("{{ {aliases} }}"), wide.to_owned(), "{ members(first: 101) { nodes { id } } }".to_owned()] {
            let (status, body) = app.send("/admin/graphql", Some(&token), &json!({ "query": query })).await;
            assert!(body["errors"][0]["extensions"]["code"].is_string(), "{status} {body:#}");
            assert!(body["data"].is_null(), "{body:#}");
        }
    }

    async fn requests_that_are_not_graphql_get_a_graphql_error(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        let token = app.token("shop", "test", "admin");
        for body in [json!({}), json!([]), json!({ "query": "{" }), json!({ "query": "{ nothing }" }), json!({ "query": 1 })] {
            let (status, answer) = app.send("/admin/graphql", Some(&token), &body).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{body}: {answer:#}");
            assert!(answer["errors"][0]["message"].is_string(), "{answer:#}");
        }
    }
}
