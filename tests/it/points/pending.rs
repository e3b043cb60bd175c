//! Points that are earned and cannot be spent yet.

use super::{EURO, shop};
use crate::corrections::voids;
use crate::support::{Backend, TestApp, books, on_both_databases};
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(
    points_wait_for_their_days_and_last_from_then_on,
    what_has_waited_long_enough_when_it_is_reported_waits_no_more,
    points_wait_for_an_event_and_its_days,
    points_wait_for_a_day_of_the_calendar,
    a_rule_has_its_own_terms_and_a_purchase_a_transaction_for_each,
    somebody_can_activate_points_and_cancel_them,
    what_comes_back_is_taken_out_of_what_is_pending,
    what_was_pending_is_voided_as_a_whole,
    what_nobody_looked_at_is_as_if_somebody_had,
    an_activation_happens_once_however_many_ask,
    what_a_referral_pays_waits_for_no_event,
    what_is_pending_keeps_room_to_count,
    what_cannot_be_activated_is_refused,
);

const TWO_WEEKS: &str = "points.pending = { days = 14 }\npoints.expire_after_months = 12";
const DELIVERED: &str = "points.pending = { event = \"delivered\", days = 14 }";

async fn points_wait_for_their_days_and_last_from_then_on(backend: Backend) {
    let app =
        TestApp::start(backend).await.with_program(&shop(&(TWO_WEEKS.to_owned() + EURO))).await;
    let ada = app.joins("shop", "ada").await;
    app.advance_clock("shop", "2026-03-20T12:00:00+01:00").await;
    let receipt = ada.buys("order-1", "40.00").await.done();
    assert_eq!((receipt.points_earned, receipt.balance), (40, 0));
    assert_eq!(ada.wallets().await, ["points 0 0 40"]);
    let pending = ada.pending().await;
    // Clocks change on the 29th: it is noon again.
    assert_eq!(pending[0]["availableAt"], "2026-04-03T10:00:00Z");
    assert_eq!(pending[0]["reason"], "A point per euro");
    let refused = ada.redeems("mug", "one").await;
    assert_eq!(refused.refused().code, "REWARD_NOT_FOUND");
    books::assert_balanced(&app, 0).await;
    app.advance_clock("shop", "2026-04-03T09:59:59Z").await;
    assert_eq!(ada.points().await, 0);
    app.advance_clock("shop", "2026-04-03T10:00:00Z").await;
    assert_eq!(ada.wallets().await, ["points 40 0 0"]);
    assert!(ada.pending().await.is_empty());
    assert_eq!(ada.statement().await, ["PENDING 40 points 0", "EARN 40 points 40"]);
    assert_eq!(ada.expiring().await, ["2027-04-03T10:00:00Z 40"]);
    books::assert_balanced(&app, 40).await;
    app.advance_clock("shop", "2027-04-03T10:00:00Z").await;
    assert_eq!(ada.points().await, 0, "a year after they could be spent");
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

/// It becomes pending and ceases to be in one commit.
async fn what_has_waited_long_enough_when_it_is_reported_waits_no_more(backend: Backend) {
    let app =
        TestApp::start(backend).await.with_program(&shop(&(TWO_WEEKS.to_owned() + EURO))).await;
    let ada = app.joins("shop", "ada").await;
    app.advance_clock("shop", "2026-03-20T12:00:00+01:00").await;
    let late = json!({
        "reference": "order-1", "total": "40.00", "purchasedAt": "2026-02-20T12:00:00+01:00",
    });
    ada.reports(late).await.done();
    assert_eq!(ada.wallets().await, ["points 40 0 0"]);
    assert!(ada.pending().await.is_empty());
    assert_eq!(ada.statement().await, ["PENDING 40 points 0", "EARN 40 points 40"]);
    books::assert_balanced(&app, 40).await;
    books::assert_sound(&app, "shop").await;
}

async fn points_wait_for_an_event_and_its_days(backend: Backend) {
    let app =
        TestApp::start(backend).await.with_program(&shop(&(DELIVERED.to_owned() + EURO))).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "40.00").await.done();
    let pending = ada.pending().await;
    assert_eq!(
        (&pending[0]["awaits"], &pending[0]["availableAt"]),
        (&json!("delivered"), &Value::Null)
    );
    app.advance_clock("shop", "2028-01-01T00:00:00Z").await;
    assert_eq!(ada.wallets().await, ["points 0 0 40"], "however long it takes");
    let paid = ada.happens("paid", "order-1").await.done();
    assert!(paid.scheduled.is_empty() && paid.transaction_ids.is_empty(), "nothing waits for that");
    let delivered = ada.happens("delivered", "order-1").await.done();
    assert_eq!(delivered.scheduled[0]["availableAt"], "2028-01-15T00:00:00Z");
    assert_eq!(ada.pending().await[0]["awaits"], Value::Null, "they wait for a day now");
    app.advance_clock("shop", "2028-01-10T00:00:00Z").await;
    assert_eq!(ada.happens("delivered", "order-1").await.done(), delivered, "not put off");
    app.advance_clock("shop", "2028-01-15T00:00:00Z").await;
    assert_eq!(ada.wallets().await, ["points 40 0 0"]);
    let done = ada.happens("delivered", "order-1").await.done();
    assert_eq!((done.transaction_ids.len(), done.scheduled.len()), (1, 0));
    books::assert_balanced(&app, 40).await;
    books::assert_sound(&app, "shop").await;
}

