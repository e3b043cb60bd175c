//! Orders of which a group got something: what is gone is taken from whoever got it, what is new is
//! given to whom the order accrues.

use super::combined::{some_lines, some_part, tea};
use super::{cart, order};
use crate::memberships::{by_member, group};
use crate::support::programs::SHOP;
use crate::support::random::{Random, seed};
use crate::support::{
    Backend, Outcome, Person, Sent, TestApp, TestDb, books, on_both_databases, plugins,
};
use futures::future::join_all;
use serde_json::{Value, json};

on_both_databases!(
    each_account_that_the_order_accrues_to_is_edited,
    what_is_quoted_is_booked_and_what_was_answered_is_answered_again,
    whatever_is_edited_and_comes_back_leaves_each_account_what_is_kept,
    whoever_has_left_edits_what_the_group_got,
    each_account_has_its_own_caps_and_what_is_gone_makes_room,
    what_is_added_waits_at_the_group_too,
    what_points_have_paid_is_given_back_to_whose_they_were,
    an_order_of_which_nothing_was_left_is_a_purchase_again,
    a_merged_group_gets_what_is_new_and_gives_it_back_with_the_unmerge,
    what_is_new_for_a_group_that_was_erased_is_nobodys,
    the_group_knows_nothing_of_whose_order_was_edited,
    a_free_order_is_the_buyers_own_once_it_costs_something,
    edits_and_returns_of_many_at_once_come_to_the_same,
    an_edit_takes_no_statement_more,
);

const EDIT: &str = "mutation($input: EditPurchaseInput!) { editPurchase(input: $input) { \
     receipt { editId pointsEarned pointsRemoved pointsTaken pointsRefunded referralPoints balance \
       explanation { points } accruals { memberId pointsEarned pointsPending pointsRemoved \
         pointsTaken balance earnedTransactionId takenTransactionId cuts { cap points } } } \
     userErrors { code message field } } }";
const QUOTE: &str = "query($input: QuoteEditInput!) { quoteEdit(input: $input) { \
     quote { pointsEarned pointsTaken accruals { memberId pointsEarned pointsPending pointsRemoved \
       pointsTaken balance earnedTransactionId cuts { cap points } } } \
     userErrors { code message field } } }";

impl Person<'_> {
    /// Edits an order, and shows what that did at each account.
    async fn changes(&self, order: &str, reference: &str, cart: Value) -> Value {
        let mut input = cart;
        input["purchase"] = json!({ "reference": order });
        input["reference"] = json!(reference);
        self.app.does(self.program, EDIT, input).await.done()
    }

    async fn would_change(&self, order: &str, cart: Value) -> Value {
        let mut input = cart;
        input["purchase"] = json!({ "reference": order });
        let data = self.app.admin(self.program, QUOTE, json!({ "input": input })).await;
        Outcome::<Value>::of(data).done()
    }

    /// What was spent in money, and how many purchases were made for groups alone.
    async fn spent_and_for_groups(&self) -> (String, i64) {
        let statistics = self.all().await["statistics"].clone();
        let spent = statistics["spent"]["amount"].as_str().unwrap().to_owned();
        (spent, statistics["purchasesForGroups"].as_i64().unwrap())
    }

    /// Of one of its numbers.
    fn is(&self, points: i64) -> (String, i64) {
        (self.member.id.clone(), points)
    }
}

