//! How long points last, by their type, the member's tier and the rule that gave them.

use super::{EURO, shop};
use crate::corrections::voids;
use crate::support::programs::sandbox_shop;
use crate::support::{Backend, TestApp, books, on_both_databases};
use insta::assert_snapshot;
use perennial_core::programs;
use serde_json::{Value, json};

on_both_databases!(
    points_last_as_the_program_says,
    a_tier_and_a_rule_say_otherwise,
    a_revision_leaves_points_as_they_were_earned,
    points_last_longer_or_end_by_hand,
    what_cannot_last_longer_is_refused,
    what_lasted_longer_or_came_back_and_then_expired_is_not_taken_again,
    what_lasts_longer_is_still_the_purchases_own,
);

async fn points_last_as_the_program_says(backend: Backend) {
    for (expiry, expected) in [
        ("points.expiry = \"never\"", ""),
        ("points.expire_after_months = 2", "2026-04-14T09:00:00Z 9"),
        ("points.expiry = { after_months = 2, end_of = \"day\" }", "2026-04-14T22:00:00Z 9"),
        ("points.expiry = { after_months = 2, end_of = \"month\" }", "2026-04-30T22:00:00Z 9"),
        ("points.expiry = { end_of = \"quarter\" }", "2026-03-31T22:00:00Z 9"),
        ("points.expiry = { end_of = \"year\" }", "2026-12-31T23:00:00Z 9"),
        ("points.expiry = { on = [\"12-31\", \"06-30\"] }", "2026-06-30T22:00:00Z 9"),
        ("points.expiry = { on = [\"02-28\"], after_months = 1 }", "2027-02-28T23:00:00Z 9"),
    ] {
        let app =
            TestApp::start(backend).await.with_program(&shop(&(expiry.to_owned() + EURO))).await;
        let ada = app.joins("shop", "ada").await;
        app.advance_clock("shop", "2026-02-14T11:00:00+01:00").await;
        ada.buys("order-1", "9.00").await.done();
        assert_eq!(ada.expiring().await.join(" "), expected, "{expiry}");
        let Some((at, _)) = expected.split_once(' ') else { continue };
        app.advance_clock("shop", at).await;
        assert_eq!(ada.points().await, 0, "{expiry}");
        books::assert_balanced(&app, 0).await;
    }
}

async fn a_tier_and_a_rule_say_otherwise(backend: Backend) {
    let tiers = r#"
        [tiers]
        metric = "purchases"
        [[tiers.ladder]]
        id = "gold"
        name.en = "Gold"
        from = 1
        expiry = { after_months = 24 }
    "#;
    let campaign = r#"
        [[earning_rules]]
        id = "forever"
        name.en = "For ever"
        points = 1000
        expiry = "never"
    "#;
    let program = shop(&format!("points.expire_after_months = 12\n{EURO}{campaign}{tiers}"));
    let app = TestApp::start(backend).await.with_program(&program).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "9.00").await.done();
    assert_eq!(ada.expiring().await, ["2026-12-31T23:00:00Z 9"], "earned before there is a tier");
    ada.buys("order-2", "5.00").await.done();
    let expected = ["2026-12-31T23:00:00Z 9", "2027-12-31T23:00:00Z 5"];
    assert_eq!(ada.expiring().await, expected);
    app.advance_clock("shop", "2030-01-01T00:00:00Z").await;
    assert_eq!(ada.points().await, 2000);
    books::assert_balanced(&app, 2000).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_revision_leaves_points_as_they_were_earned(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "9.00").await.done();
    let shorter = "points.expiry = { end_of = \"month\" }";
    let revised = sandbox_shop().replace("points.expire_after_months = 12", shorter);
    app.loyalty.programs().apply(&revised, "test").await.unwrap();
    ada.buys("order-2", "5.00").await.done();
    let expected = ["2026-01-31T23:00:00Z 5", "2026-12-31T23:00:00Z 9"];
    assert_eq!(ada.expiring().await, expected);
}

