//! An order that was edited has what it would have if it had been bought at once as it is now: neither
//! payments, nor caps, nor rules for a whole order make points of an edit.

use super::combined::tea;
use super::{EditReceipt, cart, order};
use crate::corrections::voids;
use crate::support::programs::SHOP;
use crate::support::random::{Random, seed};
use crate::support::{Backend, Person, TestApp, books, on_both_databases, plugins};
use serde_json::{Value, json};

on_both_databases!(
    an_exchange_moves_neither_points_nor_money,
    what_points_pay_earns_nothing_whatever_is_exchanged,
    an_edit_down_is_a_return,
    an_edit_and_a_return_come_to_the_same_whichever_is_first,
    an_order_is_one_purchase_for_the_caps_of_a_purchase,
    an_order_that_would_exceed_a_cap_is_refused,
    an_order_that_a_cap_cut_has_what_fits_as_it_is_now,
    what_other_rules_give_is_not_what_a_cap_cut,
    what_an_order_earns_once_it_earns_once,
    the_first_order_stays_the_first,
    the_tier_that_an_order_brings_does_not_judge_its_edits,
    what_was_forgiven_is_not_given_again,
    what_was_voided_is_not_given_again,
    plugins_are_asked_about_the_order,
    whatever_is_edited_an_order_has_what_it_would_have_at_once,
);

type Line = (&'static str, i64, &'static str);

/// 10 points per euro, and 10 points pay a euro.
fn paying(more: &str) -> String {
    SHOP.replace("points = 1\nper", "points = 10\nper").replace(
        "points.expire_after_months",
        &format!(
            "points.payment = {{ points = 10, amount = \"1.00\" }}\n{more}\n\
             points.expire_after_months"
        ),
    )
}

/// The same with points that nobody has to earn.
async fn paid(app: &TestApp, name: &str, points: i64) {
    const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) { \
         transaction { id } userErrors { code message field } } }";
    let input = json!({
        "member": { "externalId": name }, "points": points, "reason": "a gift",
        "idempotencyKey": name,
    });
    app.does::<Value>("shop", ADJUST, input).await.done();
}

fn paid_with(points: i64, mut order: Value) -> Value {
    order["payWith"] = json!({ "points": points });
    order
}

/// What was earned, taken and given back.
fn moved(receipt: &EditReceipt) -> [i64; 3] {
    [receipt.points_earned, receipt.points_taken, receipt.points_refunded]
}

