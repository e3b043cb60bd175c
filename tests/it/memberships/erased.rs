//! What goes on for the others once one of those is erased to whom an order accrued.

use super::{by_member, group};
use crate::support::programs::SHOP;
use crate::support::{Backend, Outcome, Person, TestApp, books, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(
    what_waits_for_an_event_goes_on_for_whoever_is_left,
    what_comes_back_of_an_order_of_nobodys_is_taken_from_the_group,
    a_receipt_says_nothing_of_a_group_that_was_erased,
    nobody_names_what_a_group_got,
);

const EDIT: &str = "mutation($input: EditPurchaseInput!) { editPurchase(input: $input) { \
     receipt { accruals { memberId pointsEarned } } userErrors { code message field } } }";

const EVENT: &str = "mutation($input: RecordPurchaseEventInput!) { recordPurchaseEvent(input: $input) \
     { activation { transactionIds scheduled { points } } userErrors { code message field } } }";
const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) { \
     receipt { returnId reference purchaseId memberId amount { amount } isWhole pointsEarned \
       pointsTaken transactionId balance tier { key } amountPaidWithPoints { amount } \
       lines { position quantity amount { amount } pointsEarned } \
       accruals { memberId pointsEarned pointsTaken balance transactionId } } \
     userErrors { code message field } } }";

/// The shop, where points wait for the delivery.
fn waiting() -> String {
    let pending = "points.pending = { event = \"delivered\" }\npoints.expire_after_months = 12";
    SHOP.replace("points.expire_after_months = 12", pending)
}

impl Person<'_> {
    async fn delivered(&self, purchase: Value) -> Outcome<Value> {
        let input = json!({ "purchase": purchase, "event": "delivered" });
        self.app.does(self.program, EVENT, input).await
    }

    async fn returns_by_id(
        &self,
        purchase: &Value,
        reference: &str,
        what: Value,
    ) -> Outcome<Value> {
        let input = json!({ "purchase": { "id": purchase }, "reference": reference, "what": what });
        self.app.does(self.program, RETURN, input).await
    }

    /// The id of an order.
    async fn id_of_order(&self, reference: &str) -> Value {
        const ORDER: &str = "query($of: String!) { purchase(reference: $of) { id } }";
        let found = self.app.admin(self.program, ORDER, json!({ "of": reference })).await;
        found["purchase"]["id"].clone()
    }

    async fn points_and_pending(&self) -> [i64; 2] {
        let balance = self.all().await["balance"].clone();
        ["points", "pending"].map(|of| balance[of].as_i64().unwrap())
    }
}

async fn what_waits_for_an_event_goes_on_for_whoever_is_left(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(&waiting()).await;
    let (home, firm) =
        (group(&app, "home", "HOUSEHOLD").await, group(&app, "firm", "ORGANIZATION").await);
    let [ada, bob, eve, joe] = ["ada", "bob", "eve", "joe"].map(|name| app.joins("shop", name));
    let (ada, bob, eve, joe) = (ada.await, bob.await, eve.await, joe.await);
    for (person, group, accrual) in [
        (&ada, &home, "BOTH"),
        (&bob, &home, "GROUP"),
        (&eve, &firm, "BOTH"),
        (&joe, &firm, "GROUP"),
    ] {
        person.belongs_to(group, accrual, false).await.done();
        person.buys(&person.member.external_id, "30.00").await.done();
    }
    let (of_eve, of_joe) = (eve.id_of_order("eve").await, joe.id_of_order("joe").await);
    for erased in [&home, &eve, &joe] {
        erased.is_erased().await;
    }
    let earned = async |person: &Person<'_>, purchase: Value| {
        let first = person.delivered(purchase.clone()).await.done();
        assert_eq!(person.delivered(purchase).await.done(), first, "a repeat");
        first["transactionIds"].as_array().unwrap().len()
    };
    assert_eq!(earned(&ada, json!({ "reference": "ada" })).await, 1);
    assert_eq!(ada.points_and_pending().await, [30, 0]);
    assert_eq!(earned(&bob, json!({ "reference": "bob" })).await, 0, "it was all the group's");
    assert_eq!(firm.points_and_pending().await, [0, 60]);
    assert_eq!(earned(&firm, json!({ "id": of_eve })).await, 1);
    assert_eq!(earned(&firm, json!({ "id": of_joe })).await, 1);
    assert_eq!(firm.points_and_pending().await, [60, 0]);
    let unknown = firm.delivered(json!({ "reference": "eve" })).await.refused();
    assert_eq!(unknown.code, "PURCHASE_NOT_FOUND", "an order's number is erased");
    books::assert_sound(&app, "shop").await;
}