async fn each_account_that_the_order_accrues_to_is_edited(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    for (name, accrual) in [("ada", "MEMBER"), ("bob", "GROUP"), ("eve", "BOTH")] {
        let person = app.joins("shop", name).await;
        person.belongs_to(&home, accrual, false).await.done();
        let bought = [("tea", 3, "10.00"), ("mug", 1, "6.00")];
        person.reports(order(name, &bought)).await.done();
        let (own, homes) = (i64::from(accrual != "GROUP"), i64::from(accrual != "MEMBER"));
        for (edit, lines, [earned, taken, has], costs) in [
            ("more", vec![("tea", 5, "16.00"), ("mug", 1, "6.00")], [6, 0, 22], "22.00"),
            ("new", vec![("tea", 5, "16.00"), ("pot", 1, "20.00")], [20, 6, 36], "36.00"),
            ("fewer", vec![("tea", 3, "10.00"), ("pot", 1, "20.00")], [0, 6, 30], "30.00"),
            ("back", vec![("tea", 3, "10.00"), ("mug", 1, "6.00")], [6, 20, 16], "16.00"),
        ] {
            let receipt = person.changes(name, edit, cart(&lines)).await;
            let mut expected = Vec::new();
            if own == 1 {
                expected.push(person.is(earned));
            }
            if homes == 1 {
                expected.push(home.is(earned));
            }
            assert_eq!(by_member(&receipt, "pointsEarned"), expected, "{name} {edit}");
            expected.iter_mut().for_each(|one| one.1 = taken);
            assert_eq!(by_member(&receipt, "pointsTaken"), expected, "{name} {edit}");
            assert_eq!(receipt["pointsEarned"], earned * own, "{name} {edit}");
            assert_eq!(receipt["explanation"]["points"], earned, "{name} {edit}");
            assert_eq!(person.sums().await, [has * own, own, has * own], "{name} {edit}");
            assert_eq!(home.sums().await, [has * homes, homes, has * homes], "{name} {edit}");
            let spent = |is: i64| if is == 1 { costs.to_owned() } else { "0.00".to_owned() };
            assert_eq!(person.spent_and_for_groups().await, (spent(own), 1 - own), "{name} {edit}");
            assert_eq!(home.spent_and_for_groups().await, (spent(homes), 0), "{name} {edit}");
        }
        let shown = person.all().await["purchases"]["nodes"][0].clone();
        let gets = [(person.is(16), own), (home.is(16), homes)];
        let gets: Vec<_> = gets.into_iter().filter(|one| one.1 == 1).map(|one| one.0).collect();
        assert_eq!(by_member(&shown, "pointsEarned"), gets, "after all edits");
        person.gives_back(name, "all", json!({ "everything": true })).await;
        assert_eq!((person.sums().await, home.sums().await), ([0; 3], [0; 3]), "{name}");
        assert_eq!(person.spent_and_for_groups().await, ("0.00".to_owned(), 0), "{name}");
        assert_eq!(home.spent_and_for_groups().await, ("0.00".to_owned(), 0), "{name}");
    }
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_is_quoted_is_booked_and_what_was_answered_is_answered_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    for (name, accrual) in [("bob", "GROUP"), ("eve", "BOTH")] {
        let person = app.joins("shop", name).await;
        person.belongs_to(&home, accrual, false).await.done();
        person.reports(order(name, &[("tea", 3, "10.00"), ("mug", 1, "5.99")])).await.done();
        let edited = || cart(&[("tea", 2, "7.00"), ("pot", 1, "20.00")]);
        let quote = person.would_change(name, edited()).await;
        let first = person.changes(name, "e-1", edited()).await;
        for field in ["pointsEarned", "pointsTaken", "pointsRemoved", "balance"] {
            assert_eq!(by_member(&quote, field), by_member(&first, field), "{name} {field}");
        }
        let groups = first["accruals"].as_array().unwrap().last().unwrap();
        assert!(
            groups["earnedTransactionId"].is_string() && groups["takenTransactionId"].is_string()
        );
        assert!(quote["accruals"][0]["earnedTransactionId"].is_null(), "{quote}");
        let second = person.changes(name, "e-2", cart(&[("tea", 1, "3.00")])).await;
        person.gives_back(name, "all", json!({ "everything": true })).await;
        person.leaves(&home).await.done();
        assert_eq!(person.changes(name, "e-1", edited()).await, first, "permanently");
        assert_eq!(person.changes(name, "e-2", cart(&[("tea", 1, "3.00")])).await, second);
    }
    books::assert_sound(&app, "shop").await;
}