async fn an_exchange_moves_neither_points_nor_money(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&paying("")).await;
    let ada = app.joins("shop", "ada").await;
    paid(&app, "ada", 500).await;
    // 50.00 of 100.00 in money.
    let bought = order("order-1", &[("x-m", 1, "50.00"), ("y-m", 1, "50.00")]);
    assert_eq!(ada.reports(paid_with(500, bought)).await.done().points_earned, 500);
    for (edit, x, y) in [("1", "x-l", "y-m"), ("2", "x-l", "y-l"), ("3", "x-m", "y-m")] {
        let edited = cart(&[(x, 1, "50.00"), (y, 1, "50.00")]);
        let receipt = ada.edits("order-1", edit, edited).await.done();
        assert_eq!(receipt.points_earned, receipt.points_taken, "{edit}");
        assert_eq!((receipt.points_refunded, receipt.balance), (0, 500), "{edit}");
        assert_eq!(ada.tally().await, (1, "50.00".to_owned(), 500), "{edit}");
    }
    assert_eq!(ada.still_paid("order-1").await, (500, "50.00".to_owned()));
    // By something that costs 20.00 less: a fifth of points and payment goes, as by a return.
    let cheaper = cart(&[("x-m", 1, "50.00"), ("z", 1, "30.00")]);
    assert_eq!(moved(&ada.edits("order-1", "4", cheaper).await.done()), [150, 250, 100]);
    assert_eq!((ada.points().await, ada.tally().await.1), (500, "40.00".to_owned()));
    assert_eq!(ada.still_paid("order-1").await, (400, "40.00".to_owned()));
    // By something that costs 20.00 more: money pays them.
    let dearer = cart(&[("x-m", 1, "50.00"), ("y-m", 1, "50.00")]);
    assert_eq!(moved(&ada.edits("order-1", "5", dearer).await.done()), [350, 150, 0]);
    assert_eq!((ada.points().await, ada.tally().await.1), (700, "60.00".to_owned()));
    assert_eq!(ada.still_paid("order-1").await, (400, "40.00".to_owned()));
    assert_eq!(ada.returns_all("order-1").await.balance, 500);
    assert_eq!(ada.still_paid("order-1").await, (0, "0.00".to_owned()));
    let first = ada.order("order-1", "payment { points amount { amount } }").await;
    let expected = json!({ "points": 500, "amount": { "amount": "50.00" } });
    assert_eq!(first["payment"], expected, "what was paid at first");
    assert_eq!(ada.tally().await, (0, "0.00".to_owned(), 0));
    books::assert_balanced(&app, 500).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_points_pay_earns_nothing_whatever_is_exchanged(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&paying("")).await;
    let ada = app.joins("shop", "ada").await;
    paid(&app, "ada", 500).await;
    let bought = paid_with(500, order("order-1", &[("x-m", 1, "50.00")]));
    assert_eq!(ada.reports(bought).await.done().points_earned, 0);
    for (edit, sku) in [("1", "x-l"), ("2", "pot"), ("3", "x-m")] {
        let receipt = ada.edits("order-1", edit, cart(&[(sku, 1, "50.00")])).await.done();
        assert_eq!((moved(&receipt), receipt.balance), ([0, 0, 0], 0), "{edit}");
    }
    assert_eq!(ada.tally().await, (1, "0.00".to_owned(), 0));
    // What is dearer by 10.00 earns what those earn.
    let dearer = ada.edits("order-1", "4", cart(&[("x-xl", 1, "60.00")])).await.done();
    assert_eq!((moved(&dearer), dearer.balance), ([100, 0, 0], 100));
    assert_eq!(ada.tally().await, (1, "10.00".to_owned(), 100));
    let nothing = ada.edits("order-1", "5", json!({ "total": "0" })).await.done();
    assert_eq!((moved(&nothing), nothing.balance), ([0, 100, 500], 500));
    books::assert_balanced(&app, 500).await;
    books::assert_sound(&app, "shop").await;
}

/// Also where points pay: 497 of the 500 that had paid for 10050.00 come back with 10000.00.
async fn an_edit_down_is_a_return(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&paying("")).await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    let bought = [("x", 1, "50.00"), ("y", 1, "10000.00")];
    for person in [(&ada, "ada"), (&bob, "bob")] {
        paid(&app, person.1, 500).await;
        let earned = person.0.reports(paid_with(500, order(person.1, &bought))).await.done();
        assert_eq!(earned.points_earned, 100_000);
    }
    let edited = ada.edits("ada", "e", cart(&[("x", 1, "50.00")])).await.done();
    let y = json!({ "lines": [{ "line": { "sku": "y" } }] });
    let returned = bob.returns("bob", "r", y).await.done();
    assert_eq!(edited.points_refunded, 497);
    assert_eq!((edited.points_taken, edited.balance), (returned.points_taken, returned.balance));
    assert_eq!(ada.tally().await, bob.tally().await);
    assert_eq!(ada.tally().await.1, "49.75");
    books::assert_sound(&app, "shop").await;
}