const EXTEND: &str = "mutation($input: ExtendPointsInput!) { extendPoints(input: $input) { \
     transaction { id kind points balanceAfter } userErrors { code message field } } }";
const EXPIRE: &str = "mutation($input: ExpirePointsInput!) { expirePoints(input: $input) { \
     transaction { id kind points balanceAfter } userErrors { code message field } } }";

fn asked(key: &str, which: Value, more: Value) -> Value {
    let mut input = json!({
        "member": { "externalId": "ada" }, "which": which, "reason": "The shop was closed",
        "idempotencyKey": key,
    });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

async fn points_last_longer_or_end_by_hand(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    let first = app.transactions("sandbox").await[0].id.clone();
    app.advance_clock("sandbox", "2026-03-01T00:00:00Z").await;
    ada.buys("order-2", "30.00").await.done();
    let which = json!({ "earnedBy": [first] });
    let input = asked("longer", which.clone(), json!({ "until": "2028-01-01T00:00:00Z" }));
    let extended: Value = app.does("sandbox", EXTEND, input.clone()).await.done();
    assert_eq!(
        (&extended["kind"], &extended["points"], &extended["balanceAfter"]),
        (&json!("EXTEND"), &json!(20), &json!(50))
    );
    assert_eq!(app.does::<Value>("sandbox", EXTEND, input).await.done(), extended, "a repeat");
    let expected = ["2027-03-01T00:00:00Z 30", "2028-01-01T00:00:00Z 20"];
    assert_eq!(ada.expiring().await, expected);
    // What comes back is still taken, whatever became of its lot.
    let returned = ada.returns("order-1", "part", json!({ "amount": "5.00" })).await.done();
    assert_eq!((returned.points_taken, returned.balance), (5, 45));
    let soon = json!({ "expiringBefore": "2027-06-01T00:00:00Z" });
    let expired: Value = app.does("sandbox", EXPIRE, asked("end", soon, json!({}))).await.done();
    assert_eq!((&expired["points"], &expired["balanceAfter"]), (&json!(-30), &json!(15)));
    voids(&ada, expired["id"].as_str().unwrap()).await.done();
    assert_eq!(ada.points().await, 45);
    app.does::<Value>("sandbox", EXTEND, asked("ever", json!({ "all": true }), json!({})))
        .await
        .done();
    assert!(ada.expiring().await.is_empty());
    app.advance_clock("sandbox", "2040-01-01T00:00:00Z").await;
    books::assert_balanced(&app, 45).await;
    books::assert_sound(&app, "sandbox").await;
}

async fn what_lasted_longer_or_came_back_and_then_expired_is_not_taken_again(backend: Backend) {
    let paying = "payment = { points = 1, amount = \"0.01\" }";
    let shop = sandbox_shop().replace(
        "points.expire_after_months = 12",
        &format!("points = {{ expire_after_months = 12, {paying} }}"),
    );
    let app = TestApp::start(backend).await.with_program(&shop).await;
    let until = json!({ "until": "2027-06-01T00:00:00Z" });
    // Longer, and over by itself; longer, and ended by hand; over, given back, and over again.
    let [ada, bob, eve] = [
        app.joins("sandbox", "ada").await,
        app.joins("sandbox", "bob").await,
        app.joins("sandbox", "eve").await,
    ];
    for person in [&ada, &bob, &eve] {
        let order = format!("order of {}", person.member.external_id);
        person.buys(&order, "200.00").await.done();
    }
    let of = |name: &str, key: &str, more: &Value| {
        let mut input = asked(key, json!({ "all": true }), more.clone());
        input["member"]["externalId"] = json!(name);
        input
    };
    app.does::<Value>("sandbox", EXTEND, of("ada", "1", &until)).await.done();
    app.does::<Value>("sandbox", EXTEND, of("bob", "1", &until)).await.done();
    app.does::<Value>("sandbox", EXPIRE, of("bob", "2", &json!({}))).await.done();
    let paid = json!({ "reference": "paid", "total": "1.00", "payWith": { "points": 100 } });
    eve.reports(paid).await.done();
    app.advance_clock("sandbox", "2027-01-02T00:00:00Z").await;
    assert_eq!(eve.points().await, 0);
    eve.returns("paid", "all", json!({ "everything": true })).await.done();
    assert_eq!(eve.points().await, 100, "for the days of grace");
    app.advance_clock("sandbox", "2027-06-02T00:00:00Z").await;
    for person in [&ada, &bob, &eve] {
        let order = format!("order of {}", person.member.external_id);
        let back = person.returns_all(&order).await;
        assert_eq!((back.points_taken, back.balance), (0, 0), "{order}");
    }
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "sandbox").await;
}

