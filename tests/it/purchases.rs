//! Recording purchases and quoting carts.

use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, on_both_databases};
use serde_json::{Value, json};

const RECORD_MANY: &str = "mutation($input: RecordPurchasesInput!) { recordPurchases(input: $input) { \
     results { reference receipt { pointsEarned balance tier { id } } userErrors { code field } } \
     userErrors { code message } } }";
const QUOTE: &str = "query($input: QuotePurchaseInput!) { quotePurchase(input: $input) \
     { points tierAfter { id } progress { missing nextTier { id } } } }";

on_both_databases! {
    async fn a_purchase_tells_points_balance_tier_and_the_way_to_the_next(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        app.member("shop", "ada").await;
        let answer = app.buys("shop", "ada", "order-1", "19.99").await;
        let receipt = &answer["receipt"];
        assert_eq!((&receipt["pointsEarned"], &receipt["balance"]), (&json!(19), &json!(19)));
        assert_eq!(receipt["tier"]["id"], json!("bronze"));
        assert_eq!(receipt["progress"], json!({
            "metric": "PURCHASES", "value": 1, "missing": 2, "nextTier": { "id": "silver" },
        }));
    }

    async fn a_quote_is_what_the_purchase_brings(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        app.member("shop", "ada").await;
        for order in 1..=6 {
            let total = format!("{order}7.30");
            let quote = app.storefront("shop", "ada", QUOTE, json!({ "input": { "total": total } })).await;
            let quote = &quote["quotePurchase"];
            let booked = app.buys("shop", "ada", &format!("order-{order}"), &total).await;
            let receipt = &booked["receipt"];
            assert_eq!(quote["points"], receipt["pointsEarned"]);
            assert_eq!(quote["tierAfter"], receipt["tier"], "order {order}");
            assert_eq!(quote["progress"]["missing"], receipt["progress"]["missing"]);
        }
    }

    async fn a_repeat_answers_the_first_receipt_and_other_data_are_refused(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        app.member("shop", "ada").await;
        let first = app.buys("shop", "ada", "order-1", "10.00").await;
        app.buys("shop", "ada", "order-2", "10.00").await;
        assert_eq!(app.buys("shop", "ada", "order-1", "10.00").await, first, "as it was told then, not as it is now");
        let other = app.buys("shop", "ada", "order-1", "11.00").await;
        assert_eq!(other["userErrors"][0]["code"], json!("REFERENCE_REUSED"));
        assert_eq!(app.points("shop", "ada").await, 20);
    }

    async fn of_many_each_answers_for_itself(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        app.member("shop", "ada").await;
        let purchase = |reference: &str, member: &str, total: &str| {
            json!({ "reference": reference, "member": { "externalId": member }, "total": total })
        };
        let purchases = json!([
            purchase("a", "ada", "10.00"),
            purchase("b", "nobody", "10.00"),
            purchase("a", "ada", "10.00"),
            purchase("a", "ada", "12.00"),
            purchase("c", "ada", "-1.00"),
            purchase("d", "ada", "5.00"),
        ]);
        let answer = app.admin("shop", RECORD_MANY, json!({ "input": { "purchases": purchases } })).await;
        let results = answer["recordPurchases"]["results"].as_array().unwrap();
        let codes: Vec<_> = results.iter().map(|result| result["userErrors"][0]["code"].as_str()).collect();
        assert_eq!(codes, [
            None, Some("MEMBER_NOT_FOUND"), None, Some("REFERENCE_REUSED"), Some("INVALID_AMOUNT"), None,
        ]);
        let balances: Vec<_> = results.iter().map(|result| result["receipt"]["balance"].as_i64()).collect();
        assert_eq!(balances, [Some(10), None, Some(10), None, None, Some(15)]);
    }

    async fn lines_add_up_or_the_purchase_is_refused(backend: Backend) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        app.member("shop", "ada").await;
        let line = |amount: &str| json!({ "sku": "oil", "quantity": 1, "amount": amount });
        let record = async |reference: &str, total: Value| {
            let input = json!({
                "member": { "externalId": "ada" }, "reference": reference, "total": total,
                "lines": [line("7.50"), line("2.60")],
            });
            let query = crate::support::RECORD;
            app.admin("shop", query, json!({ "input": input })).await["recordPurchase"].take()
        };
        assert_eq!(record("sum", Value::Null).await["receipt"]["pointsEarned"], json!(10));
        let refused = record("total", json!("10.00")).await;
        assert_eq!(refused["userErrors"][0]["field"], json!(["total"]));
        assert_eq!(app.points("shop", "ada").await, 10);
    }
}