async fn an_edit_and_a_return_come_to_the_same_whichever_is_first(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&paying("")).await;
    // Lines, what points pay, the order as it is edited, and what is there after a tea came back: if
    // the edit is first, and if the return is.
    let cases: [(&[Line], i64, &[Line], [(i64, &str); 2]); 4] = [
        // 4.00 in money earn 40, and points pay half of 6.00 for the tea that is kept.
        (
            &[("tea", 2, "10.00")],
            60,
            &[("tea", 2, "10.00"), ("pot", 1, "4.00")],
            [(500 - 60 + 40 + 40 - 20 + 30, "6.00"); 2],
        ),
        // The return takes 15 of 30, though 1.50 earn 10: what it rounds, an edit after it makes up.
        (
            &[("tea", 2, "10.00")],
            70,
            &[("tea", 2, "10.00"), ("pot", 1, "4.00")],
            [(500 - 70 + 30 + 40 - 15 + 35, "5.50"), (500 - 70 + 30 - 15 + 35 + 35, "5.50")],
        ),
        (&[("tea", 2, "5.00")], 0, &[("tea", 3, "7.50")], [(550, "5.00"); 2]),
        (&[("tea", 3, "9.99")], 50, &[("tea", 2, "6.66")], [(500 - 50 + 40 - 26 + 33, "1.66"); 2]),
    ];
    for (number, (bought, points, edited, comes_to)) in cases.into_iter().enumerate() {
        for (edit_first, (balance, spent)) in [true, false].into_iter().zip(comes_to) {
            let name = format!("m-{number}-{edit_first}");
            let ada = app.joins("shop", &name).await;
            paid(&app, &name, 500).await;
            let mut sent = order(&name, bought);
            if points > 0 {
                sent = paid_with(points, sent);
            }
            ada.reports(sent).await.done();
            if edit_first {
                ada.edits(&name, "e", cart(edited)).await.done();
                ada.returns(&name, "r", tea(1)).await.done();
            } else {
                ada.returns(&name, "r", tea(1)).await.done();
                ada.edits(&name, "e", cart(edited)).await.done();
            }
            let is = (ada.points().await, ada.tally().await.1);
            assert_eq!(is, (balance, spent.to_owned()), "{name}");
            assert_eq!(ada.returns_all(&name).await.balance, 500, "{name}");
        }
    }
    books::assert_sound(&app, "shop").await;
}

async fn an_order_is_one_purchase_for_the_caps_of_a_purchase(backend: Backend) {
    for (more, cap) in [
        ("points.purchase_max = 150", "PURCHASE"),
        ("points.caps = { transaction = 150 }", "TRANSACTION"),
    ] {
        let app = TestApp::start(backend).await.with_program(&paying(more)).await;
        let ada = app.joins("shop", "ada").await;
        ada.buys("order-1", "10.00").await.done();
        let edits = |total: &'static str, edit: &'static str| {
            ada.edits("order-1", edit, json!({ "total": total }))
        };
        assert_eq!(edits("20.00", "1").await.done().points(), [50, 0, 0, 150], "{cap}");
        let explained = "edits { explanation { cut cuts { cap points } } }";
        let shown = ada.order("order-1", explained).await["edits"][0]["explanation"].clone();
        assert_eq!(shown, json!({ "cut": 50, "cuts": [{ "cap": cap, "points": 50 }] }));
        assert_eq!(edits("30.00", "2").await.done().points(), [0, 0, 0, 150], "{cap}");
        assert_eq!(edits("31.00", "3").await.done().points(), [0, 0, 0, 150], "{cap}");
        let down = edits("5.00", "4").await.done().balance;
        // 50 of the 10.00 are left as they were bought first.
        assert_eq!(down, 50, "{cap}");
        assert_eq!(edits("40.00", "5").await.done().balance, 150, "{cap}");
        assert_eq!(ada.returns_all("order-1").await.balance, 0, "{cap}");
        books::assert_sound(&app, "shop").await;
    }
}

async fn an_order_that_would_exceed_a_cap_is_refused(backend: Backend) {
    let caps = "points.caps = { transaction = 150, when_over = \"refuse\" }";
    let app = TestApp::start(backend).await.with_program(&paying(caps)).await;
    let ada = app.joins("shop", "ada").await;
    ada.buys("order-1", "10.00").await.done();
    let refused = ada.edits("order-1", "1", json!({ "total": "20.00" })).await.refused();
    assert_eq!(refused.code, "CAP_REACHED");
    assert_eq!(
        refused.message,
        "this gives 100 points, and 50 are left of the 150 that one transaction gives"
    );
    let fits = ada.edits("order-1", "1", json!({ "total": "15.00" })).await.done();
    assert_eq!(fits.points(), [50, 0, 0, 150]);
    books::assert_sound(&app, "shop").await;
}

