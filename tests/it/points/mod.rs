//! Points: their types, how long they last, and when they can be spent.

mod activity;
mod caps;
mod expiry;
mod given;
mod late;
mod liability;
mod moving;
mod parted;
mod payment;
mod pending;
mod types;
mod wallets;

use crate::support::{Outcome, Person};
use serde::Deserialize;
use serde_json::{Value, json};

/// A sandbox at the start of 2026 in Berlin; `points` and what follows it are the test's own.
fn shop(rest: &str) -> String {
    format!(
        r#"
        program = "shop"
        name.en = "Shop"
        time_zone = "Europe/Berlin"
        currency = "EUR"
        sandbox = true
        clock_starts_on = "2026-01-01"
        {rest}
        "#
    )
}

/// One point for each whole euro.
const EURO: &str = r#"
    [[earning_rules]]
    id = "euro"
    name.en = "A point per euro"
    points = 1
    per = "1.00"
"#;

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Activated {
    transaction_ids: Vec<String>,
    scheduled: Vec<Value>,
}

impl Person<'_> {
    /// What there is of each type, as `type points held pending`.
    async fn wallets(&self) -> Vec<String> {
        let query = "{ me { wallets { pointType { key } points held pending } } }";
        let me = self.asks(query, Value::Null).await;
        let wallet = |wallet: &Value| {
            let number = |field: &str| wallet[field].as_i64().unwrap();
            let key = wallet["pointType"]["key"].as_str().unwrap();
            format!("{key} {} {} {}", number("points"), number("held"), number("pending"))
        };
        me["me"]["wallets"].as_array().unwrap().iter().map(wallet).collect()
    }

    /// When what expires, as `instant points`.
    async fn expiring(&self) -> Vec<String> {
        let me = self.asks("{ me { balance { expiring { at points } } } }", Value::Null).await;
        let expiring = me["me"]["balance"]["expiring"].as_array().unwrap().clone();
        let shown = |one: &Value| format!("{} {}", one["at"].as_str().unwrap(), one["points"]);
        expiring.iter().map(shown).collect()
    }

    /// The statement, the oldest first, as `kind points type balance`.
    async fn statement(&self) -> Vec<String> {
        let query = "{ me { transactions { nodes { kind points pointType balanceAfter } } } }";
        let me = self.asks(query, Value::Null).await;
        let nodes = me["me"]["transactions"]["nodes"].as_array().unwrap().clone();
        let shown = |one: &Value| {
            let (kind, of) = (one["kind"].as_str().unwrap(), one["pointType"].as_str().unwrap());
            format!("{kind} {} {of} {}", one["points"], one["balanceAfter"])
        };
        nodes.iter().rev().map(shown).collect()
    }

    async fn pending(&self) -> Vec<Value> {
        let query = "{ me { pendingPoints { nodes { transactionId points pointType availableAt \
             awaits reason } } } }";
        let me = self.asks(query, Value::Null).await;
        me["me"]["pendingPoints"]["nodes"].as_array().unwrap().clone()
    }

    /// Reports that something has happened to an order.
    async fn happens(&self, event: &str, order: &str) -> Outcome<Activated> {
        self.reports_event(json!({ "purchase": { "reference": order }, "event": event })).await
    }

    async fn reports_event(&self, input: Value) -> Outcome<Activated> {
        const RECORD: &str = "mutation($input: RecordPurchaseEventInput!) { recordPurchaseEvent( \
             input: $input) { activation { transactionIds scheduled { points availableAt } } \
             userErrors { code message field } } }";
        self.app.does(self.program, RECORD, input).await
    }

    async fn activates(&self, input: Value) -> Outcome<Activated> {
        const ACTIVATE: &str = "mutation($input: ActivatePointsInput!) { activatePoints(input: \
             $input) { activation { transactionIds scheduled { points availableAt } } \
             userErrors { code message field } } }";
        self.app.does(self.program, ACTIVATE, input).await
    }
}
