//! The one place where tests look into tables, for what no API shows.

use super::{Backend, TestApp, TestDb};
use perennial_core::db::Database;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde_json::{Value, json};

/// Tables in which nothing is changed or deleted.
pub(crate) const APPEND_ONLY: &[&str] =
    &["entries", "transactions", "lot_uses", "events", "program_revisions"];

/// Tables whose rows the books refer to, of those that every shop fills.
pub(crate) const PERMANENT: &[&str] =
    &["programs", "members", "accounts", "wallets", "lots", "purchases", "redemptions"];

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

/// Checks that the books balance, and that members have these points between them.
pub(crate) async fn assert_balanced(app: &TestApp, points: i64) {
    const UNBALANCED: &str = "SELECT COUNT(*) AS n FROM (SELECT transaction_id FROM entries \
         GROUP BY program_id, transaction_id HAVING SUM(amount) <> 0) AS unbalanced";
    const ENTRIES: &str = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS n FROM entries WHERE account_id IS NOT NULL";
    const LOTS: &str = "SELECT CAST(COALESCE(SUM(remaining), 0) AS BIGINT) AS n FROM lots";
    const WALLETS: &str = "SELECT CAST(COALESCE(SUM(balance), 0) AS BIGINT) AS n FROM wallets";
    const ACCOUNT_ENTRIES: &str =
        "SELECT COUNT(*) AS n FROM entries WHERE account_id IS NOT NULL AND seq = 1";
    const LAST_BALANCES: &str = "SELECT CAST(COALESCE(SUM(w.balance - ( \
         SELECT e.balance_after FROM entries e JOIN transactions t \
             ON t.program_id = e.program_id AND t.id = e.transaction_id \
         WHERE e.program_id = w.program_id AND e.account_id = w.account_id \
             AND e.point_type = w.point_type ORDER BY t.id DESC LIMIT 1)), 0) AS BIGINT) AS n \
         FROM wallets w";
    const TRANSACTIONS: &str = "SELECT COUNT(*) AS n FROM transactions";
    const LOTS_UNLIKE_THEIR_USES: &str = "SELECT COUNT(*) AS n FROM lots l \
         WHERE l.amount - l.remaining <> COALESCE( \
             (SELECT CAST(SUM(u.amount) AS BIGINT) FROM lot_uses u WHERE u.lot_id = l.id), 0) \
             - COALESCE( \
             (SELECT CAST(SUM(g.amount) AS BIGINT) FROM lot_returns g WHERE g.lot_id = l.id), 0)";
    let db = app.loyalty.db();
    let transactions = number(db, TRANSACTIONS).await;
    for (check, sql, expected) in [
        ("no transaction's entries sum to other than zero", UNBALANCED, 0),
        ("wallets' entries sum to the points", ENTRIES, points),
        ("what remains of lots sums to the points", LOTS, points),
        ("wallets hold the points", WALLETS, points),
        ("each transaction has one entry of an account", ACCOUNT_ENTRIES, transactions),
        ("a wallet is what its last entry left", LAST_BALANCES, 0),
        (
            "no lot lost other than what its uses took and nothing gave back",
            LOTS_UNLIKE_THEIR_USES,
            0,
        ),
    ] {
        assert_eq!(number(db, sql).await, expected, "{check}: {sql}");
    }
}

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

/// Takes more from wallets than they hold.
pub(crate) async fn overdraw(app: &TestApp) -> Result<(), String> {
    execute(app, "UPDATE wallets SET balance = -1").await
}

/// The tables whose rows nothing can change any more after [`refuse_writes`].
const REFUSED: [&str; 2] = ["accounts", "programs"];

/// Makes the database refuse what every commit and every probe writes, as if its disk were full.
pub(crate) async fn refuse_writes(app: &TestApp, backend: Backend) {
    for table in REFUSED {
        let what = match backend {
            Backend::Postgres => "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            Backend::Sqlite => "BEGIN SELECT RAISE(ABORT, 'refused'); END",
        };
        let refuse = format!("CREATE TRIGGER refused_{table} BEFORE UPDATE ON {table} {what}");
        execute(app, &refuse).await.unwrap();
    }
}

/// Takes back what [`refuse_writes`] did.
pub(crate) async fn take_writes(app: &TestApp, backend: Backend) {
    for table in REFUSED {
        let of = if backend == Backend::Postgres { format!(" ON {table}") } else { String::new() };
        execute(app, &format!("DROP TRIGGER refused_{table}{of}")).await.unwrap();
    }
}

/// Fills the disk of PostgreSQL, for purchases.
pub(crate) async fn fill_disk(app: &TestApp) {
    let full = "CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
                $$ BEGIN RAISE 'no space left' USING ERRCODE = 'disk_full'; END $$";
    execute(app, full).await.unwrap();
    let when = "CREATE TRIGGER full_disk BEFORE INSERT ON purchases \
                FOR EACH ROW EXECUTE FUNCTION full_disk()";
    execute(app, when).await.unwrap();
}

/// Makes room again.
pub(crate) async fn free_disk(app: &TestApp) {
    execute(app, "DROP TRIGGER full_disk ON purchases").await.unwrap();
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

async fn number(db: &Database, sql: &str) -> i64 {
    #[derive(FromQueryResult)]
    struct Number {
        n: i64,
    }
    let reader = db.read();
    let statement = Statement::from_string(reader.get_database_backend(), sql);
    Number::find_by_statement(statement).one(reader).await.unwrap().unwrap().n
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
