//! A member's statement: transactions by kind and time, and the balance as of any instant.

use crate::support::programs::sandbox_shop;
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    transactions_are_chosen_by_kind_and_time,
    a_balance_of_the_past_is_what_was_there_then,
    what_nobody_swept_counts_as_over_in_the_past_too,
    an_order_of_before_is_paid_with_what_there_is,
);

/// January: earns 20. February: earns 30 and spends 10. A year later the rest expires.
async fn lived(app: &TestApp) -> Person<'_> {
    let ada = app.joins("sandbox", "ada").await;
    app.advance_clock("sandbox", "2026-01-10T12:00:00Z").await;
    ada.buys("january", "20.00").await.done();
    app.advance_clock("sandbox", "2026-02-10T12:00:00Z").await;
    ada.buys("february", "30.00").await.done();
    ada.redeems("mug", "one").await.done();
    ada
}

async fn balance_at(ada: &Person<'_>, at: &str) -> i64 {
    let query = "query($at: DateTime!) { me { balanceAt(at: $at) } }";
    ada.asks(query, json!({ "at": at })).await["me"]["balanceAt"].as_i64().unwrap()
}

async fn transactions_are_chosen_by_kind_and_time(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = lived(&app).await;
    app.advance_clock("sandbox", "2027-03-01T00:00:00Z").await;
    let chosen = async |arguments: &str| {
        let query = format!("{{ me {{ transactions({arguments}) {{ nodes {{ points }} }} }} }}");
        let me = ada.asks(&query, Value::Null).await;
        let nodes = me["me"]["transactions"]["nodes"].as_array().unwrap().clone();
        nodes.iter().map(|node| node["points"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(chosen("first: 9").await, [-30, -10, -10, 30, 20]);
    assert_eq!(chosen("kinds: [EARN]").await, [30, 20]);
    assert_eq!(chosen("kinds: [SPEND, EXPIRE]").await, [-30, -10, -10]);
    assert_eq!(chosen("kinds: []").await, [0_i64; 0]);
    assert_eq!(chosen("from: \"2026-02-10T12:00:00Z\"").await, [-30, -10, -10, 30]);
    assert_eq!(chosen("until: \"2026-02-10T12:00:00Z\"").await, [20], "that instant is not in it");
    let march =
        "kinds: [EARN, SPEND], from: \"2026-02-01T00:00:00Z\", until: \"2026-03-01T00:00:00Z\"";
    assert_eq!(chosen(march).await, [-10, 30]);
    // Pages go on among what was chosen.
    let query = "query($after: String) { me { transactions(first: 1, after: $after, \
         kinds: [EXPIRE]) { nodes { points } pageInfo { endCursor hasNextPage } } } }";
    let first = ada.asks(query, json!({ "after": null })).await;
    let page = &first["me"]["transactions"]["pageInfo"];
    assert_eq!(page["hasNextPage"], true);
    let second = ada.asks(query, json!({ "after": page["endCursor"] })).await;
    assert_eq!(second["me"]["transactions"]["nodes"], json!([{ "points": -10 }]));
}

async fn a_balance_of_the_past_is_what_was_there_then(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = lived(&app).await;
    let expected = [
        ("2025-12-31T23:30:00Z", 0),
        ("2026-01-10T11:59:59Z", 0),
        ("2026-01-10T12:00:00Z", 20),
        ("2026-02-10T11:59:59Z", 20),
        ("2026-02-10T12:00:00Z", 40),
    ];
    for (at, points) in expected {
        assert_eq!(balance_at(&ada, at).await, points, "{at}");
    }
    app.advance_clock("sandbox", "2027-03-01T00:00:00Z").await;
    let later =
        [("2027-01-10T11:59:59Z", 40), ("2027-01-10T12:00:00Z", 30), ("2027-03-01T00:00:00Z", 0)];
    for (at, points) in expected.into_iter().chain(later) {
        assert_eq!(balance_at(&ada, at).await, points, "{at}, seen later");
    }
    // What is reported late counts from when it happened.
    let late =
        json!({ "reference": "late", "total": "5.00", "purchasedAt": "2026-01-20T00:00:00Z" });
    ada.reports(late).await.done();
    assert_eq!(balance_at(&ada, "2026-01-25T00:00:00Z").await, 25);
    let query = "query($at: DateTime!) { me { balanceAt(at: $at) } }";
    let token = app.token("sandbox", "ada", "member");
    let body = json!({ "query": query, "variables": { "at": "2027-03-01T00:00:01Z" } });
    let (_, answer) = app.send("/graphql", Some(&token), &body).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FUTURE_INSTANT");
}

async fn what_nobody_swept_counts_as_over_in_the_past_too(backend: Backend) {
    const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { \
         hold { id } userErrors { code message field } } }";
    let app = TestApp::idle(backend).await.with_program(&sandbox_shop()).await;
    let ada = lived(&app).await;
    let hold = json!({
        "member": { "externalId": "ada" }, "points": 15, "reason": "cart", "idempotencyKey": "k",
        "expiresAt": "2026-02-20T00:00:00Z",
    });
    app.does::<Value>("sandbox", HOLD, hold).await.done();
    books::set_test_clock(&app, "2027-06-01T00:00:00Z").await;
    let expected =
        [("2026-02-11T00:00:00Z", 25), ("2026-02-20T00:00:00Z", 40), ("2027-06-01T00:00:00Z", 0)];
    for (at, points) in expected {
        assert_eq!(balance_at(&ada, at).await, points, "{at}, before anything is written down");
    }
    ada.buys("settles", "0.00").await.done();
    for (at, points) in expected {
        assert_eq!(balance_at(&ada, at).await, points, "{at}, written down");
    }
}

/// A till that was offline reports an order that was paid with points which were earned after it.
async fn an_order_of_before_is_paid_with_what_there_is(backend: Backend) {
    let paying = "points.expire_after_months = 12\n\
         points.payment = { points = 10, amount = \"1.00\" }";
    let program = sandbox_shop().replace("points.expire_after_months = 12", paying);
    let app = TestApp::start(backend).await.with_program(&program).await;
    let ada = lived(&app).await;
    let order = |points: i64, total: &str| {
        json!({
            "reference": "offline", "total": total, "payWith": { "points": points },
            "purchasedAt": "2026-01-20T00:00:00Z",
        })
    };
    let refused = ada.reports(order(50, "5.00")).await.refused();
    assert_eq!(refused.code, "INSUFFICIENT_POINTS", "40 are there now");
    ada.reports(order(30, "3.00")).await.done();
    assert_eq!(ada.points().await, 10);
    for (at, points) in [
        ("2026-01-19T00:00:00Z", 20),
        ("2026-01-20T00:00:00Z", -10),
        ("2026-02-10T11:59:59Z", -10),
        ("2026-02-10T12:00:00Z", 10),
    ] {
        assert_eq!(balance_at(&ada, at).await, points, "{at}");
    }
    books::assert_sound(&app, "sandbox").await;
}
