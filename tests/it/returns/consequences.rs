//! Consequences: balance, debt, expiry, statistics, tier and referral after a return.

use super::{items, tea_and_mug};
use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    what_was_spent_is_owed_and_paid_out_of_what_comes_next,
    a_program_says_how_much_may_be_owed,
    what_expired_is_not_taken_again,
    what_expired_stays_so_whatever_is_voided,
    a_referral_that_was_made_good_is_not_paid_again,
    statistics_and_tier_are_what_they_were_without_it,
    a_referral_is_pending_again_when_no_purchase_is_left,
    what_was_voided_is_not_taken_again_and_what_came_back_is_not_voided,
    plugins_and_followers_hear_of_it,
);

/// Bought 20, spent 10, sent back 20: ten are owed.
async fn what_was_spent_is_owed_and_paid_out_of_what_comes_next(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    ada.redeems("mug", "one").await.done();
    let returned = ada.returns_all("order-1").await;
    assert_eq!((returned.points_taken, returned.balance), (20, -10));
    books::assert_balanced(&app, -10).await;
    let refused = ada.redeems("mug", "two").await.refused();
    assert_eq!(refused.message, "10 points are needed, the balance is -10");
    assert_eq!(ada.buys("order-2", "7.00").await.done().balance, -3);
    books::assert_balanced(&app, -3).await;
    assert_eq!(ada.buys("order-3", "15.00").await.done().balance, 12);
    let me = ada.asks("{ me { balance { points expiring { points } } } }", Value::Null).await;
    assert_eq!(me["me"]["balance"], json!({ "points": 12, "expiring": [{ "points": 12 }] }));
    books::assert_balanced(&app, 12).await;
    // What pays a debt is gone: taking it back makes a new one.
    assert_eq!(ada.returns_all("order-2").await.balance, 5);
    books::assert_balanced(&app, 5).await;
}

async fn a_program_says_how_much_may_be_owed(backend: Backend) {
    for (policy, taken, balance) in
        [("\"never\"", 10, 0), ("4", 14, -4), ("\"unlimited\"", 20, -10)]
    {
        let limit = format!("points.negative_balance = {policy}\npoints.expire_after_months = 12");
        let source = SHOP.replace("points.expire_after_months = 12", &limit);
        let app = TestApp::start(backend).await.with_program(&source).await;
        let ada = app.joins("shop", "ada").await;
        ada.buys("order-1", "20.00").await.done();
        ada.redeems("mug", "one").await.done();
        let returned = ada.returns_all("order-1").await;
        assert_eq!((returned.points_earned, returned.points_taken), (20, taken), "{policy}");
        assert_eq!(returned.balance, balance, "{policy}");
        assert_eq!(returned.progress.value, 0, "it does not count any more");
        books::assert_balanced(&app, balance).await;
    }
}

/// Of 20 points ten were spent and ten expired; the ten that were spent are owed, the others are
/// nobody's.
async fn what_expired_is_not_taken_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.reports(json!({ "reference": "order-1", "lines": [
        { "sku": "tea", "quantity": 4, "amount": "20.00" },
    ] }))
    .await
    .done();
    ada.redeems("mug", "one").await.done();
    app.advance_clock("sandbox", "2027-02-01T00:00:00Z").await;
    ada.buys("order-2", "30.00").await.done();
    // Five each, and what expired is left out first.
    for (reference, taken, balance) in
        [("r-1", 0, 30), ("r-2", 0, 30), ("r-3", 5, 25), ("r-4", 5, 20)]
    {
        let returned = ada.returns("order-1", reference, items("tea", 1)).await.done();
        assert_eq!((returned.points_earned, returned.points_taken), (5, taken), "{reference}");
        assert_eq!(returned.balance, balance);
    }
    books::assert_balanced(&app, 20).await;
}

/// Of 20 points ten were spent and came back for the days of grace, ten expired: the return takes the
/// ten that are there.
async fn what_expired_stays_so_whatever_is_voided(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    ada.redeems("mug", "one").await.done();
    let spent = app.transactions("sandbox").await.remove(0);
    app.advance_clock("sandbox", "2027-02-01T00:00:00Z").await;
    crate::corrections::voids(&ada, &spent.id).await.done();
    assert_eq!(ada.points().await, 10);
    let returned = ada.returns_all("order-1").await;
    assert_eq!((returned.points_earned, returned.points_taken, returned.balance), (20, 10, 0));
    books::assert_balanced(&app, 0).await;
}

async fn a_referral_that_was_made_good_is_not_paid_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let code =
        json!({ "externalId": "bob", "name": "Bob", "referralCode": ada.member.referral_code });
    let member = app.creates("shop", code).await.done();
    let bob = Person { app: &app, program: "shop", member };
    bob.buys("order-1", "10.00").await.done();
    let paid = app.transactions("shop").await;
    let paid = paid.iter().find(|one| one.points == 50).unwrap();
    crate::corrections::voids(&ada, &paid.id).await.done();
    assert_eq!(bob.returns_all("order-1").await.referral_points_taken, 0);
    assert_eq!(bob.buys("order-2", "10.00").await.done().referral_points, 0);
    assert_eq!((ada.points().await, bob.points().await), (0, 35));
    books::assert_balanced(&app, 35).await;
}

