//! The one-statement earn: the least that still is a ledger.
//!
//! A transaction whose idempotency key is unique in its program, two entries that sum to zero, and
//! the balance of the account, durably. No GraphQL, no token, no rules, no tiers, no lots, no
//! events, no plugins and no receipt; whoever sends a key twice gets an error instead of the first
//! answer.
//!
//! On PostgreSQL it is one data-modifying statement, so one prepared round trip that is a
//! transaction of its own, over at most 16 connections. On SQLite it is a loop over one connection
//! in WAL mode with `synchronous=FULL`: the statements are prepared once and sent to the
//! connection's thread together, one commit for each earn. It uses sqlx's own connection, because a
//! second driver would have SQLite compiled once more with other features; what that costs is one
//! change of threads for an earn.
//!
//! The benchmarks of the ledger have the same statement driven by pgbench, which is the least that a
//! client can cost.

use super::{connect, fill};
use crate::client::Client;
use crate::random::Draw;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{ConnectOptions, SqliteConnection, query};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, Value};
use std::str::FromStr;
use uuid::Uuid;

const PROGRAM: Uuid = Uuid::from_u128(1);
/// Where points come from; no row, like the platform's own.
const ISSUED: Uuid = Uuid::from_u128(2);
const FIRST_ACCOUNT: u128 = 1_000_000;
const POINTS: i64 = 10;

const TABLES: [&str; 4] = [
    "CREATE TABLE bench_account (program_id {uuid} NOT NULL, id {uuid} NOT NULL, balance BIGINT NOT NULL, \
     version BIGINT NOT NULL, PRIMARY KEY (program_id, id))",
    "CREATE TABLE bench_transaction (program_id {uuid} NOT NULL, id {uuid} NOT NULL, account_id {uuid} NOT NULL, \
     idempotency_key TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (program_id, id), \
     UNIQUE (program_id, idempotency_key))",
    "CREATE TABLE bench_entry (program_id {uuid} NOT NULL, transaction_id {uuid} NOT NULL, seq INTEGER NOT NULL, \
     account_id {uuid} NOT NULL, amount BIGINT NOT NULL, PRIMARY KEY (program_id, transaction_id, seq))",
    "CREATE INDEX bench_entry_of_account ON bench_entry (program_id, account_id, transaction_id)",
];

/// $1 program, $2 transaction, $3 account, $4 idempotency key, $5 instant, $6 points, $7 the
/// account that points come from.
const ON_POSTGRES: &str = "WITH earned AS (\
       INSERT INTO bench_transaction VALUES ($1, $2, $3, $4, $5) RETURNING program_id, id, account_id), \
     entries AS (\
       INSERT INTO bench_entry SELECT program_id, id, 1, account_id, $6 FROM earned \
       UNION ALL SELECT program_id, id, 2, $7, -$6 FROM earned) \
     UPDATE bench_account SET balance = balance + $6, version = version + 1 WHERE program_id = $1 AND id = $3";

const ON_SQLITE: &str = "BEGIN IMMEDIATE; \
     INSERT INTO bench_transaction VALUES (?1, ?2, ?3, ?4, ?5); \
     INSERT INTO bench_entry VALUES (?1, ?2, 1, ?3, ?6), (?1, ?2, 2, ?7, -?6); \
     UPDATE bench_account SET balance = balance + ?6, version = version + 1 WHERE program_id = ?1 AND id = ?3; \
     COMMIT";

/// Makes the tables with `accounts` accounts.
pub(crate) async fn prepare(url: &str, accounts: usize) -> DatabaseConnection {
    let db = connect(url).await;
    let uuid = match db.get_database_backend() {
        DbBackend::Postgres => "UUID",
        _ => "BLOB",
    };
    for table in TABLES {
        db.execute_unprepared(&table.replace("{uuid}", uuid)).await.expect("a table");
    }
    let row = |number| vec![PROGRAM.into(), account(number).into(), 0_i64.into(), 0_i64.into()];
    fill(&db, "bench_account", 4, (0..accounts).map(row)).await;
    db
}