/// Caps of a day and of the wallet cut of an order; what of it is exchanged, taken away and added
/// again leaves what fits of what it would have at once, and no more.
async fn an_order_that_a_cap_cut_has_what_fits_as_it_is_now(backend: Backend) {
    for caps in ["{ day = 100 }", "{ balance = 100 }"] {
        let file = SHOP.replace(
            "points.expire_after_months",
            &format!("points.caps = {caps}\npoints.expire_after_months"),
        );
        let app = TestApp::start(backend).await.with_program(&file).await;
        let ada = app.joins("shop", "ada").await;
        let bought = order("order-1", &[("a", 1, "100.00"), ("b", 1, "50.00")]);
        assert_eq!(ada.reports(bought).await.done().points_earned, 100);
        let a =
            |sku: &'static str, amount: &'static str| cart(&[("a", 1, "100.00"), (sku, 1, amount)]);
        for (edit, edited, expected) in [
            ("same price", a("c", "50.00"), [34, 34, 34, 100]),
            ("cheaper", a("d", "30.00"), [34, 34, 34, 100]),
            ("down", cart(&[("a", 1, "100.00")]), [0, 34, 34, 66]),
            ("up", a("e", "10.00"), [34, 0, 0, 100]),
            ("less than the cap", cart(&[("f", 1, "40.00"), ("e", 1, "10.00")]), [16, 66, 66, 50]),
            ("more again", cart(&[("f", 1, "40.00"), ("e", 1, "70.00")]), [50, 0, 0, 100]),
        ] {
            let receipt = ada.edits("order-1", edit, edited).await.done();
            assert_eq!(receipt.points(), expected, "{caps}, {edit}");
        }
        assert_eq!(ada.returns_all("order-1").await.balance, 0, "{caps}");
        books::assert_sound(&app, "shop").await;
    }
}

/// Under the rules of another revision nobody knows what the cap of then would have cut: what takes
/// the place of something keeps what that had, and nothing of what is kept is filled up.
async fn what_other_rules_give_is_not_what_a_cap_cut(backend: Backend) {
    let file = |points: i64| {
        SHOP.replace("points = 1\nper", &format!("points = {points}\nper")).replace(
            "points.expire_after_months",
            "points.caps = { day = 100 }\npoints.expire_after_months",
        )
    };
    let app = TestApp::start(backend).await.with_program(&file(2)).await;
    let ada = app.joins("shop", "ada").await;
    let bought = order("order-1", &[("a", 1, "40.00"), ("b", 1, "20.00")]);
    assert_eq!(ada.reports(bought).await.done().points_earned, 100, "of 120");
    books::put_revision(&app, "shop", &file(3)).await;
    // 20.00 earned 34 then, and would be 60 now of 180.
    let cheaper = cart(&[("a", 1, "40.00"), ("c", 1, "10.00")]);
    assert_eq!(ada.edits("order-1", "1", cheaper).await.done().points(), [17, 34, 34, 83]);
    books::assert_sound(&app, "shop").await;
}