/// The group has what the person has that it does not share, after every step.
async fn whatever_is_edited_and_comes_back_leaves_each_account_what_is_kept(backend: Backend) {
    for seed in (0..2).chain([seed()]) {
        let app = TestApp::start(backend).await.with_program(SHOP).await;
        let home = group(&app, "home", "HOUSEHOLD").await;
        let mut people = Vec::new();
        for (name, accrual) in [("ada", "MEMBER"), ("bob", "GROUP"), ("eve", "BOTH")] {
            let person = app.joins("shop", name).await;
            if accrual != "MEMBER" {
                person.belongs_to(&home, accrual, false).await.done();
            }
            people.push(person);
        }
        let mut random = Random::seeded(seed);
        let lines = some_lines(&mut random);
        for one in &people {
            let name = &one.member.external_id;
            one.reports(json!({ "reference": name, "lines": lines })).await.done();
        }
        for step in 0..14 {
            let reference = format!("step-{step}");
            let edited = json!({ "lines": some_lines(&mut random) });
            let part = some_part(&mut random);
            let is_edit = random.within(0..2) == 0;
            for one in &people {
                let name = &one.member.external_id;
                if is_edit {
                    drop(one.edits(name, &reference, edited.clone()).await);
                } else {
                    drop(one.returns(name, &reference, part.clone()).await);
                }
            }
            let [ada, bob, eve] = [0, 1, 2].map(|index: usize| &people[index]);
            let [points, purchases, earned] = ada.sums().await;
            assert_eq!(eve.sums().await, [points, purchases, earned], "seed {seed} step {step}");
            assert_eq!(bob.sums().await, [0, 0, 0], "seed {seed} step {step}");
            let both = [points * 2, purchases * 2, earned * 2];
            assert_eq!(home.sums().await, both, "seed {seed} step {step}");
        }
        for one in &people {
            let name = &one.member.external_id;
            drop(one.edits(name, "cancelled", json!({ "total": "0.00" })).await);
        }
        assert_eq!(
            (home.sums().await, home.spent_and_for_groups().await.0),
            ([0; 3], "0.00".to_owned())
        );
        books::assert_balanced(&app, 0).await;
        books::assert_sound(&app, "shop").await;
    }
}

async fn whoever_has_left_edits_what_the_group_got(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    let firm = group(&app, "firm", "ORGANIZATION").await;
    let ada = app.joins("shop", "ada").await;
    ada.reports(order("order-0", &[("tea", 1, "10.00")])).await.done();
    ada.belongs_to(&home, "GROUP", false).await.done();
    ada.reports(order("order-1", &[("tea", 2, "20.00")])).await.done();
    home.redeems("mug", "most").await.done();
    ada.leaves(&home).await.done();
    ada.belongs_to(&firm, "BOTH", false).await.done();
    let more = cart(&[("tea", 3, "30.00")]);
    let receipt = ada.changes("order-1", "e-1", more.clone()).await;
    assert_eq!(by_member(&receipt, "pointsEarned"), [home.is(10)]);
    let receipt = ada.changes("order-1", "e-2", cart(&[("tea", 1, "5.00")])).await;
    assert_eq!(by_member(&receipt, "pointsTaken"), [home.is(25)]);
    assert_eq!(by_member(&receipt, "balance"), [home.is(-5)], "what was spent it owes");
    let receipt = ada.changes("order-0", "e-1", more).await;
    assert_eq!(by_member(&receipt, "pointsEarned"), [ada.is(20)], "bought before all that");
    assert_eq!(firm.sums().await, [0, 0, 0]);
    assert_eq!((home.sums().await, ada.sums().await), ([-5, 1, 5], [30, 1, 30]));
    books::assert_sound(&app, "shop").await;
}