async fn what_lasts_longer_is_still_the_purchases_own(backend: Backend) {
    let program = sandbox_shop().replace(
        "points.expire_after_months = 12",
        "points = { expire_after_months = 12, \
             pending = { event = \"delivered\" } }",
    );
    let app = TestApp::start(backend).await.with_program(&program).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    app.advance_clock("sandbox", "2026-02-01T00:00:00Z").await;
    ada.buys("order-2", "30.00").await.done();
    for order in ["order-1", "order-2"] {
        ada.happens("delivered", order).await.done();
    }
    // Named by the transaction by which they could be spent.
    let earned = app.transactions("sandbox").await.into_iter();
    let earned = earned.into_iter().find(|one| one.kind == "EARN" && one.points == 30).unwrap();
    let which = json!({ "earnedBy": [earned.id] });
    let longer = json!({ "until": "2029-01-01T00:00:00Z" });
    app.does::<Value>("sandbox", EXTEND, asked("1", which.clone(), longer)).await.done();
    let even = json!({ "until": "2030-01-01T00:00:00Z" });
    app.does::<Value>("sandbox", EXTEND, asked("2", which, even)).await.done();
    let both = ["2027-02-01T00:00:00Z 20", "2030-01-01T00:00:00Z 30"];
    assert_eq!(ada.expiring().await, both);
    ada.returns("order-2", "half", json!({ "amount": "15.00" })).await.done();
    assert_eq!(ada.expiring().await, ["2027-02-01T00:00:00Z 20", "2030-01-01T00:00:00Z 15"]);
    let other = json!({ "earnedBy": ["txn_00000000000000000000000000"] });
    let refused =
        app.does::<Value>("sandbox", EXTEND, asked("3", other, json!({}))).await.refused();
    assert_snapshot!(refused, @"TRANSACTION_NOT_FOUND which.earnedBy.0: the member has no such transaction");
    books::assert_sound(&app, "sandbox").await;
}

