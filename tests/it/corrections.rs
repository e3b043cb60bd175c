//! Corrections: points that an operator gives or takes, and transactions that are made good.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, Outcome, Person, TestApp, Transaction, books, on_both_databases};
use futures::future::join_all;
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(
    points_are_given_and_taken_once_for_each_key,
    what_makes_no_sense_is_refused,
    points_are_given_as_of_the_day_on_which_they_were_due,
    points_that_were_given_count_for_tiers_if_the_operator_says_so,
    what_was_earned_wrongly_is_taken_back_once,
    what_was_spent_meanwhile_is_taken_out_of_other_points,
    a_program_in_which_nobody_owes_takes_back_what_there_is,
    what_has_expired_is_not_taken_back_again,
    what_was_spent_wrongly_goes_back_to_where_it_came_from,
    points_that_come_back_after_their_time_last_for_the_days_of_grace,
    what_was_undone_or_undoes_is_not_voided,
);

const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
     transaction { id kind points effectiveAt } userErrors { code message field } } }";
const VOID: &str = "mutation($input: VoidTransactionInput!) { voidTransaction(input: $input) { \
     transaction { id kind points effectiveAt } userErrors { code message field } } }";

async fn adjusts(ada: &Person<'_>, points: i64, more: Value) -> Outcome<Transaction> {
    let mut input = json!({
        "member": { "externalId": ada.member.external_id }, "points": points,
        "reason": "Sorry for the delay", "idempotencyKey": format!("key of {points}"),
    });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ada.app.does(ada.program, ADJUST, input).await
}

pub(crate) async fn voids(ada: &Person<'_>, transaction: &str) -> Outcome<Transaction> {
    let input = json!({ "transactionId": transaction, "reason": "A mistake" });
    ada.app.does(ada.program, VOID, input).await
}

/// The member's last transaction of a kind.
async fn last(ada: &Person<'_>, kind: &str) -> Transaction {
    let all = ada.app.transactions(ada.program).await;
    all.into_iter().find(|transaction| transaction.kind == kind).unwrap()
}

/// When the member's points expire, each with how many.
async fn expiring(ada: &Person<'_>) -> Value {
    let me = ada.asks("{ me { balance { expiring { at points } } } }", Value::Null).await;
    me["me"]["balance"]["expiring"].clone()
}

async fn points_are_given_and_taken_once_for_each_key(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let other = TestApp::beside(&app).await;
    let there = ada.at(&other);
    let people = [&ada, &there].into_iter().cycle().take(10);
    let given = join_all(people.map(|person| adjusts(person, 30, json!({})))).await;
    let given: Vec<_> = given.into_iter().map(Outcome::done).collect();
    assert!(given.iter().all(|one| *one == given[0]), "{given:?}");
    assert_eq!((given[0].kind.as_str(), given[0].points), ("ADJUST", 30));
    assert_eq!(adjusts(&ada, -10, json!({})).await.done().points, -10);
    assert_eq!(ada.points().await, 20);
    assert_snapshot!(
        adjusts(&ada, -21, json!({})).await.refused(),
        @"INSUFFICIENT_POINTS: 21 points are needed, the balance is 20"
    );
    assert_snapshot!(
        adjusts(&ada, 31, json!({ "idempotencyKey": "key of 30" })).await.refused(),
        @"IDEMPOTENCY_KEY_REUSED idempotencyKey: `key of 30` was used for a request with other arguments"
    );
    books::assert_balanced(&app, 20).await;
}

