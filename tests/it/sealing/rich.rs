//! Somebody to whom everything has happened, for tests that change each row of it by hand.

use super::seal;
use crate::support::tamper::tamper;
use crate::support::{Backend, TestApp, books};
use perennial_core::ledger::NewOpening;
use perennial_core::members::MemberRef;
use perennial_core::verify::{Fault, Request, verify};
use perennial_core::{Actor, Checked, KnownKeys, Points, Signature};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PROGRAM: &str = r#"
program = "rich"
name.en = "Rich"
time_zone = "Europe/Berlin"
currency = "EUR"

[points]
pending = { event = "delivered" }
expire_after_months = 12
spend_order = ["bonus", "points"]

[points.payment]
points = 10
amount = "1.00"

[approval]
adjust_above = 1000

[referral]
referrer_points = 100
referred_points = 50

[[point_types]]
id = "bonus"
name.en = "Bonus"

[[earning_rules]]
id = "euro"
name.en = "For each euro"
points = 10
per = "1.00"

[[earning_rules]]
id = "bonus"
name.en = "Bonus"
points = 3
per = "1.00"
point_type = "bonus"

[tiers]
metric = "spent"
[[tiers.ladder]]
id = "silver"
name.en = "Silver"
from = "5.00"

[[rewards]]
id = "mug"
name.en = "Mug"
points = 25

[transfers]
"#;

#[derive(Debug)]
pub(super) struct NoKeys;

impl KnownKeys for NoKeys {
    fn check(&self, _: &[u8], _: &Signature) -> Checked {
        Checked::UnknownKey
    }
}

/// Somebody to whom everything has happened, and a group.
pub(super) struct Rich {
    pub(super) app: TestApp,
    pub(super) backend: Backend,
}

impl Rich {
    pub(super) async fn new(backend: Backend) -> Self {
        let app = TestApp::idle(backend).await.with_program(PROGRAM).await;
        let rich = Self { app, backend };
        for (name, kind) in [
            ("ada", "PERSON"),
            ("bob", "PERSON"),
            ("cyd", "PERSON"),
            ("dan", "PERSON"),
            ("eve", "PERSON"),
            ("home", "HOUSEHOLD"),
            ("firm", "ORGANIZATION"),
        ] {
            let input = json!({ "externalId": name, "kind": kind, "name": name });
            rich.app.creates("rich", input).await.done();
        }
        rich.lives().await;
        assert!(seal(&rich.app, "rich").await > 0);
        rich
    }

    async fn act(&self, mutation: &str, shown: &str, input: Value) -> Value {
        let of = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!(
            "mutation($input: {of}!) {{ {mutation}(input: $input) {{ {shown} \
             userErrors {{ code message field }} }} }}"
        );
        let mut data = self.app.admin("rich", &query, json!({ "input": input })).await;
        let payload = data[mutation].take();
        assert_eq!(payload["userErrors"], json!([]), "{mutation}: {input}");
        payload
    }

    async fn does(&self, mutation: &str, input: Value) -> Value {
        self.act(mutation, "__typename", input).await
    }

    async fn lives(&self) {
        let named = |name: &str| json!({ "externalId": name });
        for (group, person, accrual) in [("home", "ada", "BOTH"), ("firm", "bob", "GROUP")] {
            let input = json!({
                "group": named(group), "person": named(person), "accrual": accrual,
                "maySpend": true,
            });
            self.does("joinGroup", input).await;
        }
        let lines = json!([
            { "sku": "p", "category": "x", "quantity": 2, "amount": "10.00" },
            { "sku": "q", "category": "y", "quantity": 1, "amount": "7.77" },
        ]);
        for name in ["ada", "bob", "cyd", "dan"] {
            let order = format!("order of {name}");
            let input =
                json!({ "member": named(name), "reference": order, "lines": lines.clone() });
            self.does("recordPurchase", input).await;
            let small = format!("small order of {name}");
            let input = json!({ "member": named(name), "reference": small, "total": "5.55" });
            self.does("recordPurchase", input).await;
            let input = json!({ "purchase": { "reference": order }, "event": "delivered" });
            self.does("recordPurchaseEvent", input).await;
        }
        self.edits_and_returns().await;
        self.spends().await;
        self.brings_and_asks().await;
        for (from, into) in [("bob", "cyd"), ("dan", "cyd")] {
            let input = json!({
                "from": named(from), "into": named(into), "reason": "One", "idempotencyKey": "k",
            });
            self.does("mergeMembers", input).await;
        }
        let input = json!({ "member": named("dan"), "reason": "Two", "idempotencyKey": "k" });
        self.does("unmergeMembers", input).await;
        self.owes().await;
        self.has_cards_and_requests().await;
    }

    async fn edits_and_returns(&self) {
        let lines = json!([
            { "sku": "p", "category": "x", "quantity": 3, "amount": "15.00" },
            { "sku": "z", "category": "x", "quantity": 1, "amount": "2.00" },
        ]);
        for name in ["cyd", "dan"] {
            let order = json!({ "reference": format!("order of {name}") });
            let input = json!({ "purchase": order, "reference": "e1", "lines": lines });
            self.does("editPurchase", input).await;
        }
        for name in ["ada", "bob", "dan"] {
            let order = json!({ "reference": format!("order of {name}") });
            let input =
                json!({ "purchase": order, "reference": "r1", "what": { "amount": "3.33" } });
            self.does("recordReturn", input).await;
        }
    }

