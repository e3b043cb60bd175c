//! What follows from an edit when points are spent, over, pending, owed or were a means of payment,
//! and what it means for referrals, merges and whoever is forgotten.

use super::{cart, order};
use crate::corrections::voids;
use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, Person, Sent, TestApp, TestDb, books, on_both_databases, plugins};
use insta::assert_snapshot;
use serde_json::{Value, json};

on_both_databases!(
    what_was_spent_is_owed_and_what_is_added_pays_it_first,
    where_nobody_owes_an_exchange_gives_nothing_for_nothing,
    what_expired_stays_so,
    pending_points_are_taken_first_and_wait_for_the_event_again,
    what_points_have_paid_goes_with_what_is_gone,
    an_order_of_which_nothing_is_left_was_cancelled,
    other_types_of_points_follow,
    what_was_voided_is_not_taken_again_and_what_was_edited_is_not_voided,
    a_merged_members_order_is_edited_at_the_survivor_and_goes_back_with_it,
    whoever_is_erased_leaves_no_word_of_an_edit,
    plugins_appraise_the_order,
    an_edit_takes_two_statements,
    what_happened_about_the_day_of_the_order_takes_one_more,
);

async fn what_was_spent_is_owed_and_what_is_added_pays_it_first(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("tea", 1, "10.00"), ("mug", 1, "5.00")])).await.done();
    ada.redeems("mug", "k").await.done();
    let fewer = ada.edits("order-1", "e-1", cart(&[("mug", 1, "5.00")])).await.done();
    assert_eq!(fewer.points(), [0, 10, 10, -5]);
    let more = cart(&[("mug", 1, "5.00"), ("pot", 1, "20.00")]);
    assert_eq!(ada.edits("order-1", "e-2", more).await.done().points(), [20, 0, 0, 15]);
    books::assert_balanced(&app, 15).await;
    books::assert_sound(&app, "shop").await;
}

/// Who spends at once and exchanges the goods again and again would get points for nothing.
async fn where_nobody_owes_an_exchange_gives_nothing_for_nothing(backend: Backend) {
    let never = SHOP.replace(
        "points.expire_after_months",
        "points.negative_balance = \"never\"\npoints.expire_after_months",
    );
    let app = TestApp::start(backend).await.with_program(&never).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("tea", 1, "10.00")])).await.done();
    for round in 0..3 {
        let balance = ada.points().await;
        if balance >= 10 {
            ada.redeems("mug", &format!("k-{round}")).await.done();
        }
        let sku = if round % 2 == 0 { "mug" } else { "tea" };
        let swapped = cart(&[(sku, 1, "10.00")]);
        let receipt = ada.edits("order-1", &format!("e-{round}"), swapped).await.done();
        assert_eq!(receipt.points(), [10, 10, 10, 0], "nothing for nothing");
    }
    let less = ada.edits("order-1", "less", cart(&[("mug", 1, "4.00")])).await.done();
    assert_eq!(less.points(), [0, 6, 0, 0], "what is not there is forgiven");
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_expired_stays_so(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&sandbox_shop()).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.reports(order("order-1", &[("tea", 1, "10.00"), ("mug", 1, "5.00")])).await.done();
    app.advance_clock("sandbox", "2027-02-01T00:00:00+01:00").await;
    assert_eq!(ada.points().await, 0);
    ada.buys("order-2", "3.00").await.done();
    // What is added is over as well: it is of the order's day.
    let edited = cart(&[("tea", 1, "4.00"), ("mug", 3, "15.00")]);
    let receipt = ada.edits("order-1", "e-1", edited).await.done();
    assert_eq!(receipt.points(), [10, 6, 0, 3]);
    let rest = ada.returns_all("order-1").await;
    assert_eq!((rest.points_earned, rest.points_taken, rest.balance), (19, 0, 3));
    books::assert_balanced(&app, 3).await;
    books::assert_sound(&app, "sandbox").await;
}