async fn what_comes_back_of_an_order_of_nobodys_is_taken_from_the_group(backend: Backend) {
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let home = group(&app, "home", "HOUSEHOLD").await;
    for accrual in ["BOTH", "GROUP"] {
        let ada = app.joins("shop", &format!("ada-{accrual}")).await;
        ada.belongs_to(&home, accrual, false).await.done();
        let lines = json!([
            { "sku": "tea", "quantity": 3, "amount": "20.00" },
            { "sku": "cup", "quantity": 1, "amount": "10.00" },
        ]);
        ada.accrues(json!({ "reference": accrual, "lines": lines })).await.done();
        ada.gives_back(accrual, "first", json!({ "amount": "3.00" })).await;
        let order = ada.id_of_order(accrual).await;
        ada.is_erased().await;
        assert_eq!(home.sums().await, [27, 1, 27]);
        let smaller = json!({ "purchase": { "id": order }, "reference": "edit", "lines": [] });
        let edited = app.does::<Value>("shop", EDIT, smaller).await.refused();
        assert_eq!(edited.code, "MEMBER_ERASED");
        let cup = || json!({ "lines": [{ "line": { "position": 2 } }] });
        let first = ada.returns_by_id(&order, "cup", cup()).await.done();
        assert_eq!(first["amount"]["amount"], "9.00", "a part came back before: {first}");
        assert_eq!(
            (&first["reference"], &first["memberId"]),
            (&json!("cup"), &json!(ada.member.id))
        );
        assert_eq!((&first["pointsEarned"], &first["pointsTaken"]), (&json!(0), &json!(0)));
        assert_eq!(by_member(&first, "pointsTaken"), [(home.member.id.clone(), 9)]);
        assert_eq!(by_member(&first, "balance"), [(home.member.id.clone(), 18)]);
        assert_eq!(ada.returns_by_id(&order, "cup", cup()).await.done(), first, "a repeat");
        let other = ada.returns_by_id(&order, "cup", json!({ "amount": "1.00" })).await.refused();
        assert_eq!(other.code, "REFERENCE_REUSED");
        let rest = ada.returns_by_id(&order, "rest", json!({ "everything": true })).await.done();
        assert_eq!((&rest["isWhole"], &rest["amount"]["amount"]), (&json!(true), &json!("18.00")));
        assert_eq!(home.sums().await, [0, 0, 0]);
        let more = ada.returns_by_id(&order, "more", json!({ "everything": true })).await.refused();
        assert_eq!(more.code, "MORE_THAN_IS_LEFT");
        let named = json!({
            "purchase": { "reference": accrual }, "reference": "n", "what": { "everything": true },
        });
        let unknown = app.does::<Value>("shop", RETURN, named).await.refused();
        assert_eq!(unknown.code, "PURCHASE_NOT_FOUND");
        books::assert_sound(&app, "shop").await;
    }
    let ada = app.joins("shop", "ada").await;
    ada.belongs_to(&home, "BOTH", false).await.done();
    ada.buys("order", "30.00").await.done();
    let order = ada.id_of_order("order").await;
    ada.is_erased().await;
    home.is_erased().await;
    let nobody = ada.returns_by_id(&order, "back", json!({ "everything": true })).await.refused();
    assert_eq!(nobody.code, "MEMBER_ERASED");
    books::assert_sound(&app, "shop").await;
}

async fn a_receipt_says_nothing_of_a_group_that_was_erased(backend: Backend) {
    const EDITED: &str =
        "query($id: ID!) { purchase(id: $id) { accruals { memberId pointsEarned } } }";
    let app = TestApp::start(backend).await.with_program(SHOP).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "BOTH", false).await.done();
    let order = || json!({ "reference": "order", "total": "30.00" });
    let edit =
        || json!({ "purchase": { "reference": "order" }, "reference": "edit", "total": "34.00" });
    let amount = || json!({ "amount": "10.00" });
    let mut said = vec![
        ada.accrues(order()).await.done(),
        ada.gives_back("order", "back", amount()).await,
        app.does(ada.program, EDIT, edit()).await.done(),
    ];
    let shown = app.admin("shop", EDITED, json!({ "id": ada.id_of_order("order").await })).await;
    said.push(shown["purchase"].clone());
    home.is_erased().await;
    let mut says = vec![
        ada.accrues(order()).await.done(),
        ada.gives_back("order", "back", amount()).await,
        app.does(ada.program, EDIT, edit()).await.done(),
    ];
    let shown = app.admin("shop", EDITED, json!({ "id": ada.id_of_order("order").await })).await;
    says.push(shown["purchase"].clone());
    for receipt in &mut said {
        assert_eq!(receipt["accruals"].as_array().unwrap().len(), 2, "{receipt}");
        receipt["accruals"].as_array_mut().unwrap().pop();
    }
    assert_eq!(says, said, "all the rest is as it was");
    books::assert_sound(&app, "shop").await;
}

async fn nobody_names_what_a_group_got(backend: Backend) {
    const CAUSES: &str = "query($of: String!) { member(externalId: $of) { transactions(first: 9) { \
         nodes { cause { ... on ReturnCause { purchaseReference } } } } } }";
    let app = TestApp::start(backend).await.with_program(&waiting()).await;
    let (home, ada) = (group(&app, "home", "HOUSEHOLD").await, app.joins("shop", "ada").await);
    ada.belongs_to(&home, "GROUP", false).await.done();
    ada.buys("order", "30.00").await.done();
    ada.delivered(json!({ "reference": "order" })).await.done();
    ada.gives_back("order", "back", json!({ "amount": "10.00" })).await;
    let causes = app.admin("shop", CAUSES, json!({ "of": "home" })).await;
    let shown = &causes["member"]["transactions"]["nodes"][0]["cause"]["purchaseReference"];
    let row = json!(shown.as_str().unwrap().trim_start());
    let refused = ada.delivered(json!({ "id": row })).await.refused();
    assert_eq!(refused.code, "PURCHASE_NOT_FOUND", "{row}");
    let refused = ada.returns_by_id(&row, "other", json!({ "everything": true })).await.refused();
    assert_eq!(refused.code, "PURCHASE_NOT_FOUND", "{row}");
}