async fn each_account_has_its_own_caps_and_what_is_gone_makes_room(backend: Backend) {
    let capped = "points.caps = { day = 40 }\npoints.expire_after_months";
    let file = SHOP.replace("points.expire_after_months", capped);
    let app = TestApp::start(backend).await.with_program(&file).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.belongs_to(&home, "BOTH", false).await.done();
    bob.belongs_to(&home, "BOTH", false).await.done();
    ada.reports(order("order-1", &[("tea", 2, "20.00")])).await.done();
    bob.reports(order("order-2", &[("tea", 1, "10.00")])).await.done();
    let more = cart(&[("tea", 1, "10.00"), ("pot", 1, "25.00")]);
    let quote = bob.would_change("order-2", more.clone()).await;
    let receipt = bob.changes("order-2", "e-1", more).await;
    assert_eq!(by_member(&receipt, "pointsEarned"), [bob.is(25), home.is(10)]);
    assert_eq!(by_member(&quote, "pointsEarned"), by_member(&receipt, "pointsEarned"));
    assert_eq!(receipt["accruals"][1]["cuts"], json!([{ "cap": "DAY", "points": 15 }]));
    assert_eq!(receipt["accruals"][0]["cuts"], json!([]));
    // The tea makes room for as much.
    let swapped = cart(&[("mug", 1, "12.00"), ("pot", 1, "25.00")]);
    let receipt = bob.changes("order-2", "e-2", swapped).await;
    assert_eq!(by_member(&receipt, "pointsEarned"), [bob.is(12), home.is(10)]);
    assert_eq!(by_member(&receipt, "pointsTaken"), [bob.is(10), home.is(10)]);
    let back = cart(&[("mug", 1, "12.00")]);
    let receipt = bob.changes("order-2", "e-3", back).await;
    assert_eq!(by_member(&receipt, "pointsTaken"), [bob.is(25), home.is(10)]);
    assert_eq!((home.sums().await[0], bob.sums().await[0]), (30, 12));
    books::assert_sound(&app, "shop").await;
}

async fn what_is_added_waits_at_the_group_too(backend: Backend) {
    const HAPPENS: &str = "mutation($input: RecordPurchaseEventInput!) { recordPurchaseEvent( \
         input: $input) { activation { transactionIds } userErrors { code message field } } }";
    let pending = "points.pending = { event = \"delivered\" }\npoints.expire_after_months";
    let file = SHOP.replace("points.expire_after_months", pending);
    let app = TestApp::start(backend).await.with_program(&file).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "BOTH", false).await.done();
    ada.reports(order("order-1", &[("tea", 2, "10.00")])).await.done();
    let edited = cart(&[("tea", 1, "5.00"), ("mug", 1, "7.00")]);
    let receipt = ada.changes("order-1", "e-1", edited).await;
    assert_eq!(by_member(&receipt, "pointsPending"), [ada.is(7), home.is(7)]);
    let balance = async |of: &Person<'_>| of.all().await["balance"].clone();
    for of in [&home, &ada] {
        assert_eq!(balance(of).await, json!({ "points": 0, "pending": 12 }));
    }
    let input = json!({ "purchase": { "reference": "order-1" }, "event": "delivered" });
    let done: Value = app.does("shop", HAPPENS, input).await.done();
    assert_eq!(done["transactionIds"].as_array().unwrap().len(), 4, "two of each");
    for of in [&home, &ada] {
        assert_eq!(balance(of).await, json!({ "points": 12, "pending": 0 }));
    }
    ada.changes("order-1", "e-2", cart(&[("tea", 1, "5.00")])).await;
    assert_eq!((home.sums().await[0], ada.sums().await[0]), (5, 5));
    books::assert_sound(&app, "shop").await;
}