    async fn spends(&self) {
        let named = |name: &str| json!({ "externalId": name });
        let redeem = |name: &str| json!({ "member": named(name), "rewardKey": "mug", "idempotencyKey": "one" });
        let mut of_home = redeem("home");
        of_home["by"] = named("ada");
        self.does("redeemReward", of_home).await;
        let shown = "redemption { transactionId }";
        let redeemed = self.act("redeemReward", shown, redeem("dan")).await;
        let input = json!({
            "transactionId": redeemed["redemption"]["transactionId"], "reason": "A mistake",
        });
        self.does("voidTransaction", input).await;
        for name in ["home", "ada"] {
            let input = json!({
                "member": named(name), "points": 20, "reason": "A cart", "idempotencyKey": "h",
            });
            let hold = self.act("holdPoints", "hold { id }", input).await["hold"]["id"].clone();
            if name == "ada" {
                self.does("captureHold", json!({ "holdId": hold, "points": 5 })).await;
            }
        }
        let input = json!({
            "member": named("ada"), "points": 500, "reason": "Sorry", "idempotencyKey": "a",
            "countsAsEarned": true,
        });
        self.does("adjustPoints", input).await;
        let input = json!({
            "member": named("ada"), "reference": "paid", "total": "20.00",
            "payWith": { "points": 100 },
        });
        self.does("recordPurchase", input).await;
        let input = json!({
            "from": named("ada"), "to": named("eve"), "points": 30, "reason": "A gift",
            "idempotencyKey": "t",
        });
        self.does("transferPoints", input).await;
    }

    /// Somebody is brought, and somebody else not yet; points are asked for, and were had elsewhere; what
    /// points have paid of an order pays something else.
    async fn brings_and_asks(&self) {
        let found = "query { member(externalId: \"ada\") { referralCode } }";
        let code = self.app.admin("rich", found, json!({})).await["member"]["referralCode"].clone();
        for name in ["fay", "gus"] {
            let input = json!({ "externalId": name, "name": name, "referralCode": code });
            self.app.creates("rich", input).await.done();
        }
        let named = json!({ "externalId": "fay" });
        let input = json!({ "member": named, "reference": "first", "total": "8.00" });
        self.does("recordPurchase", input).await;
        let lines = json!([{ "sku": "a", "amount": "12.00" }, { "sku": "b", "amount": "8.00" }]);
        let input = json!({
            "member": { "externalId": "ada" }, "reference": "swapped", "lines": lines,
            "payWith": { "points": 50 },
        });
        self.does("recordPurchase", input).await;
        let lines = json!([{ "sku": "a", "amount": "12.00" }, { "sku": "c", "amount": "7.00" }]);
        let input = json!({
            "purchase": { "reference": "swapped" }, "reference": "e", "lines": lines,
        });
        self.does("editPurchase", input).await;
        for (key, effective_at) in [("big", Value::Null), ("old", json!("2026-01-01T00:00:00Z"))] {
            let input = json!({
                "member": { "externalId": "ada" }, "points": 2000, "reason": "So sorry",
                "idempotencyKey": key, "effectiveAt": effective_at,
            });
            let asked = self.act("adjustPoints", "approval { id }", input).await;
            const APPROVE: &str = "mutation($input: ApproveAdjustmentInput!) { \
                 approveAdjustment(input: $input) { userErrors { code message field } } }";
            let input = json!({ "input": { "approvalId": asked["approval"]["id"] } });
            let approved = self.app.admin_as("rich", "another", APPROVE, input).await;
            assert_eq!(approved["approveAdjustment"]["userErrors"], json!([]));
        }
        let opening = NewOpening {
            member: MemberRef::ExternalId("gus".to_owned()),
            reference: "old-1".to_owned(),
            points: Points::new(40),
            point_type: None,
            earned_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            expires_at: None,
            counts_as_earned: false,
            reason: "Taken over".to_owned(),
        };
        let actor = Actor::system(self.app.loyalty.programs().by_slug("rich").await.unwrap().id);
        for opened in self.app.loyalty.ledger().open_many(&actor, &[opening]).await.unwrap() {
            opened.unwrap();
        }
    }

    /// Somebody returns what was spent, and more is pending.
    async fn owes(&self) {
        let named = json!({ "externalId": "eve" });
        let input = json!({ "member": named, "reference": "owed", "total": "10.00" });
        self.does("recordPurchase", input).await;
        let owed = json!({ "reference": "owed" });
        self.does("recordPurchaseEvent", json!({ "purchase": owed, "event": "delivered" })).await;
        for key in ["one", "two", "three", "four", "five"] {
            let input = json!({ "member": named, "rewardKey": "mug", "idempotencyKey": key });
            self.does("redeemReward", input).await;
        }
        let input = json!({ "purchase": owed, "reference": "r", "what": { "everything": true } });
        self.does("recordReturn", input).await;
    }

