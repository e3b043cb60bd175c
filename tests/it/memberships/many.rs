//! Many people of one company at once: they meet on its account.

use super::group;
use crate::support::programs::SHOP;
use crate::support::{Backend, Sent, TestApp, TestDb, books, on_both_databases};
use futures::future::join_all;
use serde_json::{Value, json};

on_both_databases!(
    what_fifty_people_buy_at_once_is_all_the_companys,
    what_many_bring_together_is_all_the_companys,
    a_purchase_takes_no_statement_more,
    joining_takes_two_statements,
);

async fn what_fifty_people_buy_at_once_is_all_the_companys(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let other = TestApp::beside(&app).await;
    let firm = group(&app, "firm", "ORGANIZATION").await;
    let mut people = Vec::new();
    for number in 0..50 {
        let person = app.joins("shop", &format!("person-{number}")).await;
        let accrual = if number % 2 == 0 { "GROUP" } else { "BOTH" };
        person.belongs_to(&firm, accrual, false).await.done();
        people.push(if number % 3 == 0 { person.at(&other) } else { person });
    }
    for round in 0..3 {
        let order = |number: usize| json!({ "reference": format!("order-{round}-{number}"), "total": "10.00" });
        let buying = people.iter().enumerate().map(|(number, one)| one.accrues(order(number)));
        join_all(buying).await.into_iter().for_each(|outcome| drop(outcome.done()));
    }
    assert_eq!(firm.sums().await, [1500, 150, 1500]);
    let back = people.iter().enumerate().map(|(number, one)| async move {
        let everything = json!({ "everything": true });
        one.gives_back(&format!("order-0-{number}"), "back", everything).await
    });
    join_all(back).await;
    assert_eq!(firm.sums().await, [1000, 100, 1000]);
    books::assert_balanced(&app, 1000 + 25 * 20).await;
    books::assert_sound(&app, "shop").await;
}

async fn what_many_bring_together_is_all_the_companys(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let firm = group(&app, "firm", "ORGANIZATION").await;
    let mut purchases = Vec::new();
    for number in 0..50 {
        let person = app.joins("shop", &format!("person-{number}")).await;
        person.belongs_to(&firm, "GROUP", false).await.done();
        purchases.push(json!({
            "member": person.named(), "reference": format!("order-{number}"), "total": "10.00",
        }));
    }
    const MANY: &str = "mutation($input: RecordPurchasesInput!) { recordPurchases(input: $input) { \
         results { receipt { accruals { memberId balance } } userErrors { message } } \
         userErrors { message } } }";
    let input = json!({ "input": { "purchases": purchases } });
    let many = app.admin("shop", MANY, input.clone()).await;
    let results = many["recordPurchases"]["results"].as_array().unwrap();
    let balances = results.iter().map(|one| one["receipt"]["accruals"][0]["balance"].clone());
    let expected: Vec<Value> = (1..=50).map(|count| json!(count * 10)).collect();
    assert_eq!(balances.collect::<Vec<_>>(), expected, "each after those before it");
    assert_eq!(app.admin("shop", MANY, input).await, many, "a repeat");
    assert_eq!(firm.sums().await, [500, 50, 500]);
    books::assert_sound(&app, "shop").await;
}

async fn a_purchase_takes_no_statement_more(backend: Backend) {
    let sent = Sent::default();
    let app = TestApp::observed(TestDb::create(backend).await, &sent).await;
    let app = app.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    let bob = app.joins("shop", "bob").await;
    ada.belongs_to(&home, "BOTH", true).await.done();
    // Tokens and the program are known from then on.
    ada.buys("order-0", "50.00").await.done();
    bob.buys("order-b", "50.00").await.done();
    for (person, order) in [(&bob, "order-1"), (&ada, "order-2")] {
        sent.take();
        person.accrues(json!({ "reference": order, "total": "10.00" })).await.done();
        assert_eq!(sent.take().len(), 2, "a look and a commit");
        person.gives_back(order, "back", json!({ "everything": true })).await;
        assert_eq!(sent.take().len(), 2, "a look and a commit");
    }
}

async fn joining_takes_two_statements(backend: Backend) {
    let sent = Sent::default();
    let app = TestApp::observed(TestDb::create(backend).await, &sent).await;
    let app = app.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    const JOIN: &str = "mutation($input: JoinGroupInput!) { joinGroup(input: $input) { \
         membership { id } userErrors { code message field } } }";
    let input = json!({ "group": home.named(), "person": ada.named(), "accrual": "GROUP" });
    sent.take();
    app.does::<Value>("shop", JOIN, input).await.done();
    assert_eq!(sent.take().len(), 2, "a look and a commit");
}
