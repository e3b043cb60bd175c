//! Whose account gets what a purchase earns, and gives it back when something comes back.

use super::{by_member, group};
use crate::support::programs::{SHOP, sandbox_shop};
use crate::support::{Backend, Person, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    each_account_gets_all_of_it_and_what_was_quoted,
    what_was_answered_is_answered_again,
    a_purchase_counts_where_it_accrues,
    what_comes_back_is_taken_from_whom_it_went_to,
    what_comes_back_after_somebody_left_is_taken_from_the_group,
    referrals_and_the_first_purchase_are_the_persons,
    each_account_has_its_own_caps,
    terms_are_those_of_the_tier_of_the_account,
    what_waits_for_a_delivery_waits_at_the_group_too,
    the_ledger_of_the_group_names_the_buyer_to_operators,
    late_purchases_accrue_by_the_membership_of_then,
    other_types_of_points_go_along,
    what_slides_slides_where_it_accrues,
    what_is_paid_with_points_earns_nobody_anything,
    what_is_void_is_taken_from_one_account,
);

fn everything() -> Value {
    json!({ "everything": true })
}

async fn each_account_gets_all_of_it_and_what_was_quoted(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    let [own, all, both] = [("ada", "MEMBER"), ("bob", "GROUP"), ("eve", "BOTH")];
    for ((name, accrual), gets) in
        [(own, vec!["ada"]), (all, vec!["home"]), (both, vec!["eve", "home"])]
    {
        let person = app.joins("shop", name).await;
        person.belongs_to(&home, accrual, false).await.done();
        let quote = person.would_accrue(json!({ "total": "30.00" })).await;
        let order = json!({ "reference": format!("order-{name}"), "total": "30.00" });
        let receipt = person.accrues(order).await.done();
        assert_eq!(by_member(&quote, "points"), by_member(&receipt, "pointsEarned"), "{name}");
        let id = |of: &str| if of == "home" { &home.member.id } else { &person.member.id };
        let expected: Vec<_> = gets.iter().map(|of| (id(of).clone(), 30)).collect();
        assert_eq!(by_member(&receipt, "pointsEarned"), expected, "{name}");
        let own = if gets.contains(&name) { 30 } else { 0 };
        assert_eq!((&receipt["pointsEarned"], &quote["points"]), (&json!(own), &json!(own)));
        assert_eq!(person.sums().await, [own, own / 30, own]);
        let for_groups = &person.all().await["statistics"]["purchasesForGroups"];
        assert_eq!(*for_groups, json!(i64::from(accrual == "GROUP")));
    }
    assert_eq!(home.sums().await, [60, 2, 60]);
    assert_eq!(home.all().await["statistics"]["spent"]["amount"], "60.00");
    assert_eq!(home.all().await["purchases"]["nodes"], json!([]), "they are the buyers'");
    books::assert_balanced(&app, 120).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_was_answered_is_answered_again(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "BOTH", false).await.done();
    let order = || json!({ "reference": "order-1", "total": "30.00" });
    let first = ada.accrues(order()).await.done();
    ada.buys("order-2", "9.00").await.done();
    ada.leaves(&home).await.done();
    assert_eq!(ada.accrues(order()).await.done(), first);
    let back = ada.gives_back("order-1", "back-1", json!({ "amount": "10.00" })).await;
    ada.gives_back("order-1", "back-2", json!({ "amount": "5.00" })).await;
    assert_eq!(ada.gives_back("order-1", "back-1", json!({ "amount": "10.00" })).await, back);
    assert_eq!(by_member(&back, "pointsTaken").len(), 2);
    let shown = &ada.all().await["purchases"]["nodes"][1];
    assert_eq!(by_member(shown, "pointsEarned").len(), 2, "{shown}");
    books::assert_sound(&app, "shop").await;
}

