//! Recording purchases and quoting carts.

use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, Outcome, Receipt, Sent, TestApp, TestDb, Tier, on_both_databases};
use insta::assert_snapshot;
use perennial_core::members::MemberRef;
use perennial_core::purchases::{Cart, NewPurchase};
use perennial_core::{Actor, Code};
use serde_json::{Value, json};

on_both_databases!(
    a_receipt_shows_points_balance_tier_and_the_way_to_the_next,
    a_quote_is_what_the_purchase_brings,
    a_repeat_answers_the_first_receipt_and_other_data_are_refused,
    of_many_each_answers_for_itself,
    lines_add_up_or_the_purchase_is_refused,
    a_shop_whose_clock_is_a_little_ahead_is_recorded_as_of_now,
    of_equal_purchases_in_a_batch_only_the_first_is_new,
    a_batch_is_one_look_and_one_commit,
    many_purchases_are_recorded_at_once_and_no_more,
    a_cart_is_quoted_for_whoever_reads_or_sells_however_the_member_is_named,
);

async fn a_receipt_shows_points_balance_tier_and_the_way_to_the_next(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let receipt = ada.buys("order-1", "19.99").await.done();
    assert_eq!((receipt.points_earned, receipt.balance), (19, 19));
    assert_eq!(receipt.tier, Some(tier("bronze")));
    let progress = receipt.progress;
    assert_eq!(progress.metric, "PURCHASES");
    assert_eq!((progress.value, progress.missing), (1, 2));
    assert_eq!(progress.next_tier, Some(tier("silver")));
}

async fn a_quote_is_what_the_purchase_brings(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    for order in 1..=6 {
        let total = format!("{order}7.30");
        let quote = ada.quote(&total).await;
        let receipt = ada.buys(&format!("order-{order}"), &total).await.done();
        assert_eq!(quote.points, receipt.points_earned);
        assert_eq!(quote.tier_after, receipt.tier, "order {order}");
        assert_eq!(quote.progress, receipt.progress);
    }
}

async fn a_repeat_answers_the_first_receipt_and_other_data_are_refused(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let first = ada.buys("order-1", "10.00").await.done();
    ada.buys("order-2", "10.00").await.done();
    let again = ada.buys("order-1", "10.00").await.done();
    assert_eq!(again, first, "as it was then, not as it is now");
    assert_snapshot!(
        ada.buys("order-1", "11.00").await.refused(),
        @"REFERENCE_REUSED reference: `order-1` was recorded with other data"
    );
    let by_id =
        json!({ "member": { "id": ada.member.id }, "reference": "order-1", "total": "10.00" });
    assert_eq!(ada.reports(by_id).await.done(), first, "the member may be named in two ways");
    let bob = app.joins("shop", "bob").await;
    assert_snapshot!(
        bob.buys("order-1", "10.00").await.refused(),
        @"REFERENCE_REUSED reference: `order-1` was recorded with other data"
    );
    assert_eq!(ada.points().await, 20);
}

