//! What the platform asks of its database: how many statements an operation takes, and that each
//! finds its rows by an index, in the rows of one program.

use crate::support::{Backend, Person, Sent, TestApp, TestDb, on_both_databases, programs};
use perennial_core::db::Database;
use perennial_core::members::{MemberRef, NewMember};
use perennial_core::purchases::{Cart, NewPurchase};
use perennial_core::{Actor, worker};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

on_both_databases!(
    each_operation_keeps_to_its_statements,
    every_hot_statement_finds_its_rows_by_an_index,
);

const STATUS: &str = "{ me { name balance { points expiring { at points } } tier { name } \
     progress { missing nextTier { name } } } }";
const SHOP_WITH_PLUGIN: &str = "\n[plugins.consumer-goods]\nsilence_days = 180\n";
/// Tables as large as a program; a statement that reads one from end to end grows with it.
const LARGE: &[&str] = &[
    "accounts",
    "contacts",
    "deliveries",
    "entries",
    "events",
    "lot_uses",
    "lots",
    "members",
    "messages",
    "plugin_runs",
    "plugin_states",
    "purchase_lines",
    "purchases",
    "records",
    "redemptions",
    "referrals",
    "timers",
    "transactions",
    "wallets",
];

/// A shop with a plugin, whose worker runs when a test says so, and a member with a history.
struct Shop {
    app: TestApp,
    sent: Sent,
}

impl Shop {
    async fn open(db: TestDb) -> Self {
        let sent = Sent::default();
        let app = TestApp::observed(db, &sent).await;
        let source = format!("{}{SHOP_WITH_PLUGIN}", programs::SHOP);
        let shop = Self { app: app.with_program(&source).await, sent };
        let ada = shop.app.joins("shop", "ada").await;
        for order in 0..3 {
            buys(&ada, &format!("before-{order}")).await;
        }
        shop.grow().await;
        // Once, so that tokens, the program and the plugin are known to the process.
        ada.asks(STATUS, Value::Null).await;
        ada.quote("10.00").await;
        shop.works().await;
        shop
    }

    /// Members and purchases enough for a plan to care, and the database told of them.
    async fn grow(&self) {
        let program = self.app.loyalty.programs().by_slug("shop").await.unwrap().id;
        let actor = Actor::system(program);
        let names: Vec<_> = (0..250).map(|name| format!("member-{name}")).collect();
        let referrer = self.app.loyalty.members().find_by_external_id(&actor, "ada").await.unwrap();
        let code = referrer.map(|ada| ada.referral_code);
        let brought =
            |name: &String| NewMember { referral_code: code.clone(), ..NewMember::unnamed(name) };
        let members = names.iter().map(brought).collect();
        self.app.loyalty.members().create_many(&actor, members).await.unwrap();
        let purchase = |name: &String| NewPurchase {
            member: MemberRef::ExternalId(name.clone()),
            reference: name.clone(),
            purchased_at: None,
            cart: Cart { total_minor: Some(1000), ..Cart::default() },
        };
        let purchases = names.iter().map(purchase).collect();
        self.app.loyalty.purchases().record_many(&actor, purchases).await.unwrap();
        self.app.loyalty.db().write().execute_unprepared("ANALYZE").await.unwrap();
    }

    /// The large tables that have rows.
    async fn filled(&self) -> Vec<String> {
        let db = self.app.loyalty.db();
        let mut filled = Vec::new();
        for table in LARGE {
            let sql = format!("SELECT 1 FROM {table} LIMIT 1");
            let row = db.read().query_one_raw(Statement::from_string(db.backend(), sql)).await;
            filled.extend(row.unwrap().map(|_| (*table).to_owned()));
        }
        filled
    }

    async fn works(&self) {
        while worker::round(&self.app.loyalty).await.unwrap() > 0 {}
    }

