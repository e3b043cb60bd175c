//! Groups: households, and companies with their people.

mod accruals;
mod belonging;
mod erased;
mod life;
mod many;
mod parted;
mod spending;
mod terms;

use crate::support::{Outcome, Person, TestApp};
use serde_json::{Value, json};

/// What a membership is shown as.
const SHOWN: &str =
    "id accrual maySpend joinedAt leftAt group { externalId } person { externalId }";
const RECORD: &str = "mutation($input: RecordPurchaseInput!) { recordPurchase(input: $input) { \
     receipt { pointsEarned balance referralPoints transactionId tier { key } \
       accruals { memberId pointsEarned pointsPending balance transactionId \
         cuts { cap points } otherPoints { pointType points } } } \
     userErrors { code message field } } }";
const QUOTE: &str = "query($input: QuotePurchaseInput!) { quotePurchase(input: $input) { \
     quote { points accruals { memberId points pointsPending cuts { cap points } \
       otherPoints { pointType points } } } userErrors { code message field } } }";
const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) { \
     receipt { pointsEarned pointsTaken isWhole \
       accruals { memberId pointsEarned pointsTaken balance transactionId } } \
     userErrors { code message field } } }";
const WHOLE: &str = "query($of: String!) { member(externalId: $of) { id kind \
     balance { points pending } tier { key } \
     statistics { purchases purchasesForGroups pointsEarned spent { amount } } \
     purchases { nodes { reference pointsEarned accruals { memberId pointsEarned } } } \
     transactions(first: 100) { nodes { id kind points purchaseId otherMember { externalId } \
       cause { __typename ... on GroupPurchaseCause { total { amount } explanation { points } } \
         ... on ReturnCause { points } } } } \
     groups { nodes { group { externalId } } } people { nodes { person { externalId } } } } }";

/// A group, which is a member like any other.
pub(crate) async fn group<'a>(app: &'a TestApp, external_id: &str, kind: &str) -> Person<'a> {
    let input = json!({ "externalId": external_id, "kind": kind, "name": external_id });
    Person { app, program: "shop", member: app.creates("shop", input).await.done() }
}

impl Person<'_> {
    pub(crate) fn named(&self) -> Value {
        json!({ "externalId": self.member.external_id })
    }

    async fn ties_with(&self, mutation: &str, group: &Self, mut input: Value) -> Outcome<Value> {
        input["group"] = group.named();
        input["person"] = self.named();
        let of = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!(
            "mutation($input: {of}!) {{ {mutation}(input: $input) \
             {{ membership {{ {SHOWN} }} userErrors {{ code message field }} }} }}"
        );
        self.app.does(self.program, &query, input).await
    }

    pub(crate) async fn belongs_to(
        &self,
        group: &Self,
        accrual: &str,
        may_spend: bool,
    ) -> Outcome<Value> {
        self.ties_with("joinGroup", group, json!({ "accrual": accrual, "maySpend": may_spend }))
            .await
    }

    pub(crate) async fn leaves(&self, group: &Self) -> Outcome<Value> {
        self.ties_with("leaveGroup", group, json!({})).await
    }

    /// Records a purchase, and shows what it brought whom.
    pub(crate) async fn accrues(&self, mut purchase: Value) -> Outcome<Value> {
        purchase["member"] = self.named();
        self.app.does(self.program, RECORD, purchase).await
    }

    /// What a cart would bring whom.
    async fn would_accrue(&self, mut cart: Value) -> Value {
        cart["member"] = self.named();
        let data = self.app.admin(self.program, QUOTE, json!({ "input": cart })).await;
        Outcome::<Value>::of(data).done()
    }

    /// Sends something of an order back, and shows what was taken from whom.
    pub(crate) async fn gives_back(&self, order: &str, reference: &str, what: Value) -> Value {
        let input = json!({
            "purchase": { "reference": order }, "reference": reference, "what": what,
        });
        self.app.does(self.program, RETURN, input).await.done()
    }

    pub(crate) async fn all(&self) -> Value {
        let of = json!({ "of": self.member.external_id });
        self.app.admin(self.program, WHOLE, of).await["member"].clone()
    }

    /// Points, purchases, and points earned.
    pub(crate) async fn sums(&self) -> [i64; 3] {
        let whole = self.all().await;
        let statistics = &whole["statistics"];
        [&whole["balance"]["points"], &statistics["purchases"], &statistics["pointsEarned"]]
            .map(|number| number.as_i64().unwrap())
    }
}

/// Of accruals, each member with one of its numbers.
pub(crate) fn by_member(receipt: &Value, field: &str) -> Vec<(String, i64)> {
    let accruals = receipt["accruals"].as_array().unwrap().iter();
    accruals
        .map(|one| (one["memberId"].as_str().unwrap().to_owned(), one[field].as_i64().unwrap()))
        .collect()
}