async fn a_purchase_counts_where_it_accrues(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.belongs_to(&home, "GROUP", false).await.done();
    bob.belongs_to(&home, "BOTH", false).await.done();
    for number in 0..2 {
        ada.buys(&format!("a-{number}"), "10.00").await.done();
    }
    bob.buys("b-1", "10.00").await.done();
    let tier = |whole: Value| whole["tier"]["key"].clone();
    assert_eq!(tier(home.all().await), "silver", "three purchases");
    assert_eq!((tier(ada.all().await), tier(bob.all().await)), (json!(null), json!("bronze")));
    ada.gives_back("a-0", "back", everything()).await;
    assert_eq!(tier(home.all().await), "bronze", "two are left");
    books::assert_sound(&app, "shop").await;
}

/// An order of two lines, sent back in three portions, one of which is half of a line.
async fn what_comes_back_is_taken_from_whom_it_went_to(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    for (name, accrual) in [("ada", "MEMBER"), ("bob", "GROUP"), ("eve", "BOTH")] {
        let person = app.joins("shop", name).await;
        person.belongs_to(&home, accrual, false).await.done();
        let before = home.sums().await;
        let lines = json!([
            { "sku": "tea", "quantity": 3, "amount": "20.00" },
            { "sku": "cup", "quantity": 1, "amount": "13.00" },
        ]);
        person.accrues(json!({ "reference": name, "lines": lines })).await.done();
        let mut taken = Vec::new();
        for (number, what) in [
            json!({ "lines": [{ "line": { "sku": "tea" }, "quantity": 1 }] }),
            json!({ "amount": "7.01" }),
            everything(),
        ]
        .into_iter()
        .enumerate()
        {
            let receipt = person.gives_back(name, &format!("back-{number}"), what).await;
            taken.push(by_member(&receipt, "pointsTaken"));
        }
        let sum = |of: &Person<'_>| -> i64 {
            let its = taken.iter().flatten().filter(|(member, _)| *member == of.member.id);
            its.map(|(_, points)| points).sum()
        };
        let gets = |of: bool| if of { 33 } else { 0 };
        assert_eq!(sum(&person), gets(accrual != "GROUP"), "{name}: {taken:?}");
        assert_eq!(sum(&home), gets(accrual != "MEMBER"), "{name}: {taken:?}");
        assert_eq!(person.sums().await, [0, 0, 0], "{name}");
        assert_eq!(home.sums().await, before, "{name}");
    }
    books::assert_balanced(&app, 0).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_comes_back_after_somebody_left_is_taken_from_the_group(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    let firm = group(&app, "firm", "ORGANIZATION").await;
    let ada = app.joins("shop", "ada").await;
    ada.belongs_to(&home, "GROUP", false).await.done();
    ada.buys("order-1", "30.00").await.done();
    home.redeems("mug", "all gone").await.done();
    ada.leaves(&home).await.done();
    ada.belongs_to(&firm, "GROUP", false).await.done();
    ada.buys("order-2", "7.00").await.done();
    let receipt = ada.gives_back("order-1", "back", everything()).await;
    assert_eq!(by_member(&receipt, "balance"), [(home.member.id.clone(), -10)], "what was spent");
    assert_eq!(home.sums().await, [-10, 0, 0]);
    assert_eq!(firm.sums().await, [7, 1, 7]);
    assert_eq!(ada.sums().await, [0, 0, 0]);
    books::assert_sound(&app, "shop").await;
}

async fn referrals_and_the_first_purchase_are_the_persons(backend: Backend) {
    let welcome = "[[earning_rules]]\nid = \"welcome\"\nname.en = \"Welcome\"\n\
         when = 'member.purchases == 0'\npoints = 100\n[tiers]";
    let app = TestApp::start(backend).await.with_program(&SHOP.replace("[tiers]", welcome)).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    let bob = json!({
        "externalId": "bob", "kind": "PERSON", "name": "Bob",
        "referralCode": ada.member.referral_code,
    });
    let bob = Person { app: &app, program: "shop", member: app.creates("shop", bob).await.done() };
    bob.belongs_to(&home, "GROUP", false).await.done();
    let first = bob.accrues(json!({ "reference": "order-1", "total": "10.00" })).await.done();
    assert_eq!(first["referralPoints"], 25, "bob's own");
    assert_eq!(by_member(&first, "pointsEarned"), [(home.member.id.clone(), 110)]);
    let second = bob.accrues(json!({ "reference": "order-2", "total": "10.00" })).await.done();
    assert_eq!(by_member(&second, "pointsEarned"), [(home.member.id.clone(), 10)], "no welcome");
    assert_eq!((ada.points().await, bob.points().await), (50, 25));
    bob.gives_back("order-1", "back", everything()).await;
    assert_eq!((ada.points().await, bob.points().await), (50, 25), "one purchase is left");
    bob.gives_back("order-2", "back", everything()).await;
    assert_eq!((ada.points().await, bob.points().await), (0, 0), "none is");
    assert_eq!(home.sums().await, [0, 0, 0]);
    let again = bob.accrues(json!({ "reference": "order-3", "total": "10.00" })).await.done();
    assert_eq!(again["referralPoints"], 25);
    assert_eq!(by_member(&again, "pointsEarned"), [(home.member.id.clone(), 110)]);
    books::assert_sound(&app, "shop").await;
}