async fn statistics_and_tier_are_what_they_were_without_it(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let on = |day: &str, reference: &str| {
        json!({
            "reference": reference, "purchasedAt": format!("2026-0{day}T12:00:00Z"),
            "lines": [{ "sku": "tea", "quantity": 2, "amount": "10.00" }],
        })
    };
    for (day, reference) in [("1-10", "order-1"), ("2-10", "order-2"), ("3-10", "order-3")] {
        ada.reports(on(day, reference)).await.done();
    }
    let shown = async |ada: &Person<'_>| {
        let me = ada.asks(
            "{ me { tier { key } statistics { purchases spent { amount } pointsEarned \
             firstPurchaseAt lastPurchaseAt } } }",
            Value::Null,
        );
        me.await["me"].clone()
    };
    assert_eq!(shown(&ada).await["tier"]["key"], "silver");
    ada.returns("order-3", "half", items("tea", 1)).await.done();
    let after = shown(&ada).await;
    assert_eq!(after["tier"]["key"], "silver", "something of it stands");
    assert_eq!(after["statistics"]["spent"]["amount"], "25.00");
    let whole = ada.returns_all("order-3").await;
    assert_eq!((whole.tier.unwrap().key.as_str(), whole.progress.value), ("bronze", 2));
    ada.returns_all("order-1").await;
    let expected = json!({
        "purchases": 1, "spent": { "amount": "10.00" }, "pointsEarned": 10,
        "firstPurchaseAt": "2026-02-10T12:00:00Z", "lastPurchaseAt": "2026-02-10T12:00:00Z",
    });
    assert_eq!(shown(&ada).await["statistics"], expected);
    books::assert_balanced(&app, 10).await;
}

async fn a_referral_is_pending_again_when_no_purchase_is_left(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let code =
        json!({ "externalId": "bob", "name": "Bob", "referralCode": ada.member.referral_code });
    let member = app.creates("shop", code).await.done();
    let bob = Person { app: &app, program: "shop", member };
    assert_eq!(bob.buys("order-1", "10.00").await.done().referral_points, 25);
    bob.buys("order-2", "10.00").await.done();
    assert_eq!(ada.points().await, 50);
    assert_eq!(bob.returns_all("order-1").await.referral_points_taken, 0, "a purchase stands");
    let last = bob.returns_all("order-2").await;
    assert_eq!((last.referral_points_taken, last.balance), (25, 0));
    assert_eq!(ada.points().await, 0);
    books::assert_balanced(&app, 0).await;
    // Once more, and once only.
    assert_eq!(bob.buys("order-3", "10.00").await.done().referral_points, 25);
    assert_eq!((ada.points().await, bob.points().await), (50, 35));
    books::assert_balanced(&app, 85).await;
    let earned = app.transactions("shop").await;
    let wrong = earned.iter().find(|one| one.kind == "EARN" && one.points == 50).unwrap();
    assert_eq!(crate::corrections::voids(&ada, &wrong.id).await.done().points, -50);
    books::assert_balanced(&app, 35).await;
}

async fn what_was_voided_is_not_taken_again_and_what_came_back_is_not_voided(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(tea_and_mug("order-1")).await.done();
    ada.reports(tea_and_mug("order-2")).await.done();
    let earned = app.transactions("shop").await;
    let [second, first] = [&earned[0].id, &earned[1].id];
    crate::corrections::voids(&ada, first).await.done();
    let returned = ada.returns_all("order-1").await;
    assert_eq!((returned.points_earned, returned.points_taken, returned.balance), (15, 0, 15));
    ada.returns("order-2", "r-1", items("mug", 1)).await.done();
    let refused = crate::corrections::voids(&ada, second).await.refused();
    assert_eq!(refused.code, "CANNOT_BE_VOIDED");
    assert!(refused.message.ends_with("as `r-1`: return what is left of it"), "{refused}");
    books::assert_balanced(&app, 9).await;
}

async fn plugins_and_followers_hear_of_it(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(tea_and_mug("order-1")).await.done();
    let returned = ada.returns("order-1", "r-1", items("mug", 1)).await.done();
    let events = app.admin(
        "shop",
        "query($id: ID!) { events(memberId: $id, first: 1) { nodes { name data } } }",
        json!({ "id": ada.member.id }),
    );
    let event = events.await["events"]["nodes"][0].clone();
    assert_eq!(event["name"], "purchase-returned");
    let data = &event["data"];
    assert_eq!(data["returnId"], returned.return_id);
    assert_eq!((&data["points"], &data["isWhole"]), (&json!(6), &json!(false)));
    let line = json!([{ "position": 2, "sku": "mug", "quantity": 1, "amountMinor": 599 }]);
    assert_eq!(data["lines"], line);
    let taken = app.transactions("shop").await.remove(0);
    assert_eq!((taken.kind.as_str(), taken.points), ("RETURN", -6));
    assert_eq!(data["transactionId"], taken.id);
}