/// A number of points for a whole order, and one from 100.00 on.
async fn what_an_order_earns_once_it_earns_once(backend: Backend) {
    const RULES: &str = r#"
        [[earning_rules]]
        id = "order"
        name.en = "For each order"
        points = 7
        [[earning_rules]]
        id = "large"
        name.en = "For a large order"
        when = "purchase.total >= 10000"
        points = 500
    "#;
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{RULES}")).await;
    let ada = app.joins("shop", "ada").await;
    let tea = |quantity: i64| {
        let amount = format!("{quantity}.00");
        cart(&[("tea", quantity, amount.as_str())])
    };
    ada.reports(order("order-1", &[("tea", 50, "50.00")])).await.done();
    assert_eq!(ada.points().await, 57);
    let steps = [
        // 50 of 57 points are of 44.00; then what is missing comes back.
        ("down", tea(6), 7),
        ("back", tea(50), 57),
        ("over", tea(100), 607),
        ("more", tea(101), 608),
        ("nothing", json!({ "total": "0" }), 0),
        ("again", tea(50), 57),
    ];
    for (edit, edited, has) in steps {
        assert_eq!(ada.edits("order-1", edit, edited).await.done().balance, has, "{edit}");
    }
    for number in 0..3 {
        let sku = format!("pot-{number}");
        let edited = cart(&[(sku.as_str(), 1, "50.00")]);
        let receipt = ada.edits("order-1", &sku, edited).await.done();
        assert_eq!(receipt.points(), [57, 57, 57, 57], "{sku}");
    }
    books::assert_balanced(&app, 57).await;
    books::assert_sound(&app, "shop").await;
}

async fn the_first_order_stays_the_first(backend: Backend) {
    const WELCOME: &str = r#"
        [[earning_rules]]
        id = "welcome"
        name.en = "Welcome"
        when = "member.purchases == 0"
        points = 50
    "#;
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{WELCOME}")).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("x", 1, "10.00")])).await.done();
    assert_eq!(ada.points().await, 60);
    let exchanged = ada.edits("order-1", "1", cart(&[("y", 1, "10.00")])).await.done();
    assert_eq!(exchanged.points(), [60, 60, 60, 60]);
    ada.buys("order-2", "10.00").await.done();
    let dearer = ada.edits("order-1", "2", cart(&[("y", 1, "20.00")])).await.done();
    assert_eq!(dearer.points(), [10, 0, 0, 80], "nothing that was bought later was there before");
    ada.edits("order-1", "3", json!({ "total": "0" })).await.done();
    let again = ada.edits("order-1", "4", cart(&[("y", 1, "20.00")])).await.done();
    assert_eq!(again.points(), [20, 0, 0, 30], "now there is another");
    books::assert_balanced(&app, 30).await;
    books::assert_sound(&app, "shop").await;
}

/// The third order makes its member silver, for whom everything is worth a hundred times as much.
async fn the_tier_that_an_order_brings_does_not_judge_its_edits(backend: Backend) {
    const SILVER: &str = "[[earning_rules]]\nid = \"silver\"\nname.en = \"Silver\"\n\
         when = 'member.tier == \"silver\"'\npoints = 100\nper = \"1.00\"\n";
    let app = TestApp::start(backend).await.with_program(&format!("{SHOP}{SILVER}")).await;
    let ada = app.joins("shop", "ada").await;
    for number in 1..=3 {
        let bought = order(&format!("order-{number}"), &[("tea", 1, "30.00")]);
        assert_eq!(ada.reports(bought).await.done().points_earned, 30);
    }
    for (edit, amount, expected) in
        [("1", "11.00", [0, 19, 0]), ("2", "30.00", [19, 0, 0]), ("3", "31.00", [1, 0, 0])]
    {
        let edited = ada.edits("order-3", edit, cart(&[("tea", 1, amount)])).await.done();
        assert_eq!(moved(&edited), expected, "{edit}");
    }
    // An order of before is one of somebody who is silver by the others.
    let bought = order("order-4", &[("tea", 1, "10.00")]);
    assert_eq!(ada.reports(bought).await.done().points_earned, 1010);
    let dearer = ada.edits("order-4", "1", cart(&[("tea", 1, "11.00")])).await.done();
    assert_eq!(moved(&dearer), [101, 0, 0]);
    books::assert_sound(&app, "shop").await;
}

