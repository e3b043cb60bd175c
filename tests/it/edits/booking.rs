//! What an edit books: the difference, and nothing else.

use super::{cart, order};
use crate::support::programs::SHOP;
use crate::support::{Backend, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    only_the_difference_is_booked,
    a_product_that_is_exchanged_keeps_what_the_rest_earned,
    an_order_without_lines_is_its_total,
    shop_and_member_see_the_order_as_it_is,
    transactions_and_events_name_the_edit,
    what_an_edit_would_do_is_quoted,
    the_rules_and_the_caps_are_todays_and_the_day_is_the_orders,
);

async fn only_the_difference_is_booked(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let bought = [("tea", 3, "10.00"), ("mug", 1, "5.99")];
    assert_eq!(ada.reports(order("order-1", &bought)).await.done().points_earned, 15);
    for (edit, lines, points, counts) in [
        ("as-it-is", vec![("tea", 3, "10.00"), ("mug", 1, "5.99")], [0, 0, 0, 15], "15.99"),
        ("more", vec![("tea", 5, "16.00"), ("mug", 1, "5.99")], [6, 0, 0, 21], "21.99"),
        (
            "new",
            vec![("tea", 5, "16.00"), ("mug", 1, "5.99"), ("pot", 1, "20.00")],
            [20, 0, 0, 41],
            "41.99",
        ),
        (
            "dearer",
            vec![("tea", 5, "18.50"), ("mug", 1, "5.99"), ("pot", 1, "20.00")],
            [3, 0, 0, 44],
            "44.49",
        ),
        // What was added last goes first: the 3 of the 2.50, and 1 of the 6 of 6.00.
        (
            "cheaper",
            vec![("tea", 5, "14.50"), ("mug", 1, "5.99"), ("pot", 1, "20.00")],
            [0, 4, 4, 40],
            "40.49",
        ),
        (
            "fewer",
            vec![("tea", 3, "10.00"), ("mug", 1, "5.99"), ("pot", 1, "20.00")],
            [0, 5, 5, 35],
            "35.99",
        ),
        ("gone", vec![("tea", 3, "10.00"), ("pot", 1, "20.00")], [0, 6, 6, 29], "30.00"),
        (
            "again",
            vec![("pot", 1, "20.00"), ("tea", 3, "10.00"), ("mug", 1, "5.99")],
            [6, 0, 0, 35],
            "35.99",
        ),
    ] {
        let receipt = ada.edits("order-1", edit, cart(&lines)).await.done();
        assert_eq!(receipt.points(), points, "{edit}");
        let (purchases, spent, earned) = ada.tally().await;
        assert_eq!((purchases, spent.as_str(), earned), (1, counts, points[3]), "{edit}");
        assert_eq!(receipt.total.amount, counts, "{edit}");
        assert!(!receipt.is_whole, "{edit}");
    }
    let returned = ada.returns_all("order-1").await;
    assert_eq!((returned.points_taken, returned.balance, returned.is_whole), (35, 0, true));
    assert_eq!(ada.tally().await, (0, "0.00".to_owned(), 0));
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

/// What a shop that sends a return and another purchase gets wrong: the points of the rest move, the
/// number of purchases does, and a tier.
async fn a_product_that_is_exchanged_keeps_what_the_rest_earned(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let bought = [("shirt-m", 1, "29.90"), ("socks", 2, "9.00")];
    assert_eq!(ada.reports(order("order-1", &bought)).await.done().points_earned, 38);
    let edited = cart(&[("shirt-l", 1, "29.90"), ("socks", 2, "9.00")]);
    let receipt = ada.edits("order-1", "swap", edited).await.done();
    assert_eq!(receipt.points(), [29, 29, 29, 38]);
    assert_eq!(ada.tally().await, (1, "38.90".to_owned(), 38));
    let positions = |parts: &[super::Part]| -> Vec<_> {
        parts.iter().map(|part| (part.position, part.quantity, part.points_earned)).collect()
    };
    assert_eq!(positions(&receipt.removed), [(1, 1, 29)]);
    assert_eq!(positions(&receipt.added), [(3, 1, 29)], "a new line has the next position");
    let kept = ada.order("order-1", "lines { position sku quantity pointsEarned }").await;
    let expected = json!([
        { "position": 2, "sku": "socks", "quantity": 2, "pointsEarned": 9 },
        { "position": 3, "sku": "shirt-l", "quantity": 1, "pointsEarned": 29 },
    ]);
    assert_eq!(kept["lines"], expected);
    // A category is what rules look at: in another the product is another line.
    let mut other = cart(&[("shirt-l", 1, "29.90"), ("socks", 2, "9.00")]);
    other["lines"][0]["category"] = json!("sale");
    let receipt = ada.edits("order-1", "category", other).await.done();
    assert_eq!(receipt.points(), [29, 29, 29, 38]);
    books::assert_balanced(&app, 38).await;
    books::assert_sound(&app, "shop").await;
}

async fn an_order_without_lines_is_its_total(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    let up = ada.edits("order-1", "e-1", json!({ "total": "25.50" })).await.done();
    assert_eq!(up.points(), [5, 0, 0, 25]);
    assert_eq!((up.added[0].position, up.added[0].quantity), (0, 0));
    let down = ada.edits("order-1", "e-2", json!({ "total": "10.50" })).await.done();
    assert_eq!(down.points(), [0, 14, 14, 11], "5 of the 5.50, and 9 of 20.00's 9.50");
    let part = ada.returns("order-1", "r-1", json!({ "amount": "0.50" })).await.done();
    assert_eq!((part.points_taken, part.lines[0].position), (1, 0));
    let nothing = ada.edits("order-1", "e-3", json!({ "total": "0.00" })).await.done();
    assert_eq!((nothing.points(), nothing.is_whole), ([0, 10, 10, 0], true));
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn shop_and_member_see_the_order_as_it_is(backend: Backend) {
    const SEEN: &str = "total { amount } returned { amount } left { amount } pointsEarned \
         pointsReturned lines { position sku quantity amount { amount } pointsEarned \
         returnedQuantity returned { amount } } returns { reference } \
         edits { reference reason totalBefore { amount } total { amount } pointsEarned \
         pointsRemoved pointsTaken pointsRefunded explanation { points } \
         added { position sku quantity amount { amount } pointsEarned } \
         removed { position quantity amount { amount } pointsEarned } }";
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("tea", 2, "8.00"), ("mug", 1, "6.00")])).await.done();
    let tea = json!({ "lines": [{ "line": { "sku": "tea" }, "quantity": 1 }] });
    ada.returns("order-1", "r-1", tea).await.done();
    let mut edited = cart(&[("tea", 3, "12.00"), ("pot", 1, "20.00")]);
    edited["reason"] = json!("The customer called");
    ada.edits("order-1", "e-1", edited).await.done();
    let amount = |text: &str| json!({ "amount": text });
    let expected = json!({
        "total": amount("32.00"), "returned": amount("4.00"), "left": amount("28.00"),
        "pointsEarned": 32, "pointsReturned": 4, "returns": [{ "reference": "r-1" }],
        "lines": [
            { "position": 1, "sku": "tea", "quantity": 3, "amount": amount("12.00"),
              "pointsEarned": 12, "returnedQuantity": 1, "returned": amount("4.00") },
            { "position": 3, "sku": "pot", "quantity": 1, "amount": amount("20.00"),
              "pointsEarned": 20, "returnedQuantity": 0, "returned": amount("0.00") },
        ],
        "edits": [{
            "reference": "e-1", "reason": "The customer called",
            "totalBefore": amount("14.00"), "total": amount("32.00"),
            "pointsEarned": 24, "pointsRemoved": 6, "pointsTaken": 6, "pointsRefunded": 0,
            "explanation": { "points": 24 },
            "added": [
                { "position": 1, "sku": "tea", "quantity": 1, "amount": amount("4.00"),
                  "pointsEarned": 4 },
                { "position": 3, "sku": "pot", "quantity": 1, "amount": amount("20.00"),
                  "pointsEarned": 20 },
            ],
            "removed": [
                { "position": 2, "quantity": 1, "amount": amount("6.00"), "pointsEarned": 6 },
            ],
        }],
    });
    assert_eq!(ada.order("order-1", SEEN).await, expected);
    let me = format!("{{ me {{ purchases(first: 1) {{ nodes {{ {SEEN} }} }} }} }}");
    let me = ada.asks(&me, Value::Null).await;
    assert_eq!(me["me"]["purchases"]["nodes"][0], expected);
}

