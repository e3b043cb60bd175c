//! What `perennial copy` refuses, and what it leaves when it is cut off.

use super::lively::lively;
use super::{copy, served};
use crate::support::programs::SHOP;
use crate::support::{Backend, Finished, Perennial, TestDb, on_both_databases, perennial};
use perennial_core::db::Database;
use sea_orm::ConnectionTrait;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

on_both_databases!(
    a_copy_that_is_killed_leaves_what_no_server_starts_on_and_is_done_by_the_next,
    a_target_that_is_not_empty_stays_as_it_is,
    a_source_must_be_there_and_of_this_version,
    what_is_not_the_platforms_stays_where_it_is,
);

async fn a_copy_that_is_killed_leaves_what_no_server_starts_on_and_is_done_by_the_next(
    backend: Backend,
) {
    let source = TestDb::create(Backend::Sqlite).await;
    lively(&source).await;
    // So much that a kill after the first batch comes before the last.
    let bulk = "
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60000)
        INSERT INTO events (program_id, id, member_id, member_seq, name, data, occurred_at, recorded_at)
        SELECT p.id, randomblob(16), p.id, n, 'bulk', '{}', 0, 0 FROM n CROSS JOIN programs AS p";
    run(&source, bulk).await;
    let target = TestDb::empty(backend).await;
    let mut command = Perennial::command(&target);
    command.args(["copy", "--from", &source.url, "--to", &target.url, "--log-json"]);
    command.env("PERENNIAL_LOG", "perennial_core::copy=debug");
    let mut copying = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(copying.stderr.take().unwrap()).lines().map(Result::unwrap);
    let begun = log.find(|line| line.contains("\"copied\""));
    copying.kill().unwrap();
    copying.wait().unwrap();
    assert!(begun.is_some(), "the copy ended before it copied anything");

    for command in [&["serve"][..], &["migrate"], &["program", "list"]] {
        let refused = perennial(&target, command).exits(1);
        assert!(
            refused.stderr.contains("is being filled by `perennial copy`"),
            "{}",
            refused.stderr
        );
    }
    let copied = copy(&source, &target);
    assert_eq!(copied.tables["events"] > 120_000, true, "{copied:?}");
    perennial(&target, &["program", "list"]).succeeds();
}

async fn a_target_that_is_not_empty_stays_as_it_is(backend: Backend) {
    let (source, target) = (TestDb::create(backend).await, TestDb::create(backend).await);
    for db in [&source, &target] {
        served(db).await.with_program(SHOP).await;
    }
    let refused = try_copy(&source, &target).exits(1);
    assert!(refused.stderr.contains("the target is not empty: `program"), "{}", refused.stderr);
    perennial(&target, &["program", "list"]).succeeds();
    let itself = try_copy(&source, &source).exits(1);
    assert!(itself.stderr.contains("the target is not empty"), "{}", itself.stderr);
    assert_eq!(perennial(&source, &["copy", "--from", &source.url]).code, Some(2));
}

async fn a_source_must_be_there_and_of_this_version(backend: Backend) {
    let (source, target) = (TestDb::create(backend).await, TestDb::empty(Backend::Sqlite).await);
    // The last migration was not there yet.
    let older =
        "DELETE FROM seaql_migrations WHERE version = (SELECT MAX(version) FROM seaql_migrations)";
    run(&source, older).await;
    let refused = try_copy(&source, &target).exits(1);
    assert!(refused.stderr.contains("are not those of this version"), "{}", refused.stderr);
    let nowhere = TestDb::empty(Backend::Sqlite).await;
    let refused = try_copy(&nowhere, &target).exits(1);
    assert!(refused.stderr.contains("there is no database"), "{}", refused.stderr);
    assert!(!target.folder.path().join("data").exists(), "no target was made");
}

async fn what_is_not_the_platforms_stays_where_it_is(backend: Backend) {
    let (source, target) = (TestDb::create(backend).await, TestDb::empty(Backend::Sqlite).await);
    run(&source, "CREATE TABLE notes (text TEXT)").await;
    let copied = copy(&source, &target);
    assert_eq!(copied.left_out, ["notes"]);
    let said = try_copy(&source, &TestDb::empty(backend).await).exits(0);
    assert!(said.stderr.contains("`notes`"), "{}", said.stderr);
    assert!(said.stdout.contains("points in wallets"), "{}", said.stdout);
}

fn try_copy(from: &TestDb, to: &TestDb) -> Finished {
    perennial(from, &["copy", "--from", &from.url, "--to", &to.url])
}

async fn run(db: &TestDb, sql: &str) {
    let connected = Database::connect(&db.url).await.unwrap();
    connected.write().execute_unprepared(sql).await.unwrap();
    connected.close().await.unwrap();
}