async fn what_was_forgiven_is_not_given_again(backend: Backend) {
    let file = SHOP.replace("points = 1\nper", "points = 10\nper").replace(
        "points.expire_after_months",
        "points.negative_balance = \"never\"\npoints.expire_after_months",
    );
    let app = TestApp::start(backend).await.with_program(&file).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("x", 1, "5.00")])).await.done();
    for number in 0..4 {
        ada.redeems("mug", &format!("mug-{number}")).await.done();
    }
    // 10 of 50 are left to be taken: so many are given again.
    for (edit, taken, has) in [("1", 10, 10), ("2", 10, 10)] {
        let nothing = ada.edits("order-1", &format!("{edit}-0"), json!({ "total": "0" })).await;
        assert_eq!(nothing.done().points_taken, taken, "{edit}");
        let again = ada.edits("order-1", &format!("{edit}-1"), cart(&[("x", 1, "5.00")])).await;
        assert_eq!(again.done().balance, has, "{edit}");
    }
    ada.redeems("mug", "last").await.done();
    for edit in ["3", "4"] {
        let nothing = ada.edits("order-1", &format!("{edit}-0"), json!({ "total": "0" })).await;
        assert_eq!(nothing.done().points_taken, 0, "{edit}");
        let again = ada.edits("order-1", &format!("{edit}-1"), cart(&[("x", 1, "5.00")])).await;
        assert_eq!(again.done().balance, 0, "{edit}");
        let exchanged = ada.edits("order-1", &format!("{edit}-2"), cart(&[("y", 1, "5.00")])).await;
        assert_eq!(exchanged.done().balance, 0, "{edit}");
    }
    // What is more than it ever was is earned.
    let more = ada.edits("order-1", "more", cart(&[("y", 1, "7.00")])).await.done();
    assert_eq!(more.points(), [20, 0, 0, 20]);
    books::assert_sound(&app, "shop").await;
}

async fn what_was_voided_is_not_given_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-1", &[("x", 1, "10.00")])).await.done();
    let earned = app.transactions("shop").await.remove(0).id;
    voids(&ada, &earned).await.done();
    assert_eq!(ada.points().await, 0);
    for (edit, edited, has) in [
        ("exchange", cart(&[("y", 1, "10.00")]), 0),
        ("nothing", json!({ "total": "0" }), 0),
        ("again", cart(&[("x", 1, "10.00")]), 0),
        ("more", cart(&[("x", 1, "12.00")]), 2),
    ] {
        assert_eq!(ada.edits("order-1", edit, edited).await.done().balance, has, "{edit}");
    }
    books::assert_sound(&app, "shop").await;
}

async fn plugins_are_asked_about_the_order(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&plugins::hostile("fair")).await;
    let file = format!("{SHOP}\n[plugins.fair]\nmode = \"behave\"\n");
    let app = app.with_program(&file).await;
    let ada = app.joins("shop", "ada").await;
    // One of them is the plugin's, for the order.
    ada.reports(order("order-1", &[("tea", 1, "10.00")])).await.done();
    for (edit, amount, points) in [
        ("1", "10.01", [0, 0, 0, 11]),
        ("2", "15.00", [5, 0, 0, 16]),
        ("3", "10.00", [0, 5, 5, 11]),
    ] {
        let receipt = ada.edits("order-1", edit, cart(&[("tea", 1, amount)])).await.done();
        assert_eq!(receipt.points(), points, "{edit}");
    }
    let receipt = ada.edits("order-1", "4", cart(&[("pot", 1, "10.00")])).await.done();
    assert_eq!(receipt.points(), [11, 11, 11, 11]);
    books::assert_sound(&app, "shop").await;
}

/// 10 points per euro that points do not pay, 7 for an order with `s-1`, and so many at the most.
fn at_once(lines: &[(String, i64, i64)], paid_minor: i64, most: i64) -> i64 {
    let order = if lines.iter().any(|(sku, ..)| sku == "s-1") { 7 } else { 0 };
    ((sum(lines) - paid_minor) / 100 * 10 + order).min(most)
}

fn sum(lines: &[(String, i64, i64)]) -> i64 {
    lines.iter().map(|(_, _, cents)| cents).sum()
}

