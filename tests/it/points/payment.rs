//! Points as a means of payment: quoted with the cart, spent with the purchase, given back with the
//! return.

use super::{EURO, shop};
use crate::corrections::voids;
use crate::support::{Backend, Outcome, Person, TestApp, books, on_both_databases};
use insta::assert_snapshot;
use serde::Deserialize;
use serde_json::{Value, json};

on_both_databases!(
    what_points_pay_is_quoted_spent_and_earns_nothing,
    a_return_gives_back_what_points_had_paid_of_it,
    a_hold_pays_for_the_purchase_that_it_was_made_for,
    points_that_come_back_late_last_for_the_days_of_grace,
    each_portion_that_comes_back_late_can_be_spent_for_the_days_of_grace,
    only_what_was_over_is_lengthened_by_what_comes_back,
    a_payment_is_not_voided_and_goes_back_with_the_purchase,
    points_pay_once_however_many_try,
    what_cannot_pay_is_refused,
);

/// A hundred points pay a euro, at most half of a purchase, in steps of ten.
const PAYMENT: &str = r#"
    points.expire_after_months = 12
    points.payment = { points = 100, amount = "1.00", min = 50, step = 10, max_percent = 50 }
"#;

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Bought {
    points_earned: i64,
    balance: i64,
    payment: Option<Value>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct CameBack {
    points_taken: i64,
    points_refunded: i64,
    amount_paid_with_points: Value,
    balance: i64,
}

const BUY: &str = "mutation($input: RecordPurchaseInput!) { recordPurchase(input: $input) { \
     receipt { pointsEarned balance payment { points amount { amount } } } \
     userErrors { code message field } } }";
const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) { \
     receipt { pointsTaken pointsRefunded amountPaidWithPoints { amount } balance } \
     userErrors { code message field } } }";
const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) { hold { id } \
     userErrors { code message field } } }";

impl Person<'_> {
    async fn pays(&self, order: &str, total: &str, pay_with: Value) -> Outcome<Bought> {
        let input = json!({
            "member": { "externalId": self.member.external_id }, "reference": order,
            "total": total, "payWith": pay_with,
        });
        self.app.does(self.program, BUY, input).await
    }

    async fn sends_back(&self, order: &str, reference: &str, what: Value) -> CameBack {
        let input = json!({
            "purchase": { "reference": order }, "reference": reference, "what": what,
        });
        self.app.does(self.program, RETURN, input).await.done()
    }

    pub(super) async fn payment(&self, total: &str, pay_with: Value) -> Value {
        let quote = "query($input: QuotePurchaseInput!) { quotePurchase(input: $input) { quote { \
             points payment { maxPoints maxAmount { amount } points amount { amount } } } \
             userErrors { code message field } } }";
        let input = json!({ "total": total, "payWith": pay_with });
        let answer = self.asks(quote, json!({ "input": input })).await;
        answer["quotePurchase"]["quote"].clone()
    }

    /// What was spent, in minor units.
    async fn spent(&self) -> String {
        let me = self.asks("{ me { statistics { spent { amount } } } }", Value::Null).await;
        me["me"]["statistics"]["spent"]["amount"].as_str().unwrap().to_owned()
    }
}

async fn app(backend: Backend) -> TestApp {
    TestApp::start(backend).await.with_program(&shop(&format!("{PAYMENT}{EURO}"))).await
}

