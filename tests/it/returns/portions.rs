//! Portions: what a return takes of each line, however an order comes back.

use super::{ReturnReceipt, items, tea_and_mug};
use crate::support::programs::SHOP;
use crate::support::random::Random;
use crate::support::{Backend, Outcome, Person, TestApp, books, on_both_databases};
use futures::future::join_all;
use serde_json::{Value, json};

on_both_databases!(
    each_line_gives_back_its_own_share,
    an_amount_of_no_line_in_particular_falls_to_all,
    what_is_left_is_seen_by_shop_and_member,
    items_that_come_after_their_money_take_nothing_more,
    items_sent_back_at_once_through_two_servers_come_back_once,
    whatever_comes_back_in_whatever_portions_nothing_is_left_in_the_end,
);

/// The shares of 15 points: tea 9 (of 9.38), mug 6.
async fn each_line_gives_back_its_own_share(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    assert_eq!(ada.reports(tea_and_mug("order-1")).await.done().points_earned, 15);
    let shown = |one: &ReturnReceipt| {
        (one.amount.amount.clone(), one.points_earned, one.balance, one.is_whole)
    };
    let mut found = Vec::new();
    for (reference, what) in [
        ("tea-1", items("tea", 1)),
        ("tea-2", items("tea", 1)),
        ("mug", json!({ "lines": [{ "line": { "position": 2 } }] })),
        ("tea-3", items("tea", 1)),
    ] {
        let receipt = ada.returns("order-1", reference, what).await.done();
        assert_eq!(receipt.points_taken, receipt.points_earned);
        assert_eq!(receipt.lines.len(), 1);
        found.push(shown(&receipt));
    }
    let expected = [
        ("3.33", 2, 13, false),
        ("3.33", 3, 10, false),
        ("5.99", 6, 4, false),
        ("3.34", 4, 0, true),
    ];
    let expected =
        expected.map(|(amount, points, balance, all)| (amount.to_owned(), points, balance, all));
    assert_eq!(found, expected);
    books::assert_balanced(&app, 0).await;
}

async fn an_amount_of_no_line_in_particular_falls_to_all(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(tea_and_mug("order-1")).await.done();
    let reduced = ada.returns("order-1", "r-1", json!({ "amount": "8.00" })).await.done();
    let amounts: Vec<_> = reduced.lines.iter().map(|part| part.amount.amount.as_str()).collect();
    assert_eq!(amounts, ["5.00", "3.00"], "by what is left of each");
    // Floors of 9 × 500 / 1000 and of 6 × 300 / 599.
    assert_eq!((reduced.points_taken, reduced.balance), (4 + 3, 8));
    let rest = ada.returns_all("order-1").await;
    assert_eq!((rest.amount.amount.as_str(), rest.balance, rest.is_whole), ("7.99", 0, true));
    // Without lines there is nothing but an amount.
    ada.buys("order-2", "10.00").await.done();
    let part = ada.returns("order-2", "r-1", json!({ "amount": "2.50" })).await.done();
    assert_eq!((part.points_taken, part.lines[0].position), (2, 0));
    books::assert_balanced(&app, 8).await;
}

async fn what_is_left_is_seen_by_shop_and_member(backend: Backend) {
    const SEEN: &str = "reference pointsEarned pointsReturned returnedAt total { amount } \
         returned { amount } left { amount } \
         lines { position sku pointsEarned returnedQuantity returned { amount } }";
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(tea_and_mug("order-1")).await.done();
    ada.buys("order-2", "3.00").await.done();
    ada.returns("order-1", "r-1", items("tea", 2)).await.done();
    let query = format!("{{ me {{ purchases(first: 5) {{ nodes {{ {SEEN} }} }} }} }}");
    let me = ada.asks(&query, Value::Null).await;
    let mine = &me["me"]["purchases"]["nodes"];
    assert_eq!(mine[0]["reference"], "order-2", "the last made first");
    let expected = json!({
        "reference": "order-1", "pointsEarned": 15, "pointsReturned": 5, "returnedAt": null,
        "total": { "amount": "15.99" }, "returned": { "amount": "6.66" }, "left": { "amount": "9.33" },
        "lines": [
            { "position": 1, "sku": "tea", "pointsEarned": 9, "returnedQuantity": 2,
              "returned": { "amount": "6.66" } },
            { "position": 2, "sku": "mug", "pointsEarned": 6, "returnedQuantity": 0,
              "returned": { "amount": "0.00" } },
        ],
    });
    assert_eq!(mine[1], expected);
    let query = format!("{{ purchase(reference: \"order-1\") {{ {SEEN} }} }}");
    assert_eq!(app.admin("shop", &query, Value::Null).await["purchase"], expected);
    ada.returns_all("order-1").await;
    let shown = app.admin("shop", &query, Value::Null).await;
    assert!(shown["purchase"]["returnedAt"].is_string(), "{shown:#}");
}