fn any_lines(random: &mut Random) -> Vec<(String, i64, i64)> {
    let count = random.within(1..5);
    let line =
        |number: i64| (format!("s-{}", number % 3), random.within(1..5), random.within(1..4_000));
    (0..count).map(line).collect()
}

fn shown(lines: &[(String, i64, i64)]) -> Value {
    let line = |(sku, quantity, cents): &(String, i64, i64)| {
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        json!({ "sku": sku, "quantity": quantity, "amount": amount })
    };
    json!({ "lines": lines.iter().map(line).collect::<Vec<_>>() })
}

fn cents(amount: &str) -> i64 {
    amount.replace('.', "").parse().unwrap()
}

/// What the only order of a member has earned, and what points pay of it: how many, and how much.
async fn has(ada: &Person<'_>, total_minor: i64) -> [i64; 3] {
    let (_, spent, earned) = ada.tally().await;
    [earned, 5000 + earned - ada.points().await, total_minor - cents(&spent)]
}

async fn whatever_is_edited_an_order_has_what_it_would_have_at_once(backend: Backend) {
    const RULE: &str = r#"
        [[earning_rules]]
        id = "order"
        name.en = "For an order with s-1"
        when = "purchase.lines.exists(line, line.sku == 's-1')"
        points = 7
    "#;
    for (caps, most) in [
        ("points.purchase_max = 900", 900),
        ("points.purchase_max = 900\npoints.caps = { day = 400 }", 400),
    ] {
        let app = TestApp::start(backend).await;
        let app = app.with_program(&format!("{}{RULE}", paying(caps))).await;
        for seed in (0..5).chain([seed()]) {
            edits_an_order_at_random(&app, seed, most).await;
        }
        books::assert_sound(&app, "shop").await;
    }
}

/// One that is the only one of its member, and of its day.
async fn edits_an_order_at_random(app: &TestApp, seed: u64, most: i64) {
    let mut random = Random::seeded(seed);
    let name = format!("m-{seed}");
    let ada = app.joins("shop", &name).await;
    paid(app, &name, 5000).await;
    let mut lines = any_lines(&mut random);
    let first = sum(&lines);
    let euros = random.within(0..first / 100 + 1);
    let mut sent = shown(&lines);
    sent["reference"] = json!(name);
    if euros > 0 {
        sent = paid_with(euros * 10, sent);
    }
    ada.reports(sent).await.done();
    let mut before = has(&ada, sum(&lines)).await;
    let expected = [at_once(&lines, euros * 100, most), euros * 10, euros * 100];
    assert_eq!(before, expected, "{seed}");
    for step in 0..10 {
        lines = any_lines(&mut random);
        let receipt = ada.edits(&name, &format!("e-{step}"), shown(&lines)).await.done();
        let [earned, points, minor] = has(&ada, sum(&lines)).await;
        let at_once = at_once(&lines, minor, most);
        let case = format!("seed {seed}, step {step}: {earned} of {at_once} {receipt:?}");
        assert!(earned <= at_once.max(before[0]), "{case}");
        let added: i64 = receipt.added.iter().map(|one| cents(&one.amount.amount)).sum();
        assert!(added == 0 || earned >= at_once, "{case}");
        // Points pay no greater part than at first, but for the cents that are rounded: one for
        // what an edit takes along, and one for what it takes of each that was before.
        let most = euros * 100 * sum(&lines) + first * (2 * step + 3);
        assert!(minor * first <= most, "{case}");
        assert!(points <= before[1] && minor <= before[2], "{case}");
        if euros > 0 {
            let shown = ada.still_paid(&name).await;
            assert_eq!((shown.0, cents(&shown.1)), (points, minor), "{case}");
        }
        before = [earned, points, minor];
    }
    assert_eq!(ada.returns_all(&name).await.balance, 5000, "seed {seed}");
    assert_eq!(ada.tally().await, (0, "0.00".to_owned(), 0), "seed {seed}");
}