async fn what_points_pay_is_quoted_spent_and_earns_nothing(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "1234.00").await.done();
    let quoted = ada.payment("19.99", Value::Null).await;
    let most = json!({ "maxPoints": 990, "maxAmount": { "amount": "9.90" }, "points": null,
                       "amount": null });
    assert_eq!((&quoted["points"], &quoted["payment"]), (&json!(19), &most));
    let quoted = ada.payment("19.99", json!({ "points": 500 })).await;
    assert_eq!(
        (&quoted["points"], &quoted["payment"]["amount"]["amount"]),
        (&json!(14), &json!("5.00"))
    );
    assert_eq!(ada.points().await, 1234, "a quote spends nothing");
    let bought = ada.pays("order-2", "19.99", json!({ "points": 500 })).await.done();
    let payment = json!({ "points": 500, "amount": { "amount": "5.00" } });
    assert_eq!(bought, Bought { points_earned: 14, balance: 748, payment: Some(payment) });
    let again = ada.pays("order-2", "19.99", json!({ "points": 500 })).await.done();
    assert_eq!(again, bought, "a repeat answers the same");
    let other = ada.pays("order-2", "19.99", json!({ "points": 510 })).await.refused();
    assert_eq!(other.code, "REFERENCE_REUSED");
    assert_eq!(ada.spent().await, "1248.99", "what points paid was not spent in money");
    let expected = ["EARN 1234 points 1234", "SPEND -500 points 734", "EARN 14 points 748"];
    assert_eq!(ada.statement().await, expected);
    books::assert_balanced(&app, 748).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_return_gives_back_what_points_had_paid_of_it(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "300.00").await.done();
    app.advance_clock("shop", "2026-02-01T00:00:00Z").await;
    ada.buys("order-2", "300.00").await.done();
    let before = ada.expiring().await;
    ada.pays("order-3", "10.00", json!({ "points": 500 })).await.done();
    assert_eq!((ada.points().await, ada.spent().await.as_str()), (105, "605.00"));
    let part = ada.sends_back("order-3", "part", json!({ "amount": "3.33" })).await;
    assert_eq!((part.points_taken, part.points_refunded), (1, 166));
    assert_eq!(part.amount_paid_with_points["amount"], "1.66");
    // As if fewer had been spent: those that last longest are back first.
    assert_eq!(ada.expiring().await, ["2027-02-01T00:00:00Z 270"]);
    let rest = ada.sends_back("order-3", "rest", json!({ "everything": true })).await;
    assert_eq!((rest.points_taken, rest.points_refunded, rest.balance), (4, 334, 600));
    assert_eq!(rest.amount_paid_with_points["amount"], "3.34");
    assert_eq!(ada.expiring().await, before, "exactly where they came from");
    assert_eq!(ada.spent().await, "600.00");
    books::assert_balanced(&app, 600).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_hold_pays_for_the_purchase_that_it_was_made_for(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "300.00").await.done();
    let hold = json!({ "member": { "externalId": "ada" }, "points": 200, "reason": "Cart",
                       "idempotencyKey": "cart" });
    let hold: Value = app.does("shop", HOLD, hold).await.done();
    let with = json!({ "holdId": hold["id"] });
    let bought = ada.pays("order-2", "5.00", with.clone()).await.done();
    assert_eq!((bought.points_earned, bought.balance), (3, 103));
    assert_eq!(ada.pays("order-2", "5.00", with.clone()).await.done(), bought);
    let refused = ada.pays("order-3", "5.00", with).await.refused();
    assert_snapshot!(refused, @"HOLD_ENDED payWith.holdId: the member has no such open hold: it was captured or released, its time is over, or it is another's");
    const CAPTURE: &str = "mutation($input: CaptureHoldInput!) { captureHold(input: $input) { \
         hold { id } userErrors { code message field } } }";
    let capture = json!({ "holdId": hold["id"] });
    let refused = app.does::<Value>("shop", CAPTURE, capture).await.refused();
    assert_eq!(refused.code, "HOLD_ENDED", "what has paid is not handed out again");
    let back = ada.sends_back("order-2", "all", json!({ "everything": true })).await;
    assert_eq!((back.points_refunded, back.balance), (200, 300));
    assert_eq!(ada.wallets().await, ["points 300 0 0"]);
    books::assert_sound(&app, "shop").await;
}

async fn points_that_come_back_late_last_for_the_days_of_grace(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "300.00").await.done();
    ada.pays("order-2", "5.00", json!({ "points": 200 })).await.done();
    app.advance_clock("shop", "2027-02-01T00:00:00Z").await;
    assert_eq!(ada.points().await, 0);
    let back = ada.sends_back("order-2", "all", json!({ "everything": true })).await;
    assert_eq!((back.points_refunded, back.balance), (200, 200));
    assert_eq!(ada.expiring().await, ["2027-03-03T00:00:00Z 200"], "thirty days");
    books::assert_balanced(&app, 200).await;
    books::assert_sound(&app, "shop").await;
}

/// A lot has one end: what came back before lasts as long as what comes back last.
async fn each_portion_that_comes_back_late_can_be_spent_for_the_days_of_grace(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "400.00").await.done();
    ada.pays("order-2", "6.00", json!({ "points": 300 })).await.done();
    ada.pays("order-3", "2.00", json!({ "points": 100 })).await.done();
    let third = |part: &str| (part.to_owned(), json!({ "amount": "2.00" }));
    for (day, (reference, what), expiring) in [
        ("2027-02-01", third("first"), "2027-03-03T00:00:00Z 100"),
        ("2027-03-02", third("second"), "2027-04-01T00:00:00Z 200"),
        // Another order's, out of the same lot.
        ("2027-03-31", ("order-3".to_owned(), Value::Null), "2027-04-30T00:00:00Z 300"),
        ("2027-06-01", third("last"), "2027-07-01T00:00:00Z 100"),
    ] {
        app.advance_clock("shop", &format!("{day}T00:00:00Z")).await;
        match &*reference {
            "order-3" => {
                drop(ada.sends_back("order-3", "all", json!({ "everything": true })).await)
            }
            _ => drop(ada.sends_back("order-2", &reference, what).await),
        }
        assert_eq!(ada.expiring().await, [expiring], "{reference}");
        books::assert_sound(&app, "shop").await;
    }
    books::assert_balanced(&app, 100).await;
}

