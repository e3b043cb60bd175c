//! A member who buys, redeems and looks at the balance.

use super::{Member, Outcome, Quote, Receipt, Redemption, TestApp};
use serde_json::{Value, json};

/// A member at a server.
#[derive(Clone, Debug)]
pub(crate) struct Person<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) program: &'a str,
    pub(crate) member: Member,
}

impl<'a> Person<'a> {
    /// The same member at another server.
    pub(crate) fn at(&self, app: &'a TestApp) -> Self {
        Self { app, ..self.clone() }
    }

    /// Reports a purchase of the member, as the shop does.
    pub(crate) async fn buys(&self, reference: &str, total: &str) -> Outcome<Receipt> {
        self.reports(json!({ "reference": reference, "total": total })).await
    }

    /// Reports a purchase with more to it than reference and total.
    pub(crate) async fn reports(&self, mut purchase: Value) -> Outcome<Receipt> {
        if purchase["member"].is_null() {
            purchase["member"] = json!({ "externalId": self.member.external_id });
        }
        self.app.records(self.program, purchase).await
    }

    /// What a cart would earn.
    pub(crate) async fn quote(&self, total: &str) -> Quote {
        self.quotes(json!({ "total": total })).await.done()
    }

    /// What a cart with more to it than its total would earn.
    pub(crate) async fn quotes(&self, cart: Value) -> Outcome<Quote> {
        const QUOTE: &str = "query($input: QuotePurchaseInput!) { quotePurchase(input: $input) { \
             quote { points tierAfter { key } progress { metric value missing nextTier { key } } } \
             userErrors { code message field } } }";
        Outcome::of(self.asks(QUOTE, json!({ "input": cart })).await)
    }

    /// Spends points on a reward; `key` makes a repeat safe.
    pub(crate) async fn redeems(&self, reward: &str, key: &str) -> Outcome<Redemption> {
        const REDEEM: &str = "mutation($input: RedeemRewardInput!) { redeemReward(input: $input) { \
             redemption { id balance } userErrors { code message field } } }";
        let input = json!({ "rewardKey": reward, "idempotencyKey": key });
        Outcome::of(self.asks(REDEEM, json!({ "input": input })).await)
    }

    /// What the member can spend.
    pub(crate) async fn points(&self) -> i64 {
        let me = self.asks("{ me { balance { points } } }", Value::Null).await;
        me["me"]["balance"]["points"].as_i64().unwrap()
    }

    /// Asks the storefront API with a token of the member.
    pub(crate) async fn asks(&self, query: &str, variables: Value) -> Value {
        self.app.storefront(self.program, &self.member.external_id, query, variables).await
    }
}
