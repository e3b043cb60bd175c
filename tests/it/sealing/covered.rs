//! Whatever column of the ledger, of what it refers to and of what says who may spend is changed by
//! hand: it is found, or `docs/operate/verify.md` says that it is not, and why.

use super::seal;
use crate::support::tamper::tamper;
use crate::support::{Backend, TestApp, books, on_both_databases};
use perennial_core::ledger::NewOpening;
use perennial_core::members::MemberRef;
use perennial_core::verify::{Request, verify};
use perennial_core::{Actor, Checked, KnownKeys, Points, Signature};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both_databases!(
    each_column_is_found_or_said_not_to_be,
    rows_that_are_taken_away_are_found,
    nobody_is_erased_by_hand,
    what_is_no_json_is_named,
);

/// The tables of which every column is asked for.
const TABLES: [&str; 32] = [
    "adjustments",
    "approvals",
    "debts",
    "edit_lines",
    "edits",
    "entries",
    "events",
    "holds",
    "journal",
    "lot_moves",
    "lot_returns",
    "lot_uses",
    "lots",
    "memberships",
    "merges",
    "openings",
    "pendings",
    "purchase_earnings",
    "purchase_lines",
    "purchases",
    "redemptions",
    "referrals",
    "return_earnings",
    "return_lines",
    "returns",
    "seals",
    "spend_parts",
    "transactions",
    "transfers",
    "unmerges",
    "voids",
    "wallets",
];

/// Columns of which these tests have none; others of this folder change them.
const ELSEWHERE: [&str; 3] = ["seals.signed_by", "seals.signature", "transactions.veil"];

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operate/verify.md");

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
struct NoKeys;

impl KnownKeys for NoKeys {
    fn check(&self, _: &[u8], _: &Signature) -> Checked {
        Checked::UnknownKey
    }
}

/// Somebody to whom everything has happened, and a group.
struct Rich {
    app: TestApp,
    backend: Backend,
}

