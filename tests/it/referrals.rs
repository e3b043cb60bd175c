//! A referral pays both sides, once, at the first purchase.

use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, on_both_databases};
use futures::future::join_all;
use serde_json::json;

const CREATE: &str = "mutation($input: CreateMemberInput!) { createMember(input: $input) \
     { member { id } userErrors { code message } } }";

on_both_databases! {
    async fn the_first_purchase_pays_both_and_the_second_nobody(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        refer(&app).await;
        assert_eq!(app.points("shop", "ada").await, 0, "joining alone pays nothing");
        let first = app.buys("shop", "bob", "order-1", "10.00").await;
        assert_eq!(first["receipt"]["referralPoints"], json!(25));
        assert_eq!(first["receipt"]["balance"], json!(35));
        assert_eq!(app.points("shop", "ada").await, 50);
        let second = app.buys("shop", "bob", "order-2", "10.00").await;
        assert_eq!(second["receipt"]["referralPoints"], json!(0));
        assert_eq!(app.points("shop", "ada").await, 50);
    }

    async fn many_first_purchases_at_once_pay_once(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        let beside = TestApp::beside(&app).await;
        refer(&app).await;
        let orders: Vec<_> = (0..10).map(|order| format!("order-{order}")).collect();
        let servers = [&app, &beside].into_iter().cycle();
        join_all(servers.zip(&orders).map(|(app, order)| app.buys("shop", "bob", order, "1.00"))).await;
        assert_eq!(app.points("shop", "ada").await, 50);
        assert_eq!(app.points("shop", "bob").await, 35);
    }
}

/// Ada brings Bob.
async fn refer(app: &TestApp) {
    let ada = app.member("shop", "ada").await;
    let input = json!({
        "externalId": "bob", "kind": "PERSON", "name": "Bob", "referralCode": ada["referralCode"],
    });
    let created = app.admin("shop", CREATE, json!({ "input": input })).await;
    assert_eq!(created["createMember"]["userErrors"], json!([]));
}