async fn pending_points_are_taken_first_and_wait_for_the_event_again(backend: Backend) {
    const HAPPENS: &str = "mutation($input: RecordPurchaseEventInput!) { recordPurchaseEvent( \
         input: $input) { activation { transactionIds } userErrors { code message field } } }";
    let file = sandbox_shop().replace(
        "points.expire_after_months",
        "points.pending = { event = \"delivered\" }\npoints.expire_after_months",
    );
    let app = TestApp::start(backend).await.with_program(&file).await;
    let ada = app.joins("sandbox", "ada").await;
    let delivered = async || {
        let input = json!({ "purchase": { "reference": "order-1" }, "event": "delivered" });
        let done: Value = app.does("sandbox", HAPPENS, input).await.done();
        done["transactionIds"].as_array().unwrap().len()
    };
    let wallet = async || {
        let me = ada.asks("{ me { balance { points pending } } }", Value::Null).await;
        let of = |field: &str| me["me"]["balance"][field].as_i64().unwrap();
        (of("points"), of("pending"))
    };
    ada.reports(order("order-1", &[("tea", 2, "10.00")])).await.done();
    ada.edits("order-1", "e-1", cart(&[("tea", 1, "5.00"), ("mug", 1, "7.00")])).await.done();
    assert_eq!(wallet().await, (0, 12));
    assert_eq!(delivered().await, 2);
    assert_eq!(wallet().await, (12, 0));
    ada.edits("order-1", "e-2", cart(&[("tea", 1, "5.00"), ("mug", 2, "14.00")])).await.done();
    assert_eq!(wallet().await, (12, 7), "what is added has yet to be delivered");
    let receipt = ada.edits("order-1", "e-3", cart(&[("tea", 1, "5.00")])).await.done();
    assert_eq!(receipt.points(), [0, 14, 14, 5]);
    assert_eq!(wallet().await, (5, 0));
    assert_eq!(delivered().await, 2, "a repeat answers those that can be spent");
    ada.returns_all("order-1").await;
    assert_eq!(wallet().await, (0, 0));
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "sandbox").await;
}

async fn what_points_have_paid_goes_with_what_is_gone(backend: Backend) {
    let file = SHOP.replace(
        "points.expire_after_months",
        "points.payment = { points = 100, amount = \"1.00\", min = 50, step = 10 }\n\
         points.expire_after_months",
    );
    let app = TestApp::start(backend).await.with_program(&file).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-0", "3000.00").await.done();
    let mut bought = order("order-1", &[("tea", 2, "20.00"), ("mug", 1, "10.00")]);
    bought["payWith"] = json!({ "points": 1200 });
    // 18 euros earn; 30 less 12.
    assert_eq!(ada.reports(bought).await.done().points_earned, 18);
    let before = ada.points().await;
    assert_eq!(before, 3000 - 1200 + 18);
    let fewer = ada.edits("order-1", "e-1", cart(&[("tea", 2, "20.00")])).await.done();
    // A third of 12.00, and of what the rest had earned.
    let is = (fewer.points_refunded, fewer.points_removed, fewer.balance);
    assert_eq!(is, (400, 6, before - 6 + 400));
    assert_eq!(ada.tally().await.1, "3012.00");
    let half = ada.edits("order-1", "e-2", cart(&[("tea", 1, "10.00")])).await.done();
    assert_eq!((half.points_refunded, half.points_removed), (400, 6));
    assert_eq!(ada.tally().await.1, "3006.00");
    // Money pays what is added, and so it is paid back in money.
    ada.edits("order-1", "e-3", cart(&[("tea", 1, "10.00"), ("pot", 1, "30.00")])).await.done();
    let pot = json!({ "lines": [{ "line": { "sku": "pot" }, "amount": "15.00" }] });
    ada.returns("order-1", "r-1", pot).await.done();
    let refunded =
        ada.order("order-1", "returns { pointsRefunded } edits { pointsRefunded }").await;
    let expected = json!({
        "returns": [{ "pointsRefunded": 0 }],
        "edits": [{ "pointsRefunded": 400 }, { "pointsRefunded": 400 }, { "pointsRefunded": 0 }],
    });
    assert_eq!(refunded, expected);
    let nothing = ada.edits("order-1", "e-4", json!({ "total": "0.00" })).await.done();
    assert_eq!((nothing.points_refunded, nothing.is_whole, nothing.balance), (400, true, 3000));
    assert_eq!(ada.tally().await, (1, "3000.00".to_owned(), 3000));
    books::assert_balanced(&app, 3000).await;
    books::assert_sound(&app, "shop").await;
}

