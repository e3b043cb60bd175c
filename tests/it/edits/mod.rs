//! Edits: an order that was changed after it was recorded, as one request.

mod at_once;
mod booking;
mod combined;
mod commuting;
mod consequences;
mod groups;
mod refusals;

use crate::support::{Outcome, Person, Progress, Tier, UserError};
use serde::Deserialize;
use serde_json::{Value, json};

/// What recording an edit answers, as far as these tests look at it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EditReceipt {
    pub(crate) edit_id: String,
    total_before: Amount,
    total: Amount,
    added: Vec<Part>,
    removed: Vec<Part>,
    is_whole: bool,
    pub(crate) points_earned: i64,
    pub(crate) points_removed: i64,
    pub(crate) points_taken: i64,
    referral_points: i64,
    referral_points_taken: i64,
    points_refunded: i64,
    earned_transaction_id: Option<String>,
    taken_transaction_id: Option<String>,
    pub(crate) balance: i64,
    tier: Option<Tier>,
    progress: Progress,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct Amount {
    amount: String,
}

/// Of what was added or taken away.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Part {
    position: i64,
    quantity: i64,
    amount: Amount,
    points_earned: i64,
}

const PART: &str = "position quantity amount { amount } pointsEarned";

impl Person<'_> {
    /// Has the shop report an order as it is now.
    pub(crate) async fn edits(
        &self,
        order: &str,
        reference: &str,
        cart: Value,
    ) -> Outcome<EditReceipt> {
        let mut input = cart;
        input["purchase"] = json!({ "reference": order });
        input["reference"] = json!(reference);
        let edit = format!(
            "mutation($input: EditPurchaseInput!) {{ editPurchase(input: $input) {{ receipt {{ \
             editId totalBefore {{ amount }} total {{ amount }} isWhole added {{ {PART} }} \
             removed {{ {PART} }} pointsEarned pointsRemoved pointsTaken referralPoints referralPointsTaken \
             pointsRefunded earnedTransactionId takenTransactionId balance tier {{ key }} \
             progress {{ metric value missing nextTier {{ key }} }} }} \
             userErrors {{ code message field }} }} }}"
        );
        self.app.does(self.program, &edit, input).await
    }

    /// The order as the shop reads it.
    async fn order(&self, reference: &str, fields: &str) -> Value {
        let query = format!("{{ purchase(reference: \"{reference}\") {{ {fields} }} }}");
        self.app.admin(self.program, &query, Value::Null).await["purchase"].clone()
    }

    /// How many points still pay for an order, and what they are worth.
    async fn still_paid(&self, reference: &str) -> (i64, String) {
        let left = self.order(reference, "paymentLeft { points amount { amount } }").await;
        let left = &left["paymentLeft"];
        let amount = left["amount"]["amount"].as_str().unwrap().to_owned();
        (left["points"].as_i64().unwrap(), amount)
    }

    /// Statistics, the amount in money.
    async fn tally(&self) -> (i64, String, i64) {
        let me = "{ me { statistics { purchases spent { amount } pointsEarned } } }";
        let me = self.asks(me, Value::Null).await["me"]["statistics"].clone();
        let number = |field: &str| me[field].as_i64().unwrap();
        let spent = me["spent"]["amount"].as_str().unwrap().to_owned();
        (number("purchases"), spent, number("pointsEarned"))
    }
}

impl EditReceipt {
    /// What was earned, what had been earned by what is gone, what of that was taken, and the
    /// balance.
    fn points(&self) -> [i64; 4] {
        [self.points_earned, self.points_removed, self.points_taken, self.balance]
    }
}

/// An order of these lines: product, items, price.
fn cart(lines: &[(&str, i64, &str)]) -> Value {
    let line = |(sku, quantity, amount): &(&str, i64, &str)| json!({ "sku": sku, "quantity": quantity, "amount": amount });
    json!({ "lines": lines.iter().map(line).collect::<Vec<_>>() })
}

/// The same as it is recorded.
fn order(reference: &str, lines: &[(&str, i64, &str)]) -> Value {
    let mut order = cart(lines);
    order["reference"] = json!(reference);
    order
}

/// Where a request was wrong, such as `lines.1.amount`.
fn field(refused: &UserError) -> String {
    refused.field.as_ref().map(|path| path.join(".")).unwrap_or_default()
}