async fn transactions_and_events_name_the_edit(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("tea", 1, "8.00"), ("mug", 1, "6.00")])).await.done();
    let edited = cart(&[("tea", 1, "3.00"), ("mug", 2, "12.00")]);
    let receipt = ada.edits("order-1", "e-1", edited).await.done();
    let query = "{ me { transactions(first: 2) { nodes { id kind points cause { __typename \
         ... on EditCause { editId editReference purchaseReference effect points \
         explanation { points } } } } } } }";
    let shown = ada.asks(query, Value::Null).await;
    let cause = |effect: &str, points: Value, explanation: Value| {
        json!({
            "__typename": "EditCause", "editId": receipt.edit_id, "editReference": "e-1",
            "purchaseReference": "order-1", "effect": effect, "points": points,
            "explanation": explanation,
        })
    };
    let expected = json!([
        { "id": receipt.taken_transaction_id, "kind": "RETURN", "points": -5,
          "cause": cause("REMOVED", json!(5), Value::Null) },
        { "id": receipt.earned_transaction_id, "kind": "EARN", "points": 6,
          "cause": cause("ADDED", Value::Null, json!({ "points": 6 })) },
    ]);
    assert_eq!(shown["me"]["transactions"]["nodes"], expected);
    let events = "query($id: ID!) { events(memberId: $id, first: 3) { nodes { name data } } }";
    let events = app.admin("shop", events, json!({ "id": ada.member.id })).await;
    let events = events["events"]["nodes"].as_array().unwrap();
    let names: Vec<_> = events.iter().map(|event| event["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["purchase-edited", "points-earned", "tier-changed"]);
    let data = &events[0]["data"];
    assert_eq!(data["editId"], receipt.edit_id);
    let line = |sku: &str, amount: i64| json!([{ "sku": sku, "category": null, "quantity": 1, "amountMinor": amount }]);
    assert_eq!(data["added"], line("mug", 600));
    let removed = json!([{ "position": 1, "sku": "tea", "quantity": 0, "amountMinor": 500 }]);
    assert_eq!(data["removed"], removed);
    let numbers =
        ["totalBeforeMinor", "totalMinor", "pointsEarned", "pointsRemoved", "pointsTaken"];
    assert_eq!(numbers.map(|field| data[field].as_i64().unwrap()), [1400, 1500, 6, 5, 5]);
    books::assert_sound(&app, "shop").await;
}

async fn what_an_edit_would_do_is_quoted(backend: Backend) {
    const QUOTE: &str = "query($input: QuoteEditInput!) { quoteEdit(input: $input) { quote { \
         totalBefore { amount } total { amount } pointsEarned pointsTaken balance \
         earnedTransactionId removed { position quantity } } userErrors { code message field } } }";
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("tea", 1, "8.00"), ("mug", 1, "6.00")])).await.done();
    let quoted = |cart: Value| {
        let mut input = cart;
        input["purchase"] = json!({ "reference": "order-1" });
        app.admin("shop", QUOTE, json!({ "input": input }))
    };
    let answer = quoted(cart(&[("mug", 3, "18.00")])).await;
    let expected = json!({
        "totalBefore": { "amount": "14.00" }, "total": { "amount": "18.00" },
        "pointsEarned": 12, "pointsTaken": 8, "balance": 18, "earnedTransactionId": null,
        "removed": [{ "position": 1, "quantity": 1 }],
    });
    assert_eq!(answer["quoteEdit"]["quote"], expected);
    assert_eq!(ada.points().await, 14, "a quote books nothing");
    let booked = ada.edits("order-1", "e-1", cart(&[("mug", 3, "18.00")])).await.done();
    assert_eq!(booked.points(), [12, 8, 8, 18]);
    let none = quoted(json!({ "total": "1.00" })).await;
    assert_eq!(none["quoteEdit"]["userErrors"][0]["field"], json!(["lines"]), "{none:#}");
}

