//! What `perennial copy` refuses, and what it leaves alone.

use super::{copy, run, served};
use crate::support::programs::SHOP;
use crate::support::{Backend, Finished, TestDb, on_both_databases, perennial};

on_both_databases!(
    a_target_that_is_not_empty_stays_as_it_is,
    a_source_must_be_there_and_of_this_version,
    what_is_not_the_platforms_stays_where_it_is,
    what_the_target_does_not_keep_as_it_was_is_noticed,
);

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

async fn what_the_target_does_not_keep_as_it_was_is_noticed(backend: Backend) {
    let (source, target) = (TestDb::create(backend).await, TestDb::create(Backend::Sqlite).await);
    let app = served(&source).await.with_program(SHOP).await;
    app.joins("shop", "ada").await.buys("order-1", "10.00").await.done();
    drop(app);
    let lie = "CREATE TRIGGER lie AFTER INSERT ON wallets BEGIN \
         UPDATE wallets SET balance = balance - 1 WHERE account_id = NEW.account_id; END";
    run(&target, lie).await;
    let refused = try_copy(&source, &target).exits(1);
    let why = "rows of `wallets` are not the same in the target: nothing was copied";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
    run(&target, "DROP TRIGGER lie").await;
    assert_eq!(copy(&source, &target).tables["wallets"], 1);
}

fn try_copy(from: &TestDb, to: &TestDb) -> Finished {
    perennial(from, &["copy", "--from", &from.url, "--to", &to.url])
}
