//! `perennial token` beside a server that runs.

use super::soon;
use crate::support::programs::SHOP;
use crate::support::{Backend, Finished, KEY, Served, TestDb, on_both_databases, perennial};
use serde_json::{Value, json};

on_both_databases!(
    a_rotated_key_is_used_by_a_server_that_runs,
    a_key_file_that_was_replaced_is_used_and_a_broken_one_is_not,
    what_the_command_line_issues_it_lists_and_revokes,
);

async fn a_rotated_key_is_used_by_a_server_that_runs(backend: Backend) {
    let (db, served) = served(backend).await;
    let first = create(&db);
    assert!(served.accepts(&first).await, "what the key before signed");
    token(&db, &["rotate"]).succeeds();
    let second = create(&db);
    soon(async || served.accepts(&second).await).await;
    assert!(served.accepts(&first).await, "what the key before signed");
    token(&db, &["rotate", "--forget-previous"]).succeeds();
    let third = create(&db);
    soon(async || served.accepts(&third).await).await;
    assert!(!served.accepts(&first).await && !served.accepts(&second).await);
}

async fn a_key_file_that_was_replaced_is_used_and_a_broken_one_is_not(backend: Backend) {
    let (db, served) = served(backend).await;
    token(&db, &["rotate", "--forget-previous"]).succeeds();
    let first = create(&db);
    soon(async || served.accepts(&first).await).await;
    let path = db.key();
    std::fs::remove_file(&path).unwrap();
    let missing = token(&db, &["create", "--program", "shop", "--scope", "read"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.stderr.contains("there is no signing key"), "{}", missing.stderr);
    assert!(!path.exists(), "no command but `serve` makes a key");
    std::fs::write(&path, "no key").unwrap();
    assert!(served.accepts(&first).await);
    std::fs::write(&path, KEY).unwrap();
    let second = create(&db);
    soon(async || served.accepts(&second).await).await;
    assert!(!served.accepts(&first).await, "its key is gone");
}

async fn what_the_command_line_issues_it_lists_and_revokes(backend: Backend) {
    let (db, served) = served(backend).await;
    let [first, second] = [create(&db), create(&db)];
    let list: Value = token(&db, &["list", "--program", "shop", "--json"]).json();
    let issued = list.as_array().unwrap();
    assert_eq!((issued.len(), &issued[0]["holder"]), (2, &json!("operator:office")));
    let id = issued[1]["id"].as_str().unwrap();
    token(&db, &["revoke", "--program", "shop", id]).succeeds();
    soon(async || !served.accepts(&first).await).await;
    assert!(served.accepts(&second).await);
    token(&db, &["revoke", "--program", "shop", "--subject", "office"]).succeeds();
    soon(async || !served.accepts(&second).await).await;
    let third = create(&db);
    assert!(served.accepts(&third).await, "issued after that");
    let unknown = token(&db, &["revoke", "--program", "shop", "mem_1"]);
    assert!(unknown.stderr.contains("INVALID_ID"), "{}", unknown.stderr);
    let too_long = token(&db, &["create", "--program", "shop", "--scope", "read", "--days", "366"]);
    assert_eq!(too_long.code, Some(2));
}

/// A served shop, and its key in the test's folder.
async fn served(backend: Backend) -> (TestDb, Served) {
    let db = TestDb::create(backend).await;
    let program = db.folder.path().join("shop.toml");
    std::fs::write(&program, SHOP).unwrap();
    perennial(&db, &["program", "apply", program.to_str().unwrap()]).succeeds();
    let served = Served::start(&db, "").await;
    (db, served)
}

fn create(db: &TestDb) -> String {
    let made =
        token(db, &["create", "--program", "shop", "--scope", "read", "--subject", "office"]);
    made.succeeds().stdout.trim().to_owned()
}

fn token(db: &TestDb, arguments: &[&str]) -> Finished {
    perennial(db, &[&["token"], arguments].concat())
}