    /// Each operation with the statements that it sent.
    async fn hot(&self) -> Vec<(&'static str, usize, Vec<Statement>)> {
        let ada = self.app.joins("shop", "ada").await;
        let mut hot = Vec::new();
        let mut sent = |name, most| {
            hot.push((name, most, self.sent.take()));
        };
        self.sent.take();
        buys(&ada, "order-1").await;
        sent("a purchase", 2);
        ada.asks(STATUS, Value::Null).await;
        sent("a member's status", 1);
        ada.asks("{ me { name } }", Value::Null).await;
        sent("a member's name", 1);
        ada.asks("{ __typename }", Value::Null).await;
        sent("nothing but a token", 0);
        ada.redeems("mug", "key-1").await.done();
        sent("a redemption", 2);
        ada.quote("10.00").await;
        sent("a quote", 2);
        self.works().await;
        self.sent.take();
        ada.reports(json!({ "reference": "order-2", "total": "0.10" })).await.done();
        self.sent.take();
        worker::round(&self.app.loyalty).await.unwrap();
        // The round, a claim, a briefing and a commit.
        sent("one plugin event", 4);
        self.works().await;
        self.sent.take();
        worker::round(&self.app.loyalty).await.unwrap();
        sent("a round of the worker with nothing due", 1);
        hot
    }
}

async fn each_operation_keeps_to_its_statements(backend: Backend) {
    let shop = Shop::open(TestDb::create(backend).await).await;
    for (operation, most, statements) in shop.hot().await {
        let texts: Vec<_> = statements.iter().map(|statement| &statement.sql).collect();
        assert!(statements.len() <= most, "{operation}: {} of {most}\n{texts:#?}", texts.len());
    }
}

async fn every_hot_statement_finds_its_rows_by_an_index(backend: Backend) {
    let shop = Shop::open(TestDb::create(backend).await).await;
    let hot = shop.hot().await;
    // A plan says nothing of a table without rows.
    let filled = shop.filled().await;
    for (operation, _, statements) in hot {
        // A round takes the first row of an index of each program; a plan does not show that it
        // stops.
        for statement in statements.iter().filter(|one| !is_round(one)) {
            for plan in plans(shop.app.loyalty.db(), statement).await {
                let wrong: Vec<_> =
                    scans(&plan).into_iter().filter(|table| filled.contains(table)).collect();
                assert!(
                    wrong.is_empty(),
                    "{operation} reads {wrong:?}:\n{plan}\n{}",
                    statement.sql
                );
            }
        }
    }
}

/// An engine that places rows by program runs each hot statement on one node. Partitions show the
/// same: each statement touches one of each table.
#[test]
fn every_hot_statement_touches_the_rows_of_one_program() {
    crate::support::run(async {
        let db = TestDb::create(Backend::Postgres).await;
        let placed = place_by_program(db).await;
        let shop = Shop::open(placed).await;
        let mut seen = BTreeSet::new();
        for (operation, _, statements) in shop.hot().await {
            // A round asks all programs what is due: the one question that is not about one
            // program.
            for statement in statements.iter().filter(|one| !is_round(one)) {
                for plan in plans(shop.app.loyalty.db(), statement).await {
                    for (table, partitions) in partitions(&plan) {
                        let count = partitions.len();
                        assert_eq!(count, 1, "{operation}: {table} in {count} partitions\n{plan}");
                        seen.insert(table);
                    }
                }
            }
        }
        for table in ["accounts", "deliveries", "events", "lots", "members", "purchases", "wallets"]
        {
            assert!(seen.contains(table), "no hot statement reads {table}: {seen:?}");
        }
    });
}

/// Whether a statement is the worker's question to all programs.
fn is_round(statement: &Statement) -> bool {
    statement.sql.starts_with("SELECT p.id,")
}

async fn buys(person: &Person<'_>, reference: &str) {
    let line = json!({ "sku": "cd", "category": "music", "quantity": 1, "amount": "12.00" });
    person.reports(json!({ "reference": reference, "lines": [line] })).await.done();
}