async fn an_order_of_which_nothing_is_left_was_cancelled(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    let code =
        json!({ "externalId": "bob", "name": "Bob", "referralCode": ada.member.referral_code });
    let member = app.creates("shop", code).await.done();
    let bob = Person { app: &app, program: "shop", member };
    let first = bob.reports(order("order-1", &[("tea", 1, "10.00")])).await.done();
    assert_eq!(first.referral_points, 25);
    bob.edits("order-1", "e-1", cart(&[("tea", 2, "20.00")])).await.done();
    assert_eq!((ada.points().await, bob.points().await), (50, 45), "a referral is paid once");
    bob.edits("order-1", "e-2", cart(&[("mug", 1, "8.00")])).await.done();
    assert_eq!(ada.points().await, 50, "something is left");
    let cancelled = bob.edits("order-1", "e-3", json!({ "total": "0" })).await.done();
    assert!(cancelled.is_whole && cancelled.tier.is_none(), "{cancelled:?}");
    assert_eq!((cancelled.referral_points_taken, cancelled.balance), (25, 0));
    assert_eq!(ada.points().await, 0);
    let cause = "{ me { transactions(first: 1) { nodes { cause { ... on ReferralCause { \
         returnId editId } } } } } }";
    let cause = ada.asks(cause, Value::Null).await;
    let cause = &cause["me"]["transactions"]["nodes"][0]["cause"];
    assert_eq!(*cause, json!({ "returnId": null, "editId": cancelled.edit_id }));
    assert!(bob.order("order-1", "returnedAt").await["returnedAt"].is_string());
    // What is ordered after that is bought again, and completes the referral once more.
    let again = bob.edits("order-1", "e-4", cart(&[("mug", 1, "8.00")])).await.done();
    assert_eq!((again.points_earned, again.referral_points, again.balance), (8, 25, 33));
    assert_eq!((ada.points().await, bob.tally().await.0), (50, 1));
    bob.returns_all("order-1").await;
    assert_eq!((ada.points().await, bob.points().await), (0, 0));
    assert_eq!(bob.buys("order-2", "1.00").await.done().referral_points, 25);
    books::assert_balanced(&app, 76).await;
    books::assert_sound(&app, "shop").await;
}

/// From the first edit on that earns, what a purchase has earned is kept by transaction: of those
/// before, which were one, too.
async fn other_types_of_points_follow(backend: Backend) {
    let stars = r#"
        [[point_types]]
        id = "stars"
        name.en = "Stars"
        [[earning_rules]]
        id = "stars"
        name.en = "Stars for pots"
        when = 'purchase.lines.exists(l, l.sku == "pot")'
        point_type = "stars"
        points = 3
    "#;
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{stars}")).await;
    let ada = app.joins("shop", "ada").await;
    let stars = async || {
        let me = ada.asks("{ me { wallets { points } } }", Value::Null).await;
        me["me"]["wallets"][1]["points"].as_i64().unwrap()
    };
    ada.reports(order("order-1", &[("tea", 3, "10.00")])).await.done();
    let tea = json!({ "lines": [{ "line": { "sku": "tea" }, "quantity": 1 }] });
    assert_eq!(ada.returns("order-1", "r-1", tea.clone()).await.done().balance, 7);
    let more = cart(&[("tea", 3, "10.00"), ("pot", 1, "20.00")]);
    assert_eq!(ada.edits("order-1", "e-1", more).await.done().points(), [19, 0, 0, 26]);
    assert_eq!(stars().await, 3);
    books::assert_sound(&app, "shop").await;
    assert_eq!(ada.returns("order-1", "r-2", tea).await.done().balance, 23);
    let less = cart(&[("tea", 3, "10.00"), ("pot", 1, "10.00")]);
    assert_eq!(ada.edits("order-1", "e-2", less).await.done().points(), [0, 9, 9, 14]);
    assert_eq!(stars().await, 2);
    books::assert_sound(&app, "shop").await;
    ada.returns_all("order-1").await;
    assert_eq!((ada.points().await, stars().await), (0, 0));
    books::assert_sound(&app, "shop").await;
}