/// All of the price was given back before the items came, and a gift came with them: the purchase is
/// counted off once, and stays so.
async fn items_that_come_after_their_money_take_nothing_more(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("kept", "10.00").await.done();
    let mut order = tea_and_mug("order-1");
    let gift = json!({ "sku": "gift", "quantity": 2, "amount": "0.00" });
    order["lines"].as_array_mut().unwrap().push(gift);
    ada.reports(order).await.done();
    let paid_back = ada.returns("order-1", "money", json!({ "amount": "15.99" })).await.done();
    assert!(paid_back.is_whole);
    for (reference, what) in [
        ("tea", items("tea", 1)),
        ("gift", items("gift", 1)),
        ("rest", json!({ "everything": true })),
    ] {
        let returned = ada.returns("order-1", reference, what).await.done();
        assert_eq!((returned.points_taken, returned.balance), (0, 10), "{reference}");
        assert_eq!(returned.progress.value, 1, "one purchase is kept");
    }
    let nothing = ada.returns("order-1", "more", json!({ "everything": true })).await.refused();
    assert_eq!(nothing.code, "MORE_THAN_IS_LEFT");
    let shown = "{ purchase(reference: \"order-1\") { returns { reference amount { amount } \
         pointsTaken lines { position quantity } } } }";
    let shown = app.admin("shop", shown, Value::Null).await;
    let returns = shown["purchase"]["returns"].as_array().unwrap();
    let references: Vec<_> = returns.iter().map(|one| one["reference"].as_str().unwrap()).collect();
    assert_eq!(references, ["money", "tea", "gift", "rest"]);
    books::assert_balanced(&app, 10).await;
}

async fn items_sent_back_at_once_through_two_servers_come_back_once(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let other = TestApp::beside(&app).await;
    let ada = app.joins("shop", "ada").await;
    let there = ada.at(&other);
    let lines = json!([{ "sku": "tea", "quantity": 6, "amount": "60.00" }]);
    ada.reports(json!({ "reference": "order-1", "lines": lines })).await.done();
    let people = [&ada, &there].into_iter().cycle();
    // Ten returns of an item, each sent twice.
    let references: Vec<_> = (0..20).map(|number| format!("r-{}", number / 2)).collect();
    let sent = references.iter().zip(people);
    let answers = join_all(
        sent.map(|(reference, person)| person.returns("order-1", reference, items("tea", 1))),
    )
    .await;
    let mut pairs = Vec::new();
    for pair in answers.chunks(2) {
        assert!(pair[0] == pair[1], "one answer to one request: {pair:?}");
        pairs.push(matches!(pair[0], Outcome::Done(_)));
    }
    assert_eq!(pairs.iter().filter(|done| **done).count(), 6, "as many as were bought");
    assert_eq!(ada.points().await, 0);
    books::assert_balanced(&app, 0).await;
}

async fn whatever_comes_back_in_whatever_portions_nothing_is_left_in_the_end(backend: Backend) {
    for seed in 0..4 {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        let ada = app.joins("shop", "ada").await;
        let mut random = Random::seeded(seed);
        for order in 0..3 {
            buys_and_returns(&ada, &format!("order-{order}"), &mut random).await;
        }
        let me = ada.asks(
            "{ me { balance { points } tier { key } statistics { purchases pointsEarned \
             lastPurchaseAt } } }",
            Value::Null,
        );
        let statistics = json!({ "purchases": 0, "pointsEarned": 0, "lastPurchaseAt": null });
        let nothing = json!({ "balance": { "points": 0 }, "tier": null, "statistics": statistics });
        assert_eq!(me.await["me"], nothing, "seed {seed}");
        books::assert_balanced(&app, 0).await;
    }
}

/// Buys some lines, and sends them back in random portions until nothing is left.
async fn buys_and_returns(ada: &Person<'_>, order: &str, random: &mut Random) {
    let line = |position: i64, random: &mut Random| {
        let cents = random.within(0..4_000);
        json!({
            "sku": format!("s-{}", position % 2), "quantity": random.within(1..5),
            "amount": format!("{}.{:02}", cents / 100, cents % 100),
        })
    };
    let mut lines: Vec<_> = (0..random.within(1..5)).map(|one| line(one, random)).collect();
    lines.push(json!({ "sku": "paid", "quantity": 2, "amount": "7.77" }));
    let earned = ada.reports(json!({ "reference": order, "lines": lines })).await.done();
    let mut taken = 0;
    for portion in 0.. {
        let position = random.within(1..i64::try_from(lines.len()).unwrap() + 1);
        let line = json!({ "position": position });
        let what = match random.within(0..4) {
            0 => json!({ "lines": [{ "line": line, "quantity": 1 }] }),
            1 => json!({ "lines": [{ "line": line, "amount": "0.50" }] }),
            2 => json!({ "amount": "1.01" }),
            _ if portion > 12 => json!({ "everything": true }),
            _ => json!({ "lines": [{ "line": line, "quantity": 1, "amount": "0.10" }] }),
        };
        let answer = ada.returns(order, &format!("r-{portion}"), what).await;
        let Outcome::Done(receipt) = answer else { continue };
        taken += receipt.points_taken;
        assert_eq!(receipt.is_whole, taken == earned.points_earned && receipt.is_whole);
        if receipt.is_whole {
            break;
        }
    }
    assert_eq!(taken, earned.points_earned, "all that {order} had earned");
}