async fn points_wait_for_a_day_of_the_calendar(backend: Backend) {
    let program = shop(&("points.pending = { until = \"2026-12-24\" }".to_owned() + EURO));
    let app = TestApp::start(backend).await.with_program(&program).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "40.00").await.done();
    app.advance_clock("shop", "2026-12-23T22:59:59Z").await;
    assert_eq!(ada.points().await, 0);
    app.advance_clock("shop", "2026-12-23T23:00:00Z").await;
    assert_eq!(ada.points().await, 40, "from midnight on in the program's zone");
    ada.buys("order-2", "7.00").await.done();
    assert_eq!(ada.points().await, 47, "the day is over");
}

async fn a_rule_has_its_own_terms_and_a_purchase_a_transaction_for_each(backend: Backend) {
    let program = shop(
        r#"
        [points]
        expiry = { after_months = 12, end_of = "month" }
        [[earning_rules]]
        id = "euro"
        name.en = "A point per euro"
        points = 1
        per = "1.00"
        [[earning_rules]]
        id = "sofa"
        name.en = "The sofa campaign"
        points = 100
        expiry = { on = ["06-30"] }
        [[earning_rules]]
        id = "review"
        name.en = "Once it is there"
        points = 10
        pending = { event = "delivered" }
        "#,
    );
    let app = TestApp::start(backend).await.with_program(&program).await;
    let ada = app.joins("shop", "ada").await;
    let receipt = ada.buys("order-1", "40.00").await.done();
    assert_eq!((receipt.points_earned, receipt.balance), (150, 140));
    assert_eq!(ada.buys("order-1", "40.00").await.done(), receipt, "a repeat answers the same");
    assert_eq!(ada.wallets().await, ["points 140 0 10"]);
    assert_eq!(ada.pending().await[0]["reason"], "Once it is there", "and no other rule's");
    let expiring = ["2026-06-30T22:00:00Z 100", "2026-12-31T23:00:00Z 40"];
    assert_eq!(ada.expiring().await, expiring);
    ada.happens("delivered", "order-1").await.done();
    assert_eq!(ada.wallets().await, ["points 150 0 0"]);
    let statement = ada.statement().await;
    let expected =
        ["EARN 40 points 40", "EARN 100 points 140", "PENDING 10 points 140", "EARN 10 points 150"];
    assert_eq!(statement, expected);
    let half = json!({ "amount": "20.00" });
    let returned = ada.returns("order-1", "half", half).await.done();
    assert_eq!((returned.points_earned, returned.points_taken, returned.balance), (75, 75, 75));
    let rest = ada.returns_all("order-1").await;
    assert_eq!((rest.points_taken, rest.balance), (75, 0));
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn somebody_can_activate_points_and_cancel_them(backend: Backend) {
    let app =
        TestApp::start(backend).await.with_program(&shop(&(DELIVERED.to_owned() + EURO))).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "40.00").await.done();
    ada.buys("order-2", "2.00").await.done();
    let pending = ada.pending().await;
    let (second, first) = (&pending[0]["transactionId"], &pending[1]["transactionId"]);
    let done = ada.activates(json!({ "transactionId": first })).await.done();
    assert_eq!(ada.activates(json!({ "transactionId": first })).await.done(), done);
    assert_eq!(ada.wallets().await, ["points 40 0 2"]);
    let voided = voids(&ada, second.as_str().unwrap()).await.done();
    assert_eq!((voided.kind.as_str(), voided.points), ("VOID", -2));
    assert_eq!(ada.wallets().await, ["points 40 0 0"]);
    let late = ada.activates(json!({ "transactionId": second })).await.refused();
    assert_snapshot!(late, @"PENDING_ENDED transactionId: these points were cancelled: they will not be earned");
    let none = ada.happens("delivered", "order-2").await.done();
    assert!(none.transaction_ids.is_empty(), "{none:?}");
    assert_eq!(
        ada.statement().await,
        ["PENDING 40 points 0", "PENDING 2 points 0", "EARN 40 points 40", "VOID -2 points 40"]
    );
    books::assert_balanced(&app, 40).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_comes_back_is_taken_out_of_what_is_pending(backend: Backend) {
    let app =
        TestApp::start(backend).await.with_program(&shop(&(TWO_WEEKS.to_owned() + EURO))).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "40.00").await.done();
    let returned = ada.returns("order-1", "half", json!({ "amount": "10.00" })).await.done();
    assert_eq!((returned.points_taken, returned.balance), (10, 0));
    assert_eq!(ada.wallets().await, ["points 0 0 30"]);
    assert_eq!(ada.pending().await[0]["points"], 30);
    let me = ada.asks("{ me { statistics { pointsEarned } } }", Value::Null).await;
    assert_eq!(me["me"]["statistics"]["pointsEarned"], 0, "what is pending does not count yet");
    app.advance_clock("shop", "2026-02-01T00:00:00Z").await;
    assert_eq!(ada.wallets().await, ["points 30 0 0"]);
    ada.returns_all("order-1").await;
    assert_eq!(ada.wallets().await, ["points 0 0 0"]);
    let statement =
        ["PENDING 40 points 0", "RETURN -10 points 0", "EARN 30 points 30", "RETURN -30 points 0"];
    assert_eq!(ada.statement().await, statement);
    ada.buys("order-2", "5.00").await.done();
    ada.returns_all("order-2").await;
    assert_eq!(ada.wallets().await, ["points 0 0 0"]);
    assert!(ada.pending().await.is_empty());
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_was_pending_is_voided_as_a_whole(backend: Backend) {
    let app =
        TestApp::start(backend).await.with_program(&shop(&(TWO_WEEKS.to_owned() + EURO))).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "40.00").await.done();
    let promised = ada.pending().await[0]["transactionId"].as_str().unwrap().to_owned();
    app.advance_clock("shop", "2026-02-01T00:00:00Z").await;
    let earned = app.transactions("shop").await[0].clone();
    assert_eq!(earned.kind, "EARN");
    let refused = voids(&ada, &earned.id).await.refused().to_string();
    assert_snapshot!(
        refused.replace(&promised, "PROMISED"),
        @"CANNOT_BE_VOIDED transactionId: its points were pending before: void PROMISED, by which they were earned"
    );
    voids(&ada, &promised).await.done();
    assert_eq!(ada.wallets().await, ["points 0 0 0"]);
    let me = ada.asks("{ me { statistics { pointsEarned } } }", Value::Null).await;
    assert_eq!(me["me"]["statistics"]["pointsEarned"], 0);
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_nobody_looked_at_is_as_if_somebody_had(backend: Backend) {
    let app =
        TestApp::idle(backend).await.with_program(&shop(&(TWO_WEEKS.to_owned() + EURO))).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "40.00").await.done();
    books::set_test_clock(&app, "2026-01-20T00:00:00Z").await;
    assert_eq!(ada.wallets().await, ["points 40 0 0"]);
    assert!(ada.pending().await.is_empty());
    assert_eq!(ada.statement().await, ["PENDING 40 points 0"], "nobody has written it down");
    let at = "query($at: DateTime!) { me { balanceAt(at: $at) } }";
    let past = ada.asks(at, json!({ "at": "2026-01-19T00:00:00Z" })).await;
    assert_eq!(past["me"]["balanceAt"], 40);
    // Voided by the one who comes by first: what was due is written down with it.
    let promised = app.transactions("shop").await[0].id.clone();
    voids(&ada, &promised).await.done();
    assert_eq!(ada.wallets().await, ["points 0 0 0"]);
    books::set_test_clock(&app, "2027-03-01T00:00:00Z").await;
    ada.buys("order-2", "5.00").await.done();
    assert_eq!(ada.wallets().await, ["points 0 0 5"]);
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn an_activation_happens_once_however_many_ask(backend: Backend) {
    let app = TestApp::start(backend)
        .await
        .with_program(&shop(&("points.pending = { event = \"paid\" }".to_owned() + EURO)))
        .await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "40.00").await.done();
    let other = TestApp::beside(&app).await;
    let there = ada.at(&other);
    let both = [&ada, &there].into_iter().cycle().take(10);
    let done = futures::future::join_all(both.map(|one| one.happens("paid", "order-1"))).await;
    let first = done[0].clone().done();
    assert!(done.into_iter().all(|one| one.done() == first));
    assert_eq!(ada.statement().await, ["PENDING 40 points 0", "EARN 40 points 40"]);
    books::assert_balanced(&app, 40).await;
}