    /// A request that waits, one that was declined, and cards: one that stands for another, and gift cards
    /// that were claimed, refunded and replaced.
    async fn has_cards_and_requests(&self) {
        let named = |name: &str| json!({ "externalId": name });
        let asks = async |key: &str, points: i64| {
            let input = json!({
                "member": named("ada"), "points": points, "reason": "Much", "idempotencyKey": key,
                "expiresAt": "2999-01-01T00:00:00Z",
            });
            let mut asked = self.act("adjustPoints", "approval { id }", input).await;
            asked["approval"]["id"].take()
        };
        asks("waits", 3000).await;
        let declined = asks("declined", 4000).await;
        self.does("declineAdjustment", json!({ "approvalId": declined })).await;
        let input = json!({ "member": named("ada"), "idempotencyKey": "own" });
        let own = self.act("issueCard", "card { id }", input).await["card"]["id"].clone();
        let replaces = async |card: Value, key: &str| {
            let input = json!({ "cardId": card, "reason": "Lost", "idempotencyKey": key });
            self.does("replaceCard", input).await;
        };
        replaces(own, "own again").await;
        let mut cards = Vec::new();
        for key in ["open", "claimed", "refunded", "lost"] {
            let input = json!({ "points": 300, "reason": "Sold", "idempotencyKey": key });
            let made = self.act("issueGiftCard", "card { id }", input).await;
            cards.push(made["card"]["id"].clone());
        }
        let input = json!({ "card": { "id": cards[1] }, "member": named("eve") });
        self.does("claimGiftCard", input).await;
        let input = json!({ "card": { "id": cards[2] }, "reason": "Back" });
        self.does("refundGiftCard", input).await;
        replaces(cards[3].clone(), "lost again").await;
    }

    /// What is wrong: the check, and the row.
    pub(super) async fn faults(&self) -> Vec<(&'static str, Fault)> {
        let request = Request { program: Some("rich"), kept: None, keys: &NoKeys, watch: &|_| () };
        let verified = verify(&self.app.loyalty, &request).await.unwrap();
        let checks = verified.programs.into_iter().flat_map(|program| program.checks);
        checks.flat_map(|check| check.faults.into_iter().map(move |of| (check.name, of))).collect()
    }

    /// The same, whatever it is called.
    pub(super) async fn wrong(&self) -> BTreeSet<String> {
        // Whatever is in a row, it is named.
        self.faults().await.iter().map(|(_, fault)| format!("{fault:?}")).collect()
    }

    pub(super) async fn ask(&self, sql: &str) -> Vec<QueryResult> {
        let reader = self.app.loyalty.db().read();
        let statement = Statement::from_string(reader.get_database_backend(), sql);
        reader.query_all_raw(statement).await.unwrap()
    }

    /// The columns of a table, with their types.
    pub(super) async fn columns(&self, table: &str) -> Vec<(String, String)> {
        let sql = match self.backend {
            Backend::Sqlite => {
                format!("SELECT name, type FROM pragma_table_info('{table}')")
            }
            Backend::Postgres => format!(
                "SELECT column_name::text, data_type::text FROM information_schema.columns \
                 WHERE table_name = '{table}' AND table_schema = current_schema()"
            ),
        };
        let rows = self.ask(&sql).await;
        rows.iter()
            .map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap()))
            .collect()
    }

    /// Another value of a column.
    pub(super) fn other(&self, column: &str, kind: &str) -> String {
        match (self.backend, kind) {
            (_, "BIGINT" | "INTEGER" | "bigint" | "integer" | "smallint") => {
                format!("{column} + 1")
            }
            (_, "TEXT" | "text") => format!("{column} || 'x'"),
            (Backend::Postgres, "uuid") => {
                format!("CAST('ff' || substr(replace({column}::text, '-', ''), 3) AS uuid)")
            }
            (Backend::Postgres, "bytea") => format!("set_byte({column}, 0, 255)"),
            (Backend::Postgres, "json" | "jsonb") => format!("CAST('[7]' AS {kind})"),
            _ => format!("CAST(x'ff' || substr({column}, 2) AS BLOB)"),
        }
    }

    /// Runs a statement, and tells whether the database allowed it.
    pub(super) async fn is_allowed(&self, sql: &str) -> bool {
        self.app.loyalty.db().write().execute_unprepared(sql).await.is_ok()
    }

    pub(super) async fn save(&self, table: &str) {
        let saved = format!("CREATE TABLE saved_{table} AS SELECT * FROM {table}");
        books::execute(&self.app, &saved).await.unwrap();
        // Takes the triggers away.
        let nothing = format!("UPDATE {table} SET program_id = program_id");
        tamper(&self.app, self.backend, table, &nothing).await;
    }

    pub(super) async fn restore(&self, table: &str) {
        for sql in [
            format!("DELETE FROM {table}"),
            format!("INSERT INTO {table} SELECT * FROM saved_{table}"),
        ] {
            books::execute(&self.app, &sql).await.unwrap();
        }
    }
}