async fn each_account_has_its_own_caps(backend: Backend) {
    let capped = "points.caps.day = 40\npoints.expire_after_months = 12";
    let program = SHOP.replace("points.expire_after_months = 12", capped);
    let app = TestApp::start(backend).await.with_program(&program).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    let (ada, bob) = (app.joins("shop", "ada").await, app.joins("shop", "bob").await);
    ada.belongs_to(&home, "BOTH", false).await.done();
    bob.belongs_to(&home, "BOTH", false).await.done();
    ada.buys("order-1", "30.00").await.done();
    let quote = bob.would_accrue(json!({ "total": "30.00" })).await;
    let receipt = bob.accrues(json!({ "reference": "order-2", "total": "30.00" })).await.done();
    let expected = [(bob.member.id.clone(), 30), (home.member.id.clone(), 10)];
    assert_eq!(by_member(&receipt, "pointsEarned"), expected);
    assert_eq!(by_member(&quote, "points"), expected);
    assert_eq!(receipt["accruals"][1]["cuts"], json!([{ "cap": "DAY", "points": 20 }]));
    assert_eq!(receipt["accruals"][0]["cuts"], json!([]));
    let back = bob.gives_back("order-2", "back", json!({ "amount": "15.00" })).await;
    let expected = [(bob.member.id.clone(), 15), (home.member.id.clone(), 5)];
    assert_eq!(by_member(&back, "pointsTaken"), expected, "half of what each got");
    books::assert_sound(&app, "shop").await;
}

async fn terms_are_those_of_the_tier_of_the_account(backend: Backend) {
    let program = SHOP.replace("from = 3\n", "from = 3\nexpiry = { after_months = 24 }\n");
    let app = TestApp::start(backend).await.with_program(&program).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    for number in 0..3 {
        home.buys(&format!("home-{number}"), "1.00").await.done();
    }
    ada.belongs_to(&home, "BOTH", false).await.done();
    ada.buys("order-1", "30.00").await.done();
    const EXPIRING: &str = "query($of: String!) { member(externalId: $of) { \
         balance { expiring { at points } } } }";
    let years = async |of: &Person<'_>| {
        let of = json!({ "of": of.member.external_id });
        let found = app.admin("shop", EXPIRING, of).await;
        let last = found["member"]["balance"]["expiring"].as_array().unwrap().last().cloned();
        last.unwrap()["at"].as_str().unwrap()[..4].parse::<i64>().unwrap()
    };
    assert_eq!(years(&home).await - years(&ada).await, 1, "silver points last a year longer");
    books::assert_sound(&app, "shop").await;
}

