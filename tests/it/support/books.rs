//! The one place where tests look into tables, for what no API shows.

use super::{Backend, TestApp, TestDb};
use perennial_core::db::Database;
use perennial_core::{EventId, Id, MemberId, MessageId, TransactionId};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, FromQueryResult, QueryResult, Statement, TransactionTrait,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Tables in which nothing is changed or deleted.
pub(crate) const APPEND_ONLY: &[&str] =
    &["entries", "transactions", "lot_uses", "events", "journal", "seals", "program_revisions"];

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

/// All that was recorded in a program, by ids.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    /// Of each member, in its order.
    pub(crate) events: BTreeMap<String, Vec<String>>,
    pub(crate) transactions: Vec<String>,
    pub(crate) messages: Vec<String>,
    /// Each transaction with the event that reports it.
    pub(crate) reported: Vec<(String, String)>,
}

impl Recorded {
    pub(crate) fn all(&self) -> Vec<String> {
        let events = self.events.values().flatten();
        events.chain(&self.transactions).chain(&self.messages).cloned().collect()
    }
}

/// Reads from the tables what was recorded in a program.
pub(crate) async fn recorded(app: &TestApp, program: &str) -> Recorded {
    let rows = async |columns: &str, table: &str, order: &str| -> Vec<QueryResult> {
        let sql = format!(
            "SELECT {columns} FROM {table} AS r JOIN programs AS p ON p.id = r.program_id \
             WHERE p.slug = '{program}' ORDER BY {order}"
        );
        let reader = app.loyalty.db().read();
        let statement = Statement::from_string(reader.get_database_backend(), sql);
        reader.query_all_raw(statement).await.unwrap()
    };
    let mut found = Recorded::default();
    for row in rows("r.id, r.member_id, r.data", "events", "r.member_id, r.member_seq").await {
        let (event, member): (EventId, MemberId) =
            (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        found.events.entry(member.to_string()).or_default().push(event.to_string());
        let data: Value = row.try_get_by_index(2).unwrap();
        if let Some(transaction) = data["transactionId"].as_str() {
            found.reported.push((transaction.to_owned(), event.to_string()));
        }
    }
    for row in rows("r.id", "transactions", "r.id").await {
        found.transactions.push(row.try_get_by_index::<TransactionId>(0).unwrap().to_string());
    }
    for row in rows("r.id", "messages", "r.id").await {
        found.messages.push(row.try_get_by_index::<MessageId>(0).unwrap().to_string());
    }
    found
}

/// An event that is written and not yet committed, on PostgreSQL.
pub(crate) struct LateEvent {
    pub(crate) id: String,
    open: DatabaseTransaction,
}

impl LateEvent {
    pub(crate) async fn begin(app: &TestApp, member: &str) -> Self {
        let (id, member) = (EventId::new(), member.parse::<MemberId>().unwrap().uuid());
        let open = app.loyalty.db().write().begin().await.unwrap();
        let event = format!(
            "INSERT INTO events SELECT program_id, '{}', member_id, member_seq + 1, name, data, \
             occurred_at, recorded_at FROM events WHERE member_id = '{member}' \
             ORDER BY member_seq DESC LIMIT 1",
            id.uuid()
        );
        open.execute_unprepared(&event).await.unwrap();
        let listed = format!(
            "INSERT INTO journal_unplaced (program_id, count, kinds, items) \
             SELECT program_id, 1, 1, '\\x01'::bytea || uuid_send(member_id) || int8send(member_seq) \
             FROM events WHERE id = '{}'",
            id.uuid()
        );
        open.execute_unprepared(&listed).await.unwrap();
        Self { id: id.to_string(), open }
    }

    /// Commits it; returns its id.
    pub(crate) async fn commit(self) -> String {
        self.open.commit().await.unwrap();
        self.id
    }
}

/// Holds the first delivery of a member, as a node does that has claimed it.
pub(crate) async fn hold_first_delivery(app: &TestApp, external_id: &str) {
    let of = format!("member_id = (SELECT id FROM members WHERE external_id = '{external_id}')");
    let hold = format!(
        "UPDATE deliveries SET not_before = 9000000000000000 WHERE {of} \
         AND member_seq = (SELECT MIN(member_seq) FROM deliveries WHERE {of})"
    );
    execute(app, &hold).await.unwrap();
}

/// Ends what [`hold_first_delivery`] began.
pub(crate) async fn let_deliveries_go(app: &TestApp) {
    execute(app, "UPDATE deliveries SET not_before = 0").await.unwrap();
}

/// Undoes the migration that made the journal, so that it can be made once more.
pub(crate) async fn drop_journal(app: &TestApp) {
    for sql in [
        "DROP TABLE journal",
        "DROP TABLE journal_unplaced",
        "DELETE FROM seaql_migrations WHERE version LIKE '%_journal'",
    ] {
        execute(app, sql).await.unwrap();
    }
}

/// Lists the first event of the journal's first row again, so many times at the end.
pub(crate) async fn repeat_in_journal(app: &TestApp, times: usize) {
    let repeat = format!(
        "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {times} - 1) \
         INSERT INTO journal (program_id, position, count, kinds, items) \
         SELECT j.program_id, (SELECT MAX(position + count) FROM journal) + n.n, 1, 1, j.items \
         FROM journal AS j CROSS JOIN n WHERE j.position = 1"
    );
    execute(app, &repeat).await.unwrap();
}

/// Puts other items into all rows of the journal but the first, as if the database had been restored
/// to an earlier state and had gone on.
pub(crate) async fn rewrite_journal(app: &TestApp, backend: Backend) {
    let permit = match backend {
        Backend::Postgres => "ALTER TABLE journal DISABLE TRIGGER USER",
        Backend::Sqlite => "DROP TRIGGER journal_append_only_update",
    };
    execute(app, permit).await.unwrap();
    let rewrite = "UPDATE journal SET items = (SELECT j.items FROM journal AS j \
                   WHERE j.position = 1) WHERE position > 1";
    execute(app, rewrite).await.unwrap();
}