async fn what_points_have_paid_is_given_back_to_whose_they_were(backend: Backend) {
    let file = format!("{SHOP}[points.payment]\npoints = 100\namount = \"1.00\"\n");
    let app = TestApp::start(backend).await.with_program(&file).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.buys("order-0", "1000.00").await.done();
    ada.belongs_to(&home, "GROUP", false).await.done();
    let mut bought = order("order-1", &[("tea", 2, "20.00")]);
    bought["payWith"] = json!({ "points": 1000 });
    ada.reports(bought).await.done();
    assert_eq!((home.sums().await, ada.points().await), ([10, 1, 10], 0));
    let receipt = ada.changes("order-1", "e-1", cart(&[("tea", 2, "20.00"), ("mug", 1, "5.00")]));
    assert_eq!(receipt.await["pointsRefunded"], 0);
    assert_eq!(home.spent_and_for_groups().await.0, "15.00");
    let receipt = ada.changes("order-1", "e-2", cart(&[("tea", 1, "6.00")])).await;
    assert_eq!((&receipt["pointsRefunded"], ada.points().await), (&json!(700), 700));
    assert_eq!(
        (home.spent_and_for_groups().await.0, ada.spent_and_for_groups().await.0),
        ("3.00".into(), "1000.00".into())
    );
    books::assert_sound(&app, "shop").await;
    ada.gives_back("order-1", "all", json!({ "everything": true })).await;
    assert_eq!((home.sums().await, ada.points().await), ([0, 0, 0], 1000));
    books::assert_sound(&app, "shop").await;
}

async fn an_order_of_which_nothing_was_left_is_a_purchase_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    let eve = app.joins("shop", "eve").await;
    for accrual in ["GROUP", "BOTH"] {
        let bob = json!({
            "externalId": accrual, "kind": "PERSON", "name": "Bob",
            "referralCode": eve.member.referral_code,
        });
        let member = app.creates("shop", bob).await.done();
        let bob = Person { app: &app, program: "shop", member };
        let own = i64::from(accrual == "BOTH");
        bob.belongs_to(&home, accrual, false).await.done();
        bob.reports(order(accrual, &[("tea", 1, "10.00")])).await.done();
        assert_eq!((eve.points().await, home.sums().await), (50, [10, 1, 10]));
        let nothing = bob.changes(accrual, "none", json!({ "total": "0.00" })).await;
        assert_eq!(by_member(&nothing, "pointsTaken").last(), Some(&home.is(10)));
        assert_eq!((eve.points().await, home.sums().await), (0, [0, 0, 0]));
        assert_eq!(bob.spent_and_for_groups().await, ("0.00".to_owned(), 0));
        let again = bob.changes(accrual, "again", cart(&[("tea", 1, "10.00")])).await;
        assert_eq!(again["referralPoints"], 25, "something is bought again");
        assert_eq!((eve.points().await, home.sums().await), (50, [10, 1, 10]));
        assert_eq!(bob.spent_and_for_groups().await.1, 1 - own);
        assert_eq!(bob.sums().await, [25 + 10 * own, own, 25 + 10 * own]);
        books::assert_sound(&app, "shop").await;
        bob.gives_back(accrual, "all", json!({ "everything": true })).await;
        assert_eq!((eve.points().await, home.sums().await), (0, [0, 0, 0]));
    }
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn a_merged_group_gets_what_is_new_and_gives_it_back_with_the_unmerge(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let old = group(&app, "old", "HOUSEHOLD").await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    let ada = app.joins("shop", "ada").await;
    ada.belongs_to(&old, "BOTH", false).await.done();
    ada.reports(order("order-1", &[("tea", 2, "20.00")])).await.done();
    home.buys("home-1", "5.00").await.done();
    old.is_merged_into(&home).await;
    let edited = || cart(&[("tea", 1, "10.00"), ("pot", 1, "30.00")]);
    let receipt = ada.changes("order-1", "e-1", edited()).await;
    assert_eq!(by_member(&receipt, "pointsEarned"), [ada.is(30), home.is(30)]);
    assert_eq!(home.sums().await, [45, 2, 45]);
    books::assert_sound(&app, "shop").await;
    old.is_parted().await;
    assert_eq!((old.sums().await, home.sums().await), ([40, 1, 40], [5, 1, 5]));
    ada.changes("order-1", "e-2", cart(&[("pot", 1, "30.00")])).await;
    assert_eq!((old.sums().await, home.sums().await), ([30, 1, 30], [5, 1, 5]));
    books::assert_sound(&app, "shop").await;
}