/// Else who pays with a point and sends the goods back lengthened all the others.
async fn only_what_was_over_is_lengthened_by_what_comes_back(backend: Backend) {
    const EXTEND: &str = "mutation($input: ExtendPointsInput!) { extendPoints(input: $input) { \
         transaction { id } userErrors { code message field } } }";
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "300.00").await.done();
    for order in ["order-2", "order-3", "order-4"] {
        ada.pays(order, "1.00", json!({ "points": 50 })).await.done();
    }
    let all = json!({ "everything": true });
    app.advance_clock("shop", "2026-12-30T00:00:00Z").await;
    ada.sends_back("order-2", "all", all.clone()).await;
    assert_eq!(ada.expiring().await, ["2026-12-31T23:00:00Z 200"]);
    app.advance_clock("shop", "2027-02-01T00:00:00Z").await;
    ada.sends_back("order-3", "all", all.clone()).await;
    // What an operator lets last longer lasts as long as was said.
    let longer = json!({
        "member": { "externalId": "ada" }, "which": { "all": true }, "reason": "Closed",
        "idempotencyKey": "longer", "until": "2027-03-05T00:00:00Z",
    });
    app.does::<Value>("shop", EXTEND, longer).await.done();
    app.advance_clock("shop", "2027-03-04T00:00:00Z").await;
    ada.sends_back("order-4", "all", all).await;
    assert_eq!(ada.expiring().await, ["2027-03-05T00:00:00Z 100"]);
    books::assert_balanced(&app, 100).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_payment_is_not_voided_and_goes_back_with_the_purchase(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "300.00").await.done();
    ada.pays("order-2", "5.00", json!({ "points": 200 })).await.done();
    ada.sends_back("order-2", "part", json!({ "amount": "2.50" })).await;
    assert_eq!(ada.wallets().await, ["points 202 0 0"]);
    let spend = app.transactions("shop").await.into_iter().find(|one| one.kind == "SPEND");
    assert_snapshot!(
        voids(&ada, &spend.unwrap().id).await.refused(),
        @"CANNOT_BE_VOIDED transactionId: it has paid for a purchase, and goes back with it: record a return of the purchase, or an edit"
    );
    assert_eq!(ada.wallets().await, ["points 202 0 0"]);
    let back = ada.sends_back("order-2", "rest", json!({ "everything": true })).await;
    assert_eq!((back.points_refunded, back.balance), (100, 300));
    books::assert_balanced(&app, 300).await;
    books::assert_sound(&app, "shop").await;
}

async fn points_pay_once_however_many_try(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "300.00").await.done();
    let other = TestApp::beside(&app).await;
    let there = ada.at(&other);
    let tries = (0..20).map(|number| {
        let person = if number % 2 == 0 { &ada } else { &there };
        async move { person.pays(&format!("try-{number}"), "2.00", json!({ "points": 100 })).await }
    });
    let tried = futures::future::join_all(tries).await;
    let done = tried.iter().filter(|one| matches!(one, Outcome::Done(_))).count();
    assert_eq!(done, 3, "{tried:#?}");
    books::assert_balanced(&app, 3).await;
}

async fn what_cannot_pay_is_refused(backend: Backend) {
    let app = app(backend).await;
    let ada = app.joins("shop", "ada").await;
    let bob = app.joins("shop", "bob").await;
    ada.buys("order-1", "300.00").await.done();
    bob.buys("order-b", "300.00").await.done();
    let hold = json!({ "member": { "externalId": "bob" }, "points": 200, "reason": "Cart",
                       "idempotencyKey": "cart" });
    let bobs: Value = app.does("shop", HOLD, hold).await.done();
    let mut refusals = Vec::new();
    for (total, with) in [
        ("10.00", json!({ "points": 40 })),
        ("10.00", json!({ "points": 55 })),
        ("10.00", json!({ "points": -100 })),
        ("1.99", json!({ "points": 100 })),
        ("10.00", json!({ "points": 400 })),
        ("10.00", json!({ "holdId": bobs["id"] })),
        ("10.00", json!({ "holdId": "x" })),
    ] {
        refusals.push(ada.pays("order-2", total, with).await.refused().to_string());
    }
    assert_snapshot!(refusals.join("\n"), @r"
    INVALID_INPUT payWith: at least 50 points pay for a purchase
    INVALID_INPUT payWith: use a multiple of 10 points
    INVALID_INPUT payWith: at least 50 points pay for a purchase
    INVALID_INPUT payWith: 100 points are worth 1.00 EUR, and points pay at most 0.99 of this purchase
    INSUFFICIENT_POINTS payWith: 400 points are needed, the balance is 300
    HOLD_ENDED payWith.holdId: the member has no such open hold: it was captured or released, its time is over, or it is another's
    INVALID_ID payWith.holdId: `x` is not a hold id
    ");
    books::assert_balanced(&app, 400).await;
    app.loyalty.programs().apply(&shop(EURO), "test").await.unwrap();
    let refused = ada.pays("order-2", "10.00", json!({ "points": 100 })).await.refused();
    assert_snapshot!(refused, @"INVALID_INPUT payWith: the program's points pay for nothing: see [points.payment]");
    assert_eq!(ada.payment("10.00", Value::Null).await["payment"], Value::Null);
}