/// What is added earns by today's rules, in the day of the order and until its points expire.
async fn the_rules_and_the_caps_are_todays_and_the_day_is_the_orders(backend: Backend) {
    let file = |points: i64, caps: &str| {
        let file = SHOP.replace("points = 1\nper", &format!("points = {points}\nper"));
        let head = format!(
            "program = \"shop\"\nsandbox = true\nclock_starts_on = \"2026-01-01\"\n\
             points.caps = {caps}"
        );
        file.replace("program = \"shop\"", &head)
    };
    let caps = "{ day = 100, balance = 150 }";
    let app = TestApp::start(backend).await.with_program(&file(1, caps)).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("tea", 1, "60.00"), ("mug", 1, "10.00")])).await.done();
    app.advance_clock("shop", "2026-03-01T00:00:00+01:00").await;
    books::put_revision(&app, "shop", &file(2, caps)).await;
    ada.buys("order-2", "30.00").await.done();
    // 20 euros give 40 now; 30 are left of the order's day, and 20 of the wallet.
    let more = cart(&[("tea", 1, "60.00"), ("mug", 3, "30.00")]);
    assert_eq!(ada.edits("order-1", "e-1", more).await.done().points(), [20, 0, 0, 150]);
    // What is taken away makes room: for as much in the day, and in the wallet.
    let swapped = cart(&[("pot", 1, "60.00"), ("mug", 3, "30.00")]);
    assert_eq!(ada.edits("order-1", "e-2", swapped).await.done().points(), [60, 60, 60, 150]);
    books::assert_sound(&app, "shop").await;
}