async fn what_waits_for_a_delivery_waits_at_the_group_too(backend: Backend) {
    let pending = "points.pending = { event = \"delivered\" }\npoints.expire_after_months = 12";
    let program = SHOP.replace("points.expire_after_months = 12", pending);
    let app = TestApp::start(backend).await.with_program(&program).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "BOTH", false).await.done();
    ada.buys("order-1", "30.00").await.done();
    ada.buys("order-2", "9.00").await.done();
    ada.gives_back("order-2", "back", json!({ "amount": "4.00" })).await;
    let balance = async |of: &Person<'_>| of.all().await["balance"].clone();
    for of in [&home, &ada] {
        assert_eq!(balance(of).await, json!({ "points": 0, "pending": 35 }));
    }
    const EVENT: &str = "mutation($input: RecordPurchaseEventInput!) { \
         recordPurchaseEvent(input: $input) { activation { transactionIds } userErrors { code message field } } }";
    let delivered = json!({ "purchase": { "reference": "order-1" }, "event": "delivered" });
    let earned = app.does::<Value>("shop", EVENT, delivered.clone()).await.done();
    assert_eq!(earned["transactionIds"].as_array().unwrap().len(), 2);
    assert_eq!(app.does::<Value>("shop", EVENT, delivered).await.done(), earned, "a repeat");
    for of in [&home, &ada] {
        assert_eq!(balance(of).await, json!({ "points": 30, "pending": 5 }));
    }
    ada.gives_back("order-1", "back", everything()).await;
    assert_eq!(balance(&home).await, json!({ "points": 0, "pending": 5 }));
    books::assert_sound(&app, "shop").await;
}

async fn the_ledger_of_the_group_names_the_buyer_to_operators(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "GROUP", false).await.done();
    ada.buys("order-1", "30.00").await.done();
    ada.gives_back("order-1", "back", json!({ "amount": "10.00" })).await;
    let all = home.all().await["transactions"]["nodes"].clone();
    let (earned, taken) = (&all[1], &all[0]);
    assert_eq!(earned["otherMember"]["externalId"], "ada");
    assert_eq!(
        earned["cause"],
        json!({
            "__typename": "GroupPurchaseCause", "total": { "amount": "30.00" },
            "explanation": { "points": 30 },
        })
    );
    assert_eq!(taken["cause"], json!({ "__typename": "ReturnCause", "points": 10 }));
    const PURCHASE: &str = "query($id: ID!) { purchase(id: $id) { reference } }";
    for one in [earned, taken] {
        let id = json!({ "id": one["purchaseId"] });
        assert_eq!(app.admin("shop", PURCHASE, id).await["purchase"]["reference"], "order-1");
    }
}

/// History that is imported, of somebody who belonged to the group for some months of it.
async fn late_purchases_accrue_by_the_membership_of_then(backend: Backend) {
    let program = sandbox_shop().replace("program = \"sandbox\"", "program = \"shop\"");
    let app = TestApp::start(backend).await.with_program(&program).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    let since = json!({ "accrual": "GROUP", "joinedAt": "2025-06-01T00:00:00Z" });
    ada.ties_with("joinGroup", &home, since).await.done();
    app.advance_clock("shop", "2026-03-01T00:00:00Z").await;
    ada.leaves(&home).await.done();
    app.advance_clock("shop", "2026-06-01T00:00:00Z").await;
    for (order, at, is_groups) in [
        ("before", "2025-05-31T23:59:59Z", false),
        ("joined", "2025-06-01T00:00:00Z", true),
        ("during", "2026-02-28T12:00:00Z", true),
        ("left", "2026-03-01T00:00:00Z", false),
    ] {
        let order = json!({ "reference": order, "total": "10.00", "purchasedAt": at });
        let receipt = ada.accrues(order).await.done();
        let of = if is_groups { &home.member.id } else { &ada.member.id };
        assert_eq!(receipt["accruals"][0]["memberId"], json!(of), "{at}");
    }
    books::assert_sound(&app, "shop").await;
}

async fn other_types_of_points_go_along(backend: Backend) {
    let program = format!(
        "{SHOP}[[point_types]]\nid = \"stars\"\nname.en = \"Stars\"\n[[earning_rules]]\nid = \"star\"\n\
         name.en = \"A star\"\npoints = 3\npoint_type = \"stars\"\n"
    );
    let app = TestApp::start(backend).await.with_program(&program).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "BOTH", false).await.done();
    let receipt = ada.accrues(json!({ "reference": "order-1", "total": "30.00" })).await.done();
    for one in receipt["accruals"].as_array().unwrap() {
        assert_eq!(one["otherPoints"], json!([{ "pointType": "stars", "points": 3 }]));
    }
    let half = ada.gives_back("order-1", "half", json!({ "amount": "15.00" })).await;
    assert_eq!(by_member(&half, "pointsTaken").iter().map(|(_, of)| of).sum::<i64>(), 30);
    ada.gives_back("order-1", "rest", everything()).await;
    const WALLETS: &str = "query($of: String!) { member(externalId: $of) { wallets { points } } }";
    let wallets = app.admin("shop", WALLETS, json!({ "of": "home" })).await;
    let none = json!({ "points": 0 });
    assert_eq!(wallets["member"]["wallets"], json!([none, none]));
    books::assert_sound(&app, "shop").await;
}

