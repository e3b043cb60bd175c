//! Many at once: nothing is earned or spent twice, whatever the interleaving.

use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, on_both_databases};
use futures::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const REDEEM: &str = "mutation($input: RedeemRewardInput!) { redeemReward(input: $input) \
     { redemption { id balance } userErrors { code field } } }";

on_both_databases! {
    async fn fifty_redemptions_of_a_balance_for_seven_give_seven(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        app.member("shop", "ada").await;
        app.buys("shop", "ada", "order-1", "79.00").await;

        let wish = |key: i32| json!({ "input": { "reward": "mug", "idempotencyKey": format!("wish-{key}") } });
        let answers = join_all((0..50).map(|key| app.storefront("shop", "ada", REDEEM, wish(key)))).await;

        let redeemed: Vec<_> = answers.iter().filter(|answer| !answer["redeemReward"]["redemption"].is_null()).collect();
        assert_eq!(redeemed.len(), 7);
        let balances: BTreeSet<_> = redeemed.iter().map(|answer| answer["redeemReward"]["redemption"]["balance"].as_i64()).collect();
        assert_eq!(balances, (0..7).map(|left| Some(9 + left * 10)).collect(), "each saw its own balance");
        let refused = answers.iter().filter(|answer| code(&answer["redeemReward"]) == "INSUFFICIENT_POINTS").count();
        assert_eq!(refused, 43);
        assert_eq!(app.points("shop", "ada").await, 9);
    }

    async fn one_order_sent_twenty_times_at_once_earns_once(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        app.member("shop", "ada").await;

        let answers = join_all((0..20).map(|_| app.buys("shop", "ada", "order-1", "25.50"))).await;

        assert_eq!(answers[0]["receipt"]["pointsEarned"], json!(25));
        assert!(answers.iter().all(|answer| *answer == answers[0]), "all get the first answer: {answers:#?}");
        assert_eq!(app.points("shop", "ada").await, 25);
        let transactions = app.admin("shop", "{ transactions(first: 10) { nodes { kind points } } }", json!({})).await;
        assert_eq!(transactions["transactions"]["nodes"], json!([{ "kind": "EARN", "points": 25 }]));
    }

    async fn one_order_through_two_servers_earns_once(backend: Backend) {
        let one = TestApp::start(backend).await.with_program(SHOP).await;
        let other = TestApp::beside(&one).await;
        one.member("shop", "ada").await;

        let both = (0..10).flat_map(|_| [&one, &other]);
        let answers = join_all(both.map(|app| app.buys("shop", "ada", "order-1", "25.50"))).await;

        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        assert_eq!(other.points("shop", "ada").await, 25);
    }

    async fn different_orders_of_one_member_at_once_all_count(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        app.member("shop", "ada").await;
        let references: Vec<_> = (0..60).map(|order| format!("order-{order}")).collect();
        let answers = join_all(references.iter().map(|order| app.buys("shop", "ada", order, "3.99"))).await;
        let balances: BTreeSet<_> = answers.iter().map(|answer| answer["receipt"]["balance"].as_i64()).collect();
        assert_eq!(balances, (1..=60).map(|orders| Some(orders * 3)).collect(), "a balance for each step");
        assert_eq!(app.points("shop", "ada").await, 180);
    }
}

fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"].as_str().unwrap_or_default()
}