async fn what_makes_no_sense_is_refused(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let mut refusals = Vec::new();
    for (points, more) in [
        (0, json!({})),
        (1, json!({ "reason": " " })),
        (1, json!({ "expiresAt": "2020-01-01T00:00:00Z" })),
        (-1, json!({ "countsAsEarned": true })),
        (-1, json!({ "expiresAt": "2120-01-01T00:00:00Z" })),
        (-1, json!({ "effectiveAt": "2020-01-01T00:00:00Z" })),
        (1, json!({ "effectiveAt": "2120-01-01T00:00:00Z" })),
        (1, json!({ "effectiveAt": "1970-01-01T00:00:00Z" })),
        (1, json!({ "member": { "externalId": "nobody" } })),
    ] {
        let refused = adjusts(&ada, points, more).await.refused().to_string();
        refusals.push(refused.split(", 20").next().unwrap().to_owned());
    }
    assert_snapshot!(refusals.join("\n"), @r"
    INVALID_INPUT points: give points, or take them with a negative number
    INVALID_INPUT reason: use 1 to 200 printable characters, without space around them
    INVALID_INPUT expiresAt: is not later than the program's now
    INVALID_INPUT countsAsEarned: says something of points that are given, not taken
    INVALID_INPUT expiresAt: says something of points that are given, not taken
    INVALID_INPUT effectiveAt: says something of points that are given, not taken
    FUTURE_INSTANT effectiveAt: 2120-01-01T00:00:00Z is later than the program's now
    INVALID_INPUT effectiveAt: 1970-01-01T00:00:00Z is before 1971, and no point is so old
    MEMBER_NOT_FOUND member: there is no such member in this program
    ");
    books::assert_balanced(&app, 0).await;
}

async fn points_are_given_as_of_the_day_on_which_they_were_due(backend: Backend) {
    const BALANCE_AT: &str = "query($at: DateTime!) { me { balanceAt(at: $at) } }";
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    app.advance_clock("sandbox", "2026-06-01T00:00:00Z").await;
    let march = json!({ "effectiveAt": "2026-03-01T00:00:00Z" });
    let given = adjusts(&ada, 30, march.clone()).await.done();
    assert_eq!(given.effective_at, "2026-03-01T00:00:00Z");
    assert_eq!(adjusts(&ada, 30, march).await.done(), given);
    let refused = adjusts(&ada, 30, json!({ "effectiveAt": "2026-04-01T00:00:00Z" })).await;
    assert_eq!(refused.refused().code, "IDEMPOTENCY_KEY_REUSED");
    for (at, points) in [("2026-02-28T00:00:00Z", 0), ("2026-04-01T00:00:00Z", 30)] {
        let me = ada.asks(BALANCE_AT, json!({ "at": at })).await;
        assert_eq!(me["me"]["balanceAt"], points, "at {at}");
    }
    assert_eq!(expiring(&ada).await, json!([{ "at": "2027-03-01T00:00:00Z", "points": 30 }]));
    // They are over with the year for which they would have lasted.
    adjusts(&ada, 5, json!({ "effectiveAt": "2025-05-01T00:00:00Z" })).await.done();
    let expired = last(&ada, "EXPIRE").await;
    assert_eq!((expired.points, expired.effective_at.as_str()), (-5, "2026-05-01T00:00:00Z"));
    books::assert_balanced(&app, 30).await;
    books::assert_sound(&app, "sandbox").await;
}

async fn points_that_were_given_count_for_tiers_if_the_operator_says_so(backend: Backend) {
    const EARNED: &str = "{ me { statistics { pointsEarned } tier { key } } }";
    let source = SHOP.replace("metric = \"purchases\"", "metric = \"points-earned\"");
    let app = TestApp::start(backend).await.with_program(&source).await;
    let ada = app.joins("shop", "ada").await;
    adjusts(&ada, 4, json!({})).await.done();
    let me = ada.asks(EARNED, Value::Null).await;
    assert_eq!(me["me"], json!({ "statistics": { "pointsEarned": 0 }, "tier": null }));
    let given = adjusts(&ada, 3, json!({ "countsAsEarned": true })).await.done();
    let me = ada.asks(EARNED, Value::Null).await;
    assert_eq!(me["me"]["tier"]["key"], "silver");
    voids(&ada, &given.id).await.done();
    let me = ada.asks(EARNED, Value::Null).await;
    assert_eq!(me["me"], json!({ "statistics": { "pointsEarned": 0 }, "tier": null }));
}

async fn what_was_earned_wrongly_is_taken_back_once(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "25.00").await.done();
    ada.buys("order-2", "5.00").await.done();
    let earned = app.transactions("shop").await.pop().unwrap();
    assert_eq!(earned.points, 25);
    let other = TestApp::beside(&app).await;
    let there = ada.at(&other);
    let people = [&ada, &there].into_iter().cycle().take(10);
    let voided = join_all(people.map(|person| voids(person, &earned.id))).await;
    let voided: Vec<_> = voided.into_iter().map(Outcome::done).collect();
    assert!(voided.iter().all(|one| *one == voided[0]), "{voided:?}");
    assert_eq!((voided[0].kind.as_str(), voided[0].points), ("VOID", -25));
    assert_eq!(ada.points().await, 5);
    books::assert_balanced(&app, 5).await;
    let events = app.admin(
        "shop",
        "query($id: ID!) { events(memberId: $id, first: 1) { nodes { name data } } }",
        json!({ "id": ada.member.id }),
    );
    let event = &events.await["events"]["nodes"][0];
    assert_eq!(event["name"], "transaction-voided");
    assert_eq!(event["data"]["voidedTransactionId"], earned.id);
}