/// Points that last while a member is active, and a purchase for the group that is reported late.
async fn what_slides_slides_where_it_accrues(backend: Backend) {
    let program = sandbox_shop()
        .replace("program = \"sandbox\"", "program = \"shop\"")
        .replace("points.expire_after_months = 12", "points.expiry = { inactive_months = 3 }");
    let app = TestApp::start(backend).await.with_program(&program).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    home.buys("home-1", "10.00").await.done();
    ada.buys("ada-1", "5.00").await.done();
    ada.belongs_to(&home, "GROUP", false).await.done();
    app.advance_clock("shop", "2026-03-01T00:00:00Z").await;
    ada.buys("ada-2", "1.00").await.done();
    app.advance_clock("shop", "2026-05-01T00:00:00Z").await;
    assert_eq!((home.sums().await[0], ada.sums().await[0]), (11, 0));
    app.advance_clock("shop", "2026-07-01T00:00:00Z").await;
    assert_eq!(home.sums().await[0], 0, "nobody was active since March");
    let late = json!({
        "reference": "ada-3", "total": "1.00", "purchasedAt": "2026-05-15T00:00:00Z",
    });
    ada.accrues(late).await.done();
    assert_eq!((home.sums().await[0], ada.sums().await[0]), (12, 0), "somebody was");
    books::assert_sound(&app, "shop").await;
}

async fn what_is_paid_with_points_earns_nobody_anything(backend: Backend) {
    let program = format!("{SHOP}[points.payment]\npoints = 100\namount = \"1.00\"\n");
    let app = TestApp::start(backend).await.with_program(&program).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.buys("order-1", "500.00").await.done();
    ada.belongs_to(&home, "GROUP", false).await.done();
    let paid = json!({ "reference": "order-2", "total": "20.00", "payWith": { "points": 500 } });
    let receipt = ada.accrues(paid).await.done();
    assert_eq!(by_member(&receipt, "pointsEarned"), [(home.member.id.clone(), 15)]);
    assert_eq!(ada.points().await, 0);
    assert_eq!(home.all().await["statistics"]["spent"]["amount"], "15.00");
    ada.gives_back("order-2", "half", json!({ "amount": "10.01" })).await;
    ada.gives_back("order-2", "rest", everything()).await;
    assert_eq!(home.sums().await, [0, 0, 0]);
    assert_eq!(home.all().await["statistics"]["spent"]["amount"], "0.00");
    assert_eq!(ada.points().await, 500, "what had paid is given back to whom it was");
    books::assert_sound(&app, "shop").await;
}

async fn what_is_void_is_taken_from_one_account(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "BOTH", false).await.done();
    let receipt = ada.accrues(json!({ "reference": "order-1", "total": "30.00" })).await.done();
    const VOID: &str = "mutation($input: VoidTransactionInput!) { voidTransaction(input: $input) { \
         transaction { points } userErrors { code message field } } }";
    let wrong = json!({ "transactionId": receipt["accruals"][1]["transactionId"], "reason": "r" });
    app.does::<Value>("shop", VOID, wrong).await.done();
    assert_eq!((home.sums().await[0], ada.sums().await[0]), (0, 30));
    let back = ada.gives_back("order-1", "back", everything()).await;
    let expected = [(ada.member.id.clone(), 30), (home.member.id.clone(), 0)];
    assert_eq!(by_member(&back, "pointsTaken"), expected);
    books::assert_sound(&app, "shop").await;
}