async fn what_was_voided_is_not_taken_again_and_what_was_edited_is_not_voided(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("tea", 1, "10.00")])).await.done();
    let more = cart(&[("tea", 1, "10.00"), ("pot", 1, "20.00")]);
    let added = ada.edits("order-1", "e-1", more).await.done().earned_transaction_id.unwrap();
    assert_eq!(voids(&ada, &added).await.done().points, -20);
    let gone = ada.edits("order-1", "e-2", cart(&[("tea", 1, "9.00")])).await.done();
    assert_eq!(gone.points(), [0, 21, 1, 9]);
    let bought = app.transactions("shop").await;
    let bought = bought.iter().find(|one| one.kind == "EARN" && one.points == 10).unwrap();
    assert_snapshot!(
        voids(&ada, &bought.id).await.refused(),
        @"CANNOT_BE_VOIDED transactionId: its purchase was edited as `e-2`: return what is left of it"
    );
    books::assert_balanced(&app, 9).await;
    books::assert_sound(&app, "shop").await;
}

/// The order stays the one's who bought it: what it earns while they are one goes back with it.
async fn a_merged_members_order_is_edited_at_the_survivor_and_goes_back_with_it(backend: Backend) {
    const MERGE: &str = "mutation($input: MergeMembersInput!) { mergeMembers(input: $input) { \
         member { id } userErrors { code message field } } }";
    const UNMERGE: &str = "mutation($input: UnmergeMembersInput!) { unmergeMembers(input: $input) { \
         member { id } userErrors { code message field } } }";
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.buys("order-0", "100.00").await.done();
    bob.reports(order("order-1", &[("tea", 2, "20.00")])).await.done();
    let merge = json!({
        "from": { "externalId": "bob" }, "into": { "externalId": "ada" }, "reason": "one",
        "idempotencyKey": "m",
    });
    app.does::<Value>("shop", MERGE, merge).await.done();
    let edited = cart(&[("tea", 1, "10.00"), ("pot", 1, "30.00")]);
    let receipt = ada.edits("order-1", "e-1", edited.clone()).await.done();
    assert_eq!(receipt.points(), [30, 10, 10, 140]);
    assert_eq!(ada.tally().await, (2, "140.00".to_owned(), 140));
    books::assert_sound(&app, "shop").await;
    let unmerge = json!({
        "member": { "externalId": "bob" }, "reason": "two", "idempotencyKey": "u",
    });
    app.does::<Value>("shop", UNMERGE, unmerge).await.done();
    assert_eq!((ada.points().await, bob.points().await), (100, 40));
    assert_eq!(bob.tally().await, (1, "40.00".to_owned(), 40));
    assert_eq!(bob.edits("order-1", "e-1", edited).await.done().edit_id, receipt.edit_id);
    books::assert_sound(&app, "shop").await;
    let pot = json!({ "lines": [{ "line": { "sku": "pot" } }] });
    assert_eq!(bob.returns("order-1", "r-1", pot).await.done().balance, 10);
    assert_eq!(bob.edits("order-1", "e-2", json!({ "total": "0" })).await.done().balance, 0);
    assert_eq!(ada.tally().await, (1, "100.00".to_owned(), 100));
    books::assert_balanced(&app, 100).await;
    books::assert_sound(&app, "shop").await;
}