async fn what_is_new_for_a_group_that_was_erased_is_nobodys(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    for (name, accrual) in [("bob", "GROUP"), ("eve", "BOTH")] {
        let home = group(&app, &format!("home-{name}"), "HOUSEHOLD").await;
        let person = app.joins("shop", name).await;
        person.belongs_to(&home, accrual, false).await.done();
        person.reports(order(name, &[("tea", 1, "10.00")])).await.done();
        let before = person.changes(name, "e-0", cart(&[("tea", 2, "20.00")])).await;
        assert_eq!(by_member(&before, "pointsEarned").last(), Some(&home.is(10)));
        home.is_erased().await;
        let own = i64::from(accrual == "BOTH");
        for (edit, lines, has) in [
            ("e-1", vec![("tea", 3, "30.00")], 30),
            ("e-2", vec![("tea", 1, "10.00")], 10),
            ("e-3", vec![("tea", 1, "10.00"), ("mug", 1, "5.00")], 15),
        ] {
            let receipt = person.changes(name, edit, cart(&lines)).await;
            let to: Vec<_> = by_member(&receipt, "balance");
            let expected = [person.is(has)];
            assert_eq!(to, expected[..usize::from(own == 1)], "{name} {edit}");
            assert_eq!(person.sums().await, [has * own, own, has * own], "{name} {edit}");
        }
        person.gives_back(name, "all", json!({ "everything": true })).await;
        assert_eq!(person.sums().await, [0, 0, 0]);
    }
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

/// Neither while the person is there, nor when it was erased; and what plugins say stays with it.
async fn the_group_knows_nothing_of_whose_order_was_edited(backend: Backend) {
    let app = TestApp::idle(backend).await;
    app.offers(&plugins::hostile("fair")).await;
    let file = format!("{SHOP}\n[plugins.fair]\nmode = \"behave\"\n");
    let app = app.with_program(&file).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "BOTH", true).await.done();
    ada.reports(order("secret-1", &[("secret-tea", 1, "10.00")])).await.done();
    let mut edited = cart(&[("secret-pot", 1, "30.00")]);
    edited["reason"] = json!("secret-reason");
    ada.changes("secret-1", "secret-edit", edited).await;
    assert_eq!(home.sums().await, [31, 1, 31], "one is the plugin's");
    const CAUSES: &str = "query($of: String!) { member(externalId: $of) { transactions { nodes { \
         points purchaseId cause { ... on EditCause { effect points editReference \
         explanation { awards { points reason } } } } } } } }";
    let shown = app.admin("shop", CAUSES, json!({ "of": "home" })).await.to_string();
    assert!(shown.contains("ADDED") && shown.contains("REMOVED"), "{shown}");
    let own = app.admin("shop", CAUSES, json!({ "of": "ada" })).await.to_string();
    assert!(own.contains("secret") && own.contains("\"fair\""), "{own}");
    assert!(!shown.contains("secret") && !shown.contains("\"fair\""), "{shown}");
    let sql = format!(
        "SELECT COUNT(*) AS n FROM edits AS i JOIN purchases AS b ON b.id = i.purchase_id \
         WHERE b.accrual_of IS NOT NULL AND (i.reason IS NOT NULL OR i.reference LIKE '%secret%' \
         OR CAST(i.appraisal AS TEXT) LIKE '%{}%')",
        ada.member.id
    );
    assert_eq!(books::counted(&app, &sql).await, 0);
    let lines = "SELECT COUNT(*) AS n FROM edit_lines AS l JOIN purchases AS b \
         ON b.id = l.purchase_id WHERE b.accrual_of IS NOT NULL AND l.sku <> ''";
    assert_eq!(books::counted(&app, lines).await, 0);
    books::assert_sound(&app, "shop").await;
    ada.is_erased().await;
    assert_eq!(home.sums().await, [31, 1, 31], "what is the group's stays");
    let left = "SELECT COUNT(*) AS n FROM transactions \
         WHERE CAST(explanation AS TEXT) LIKE '%secret%'";
    assert_eq!(books::counted(&app, left).await, 0);
    books::assert_sound(&app, "shop").await;
}