async fn of_many_each_answers_for_itself(backend: Backend) {
    const RECORD_MANY: &str = "mutation($input: RecordPurchasesInput!) { \
         recordPurchases(input: $input) { \
         results { receipt { purchaseId pointsEarned referralPoints balance tier { key } \
           progress { metric value missing nextTier { key } } } \
           userErrors { code message field } } \
         userErrors { code message field } } }";
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    let purchase = |reference: &str, member: &str, total: &str| {
        let member = json!({ "externalId": member });
        json!({ "member": member, "reference": reference, "total": total })
    };
    let purchases = json!({ "purchases": [
        purchase("a", "ada", "10.00"),
        purchase("b", "nobody", "10.00"),
        purchase("a", "ada", "10.00"),
        purchase("a", "ada", "12.00"),
        purchase("c", "ada", "-1.00"),
        purchase("d", "ada", "5.00"),
        purchase("b", "ada", "1.00"),
    ]});
    let results: Vec<Value> = app.does("shop", RECORD_MANY, purchases).await.done();
    let shown: Vec<_> = results
        .into_iter()
        .map(|result| match Outcome::<Receipt>::of_payload(result) {
            Outcome::Done(receipt) => format!("balance {}", receipt.balance),
            Outcome::Refused(error) => error.to_string(),
        })
        .collect();
    assert_snapshot!(shown.join("\n"), @r"
    balance 10
    MEMBER_NOT_FOUND member: there is no such member in this program
    balance 10
    REFERENCE_REUSED reference: `a` was recorded with other data
    INVALID_AMOUNT total: an amount is zero or more; of a return, take the points back with adjustPoints
    balance 15
    balance 16
    ");
}

async fn lines_add_up_or_the_purchase_is_refused(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let line = |amount: &str| json!({ "sku": "oil", "quantity": 1, "amount": amount });
    let purchase = |reference: &str, total: Value| {
        let lines = [line("7.50"), line("2.60")];
        json!({ "reference": reference, "total": total, "lines": lines })
    };
    assert_eq!(ada.reports(purchase("sum", Value::Null)).await.done().points_earned, 10);
    let refused = ada.reports(purchase("total", json!("10.00"))).await.refused();
    assert_snapshot!(
        refused,
        @"INVALID_AMOUNT total: the lines add up to 1010 minor units, the total says 1000"
    );
    assert_eq!(ada.points().await, 10);
}

async fn of_equal_purchases_in_a_batch_only_the_first_is_new(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    let actor = Actor::system(app.loyalty.programs().by_slug("shop").await.unwrap().id);
    let purchase = NewPurchase {
        member: MemberRef::ExternalId("ada".to_owned()),
        reference: "order-1".to_owned(),
        purchased_at: None,
        cart: Cart { currency: None, total_minor: Some(1000), lines: Vec::new() },
        pay_with: None,
    };
    for expected in [[true, false, false], [false, false, false]] {
        let equal = vec![purchase.clone(); 3];
        let receipts = app.loyalty.purchases().record_many(&actor, equal).await.unwrap();
        let receipts: Vec<_> = receipts.into_iter().map(Result::unwrap).collect();
        assert_eq!(receipts.iter().map(|one| one.is_new).collect::<Vec<_>>(), expected);
        assert!(receipts.iter().all(|one| one.purchase == receipts[0].purchase));
    }
    assert_eq!(app.transactions("shop").await.len(), 1);
}

/// Each commit waits for a disk.
async fn a_batch_is_one_look_and_one_commit(backend: Backend) {
    let sent = Sent::default();
    let app =
        TestApp::observed(TestDb::create(backend).await, &sent).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    app.joins("shop", "bob").await;
    let actor = Actor::system(app.loyalty.programs().by_slug("shop").await.unwrap().id);
    sent.take();
    let batch = (0..20).map(of_two).collect();
    let receipts = app.loyalty.purchases().record_many(&actor, batch).await.unwrap();
    assert!(receipts.into_iter().all(|one| one.unwrap().is_new));
    assert_eq!(sent.take().len(), 2);
}

async fn many_purchases_are_recorded_at_once_and_no_more(backend: Backend) {
    let app = TestApp::idle(backend).await.with_program(SHOP).await;
    app.joins("shop", "ada").await;
    app.joins("shop", "bob").await;
    let actor = Actor::system(app.loyalty.programs().by_slug("shop").await.unwrap().id);
    let record = async |count: usize| {
        let batch = (0..count).map(of_two).collect();
        app.loyalty.purchases().record_many(&actor, batch).await
    };
    let refused = record(257).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::TooMany, "at most 256 purchases in one request")
    );
    let recorded = record(256).await.unwrap();
    assert!(recorded.into_iter().all(|one| one.unwrap().is_new));
}

/// A purchase of Ada's or of Bob's.
fn of_two(order: usize) -> NewPurchase {
    NewPurchase {
        member: MemberRef::ExternalId(["ada", "bob"][order % 2].to_owned()),
        reference: format!("order-{order}"),
        purchased_at: None,
        cart: Cart { currency: None, total_minor: Some(1000), lines: Vec::new() },
        pay_with: None,
    }
}

async fn a_cart_is_quoted_for_whoever_reads_or_sells_however_the_member_is_named(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let query = "query($input: QuotePurchaseInput!) { quotePurchase(input: $input) { \
         quote { points } userErrors { code message field } } }";
    for (scope, may) in [
        ("read", true),
        ("purchases:write", true),
        ("members:read", false),
        ("rewards:redeem", false),
    ] {
        let token = app.token("shop", "office", scope);
        for member in [json!({ "externalId": "ada" }), json!({ "id": ada.member.id })] {
            let input = json!({ "member": member, "total": "7.00" });
            let body = json!({ "query": query, "variables": { "input": input } });
            let (_, body) = app.send("/admin/graphql", Some(&token), &body).await;
            let points = &body["data"]["quotePurchase"]["quote"]["points"];
            assert_eq!(*points, if may { json!(7) } else { Value::Null }, "{scope}: {body:#}");
            let code = &body["errors"][0]["extensions"]["code"];
            assert_eq!(*code, if may { Value::Null } else { json!("FORBIDDEN") }, "{scope}");
        }
    }
}

fn tier(key: &str) -> Tier {
    Tier { key: key.to_owned() }
}

async fn a_shop_whose_clock_is_a_little_ahead_is_recorded_as_of_now(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    let dated = |at: &str| json!({ "reference": at, "total": "10.00", "purchasedAt": at });
    let ahead = dated("2025-12-31T23:01:00Z");
    let receipt = ada.reports(ahead.clone()).await.done();
    assert_eq!(app.transactions("sandbox").await[0].effective_at, "2025-12-31T23:00:00Z");
    assert_snapshot!(
        ada.reports(dated("2025-12-31T23:01:01Z")).await.refused(),
        @"FUTURE_INSTANT purchasedAt: 2025-12-31T23:01:01Z is later than the program's now, 2025-12-31T23:00:00Z"
    );
    app.advance_clock("sandbox", "2026-02-01T00:00:00Z").await;
    assert_eq!(ada.reports(ahead).await.done(), receipt, "it is the same purchase");
}
