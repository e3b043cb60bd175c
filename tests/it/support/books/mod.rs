//! The one place where tests look into tables, for what no API shows.

mod balance;
mod faults;
mod recorded;
mod rows;

pub(crate) use balance::{assert_balanced, assert_sound};
pub(crate) use faults::{
    break_returns, fill_disk, free_disk, overdraw, refuse_writes, take_writes,
};
pub(crate) use recorded::{LateEvent, drop_journal, recorded, repeat_in_journal, rewrite_journal};
pub(crate) use rows::{any_row, both_sides, rows};

use super::{TestApp, TestDb};
use perennial_core::db::Database;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, Statement, TransactionTrait,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Tables in which nothing is changed or deleted.
pub(crate) const APPEND_ONLY: &[&str] = &[
    "entries",
    "transactions",
    "lot_uses",
    "adjustments",
    "openings",
    "transfers",
    "merges",
    "unmerges",
    "lot_moves",
    "spend_parts",
    "debts",
    "returns",
    "return_lines",
    "purchase_earnings",
    "return_earnings",
    "events",
    "journal",
    "seals",
    "program_revisions",
];

/// Tables whose rows the books refer to, of those that every shop fills.
pub(crate) const PERMANENT: &[&str] = &[
    "programs",
    "members",
    "accounts",
    "wallets",
    "lots",
    "holds",
    "pendings",
    "purchases",
    "edits",
    "edit_lines",
    "redemptions",
];

/// What an undisturbed run and one that was killed and run again have in common.
const TOTALS: &[(&str, &str)] = &[
    ("purchases", "SELECT COUNT(*) AS n FROM purchases"),
    ("members", "SELECT COUNT(*) AS n FROM members"),
    ("wallets", "SELECT CAST(SUM(balance) AS BIGINT) AS n FROM wallets"),
    ("entries", "SELECT COUNT(*) AS n FROM entries"),
    ("spent", "SELECT CAST(SUM(spent_minor) AS BIGINT) AS n FROM accounts"),
    ("gold", "SELECT COUNT(*) AS n FROM accounts WHERE tier = 'gold'"),
    ("events", "SELECT COUNT(*) AS n FROM events"),
    ("messages", "SELECT COUNT(*) AS n FROM messages"),
    ("records", "SELECT COUNT(*) AS n FROM records"),
    ("timers", "SELECT COUNT(*) AS n FROM timers"),
    ("waiting", "SELECT COUNT(*) AS n FROM deliveries"),
];

/// Sets test clocks without what happens on the way, as if nobody had swept since.
pub(crate) async fn set_test_clock(app: &TestApp, to: &str) {
    let to: jiff::Timestamp = to.parse().unwrap();
    let sql = format!("UPDATE programs SET test_clock_at = {}", to.as_microsecond());
    execute(app, &sql).await.unwrap();
}

/// Makes an instant the last one that servers know.
pub(crate) async fn know(db: &TestDb, at: jiff::Timestamp) {
    let connected = Database::connect(&db.url).await.unwrap();
    let sql = format!(
        "INSERT INTO server_clock (id, recorded_at) VALUES (1, {}) \
         ON CONFLICT (id) DO UPDATE SET recorded_at = excluded.recorded_at",
        at.as_microsecond()
    );
    connected.write().execute_unprepared(&sql).await.unwrap();
    connected.close().await.unwrap();
}

/// Puts a revision into force that nobody checked.
pub(crate) async fn put_revision(app: &TestApp, program: &str, source: &str) {
    let insert = format!(
        "INSERT INTO program_revisions (program_id, revision, source, actor, created_at) \
         SELECT id, revision + 1, '{source}', 'test', 0 FROM programs WHERE slug = '{program}'"
    );
    execute(app, &insert).await.unwrap();
    let update = format!(
        "UPDATE programs SET revision = revision + 1, version = version + 1 WHERE slug = '{program}'"
    );
    execute(app, &update).await.unwrap();
}

/// Runs a statement; returns the database's own words when it refuses.
pub(crate) async fn execute(app: &TestApp, sql: &str) -> Result<(), String> {
    let done = app.loyalty.db().write().execute_unprepared(sql).await;
    done.map(drop).map_err(|error| error.to_string())
}

/// All that counts: balances, tiers and statistics over all members, entries, messages.
pub(crate) async fn totals(app: &TestApp) -> Value {
    let mut totals = serde_json::Map::new();
    for (name, sql) in TOTALS {
        totals.insert((*name).to_owned(), json!(number(app.loyalty.db(), sql).await));
    }
    Value::Object(totals)
}

/// How many timers plugins were told of.
pub(crate) async fn timers_received(app: &TestApp) -> i64 {
    const RUNS: &str = "
        SELECT COUNT(*) AS n
        FROM plugin_runs AS r
        CROSS JOIN events AS e
        WHERE e.id = r.event_id AND e.name = 'timer-fired'";
    number(app.loyalty.db(), RUNS).await
}

