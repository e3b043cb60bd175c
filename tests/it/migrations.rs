//! Migrations by real processes: at the same time, killed, and refused half-way.

use crate::support::{Backend, Perennial, Served, TestDb, on_both_databases, perennial};
use perennial_core::db::Database;
use sea_orm::{ConnectionTrait, Statement};
use std::time::{Duration, Instant};

on_both_databases!(
    servers_that_start_at_once_on_an_empty_database_all_come_up,
    a_migration_that_fails_leaves_nothing_and_is_done_by_the_next_attempt,
    a_migration_that_is_killed_is_done_by_the_next_attempt,
    the_tables_of_a_later_version_are_left_alone,
);

async fn servers_that_start_at_once_on_an_empty_database_all_come_up(backend: Backend) {
    let db = TestDb::empty(backend).await;
    let starting: Vec<_> = (0..3).map(|_| Served::starting(&db, "")).collect();
    for served in starting {
        assert!(!served.come_up().api().address().is_empty());
    }
    assert_eq!(count(&db).await, MIGRATIONS);
}

async fn a_migration_that_fails_leaves_nothing_and_is_done_by_the_next_attempt(backend: Backend) {
    let db = TestDb::empty(backend).await;
    let connected = connect(&db).await;
    // In the way of the last table of the ninth migration.
    run(&connected, "CREATE TABLE token_cutoffs (id INTEGER)").await;
    let refused = perennial(&db, &["migrate"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("token_cutoffs"), "{}", refused.stderr);
    let half = connected.write().execute_unprepared("SELECT 1 FROM tokens").await;
    assert!(half.is_err(), "what the migration did before it failed is undone");
    assert_eq!(count(&db).await, 8, "those before it stay");
    run(&connected, "DROP TABLE token_cutoffs").await;
    perennial(&db, &["migrate"]).succeeds();
    assert_eq!(count(&db).await, MIGRATIONS);
}

async fn a_migration_that_is_killed_is_done_by_the_next_attempt(backend: Backend) {
    let db = TestDb::empty(backend).await;
    let connected = connect(&db).await;
    for done in 0..3 {
        let mut process = Perennial::command(&db).arg("migrate").spawn().unwrap();
        let started = Instant::now();
        // Killed in the middle of it, wherever that is.
        while counted(&connected).await <= done && process.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < Duration::from_secs(60), "nothing was migrated");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(process.kill());
        process.wait().unwrap();
    }
    perennial(&db, &["migrate"]).succeeds();
    assert_eq!(counted(&connected).await, MIGRATIONS);
    perennial(&db, &["migrate"]).succeeds();
}

async fn the_tables_of_a_later_version_are_left_alone(backend: Backend) {
    let db = TestDb::create(backend).await;
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m2999_later', 0)";
    run(&connect(&db).await, later).await;
    for command in [&["migrate"][..], &["program", "list"], &["serve"]] {
        let refused = perennial(&db, command);
        assert_eq!(refused.code, Some(1));
        assert!(refused.stderr.contains("those of a later version"), "{}", refused.stderr);
    }
}

/// How many there are.
const MIGRATIONS: i64 = 48;

async fn connect(db: &TestDb) -> Database {
    if let Some(path) = db.url.strip_prefix("sqlite:") {
        std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
    }
    Database::connect(&db.url).await.unwrap()
}

async fn run(db: &Database, sql: &str) {
    db.write().execute_unprepared(sql).await.unwrap();
}

async fn count(db: &TestDb) -> i64 {
    counted(&connect(db).await).await
}

/// How many migrations are recorded as done.
async fn counted(db: &Database) -> i64 {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM seaql_migrations";
    let row = db.read().query_one_raw(Statement::from_string(db.backend(), sql)).await;
    row.ok().flatten().map_or(0, |row| row.try_get_by_index(0).unwrap())
}