/// The plans of a statement, or of each statement of a script.
async fn plans(db: &Database, statement: &Statement) -> Vec<String> {
    let backend = db.backend();
    let explain = match backend {
        DbBackend::Postgres => "EXPLAIN",
        _ => "EXPLAIN QUERY PLAN",
    };
    let whole = Statement {
        sql: statement.sql.clone(),
        values: statement.values.clone(),
        db_backend: backend,
    };
    let text = whole.to_string();
    let parts = text.split(";\n").map(str::trim);
    let mut plans = Vec::new();
    for part in parts.filter(|part| !part.starts_with("BEGIN") && *part != "COMMIT") {
        let rows =
            db.read().query_all_raw(Statement::from_string(backend, format!("{explain} {part}")));
        let column = if backend == DbBackend::Postgres { 0 } else { 3 };
        let lines = rows.await.unwrap_or_else(|error| panic!("{error}\n{part}"));
        let lines: Vec<String> =
            lines.iter().map(|row| row.try_get_by_index(column).unwrap()).collect();
        plans.push(lines.join("\n"));
    }
    plans
}

/// The large tables that a plan reads from end to end, or through all of a program.
fn scans(plan: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut lines = plan.lines().peekable();
    while let Some(line) = lines.next() {
        let words: Vec<_> = line.trim().trim_start_matches("->").split_whitespace().collect();
        let is_all = matches!(words.as_slice(), ["SCAN" | "SEARCH", ..])
            && (words[0] == "SCAN" || line.trim_end().ends_with("(program_id=?)"));
        let condition = lines.peek().copied().unwrap_or_default().trim();
        let is_prefix =
            condition.starts_with("Index Cond: (program_id = ") && !condition.contains(" AND ");
        if is_all || line.contains("Seq Scan on") || (line.contains("Scan") && is_prefix) {
            let table = table_of(line);
            if LARGE.contains(&table.as_str()) {
                wrong.push(table);
            }
        }
    }
    wrong
}

/// The table that a line of a plan reads: `SCAN name` of SQLite, which shows aliases, or `… on name
/// alias` of PostgreSQL.
fn table_of(line: &str) -> String {
    let after =
        line.split(" on ").nth(1).or_else(|| line.trim().split_once(' ').map(|(_, rest)| rest));
    let name = after.unwrap_or_default().split_whitespace().next().unwrap_or_default();
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, table)| table).to_owned()
}

/// What the core's statements call tables.
const ALIASES: &[(&str, &str)] = &[
    ("a", "accounts"),
    ("b", "purchases"),
    ("c", "contacts"),
    ("f", "deliveries"),
    ("l", "lots"),
    ("m", "members"),
    ("o", "records"),
    ("s", "plugin_states"),
    ("u", "plugin_runs"),
    ("w", "wallets"),
];

/// The partitions that a plan reads, by table.
fn partitions(plan: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for word in plan.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        if let Some((table, part)) = word.rsplit_once("_part") {
            if part.len() == 1 && LARGE.contains(&table) {
                found.entry(table.to_owned()).or_default().insert(part.to_owned());
            }
        }
    }
    found
}

/// The same tables once more, each one with a program in four partitions, in a schema that comes
/// first.
async fn place_by_program(db: TestDb) -> TestDb {
    let connected = Database::connect(&db.url).await.unwrap();
    let run = async |sql: String| {
        connected.write().execute_unprepared(&sql).await.unwrap_or_else(|e| panic!("{e}\n{sql}"));
    };
    run("CREATE SCHEMA placed".to_owned()).await;
    let tables = Statement::from_string(
        DbBackend::Postgres,
        "SELECT table_name::text FROM information_schema.columns \
         WHERE table_schema = 'public' AND column_name = 'program_id'",
    );
    for row in connected.read().query_all_raw(tables).await.unwrap() {
        let table: String = row.try_get_by_index(0).unwrap();
        run(format!(
            "CREATE TABLE placed.{table} (LIKE public.{table} INCLUDING ALL) PARTITION BY HASH (program_id)"
        ))
        .await;
        for part in 0..4 {
            run(format!(
                "CREATE TABLE placed.{table}_part{part} PARTITION OF placed.{table} \
                 FOR VALUES WITH (MODULUS 4, REMAINDER {part})"
            ))
            .await;
        }
    }
    connected.close().await.unwrap();
    TestDb { url: format!("{}?options=-csearch_path%3Dplaced,public", db.url), folder: db.folder }
}