/// Counts rows.
pub(crate) async fn counted(app: &TestApp, sql: &str) -> i64 {
    number(app.loyalty.db(), sql).await
}

async fn number(db: &Database, sql: &str) -> i64 {
    #[derive(FromQueryResult)]
    struct Number {
        n: i64,
    }
    // Whole tables are read, and after the long proofs they are large: unlike the platform's own
    // statements these may take their time, and are planned as they come.
    let reader = db.write().begin().await.unwrap();
    if reader.get_database_backend() == DbBackend::Postgres {
        for freely in ["statement_timeout = 0", "enable_seqscan = on", "enable_hashjoin = on"] {
            reader.execute_unprepared(&format!("SET LOCAL {freely}")).await.unwrap();
        }
    }
    let statement = Statement::from_string(reader.get_database_backend(), sql);
    let found = Number::find_by_statement(statement).one(&reader).await.unwrap();
    reader.rollback().await.unwrap();
    found.unwrap().n
}

/// The lines of all purchases, as reference, number, sku, quantity and minor units.
pub(crate) async fn purchase_lines(app: &TestApp) -> Vec<String> {
    const LINES: &str = "SELECT b.reference, l.seq, l.sku, l.quantity, l.amount_minor \
         FROM purchase_lines l JOIN purchases b ON b.program_id = l.program_id \
             AND b.id = l.purchase_id ORDER BY b.reference, l.seq";
    #[derive(FromQueryResult)]
    struct Row {
        reference: String,
        seq: i32,
        sku: String,
        quantity: i32,
        amount_minor: i64,
    }
    let reader = app.loyalty.db().read();
    let statement = Statement::from_string(reader.get_database_backend(), LINES);
    let rows = Row::find_by_statement(statement).all(reader).await.unwrap();
    let shown = |row: &Row| {
        let Row { reference, seq, sku, quantity, amount_minor } = row;
        format!("{reference} {seq} {sku} {quantity} {amount_minor}")
    };
    rows.iter().map(shown).collect()
}

/// Holds the first delivery of a member, as a node does that has claimed it and whose clock is far
/// ahead.
pub(crate) async fn hold_first_delivery(app: &TestApp, external_id: &str) {
    hold_first_delivery_until(app, external_id, jiff::Timestamp::MAX).await;
}

/// Holds the first delivery of a member, as a node does that has claimed it.
pub(crate) async fn hold_first_delivery_until(
    app: &TestApp,
    external_id: &str,
    until: jiff::Timestamp,
) {
    let (first, until) = (first_delivery(external_id), until.as_microsecond());
    let hold = format!("UPDATE deliveries SET not_before = {until} WHERE {first}");
    execute(app, &hold).await.unwrap();
}

/// How many deliveries are held.
pub(crate) async fn held_deliveries(app: &TestApp) -> i64 {
    let held = "SELECT COUNT(*) AS n FROM deliveries WHERE not_before > 0";
    number(app.loyalty.db(), held).await
}

/// Claims the first delivery of a member on PostgreSQL, as a node does that is in the middle of its
/// statement. Over when it is dropped.
pub(crate) async fn claiming_first_delivery(
    app: &TestApp,
    external_id: &str,
) -> DatabaseTransaction {
    let open = app.loyalty.db().write().begin().await.unwrap();
    let lock = format!(
        "SELECT member_seq FROM deliveries WHERE {} FOR UPDATE",
        first_delivery(external_id)
    );
    open.execute_unprepared(&lock).await.unwrap();
    open
}

fn first_delivery(external_id: &str) -> String {
    let of = format!("member_id = (SELECT id FROM members WHERE external_id = '{external_id}')");
    format!("{of} AND member_seq = (SELECT MIN(member_seq) FROM deliveries WHERE {of})")
}

/// Ends what [`hold_first_delivery`] began.
pub(crate) async fn let_deliveries_go(app: &TestApp) {
    execute(app, "UPDATE deliveries SET not_before = 0").await.unwrap();
}

/// What is kept of a plugin in a program, by what it is: how many, of what there is.
pub(crate) async fn kept_of_plugin(
    app: &TestApp,
    program: &str,
    plugin: &str,
) -> BTreeMap<&'static str, i64> {
    const KEPT: &[(&str, &str)] = &[
        ("runs", "plugin_runs AS x WHERE x.plugin_id = '{plugin}'"),
        ("states", "plugin_states AS x WHERE x.plugin_id = '{plugin}'"),
        ("timers", "timers AS x WHERE x.plugin_id = '{plugin}'"),
        ("messages", "messages AS x WHERE x.plugin_id = '{plugin}'"),
        ("transactions", "transactions AS x WHERE x.actor = 'plugin:{plugin}'"),
    ];
    let mut kept = BTreeMap::new();
    for (what, from) in KEPT {
        let count = format!(
            "SELECT COUNT(*) AS n FROM {} \
             AND x.program_id = (SELECT id FROM programs WHERE slug = '{program}')",
            from.replace("{plugin}", plugin)
        );
        kept.insert(*what, counted(app, &count).await);
    }
    kept.retain(|_, count| *count > 0);
    kept
}