async fn what_was_spent_meanwhile_is_taken_out_of_other_points(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    let earned = last(&ada, "EARN").await;
    ada.redeems("mug", "one").await.done();
    ada.buys("order-2", "5.00").await.done();
    assert_eq!(voids(&ada, &earned.id).await.done().points, -20, "five are owed");
    books::assert_balanced(&app, -5).await;
}

async fn a_program_in_which_nobody_owes_takes_back_what_there_is(backend: Backend) {
    let never = "points.negative_balance = \"never\"\npoints.expire_after_months = 12";
    let source = SHOP.replace("points.expire_after_months = 12", never);
    let app = TestApp::start(backend).await.with_program(&source).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    let earned = last(&ada, "EARN").await;
    ada.redeems("mug", "one").await.done();
    ada.buys("order-2", "5.00").await.done();
    assert_eq!(voids(&ada, &earned.id).await.done().points, -15, "no more than there is");
    books::assert_balanced(&app, 0).await;
    let second = last(&ada, "EARN").await;
    assert_snapshot!(
        voids(&ada, &second.id).await.refused(),
        @"INSUFFICIENT_POINTS: nothing is left of these points, nor of others that could stand for them"
    );
}

async fn what_has_expired_is_not_taken_back_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    let earned = last(&ada, "EARN").await;
    ada.redeems("mug", "one").await.done();
    app.advance_clock("sandbox", "2027-02-01T00:00:00Z").await;
    ada.buys("order-2", "30.00").await.done();
    assert_eq!(ada.points().await, 30, "ten were spent and ten expired");
    assert_eq!(voids(&ada, &earned.id).await.done().points, -10);
    books::assert_balanced(&app, 20).await;
}

async fn what_was_spent_wrongly_goes_back_to_where_it_came_from(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "7.00").await.done();
    app.advance_clock("sandbox", "2026-02-01T00:00:00Z").await;
    ada.buys("order-2", "7.00").await.done();
    let before = expiring(&ada).await;
    ada.redeems("mug", "one").await.done();
    assert_ne!(expiring(&ada).await, before);
    let spent = last(&ada, "SPEND").await;
    assert_eq!(voids(&ada, &spent.id).await.done().points, 10);
    assert_eq!(expiring(&ada).await, before, "to the lots that it came from");
    let taken = adjusts(&ada, -9, json!({})).await.done();
    assert_eq!(voids(&ada, &taken.id).await.done().points, 9);
    assert_eq!(expiring(&ada).await, before);
    books::assert_balanced(&app, 14).await;
}

async fn points_that_come_back_after_their_time_last_for_the_days_of_grace(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "15.00").await.done();
    ada.redeems("mug", "one").await.done();
    let spent = last(&ada, "SPEND").await;
    app.advance_clock("sandbox", "2027-02-01T00:00:00Z").await;
    assert_eq!(ada.points().await, 0);
    voids(&ada, &spent.id).await.done();
    assert_eq!(expiring(&ada).await, json!([{ "at": "2027-03-03T00:00:00Z", "points": 10 }]));
    books::assert_balanced(&app, 10).await;
    // What expired can be given back as well.
    let expired = last(&ada, "EXPIRE").await;
    assert_eq!(voids(&ada, &expired.id).await.done().points, 5);
    assert_eq!(ada.points().await, 15);
    app.advance_clock("sandbox", "2027-03-03T00:00:00Z").await;
    assert_eq!(ada.points().await, 0);
    books::assert_balanced(&app, 0).await;
}

async fn what_was_undone_or_undoes_is_not_voided(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    let earned = last(&ada, "EARN").await;
    let void = voids(&ada, &earned.id).await.done();
    assert_eq!(voids(&ada, &earned.id).await.done(), void, "a repeat says what the first said");
    assert_snapshot!(
        voids(&ada, &void.id).await.refused(),
        @"CANNOT_BE_VOIDED transactionId: transactions of the kind VOID are not voided"
    );
    assert_snapshot!(
        voids(&ada, "txn_00000000000000000000000000").await.refused(),
        @"TRANSACTION_NOT_FOUND transactionId: there is no such transaction in this program"
    );
    assert_snapshot!(
        voids(&ada, &ada.member.id).await.refused().code,
        @"INVALID_ID"
    );
}
