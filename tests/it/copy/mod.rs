//! `perennial copy`: a whole installation, from one kind of database into the other and back.

mod lively;
mod meanwhile;
mod refusals;
mod tables;

use crate::support::{Backend, TestApp, TestDb, on_both_databases, perennial};
use lively::{ask_all, lively};
use perennial_core::db::Database;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tables::{assert_counted_on, assert_same, names_of};

on_both_databases!(a_copy_answers_the_same_and_goes_on);

/// What `copy --json` prints.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Copied {
    rows: u64,
    tables: std::collections::BTreeMap<String, u64>,
    books: Vec<Value>,
    left_out: Vec<String>,
}

fn copy(from: &TestDb, to: &TestDb) -> Copied {
    perennial(from, &["copy", "--from", &from.url, "--to", &to.url, "--json"]).json()
}

/// Runs a statement that no API runs.
async fn run(db: &TestDb, sql: &str) {
    let connected = Database::connect(&db.url).await.unwrap();
    connected.write().execute_unprepared(sql).await.unwrap();
    connected.close().await.unwrap();
}

/// A server over a database that stays when the server goes.
async fn served(db: &TestDb) -> TestApp {
    TestApp::over(TestDb::beside(db)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_and_back_every_row_is_the_same() {
    let source = TestDb::create(Backend::Sqlite).await;
    lively(&source).await;
    let (there, back) =
        (TestDb::empty(Backend::Postgres).await, TestDb::empty(Backend::Sqlite).await);
    let first = copy(&source, &there);
    let second = copy(&there, &back);
    let empty: Vec<_> = first.tables.iter().filter(|(_, rows)| **rows == 0).collect();
    assert!(empty.is_empty(), "nothing shows that these are copied: {empty:?}");
    assert_eq!(first.tables, second.tables);
    assert_eq!(first.rows, first.tables.values().sum::<u64>());
    assert_eq!(first.books.len(), 4, "{:?}", first.books);
    // A table that is not copied is one of these two, or is forgotten.
    for (db, of_platform) in [(&source, "sqlite"), (&there, "postgres")] {
        let mut names = names_of(db).await;
        names.retain(|name| name != "seaql_migrations");
        assert_eq!(names, first.tables.keys().cloned().collect::<Vec<_>>(), "{of_platform}");
    }
    assert_same(&source, &back).await;
    assert_counted_on(&there).await;
    let same_kind = TestDb::empty(Backend::Postgres).await;
    assert_eq!(copy(&there, &same_kind).tables, first.tables);
}

async fn a_copy_answers_the_same_and_goes_on(backend: Backend) {
    let source = TestDb::create(backend).await;
    let made = lively(&source).await;
    let other = match backend {
        Backend::Sqlite => Backend::Postgres,
        Backend::Postgres => Backend::Sqlite,
    };
    let target = TestDb::empty(other).await;
    copy(&source, &target);
    let before = served(&source).await;
    let expected = ask_all(&before).await;
    drop(before);
    let app = served(&target).await;
    assert_eq!(ask_all(&app).await, expected);

    let again = made.buys_again(&app).await;
    assert_eq!(again, made.receipt, "a repeated purchase says what it said");
    assert_eq!(made.redeems_again(&app).await, made.redemption);
    assert!(made.is_accepted(&app, &made.token).await, "a token that was issued before");
    assert!(!made.is_accepted(&app, &made.revoked).await, "and one that was revoked");

    let sent = app.messages("machinery").await.len();
    assert_eq!(sent, 1, "the reminder that came before the copy");
    app.advance_clock("machinery", "2026-09-30T12:00:00+02:00").await;
    assert_eq!(app.messages("machinery").await.len(), 2, "its follow-up, once");
    let query = "{ member(externalId: \"ada\") { balance { points } } }";
    let points = app.admin("shop", query, Value::Null).await;
    let bought = app.records(
        "shop",
        json!({
            "member": { "externalId": "ada" }, "reference": "after", "total": "7.00"
        }),
    );
    bought.await.done();
    let more = app.admin("shop", query, Value::Null).await;
    let held = |data: &Value| data["member"]["balance"]["points"].as_i64().unwrap();
    assert_eq!(held(&more), held(&points) + 7);
}