async fn what_a_referral_pays_waits_for_no_event(backend: Backend) {
    let referral = "[referral]\nreferrer_points = 100\nreferred_points = 50\n";
    let program = shop(&format!("{DELIVERED}\n{EURO}{referral}"));
    let app = TestApp::start(backend).await.with_program(&program).await;
    let ada = app.joins("shop", "ada").await;
    let bob =
        json!({ "externalId": "bob", "name": "Bob", "referralCode": ada.member.referral_code });
    app.creates("shop", bob).await.done();
    let order =
        json!({ "member": { "externalId": "bob" }, "reference": "order-1", "total": "7.00" });
    app.records("shop", order).await.done();
    assert_eq!(ada.pending().await[0]["availableAt"], "2026-01-14T23:00:00Z");
    app.advance_clock("shop", "2026-02-01T00:00:00Z").await;
    assert_eq!(ada.wallets().await, ["points 100 0 0"]);
    books::assert_sound(&app, "shop").await;
}

async fn what_is_pending_keeps_room_to_count(backend: Backend) {
    const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
         transaction { id } userErrors { code message field } } }";
    let app =
        TestApp::start(backend).await.with_program(&shop(&(TWO_WEEKS.to_owned() + EURO))).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "40.00").await.done();
    let gift = |points: i64, counts: bool| {
        json!({ "member": { "externalId": "ada" }, "points": points, "reason": "Much",
                "countsAsEarned": counts, "idempotencyKey": format!("{points} {counts}") })
    };
    let most: i64 = (1 << 53) - 1;
    let refused = app.does::<Value>("shop", ADJUST, gift(most - 39, true)).await.refused();
    assert_eq!(refused.code, "OVERFLOW");
    app.does::<Value>("shop", ADJUST, gift(most - 40, true)).await.done();
    app.advance_clock("shop", "2026-02-01T00:00:00Z").await;
    assert_eq!(ada.points().await, most);
    books::assert_sound(&app, "shop").await;
}