/// The data of a program's records of a type.
pub(crate) async fn records_of(app: &TestApp, program: &str, record_type: &str) -> Vec<Value> {
    #[derive(FromQueryResult)]
    struct Record {
        data: Value,
    }
    let sql = format!(
        "SELECT r.data FROM records AS r JOIN programs AS p ON p.id = r.program_id \
         WHERE p.slug = '{program}' AND r.record_type = '{record_type}' ORDER BY r.id"
    );
    let reader = app.loyalty.db().read();
    let statement = Statement::from_string(reader.get_database_backend(), sql);
    let records = Record::find_by_statement(statement).all(reader).await.unwrap();
    records.into_iter().map(|record| record.data).collect()
}

/// Lets a plugin receive a purchase once more, as no platform does that keeps what it has handled.
pub(crate) async fn deliver_again(app: &TestApp, plugin: &str, reference: &str) {
    let again = format!(
        "INSERT INTO deliveries (program_id, plugin_id, member_id, member_seq, event_id, attempts, \
             not_before) \
         SELECT e.program_id, '{plugin}', e.member_id, e.member_seq, e.id, 0, 0 FROM events AS e \
         WHERE e.name = 'purchase-recorded' AND e.data ->> 'reference' = '{reference}'"
    );
    execute(app, &again).await.unwrap();
}

/// What plugins have left behind, of each kind in an order that every run has, without ids: a run that
/// was disturbed and one that was not leave the same.
pub(crate) async fn left_by_plugins(app: &TestApp) -> BTreeMap<&'static str, Vec<String>> {
    const LEFT: &[(&str, &str)] = &[
        (
            "points",
            "m.external_id || ' ' || x.balance || ' ' || x.earned \
             FROM wallets AS x JOIN members AS m ON m.program_id = x.program_id AND m.id = x.account_id",
        ),
        (
            "transactions",
            "m.external_id || ' ' || x.kind || ' ' || x.actor || ' ' || x.effective_at \
             FROM transactions AS x JOIN members AS m ON m.program_id = x.program_id AND m.id = x.account_id",
        ),
        (
            "messages",
            "m.external_id || ' ' || x.plugin_id || ' ' || x.template || ' ' || x.occurred_at \
             FROM messages AS x JOIN members AS m ON m.program_id = x.program_id AND m.id = x.member_id",
        ),
        (
            "records",
            // The records of this one are under the ids of members, which no other run has.
            "m.external_id || ' ' || x.record_type || ' ' || CASE \
                 WHEN x.record_type = 'reactivation' THEN '' ELSE x.external_id \
             END || ' ' || x.data \
             FROM records AS x JOIN members AS m ON m.program_id = x.program_id AND m.id = x.member_id",
        ),
        (
            "states",
            "m.external_id || ' ' || x.plugin_id || ' ' || x.subject || ' ' || x.data \
             FROM plugin_states AS x JOIN members AS m ON m.program_id = x.program_id AND m.id = x.member_id",
        ),
        (
            "timers",
            "m.external_id || ' ' || x.plugin_id || ' ' || x.name || ' ' || x.due_at \
             FROM timers AS x JOIN members AS m ON m.program_id = x.program_id AND m.id = x.member_id",
        ),
        (
            "runs",
            "m.external_id || ' ' || x.plugin_id || ' ' || e.name || ' ' || e.occurred_at || ' ' || \
             COALESCE(e.data ->> 'reference', '') || ' ' || x.actions \
             FROM plugin_runs AS x JOIN events AS e ON e.program_id = x.program_id \
                 AND e.member_id = x.member_id AND e.member_seq = x.member_seq \
             JOIN members AS m ON m.program_id = x.program_id AND m.id = x.member_id",
        ),
        (
            "waiting",
            "m.external_id || ' ' || x.plugin_id \
             FROM deliveries AS x JOIN members AS m ON m.program_id = x.program_id AND m.id = x.member_id",
        ),
    ];
    #[derive(FromQueryResult)]
    struct Row {
        line: String,
    }
    let reader = app.loyalty.db().read();
    let mut left = BTreeMap::new();
    for (what, of) in LEFT {
        let sql = format!("SELECT {} ORDER BY 1", of.replacen(" FROM ", " AS line FROM ", 1));
        let statement = Statement::from_string(reader.get_database_backend(), sql);
        let rows = Row::find_by_statement(statement).all(reader).await.unwrap();
        left.insert(*what, rows.into_iter().map(|Row { line }| line).collect());
    }
    left
}