async fn whoever_is_erased_leaves_no_word_of_an_edit(backend: Backend) {
    const ERASE: &str = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { \
         erasedAt userErrors { code message field } } }";
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("tea", 2, "20.00"), ("mug", 1, "5.00")])).await.done();
    let mut edited = cart(&[("tea", 1, "10.00"), ("secret-pot", 1, "30.00")]);
    edited["reason"] = json!("secret-reason");
    ada.edits("order-1", "secret-edit", edited).await.done();
    app.does::<Value>("shop", ERASE, json!({ "memberId": ada.member.id })).await.done();
    for sql in [
        "SELECT COUNT(*) AS n FROM edits WHERE reference LIKE '%secret%' OR reason IS NOT NULL",
        "SELECT COUNT(*) AS n FROM edit_lines WHERE sku <> ''",
        "SELECT COUNT(*) AS n FROM transactions WHERE CAST(explanation AS TEXT) LIKE '%secret%'",
    ] {
        assert_eq!(books::counted(&app, sql).await, 0, "{sql}");
    }
    books::assert_sound(&app, "shop").await;
}

async fn plugins_appraise_the_order(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&plugins::hostile("fair")).await;
    let file = format!("{SHOP}\n[plugins.fair]\nmode = \"behave\"\n");
    let app = app.with_program(&file).await;
    let ada = app.joins("shop", "ada").await;
    let bought = ada.reports(order("order-1", &[("tea", 1, "10.00")])).await.done();
    assert_eq!(bought.points_earned, 11, "one of them is the plugin's");
    let same = ada.edits("order-1", "e-1", cart(&[("tea", 1, "10.00")])).await.done();
    assert_eq!(same.points(), [0, 0, 0, 11], "it is not asked about nothing");
    let dearer = ada.edits("order-1", "e-2", cart(&[("tea", 1, "15.00")])).await.done();
    assert_eq!(dearer.points(), [5, 0, 0, 16], "its point is for the order");
    let back = ada.edits("order-1", "e-3", cart(&[("tea", 1, "10.00")])).await.done();
    assert_eq!(back.points(), [0, 5, 5, 11], "as it was");
    books::assert_sound(&app, "shop").await;
}

/// As many as a return: what is known is looked up at once, and all is written at once.
async fn an_edit_takes_two_statements(backend: Backend) {
    let sent = Sent::default();
    let app = TestApp::observed(TestDb::create(backend).await, &sent).await;
    let app = app.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("tea", 2, "20.00"), ("mug", 1, "5.00")])).await.done();
    ada.edits("order-1", "e-0", cart(&[("tea", 2, "20.00"), ("mug", 2, "10.00")])).await.done();
    sent.take();
    ada.edits("order-1", "e-1", cart(&[("tea", 1, "10.00"), ("pot", 1, "30.00")])).await.done();
    assert_eq!(sent.take().len(), 2, "a look and a commit");
}

/// Caps of a day, and points that last while the member is active, ask what happened about the day of
/// the order, which only the purchase says.
async fn what_happened_about_the_day_of_the_order_takes_one_more(backend: Backend) {
    let file = sandbox_shop().replace(
        "points.expire_after_months = 12",
        "points.expiry = { inactive_months = 12 }\npoints.caps = { day = 30 }",
    );
    let sent = Sent::default();
    let app = TestApp::observed(TestDb::create(backend).await, &sent).await;
    let app = app.with_program(&file).await;
    let ada = app.joins("sandbox", "ada").await;
    ada.reports(order("order-1", &[("tea", 1, "10.00")])).await.done();
    app.advance_clock("sandbox", "2026-07-01T00:00:00+02:00").await;
    ada.buys("order-2", "25.00").await.done();
    ada.points().await;
    sent.take();
    // 20 are left of the day in January, whatever there was in July.
    let more = cart(&[("tea", 1, "10.00"), ("pot", 1, "40.00")]);
    let receipt = ada.edits("order-1", "e-1", more).await.done();
    assert_eq!(sent.take().len(), 3, "two looks and a commit");
    assert_eq!(receipt.points(), [20, 0, 0, 55]);
    app.advance_clock("sandbox", "2027-06-30T00:00:00+02:00").await;
    assert_eq!(ada.points().await, 55, "it was no activity of today");
    app.advance_clock("sandbox", "2027-07-02T00:00:00+02:00").await;
    assert_eq!(ada.points().await, 0);
    books::assert_sound(&app, "sandbox").await;
}