async fn what_cannot_last_longer_is_refused(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.buys("order-1", "20.00").await.done();
    let all = json!({ "all": true });
    let past = json!({ "until": "2025-01-01T00:00:00Z" });
    let sooner = json!({ "until": "2026-02-01T00:00:00Z" });
    let early = json!({ "expiringBefore": "2026-02-01T00:00:00Z" });
    let mut refusals = Vec::new();
    for (key, which, more) in [
        ("1", all.clone(), past),
        ("2", all.clone(), sooner),
        ("3", json!({ "all": false }), json!({})),
        ("4", json!({ "earnedBy": [] }), json!({})),
        ("5", json!({ "earnedBy": ["x"] }), json!({})),
    ] {
        let refused = app.does::<Value>("sandbox", EXTEND, asked(key, which, more)).await.refused();
        refusals.push(refused.to_string());
    }
    let none = app.does::<Value>("sandbox", EXPIRE, asked("6", early, json!({}))).await.refused();
    refusals.push(none.to_string());
    assert_snapshot!(refusals.join("\n"), @r"
    INVALID_INPUT until: is not later than the program's now, 2025-12-31T23:00:00Z
    INSUFFICIENT_POINTS which: there are no such points that would end before then
    INVALID_INPUT which.all: say `true`, or which points instead
    INVALID_INPUT which.earnedBy: name 1 to 100 transactions
    INVALID_ID which.earnedBy.0: `x` is not a transaction id
    INSUFFICIENT_POINTS which: there are no such points that could end
    ");
    books::assert_balanced(&app, 20).await;
}

#[test]
fn what_is_wrong_with_points_in_a_program_file_is_said_with_its_line() {
    let wrong = [
        "points.expiry = \"soon\"",
        "points.expiry = {}",
        "points.expiry = { after = 12 }",
        "points.expiry = { on = [\"31-12\"] }",
        "points.expiry = { on = [] }",
        "points.expiry = { on = [\"12-31\"], end_of = \"year\" }",
        "points.expiry = { after_months = 1201 }",
        "points = { expiry = \"never\", expire_after_months = 3 }",
        "points.pending = \"yes\"",
        "points.pending = { days = 0 }",
        "points.pending = { until = \"Christmas\" }",
        "points.pending = { event = \"On delivery\" }",
        "points.pending = { until = \"2026-12-24\", days = 3 }",
        "points.scale = 7",
        "points.pending = { until = \"9999-12-31\" }",
        "points = { negative_balance = \"never\", payment = { points = 1, amount = \"0.01\" } }",
        "points.payment = { points = 9007199254740992, amount = \"0.01\" }",
        "[[point_types]]\nid = \"points\"\nname.en = \"Points\"",
        "[[earning_rules]]\nid = \"x\"\nname.en = \"X\"\npoints = 1\npoint_type = \"stars\"",
        "[[point_types]]\nid = \"stars\"\nname.en = \"Stars\"\nspendable = false\n\
         [[rewards]]\nid = \"x\"\nname.en = \"X\"\npoints = 1\npoint_type = \"stars\"",
        "[tiers]\nmetric = \"spent\"\npoint_type = \"points\"\nladder = [\
         { id = \"x\", name.en = \"X\", from = \"1.00\" }]",
    ];
    let why = |rest: &&str| programs::definition(&shop(rest)).unwrap_err().message().to_owned();
    assert_snapshot!(wrong.iter().map(why).collect::<Vec<_>>().join("\n"), @r#"
    line 8, column 25: expiry: use "never" or a table such as { after_months = 12 }
    line 8, column 25: expiry: name `after_months`, `inactive_months`, `end_of` or `on`
    line 8, column 25: expiry: use "never" or a table of `after_months`, `inactive_months`, `end_of` and `on`
    line 8, column 25: expiry: `31-12` is no day of a year such as 12-31
    line 8, column 25: expiry: on: name 1 to 24 days such as "12-31"
    line 8, column 25: expiry: use `on` or `end_of`, not both
    line 8, column 25: expiry: after_months: use 0 to 1200
    line 8, column 60: expire_after_months: `expiry` says it already
    line 8, column 26: pending: use "no" or a table such as { days = 14 }
    line 8, column 26: pending: days: use 1 to 3660
    line 8, column 26: pending: until: use a date such as 2026-12-24
    line 8, column 26: pending: event: use an id such as "delivered"
    line 8, column 26: pending: name `days`, `until`, or `event` with or without `days`
    line 8, column 24: scale: use 0 to 6
    line 8, column 26: pending: until: use a date such as 2026-12-24
    line 8, column 58: payment: points pay only where negative_balance is "unlimited": what a return forgives would come back with the return of what it paid for
    line 8, column 37: points must be at most 9007199254740991
    line 9, column 6: `points` is the main type: it is described by [points]
    line 12, column 14: `stars` is no type of points: `points`, or the id of one of [[point_types]]
    line 16, column 14: `stars` are points that cannot be spent: `spendable = false`
    line 10, column 14: `points` is counted only by the metric points-earned
    "#);
}