impl Rich {
    async fn new(backend: Backend) -> Self {
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

    /// The tables of which something is wrong.
    async fn wrong(&self) -> BTreeSet<String> {
        let request = Request { program: Some("rich"), kept: None, keys: &NoKeys, watch: &|_| () };
        // Whatever is in a row, it is named.
        let verified = verify(&self.app.loyalty, &request).await.unwrap();
        let checks = verified.programs.iter().flat_map(|program| &program.checks);
        checks.flat_map(|check| &check.faults).map(|fault| format!("{fault:?}")).collect()
    }

    async fn ask(&self, sql: &str) -> Vec<QueryResult> {
        let reader = self.app.loyalty.db().read();
        let statement = Statement::from_string(reader.get_database_backend(), sql);
        reader.query_all_raw(statement).await.unwrap()
    }

    /// The columns of a table, with their types.
    async fn columns(&self, table: &str) -> Vec<(String, String)> {
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
    fn other(&self, column: &str, kind: &str) -> String {
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
    async fn is_allowed(&self, sql: &str) -> bool {
        self.app.loyalty.db().write().execute_unprepared(sql).await.is_ok()
    }

    async fn save(&self, table: &str) {
        let saved = format!("CREATE TABLE saved_{table} AS SELECT * FROM {table}");
        books::execute(&self.app, &saved).await.unwrap();
        // Takes the triggers away.
        let nothing = format!("UPDATE {table} SET program_id = program_id");
        tamper(&self.app, self.backend, table, &nothing).await;
    }

    async fn restore(&self, table: &str) {
        for sql in [
            format!("DELETE FROM {table}"),
            format!("INSERT INTO {table} SELECT * FROM saved_{table}"),
        ] {
            books::execute(&self.app, &sql).await.unwrap();
        }
    }
}

/// The columns in the documented table of what is not seen.
fn not_seen() -> BTreeSet<String> {
    let docs = std::fs::read_to_string(DOCS).unwrap();
    let (_, table) = docs.split_once("## What it does not see").unwrap();
    let table = table.split_once("\n## ").map_or(table, |(table, _)| table);
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let first_cells = rows.filter_map(|row| row.split(" | ").next());
    let names = first_cells.flat_map(|cell| cell.split(['`', ',', ' ', '|']));
    names.filter(|name| name.contains('.')).map(str::to_owned).collect()
}

async fn each_column_is_found_or_said_not_to_be(backend: Backend) {
    let rich = Rich::new(backend).await;
    assert_eq!(rich.wrong().await, BTreeSet::new());
    let not_seen = not_seen();
    let (mut missed, mut unknown) = (Vec::new(), not_seen.clone());
    for table in TABLES {
        rich.save(table).await;
        for (column, kind) in rich.columns(table).await {
            let name = format!("{table}.{column}");
            unknown.remove(&name);
            if column == "program_id"
                || not_seen.contains(&name)
                || ELSEWHERE.contains(&name.as_str())
            {
                continue;
            }
            let other = rich.other(&column, &kind);
            let some = format!("SELECT 1 FROM {table} WHERE {column} IS NOT NULL LIMIT 1");
            if rich.ask(&some).await.is_empty() {
                missed.push(format!("{name}: nobody has one"));
                continue;
            }
            let change =
                format!("UPDATE {table} SET {column} = {other} WHERE {column} IS NOT NULL");
            // What the database refuses nobody changes like this.
            if rich.is_allowed(&change).await {
                if rich.wrong().await.is_empty() {
                    missed.push(name);
                }
                rich.restore(table).await;
            }
        }
    }
    assert_eq!(rich.wrong().await, BTreeSet::new(), "all of it is as it was");
    assert_eq!(missed, Vec::<String>::new(), "neither found nor in docs/operate/verify.md");
    assert_eq!(unknown, BTreeSet::new(), "columns that are not there");
}

async fn rows_that_are_taken_away_are_found(backend: Backend) {
    let rich = Rich::new(backend).await;
    assert_eq!(rich.wrong().await, BTreeSet::new());
    let mut missed = Vec::new();
    for table in TABLES {
        rich.save(table).await;
        assert!(rich.is_allowed(&format!("DELETE FROM {table}")).await, "{table}");
        if rich.wrong().await.is_empty() {
            missed.push(table);
        }
        rich.restore(table).await;
    }
    // The end of the chain can be cut off; a seal that was kept tells.
    assert_eq!(missed, ["seals"]);
}

async fn nobody_is_erased_by_hand(backend: Backend) {
    let rich = Rich::new(backend).await;
    for table in ["members", "accounts"] {
        let of_eve = "id = (SELECT id FROM members WHERE external_id = 'eve')";
        let erase = format!("UPDATE {table} SET erased_at = 7 WHERE {of_eve}");
        tamper(&rich.app, backend, table, &erase).await;
        let wrong = rich.wrong().await;
        assert!(wrong.iter().any(|fault| fault.contains("no event says so")), "{wrong:?}");
        tamper(&rich.app, backend, table, &erase.replace("= 7", "= NULL")).await;
    }
}

/// Of PostgreSQL the type of the columns refuses it.
async fn what_is_no_json_is_named(backend: Backend) {
    let rich = Rich::new(backend).await;
    let of_eve = "member_id = (SELECT id FROM members WHERE external_id = 'eve')";
    for (table, column, which) in [
        ("transactions", "explanation", "kind = 'ADJUST'"),
        ("transactions", "explanation", "kind = 'OPENING'"),
        ("transactions", "explanation", "kind = 'SPEND'"),
        ("events", "data", "name = 'balance-opened'"),
        ("purchases", "appraisal", of_eve),
        ("purchases", "standing", of_eve),
    ] {
        rich.save(table).await;
        let one = format!("id = (SELECT id FROM {table} WHERE {which} ORDER BY id LIMIT 1)");
        let broken = format!("UPDATE {table} SET {column} = '{{\"broken' WHERE {one}");
        if backend == Backend::Postgres {
            assert!(!rich.is_allowed(&broken).await);
        } else {
            tamper(&rich.app, backend, table, &broken).await;
            let wrong = rich.wrong().await;
            let names = if table == "events" { "\"events\"" } else { "\"transactions\"" };
            assert!(wrong.iter().any(|fault| fault.contains(names)), "{which}: {wrong:?}");
            rich.restore(table).await;
        }
        books::execute(&rich.app, &format!("DROP TABLE saved_{table}")).await.unwrap();
    }
    assert_eq!(rich.wrong().await, BTreeSet::new());
}