/// Who earns with one statement after the other, through the pool that all share.
pub(crate) struct PostgresEarner {
    db: DatabaseConnection,
    draw: Draw,
    accounts: usize,
}

impl PostgresEarner {
    pub(crate) fn new(db: DatabaseConnection, seed: u64, accounts: usize) -> Self {
        Self { db, draw: Draw::seeded(seed), accounts }
    }
}

impl Client for PostgresEarner {
    async fn call(&mut self) {
        let id = Uuid::now_v7();
        let values: [Value; 7] = [
            PROGRAM.into(),
            id.into(),
            account(self.draw.below(self.accounts)).into(),
            id.to_string().into(),
            0_i64.into(),
            POINTS.into(),
            ISSUED.into(),
        ];
        let earn = Statement::from_sql_and_values(DbBackend::Postgres, ON_POSTGRES, values);
        let earned = self.db.execute_raw(earn).await.expect("an earn");
        assert_eq!(earned.rows_affected(), 1);
    }
}

/// The statement as a script of pgbench, which earns for accounts drawn at random or for the first.
/// Keys are made of `run`, of the client and of what it counts; both are unique in the database.
pub(crate) fn as_pgbench(accounts: usize) -> String {
    let uuid = |number: &str| format!("CAST(lpad(to_hex({number}), 32, '0') AS UUID)");
    let id = uuid("CAST(:id AS BIGINT)");
    // From the last on, so that `$1` does not meet what was put in for another.
    let earn = ON_POSTGRES
        .replace("$7", &format!("CAST('{ISSUED}' AS UUID)"))
        .replace("$6", &POINTS.to_string())
        .replace("$5", "0")
        .replace("$4", "CAST(:id AS TEXT)")
        .replace("$3", &uuid(&format!("{FIRST_ACCOUNT} + CAST(:account AS BIGINT)")))
        .replace("$2", &id)
        .replace("$1", &format!("CAST('{PROGRAM}' AS UUID)"));
    let last = accounts - 1;
    format!(
        "\\set n :n + 1\n\\set id (:run * 4294967296 + :n) * 64 + :client_id\n\
         \\set account random(0, {last})\n{earn};\n"
    )
}

/// Reading the balance of an account by its key, as a script of pgbench.
pub(crate) fn read_as_pgbench(accounts: usize) -> String {
    let last = accounts - 1;
    format!(
        "\\set account random(0, {last})\nSELECT balance FROM bench_account \
         WHERE program_id = CAST('{PROGRAM}' AS UUID) \
         AND id = CAST(lpad(to_hex({FIRST_ACCOUNT} + CAST(:account AS BIGINT)), 32, '0') AS UUID);\n"
    )
}

/// The loop over one connection.
pub(crate) struct SqliteEarner {
    connection: SqliteConnection,
    draw: Draw,
    accounts: usize,
}

impl SqliteEarner {
    pub(crate) async fn open(url: &str, seed: u64, accounts: usize) -> Self {
        let options = SqliteConnectOptions::from_str(url)
            .expect("the address of a database")
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", "-16384")
            .disable_statement_logging();
        let connection = options.connect().await.expect("a connection");
        Self { connection, draw: Draw::seeded(seed), accounts }
    }
}

impl Client for SqliteEarner {
    async fn call(&mut self) {
        let id = Uuid::now_v7();
        query(ON_SQLITE)
            .bind(PROGRAM)
            .bind(id)
            .bind(account(self.draw.below(self.accounts)))
            .bind(id.to_string())
            .bind(0_i64)
            .bind(POINTS)
            .bind(ISSUED)
            .execute(&mut self.connection)
            .await
            .expect("an earn");
    }
}

fn account(number: usize) -> Uuid {
    let number = u128::try_from(number).expect("an account's number");
    Uuid::from_u128(number + FIRST_ACCOUNT)
}