async fn what_cannot_be_activated_is_refused(backend: Backend) {
    let app =
        TestApp::start(backend).await.with_program(&shop(&(DELIVERED.to_owned() + EURO))).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "40.00").await.done();
    let event = |happened_at: &str| json!({ "purchase": { "reference": "order-1" }, "event": "delivered", "happenedAt": happened_at });
    let refusals = [
        ada.happens("delivered", "order-9").await,
        ada.happens("Delivered", "order-1").await,
        ada.reports_event(event("2026-05-01T00:00:00Z")).await,
        ada.activates(json!({ "transactionId": "tra_0" })).await,
    ];
    let refusals: Vec<_> = refusals.into_iter().map(|one| one.refused().to_string()).collect();
    assert_snapshot!(refusals.join("\n"), @r"
    PURCHASE_NOT_FOUND purchase: there is no such purchase in this program
    INVALID_INPUT event: use an event of the program file, such as delivered
    FUTURE_INSTANT happenedAt: 2026-05-01T00:00:00Z is later than the program's now, 2025-12-31T23:00:00Z
    INVALID_ID transactionId: `tra_0` is not a transaction id
    ");
    // Told late, it counts from when it happened, but not before there was something to wait.
    let done = ada.reports_event(event("2025-05-01T00:00:00Z")).await.done();
    assert_eq!(done.scheduled[0]["availableAt"], "2026-01-14T23:00:00Z");
}