/// Nothing had followed from it, for whomever; so it accrues to nobody else.
async fn a_free_order_is_the_buyers_own_once_it_costs_something(backend: Backend) {
    let file =
        SHOP.replace("currency = \"EUR\"", "currency = \"EUR\"\ncount_free_purchases = false");
    let app = TestApp::start(backend).await.with_program(&file).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "GROUP", false).await.done();
    ada.reports(order("order-1", &[("sample", 1, "0.00")])).await.done();
    let edited = cart(&[("sample", 1, "0.00"), ("tea", 1, "10.00")]);
    let receipt = ada.changes("order-1", "e-1", edited).await;
    assert_eq!(by_member(&receipt, "pointsEarned"), [ada.is(10)]);
    assert_eq!((ada.sums().await, home.sums().await), ([10, 1, 10], [0, 0, 0]));
    books::assert_sound(&app, "shop").await;
}

async fn edits_and_returns_of_many_at_once_come_to_the_same(backend: Backend) {
    let db = TestDb::create(backend).await;
    let app = TestApp::over(db).await.with_program(SHOP).await;
    let other = &TestApp::beside(&app).await;
    let firm = group(&app, "firm", "ORGANIZATION").await;
    let mut people = Vec::new();
    for number in 0..6 {
        let person = app.joins("shop", &format!("person-{number}")).await;
        let accrual = if number % 2 == 0 { "GROUP" } else { "BOTH" };
        person.belongs_to(&firm, accrual, false).await.done();
        people.push(person);
    }
    for round in 0..3 {
        let name = |number: usize| format!("order-{round}-{number}");
        for (number, person) in people.iter().enumerate() {
            let lines = [("tea", 4, "40.00"), ("mug", 1, "5.00")];
            person.reports(order(&name(number), &lines)).await.done();
        }
        let edited = || cart(&[("tea", 3, "30.00"), ("pot", 1, "20.00")]);
        let at_once = people.iter().enumerate().map(|(number, person)| async move {
            let (name, there) = (format!("order-{round}-{number}"), person.at(other));
            let (edit, again, back) = tokio::join!(
                person.edits(&name, "e", edited()),
                there.edits(&name, "e", edited()),
                there.returns(&name, "r", tea(2)),
            );
            assert_eq!(edit.done(), again.done(), "booked once");
            back.done();
        });
        join_all(at_once).await;
        // 10 for the tea that is kept and 20 for the pot.
        assert_eq!(firm.sums().await, [6 * 30, 6, 6 * 30], "round {round}");
        for (number, person) in people.iter().enumerate() {
            let own = i64::try_from(number % 2).unwrap();
            assert_eq!(person.sums().await, [30 * own, own, 30 * own], "round {round}");
            person.returns_all(&name(number)).await;
        }
        assert_eq!(firm.sums().await, [0, 0, 0], "round {round}");
    }
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn an_edit_takes_no_statement_more(backend: Backend) {
    let sent = Sent::default();
    let app = TestApp::observed(TestDb::create(backend).await, &sent).await;
    let app = app.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "BOTH", false).await.done();
    ada.reports(order("order-1", &[("tea", 2, "20.00")])).await.done();
    ada.edits("order-1", "e-0", cart(&[("tea", 2, "20.00"), ("mug", 1, "5.00")])).await.done();
    sent.take();
    ada.edits("order-1", "e-1", cart(&[("tea", 1, "10.00"), ("pot", 1, "30.00")])).await.done();
    assert_eq!(sent.take().len(), 2, "a look and a commit");
}
