//! Returns: what of a purchase came back, and what follows from it.

mod consequences;
mod portions;
mod refusals;

use crate::support::{Outcome, Person, Progress, Tier};
use serde::Deserialize;
use serde_json::{Value, json};

/// What recording a return answers, as far as these tests look at it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReturnReceipt {
    pub(crate) return_id: String,
    pub(crate) amount: Amount,
    pub(crate) lines: Vec<Part>,
    pub(crate) is_whole: bool,
    pub(crate) points_earned: i64,
    pub(crate) points_taken: i64,
    pub(crate) referral_points_taken: i64,
    pub(crate) balance: i64,
    pub(crate) tier: Option<Tier>,
    pub(crate) progress: Progress,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) amount: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Part {
    pub(crate) position: i64,
    pub(crate) quantity: i64,
    pub(crate) amount: Amount,
    pub(crate) points_earned: i64,
}

const RETURN: &str = "mutation($input: RecordReturnInput!) { recordReturn(input: $input) { \
     receipt { returnId amount { amount } isWhole pointsEarned pointsTaken referralPointsTaken \
     lines { position quantity amount { amount } pointsEarned } \
     balance tier { key } progress { metric value missing nextTier { key } } } \
     userErrors { code message field } } }";

impl Person<'_> {
    /// Has the shop report that something of an order came back.
    pub(crate) async fn returns(
        &self,
        order: &str,
        reference: &str,
        what: Value,
    ) -> Outcome<ReturnReceipt> {
        self.reports_return(json!({
            "purchase": { "reference": order }, "reference": reference, "what": what,
        }))
        .await
    }

    async fn reports_return(&self, input: Value) -> Outcome<ReturnReceipt> {
        self.app.does(self.program, RETURN, input).await
    }

    /// An order of which the database takes no return.
    async fn fails_to_return(&self, order: &str) {
        let input = json!({
            "purchase": { "reference": order }, "reference": "r", "what": { "everything": true },
        });
        let token = self.app.token(self.program, "office", "admin");
        let body = json!({ "query": RETURN, "variables": { "input": input } });
        let (_, answer) = self.app.send("/admin/graphql", Some(&token), &body).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL", "{answer:#}");
    }

    /// All that is left of an order.
    pub(crate) async fn returns_all(&self, order: &str) -> ReturnReceipt {
        self.returns(order, "all", json!({ "everything": true })).await.done()
    }
}

/// Items of a product.
fn items(sku: &str, quantity: i64) -> Value {
    json!({ "lines": [{ "line": { "sku": sku }, "quantity": quantity }] })
}

/// An order of three teas and a mug: 15.99, which earns 15.
fn tea_and_mug(reference: &str) -> Value {
    json!({
        "reference": reference,
        "lines": [
            { "sku": "tea", "quantity": 3, "amount": "10.00" },
            { "sku": "mug", "quantity": 1, "amount": "5.99" },
        ],
    })
}
